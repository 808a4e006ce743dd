//! Variants of a scenario, compared with the first by common random numbers: the same replication
//! of each meets the same users with the same demands, so that what differs is the variant's.
//!
//! Each figure's interval is Student's t over the differences within replications; of shares and
//! quantiles, which are those of all replications together, over the differences of what each
//! replication contributes to them. The figures
//! that are told of all requests together are read at once, so their intervals are made wide enough
//! to be right all together: Bonferroni's correction, which unlike Holm's gives intervals and not
//! only verdicts.

use std::collections::BTreeMap;

use crate::measure::{Horizon, Recorder, Statistic};
use crate::parallel::*;
use crate::scenario::{Scenario, Warmup};
use crate::stats::{Estimate, Influence, Tally};
use crate::units::Span;

use super::headlines::headlines;
use super::measure::{Measure, Measures};
use super::replicate::{AdvanceOnly, Omitted, Plan, horizon, omit, run_one};
use super::summary::summarise;
use super::warmup::pilots;

/// All intervals together are right with this probability.
pub const CONFIDENCE: f64 = 0.95;

/// The figures of all requests together that are compared at once, as they are written.
pub fn compared() -> Vec<String> {
    headlines().filter(|(.., headline)| headline.compared).map(|(name, ..)| name).collect()
}

/// Variants, compared with the first.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What the variants are called, the first of them first.
    pub names: Vec<String>,
    /// The root of all random streams.
    pub seed: u64,
    /// Replications finished of every variant. Fewer than `planned` after an interruption.
    pub replications: usize,
    /// Replications asked for.
    pub planned: usize,
    /// Simulated length of each, warm-up included.
    pub duration: Span,
    /// How much of the start is left out of every figure: as much as the slowest variant needs.
    pub warmup: Span,
    /// For each variant but the first, how its figures differ.
    pub differences: Vec<Vec<Difference>>,
    /// For how many comparisons the intervals of [`compared`] are corrected.
    pub family: usize,
}

/// Of what a figure is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// All requests of all clients together.
    Total,
    /// One request type of one client.
    Request {
        /// The client.
        client: String,
        /// The request type.
        request: String,
    },
    /// A component.
    Component(String),
}

/// One figure of a variant beside that of the first.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Of what.
    pub subject: Subject,
    /// The figure's name among the measures.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// What it is in the first variant.
    pub first: Estimate,
    /// What it is in this one.
    pub this: Estimate,
    /// How much more it is in this one; the 95% interval of this figure alone.
    pub difference: Estimate,
    /// The same with an interval that is right together with all others of the family; of
    /// [`compared`] only.
    pub corrected: Option<Estimate>,
    /// How many times as many replications would be needed if they were not paired: the sum of the
    /// two variances over that of the difference. `None` where nothing varies.
    pub pairing: Option<f64>,
}

/// Runs all variants under the random numbers of the first and compares them with it. `None` if it
/// was stopped before the first replication of all was finished.
pub fn compare(variants: &[(String, Scenario)], plan: &Plan) -> Option<Comparison> {
    let (_, first) = variants.first()?;
    let runs = usize::try_from(first.replications).unwrap_or(usize::MAX);
    let first_runs = |scenario: &Scenario| match scenario.warmup {
        Warmup::Auto => usize::try_from(pilots(scenario.replications)).unwrap_or(0),
        Warmup::Given(_) => 0,
    };
    let pilots: usize = variants.iter().map(|(_, scenario)| first_runs(scenario)).sum();
    plan.progress.expect(runs.saturating_mul(variants.len()).saturating_add(pilots));
    let quiet = AdvanceOnly(plan.progress);
    let plan = Plan { progress: &quiet, stop: plan.stop };
    let omitted = variants.iter().map(|(_, scenario)| omit(scenario, &plan));
    let omitted: Vec<Omitted> = omitted.collect::<Option<_>>()?;
    let omitted = omitted.into_iter().max_by_key(|omitted| omitted.warmup)?;
    let warmup = omitted.warmup;
    let horizons: Vec<Horizon> =
        variants.iter().map(|(_, scenario)| horizon(scenario, warmup)).collect();
    let one = |replication| -> Option<Vec<Recorder>> {
        let each = variants.iter().zip(&horizons);
        each.map(|((_, scenario), horizon)| run_one(scenario, horizon, replication, &plan))
            .collect()
    };
    let all: Vec<Vec<Recorder>> = (0..first.replications).into_par_iter().filter_map(one).collect();
    let replications = all.len();
    if replications == 0 {
        return None;
    }
    let all: Vec<Figures> = (variants.iter().zip(by_variant(all, variants.len())))
        .map(|((_, scenario), runs)| figures(&summarise(scenario, omitted, &runs)))
        .collect();
    let headlines = compared();
    let family = headlines.len() * (variants.len() - 1);
    let read = Read { headlines, family };
    let differences = all[1..].iter();
    let differences = differences.map(|this| self::differences(&all[0], this, &read)).collect();
    Some(Comparison {
        names: variants.iter().map(|(name, _)| name.clone()).collect(),
        seed: first.seed,
        replications,
        planned: runs,
        duration: first.duration,
        warmup,
        differences,
        family,
    })
}

/// The figures that are read at once: their names, and how many of them there are in all.
struct Read {
    headlines: Vec<String>,
    family: usize,
}

