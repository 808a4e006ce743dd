//! Which entry makes room. To add a policy: a variant of [`Eviction`] with its word, one of
//! [`Policy`] with its arms, and a file for what it remembers; `tests.rs` asks for a plain model.

use crate::document::choice;
use crate::engine::Stream;

use super::lfu::Lfu;
use super::nodes::{List, Nodes};
use super::random::Random;
use super::s3_fifo::S3Fifo;
use super::sieve::Sieve;
use super::w_tiny_lfu::WTinyLfu;

choice! {
    /// Which entry makes room for another.
    pub enum Eviction {
        /// The one that has not been used for longest.
        Lru = "lru",
        /// The one that has been there for longest.
        Fifo = "fifo",
        /// Any, all equally likely.
        Random = "random",
        /// The one with the fewest uses, of which those of long ago count for less (LFU with
        /// dynamic ageing).
        Lfu = "lfu",
        /// The oldest that has not been used since it was last considered.
        Sieve = "sieve",
        /// The oldest of those that are new, unless it has been used; those that have been, or
        /// come again soon, form a queue of their own.
        S3Fifo = "s3_fifo",
        /// What is new, unless it has been used more often of late than the one it would replace.
        WTinyLfu = "w_tiny_lfu",
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
    Lfu(Lfu),
    Sieve(Sieve),
    S3Fifo(Box<S3Fifo>),
    WTinyLfu(Box<WTinyLfu>),
}

impl Policy {
    pub(super) fn new(eviction: Eviction, nodes: &Nodes, stream: Stream) -> Policy {
        match eviction {
            Eviction::Lru => Policy::Lru(List::EMPTY),
            Eviction::Fifo => Policy::Fifo(List::EMPTY),
            Eviction::Random => Policy::Random(Random::new(stream.named("eviction").draws())),
            Eviction::Lfu => Policy::Lfu(Lfu::default()),
            Eviction::Sieve => Policy::Sieve(Sieve::EMPTY),
            Eviction::S3Fifo => Policy::S3Fifo(Box::new(S3Fifo::new(nodes, stream))),
            Eviction::WTinyLfu => Policy::WTinyLfu(Box::new(WTinyLfu::new(nodes, stream))),
        }
    }

    /// An entry has been used.
    #[inline]
    pub(super) fn used(&mut self, nodes: &mut Nodes, place: u32) {
        match self {
            Policy::Lru(list) => list.bring_to_front(nodes, place),
            Policy::Fifo(_) | Policy::Random(_) => {}
            Policy::Lfu(lfu) => lfu.used(nodes, place),
            Policy::Sieve(_) => Sieve::used(nodes, place),
            Policy::S3Fifo(_) => S3Fifo::used(nodes, place),
            Policy::WTinyLfu(tiny) => tiny.used(nodes, place),
        }
    }

    /// Who goes so that there is room for another, unless that is decided when it is there. The
    /// store is not empty.
    pub(super) fn victim(&mut self, nodes: &mut Nodes) -> Option<u32> {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => Some(list.back()),
            Policy::Random(random) => Some(random.victim()),
            Policy::Lfu(lfu) => Some(lfu.victim()),
            Policy::Sieve(sieve) => Some(sieve.victim(nodes)),
            Policy::S3Fifo(queues) => Some(queues.victim(nodes)),
            Policy::WTinyLfu(_) => None,
        }
    }

    /// Who goes now that another is there.
    pub(super) fn surplus(&mut self, nodes: &mut Nodes) -> Option<u32> {
        match self {
            Policy::WTinyLfu(tiny) => tiny.surplus(nodes),
            _ => None,
        }
    }

    /// An entry is new.
    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => list.push_front(nodes, place),
            Policy::Random(random) => random.add(nodes, place),
            Policy::Lfu(lfu) => lfu.add(nodes, place),
            Policy::Sieve(sieve) => sieve.add(nodes, place),
            Policy::S3Fifo(queues) => queues.add(nodes, place),
            Policy::WTinyLfu(tiny) => tiny.add(nodes, place),
        }
    }

    /// An entry goes.
    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => list.unlink(nodes, place),
            Policy::Random(random) => random.remove(nodes, place),
            Policy::Lfu(lfu) => lfu.remove(nodes, place),
            Policy::Sieve(sieve) => sieve.remove(nodes, place),
            Policy::S3Fifo(queues) => queues.remove(nodes, place),
            Policy::WTinyLfu(tiny) => tiny.remove(nodes, place),
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Policy::Lru(list) | Policy::Fifo(list) => *list = List::EMPTY,
            Policy::Random(random) => random.clear(),
            Policy::Lfu(lfu) => lfu.clear(),
            Policy::Sieve(sieve) => *sieve = Sieve::EMPTY,
            Policy::S3Fifo(queues) => queues.clear(),
            Policy::WTinyLfu(tiny) => tiny.clear(),
        }
    }
}
