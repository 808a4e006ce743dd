//! Which entry makes room. To add a policy: a variant of [`Eviction`] with its word, one of
//! [`Policy`] with its arms, and a file for what it remembers; `tests.rs` asks for a plain model.

use crate::document::choice;
use crate::engine::Stream;

use super::nodes::{List, Nodes};
use super::random::Random;

choice! {
    /// Which entry makes room for another.
    pub enum Eviction {
        /// The one that has not been used for longest.
        Lru = "lru",
        /// The one that has been there for longest.
        Fifo = "fifo",
        /// Any, all equally likely.
        Random = "random",
    }
}

/// What a policy remembers of the entries of one store.
#[derive(Clone, Debug)]
pub(super) enum Policy {
    /// In the order of their last use.
    Lru(List),
    /// In the order in which they came.
    Fifo(List),
    Random(Random),
}

impl Policy {
    pub(super) fn new(eviction: Eviction, stream: Stream) -> Policy {
        match eviction {
            Eviction::Lru => Policy::Lru(List::EMPTY),
            Eviction::Fifo => Policy::Fifo(List::EMPTY),
            Eviction::Random => Policy::Random(Random::new(stream.named("eviction").draws())),
        }
    }

    /// An entry has been used.
    #[inline]
    pub(super) fn used(&mut self, nodes: &mut Nodes, place: u32) {
        match self {
            Policy::Lru(list) => list.bring_to_front(nodes, place),
            Policy::Fifo(_) | Policy::Random(_) => {}
        }
    }

    /// Who goes so that there is room for an entry. The store is not empty.
    pub(super) fn victim(&mut self) -> u32 {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => list.back(),
            Policy::Random(random) => random.victim(),
        }
    }

    /// An entry is new.
    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => list.push_front(nodes, place),
            Policy::Random(random) => random.add(nodes, place),
        }
    }

    /// An entry goes.
    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => list.unlink(nodes, place),
            Policy::Random(random) => random.remove(nodes, place),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => *list = List::EMPTY,
            Policy::Random(random) => random.clear(),
        }
    }
}
