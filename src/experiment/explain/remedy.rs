//! What would help: each capacity in turn a little greater, under the same random numbers. Only the
//! most promising are tried, and each is built when its turn comes, so that time and memory do not
//! grow with the square of what is deployed.

use crate::deployment::Deployment;
use crate::experiment::replicate::{Plan, run_all};
use crate::experiment::results::{ComponentResult, Results};
use crate::measure::Recorder;
use crate::scenario::{Change, Warmup};
use crate::stats::{Estimate, Histogram};
use crate::units::Span;

use super::Changed;

/// The most changes that are tried.
pub(super) const TRIED: usize = 20;

/// All changes that were tried.
#[derive(Clone, Debug)]
pub struct Remedies {
    /// The best first.
    pub list: Vec<Remedy>,
    /// How many changes there are, tried or not.
    pub possible: usize,
    /// How many were not tried, because the program was stopped.
    pub left_out: usize,
}

/// A change of one capacity, and what it brings.
#[derive(Clone, Debug)]
pub struct Remedy {
    /// The component.
    pub component: String,
    /// What is changed, such as `cores 4 → 5`.
    pub what: String,
    /// The change, as `--set` takes it; of what only helps together, both.
    pub sets: Vec<String>,
    /// By how much the 99th percentile of all latencies falls (s); mean of paired differences.
    pub p99_cut: Estimate,
    /// By how much the mean latency falls (s).
    pub mean_cut: Estimate,
    /// How many more requests per second are answered well.
    pub throughput_gain: Estimate,
    /// What is sure of both, as shares of p99 as it was and of throughput as it is then: the rank.
    pub score: f64,
}

/// A change that may be tried.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    component: String,
    what: String,
    sets: Vec<String>,
    /// How much of what it makes greater is in use; 0 to 1.
    used: f64,
}

/// The figures of one replication that changes are judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    p99: f64,
    mean: f64,
    throughput: f64,
}

impl Figures {
    pub(super) fn of(run: &Recorder) -> Figures {
        let mut latency = Histogram::new();
        run.trackers().iter().for_each(|tracker| latency.merge(&tracker.latency));
        let answered: u64 = run.trackers().iter().map(|tracker| tracker.answered).sum();
        Figures {
            p99: latency.quantile(0.99).unwrap_or(f64::NAN),
            mean: latency.mean(),
            throughput: answered as f64 / run.end().since(run.start()).secs(),
        }
    }
}

/// How many changes there are.
pub(super) fn possible(deployment: &Deployment) -> usize {
    deployment.topology.iter().map(|(_, spec)| spec.kind().grown().len()).sum()
}

/// Every capacity a little greater: what is in use most comes first, and of equals what the
/// scenario says first.
pub(super) fn candidates(deployment: &Deployment, results: &Results) -> Vec<Candidate> {
    let mut list = Vec::new();
    for ((name, spec), found) in deployment.topology.iter().zip(&results.components) {
        let path = path(&name.value, spec.word());
        for grown in spec.kind().grown() {
            let sets = grown.keys.iter().map(|key| format!("{path}.{key}={}", grown.after));
            list.push(Candidate {
                component: name.value.clone(),
                what: format!("{} {} → {}", grown.keys.join(", "), grown.before, grown.after),
                sets: sets.collect(),
                used: used(found, &grown.keys),
            });
        }
    }
    list.sort_by(|a, b| b.used.total_cmp(&a.used));
    list
}

/// How much of what these keys make greater is in use, of the busiest instance: `cores` and `speed`
/// of the cores, workers and connections of themselves, and more replicas of all that each has.
fn used(found: &ComponentResult, keys: &[&str]) -> f64 {
    let concerned = |name: &str| {
        keys.iter().any(|&key| match key {
            "cores" | "speed" => name == "cpu",
            "replicas" => true,
            slots => name == slots,
        })
    };
    let concerned = found.resources.iter().filter(|resource| concerned(resource.name));
    concerned.map(|resource| resource.busiest.mean).fold(0.0, f64::max)
}

/// The path of a component's keys.
fn path(name: &str, kind: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let quote = match plain {
        true => "",
        false if name.contains('"') => "'",
        false => "\"",
    };
    format!("topology.{quote}{name}{quote}.{kind}")
}

/// Tries the first changes on the replications that `before` are the figures of.
pub(super) fn remedies(
    mut candidates: Vec<Candidate>,
    changed: Changed,
    warmup: Span,
    before: &[Figures],
    plan: &Plan,
) -> Remedies {
    let mut remedies = Remedies { list: Vec::new(), possible: candidates.len(), left_out: 0 };
    candidates.truncate(TRIED);
    remedies.left_out = candidates.len();
    for candidate in candidates {
        let sets = candidate.sets.iter().cloned().map(Change::Set).collect();
        let Some(mut scenario) = changed(sets) else {
            // Not everything can be greater: a limit may be reached.
            remedies.possible -= 1;
            remedies.left_out -= 1;
            continue;
        };
        // The same part of the same runs.
        scenario.warmup = Warmup::Given(warmup);
        let Some((runs, _)) = run_all(&scenario, plan) else { break };
        let after: Vec<Figures> = runs.iter().map(Figures::of).collect();
        if after.len() != before.len() {
            break;
        }
        remedies.list.push(judge(candidate, before, &after));
        remedies.left_out -= 1;
    }
    remedies.list.sort_by(|a, b| b.score.total_cmp(&a.score));
    remedies
}

fn judge(candidate: Candidate, before: &[Figures], after: &[Figures]) -> Remedy {
    let paired = |gain: &dyn Fn(&Figures, &Figures) -> f64| {
        Estimate::of(before.iter().zip(after).map(|(before, after)| gain(before, after)))
    };
    let mean = |of: &dyn Fn(&Figures) -> f64| Estimate::of(before.iter().map(of)).mean;
    let p99_cut = paired(&|before, after| before.p99 - after.p99);
    let throughput_gain = paired(&|before, after| after.throughput - before.throughput);
    let shorter = sure(p99_cut) / mean(&|figures| figures.p99);
    // A share of what it then is: where nothing was answered before, any gain is the whole.
    let now = Estimate::of(after.iter().map(|figures| figures.throughput)).mean;
    let more = sure(throughput_gain) / now;
    let score = [shorter, more].into_iter().filter(|share| share.is_finite()).sum();
    Remedy {
        component: candidate.component,
        what: candidate.what,
        sets: candidate.sets,
        p99_cut,
        mean_cut: paired(&|before, after| before.mean - after.mean),
        throughput_gain,
        score,
    }
}

/// The mean, if its interval leaves out zero.
fn sure(gain: Estimate) -> f64 {
    let known = gain.half_width.is_some_and(|half| gain.mean.abs() > half);
    if known { gain.mean } else { 0.0 }
}
