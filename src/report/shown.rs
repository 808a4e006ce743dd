//! How a figure that is shown unasked reads.

use crate::measure::{Metric, Statistic, Unit};
use crate::stats::Estimate;

use super::number::{Reading, count, percent, plain, seconds};

/// How a figure reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shown {
    Seconds,
    Percent,
    PerSecond,
    Number,
    /// A whole number of things, summed over replications.
    Count,
}

impl Shown {
    /// How this metric reads.
    pub(super) fn of(metric: &Metric) -> Shown {
        match metric.unit {
            Unit::Seconds => Shown::Seconds,
            Unit::Share => Shown::Percent,
            Unit::PerSecond => Shown::PerSecond,
            _ if metric.statistic == Statistic::Sum => Shown::Count,
            _ => Shown::Number,
        }
    }

    /// As a person reads it.
    pub(super) fn reading(self, estimate: &Estimate) -> Reading {
        match self {
            Shown::Seconds => seconds(estimate),
            Shown::Percent => percent(estimate),
            Shown::Count if estimate.mean.is_finite() => {
                Reading { value: count(estimate.mean as u64), error: String::new() }
            }
            Shown::Number | Shown::Count => plain(estimate),
            Shown::PerSecond => {
                let reading = plain(estimate);
                Reading { value: reading.value + "/s", ..reading }
            }
        }
    }
}
