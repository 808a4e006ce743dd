//! What locks and transactions count, and the metrics of it.

use crate::measure::Unit::{Number, PerSecond, Seconds, Share};
use crate::measure::{Family, Feature, Headline, Owner, Reading, Term, metrics};

/// What is counted of the locks of an instance of a database.
#[derive(Clone, Copy, Debug)]
pub(super) enum LockCount {
    /// Locks that were asked for, those of them that had to be waited for, and those that were got.
    Asked,
    Waits,
    Got,
    /// How long those waited that were got, summed (ns).
    Waiting,
    /// Locks that were given up, and how long they had been held, summed (ns).
    Released,
    Held,
    /// Transactions that were told that their wait would have closed a circle.
    Deadlocks,
    /// Rows that were written over a version that the transaction had not read.
    LostUpdates,
    /// Times that a shard was in doubt, and for how long, summed (ns).
    Doubts,
    InDoubt,
}

impl From<LockCount> for usize {
    fn from(count: LockCount) -> usize {
        count as usize
    }
}

/// How many locks are held, how many transactions wait for one, and how many shards' parts of
/// transactions are in doubt.
pub(super) const HELD: usize = 0;
pub(super) const WAITING: usize = 1;
pub(super) const DOUBTFUL: usize = 2;

/// What locks count.
pub(super) static LOCK_COUNTS: Family = Family {
    name: "locks",
    owner: Owner::Instance,
    counts: LockCount::InDoubt as usize + 1,
    levels: DOUBTFUL + 1,
};

/// What is counted of the transactions of a server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    /// Those that have begun, each time that they start again included; how they ended.
    Started,
    Committed,
    Aborted,
    /// Those that were to be tried again, and those that were given up at last.
    Retries,
    Failed,
    /// Those that ended because of a deadlock, and because of a conflict.
    Deadlocks,
    Conflicts,
    /// Those that came to their commit, how many shards their rows were on, summed, and those with
    /// rows on several.
    Commits,
    Shards,
    AcrossShards,
    /// Decisions, and how long after the commit began, summed (ns).
    Decided,
    Deciding,
    /// Those that all shards had acknowledged, and how long after that, summed (ns).
    Settled,
    Settling,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// How many transactions are under way.
pub(super) const UNDER_WAY: usize = 0;

/// What transactions count.
pub(super) static COUNTS: Family = Family {
    name: "transactions",
    owner: Owner::Instance,
    counts: Count::Settling as usize + 1,
    levels: UNDER_WAY + 1,
};

/// Rows that are locked.
pub static LOCKS: Feature = Feature {
    missing: "has no locks",
    nowhere: "nothing has locks",
    expected: "a database that a step `transaction` names",
};

/// Steps that are transactions.
pub static TRANSACTIONS: Feature = Feature {
    missing: "has no transactions",
    nowhere: "nothing has transactions",
    expected: "a server with a step `transaction`",
};

macro_rules! lock {
    ($count:ident) => {
        Term::Counters(&LOCK_COUNTS, |locks, _| locks.count(LockCount::$count))
    };
}

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&COUNTS, |of, _| of.count(Count::$count))
    };
}

