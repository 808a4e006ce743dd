//! What tables and charts show of a cell.

use crate::experiment::cells::Cell;
use crate::experiment::headlines::headlines;
use crate::experiment::results::Decision;
use crate::measure::{About, Headline, InSweeps, Metric};
use crate::stats::Estimate;

use super::super::number::exceeds;
use super::super::shown::Shown;

/// A mean latency leaves as much to errors as this quantile.
const MEAN_AS: f64 = 0.99;

/// A figure to be shown of each cell.
#[derive(Clone, Debug)]
pub(in super::super) struct Told {
    /// How it is written, which is what its chart and its key are called.
    pub(in super::super) name: String,
    /// What people call it.
    pub(in super::super) title: &'static str,
    pub(in super::super) shown: Shown,
    /// Of a latency, from which quantile on it is of those answered alone; of a mean as of `p99`.
    of_latency: Option<f64>,
    /// When it is shown.
    when: InSweeps,
    /// Whether it is of the component that is asked most of those that have it, and not of all
    /// requests together.
    of_component: bool,
    /// Its place in a [`Brief`].
    place: usize,
}

impl Told {
    fn new(name: String, headline: &Headline, metric: &Metric) -> Told {
        let shown = Shown::of(metric);
        let of_component = metric.about == About::Component;
        let when = headline.in_sweeps;
        let of_latency = (metric.about == About::Requests && shown == Shown::Seconds)
            .then_some(headline.quantile.unwrap_or(MEAN_AS));
        Told { name, title: headline.title, shown, of_latency, when, of_component, place: 0 }
    }
}

/// Every figure that may be shown of a sweep: what is always shown first, and of that times, then
/// shares, then rates.
pub(in super::super) fn all() -> impl Iterator<Item = Told> {
    let told = headlines().map(|(name, metric, headline)| Told::new(name, headline, metric));
    let mut told: Vec<Told> = told.filter(|told| told.when != InSweeps::Never).collect();
    told.sort_by_key(|told| (told.when, told.shown));
    (0..).zip(told).map(|(place, told)| Told { place, ..told })
}

/// The figures to show of these cells.
pub(in super::super) fn told(briefs: &[Brief]) -> Vec<Told> {
    let something = |told: &Told| briefs.iter().any(|brief| brief.figure(told).mean > 0.0);
    all().filter(|told| told.when == InSweeps::Always || something(told)).collect()
}

/// What is shown of a cell.
#[derive(Clone, Debug)]
pub struct Brief {
    /// Those of [`all`].
    figures: Vec<Estimate>,
    /// The resource nearest to its capacity, and how much of it is in use.
    pub(super) busiest: Option<(String, Estimate)>,
    pub(super) warnings: usize,
    /// The share of the requests that ended without an answer.
    errors: Estimate,
    /// How many expectations held, failed, and are undecided.
    pub(super) verdicts: [usize; 3],
}

/// About what a [`Brief`] takes in memory \[bytes\].
pub fn brief_bytes() -> usize {
    size_of::<Brief>() + all().count() * size_of::<Estimate>()
}

impl Brief {
    /// What is shown of this cell.
    pub fn of(cell: &Cell) -> Brief {
        let count = |decision| cell.verdicts.iter().filter(|(_, holds)| *holds == decision).count();
        let busiest = cell.bottleneck.as_ref();
        Brief {
            figures: all()
                .map(|told| match told.of_component {
                    true => cell.of_most_asked(&told.name),
                    false => cell.total(&told.name),
                })
                .collect(),
            busiest: busiest.map(|(name, resource)| (format!("{name} {resource}"), cell.busiest())),
            warnings: cell.warnings.len(),
            errors: cell.total("error_rate"),
            verdicts: [Decision::Holds, Decision::Fails, Decision::Undecided].map(count),
        }
    }

    pub(in super::super) fn figure(&self, told: &Told) -> &Estimate {
        &self.figures[told.place]
    }

    /// Whether a figure is a latency of those answered alone, so many having had no answer that it
    /// is not that of all requests.
    pub(in super::super) fn is_of_answered(&self, told: &Told) -> bool {
        told.of_latency.is_some_and(|quantile| exceeds(&self.errors, quantile))
    }

    /// A cell in which all figures are the same.
    #[cfg(test)]
    pub(in super::super) fn showing(figure: Estimate) -> Brief {
        let figures = all().map(|_| figure).collect();
        let errors = Estimate::exact(0.0);
        Brief { figures, busiest: None, warnings: 0, errors, verdicts: [0; 3] }
    }
}
