//! W-TinyLFU: Einziger, Friedman and Manes, `TinyLFU`: A Highly Efficient Cache Admission Policy,
//! ACM Transactions on Storage 13 (2017).
//!
//! What is new goes into a window of a hundredth of the capacity. What falls out of it, the least
//! recently used first, is taken into the main part if there is room, or if it has been used more
//! often of late than what would go there; otherwise it is dropped. In the main part entries are on
//! probation; one that is used is protected, and the least recently used of the protected go back
//! when they are more than four fifths of that part. A sketch counts uses: hits and insertions.

use crate::engine::Stream;

use super::nodes::{List, NONE, Nodes};
use super::sketch::Sketch;

/// An entry's mark: in which list it is.
const WINDOW: u32 = 0;
const PROBATION: u32 = 1;
const PROTECTED: u32 = 2;

#[derive(Clone, Debug)]
pub(super) struct WTinyLfu {
    /// By mark, each in the order of the last use.
    lists: [List; 3],
    /// What the window, the main part and the protected of it may weigh.
    window_most: u64,
    main_most: u64,
    protected_most: u64,
    sketch: Sketch,
}

impl WTinyLfu {
    pub(super) fn new(nodes: &Nodes, stream: Stream) -> WTinyLfu {
        let window_most = (nodes.limit() / 100).max(1);
        let main_most = nodes.limit() - window_most;
        WTinyLfu {
            lists: [List::EMPTY, List::EMPTY, List::EMPTY],
            window_most,
            main_most,
            protected_most: main_most - main_most.div_ceil(5),
            sketch: Sketch::new(stream.named("sketch")),
        }
    }

    pub(super) fn used(&mut self, nodes: &mut Nodes, place: u32) {
        self.sketch.count(nodes[place].key);
        match nodes[place].mark {
            PROBATION => self.protect(nodes, place),
            list => self.lists[list as usize].bring_to_front(nodes, place),
        }
    }

    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        self.sketch.grow(nodes.len());
        self.sketch.count(nodes[place].key);
        self.lists[WINDOW as usize].push_front(nodes, place);
    }

    /// Who goes because the window has too much, if anybody does.
    pub(super) fn surplus(&mut self, nodes: &mut Nodes) -> Option<u32> {
        while self.lists[WINDOW as usize].weight() > self.window_most {
            let candidate = self.lists[WINDOW as usize].back();
            let weight = nodes.weight(nodes[candidate].size);
            if weight > self.main_most {
                return Some(candidate);
            }
            let [_, probation, protected] = &self.lists;
            if probation.weight() + protected.weight() + weight > self.main_most {
                let of_probation = probation.back();
                let victim = if of_probation == NONE { protected.back() } else { of_probation };
                let estimate = |place: u32| self.sketch.estimate(nodes[place].key);
                let admitted = estimate(candidate) > estimate(victim);
                return Some(if admitted { victim } else { candidate });
            }
            self.put(nodes, candidate, PROBATION);
        }
        None
    }

    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        self.lists[nodes[place].mark as usize].unlink(nodes, place);
    }

    pub(super) fn clear(&mut self) {
        self.lists = [List::EMPTY, List::EMPTY, List::EMPTY];
        self.sketch.clear();
    }

    fn protect(&mut self, nodes: &mut Nodes, place: u32) {
        self.put(nodes, place, PROTECTED);
        while self.lists[PROTECTED as usize].weight() > self.protected_most {
            self.put(nodes, self.lists[PROTECTED as usize].back(), PROBATION);
        }
    }

    fn put(&mut self, nodes: &mut Nodes, place: u32, list: u32) {
        self.remove(nodes, place);
        nodes[place].mark = list;
        self.lists[list as usize].push_front(nodes, place);
    }
}
