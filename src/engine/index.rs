//! Where the entry of a key is: hashbrown's table of places, with hashes of our own.
//!
//! *Invariant:* the table is never iterated, so that nothing depends on the order in it.

use hashbrown::HashTable;

use super::Stream;

/// Places by key: 5 bytes for each bucket, of which there are 16/7 to 32/7 for each entry. The
/// owner says which key is at a place.
#[derive(Clone, Debug)]
pub struct Index {
    table: HashTable<u32>,
    hashes: Stream,
}

impl Index {
    /// An empty one, with hashes of its own.
    pub fn new(hashes: Stream) -> Index {
        Index { table: HashTable::new(), hashes }
    }

    /// The place of a key, if it has one.
    pub fn find(&self, key: u64, key_at: impl Fn(u32) -> u64) -> Option<u32> {
        self.table.find(hash(self.hashes, key), |&place| key_at(place) == key).copied()
    }

    /// The key at this place is known from now on; it was not there before.
    pub fn insert(&mut self, place: u32, key_at: impl Fn(u32) -> u64) {
        let hashes = self.hashes;
        let rehash = |&place: &u32| hash(hashes, key_at(place));
        // Removals leave marks, which the table clears in place only while it is half full at
        // most: kept so, it never grows again once there are as many entries as ever.
        let buckets = self.table.num_buckets();
        if (self.table.len() + 1) * 16 > buckets * 7 {
            self.table.reserve(buckets.max(4), rehash);
        }
        self.table.insert_unique(rehash(&place), place, rehash);
    }

    /// The key is at another place from now on.
    pub fn replace(&mut self, key: u64, from: u32, to: u32) {
        let found = self.table.find_mut(hash(self.hashes, key), |&place| place == from);
        *found.expect("every entry is in the index") = to;
    }

    /// The key at this place is forgotten.
    pub fn remove(&mut self, key: u64, place: u32) {
        let entry = self.table.find_entry(hash(self.hashes, key), |&other| other == place);
        entry.expect("every entry is in the index").remove();
    }

    /// All keys are forgotten.
    pub fn clear(&mut self) {
        self.table.clear();
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.table.allocation_size()
    }
}

/// A bijection with full avalanche.
fn hash(hashes: Stream, key: u64) -> u64 {
    hashes.at(key).salt()
}