metrics! {
    /// The metrics of databases whose rows are locked.
    pub static LOCK_METRICS of Component;

    /// Mean time from when a lock was asked for until it was got.
    Word("lock_wait") needs LOCKS, Seconds, Mean, over time,
        headlines [Headline::where_any("lock wait")]: Reading::Time(lock!(Waiting), lock!(Got));
    /// Share of the locks asked for that had to be waited for.
    Word("locks_waited") needs LOCKS, Share, Pooled, over time:
        Reading::Ratio(lock!(Waits), lock!(Asked));
    /// Locks that were got.
    Word("locks") needs LOCKS, Number("locks"), Sum: Reading::Count(lock!(Got));
    /// Mean time that a lock was held.
    Word("lock_hold") needs LOCKS, Seconds, Mean: Reading::Time(lock!(Held), lock!(Released));
    /// Mean number of locks held, of all shards together.
    Word("locks_held") needs LOCKS, Number("locks"), Mean, over time:
        Reading::Level(Term::Counters(&LOCK_COUNTS, |locks, now| locks.area(HELD, now)));
    /// Mean number of transactions that waited for a lock.
    Word("lock_waiters") needs LOCKS, Number("transactions"), Mean, over time:
        Reading::Level(Term::Counters(&LOCK_COUNTS, |locks, now| locks.area(WAITING, now)));
    /// Transactions that were ended because their wait would have closed a circle.
    Word("deadlocks") needs LOCKS, Number("transactions"), Sum,
        headlines [Headline::where_any("deadlocks")]: Reading::Count(lock!(Deadlocks));
    /// Rows that were written over a version that the transaction had not read.
    Word("lost_updates") needs LOCKS, Number("writes"), Sum,
        headlines [Headline::where_any("lost updates")]: Reading::Count(lock!(LostUpdates));
    /// Mean time from when a shard was prepared until it heard of the decision.
    Word("in_doubt_time") needs LOCKS, Seconds, Mean:
        Reading::Time(lock!(InDoubt), lock!(Doubts));
    /// Mean number of parts of transactions that were in doubt: prepared, without a decision.
    Word("in_doubt") needs LOCKS, Number("transactions"), Mean, over time:
        Reading::Level(Term::Counters(&LOCK_COUNTS, |locks, now| locks.area(DOUBTFUL, now)));
}

metrics! {
    /// The metrics of servers with transactions.
    pub static TRANSACTION_METRICS of Component;

    /// Transactions that were begun, each time that they started again included.
    Word("transactions") needs TRANSACTIONS, Number("transactions"), Sum:
        Reading::Count(count!(Started));
    /// Of them, those that were committed.
    Word("commits") needs TRANSACTIONS, Number("transactions"), Sum:
        Reading::Count(count!(Committed));
    /// Of them, those that were not.
    Word("aborts") needs TRANSACTIONS, Number("transactions"), Sum:
        Reading::Count(count!(Aborted));
    /// Mean number of transactions under way.
    Word("transactions_under_way") needs TRANSACTIONS, Number("transactions"), Mean, over time:
        Reading::Level(Term::Counters(&COUNTS, |of, now| of.area(UNDER_WAY, now)));
    /// Commits per second.
    Word("commit_rate") needs TRANSACTIONS, PerSecond, Mean, over time:
        Reading::Rate(count!(Committed));
    /// Transactions that were started again.
    Word("transaction_retries") needs TRANSACTIONS, Number("transactions"), Sum:
        Reading::Count(count!(Retries));
    /// Transactions that were given up after so many retries.
    Word("transactions_failed") needs TRANSACTIONS, Number("transactions"), Sum:
        Reading::Count(count!(Failed));
    /// Share of the transactions begun that ended in a deadlock.
    Word("deadlock_share") needs TRANSACTIONS, Share, Pooled:
        Reading::Ratio(count!(Deadlocks), count!(Started));
    /// Share of the transactions begun that found another version than they had read.
    Word("conflict_share") needs TRANSACTIONS, Share, Pooled,
        headlines [Headline::where_any("conflicts")]:
        Reading::Ratio(count!(Conflicts), count!(Started));
    /// Mean number of shards that the rows of a transaction were on, of those that came to their
    /// commit.
    Word("shards_per_transaction") needs TRANSACTIONS, Number("shards"), Mean:
        Reading::Part(count!(Shards), count!(Commits));
    /// Share of these with rows on several shards.
    Word("across_shards") needs TRANSACTIONS, Share, Pooled:
        Reading::Ratio(count!(AcrossShards), count!(Commits));
    /// Mean time from the beginning of a commit until it was decided: on one shard, until that has
    /// answered.
    Word("commit_time") needs TRANSACTIONS, Seconds, Mean:
        Reading::Time(count!(Deciding), count!(Decided));
    /// Mean time from the beginning of a commit until the last shard has acknowledged it.
    Word("settle_time") needs TRANSACTIONS, Seconds, Mean:
        Reading::Time(count!(Settling), count!(Settled));
}
