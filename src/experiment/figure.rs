//! The value that one figure has in one replication.

use std::ops::Range;

use crate::measure::{KindWindow, NodeWindow, Recorder};
use crate::scenario::{During, Figure, Metric, Scenario, kinds};
use crate::stats::Histogram;
use crate::units::Time;

use super::cache::hit_ratio;
use super::measure::{Measure, of_component, of_request};
use super::session;
use super::summary::{self, MEMORY};

/// The figure in this replication; not-a-number if there was nothing to measure.
pub(super) fn value(scenario: &Scenario, figure: &Figure, run: &Recorder) -> f64 {
    let during = figure.during.as_ref().map(|during| windows(run, during.value));
    let subject = subject(figure);
    if figure.metric.of_component() {
        let parts = summary::parts(scenario, run);
        let part = parts.iter().find(|part| part.name == subject).expect("names are checked");
        return match during {
            Some(windows) => component_over(figure.metric, run, &part.nodes, windows),
            None => component(figure.metric, run, part),
        };
    }
    let kinds = meant(scenario, figure, run);
    if let Some(windows) = during {
        return requests_over(figure.metric, run, &kinds, windows);
    }
    let result =
        summary::request(scenario, std::slice::from_ref(run), String::new(), String::new(), &kinds);
    named(&of_request(&result, 1), name(figure.metric))
}

/// The requests that the figure is about, those of all clients where it is about a component: how
/// many were sent in this replication and how many of them were answered. For a part of the run,
/// of those that ended in it.
pub(super) fn answered(scenario: &Scenario, figure: &Figure, run: &Recorder) -> (u64, u64) {
    let kinds = meant(scenario, figure, run);
    let counts: Vec<(u64, u64)> = match &figure.during {
        Some(during) => {
            let windows = run.windows().kinds[windows(run, during.value)].iter();
            let all = windows.flat_map(|all| kinds.iter().map(|&kind| &all[kind]));
            all.map(|window| (window.ok + window.errors, window.ok)).collect()
        }
        None => {
            let all = kinds.iter().map(|&kind| &run.trackers()[kind]);
            all.map(|tracker| (tracker.arrivals, tracker.ok + tracker.stale)).collect()
        }
    };
    counts.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// What stands in the figure's brackets.
fn subject(figure: &Figure) -> &str {
    figure.subject.as_ref().map_or("", |subject| subject.value.as_str())
}

/// The request types that the figure is about.
fn meant(scenario: &Scenario, figure: &Figure, run: &Recorder) -> Vec<usize> {
    match subject(figure) {
        subject if !subject.is_empty() && !figure.metric.of_component() => {
            kinds(&scenario.deployment, subject)
        }
        _ => (0..run.trackers().len()).collect(),
    }
}

fn component(metric: Metric, run: &Recorder, part: &summary::Part) -> f64 {
    let result = summary::component(part, std::slice::from_ref(run));
    if metric == Metric::Utilisation {
        let resources = result.resources.iter().filter(|resource| resource.name != MEMORY);
        let used = resources.map(|resource| resource.utilisation.mean);
        return used.fold(0.0, f64::max);
    }
    if metric == Metric::Imbalance {
        return summary::imbalance(&part.nodes, run);
    }
    named(&of_component(&result, 1), name(metric))
}

/// What a metric is called among the measures.
fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::ArrivalRate => "arrival_rate",
        Metric::Throughput | Metric::Answered => "throughput",
        Metric::ErrorRate => "error_rate",
        Metric::StaleRate => "stale_rate",
        Metric::LeakRate => "leak_rate",
        Metric::BrowserHitRatio => "browser_hit_ratio",
        Metric::BrowserStaleHits => "browser_stale_hits",
        Metric::NotModifiedRate => "not_modified_rate",
        Metric::NeedlessRate => "needless_rate",
        Metric::BytesSaved => "bytes_saved",
        Metric::MeanLatency => "latency_mean",
        Metric::P50 => "latency_p50",
        Metric::P90 => "latency_p90",
        Metric::P99 => "latency_p99",
        Metric::P999 => "latency_p99.9",
        Metric::Utilisation => "utilisation",
        Metric::Queue => "queue_mean",
        Metric::Present => "present_mean",
        Metric::Wait => "wait_mean",
        Metric::WaitP99 => "wait_p99",
        Metric::WaitShare => "wait_share",
        Metric::Sojourn => "sojourn_mean",
        Metric::SojournP99 => "sojourn_p99",
        Metric::Own => "own_mean",
        Metric::Wasted => "wasted_share",
        Metric::Imbalance => "imbalance",
        Metric::LoginShare => "login_share",
        Metric::Relogins => "relogins",
        Metric::SessionsLost => "sessions_lost",
        Metric::ForgedServed => "forged_served",
        Metric::StolenServed => "stolen_served",
        Metric::HitRatio => "hit_ratio",
        Metric::StaleHits => "stale_hits",
        Metric::Leaks => "leaks",
        Metric::Misses => "miss_rate",
        Metric::Evictions => "eviction_rate",
        Metric::Entries => "entries",
        Metric::HitAge => "hit_age",
        Metric::LostWrites => "lost_writes",
    }
}

