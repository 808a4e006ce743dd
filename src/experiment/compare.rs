//! Variants of a scenario, compared with the first by common random numbers: the same replication
//! of each meets the same users with the same demands, so that what differs is the variant's.
//!
//! Each figure's interval is Student's t over the differences within replications. The figures
//! that are told of all requests together are read at once, so their intervals are made wide enough
//! to be right all together: Bonferroni's correction, which unlike Holm's gives intervals and not
//! only verdicts.

use std::collections::BTreeMap;

use crate::measure::Horizon;
use crate::parallel::*;
use crate::scenario::{Scenario, Warmup};
use crate::stats::{Estimate, Tally};
use crate::units::Span;

use super::headlines::headlines;
use super::measure::{Measure, Measures};
use super::replicate::{DoneOnly, Omitted, Plan, horizon, omit, run_one};
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
    let quiet = DoneOnly(plan.progress);
    let plan = Plan { progress: &quiet, stop: plan.stop };
    let omitted = variants.iter().map(|(_, scenario)| omit(scenario, &plan));
    let omitted: Vec<Omitted> = omitted.collect::<Option<_>>()?;
    let omitted = omitted.into_iter().max_by_key(|omitted| omitted.warmup)?;
    let warmup = omitted.warmup;
    let horizons: Vec<Horizon> =
        variants.iter().map(|(_, scenario)| horizon(scenario, warmup)).collect();
    let one = |replication| -> Option<Vec<Figures>> {
        let each = variants.iter().zip(&horizons);
        each.map(|((_, scenario), horizon)| {
            let run = run_one(scenario, horizon, replication, &plan)?;
            Some(figures(&summarise(scenario, omitted, &[run])))
        })
        .collect()
    };
    let all: Vec<Vec<Figures>> = (0..first.replications).into_par_iter().filter_map(one).collect();
    if all.is_empty() {
        return None;
    }
    let headlines = compared();
    let family = headlines.len() * (variants.len() - 1);
    let read = Read { headlines, family };
    let differences = (1..variants.len()).map(|this| differences(&all, this, &read)).collect();
    Some(Comparison {
        names: variants.iter().map(|(name, _)| name.clone()).collect(),
        seed: first.seed,
        replications: all.len(),
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

/// The figures of one replication, in their order.
type Figures = Vec<((Subject, String), (&'static str, f64))>;

fn figures(results: &crate::experiment::results::Results) -> Figures {
    let of = |subject: Subject, measures: &Measures| -> Figures {
        let one = |m: &Measure| ((subject.clone(), m.name.clone()), (m.unit, m.values[0]));
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

/// Every figure that both the first variant and number `this` have.
fn differences(all: &[Vec<Figures>], this: usize, read: &Read) -> Vec<Difference> {
    // In the order of the first replication that has them: an outcome may be rare.
    let mut order: Vec<(&(Subject, String), &'static str)> = Vec::new();
    let mut values: BTreeMap<&(Subject, String), Vec<[f64; 2]>> = BTreeMap::new();
    for (replication, figures) in all.iter().enumerate() {
        for (side, of) in [(0, &figures[0]), (1, &figures[this])] {
            for (key, (unit, value)) in of {
                let pairs = values.entry(key).or_insert_with(|| {
                    order.push((key, *unit));
                    // What is not told did not happen, if it is an outcome.
                    let missing = if key.1.starts_with("outcome_") { 0.0 } else { f64::NAN };
                    vec![[missing; 2]; all.len()]
                });
                pairs[replication][side] = *value;
            }
        }
    }
    let of =
        |(key, unit): (&(Subject, String), &'static str)| difference(key, unit, &values[key], read);
    order.into_iter().map(of).filter(|of| of.difference.n > 0).collect()
}

fn difference(
    (subject, name): &(Subject, String),
    unit: &'static str,
    pairs: &[[f64; 2]],
    read: &Read,
) -> Difference {
    let side = |side: usize| pairs.iter().map(move |pair| pair[side]);
    let difference = || pairs.iter().map(|[first, this]| this - first);
    let headline = *subject == Subject::Total && read.headlines.contains(name);
    let confidence = 1.0 - (1.0 - CONFIDENCE) / read.family as f64;
    Difference {
        subject: subject.clone(),
        name: name.clone(),
        unit,
        first: Estimate::of(side(0)),
        this: Estimate::of(side(1)),
        difference: Estimate::of(difference()),
        corrected: headline.then(|| Estimate::with_confidence(difference(), confidence)),
        pairing: pairing(pairs),
    }
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
