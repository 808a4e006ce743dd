//! Replications: the same scenario under other random numbers, in parallel.

use std::cell::Cell;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::deployment::simulate;
use crate::engine::Stream;
use crate::measure::{Horizon, Recorder};
use crate::parallel::*;
use crate::runtime::Watch;
use crate::scenario::{Scenario, Warmup};
use crate::units::Span;

use super::results::Results;
use super::series::probes;
use super::summary::summarise;
use super::target::horizon_with;
use super::warmup::find_warmup;

/// Windows of a run's time series, the most nodes that they all are kept for, and the least that
/// one of them spans.
const WINDOWS: usize = 100;
const MOST_NODE_WINDOWS: u64 = 1_000_000;
const SHORTEST_WINDOW: Span = Span::from_nanos(1_000);

/// Who is told how far things are.
pub trait Progress: Sync {
    /// This many runs are to be made in all, as far as is known.
    fn expect(&self, _runs: usize) {}
    /// This share of one run has passed; of a run that is over, 1 in all.
    fn advance(&self, _share: f64) {}
}

/// Nobody.
impl Progress for () {}

/// Passes on what has passed, to a caller that knows better how much there is to do.
pub(super) struct AdvanceOnly<'a>(pub(super) &'a dyn Progress);

impl Progress for AdvanceOnly<'_> {
    fn advance(&self, share: f64) {
        self.0.advance(share);
    }
}

/// A run of an experiment on its way.
struct OnItsWay<'a> {
    plan: &'a Plan<'a>,
    /// The share of it that has been told.
    told: Cell<f64>,
}

impl Watch for OnItsWay<'_> {
    fn goes_on(&self, share: f64) -> bool {
        self.told.set(self.told.get() + share);
        self.plan.progress.advance(share);
        self.plan.stop.goes_on(share)
    }
}

/// How a scenario is to be run.
pub struct Plan<'a> {
    /// Told how far the runs have come.
    pub progress: &'a dyn Progress,
    /// Set to end early with what is finished.
    pub stop: &'a AtomicBool,
}

impl Scenario {
    /// Runs all replications, and says what came out and how sure that is.
    pub fn run(&self) -> Results {
        let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
        replicate(self, &plan).expect("nothing stops it")
    }
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
    let omitted = omit(scenario, plan)?;
    let horizon = horizon(scenario, omitted.warmup);
    let runs = run_some(scenario, &horizon, 0..replications, plan);
    (!runs.is_empty()).then_some((runs, omitted))
}

/// How much of the start is to be left out.
pub(super) fn omit(scenario: &Scenario, plan: &Plan) -> Option<Omitted> {
    match scenario.warmup {
        Warmup::Given(warmup) => Some(Omitted { warmup, found: false, settled: true }),
        Warmup::Auto => find_warmup(scenario, plan),
    }
}

/// The replications of these numbers, in their order; fewer if it was stopped.
pub(super) fn run_some(
    scenario: &Scenario,
    horizon: &Horizon,
    numbers: Range<u64>,
    plan: &Plan,
) -> Vec<Recorder> {
    let one = |replication| run_one(scenario, horizon, replication, plan);
    numbers.into_par_iter().filter_map(one).collect()
}

/// How replications are measured.
pub(super) fn horizon(scenario: &Scenario, warmup: Span) -> Horizon {
    let nodes: u64 = scenario.deployment.topology.iter().map(|(_, spec)| spec.instances()).sum();
    let within = |most: u64| usize::try_from(most).unwrap_or(usize::MAX).clamp(1, WINDOWS);
    let measured = scenario.duration.nanos().saturating_sub(warmup.nanos());
    let windows = within(MOST_NODE_WINDOWS / nodes.max(1));
    let horizon = Horizon {
        duration: scenario.duration,
        warmup,
        windows: windows.min(within(measured / SHORTEST_WINDOW.nanos())),
        probes: probes(scenario).into(),
    };
    horizon_with(horizon, scenario, scenario.expectations.iter().map(|e| &e.figure))
}

/// One run; `None` if it was stopped.
pub(super) fn run_one(
    scenario: &Scenario,
    horizon: &Horizon,
    replication: u64,
    plan: &Plan,
) -> Option<Recorder> {
    if plan.stop.load(Ordering::Relaxed) {
        return None;
    }
    let stream = Stream::root(scenario.seed, replication);
    let watch = OnItsWay { plan, told: Cell::new(0.0) };
    let run = simulate(&scenario.deployment, horizon.clone(), stream, &watch)?;
    plan.progress.advance(1.0 - watch.told.get());
    Some(run)
}
