//! The figures of one cache.

use crate::stats::Level;
use crate::units::Time;

/// What a cache did with what it was asked. Each lookup is a hit, a delayed hit or a miss.
#[derive(Clone, Debug)]
pub struct CacheMeter {
    /// The component instance that it is, or that it is within.
    pub node: u32,
    /// Lookups answered with an entry.
    pub hits: u64,
    /// Lookups that waited for what another was fetching.
    pub delayed: u64,
    /// Lookups that found nothing, so that the object had to be fetched.
    pub misses: u64,
    /// Of the hits, those with an older version than there was at that moment.
    pub stale: u64,
    /// Of the hits and delayed hits, those with another user's answer; `None` where users are told
    /// apart.
    pub leaks: Option<u64>,
    /// Of the hits, those with an entry whose TTL was over, while it was fetched anew.
    pub revalidating: u64,
    /// Of the hits, those that there is nothing under the key.
    pub negative: u64,
    /// How old the entries of the hits were, summed (ns).
    pub age: u128,
    /// How long delayed hits waited, summed (ns).
    pub delay: u128,
    /// Entries filled.
    pub fills: u64,
    /// Entries that made room for others.
    pub evictions: u64,
    /// Entries whose time was over.
    pub expired: u64,
    /// Entries removed because somebody had written their object.
    pub invalidated: u64,
    /// Writes that were answered and that the database will never get.
    pub lost: u64,
    /// Entries held.
    pub entries: Level,
    /// Bytes held.
    pub bytes: Level,
}

impl CacheMeter {
    pub(crate) fn new(node: u32, leaks: Option<u64>) -> CacheMeter {
        CacheMeter {
            node,
            hits: 0,
            delayed: 0,
            misses: 0,
            stale: 0,
            leaks,
            revalidating: 0,
            negative: 0,
            age: 0,
            delay: 0,
            fills: 0,
            evictions: 0,
            expired: 0,
            invalidated: 0,
            lost: 0,
            entries: Level::new(),
            bytes: Level::new(),
        }
    }

    /// Lookups that were answered.
    pub fn lookups(&self) -> u64 {
        self.hits + self.delayed + self.misses
    }

    /// Figures start now; what is held stays.
    pub(crate) fn reset(&mut self, now: Time) {
        let (mut entries, mut bytes) = (self.entries.clone(), self.bytes.clone());
        entries.reset(now);
        bytes.reset(now);
        *self = CacheMeter { entries, bytes, ..CacheMeter::new(self.node, self.leaks.map(|_| 0)) };
    }
}