/// The runs of each variant, from those of each replication.
fn by_variant(all: Vec<Vec<Recorder>>, variants: usize) -> Vec<Vec<Recorder>> {
    let mut found: Vec<Vec<Recorder>> = (0..variants).map(|_| Vec::new()).collect();
    for replication in all {
        found.iter_mut().zip(replication).for_each(|(of, run)| of.push(run));
    }
    found
}

/// The figures of a variant, in their order.
type Figures = Vec<((Subject, String), Figure)>;

/// A figure of a variant.
#[derive(Clone, Debug)]
struct Figure {
    unit: &'static str,
    estimate: Estimate,
    /// What each replication contributes; `None` where the figure is not known.
    influence: Option<Influence>,
}

impl Figure {
    fn of(measure: &Measure) -> Figure {
        let values = || Influence { values: measure.values.clone(), resolution: 0.0 };
        let (estimate, influence) = match measure.statistic {
            Statistic::Pooled => (measure.estimate, measure.influence.clone()),
            // Of sums and greatest values too it is the mean of a replication that is compared.
            _ => (Estimate::of(measure.values.iter().copied()), Some(values())),
        };
        Figure { unit: measure.unit, estimate, influence }
    }

    /// What is not told did not happen, if it is an outcome.
    fn missing(name: &str, other: &Figure) -> Option<Figure> {
        let influence = other.influence.as_ref()?;
        let values = vec![0.0; influence.values.len()];
        let estimate = Estimate::of(values.iter().copied());
        let influence = Some(Influence { values, resolution: 0.0 });
        name.starts_with("outcome_").then_some(Figure { unit: other.unit, estimate, influence })
    }
}

fn figures(results: &crate::experiment::results::Results) -> Figures {
    let of = |subject: Subject, measures: &Measures| -> Figures {
        let one = |m: &Measure| ((subject.clone(), m.name.clone()), Figure::of(m));
        measures.0.iter().map(one).collect()
    };
    let total = of(Subject::Total, &results.total.measures);
    let requests = results.requests.iter().flat_map(|result| {
        let (client, request) = (result.client.clone(), result.request.clone());
        of(Subject::Request { client, request }, &result.measures)
    });
    let components = results
        .components
        .iter()
        .flat_map(|result| of(Subject::Component(result.name.clone()), &result.measures));
    total.into_iter().chain(requests).chain(components).collect()
}

/// Every figure that both variants have, in the order of the first.
fn differences(first: &Figures, this: &Figures, read: &Read) -> Vec<Difference> {
    let index = |figures: &Figures| -> BTreeMap<(Subject, String), Figure> {
        figures.iter().cloned().collect()
    };
    let (firsts, others) = (index(first), index(this));
    let only = this.iter().filter(|(key, _)| !firsts.contains_key(key));
    let pair = |(key, _): &((Subject, String), Figure)| {
        let (one, other) = (firsts.get(key), others.get(key));
        let one = one.cloned().or_else(|| Figure::missing(&key.1, other?))?;
        let other = other.cloned().or_else(|| Figure::missing(&key.1, &one))?;
        Some(difference(key, [&one, &other], read))
    };
    first.iter().chain(only).filter_map(pair).filter(|of| of.difference.n > 0).collect()
}

fn difference(
    (subject, name): &(Subject, String),
    [first, this]: [&Figure; 2],
    read: &Read,
) -> Difference {
    let headline = *subject == Subject::Total && read.headlines.contains(name);
    let confidence = 1.0 - (1.0 - CONFIDENCE) / read.family as f64;
    let influences = first.influence.as_ref().zip(this.influence.as_ref());
    let pairs: Vec<[f64; 2]> = influences.map_or_else(Vec::new, |(first, this)| {
        first.values.iter().zip(&this.values).map(|(first, this)| [*first, *this]).collect()
    });
    let apart = |confidence: f64| match influences {
        Some((first, this)) => paired(first, this, confidence),
        // What is not known of one is not known of the difference.
        None => Estimate { n: first.estimate.n.min(this.estimate.n), ..Estimate::point(f64::NAN) },
    };
    Difference {
        subject: subject.clone(),
        name: name.clone(),
        unit: first.unit,
        first: first.estimate,
        this: this.estimate,
        difference: apart(CONFIDENCE),
        corrected: headline.then(|| apart(confidence)),
        pairing: pairing(&pairs),
    }
}

/// Student's t over the differences within replications, and by how much either may be off besides.
fn paired(first: &Influence, this: &Influence, confidence: f64) -> Estimate {
    let differences = first.values.iter().zip(&this.values).map(|(first, this)| this - first);
    let mut found = Estimate::with_confidence(differences, confidence);
    // Where nothing at all differs, what both may be off by is the same.
    let same = first == this && first.values.iter().any(|value| *value != first.values[0]);
    let resolution = if same { 0.0 } else { first.resolution + this.resolution };
    found.half_width = found.half_width.map(|half_width| half_width + resolution);
    found
}

fn pairing(pairs: &[[f64; 2]]) -> Option<f64> {
    let both = || pairs.iter().filter(|[first, this]| !(first.is_nan() || this.is_nan()));
    let variance =
        |of: &dyn Fn(&[f64; 2]) -> f64| -> f64 { both().map(of).collect::<Tally>().variance() };
    let apart = variance(&|pair| pair[0]) + variance(&|pair| pair[1]);
    let ratio = apart / variance(&|pair| pair[1] - pair[0]);
    ratio.is_finite().then_some(ratio)
}

#[cfg(test)]
mod tests;
