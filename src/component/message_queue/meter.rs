//! What message queues count, and the metrics of it.

use crate::measure::Unit::{Number, PerSecond, Seconds, Share};
use crate::measure::{Durations, Family, Headline, MESSAGES, Meter, Owner, Reading, Term, metrics};

/// What is counted of messages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    /// Messages that were put.
    Put,
    /// Messages that were done.
    Done,
    /// Messages that were taken for the first time, and how long those waited, summed (ns).
    Taken,
    Wait,
    /// Deliveries.
    Deliveries,
    /// Messages that were delivered a second time.
    Redelivered,
    /// Deliveries whose work failed.
    Failures,
    /// Deliveries that were done and did not make their message done.
    Duplicates,
    /// Messages that are dead, and how old they were, summed (ns).
    Dead,
    DeadAge,
    /// Dead messages that their queue did not take.
    Undeliverable,
    /// Messages that waited for too long.
    Expired,
    /// Messages that a crash has lost.
    Lost,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// Levels of a message queue.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    /// Messages that were delivered and are neither done nor visible again.
    InFlight,
    /// All messages.
    All,
    /// Whether any message waits.
    AnyWaits,
}

impl From<Held> for usize {
    fn from(held: Held) -> usize {
        held as usize
    }
}

/// What message queues count.
pub(super) static QUEUES: Family = Family {
    name: "message queue",
    owner: Owner::Instance,
    counts: Count::Lost as usize + 1,
    levels: Held::AnyWaits as usize + 1,
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&QUEUES, |queue, _| queue.count(Count::$count))
    };
}

macro_rules! level {
    ($level:ident) => {
        Term::Counters(&QUEUES, |queue, now| queue.area(Held::$level, now))
    };
}

const AGE: Term =
    Term::Instance(|meter, now| meter.oldest.as_ref().map_or(0, |oldest| oldest.area(now)));

metrics! {
    /// The metrics of message queues.
    pub static MESSAGE_METRICS of Component;

    /// Mean number of messages that wait to be delivered, those that rest before it among
    /// them; `queue_max` is the most.
    Word("backlog") needs MESSAGES, Number("messages"), Mean, over time,
        headlines [Headline::where_any("backlog")]:
        Reading::Level(Term::Instance(|meter, now| meter.queue.area(now)));
    /// The share of the time in which messages wait.
    Word("backlog_share") needs MESSAGES, Share, Mean:
        Reading::Part(level!(AnyWaits), Term::Instance(Meter::elapsed));
    /// The longest time in which there were always messages that waited: how long it took until
    /// the greatest backlog was gone. One that is still there at the end does not count.
    Word("longest_backlog") needs MESSAGES, Seconds, Max: Reading::Longest(Durations::Backlog);
    /// Mean age of the oldest message that waits, zero when none does.
    Word("oldest_age") needs MESSAGES, Seconds, Mean, over time:
        Reading::Time(AGE, Term::Instance(Meter::elapsed));
    /// The share of the time in which the oldest message that waits is older than this, known
    /// within 1/256 of the age.
    Duration("oldest_age_above") needs MESSAGES, Share, Mean: Reading::AtLeast;
    /// Mean number of messages that are with a consumer, or were and are not visible again.
    Word("unacknowledged") needs MESSAGES, Number("messages"), Mean, over time:
        Reading::Level(level!(InFlight));
    /// Messages put.
    Word("put") needs MESSAGES, Number("messages"), Sum: Reading::Count(count!(Put));
    /// Messages done.
    Word("done") needs MESSAGES, Number("messages"), Sum: Reading::Count(count!(Done));
    /// Messages done per second.
    Word("done_rate") needs MESSAGES, PerSecond, Mean, over time: Reading::Rate(count!(Done));
    /// Messages that are there at the end, waiting or with a consumer; of a part of the run by how
    /// many they have become more. Messages put are done, dead, expired, lost or left.
    Word("left") needs MESSAGES, Number("messages"), Sum:
        Reading::Count(Term::Counters(&QUEUES, |queue, _| queue.level(Held::All).into()));
    /// Mean time that a message waits until it is delivered for the first time.
    Word("delivery_wait") needs MESSAGES, Seconds, Mean: Reading::Time(count!(Wait), count!(Taken));
    /// Mean time from when a message is put until it is done, of those that are.
    Word("completion") needs MESSAGES, Seconds, Mean, headlines [Headline::where_any("put to done")]:
        Reading::Time(
            Term::Visits(|visits| visits.completion.sum()),
            Term::Visits(|visits| visits.completion.count().into()),
        );
    /// A percentile of that time: `completion_p99`.
    Percentile("completion_p") needs MESSAGES, Seconds, Pooled:
        Reading::Quantile(Durations::Completion);
    /// Deliveries to consumers.
    Word("deliveries") needs MESSAGES, Number("deliveries"), Sum:
        Reading::Count(count!(Deliveries));
    /// Deliveries for each message that is put.
    Word("receives") needs MESSAGES, Number("deliveries"), Mean:
        Reading::Ratio(count!(Deliveries), count!(Put));
    /// Messages that are delivered more than once, beside those that are put.
    Word("redelivered_share") needs MESSAGES, Share, Mean:
        Reading::Part(count!(Redelivered), count!(Put));
    /// Deliveries whose work failed, or whose consumer crashed.
    Word("failed_deliveries") needs MESSAGES, Number("deliveries"), Sum:
        Reading::Count(count!(Failures));
    /// Deliveries whose work was done in vain: the message had been done or given up, or it is done
    /// by a later delivery alone.
    Word("duplicates") needs MESSAGES, Number("deliveries"), Sum:
        Reading::Count(count!(Duplicates));
    /// Messages given up after `max_receives` deliveries.
    Word("dead_letters") needs MESSAGES, Number("messages"), Sum: Reading::Count(count!(Dead));
    /// The same beside the messages that are put.
    Word("dead_share") needs MESSAGES, Share, Mean: Reading::Part(count!(Dead), count!(Put));
    /// Mean age of a message when it is given up.
    Word("dead_after") needs MESSAGES, Seconds, Mean: Reading::Time(count!(DeadAge), count!(Dead));
    /// Dead messages that the queue for them did not take.
    Word("undeliverable") needs MESSAGES, Number("messages"), Sum:
        Reading::Count(count!(Undeliverable));
    /// Messages dropped because they waited for longer than `retention`.
    Word("expired") needs MESSAGES, Number("messages"), Sum: Reading::Count(count!(Expired));
    /// Messages lost by a crash.
    Word("lost_messages") needs MESSAGES, Number("messages"), Sum: Reading::Count(count!(Lost));
}
