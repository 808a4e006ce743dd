//! Replications: the same scenario under other random numbers, in parallel.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::engine::Stream;
use crate::model::{Horizon, Recorder, simulate};
use crate::scenario::{Scenario, Warmup};
use crate::units::Span;

use super::results::Results;
use super::summary::summarise;
use super::warmup::find_warmup;

/// Windows of a run's time series, and the most nodes that they all are kept for.
const WINDOWS: usize = 100;
const MOST_NODE_WINDOWS: usize = 1_000_000;

/// Who is told how far things are.
pub trait Progress: Sync {
    /// This many runs are to be made in all, as far as is known.
    fn expect(&self, _runs: usize) {}
    /// One more run is done.
    fn done(&self) {}
}

/// Nobody.
impl Progress for () {}

/// How a scenario is to be run.
pub struct Plan<'a> {
    /// Told of every finished run.
    pub progress: &'a dyn Progress,
    /// Set to end early with what is finished.
    pub stop: &'a AtomicBool,
}

/// Runs all replications of a scenario. `None` if it was stopped before the first was finished.
pub fn replicate(scenario: &Scenario, plan: &Plan) -> Option<Results> {
    let (runs, warmup) = run_all(scenario, plan)?;
    Some(summarise(scenario, warmup, &runs))
}

/// How much of the start was left out of the figures, and how that was decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Omitted {
    pub(super) warmup: Span,
    pub(super) found: bool,
    /// Whether the transient was seen to end.
    pub(super) settled: bool,
}

/// The records of all replications, in their order, and how much of the start they leave out.
pub(super) fn run_all(scenario: &Scenario, plan: &Plan) -> Option<(Vec<Recorder>, Omitted)> {
    let replications = scenario.replications;
    plan.progress.expect(usize::try_from(replications).unwrap_or(usize::MAX));
    let omitted = match scenario.warmup {
        Warmup::Given(warmup) => Omitted { warmup, found: false, settled: true },
        Warmup::Auto => find_warmup(scenario, plan)?,
    };
    let horizon = horizon(scenario, omitted.warmup);
    let runs: Vec<Recorder> = (0..replications)
        .into_par_iter()
        .filter_map(|replication| run_one(scenario, horizon, replication, plan))
        .collect();
    (!runs.is_empty()).then_some((runs, omitted))
}

/// How replications are measured.
pub(super) fn horizon(scenario: &Scenario, warmup: Span) -> Horizon {
    let nodes: u64 = scenario.deployment.topology.iter().map(|(_, spec)| spec.instances()).sum();
    let windows = MOST_NODE_WINDOWS / usize::try_from(nodes.max(1)).unwrap_or(usize::MAX);
    Horizon {
        duration: scenario.duration,
        warmup,
        windows: windows.clamp(1, WINDOWS),
        detail: true,
    }
}

/// One run; `None` if it was stopped.
pub(super) fn run_one(
    scenario: &Scenario,
    horizon: Horizon,
    replication: u64,
    plan: &Plan,
) -> Option<Recorder> {
    if plan.stop.load(Ordering::Relaxed) {
        return None;
    }
    let stream = Stream::root(scenario.seed, replication);
    let run = simulate(&scenario.deployment, horizon, stream, plan.stop)?;
    plan.progress.done();
    Some(run)
}
