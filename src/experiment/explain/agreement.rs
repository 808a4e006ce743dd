//! Predicted against simulated.

use crate::experiment::results::{ComponentResult, Results};
use crate::stats::Estimate;

use super::analytic::{AnalyticModel, ComponentTheory};

/// One figure, predicted and simulated.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// The component, or `all requests`.
    pub subject: String,
    /// The figure: `throughput`, `mean_latency`, `hit_ratio`, `utilisation:cpu`, `wait` or `own`.
    pub measure: String,
    /// Such as `s`, `1/s` or `share`.
    pub unit: &'static str,
    /// What theory says; infinite where there is no steady state.
    pub predicted: f64,
    /// What was simulated.
    pub simulated: Estimate,
    /// How they agree.
    pub verdict: Verdict,
}

/// How a prediction and a simulation agree.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Verdict {
    /// The prediction lies in the confidence interval of what was simulated, or so near to its mean
    /// that nobody could tell.
    Agrees,
    /// It is off by this share of what was simulated: 0.1 is a tenth too much.
    Off(f64),
    /// One of them is no number.
    Unknown,
}

fn verdict(predicted: f64, simulated: &Estimate) -> Verdict {
    if simulated.mean.is_nan() || !predicted.is_finite() {
        return Verdict::Unknown;
    }
    // What differs by less than a ten-thousandth, or a nanosecond, cannot be told apart by eye.
    let near = (1e-4 * predicted.abs()).max(1e-9);
    let half = simulated.half_width.unwrap_or(0.0).max(near);
    if (predicted - simulated.mean).abs() <= half {
        Verdict::Agrees
    } else if simulated.mean == 0.0 {
        Verdict::Unknown
    } else {
        Verdict::Off(predicted / simulated.mean - 1.0)
    }
}

/// Everything that both know. Hit ratios are those that were predicted before the run; all else is
/// predicted from those that were simulated.
pub(super) fn agreements(
    before: &AnalyticModel,
    analytic_model: &AnalyticModel,
    results: &Results,
) -> Vec<Agreement> {
    let mut list = Vec::new();
    let mut add = |subject: &str, measure: &str, unit, predicted: f64, simulated: Estimate| {
        list.push(Agreement {
            subject: subject.to_owned(),
            measure: measure.to_owned(),
            unit,
            predicted,
            simulated,
            verdict: verdict(predicted, &simulated),
        });
    };
    let all = &results.total;
    add("all requests", "throughput", "1/s", analytic_model.throughput, all.throughput);
    add("all requests", "mean_latency", "s", analytic_model.latency, all.mean_latency);
    for (index, (theory, found)) in
        analytic_model.components.iter().zip(&results.components).enumerate()
    {
        if let (Some(ratio), Some(cache)) = (before.components[index].hit_ratio, &found.cache) {
            add(&theory.name, "hit_ratio", "share", ratio, cache.hit_ratio);
        }
        component(analytic_model, theory, found, &mut add);
    }
    for found in results.components.iter().skip(analytic_model.components.len()) {
        utilisations(analytic_model, found, &mut add);
    }
    list
}

/// How much is in use of what a component or a machine has.
fn utilisations(
    analytic_model: &AnalyticModel,
    found: &ComponentResult,
    add: &mut dyn FnMut(&str, &str, &'static str, f64, Estimate),
) {
    for resource in &found.resources {
        let mut known =
            analytic_model.resources.iter().filter(|known| known.component == found.name);
        if let Some(known) = known.find(|known| known.resource == resource.name) {
            let measure = format!("utilisation:{}", resource.name);
            add(&found.name, &measure, "share", known.utilisation, resource.utilisation);
        }
    }
}

fn component(
    analytic_model: &AnalyticModel,
    theory: &ComponentTheory,
    found: &ComponentResult,
    add: &mut dyn FnMut(&str, &str, &'static str, f64, Estimate),
) {
    let name = theory.name.as_str();
    utilisations(analytic_model, found, add);
    // What only passes on takes no time of its own, and nobody waits for what is not used.
    if !found.resources.is_empty() && theory.rate > 0.0 {
        add(name, "wait", "s", theory.wait, found.wait);
        add(name, "own", "s", theory.own, found.own);
    }
}
