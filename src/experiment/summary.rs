//! From the records of all replications to the results.

use std::ops::Range;

use crate::component::ComponentSpec;
use crate::measure::{KindWindow, Meter, NodeWindow, Recorder, Tracker, Visits};
use crate::scenario::Scenario;
use crate::stats::{CoarseHistogram, Estimate, Histogram, Level};
use crate::units::Span;

use super::browser::browser;
use super::cache::{cache, hits_over_time};
use super::expectation::decide;
use super::replicate::Omitted;
use super::results::{
    Bottleneck, ComponentResult, ComponentSeries, OutcomeCount, QUANTILES, RateSeries,
    RequestResult, RequestSeries, ResourceResult, Results, Series,
};
use super::session;
use super::stability::warnings;

/// What the memory of a server is called among its resources.
pub(super) const MEMORY: &str = "memory";

/// The results of these runs, which are in the order of the replications.
pub(super) fn summarise(scenario: &Scenario, omitted: Omitted, runs: &[Recorder]) -> Results {
    let parts = parts(scenario, &runs[0]);
    let components: Vec<ComponentResult> = parts.iter().map(|part| component(part, runs)).collect();
    let types = scenario.deployment.request_types();
    let clients = scenario.deployment.clients.names();
    let names = clients.zip(&types).flat_map(|(client, types)| {
        types.iter().map(move |(request, ..)| (client.to_owned(), request.clone()))
    });
    let requests = names
        .enumerate()
        .map(|(kind, (client, request))| self::request(scenario, runs, client, request, &[kind]))
        .collect();
    let kinds: Vec<usize> = (0..types.iter().map(Vec::len).sum()).collect();
    let mut results = Results {
        name: scenario.name.clone(),
        seed: scenario.seed,
        duration: scenario.duration,
        warmup: omitted.warmup,
        warmup_found: omitted.found,
        replications: runs.len(),
        planned: usize::try_from(scenario.replications).unwrap_or(usize::MAX),
        requests,
        total: request(scenario, runs, String::new(), "all".to_owned(), &kinds),
        series: series(&parts, runs, &kinds),
        bottleneck: bottleneck(&components),
        components,
        warnings: Vec::new(),
        verdicts: Vec::new(),
        precision: None,
        traced: None,
    };
    results.warnings = warnings(scenario, omitted, runs, &results);
    results.verdicts = decide(scenario, runs);
    results
}

/// A figure of each run, as an estimate of its mean.
pub(super) fn estimate(runs: &[Recorder], figure: impl Fn(&Recorder) -> f64) -> Estimate {
    Estimate::of(runs.iter().map(figure))
}

pub(super) fn measured(run: &Recorder) -> f64 {
    run.end().since(run.start()).secs()
}

/// `part / whole`, not a number where there is nothing to divide.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

