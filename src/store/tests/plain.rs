//! Each policy in the plainest words, slow and obvious, and a store that asks it.

use std::collections::BTreeMap;

use super::super::sketch::Sketch;
use super::super::{Capacity, Eviction};
use crate::engine::{Draws, Stream};

/// A policy told of every entry by key.
trait Plain {
    fn used(&mut self, key: u64);
    fn add(&mut self, key: u64, weight: u64);
    fn remove(&mut self, key: u64);
    /// Who goes so that there is room for another, unless that is decided when it is there.
    fn victim(&mut self) -> Option<u64>;
    /// Who goes now that another is there.
    fn surplus(&mut self) -> Option<u64> {
        None
    }
}

struct Lru(Vec<u64>);

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

    fn victim(&mut self) -> Option<u64> {
        Some(self.0[0])
    }
}

struct Fifo(Vec<u64>);

impl Plain for Fifo {
    fn used(&mut self, _: u64) {}

    fn add(&mut self, key: u64, _: u64) {
        self.0.push(key);
    }

    fn remove(&mut self, key: u64) {
        self.0.retain(|&other| other != key);
    }

    fn victim(&mut self) -> Option<u64> {
        Some(self.0[0])
    }
}

/// One that goes is replaced by the last, so that both draw the same.
struct Random(Vec<u64>, Draws);

impl Plain for Random {
    fn used(&mut self, _: u64) {}

    fn add(&mut self, key: u64, _: u64) {
        self.0.push(key);
    }

    fn remove(&mut self, key: u64) {
        let at = self.0.iter().position(|&other| other == key).expect("present");
        self.0.swap_remove(at);
    }

    fn victim(&mut self) -> Option<u64> {
        Some(self.0[self.1.below(self.0.len())])
    }
}

/// Age, and for each key its worth and its uses, the least recently used first.
#[derive(Default)]
struct Lfu(u64, Vec<(u64, u64, u64)>);

impl Lfu {
    fn at(&self, key: u64) -> usize {
        self.1.iter().position(|entry| entry.0 == key).expect("present")
    }
}

impl Plain for Lfu {
    fn used(&mut self, key: u64) {
        let (_, _, uses) = self.1.remove(self.at(key));
        self.1.push((key, self.0 + uses + 1, uses + 1));
    }

    fn add(&mut self, key: u64, _: u64) {
        self.1.push((key, self.0 + 1, 1));
    }

    fn remove(&mut self, key: u64) {
        self.1.remove(self.at(key));
    }

    fn victim(&mut self) -> Option<u64> {
        let &(key, worth, _) = self.1.iter().min_by_key(|entry| entry.1)?;
        self.0 = worth;
        Some(key)
    }
}

/// Keys and whether they have been visited, the oldest first; and where among them the hand is.
#[derive(Default)]
struct Sieve(Vec<(u64, bool)>, usize);

impl Plain for Sieve {
    fn used(&mut self, key: u64) {
        self.0.iter_mut().filter(|entry| entry.0 == key).for_each(|entry| entry.1 = true);
    }

    fn add(&mut self, key: u64, _: u64) {
        self.0.push((key, false));
    }

    fn remove(&mut self, key: u64) {
        let at = self.0.iter().position(|entry| entry.0 == key).expect("present");
        self.0.remove(at);
        if at < self.1 {
            self.1 -= 1;
        }
        if self.1 == self.0.len() {
            self.1 = 0;
        }
    }

    fn victim(&mut self) -> Option<u64> {
        while self.0[self.1].1 {
            self.0[self.1].1 = false;
            self.1 = (self.1 + 1) % self.0.len();
        }
        Some(self.0[self.1].0)
    }
}

/// An entry of a queue: key, weight and uses.
type Queued = (u64, u64, u64);

fn weight(queue: &[Queued]) -> u64 {
    queue.iter().map(|entry| entry.1).sum()
}

/// The oldest first in each.
#[derive(Default)]
struct S3Fifo {
    limit: u64,
    small: Vec<Queued>,
    main: Vec<Queued>,
    ghosts: Vec<Queued>,
}

impl Plain for S3Fifo {
    fn used(&mut self, key: u64) {
        let all = self.small.iter_mut().chain(&mut self.main);
        all.filter(|entry| entry.0 == key).for_each(|entry| entry.2 = (entry.2 + 1).min(3));
    }

    fn add(&mut self, key: u64, weight: u64) {
        let ghosts = self.ghosts.len();
        self.ghosts.retain(|ghost| ghost.0 != key);
        let known = self.ghosts.len() < ghosts;
        let queue = if known { &mut self.main } else { &mut self.small };
        queue.push((key, weight, 0));
    }

