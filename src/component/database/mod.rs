//! A database: connections, cores, and what a read and a write cost.

mod build;
mod copies;
mod kind;
mod statements;

use crate::distribution::Delay;
use crate::document::{At, Boxed, Count, Entries, Limit, Name, Positive, record};
use crate::objects::ShardsSpec;
use crate::placement::{Across, PlaceName};
use crate::queue::QueueSpec;
use crate::replication::{Copies, FailoverSpec, ReadPreference, ReplicationSpec};
use crate::storage::{BackupSpec, BufferSpec, CommitLogSpec, DiskSpec, StorageSpec};
use crate::transaction::CommitSpec;
use crate::units::Bytes;
use crate::work::{ContentionSpec, Equipment, NeighboursSpec, Scheduling, SchemaChangeSpec};
use statements::{QuerySpec, SplitSpec};

record! {
    /// A database on one machine.
    pub struct DatabaseSpec {
        /// Processor cores; 4 if not given, and on a machine with `cores` all of them.
        pub cores: Option<Count>,
        /// How fast a core is: 2 does a read in half the time.
        pub speed: Positive = "1",
        /// How the cores are given to connections that want them.
        pub scheduling: Scheduling = "processor_sharing",
        /// The machine, where it is shared with others who slow this one down.
        pub neighbours: Option<NeighboursSpec>,
        /// How many requests are worked on at once; the others wait for a connection.
        pub connections: Limit = "100",
        /// What each connection of a pool takes of memory, in use or not: of that of its machine,
        /// where that has some, and else of the `buffer`.
        pub connection_memory: Option<Bytes>,
        /// Where requests wait for a connection.
        pub queue: QueueSpec = "{}",
        /// How work slows where more requests are at work; not at all if not given.
        pub contention: Option<ContentionSpec>,
        /// The disk with its log, and with what does not fit into its `buffer`; without one nothing
        /// is written or read but in memory.
        pub disk: Option<Boxed<DiskSpec>>,
        /// What of its disk is in memory: everything if not given.
        pub buffer: Option<At<BufferSpec>>,
        /// The log that a write is in before it is answered, if there is a `disk`.
        pub log: Option<Boxed<At<CommitLogSpec>>>,
        /// Copies of what it has; none are made if not given.
        pub backup: Option<Boxed<At<BackupSpec>>>,
        /// Processor time of a read.
        pub read: Delay = "exp(2ms)",
        /// Processor time of a write.
        pub write: Delay = "exp(6ms)",
        /// Queries that it answers beside, each by its name: in a step, `read: {from: main, query:
        /// by_name}`.
        pub queries: Entries<QuerySpec> = "{}",
        /// The queries that have an index: each makes every write dearer, and its query as cheap as
        /// that says.
        pub indexes: Vec<Name> = "[]",
        /// The parts into which rows are split; in a step, `read: {from: main, part: profile}`.
        pub split: Option<Boxed<At<SplitSpec>>>,
        /// A change of the form of its table while it is asked.
        pub schema_change: Option<Boxed<SchemaChangeSpec>>,
        /// Its parts, each with some of the objects; it is whole if not given. What is said above
        /// each part has for itself.
        pub shards: Option<At<ShardsSpec>>,
        /// What transactions take, beside the work of their reads and writes: `{prepare: 2ms,
        /// commit: 2ms}`.
        pub transactions: Option<Boxed<CommitSpec>>,
        /// The copies of each part; it is alone if not given. What is said above each copy has for
        /// itself.
        pub replication: Option<Boxed<ReplicationSpec>>,
        /// Which copy is asked for a read, and for a write where every copy takes them; if not
        /// given the primary, and where there is none any.
        pub reads: Option<At<ReadPreference>>,
        /// What becomes of a primary that fails, if there are replicas: nothing if not given.
        pub failover: Option<Boxed<At<FailoverSpec>>>,
        /// Where it is: regions, zones or machines, which its instances take in turn.
        pub place: Vec<At<PlaceName>> = "[]",
        /// Where in a region with zones, if its place is the region alone; in the first zone if not
        /// given.
        pub across: Option<At<Across>>,
    }
}

impl DatabaseSpec {
    /// How it is equipped, if connections take so much of its buffer.
    pub(crate) fn equipment(&self, connections: Bytes) -> Equipment {
        Equipment {
            cores: self.cores(),
            speed: self.speed.get(),
            scheduling: self.scheduling,
            neighbours: self.neighbours.clone(),
            slots: self.connections.get(),
            blocking: true,
            queue: self.queue.clone(),
            memory: None,
            recycle: None,
            storage: self.storage(connections),
            contention: self.contention.clone(),
            pools: Vec::new(),
        }
    }

    /// Processor cores.
    pub(crate) fn cores(&self) -> u64 {
        self.cores.map_or(4, Count::get)
    }

    /// What it keeps on its disk, if it has one.
    fn storage(&self, connections: Bytes) -> Option<StorageSpec> {
        let disk = DiskSpec::clone(&self.disk.as_ref()?.0);
        let log = self.log.as_ref().map(|log| log.0.value.clone()).unwrap_or_default();
        let buffer = self.buffer.as_ref().map(|buffer| buffer.value.without(connections));
        let backup = self.backup.as_ref().map(|backup| backup.0.value.clone());
        Some(StorageSpec { disk, buffer, log: Some(log), backup })
    }

    /// How many shards there are.
    fn parts(&self) -> u64 {
        self.shards.as_ref().map_or(1, |shards| shards.value.shards())
    }

    /// How many copies of each there are.
    fn factor(&self) -> u64 {
        self.replication.as_ref().map_or(1, |replication| replication.0.copies())
    }

    /// How many instances there are: the copies of the first shard, then those of the next.
    fn count(&self) -> u64 {
        self.parts().saturating_mul(self.factor())
    }

    /// The copies, if there are several.
    fn copies(&self) -> Option<Copies<'_>> {
        Some(Copies {
            replication: &self.replication.as_ref()?.0,
            reads: self.reads.as_ref().map_or(self.usual_reads(), |reads| reads.value),
            failover: self.failover.as_ref().map(|failover| &failover.0.value),
            costs: [&self.read, &self.write],
        })
    }

    /// Which copy is asked for a read if nothing is said.
    fn usual_reads(&self) -> ReadPreference {
        let leaderless = self.replication.as_ref().is_some_and(|of| of.0.is_leaderless());
        if leaderless { ReadPreference::Any } else { ReadPreference::Primary }
    }
}
