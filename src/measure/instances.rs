//! The metrics of components and of links that messages share.

use super::Meter;
use super::Unit::{Number, PerSecond, Seconds, Share};
use super::feature::{CAPACITY, INSTANCES, MEMORY, SLOTS};
use super::metric::Reading::{
    AtLeast, Busiest, Capacity, Count, Imbalance, Level, Part, Peak, Quantile, Rate, Ratio, Time,
    Used,
};
use super::metric::metrics;
use super::term::{Durations, Term};

const OK: Term = Term::Instance(|meter, _| meter.ok.into());
const VISITS: Term = Term::Visits(|visits| visits.sojourn.count().into());

metrics! {
    /// The metrics of components.
    pub static COMPONENT_METRICS of Component;

    /// Visits answered well per second.
    Word("answered"), PerSecond, Mean: Rate(OK);
    /// How much there is of a resource (`cpu`, `memory`, `pool`, `disk` [operations at once],
    /// `disk_iops` [operations a second], `disk_throughput` [bytes a second], `log`, and what the
    /// component has: `workers`, `connections`, `concurrency`, `bandwidth`, `consumers` [messages
    /// that those who take them have at once]), all instances together, on average over time: one
    /// that is gone or down has none.
    Resource("capacity") needs CAPACITY, Number("units"), Mean: Capacity;
    /// The share in use of what there was of a resource.
    Resource("utilisation") needs CAPACITY, Share, Mean: Used;
    /// The same of the instance of which most is in use.
    Resource("utilisation_busiest") needs CAPACITY, Share, BusiestInstance: Used;
    /// The share in use of the busiest resource, memory aside.
    Word("utilisation") needs CAPACITY, Share, Mean, over time: Busiest;
    /// The share of the time that an instance has no worker or connection free, on average over the
    /// instances: so many of those who come by chance find none.
    Word("exhausted_share") needs SLOTS, Share, Mean: Part(
        Term::Instance(|meter, now| meter.slots.time_full(now)),
        Term::Instance(Meter::elapsed),
    );
    /// Mean number of requests waiting: for a worker, a connection or a core; of a message queue
    /// its `backlog`.
    Word("queue"), Number("requests"), Mean, over time:
        Level(Term::Instance(|meter, now| meter.queue.area(now)));
    /// The most that ever waited in one instance.
    Word("queue_max"), Number("requests"), Max: Peak(|meter| meter.longest_queue);
    /// Mean number of requests present, waiting or not.
    Word("present"), Number("requests"), Mean, over time:
        Level(Term::Instance(|meter, now| meter.present.area(now)));
    /// The share of the time that at least so many were present in an instance, on average over
    /// the instances: `present_at_least:5`.
    Number("present_at_least"), Share, Mean: AtLeast;
    /// Share of the visits that wait at all.
    Word("wait_share"), Share, Pooled: Ratio(Term::Instance(|meter, _| meter.waited.into()), VISITS);
    /// Mean time that a visit waits.
    Word("wait"), Seconds, Mean: Time(Term::Visits(|visits| visits.wait.sum()), VISITS);
    /// A percentile of that time: `wait_p99`.
    Percentile("wait_p"), Seconds, Pooled: Quantile(Durations::Wait);
    /// Mean time from arrival to answer, calls to others included.
    Word("sojourn"), Seconds, Mean: Time(Term::Visits(|visits| visits.sojourn.sum()), VISITS);
    /// A percentile of that time: `sojourn_p99`.
    Percentile("sojourn_p"), Seconds, Pooled: Quantile(Durations::Sojourn);
    /// Mean time in the component itself, calls to others left out.
    Word("own"), Seconds, Mean: Time(Term::Instance(|meter, _| meter.own), VISITS);
    /// What the busiest instance has answered well, relative to the mean of all.
    Word("imbalance") needs INSTANCES, Number("ratio"), Mean: Imbalance(OK);
    /// Visits that ended.
    Word("visits"), Number("visits"), Sum: Count(VISITS);
    /// Visits turned away.
    Word("rejected"), Number("visits"), Sum: Count(Term::Instance(|meter, _| meter.rejected.into()));
    /// How often a server was killed because no memory was left.
    Word("killed") needs MEMORY, Number("times"), Sum:
        Count(Term::Instance(|meter, _| meter.memory.as_ref().map_or(0, |m| m.kills.into())));
    /// Visits that ended after the caller had given up.
    Word("wasted"), Number("visits"), Sum: Count(Term::Instance(|meter, _| meter.wasted.into()));
    /// The share of the processor time that went into such visits.
    Word("wasted_share"), Share, Mean: Part(
        Term::Instance(|meter, _| meter.wasted_work),
        Term::Instance(|meter, _| meter.work),
    );
}
