//! What figures are made of: sums that only grow, so that any part of a run is a difference of two
//! of their states; durations; and the parameters that a metric's name may have.

use super::feature::{
    CONNECTION_POOL, DISK_AT_ONCE, DISK_IOPS, DISK_THROUGHPUT, LOG_BY_WRITES, MEMORY,
};
use super::{Counters, EndedAs, Family, Feature, Meter, Recorder, Tracker, Visits};
use crate::stats::{Buckets, LogLinear};
use crate::units::{Span, Time};

/// Which requests count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that were sent since figures started: of a whole run.
    Sent,
    /// Those that end, whenever they were sent: of a part of a run.
    Ended,
}

/// A sum that only grows, of each owner: a count, a time (ns), an area under a level (level x ns).
#[derive(Clone, Debug)]
pub enum Term {
    /// Of a request type.
    Requests(fn(&Tracker, Scope) -> u64),
    /// Of a request type: those that ended so.
    Ended(EndedAs),
    /// Of an instance of a component.
    Instance(fn(&Meter, Time) -> u128),
    /// Of an instance: the time with at least so many present.
    Present(u64),
    /// Of an instance: the time with an oldest message above this age.
    Older(Span),
    /// Of the visits to a component.
    Visits(fn(&Visits) -> u128),
    /// Of what a module counts for itself.
    Counters(&'static Family, fn(&Counters, Time) -> u128),
    /// Of the whole run.
    Run(fn(&Recorder, Time) -> u128),
}

/// Durations whose distribution is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durations {
    /// From sending a request to its answer, of those answered.
    Latency,
    /// Time that visits wait.
    Wait,
    /// Time from arrival to answer of visits.
    Sojourn,
    /// Time from when a message is put until it is done.
    Completion,
    /// How long messages wait without a break.
    Backlog,
    /// Time from the commit of a write until reads of a replica see it.
    Lag,
}

/// What of a component can run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Cores.
    Cpu,
    /// Workers or connections; the bandwidth of a link.
    Slots,
    /// Connections of its pools.
    Pool,
    /// Bytes of memory.
    Memory,
    /// Operations that a disk works on at once.
    Disk,
    /// Operations that a disk begins in a second.
    DiskIops,
    /// Bytes that a disk moves in a second.
    DiskThroughput,
    /// A log that is written one write after the other.
    Log,
}

impl Resource {
    /// All of them, in the order in which they are told.
    pub const ALL: [Resource; 8] = [
        Resource::Cpu,
        Resource::Slots,
        Resource::Pool,
        Resource::Memory,
        Resource::Disk,
        Resource::DiskIops,
        Resource::DiskThroughput,
        Resource::Log,
    ];

    /// Those that are at work or not.
    pub(super) const WORKING: [Resource; 7] = [
        Resource::Cpu,
        Resource::Slots,
        Resource::Pool,
        Resource::Disk,
        Resource::DiskIops,
        Resource::DiskThroughput,
        Resource::Log,
    ];

    /// What something must have to have it, if more than something that can run out.
    pub const fn needs(self) -> Option<&'static Feature> {
        match self {
            Resource::Cpu | Resource::Slots => None,
            Resource::Pool => Some(&CONNECTION_POOL),
            Resource::Memory => Some(&MEMORY),
            Resource::Disk => Some(&DISK_AT_ONCE),
            Resource::DiskIops => Some(&DISK_IOPS),
            Resource::DiskThroughput => Some(&DISK_THROUGHPUT),
            Resource::Log => Some(&LOG_BY_WRITES),
        }
    }

    /// What it is called of a component whose slots are called so.
    pub const fn word(self, slots: &'static str) -> &'static str {
        match self {
            Resource::Cpu => "cpu",
            Resource::Slots => slots,
            Resource::Pool => "pool",
            Resource::Memory => "memory",
            Resource::Disk => "disk",
            Resource::DiskIops => "disk_iops",
            Resource::DiskThroughput => "disk_throughput",
            Resource::Log => "log",
        }
    }

    /// The area under what is in use (level x ns).
    pub(super) fn term(self) -> Term {
        match self {
            Resource::Cpu => Term::Instance(Meter::cpu_area),
            Resource::Slots => Term::Instance(|meter, now| meter.slots.area(now)),
            Resource::Pool => {
                Term::Instance(|meter, now| meter.pool.as_ref().map_or(0, |p| p.taken.area(now)))
            }
            Resource::Memory => {
                Term::Instance(|meter, now| meter.memory.as_ref().map_or(0, |m| m.used.area(now)))
            }
            Resource::Disk => {
                Term::Instance(|meter, now| meter.disk_area(|disk| disk.at_once.as_ref(), now))
            }
            Resource::DiskIops => {
                Term::Instance(|meter, now| meter.disk_area(|disk| disk.iops.as_ref(), now))
            }
            Resource::Log => {
                Term::Instance(|meter, now| meter.disk_area(|disk| disk.log.as_ref(), now))
            }
            Resource::DiskThroughput => {
                Term::Instance(|meter, now| meter.disk_area(|disk| disk.throughput.as_ref(), now))
            }
        }
    }
}

/// The parameter in a metric's name.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// The name has none.
    None,
    /// `p99`: the probability of a quantile.
    Quantile(f64),
    /// `utilisation:cpu`.
    Resource(Resource),
    /// `outcome_count:timed out`.
    Ended(EndedAs),
    /// `present_at_least:5`.
    Number(u64),
    /// `oldest_age_above:250ms`.
    Duration(Span),
}

/// Durations of which quantiles are asked.
pub(super) trait Distribution {
    fn count(&self) -> u64;
    fn quantile(&self, p: f64) -> f64;
    fn mean(&self) -> f64;
    /// How they are spread, to be put together with those of other replications.
    fn buckets(&self) -> Buckets;
}

impl<const BITS: u32> Distribution for LogLinear<BITS> {
    fn count(&self) -> u64 {
        LogLinear::count(self)
    }

    fn quantile(&self, p: f64) -> f64 {
        LogLinear::quantile(self, p).unwrap_or(f64::NAN)
    }

    fn mean(&self) -> f64 {
        if self.count() == 0 { f64::NAN } else { LogLinear::mean(self) }
    }

    fn buckets(&self) -> Buckets {
        self.all_buckets()
    }
}
