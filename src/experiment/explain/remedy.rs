//! What would help: each capacity in turn a little greater, under the same random numbers.

use crate::deployment::Deployment;
use crate::experiment::replicate::{Plan, run_all};
use crate::measure::Recorder;
use crate::scenario::{Change, Scenario, Warmup};
use crate::stats::{Estimate, Histogram};
use crate::units::Span;

use super::Changed;

/// All changes that were tried.
#[derive(Clone, Debug)]
pub struct Remedies {
    /// The best first.
    pub list: Vec<Remedy>,
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

/// A change to be tried.
pub(super) struct Candidate {
    component: String,
    what: String,
    sets: Vec<String>,
    scenario: Scenario,
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

/// Every capacity a little greater, where that makes a scenario.
pub(super) fn candidates(deployment: &Deployment, changed: Changed) -> Vec<Candidate> {
    let mut list = Vec::new();
    for (name, spec) in deployment.topology.iter() {
        let path = path(&name.value, spec.word());
        for grown in spec.kind().grown() {
            let sets: Vec<String> =
                grown.keys.iter().map(|key| format!("{path}.{key}={}", grown.after)).collect();
            if let Some(scenario) = changed(sets.iter().cloned().map(Change::Set).collect()) {
                let what = format!("{} {} → {}", grown.keys.join(", "), grown.before, grown.after);
                list.push(Candidate { component: name.value.clone(), what, sets, scenario });
            }
        }
    }
    list
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

/// Tries each change on the replications that `before` are the figures of.
pub(super) fn remedies(
    candidates: Vec<Candidate>,
    warmup: Span,
    before: &[Figures],
    plan: &Plan,
) -> Remedies {
    let all = candidates.len();
    let mut list = Vec::new();
    for mut candidate in candidates {
        // The same part of the same runs.
        candidate.scenario.warmup = Warmup::Given(warmup);
        let Some((runs, _)) = run_all(&candidate.scenario, plan) else { break };
        let after: Vec<Figures> = runs.iter().map(Figures::of).collect();
        if after.len() != before.len() {
            break;
        }
        list.push(judge(candidate, before, &after));
    }
    let left_out = all - list.len();
    list.sort_by(|a, b| b.score.total_cmp(&a.score));
    Remedies { list, left_out }
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
