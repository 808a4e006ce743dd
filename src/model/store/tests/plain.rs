//! Each policy in the plainest words, slow and obvious, and a store that asks it.

use std::collections::BTreeMap;

use super::super::{Capacity, Eviction};
use crate::engine::{Draws, Stream};

/// A policy told of every entry by key.
pub(super) trait Plain {
    fn used(&mut self, key: u64);
    fn add(&mut self, key: u64, weight: u64);
    fn remove(&mut self, key: u64);
    /// Who goes so that there is room for another.
    fn victim(&mut self) -> u64;
}

pub(super) struct Lru(Vec<u64>);

impl Plain for Lru {
    fn used(&mut self, key: u64) {
        self.remove(key);
        self.0.push(key);
    }

    fn add(&mut self, key: u64, _: u64) {
        self.0.push(key);
    }

    fn remove(&mut self, key: u64) {
        self.0.retain(|&other| other != key);
    }

    fn victim(&mut self) -> u64 {
        self.0[0]
    }
}

pub(super) struct Fifo(Vec<u64>);

impl Plain for Fifo {
    fn used(&mut self, _: u64) {}

    fn add(&mut self, key: u64, _: u64) {
        self.0.push(key);
    }

    fn remove(&mut self, key: u64) {
        self.0.retain(|&other| other != key);
    }

    fn victim(&mut self) -> u64 {
        self.0[0]
    }
}

/// One that goes is replaced by the last, so that both draw the same.
pub(super) struct Random(Vec<u64>, Draws);

impl Plain for Random {
    fn used(&mut self, _: u64) {}

    fn add(&mut self, key: u64, _: u64) {
        self.0.push(key);
    }

    fn remove(&mut self, key: u64) {
        let at = self.0.iter().position(|&other| other == key).expect("present");
        self.0.swap_remove(at);
    }

    fn victim(&mut self) -> u64 {
        self.0[self.1.below(self.0.len())]
    }
}

pub(super) fn plain(eviction: Eviction, _limit: u64, stream: Stream) -> Box<dyn Plain> {
    match eviction {
        Eviction::Lru => Box::new(Lru(vec![])),
        Eviction::Fifo => Box::new(Fifo(vec![])),
        Eviction::Random => Box::new(Random(vec![], stream.named("eviction").draws())),
    }
}

/// What a store is to do.
pub(super) struct PlainStore {
    limit: u64,
    counted: bool,
    /// Size and value.
    pub(super) entries: BTreeMap<u64, (u64, u64)>,
    policy: Box<dyn Plain>,
}

impl PlainStore {
    pub(super) fn new(capacity: Capacity, eviction: Eviction, stream: Stream) -> PlainStore {
        let (limit, counted) = capacity.limit();
        let policy = plain(eviction, limit, stream);
        PlainStore { limit, counted, entries: BTreeMap::new(), policy }
    }

    pub(super) fn get(&mut self, key: u64) -> Option<u64> {
        let value = self.entries.get(&key)?.1;
        self.policy.used(key);
        Some(value)
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<u64> {
        let (_, value) = self.entries.remove(&key)?;
        self.policy.remove(key);
        Some(value)
    }

    fn weight(&self, size: u64) -> u64 {
        if self.counted { 1 } else { size }
    }

    pub(super) fn weight_of_all(&self) -> u64 {
        self.entries.values().map(|&(size, _)| self.weight(size)).sum()
    }

    pub(super) fn insert(&mut self, key: u64, size: u64, value: u64) -> u64 {
        match self.entries.get_mut(&key) {
            Some(entry) if entry.0 == size => {
                entry.1 = value;
                self.policy.used(key);
                return 0;
            }
            Some(_) => _ = self.remove(key),
            None => {}
        }
        let weight = self.weight(size);
        if weight > self.limit {
            return 0;
        }
        let before = self.entries.len();
        while self.weight_of_all() + weight > self.limit {
            let victim = self.policy.victim();
            self.remove(victim);
        }
        let evicted = before - self.entries.len();
        self.entries.insert(key, (size, value));
        self.policy.add(key, weight);
        evicted as u64
    }
}
