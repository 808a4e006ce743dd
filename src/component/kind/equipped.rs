//! What the instances of a component have, each for itself or with others on one machine.

use super::Kind;
use crate::storage::DiskSpec;
use crate::work::FromMachines;

/// A component whose instances have cores, memory or a disk.
pub(crate) trait Equipped {
    /// What it does not say itself is as the machines have it on which it is. Returns whether it
    /// says nothing of cores.
    fn settle(&mut self, machines: &FromMachines) -> bool;

    /// Why its jobs cannot share the cores of a machine with others, if they cannot.
    fn shares_no_cores(&self) -> Option<&'static str>;

    /// The disk on which it keeps what it has, if any.
    fn disk(&self) -> Option<&DiskSpec>;

    /// How many cores the jobs of an instance have at most; `None` of what has no work for any.
    fn most_cores(&self, instance: u64) -> Option<u64>;

    /// What an instance takes of the memory of its machine without any request, and what each
    /// request takes (bytes); connections left out.
    fn memory_of(&self, instance: u64) -> [u64; 2];

    /// What each connection to it takes of memory beside (bytes).
    fn memory_of_a_connection(&self) -> u64 {
        0
    }
}

/// What has nothing shares nothing.
impl dyn Kind + '_ {
    /// What it does not say itself is as the machines have it on which it is. Returns whether it
    /// says nothing of cores.
    pub(crate) fn settle(&mut self, machines: &FromMachines) -> bool {
        self.equipped_mut().is_some_and(|equipped| equipped.settle(machines))
    }

    /// Why its jobs cannot share the cores of a machine with others, if they cannot.
    pub(crate) fn shares_no_cores(&self) -> Option<&'static str> {
        self.equipped()?.shares_no_cores()
    }

    /// The disk on which it keeps what it has, if any.
    pub(crate) fn disk(&self) -> Option<&DiskSpec> {
        self.equipped()?.disk()
    }

    /// How many cores the jobs of an instance have at most; `None` of what has no work for any.
    pub(crate) fn most_cores(&self, instance: u64) -> Option<u64> {
        self.equipped()?.most_cores(instance)
    }

    /// What an instance takes of the memory of its machine without any request, and what each
    /// request takes (bytes).
    pub(crate) fn memory_of(&self, instance: u64) -> [u64; 2] {
        self.equipped().map_or([0; 2], |equipped| equipped.memory_of(instance))
    }

    /// What each connection to it takes of memory beside (bytes).
    pub(crate) fn memory_of_a_connection(&self) -> u64 {
        self.equipped().map_or(0, |equipped| equipped.memory_of_a_connection())
    }
}
