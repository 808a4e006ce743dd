//! S3-FIFO: Yang, Zhang, Qiu, Yue and Rashmi, FIFO Queues Are All You Need for Cache Eviction, SOSP
//! 2023.
//!
//! What is new goes into a small queue of a tenth of the capacity. When that is full its oldest
//! entry moves to the main queue if it has been used more than once, and is dropped otherwise. A
//! list of keys, as long as the main queue, remembers what was dropped: such a key goes to the main
//! queue when it comes again. The main queue gives its oldest entry another round for each use, up
//! to three. Which queue makes room is decided anew for each entry looked at.

use crate::engine::Stream;
use crate::units::Bytes;

use super::nodes::{List, NONE, Nodes};
use super::{Capacity, Eviction, Store};

/// An entry's mark: its uses, up to three, and whether it is in the main queue.
const MOST_USES: u32 = 3;
const MAIN: u32 = 4;

/// Beside the entries, as many keys as nine tenths of them (43 to 55 bytes each).
#[derive(Clone, Debug)]
pub(super) struct S3Fifo {
    small: List,
    main: List,
    /// What the small queue may weigh.
    small_most: u64,
    /// Keys that were dropped from the small queue.
    ghosts: Store<()>,
}

impl S3Fifo {
    pub(super) fn new(nodes: &Nodes, stream: Stream) -> S3Fifo {
        let limit = nodes.limit();
        let remembered = limit - limit / 10;
        let remembered = match nodes.counted() {
            true => Capacity::Entries(remembered),
            false => Capacity::Bytes(Bytes(remembered)),
        };
        let ghosts = Store::new(remembered, Eviction::Fifo, stream.named("ghosts"));
        let small_most = (limit / 10).max(1);
        S3Fifo { small: List::EMPTY, main: List::EMPTY, small_most, ghosts }
    }

    pub(super) fn used(nodes: &mut Nodes, place: u32) {
        let mark = &mut nodes[place].mark;
        if *mark % MAIN < MOST_USES {
            *mark += 1;
        }
    }

    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        match self.ghosts.remove(nodes[place].key) {
            Some(()) => self.push_main(nodes, place),
            None => self.small.push_front(nodes, place),
        }
    }

    /// There is at least one.
    pub(super) fn victim(&mut self, nodes: &mut Nodes) -> u32 {
        loop {
            let (small, main) = (self.small.back(), self.main.back());
            if small != NONE && (self.small.weight() >= self.small_most || main == NONE) {
                if nodes[small].mark <= 1 {
                    self.ghosts.insert(nodes[small].key, nodes[small].size, ());
                    return small;
                }
                self.small.unlink(nodes, small);
                self.push_main(nodes, small);
            } else {
                if nodes[main].mark == MAIN {
                    return main;
                }
                nodes[main].mark -= 1;
                self.main.bring_to_front(nodes, main);
            }
        }
    }

    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        match nodes[place].mark >= MAIN {
            true => self.main.unlink(nodes, place),
            false => self.small.unlink(nodes, place),
        }
    }

    pub(super) fn clear(&mut self) {
        (self.small, self.main) = (List::EMPTY, List::EMPTY);
        self.ghosts.clear();
    }

    fn push_main(&mut self, nodes: &mut Nodes, place: u32) {
        nodes[place].mark = MAIN;
        self.main.push_front(nodes, place);
    }
}
