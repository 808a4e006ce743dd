//! What disks, buffer caches and logs count, and the metrics of it.

use crate::measure::Unit::{Number, PerSecond, Seconds, Share};
use crate::measure::{CountersId, DISK, Family, Feature, Headline, Owner, Reading, Term, metrics};
use crate::runtime::Ctx;
use crate::units::{Bytes, Span};

/// What is counted of a disk and of what is kept on it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    /// Operations that read.
    Reads,
    /// Operations that write.
    Writes,
    /// Bytes of all operations.
    Bytes,
    /// How long operations waited before they began, summed (ns).
    Wait,
    /// Objects that were asked for and were in memory, or on their way there.
    Hits,
    /// Objects that had to be read.
    Misses,
    /// Pages that were changed and had to be written because they made room.
    DirtyEvictions,
    /// Pages that checkpoints wrote.
    CheckpointWrites,
    /// Writes that came to the log.
    Commits,
    /// Operations by which the disk was given them.
    Syncs,
    /// How often the log was replayed, and for how long, summed (ns).
    Recoveries,
    Recovery,
    /// Bytes that backups read.
    BackedUp,
    /// How often an earlier state was restored, for how long, summed (ns), and how many writes were
    /// undone by it.
    Restores,
    Restoring,
    Undone,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// What disks count.
static DISKS: Family =
    Family { name: "disk", owner: Owner::Instance, counts: Count::Undone as usize + 1, levels: 0 };

/// A buffer cache.
pub static BUFFER: Feature = Feature {
    missing: "has no buffer cache",
    nowhere: "nothing has a buffer cache",
    expected: "a database with a `buffer`",
};

/// Backups.
pub static BACKUP: Feature = Feature {
    missing: "has no backups",
    nowhere: "nothing has backups",
    expected: "a database with a `backup`",
};

/// A log of writes.
pub static COMMIT_LOG: Feature = Feature {
    missing: "has no log of its writes",
    nowhere: "nothing has a log of its writes",
    expected: "a database with a `disk`",
};

/// The counts of one instance, or of the disk of a machine.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally(Option<CountersId>);

impl Tally {
    /// Those of the instance, or the machine, that starts.
    pub(super) fn new(ctx: &mut Ctx) -> Tally {
        let me = ctx.me();
        Tally(Some(ctx.recorder().add_counters(&DISKS, me.0 as usize)))
    }

    /// An operation of the disk, of this kind, which has waited so long before it begins.
    pub(super) fn add_operation(&self, kind: Count, size: Bytes, waits: Span, ctx: &mut Ctx) {
        self.add(kind, 1_u64, ctx);
        self.add(Count::Bytes, size.0, ctx);
        self.add(Count::Wait, waits.nanos(), ctx);
    }

    pub(super) fn add(&self, count: Count, more: impl Into<u128>, ctx: &mut Ctx) {
        let id = self.0.expect("a disk counts from its start on");
        ctx.recorder().counters(id).add(count, more);
    }
}

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&DISKS, |disk, _| disk.count(Count::$count))
    };
}

const OPERATIONS: Term =
    Term::Counters(&DISKS, |disk, _| disk.count(Count::Reads) + disk.count(Count::Writes));
const TOUCHED: Term =
    Term::Counters(&DISKS, |disk, _| disk.count(Count::Hits) + disk.count(Count::Misses));

metrics! {
    /// The metrics of disks and of what databases keep on them.
    pub static STORAGE_METRICS of Component;

    /// Operations of the disk that read, per second.
    Word("disk_reads") needs DISK, PerSecond, Mean: Reading::Rate(count!(Reads));
    /// Operations of the disk that write, per second.
    Word("disk_writes") needs DISK, PerSecond, Mean: Reading::Rate(count!(Writes));
    /// Mean time that operations wait before the disk begins them.
    Word("disk_wait") needs DISK, Seconds, Mean, over time: Reading::Time(count!(Wait), OPERATIONS);
    /// Mean size of an operation.
    Word("disk_bytes") needs DISK, Number("bytes"), Mean: Reading::Part(count!(Bytes), OPERATIONS);
    /// Share of the objects asked for that were in memory.
    Word("buffer_hit_ratio") needs BUFFER, Share, Pooled, over time,
        headlines [Headline::where_any("buffer hits")]: Reading::Ratio(count!(Hits), TOUCHED);
    /// Pages per second that were changed and had to be written because they made room.
    Word("dirty_evictions") needs BUFFER, PerSecond, Mean: Reading::Rate(count!(DirtyEvictions));
    /// Pages per second that checkpoints wrote.
    Word("checkpoint_writes") needs BUFFER, PerSecond, Mean, over time:
        Reading::Rate(count!(CheckpointWrites));
    /// Writes for each operation that gave the disk its log.
    Word("commits_per_sync") needs COMMIT_LOG, Number("writes"), Mean:
        Reading::Part(count!(Commits), count!(Syncs));
    /// How often the log was replayed after a crash.
    Word("recoveries") needs BUFFER, Number("times"), Sum: Reading::Count(count!(Recoveries));
    /// Mean time that this took.
    Word("recovery_time") needs BUFFER, Seconds, Mean:
        Reading::Time(count!(Recovery), count!(Recoveries));
    /// Bytes per second that backups read.
    Word("backup_rate") needs BACKUP, Number("bytes/s"), Mean, over time:
        Reading::Rate(count!(BackedUp));
    /// How often an earlier state was restored.
    Word("restores") needs BACKUP, Number("times"), Sum: Reading::Count(count!(Restores));
    /// Mean time that this took.
    Word("restore_time") needs BACKUP, Seconds, Mean:
        Reading::Time(count!(Restoring), count!(Restores));
    /// Writes that had been answered and were undone by it.
    Word("undone_writes") needs BACKUP, Number("writes"), Sum: Reading::Count(count!(Undone));
}