/// The requests of these kinds together.
pub(super) fn request(
    scenario: &Scenario,
    runs: &[Recorder],
    client: String,
    request: String,
    kinds: &[usize],
) -> RequestResult {
    let sum = |run: &Recorder, count: &dyn Fn(&Tracker) -> u64| -> u64 {
        kinds.iter().map(|&kind| count(&run.trackers()[kind])).sum()
    };
    let total = |count: &dyn Fn(&Tracker) -> u64| runs.iter().map(|run| sum(run, count)).sum();
    let merged = |run: &Recorder| {
        let mut histogram = Histogram::new();
        kinds.iter().for_each(|&kind| histogram.merge(&run.trackers()[kind].latency));
        histogram
    };
    let latencies: Vec<Histogram> = runs.iter().map(merged).collect();
    let mut histogram = Histogram::new();
    latencies.iter().for_each(|run| histogram.merge(run));
    let quantile =
        |p| Estimate::of(latencies.iter().map(|run| run.quantile(p).unwrap_or(f64::NAN)));
    let mean = |run: &Histogram| if run.count() == 0 { f64::NAN } else { run.mean() };
    RequestResult {
        client,
        request,
        arrivals: total(&|tracker| tracker.arrivals),
        outcomes: outcomes(scenario, runs[0].links(), &total),
        arrival_rate: estimate(runs, |run| sum(run, &|t| t.arrivals) as f64 / measured(run)),
        throughput: estimate(runs, |run| sum(run, &|t| t.answered) as f64 / measured(run)),
        error_rate: estimate(runs, |run| {
            share(sum(run, &Tracker::errors) as f64, sum(run, &Tracker::ended) as f64)
        }),
        stale_rate: (!scenario.deployment.catalog.is_empty()).then(|| {
            let answers = |t: &Tracker| t.ok + t.stale;
            estimate(runs, |run| share(sum(run, &|t| t.stale) as f64, sum(run, &answers) as f64))
        }),
        leak_rate: scenario.deployment.tells_users_apart().then(|| {
            let answers = |t: &Tracker| t.ok + t.stale;
            estimate(runs, |run| share(sum(run, &|t| t.leaked) as f64, sum(run, &answers) as f64))
        }),
        browser: (scenario.deployment.browses(kinds)).then(|| browser(kinds, runs)),
        latency_mean: Estimate::of(latencies.iter().map(mean)),
        latency: QUANTILES.map(quantile),
        histogram,
    }
}

/// Sums a count over the trackers of all runs.
type Total<'a> = &'a dyn Fn(&dyn Fn(&Tracker) -> u64) -> u64;

/// Every way in which requests ended, adding up to the arrivals.
fn outcomes(scenario: &Scenario, links: &[String], total: Total<'_>) -> Vec<OutcomeCount> {
    let mut outcomes = vec![
        OutcomeCount { outcome: "ok".to_owned(), count: total(&|t| t.ok) },
        OutcomeCount { outcome: "stale".to_owned(), count: total(&|t| t.stale) },
        OutcomeCount { outcome: "timed out".to_owned(), count: total(&|t| t.timed_out) },
    ];
    for (index, name) in scenario.deployment.topology.names().enumerate() {
        let rejected = total(&|t| t.rejected[index]);
        let failed = total(&|t| t.failed[index]);
        outcomes.push(OutcomeCount { outcome: format!("rejected by {name}"), count: rejected });
        outcomes.push(OutcomeCount { outcome: format!("failed at {name}"), count: failed });
    }
    for (index, name) in links.iter().enumerate() {
        let lost = total(&|t| t.lost[index]);
        outcomes.push(OutcomeCount { outcome: format!("lost on {name}"), count: lost });
    }
    outcomes.retain(|outcome| outcome.count > 0 || outcome.outcome == "ok");
    let in_flight = total(&|t| t.arrivals - t.ended());
    let outcome = "in flight at the end".to_owned();
    if in_flight > 0 {
        outcomes.push(OutcomeCount { outcome, count: in_flight });
    }
    outcomes
}

/// What has figures of its own: a component, or a pipe of a link.
pub(super) struct Part {
    pub(super) name: String,
    kind: &'static str,
    /// What it has slots for.
    slots: &'static str,
    pub(super) nodes: Range<usize>,
    /// Where its visits are.
    visits: usize,
    /// Something of users is known from one request to the next.
    has_users: bool,
}

/// What the busiest of these instances has answered well, relative to their mean.
pub(super) fn imbalance(nodes: &Range<usize>, run: &Recorder) -> f64 {
    let answered = || run.meters()[nodes.clone()].iter().map(|meter| meter.ok as f64);
    share(answered().fold(0.0, f64::max) * nodes.len() as f64, answered().sum())
}