    fn remove(&mut self, key: u64) {
        self.small.retain(|entry| entry.0 != key);
        self.main.retain(|entry| entry.0 != key);
    }

    fn victim(&mut self) -> Option<u64> {
        let most = self.limit - self.limit / 10;
        loop {
            let full = weight(&self.small) >= (self.limit / 10).max(1) || self.main.is_empty();
            if full && !self.small.is_empty() {
                let oldest = self.small.remove(0);
                if oldest.2 > 1 {
                    self.main.push((oldest.0, oldest.1, 0));
                    continue;
                }
                self.ghosts.retain(|ghost| ghost.0 != oldest.0);
                if oldest.1 <= most {
                    self.ghosts.push(oldest);
                }
                while weight(&self.ghosts) > most {
                    self.ghosts.remove(0);
                }
                // It is still there until it is taken out.
                self.small.insert(0, oldest);
                return Some(oldest.0);
            }
            let oldest = self.main[0];
            if oldest.2 == 0 {
                return Some(oldest.0);
            }
            self.main.remove(0);
            self.main.push((oldest.0, oldest.1, oldest.2 - 1));
        }
    }
}

/// Window, probation and protected, the least recently used first in each, and the most that they
/// may hold; probation and protected together.
struct WTinyLfu {
    lists: [Vec<Queued>; 3],
    most: [u64; 3],
    sketch: Sketch,
}

impl WTinyLfu {
    fn new(limit: u64, stream: Stream) -> WTinyLfu {
        let window = (limit / 100).max(1);
        let main = limit - window;
        let protected = (u128::from(main) * 4 / 5) as u64;
        let sketch = Sketch::new(stream.named("sketch"));
        WTinyLfu { lists: [vec![], vec![], vec![]], most: [window, main, protected], sketch }
    }

    fn take(&mut self, key: u64) -> (usize, Queued) {
        for (which, list) in self.lists.iter_mut().enumerate() {
            if let Some(at) = list.iter().position(|entry| entry.0 == key) {
                return (which, list.remove(at));
            }
        }
        panic!("present")
    }
}

impl Plain for WTinyLfu {
    fn used(&mut self, key: u64) {
        self.sketch.count(key);
        let (which, entry) = self.take(key);
        self.lists[if which == 0 { 0 } else { 2 }].push(entry);
        while weight(&self.lists[2]) > self.most[2] {
            let demoted = self.lists[2].remove(0);
            self.lists[1].push(demoted);
        }
    }

    fn add(&mut self, key: u64, weight: u64) {
        self.sketch.grow(self.lists.iter().map(Vec::len).sum::<usize>() + 1);
        self.sketch.count(key);
        self.lists[0].push((key, weight, 0));
    }

    fn remove(&mut self, key: u64) {
        self.take(key);
    }

    fn victim(&mut self) -> Option<u64> {
        None
    }

    fn surplus(&mut self) -> Option<u64> {
        while weight(&self.lists[0]) > self.most[0] {
            let candidate = self.lists[0][0];
            if candidate.1 > self.most[1] {
                return Some(candidate.0);
            }
            if weight(&self.lists[1]) + weight(&self.lists[2]) + candidate.1 > self.most[1] {
                let victim = self.lists[1].first().unwrap_or_else(|| &self.lists[2][0]).0;
                let better = self.sketch.estimate(candidate.0) > self.sketch.estimate(victim);
                return Some(if better { victim } else { candidate.0 });
            }
            self.lists[0].remove(0);
            self.lists[1].push(candidate);
        }
        None
    }
}

fn plain(eviction: Eviction, limit: u64, stream: Stream) -> Box<dyn Plain> {
    match eviction {
        Eviction::Lru => Box::new(Lru(vec![])),
        Eviction::Fifo => Box::new(Fifo(vec![])),
        Eviction::Random => Box::new(Random(vec![], stream.named("eviction").draws())),
        Eviction::Lfu => Box::new(Lfu::default()),
        Eviction::Sieve => Box::new(Sieve::default()),
        Eviction::S3Fifo => Box::new(S3Fifo { limit, ..S3Fifo::default() }),
        Eviction::WTinyLfu => Box::new(WTinyLfu::new(limit, stream)),
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
        let mut evicted = 0;
        while self.weight_of_all() + weight > self.limit {
            let Some(victim) = self.policy.victim() else { break };
            self.remove(victim);
            evicted += 1;
        }
        self.entries.insert(key, (size, value));
        self.policy.add(key, weight);
        while let Some(victim) = self.policy.surplus() {
            self.remove(victim);
            evicted += 1;
        }
        evicted
    }
}
