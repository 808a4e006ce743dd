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

/// The figures that are shown of each cell: their names, what they are called and how they read.
/// All but the caches' hit ratio are of all requests together.
const MEASURES: [(&str, &str, Shown); 9] = [
    ("mean_latency", "mean latency", Shown::Seconds),
    ("p99", "p99 latency", Shown::Seconds),
    ("error_rate", "errors", Shown::Percent),
    ("throughput", "answered", Shown::PerSecond),
    (HIT_RATIO, "hit ratio", Shown::Percent),
    ("browser_hit_ratio", "browser hits", Shown::Percent),
    ("stale_rate", "stale", Shown::Percent),
    ("needless_rate", "needless", Shown::Percent),
    ("leak_rate", "leaks", Shown::Percent),
];

/// That of the cache that is asked most.
const HIT_RATIO: &str = "hit_ratio";

/// How many of them are shown of any sweep; the others where there is something to show.
const ALWAYS: usize = 4;

/// A figure to be shown of each cell.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Told {
    /// What its chart and its key are called.
    pub(in super::super) name: &'static str,
    /// What people call it.
    pub(in super::super) title: &'static str,
    pub(in super::super) shown: Shown,
    /// Its place in a [`Brief`].
    place: usize,
}

/// Every figure that may be shown of a sweep.
pub(in super::super) fn all() -> impl Iterator<Item = Told> {
    let told = |(place, (name, title, shown))| Told { name, title, shown, place };
    MEASURES.into_iter().enumerate().map(told)
}

/// The figures to show of these cells.
pub(in super::super) fn told(briefs: &[Brief]) -> Vec<Told> {
    let something = |told: &Told| briefs.iter().any(|brief| brief.figure(*told).mean > 0.0);
    all().filter(|told| told.place < ALWAYS || something(told)).collect()
}

/// What is shown of a cell.
#[derive(Clone, Debug)]
pub struct Brief {
    /// [`MEASURES`].
    figures: [Estimate; MEASURES.len()],
    /// The resource nearest to its capacity, and how much of it is in use.
    pub(super) busiest: Option<(String, Estimate)>,
    pub(super) warnings: usize,
    /// How many expectations held, failed, and are undecided.
    pub(super) verdicts: [usize; 3],
}

impl Brief {
    /// What is shown of this cell.
    pub fn of(cell: &Cell) -> Brief {
        let count = |decision| cell.verdicts.iter().filter(|(_, holds)| *holds == decision).count();
        let busiest = cell.bottleneck.as_ref();
        Brief {
            figures: MEASURES.map(|(metric, ..)| match metric {
                HIT_RATIO => cell.hit_ratio(),
                _ => cell.total(metric),
            }),
            busiest: busiest.map(|(name, resource)| (format!("{name} {resource}"), cell.busiest())),
            warnings: cell.warnings.len(),
            verdicts: [Decision::Holds, Decision::Fails, Decision::Undecided].map(count),
        }
    }

    pub(in super::super) fn figure(&self, told: Told) -> &Estimate {
        &self.figures[told.place]
    }

    /// A cell in which all figures are the same.
    #[cfg(test)]
    pub(in super::super) fn showing(figure: Estimate) -> Brief {
        Brief { figures: [figure; MEASURES.len()], busiest: None, warnings: 0, verdicts: [0; 3] }
    }
}