/// The components in the scenario's order, then the pipes.
pub(super) fn parts(scenario: &Scenario, run: &Recorder) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut first = 0;
    let has_users = scenario.deployment.remembers_users();
    for (visits, (name, spec)) in scenario.deployment.topology.iter().enumerate() {
        let slots = match spec {
            ComponentSpec::Server(_) => "workers",
            ComponentSpec::Database(_) | ComponentSpec::LoadBalancer(_) => "connections",
            ComponentSpec::Cache(_) => "connections",
            ComponentSpec::External(_) => "concurrency",
        };
        let last = first + usize::try_from(spec.instances()).expect("instances are few");
        let name = name.value.clone();
        let (kind, nodes) = (spec.kind(), first..last);
        parts.push(Part { name, kind, slots, nodes, visits, has_users });
        first = last;
    }
    parts.extend(run.pipes().iter().map(|pipe| Part {
        name: pipe.name.clone(),
        kind: "link",
        slots: "bandwidth",
        nodes: pipe.node..pipe.node + 1,
        visits: pipe.component,
        has_users: false,
    }));
    parts
}

pub(super) fn component(part: &Part, runs: &[Recorder]) -> ComponentResult {
    let Part { nodes, visits: index, .. } = part;
    let index = *index;
    let of = |run: &Recorder, figure: &dyn Fn(&Meter) -> f64| -> f64 {
        run.meters()[nodes.clone()].iter().map(figure).sum()
    };
    let sum = |figure: &dyn Fn(&Meter) -> f64| estimate(runs, |run| of(run, figure));
    let ratio = |part: &dyn Fn(&Meter) -> f64, whole: &dyn Fn(&Meter) -> f64| {
        estimate(runs, |run| share(of(run, part), of(run, whole)))
    };
    let total = |count: &dyn Fn(&Meter) -> u64| -> u64 {
        runs.iter().flat_map(|run| &run.meters()[nodes.clone()]).map(count).sum()
    };
    let (mut wait, mut sojourn) = (CoarseHistogram::new(), CoarseHistogram::new());
    for visits in runs.iter().map(|run| &run.visits()[index]) {
        wait.merge(&visits.wait);
        sojourn.merge(&visits.sojourn);
    }
    let visits = |run: &Recorder| run.visits()[index].sojourn.count() as f64;
    let mean_of = |sum: &dyn Fn(&Visits) -> u128| {
        estimate(runs, |run| share(sum(&run.visits()[index]) as f64 * 1e-9, visits(run)))
    };
    let per_visit =
        |figure: &dyn Fn(&Meter) -> f64| estimate(runs, |run| share(of(run, figure), visits(run)));
    ComponentResult {
        name: part.name.clone(),
        kind: part.kind,
        instances: nodes.len(),
        throughput: estimate(runs, |run| of(run, &|m| m.ok as f64) / measured(run)),
        resources: resources(part, runs),
        queue_mean: estimate(runs, |run| of(run, &|m| m.queue.mean(run.end()))),
        queue_max: runs
            .iter()
            .flat_map(|run| &run.meters()[nodes.clone()])
            .map(|meter| meter.longest_queue)
            .max()
            .unwrap_or(0),
        present_mean: estimate(runs, |run| of(run, &|m| m.present.mean(run.end()))),
        wait_mean: mean_of(&|v| v.wait.sum()),
        wait_share: per_visit(&|m| m.waited as f64),
        sojourn_mean: mean_of(&|v| v.sojourn.sum()),
        own_mean: per_visit(&|m| m.own as f64 * 1e-9),
        visits: sojourn.count(),
        wait,
        sojourn,
        rejected: total(&|m| m.rejected),
        killed: runs[0].meters()[nodes.start]
            .memory
            .as_ref()
            .map(|_| total(&|m| m.memory.as_ref().map_or(0, |memory| memory.kills))),
        wasted: total(&|m| m.wasted),
        cache: cache(nodes, runs),
        sessions: session::sessions(nodes, runs),
        imbalance: (part.has_users && nodes.len() > 1)
            .then(|| estimate(runs, |run| imbalance(nodes, run))),
        wasted_share: {
            let used = sum(&|m| m.work as f64);
            let share = ratio(&|m| m.wasted_work as f64, &|m| m.work as f64);
            if used.mean > 0.0 { share } else { Estimate::exact(0.0) }
        },
    }
}

