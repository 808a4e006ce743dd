//! Where the transient ends: MSER-5 on pilot runs.

use crate::measure::Horizon;
use crate::parallel::*;
use crate::scenario::Scenario;
use crate::stats::mser5;
use crate::units::Span;

use super::replicate::{Omitted, Plan, run_one};

/// Pilot runs: the first replications, run once more. Their windows are averaged, since one run's
/// noise hides a transient.
const PILOTS: u64 = 5;
/// Windows of a pilot run; MSER-5 can tell the warm-up to five of these.
const WINDOWS: usize = 1000;

/// Finds how long the number of requests in flight takes to forget the empty start.
pub(super) fn find_warmup(scenario: &Scenario, plan: &Plan) -> Option<Omitted> {
    let pilots = pilots(scenario.replications);
    plan.progress.expect(usize::try_from(scenario.replications + pilots).unwrap_or(usize::MAX));
    let horizon = pilot_horizon(scenario);
    let runs: Vec<Vec<f64>> = (0..pilots)
        .into_par_iter()
        .map(|pilot| {
            let run = run_one(scenario, &horizon, pilot, plan)?;
            Some(run.windows().in_flight.clone())
        })
        .collect::<Option<_>>()?;
    Some(truncate(scenario, &runs))
}

/// How many pilot runs go before so many replications.
pub(super) fn pilots(replications: u64) -> u64 {
    replications.min(PILOTS)
}

/// How pilot runs are measured.
pub(super) fn pilot_horizon(scenario: &Scenario) -> Horizon {
    Horizon { duration: scenario.duration, warmup: Span::ZERO, windows: WINDOWS, probes: [].into() }
}

/// The warm-up by the number in flight in each window of each pilot run.
pub(super) fn truncate(scenario: &Scenario, runs: &[Vec<f64>]) -> Omitted {
    let mean = |window| runs.iter().map(|run| run[window]).sum::<f64>() / runs.len() as f64;
    let windows = runs.iter().map(Vec::len).min().unwrap_or(0);
    let series: Vec<f64> = (0..windows).map(mean).collect();
    let truncation = mser5(&series);
    let window = scenario.duration.nanos() / WINDOWS as u64;
    let warmup = Span::from_nanos(window * truncation.observations as u64);
    Omitted { warmup, found: true, settled: truncation.converged }
}
