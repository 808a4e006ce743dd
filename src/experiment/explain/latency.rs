//! Where the time of requests goes, on average and in the slowest hundredth.

use crate::deployment::dissect;
use crate::engine::Stream;
use crate::experiment::part::word;
use crate::experiment::replicate::{Plan, horizon};
use crate::experiment::results::Results;
use crate::measure::Recorder;
use crate::parallel::*;
use crate::scenario::Scenario;
use crate::stats::{Estimate, Histogram};
use crate::tracing::{Breakdown, Part, Parts};
use crate::units::Span;

/// Requests slower than this quantile of their type are the slow ones.
const SLOW: f64 = 0.99;

/// The latency of some requests, taken apart.
#[derive(Clone, Debug)]
pub struct Latency {
    /// The client that sent them; empty for all.
    pub client: String,
    /// The request type; `all` for all.
    pub request: String,
    /// Requests answered well, and the slowest hundredth of them, over all replications.
    pub requests: [u64; 2],
    /// Their latencies, summed (ns).
    pub nanos: [u128; 2],
    /// Their mean latencies (s).
    pub mean: [Estimate; 2],
    /// What it went to; adds up to the latency. Nothing that took no time.
    pub shares: Vec<Share>,
}

/// What a part of a component took of some requests' time: of all of them, and of the slowest.
#[derive(Clone, Debug)]
pub struct Share {
    /// The component.
    pub component: String,
    /// `network`, `wait for a worker`, `wait for a connection`, `wait for a core`, `shared cores`,
    /// `work`, `io`, `parallel steps` or
    /// `calls given up`.
    pub part: &'static str,
    /// Summed over the requests (ns).
    pub nanos: [u128; 2],
    /// On average (s).
    pub mean: [Estimate; 2],
}

/// Where the time goes: of all requests, then of each type if there are several. Runs every
/// replication once more: the same, but watched. Nothing if that is stopped.
pub(super) fn latencies(
    scenario: &Scenario,
    results: &Results,
    runs: &[Recorder],
    plan: &Plan,
) -> Vec<Latency> {
    let horizon = horizon(scenario, results.warmup);
    let watched: Option<Vec<Breakdown>> = runs
        .par_iter()
        .enumerate()
        .map(|(replication, run)| {
            let stream = Stream::root(scenario.seed, replication as u64);
            let thresholds = thresholds(run);
            let found =
                dissect(&scenario.deployment, horizon.clone(), stream, plan.stop, &thresholds)?;
            plan.progress.advance(1.0);
            Some(found)
        })
        .collect();
    // A replication that was stopped leaves a gap in the numbers of the others.
    let Some(watched) = watched.filter(|all| all.len() == results.planned) else {
        return Vec::new();
    };
    let all = results.requests.len();
    let group = |index: usize| {
        let result = results.requests.get(index).unwrap_or(&results.total);
        let found: Vec<[&Parts; 2]> = watched
            .iter()
            .map(|breakdown| &breakdown.groups()[index])
            .map(|group| [&group.all, &group.slow])
            .collect();
        Latency {
            client: result.client.clone(),
            request: result.request.clone(),
            requests: [0, 1].map(|which| found.iter().map(|parts| parts[which].requests).sum()),
            nanos: [0, 1].map(|which| found.iter().map(|parts| parts[which].latency).sum()),
            mean: [0, 1].map(|which| mean(&found, which, &|parts| parts.latency)),
            shares: shares(scenario, &found),
        }
    };
    let types = if all > 1 { 0..all } else { 0..0 };
    std::iter::once(all).chain(types).map(group).collect()
}

/// The mean over the requests of each replication.
fn mean(found: &[[&Parts; 2]], which: usize, of: &dyn Fn(&Parts) -> u128) -> Estimate {
    Estimate::of(found.iter().map(|parts| {
        let parts = parts[which];
        of(parts) as f64 * 1e-9 / parts.requests as f64
    }))
}

fn shares(scenario: &Scenario, found: &[[&Parts; 2]]) -> Vec<Share> {
    let mut shares = Vec::new();
    for (component, (name, spec)) in scenario.deployment.topology.iter().enumerate() {
        for part in Part::ALL {
            let sum = |parts: &Parts| parts.sum(component, part);
            let nanos = [0, 1].map(|which| found.iter().map(|parts| sum(parts[which])).sum());
            if nanos != [0, 0] {
                let mean = [0, 1].map(|which| mean(found, which, &sum));
                let part = word(part, spec.word());
                shares.push(Share { component: name.value.clone(), part, nanos, mean });
            }
        }
    }
    shares
}

/// From when on a request is slow: by type, and at last of all.
fn thresholds(run: &Recorder) -> Vec<Span> {
    let of = |latency: &Histogram| {
        // Nobody is slow where nobody is answered.
        latency.quantile(SLOW).map_or(Span::ZERO, Span::from_secs_f64)
    };
    let mut all = Histogram::new();
    run.trackers().iter().for_each(|tracker| all.merge(&tracker.latency));
    run.trackers().iter().map(|tracker| of(&tracker.latency)).chain([of(&all)]).collect()
}