/// One of the levels that a meter keeps.
type LevelOf = fn(&Meter) -> Option<&Level>;
type LimitOf = fn(&Meter) -> Option<u64>;

fn resources(part: &Part, runs: &[Recorder]) -> Vec<ResourceResult> {
    let Part { slots, ref nodes, .. } = *part;
    let used: [(&str, LevelOf, LimitOf); 3] = [
        ("cpu", |meter| Some(&meter.cpu), |meter| Some(meter.cores).filter(|&cores| cores > 0)),
        (slots, |meter| Some(&meter.slots), |meter| meter.slot_limit),
        (
            MEMORY,
            |meter| meter.memory.as_ref().map(|memory| &memory.used),
            |meter| meter.memory.as_ref().map(|memory| memory.limit),
        ),
    ];
    let mean = |level: LevelOf, meter: &Meter, run: &Recorder| {
        level(meter).map_or(0.0, |level| level.mean(run.end()))
    };
    let mut resources = Vec::new();
    for (name, level, limit) in used {
        let limits = runs[0].meters()[nodes.clone()].iter().map(limit);
        let Some(limits) = limits.collect::<Option<Vec<u64>>>() else { continue };
        let of = |(node, &limit): (usize, &u64)| {
            estimate(runs, |run| mean(level, &run.meters()[node], run) / limit as f64)
        };
        let instances: Vec<Estimate> = nodes.clone().zip(&limits).map(of).collect();
        let busiest = instances.into_iter().max_by(|a, b| a.mean.total_cmp(&b.mean));
        let capacity = limits.iter().sum::<u64>() as f64;
        let utilisation = estimate(runs, |run| {
            let meters = &run.meters()[nodes.clone()];
            meters.iter().map(|meter| mean(level, meter, run)).sum::<f64>() / capacity
        });
        let busiest = busiest.unwrap_or(utilisation);
        let idle = if name == MEMORY { idle_memory(&runs[0].meters()[nodes.clone()]) } else { 0.0 };
        resources.push(ResourceResult {
            name,
            capacity,
            idle: idle / capacity,
            utilisation,
            busiest,
        });
    }
    resources
}

/// What is in use of the memory of these without any request (bytes).
fn idle_memory(meters: &[Meter]) -> f64 {
    meters.iter().flat_map(|meter| &meter.memory).map(|memory| memory.idle as f64).sum()
}

/// The resource nearest to its capacity.
fn bottleneck(components: &[ComponentResult]) -> Option<Bottleneck> {
    let resources = components.iter().flat_map(|component| {
        component.resources.iter().map(move |resource| (component, resource))
    });
    // Of equals the first: where workers are as busy as the cores, the cores keep them so.
    let (component, resource) = resources
        .reduce(|best, next| if next.1.filled() > best.1.filled() { next } else { best })?;
    (resource.filled() > 0.0).then(|| Bottleneck {
        component: component.name.clone(),
        resource: resource.name,
        utilisation: resource.utilisation,
        headroom: 1.0 / resource.filled(),
    })
}

fn series(parts: &[Part], runs: &[Recorder], kinds: &[usize]) -> Series {
    let window = runs[0].windows().length();
    let count = runs.iter().map(|run| run.windows().kinds.len()).min().unwrap_or(0);
    let start = runs[0].start().secs();
    let components = parts.iter().map(|part| component_series(&part.nodes, runs, count));
    Series {
        window,
        starts: (0..count).map(|index| start + index as f64 * window.secs()).collect(),
        requests: kinds.iter().map(|&kind| request_series(runs, kind, window, count)).collect(),
        total: rate_series(runs, kinds, window, count),
        components: components.collect(),
    }
}

