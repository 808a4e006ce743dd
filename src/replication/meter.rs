//! What copies of databases count, and the metrics of it.

use crate::measure::Unit::{Number, Seconds, Share};
use crate::measure::{Durations, Family, Feature, Headline, Owner, Reading, Term, metrics};

/// What is counted of a copy.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    /// Writes that reads have come to see here, and how long after they were committed, summed
    /// (ns).
    Applied,
    Lag,
    /// Reads, those of them with an older version than the primary had at that moment, and those
    /// that missed a write of their own user.
    Reads,
    StaleReads,
    OwnMissed,
    /// Reads that came, and those of them that had to wait until this copy had what they had to
    /// see; those that went on after that, and for how long they had waited, summed (ns).
    Asked,
    Waits,
    Waited,
    Waiting,
    /// Writes that were committed, those that waited for replicas and have gone on, and for how
    /// long, summed (ns).
    Writes,
    Synced,
    Syncing,
    /// How often waiting for replicas was given up.
    FallBacks,
    /// Writes whose callers were told that they failed though they were committed.
    InDoubt,
    /// Writes whose callers were told that they were done, and that are lost.
    Lost,
    /// Writes that conflict with another, rows whose identifier another has, and pairs of both.
    Conflicting,
    Duplicates,
    Pairs,
    /// Writes whose place one took that had not seen them, and that were rejected.
    Overwritten,
    Rejected,
    /// Reads and writes that failed since too few copies could answer, or that were rejected.
    TooFew,
    /// Messages by which reads brought copies up to date.
    Repairs,
    /// How often it became the primary, and how long there was none before, summed (ns).
    Failovers,
    Outage,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// How many committed writes a copy lacks.
pub(super) const BEHIND: usize = 0;

/// What copies count.
pub(super) static COPIES: Family = Family {
    name: "copy",
    owner: Owner::Instance,
    counts: Count::Outage as usize + 1,
    levels: BEHIND + 1,
};

/// Copies that follow a primary.
pub static REPLICATION: Feature = Feature {
    missing: "has no replication",
    nowhere: "nothing has replication",
    expected: "a database with `replication`",
};

/// Copies of which each takes writes.
pub static LEADERLESS: Feature = Feature {
    missing: "has a primary",
    nowhere: "no database has several copies that take writes",
    expected: "a database with `replication` and `mode: multi_primary` or `quorum`",
};

/// Copies that answer together.
pub static QUORUM: Feature = Feature {
    missing: "has no quorum",
    nowhere: "nothing has a quorum",
    expected: "a database with `replication` and `mode: quorum`",
};

/// Another copy that takes the place of a primary.
pub static FAILOVER: Feature = Feature {
    missing: "has no failover",
    nowhere: "nothing has a failover",
    expected: "a database with `replication` and a `failover`",
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&COPIES, |copy, _| copy.count(Count::$count))
    };
}

const LACKING: Term = Term::Counters(&COPIES, |copy, now| copy.area(BEHIND, now));

metrics! {
    /// The metrics of databases with replicas.
    pub static REPLICATION_METRICS of Component;

    /// Mean time from the commit of a write to when reads of a replica see it.
    Word("replication_lag") needs REPLICATION, Seconds, Mean, over time,
        headlines [Headline::where_any("lag")]: Reading::Time(count!(Lag), count!(Applied));
    /// A percentile of that time: `replication_lag_p99`.
    Percentile("replication_lag_p") needs REPLICATION, Seconds, Pooled:
        Reading::Quantile(Durations::Lag);
    /// Mean number of committed writes that reads do not see, of all copies together.
    Word("writes_behind") needs REPLICATION, Number("writes"), Mean, over time:
        Reading::Level(LACKING);
    /// Reads of objects.
    Word("reads") needs REPLICATION, Number("reads"), Sum: Reading::Count(count!(Reads));
    /// Share of the reads with an older version than the primary had at that moment.
    Word("stale_reads") needs REPLICATION, Share, Pooled, over time,
        headlines [Headline::where_any("stale reads")]:
        Reading::Ratio(count!(StaleReads), count!(Reads));
    /// Share of the reads that missed a write of their own user, committed before they were asked.
    Word("own_writes_missed") needs REPLICATION, Share, Pooled:
        Reading::Ratio(count!(OwnMissed), count!(Reads));
    /// Share of the reads that had to wait until the copy had what they had to see.
    Word("reads_waited") needs REPLICATION, Share, Pooled:
        Reading::Ratio(count!(Waits), count!(Asked));
    /// Mean time that these waited.
    Word("read_wait") needs REPLICATION, Seconds, Mean:
        Reading::Time(count!(Waiting), count!(Waited));
    /// Writes that were committed.
    Word("committed_writes") needs REPLICATION, Number("writes"), Sum:
        Reading::Count(count!(Writes));
    /// Mean time that writes waited for replicas, of those that waited and went on.
    Word("sync_wait") needs REPLICATION, Seconds, Mean, over time:
        Reading::Time(count!(Syncing), count!(Synced));
    /// How often waiting for replicas was given up.
    Word("fall_backs") needs REPLICATION, Number("times"), Sum: Reading::Count(count!(FallBacks));
    /// Writes whose callers were told that they failed though the primary had committed them.
    Word("in_doubt_writes") needs REPLICATION, Number("writes"), Sum:
        Reading::Count(count!(InDoubt));
    /// Writes whose callers were told that they were done, and that are lost.
    Word("lost_commits") needs REPLICATION, Number("writes"), Sum,
        headlines [Headline::where_any("lost commits")]: Reading::Count(count!(Lost));
    /// Share of the writes that conflict with another: neither copy had seen the other's write of
    /// the same object.
    Word("conflicting_writes") needs LEADERLESS, Share, Pooled,
        headlines [Headline::where_any("conflicting")]:
        Reading::Ratio(count!(Conflicting), count!(Writes));
    /// Pairs of writes that conflict, and of rows with the same identifier.
    Word("conflicting_pairs") needs LEADERLESS, Number("pairs"), Sum:
        Reading::Count(count!(Pairs));
    /// Writes whose place was taken by one that had not seen them, or by a later clock.
    Word("overwritten_writes") needs LEADERLESS, Number("writes"), Sum:
        Reading::Count(count!(Overwritten));
    /// Writes that were rejected since one that they had not seen was committed before.
    Word("rejected_writes") needs LEADERLESS, Number("writes"), Sum:
        Reading::Count(count!(Rejected));
    /// Rows that have the same identifier as another.
    Word("duplicate_identifiers") needs LEADERLESS, Number("rows"), Sum,
        headlines [Headline::where_any("duplicate ids")]: Reading::Count(count!(Duplicates));
    /// Reads and writes that failed since too few copies could answer them.
    Word("too_few_copies") needs QUORUM, Number("requests"), Sum,
        headlines [Headline::where_any("too few copies")]: Reading::Count(count!(TooFew));
    /// Messages by which reads brought copies up to date.
    Word("read_repairs") needs QUORUM, Number("messages"), Sum: Reading::Count(count!(Repairs));
    /// How often another copy became the primary.
    Word("failovers") needs FAILOVER, Number("times"), Sum: Reading::Count(count!(Failovers));
    /// Mean time from the failure of a primary to when another took writes.
    Word("write_outage") needs FAILOVER, Seconds, Mean:
        Reading::Time(count!(Outage), count!(Failovers));
}
