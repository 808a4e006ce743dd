//! A bounded store of entries, for caches of every kind: what is remembered, and what makes room.
//!
//! An entry has a key, a size in bytes and a value. Finding, adding and removing one take constant
//! time on average (LFU: logarithmic) and, once there are as many entries as ever, allocate
//! nothing. An entry takes 32 bytes, its value, 11 to 23 bytes of the index, and what its policy
//! says.
//!
//! Own lists over a table of hashbrown and not a crate for caches: those that count bytes and know
//! the newer policies hash by a random key or evict from other threads, and none is told which
//! random numbers to take.
//!
//! It is public for a bench, and may change with any version.

mod capacity;
pub mod exact;
mod lfu;
mod nodes;
mod policy;
mod random;
mod s3_fifo;
mod sieve;
mod sketch;
mod w_tiny_lfu;

pub use capacity::Capacity;
pub use policy::Eviction;

use nodes::Nodes;
use policy::Policy;

use crate::engine::{Index, Stream};

/// Entries by key, of which some make room for others when the capacity is reached.
#[derive(Clone, Debug)]
pub struct Store<T> {
    index: Index,
    nodes: Nodes,
    values: Vec<T>,
    policy: Policy,
}

impl<T: Copy> Store<T> {
    /// An empty store. What is random about it comes from `stream`, which is its own.
    pub fn new(capacity: Capacity, eviction: Eviction, stream: Stream) -> Store<T> {
        let (limit, counted) = capacity.limit();
        let nodes = Nodes::new(limit, counted);
        let policy = Policy::new(eviction, &nodes, stream);
        Store { index: Index::new(stream.named("index")), nodes, values: Vec::new(), policy }
    }

    /// The value, and counts as a use of it.
    #[inline]
    pub fn get(&mut self, key: u64) -> Option<&mut T> {
        let place = self.find(key)?;
        self.policy.used(&mut self.nodes, place);
        Some(&mut self.values[place as usize])
    }

    /// The value, and does not count as a use.
    pub fn peek(&self, key: u64) -> Option<&T> {
        let place = self.find(key)?;
        Some(&self.values[place as usize])
    }

    /// The value to be changed, and does not count as a use.
    pub fn peek_mut(&mut self, key: u64) -> Option<&mut T> {
        let place = self.find(key)?;
        Some(&mut self.values[place as usize])
    }

    /// Puts in an entry of `size` bytes. Others make room for it, unless it is larger than the
    /// whole capacity: then it is not kept. In the place of an entry with the same key and size it
    /// counts as a use of that; one of another size goes first, and this is new. Returns how many
    /// made room; of those, one may be the new one itself, if the policy refuses it.
    pub fn insert(&mut self, key: u64, size: u64, value: T) -> u64 {
        let mut evicted = 0;
        self.insert_over(key, size, value, |_| evicted += 1);
        evicted
    }

    /// The same, and tells `goes` of the value of each that makes room.
    pub fn insert_over(&mut self, key: u64, size: u64, value: T, mut goes: impl FnMut(T)) {
        if let Some(place) = self.find(key) {
            if self.nodes[place].size == size {
                self.values[place as usize] = value;
                self.policy.used(&mut self.nodes, place);
                return;
            }
            self.take_out(place);
        }
        let weight = self.nodes.weight(size);
        if weight > self.nodes.limit() {
            return;
        }
        while !self.nodes.fits(weight) {
            let Some(place) = self.policy.victim(&mut self.nodes) else { break };
            self.take_out(place);
            goes(self.values[place as usize]);
        }
        self.put_in(key, size, value);
        while let Some(place) = self.policy.surplus(&mut self.nodes) {
            self.take_out(place);
            goes(self.values[place as usize]);
        }
    }

    /// Takes an entry out, if it is there, and returns its value.
    pub fn remove(&mut self, key: u64) -> Option<T> {
        let place = self.find(key)?;
        self.take_out(place);
        Some(self.values[place as usize])
    }

    /// Forgets everything, as after a restart. The memory is kept.
    pub fn clear(&mut self) {
        self.index.clear();
        self.nodes.clear();
        self.values.clear();
        self.policy.clear();
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 0
    }

    /// The sizes of all entries together \[bytes\].
    pub fn bytes(&self) -> u64 {
        self.nodes.bytes()
    }

    fn find(&self, key: u64) -> Option<u32> {
        self.index.find(key, |place| self.nodes[place].key)
    }

    fn put_in(&mut self, key: u64, size: u64, value: T) {
        let place = self.nodes.take(key, size);
        match self.values.get_mut(place as usize) {
            Some(free) => *free = value,
            None => self.values.push(value),
        }
        self.index.insert(place, |place| self.nodes[place].key);
        self.policy.add(&mut self.nodes, place);
    }

    fn take_out(&mut self, place: u32) {
        self.policy.remove(&mut self.nodes, place);
        self.index.remove(self.nodes[place].key, place);
        self.nodes.release(place);
    }
}

#[cfg(test)]
mod tests;
