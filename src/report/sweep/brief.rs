//! What tables and charts show of a cell.

use crate::experiment::cells::Cell;
use crate::experiment::results::Decision;
use crate::stats::Estimate;

use super::super::number::{Reading, percent, plain, seconds};

/// How a figure reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Shown {
    Seconds,
    Percent,
    PerSecond,
}

impl Shown {
    /// As a person reads it.
    pub(in super::super) fn reading(self, estimate: &Estimate) -> Reading {
        match self {
            Shown::Seconds => seconds(estimate),
            Shown::Percent => percent(estimate),
            Shown::PerSecond => {
                let reading = plain(estimate);
                Reading { value: reading.value + "/s", ..reading }
            }
        }
    }
}

/// The figures of all requests together that are shown of each cell: their names, what they are
/// called and how they read.
pub(in super::super) const MEASURES: [(&str, &str, Shown); 4] = [
    ("latency_mean", "mean latency", Shown::Seconds),
    ("latency_p99", "p99 latency", Shown::Seconds),
    ("error_rate", "errors", Shown::Percent),
    ("throughput", "answered", Shown::PerSecond),
];

/// What is shown of a cell.
#[derive(Clone, Debug)]
pub struct Brief {
    /// [`MEASURES`].
    pub(in super::super) figures: [Estimate; MEASURES.len()],
    /// The resource nearest to its capacity, and how much of it is in use.
    pub(super) busiest: Option<(String, Estimate)>,
    pub(super) warnings: usize,
    /// How many expectations held, failed, and are undecided.
    pub(super) verdicts: [usize; 3],
}

impl Brief {
    /// What is shown of this cell.
    pub(super) fn of(cell: &Cell) -> Brief {
        let count = |decision| cell.verdicts.iter().filter(|(_, holds)| *holds == decision).count();
        let busiest = cell.bottleneck.as_ref();
        Brief {
            figures: MEASURES.map(|(metric, ..)| cell.total(metric)),
            busiest: busiest.map(|(name, resource)| (format!("{name} {resource}"), cell.busiest())),
            warnings: cell.warnings.len(),
            verdicts: [Decision::Holds, Decision::Fails, Decision::Undecided].map(count),
        }
    }

    /// A cell in which all figures are the same.
    #[cfg(test)]
    pub(in super::super) fn showing(figure: Estimate) -> Brief {
        Brief { figures: [figure; MEASURES.len()], busiest: None, warnings: 0, verdicts: [0; 3] }
    }
}
