//! Where the entry of a key is: hashbrown's table of places, with hashes of our own.
//!
//! *Invariant:* the table is never iterated, so that nothing depends on the order in it.

use hashbrown::HashTable;

use crate::engine::Stream;

use super::nodes::Nodes;

/// Places by key: 5 bytes for each bucket, of which there are 16/7 to 32/7 for each entry.
#[derive(Clone, Debug)]
pub(super) struct Index {
    table: HashTable<u32>,
    hashes: Stream,
}

impl Index {
    pub(super) fn new(hashes: Stream) -> Index {
        Index { table: HashTable::new(), hashes }
    }

    pub(super) fn find(&self, nodes: &Nodes, key: u64) -> Option<u32> {
        self.table.find(hash(self.hashes, key), |&place| nodes[place].key == key).copied()
    }

    /// The key is not there yet.
    pub(super) fn insert(&mut self, nodes: &Nodes, place: u32) {
        let hashes = self.hashes;
        let rehash = |&place: &u32| hash(hashes, nodes[place].key);
        // Removals leave marks, which the table clears in place only while it is half full at
        // most: kept so, it never grows again once there are as many entries as ever.
        let buckets = self.table.num_buckets();
        if (self.table.len() + 1) * 16 > buckets * 7 {
            self.table.reserve(buckets.max(4), rehash);
        }
        self.table.insert_unique(rehash(&place), place, rehash);
    }

    pub(super) fn remove(&mut self, nodes: &Nodes, place: u32) {
        let hash = hash(self.hashes, nodes[place].key);
        let entry = self.table.find_entry(hash, |&other| other == place);
        entry.expect("every entry is in the index").remove();
    }

    pub(super) fn clear(&mut self) {
        self.table.clear();
    }

    /// Bytes of memory.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.table.allocation_size()
    }
}

/// A bijection with full avalanche.
fn hash(hashes: Stream, key: u64) -> u64 {
    hashes.at(key).salt()
}