fn request_series(runs: &[Recorder], kind: usize, window: Span, count: usize) -> RequestSeries {
    let over_time = |figure: &dyn Fn(&KindWindow) -> f64| -> Vec<Estimate> {
        let of = |index: usize| estimate(runs, |run| figure(&run.windows().kinds[index][kind]));
        (0..count).map(of).collect()
    };
    RequestSeries {
        rates: rate_series(runs, &[kind], window, count),
        p50: over_time(&|w| w.p50.unwrap_or(f64::NAN)),
        p99: over_time(&|w| w.p99.unwrap_or(f64::NAN)),
    }
}

/// The requests of these kinds together.
fn rate_series(runs: &[Recorder], kinds: &[usize], window: Span, count: usize) -> RateSeries {
    let over_time = |figure: fn(&KindWindow) -> u64| -> Vec<Estimate> {
        let sum = |run: &Recorder, index: usize| -> u64 {
            kinds.iter().map(|&kind| figure(&run.windows().kinds[index][kind])).sum()
        };
        let of = |index| estimate(runs, |run| sum(run, index) as f64 / window.secs());
        (0..count).map(of).collect()
    };
    RateSeries {
        arrival_rate: over_time(|window| window.arrivals),
        throughput: over_time(|window| window.ok),
        error_rate: over_time(|window| window.errors),
    }
}

fn component_series(nodes: &Range<usize>, runs: &[Recorder], count: usize) -> ComponentSeries {
    let over_time = |figure: &dyn Fn(&[NodeWindow]) -> f64| -> Vec<Estimate> {
        let of =
            |index: usize| estimate(runs, |run| figure(&run.windows().nodes[index][nodes.clone()]));
        (0..count).map(of).collect()
    };
    let meters = &runs[0].meters()[nodes.clone()];
    let cores: u64 = meters.iter().map(|meter| meter.cores).sum();
    let slots: Option<u64> = meters.iter().map(|meter| meter.slot_limit).sum();
    let busiest = |windows: &[NodeWindow]| {
        let used = |level: &dyn Fn(&NodeWindow) -> f64, limit: u64| {
            windows.iter().map(level).sum::<f64>() / limit as f64
        };
        let cpu = if cores > 0 { used(&|w| w.cpu, cores) } else { 0.0 };
        slots.map_or(cpu, |limit| used(&|w| w.slots, limit).max(cpu))
    };
    let sum = |figure: fn(&NodeWindow) -> f64| {
        over_time(&move |windows| windows.iter().map(figure).sum())
    };
    ComponentSeries {
        utilisation: over_time(&busiest),
        queue: sum(|window| window.queue),
        present: sum(|window| window.present),
        hit_ratio: hits_over_time(nodes, runs, count),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use crate::experiment::{Plan, replicate};
    use crate::scenario::load_text;

    /// Ten users ask a hundred times a second together, whichever of two types each asks for: what
    /// is sure of the sum is sure of neither type.
    #[test]
    fn the_total_over_time_has_intervals_of_its_own() {
        let text = "duration: 100s\nwarmup: 0\nreplications: 4\n\
            clients:\n  users:\n    users: {count: 10, think: 100ms}\n    target: app\n    \
            requests: {a: , b: }\n\
            topology: {app: {server: {endpoints: {a: [io: 0], b: [io: 0]}}}}\n";
        let scenario = load_text(Path::new("x.yaml"), text, &[]).expect("this is sound");
        let stop = AtomicBool::new(false);
        let results = replicate(&scenario, &Plan { progress: &(), stop: &stop });
        let series = results.expect("nothing stops it").series;
        for window in 1..series.starts.len() - 1 {
            let total = series.total.arrival_rate[window];
            assert_eq!((total.mean, total.half_width), (100.0, Some(0.0)), "window {window}");
            let parts = series.requests.iter().map(|request| request.rates.arrival_rate[window]);
            let (means, halves): (Vec<f64>, Vec<_>) = parts.map(|e| (e.mean, e.half_width)).unzip();
            assert!((means.iter().sum::<f64>() - 100.0).abs() < 1e-9, "{means:?}");
            assert!(halves.iter().all(|half| *half > Some(0.0)), "{halves:?}");
        }
    }
}
