//! SIEVE: Zhang, Yang, Yue, Vigfusson and Rashmi, SIEVE is Simpler than LRU, NSDI 2024.
//!
//! Entries stay in the order in which they came. A hand goes over them from the oldest to the
//! newest and round again; it spares once what has been used since it last came by, and takes the
//! first that has not. Constant time on average, nothing to remember but the marks.

use super::nodes::{List, NONE, Nodes};

/// An entry's mark: used since the hand last came by.
const VISITED: u32 = 1;

#[derive(Clone, Debug)]
pub(super) struct Sieve {
    list: List,
    /// Where the hand is; [`NONE`] to start from the oldest.
    hand: u32,
}

impl Sieve {
    pub(super) const EMPTY: Sieve = Sieve { list: List::EMPTY, hand: NONE };

    pub(super) fn used(nodes: &mut Nodes, place: u32) {
        nodes[place].mark = VISITED;
    }

    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        self.list.push_front(nodes, place);
    }

    /// There is at least one.
    pub(super) fn victim(&mut self, nodes: &mut Nodes) -> u32 {
        loop {
            let place = if self.hand == NONE { self.list.back() } else { self.hand };
            if nodes[place].mark != VISITED {
                return place;
            }
            nodes[place].mark = 0;
            self.hand = nodes[place].prev;
        }
    }

    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        if self.hand == place {
            self.hand = nodes[place].prev;
        }
        self.list.unlink(nodes, place);
    }
}