fn named(measures: &[Measure], name: &str) -> f64 {
    let found = measures.iter().find(|measure| measure.name == name);
    found.expect("every metric is a measure").estimate.mean
}

/// The windows whose middle lies within this part of the run: its ends go to the nearest window's.
/// None if the part begins in the warm-up.
fn windows(run: &Recorder, during: During) -> Range<usize> {
    let length = run.windows().length().nanos();
    let nearest = |at: Time| {
        let since = at.nanos().saturating_sub(run.start().nanos());
        usize::try_from((since + length / 2) / length).unwrap_or(usize::MAX)
    };
    let (from, to) = (Time::ZERO + during.from, Time::ZERO + during.to);
    if from < run.start() {
        return 0..0;
    }
    let count = run.windows().kinds.len();
    let first = nearest(from).min(count.saturating_sub(1));
    first..nearest(to).clamp(first + 1, count.max(first + 1)).min(count)
}

fn requests_over(metric: Metric, run: &Recorder, kinds: &[usize], windows: Range<usize>) -> f64 {
    let over_time = run.windows();
    let seconds = over_time.length().secs() * windows.len() as f64;
    let sum = |count: fn(&KindWindow) -> u64| -> f64 {
        let windows = over_time.kinds[windows.clone()].iter();
        windows.flat_map(|all| kinds.iter().map(|&kind| count(&all[kind]))).sum::<u64>() as f64
    };
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { f64::NAN };
    let quantile = |p| latencies(run, kinds, windows.clone()).quantile(p).unwrap_or(f64::NAN);
    match metric {
        Metric::ArrivalRate => share(sum(|w| w.arrivals), seconds),
        Metric::Throughput => share(sum(|w| w.ok), seconds),
        Metric::ErrorRate => share(sum(|w| w.errors), sum(|w| w.ok) + sum(|w| w.errors)),
        Metric::MeanLatency => {
            let latencies = latencies(run, kinds, windows.clone());
            share(latencies.sum() as f64 * 1e-9, latencies.count() as f64)
        }
        Metric::P50 => quantile(0.5),
        Metric::P90 => quantile(0.9),
        Metric::P99 => quantile(0.99),
        Metric::P999 => quantile(0.999),
        _ => unreachable!("these are about components"),
    }
}

/// The latencies of the requests that ended in these windows.
fn latencies(run: &Recorder, kinds: &[usize], windows: Range<usize>) -> Histogram {
    let mut merged = Histogram::new();
    for window in &run.windows().latencies[windows] {
        kinds.iter().for_each(|&kind| merged.merge(&window[kind]));
    }
    merged
}

fn component_over(
    metric: Metric,
    run: &Recorder,
    nodes: &Range<usize>,
    windows: Range<usize>,
) -> f64 {
    let count = windows.len() as f64;
    let mean = |level: fn(&NodeWindow) -> f64| {
        let windows = run.windows().nodes[windows.clone()].iter();
        windows.flat_map(|all| &all[nodes.clone()]).map(level).sum::<f64>() / count
    };
    if windows.is_empty() {
        return f64::NAN;
    }
    let meter = &run.meters()[nodes.start];
    let instances = nodes.len() as f64;
    match metric {
        Metric::HitRatio => hit_ratio(run, nodes, windows.clone()),
        Metric::LoginShare | Metric::Relogins | Metric::SessionsLost => {
            let [needed, logins, again, lost] = session::counts(run, nodes, windows.clone());
            match metric {
                Metric::LoginShare => summary::share(logins, needed),
                Metric::Relogins => again,
                _ => lost,
            }
        }
        Metric::Queue => mean(|window| window.queue),
        Metric::Present => mean(|window| window.present),
        Metric::Utilisation => {
            let cores = meter.cores as f64 * instances;
            let cpu = if meter.cores > 0 { mean(|window| window.cpu) / cores } else { 0.0 };
            let slots = |limit: u64| mean(|window| window.slots) / (limit as f64 * instances);
            meter.slot_limit.map_or(cpu, slots).max(cpu)
        }
        _ => unreachable!("no other is told over time"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use crate::experiment::results::Decision;
    use crate::experiment::{Plan, replicate};
    use crate::scenario::load_text;

    /// Two clients who both ask for `get`: one has its answer after 10 ms, one after 30 ms, each
    /// ten times a second.
    const TEXT: &str = "duration: 100s\nwarmup: 0\nreplications: 3\n\
        clients:\n  \
          people: {users: {count: 1, think: 90ms}, target: app, requests: {get: }}\n  \
          bots: {users: {count: 1, think: 70ms}, target: slow, requests: {get: }}\n\
        topology:\n  \
          app: {server: {workers: 2, endpoints: {get: [io: 10ms]}}}\n  \
          slow: {server: {workers: 4, endpoints: {get: [io: 30ms]}}}\n";

    /// Decides one expectation.
    #[track_caller]
    fn check(text: &str, holds: Decision, found: &str) {
        let scenario = format!("{TEXT}expect: [\"{text}\"]\n");
        let scenario = load_text(Path::new("x.yaml"), &scenario, &[]);
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        let stop = AtomicBool::new(false);
        let results = replicate(&scenario, &Plan { progress: &(), stop: &stop });
        let verdict = results.expect("nothing stops it").verdicts.remove(0);
        assert_eq!((verdict.holds, verdict.found.as_str()), (holds, found), "{text}");
    }

    #[test]
    fn brackets_tell_whose_requests_are_meant() {
        let holds = Decision::Holds;
        check("mean_latency(people/get) < 11ms", holds, "10ms ± 0s");
        check("mean_latency(bots/get) < 31ms", holds, "30ms ± 0s");
        check("mean_latency(bots) > 29ms", holds, "30ms ± 0s");
        check("p99(people) < 1ms", Decision::Fails, "10ms ± 0s");
        check("mean_latency(get) < 1s", holds, "20ms ± 0s");
        check("throughput(get) > 19/s", holds, "20/s ± 0/s");
    }

    #[test]
    fn components_are_asked_for_what_they_measure() {
        let holds = Decision::Holds;
        check("utilisation(slow) < 8%", holds, "7.5% ± 0%");
        check("present(slow) < 1", holds, "0.3 ± 0");
        check("sojourn_p99(app) < 11ms", holds, "10ms ± 0s");
        check("own(app) < 1s", holds, "10ms ± 0s");
        check("answered(app) > 9/s", holds, "10/s ± 0/s");
        check("wasted(app) < 1%", holds, "0% ± 0%");
    }

    #[test]
    fn a_part_of_the_run_is_measured_by_its_windows() {
        let holds = Decision::Holds;
        check("arrival_rate(bots) during 40s..60s > 9/s", holds, "10/s ± 0/s");
        check("mean_latency(bots/get) during 40s..60s < 31ms", holds, "30ms ± 0s");
        check("p99(people) during 99.2s..100s < 11ms", holds, "10ms ± 0s");
        check("utilisation(slow) during 50s..51s < 8%", holds, "7.5% ± 0%");
        check("error_rate during 1s..2s < 1%", holds, "0% ± 0%");
    }
}
