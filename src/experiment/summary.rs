//! From the records of all replications to the results.

use crate::measure::{Recorder, Resource, percentile};
use crate::scenario::Scenario;
use crate::stats::{CoarseHistogram, Estimate, Histogram};

use super::deadlock::deadlock;
use super::expectation::decide;
use super::incidents::incidents;
use super::limit::bottleneck;
use super::measure::{Is, Measures, Part, of_part, of_requests, of_run, parts};
use super::replicate::Omitted;
use super::results::{
    AtLeast, BrowserResult, CacheResult, ComponentResult, OutcomeCount, QUANTILES, RequestResult,
    ResourceResult, Results, SessionResult,
};
use super::series::series;
use super::stability::warnings;

/// What is not known.
const NOTHING: Estimate = Estimate { half_width: None, ends: None, n: 0, mean: f64::NAN };

/// The results of these runs, which are in the order of the replications.
pub(super) fn summarise(scenario: &Scenario, omitted: Omitted, runs: &[Recorder]) -> Results {
    let parts = parts(&scenario.deployment);
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
        series: series(scenario, runs),
        run: of_run(runs),
        bottleneck: None,
        deadlock: None,
        incidents: incidents(scenario),
        components,
        warnings: Vec::new(),
        verdicts: Vec::new(),
        precision: None,
        traced: None,
    };
    results.deadlock = deadlock(scenario, runs, &results);
    if results.deadlock.is_none() {
        results.bottleneck = bottleneck(scenario, runs, &results);
    }
    results.warnings = warnings(scenario, omitted, runs, &results);
    results.verdicts = decide(scenario, runs);
    results
}

/// The requests of these types together.
fn request(
    scenario: &Scenario,
    runs: &[Recorder],
    client: String,
    request: String,
    types: &[usize],
) -> RequestResult {
    let measures = of_requests(&scenario.deployment, types, runs);
    let mut histogram = Histogram::new();
    for run in runs {
        types.iter().for_each(|&of| histogram.merge(&run.trackers()[of].latency));
    }
    RequestResult {
        client,
        request,
        arrivals: measures.sum("arrivals"),
        outcomes: outcomes(&measures),
        arrival_rate: measures.estimate("arrival_rate"),
        throughput: measures.estimate("throughput"),
        error_rate: measures.estimate("error_rate"),
        stale_rate: measures.get("stale_rate").map(|measure| measure.estimate),
        leak_rate: measures.get("leak_rate").map(|measure| measure.estimate),
        browser: browser(&measures),
        mean_latency: measures.estimate("mean_latency"),
        latency: QUANTILES.map(|p| measures.estimate(&percentile("p", p))),
        histogram,
        measures,
    }
}

/// Every way in which requests ended, adding up to the arrivals.
fn outcomes(measures: &Measures) -> Vec<OutcomeCount> {
    let counts = measures.0.iter().filter_map(|measure| {
        let outcome = measure.name.strip_prefix("outcome_count:")?.to_owned();
        Some(OutcomeCount { outcome, count: measure.estimate.mean as u64 })
    });
    counts.collect()
}

fn browser(measures: &Measures) -> Option<BrowserResult> {
    measures.get("browser_lookups")?;
    Some(BrowserResult {
        lookups: measures.sum("browser_lookups"),
        hits: measures.sum("browser_hits"),
        conditional: measures.sum("conditional"),
        not_modified: measures.sum("not_modified"),
        needless: measures.sum("needless"),
        saved: measures.sum("saved"),
        hit_ratio: measures.estimate("browser_hit_ratio"),
        stale_hits: measures.estimate("browser_stale_hits"),
        conditional_share: measures.estimate("conditional_share"),
        not_modified_rate: measures.estimate("not_modified_rate"),
        needless_rate: measures.estimate("needless_rate"),
        bytes_saved: measures.estimate("bytes_saved"),
    })
}

fn component(part: &Part<'_>, runs: &[Recorder]) -> ComponentResult {
    let measures = of_part(part, runs);
    let (mut waits, mut sojourns) = (CoarseHistogram::new(), CoarseHistogram::new());
    for visits in runs.iter().filter_map(|run| run.visits_to(&part.subject)) {
        waits.merge(&visits.wait);
        sojourns.merge(&visits.sojourn);
    }
    // Nobody visits a machine.
    let visited = |name: &str| measures.get(name).map_or(NOTHING, |measure| measure.estimate);
    let counted = |name: &str| measures.get(name).map_or(0, |_| measures.sum(name));
    let killed = measures.get("killed").map(|measure| measure.estimate.mean as u64);
    ComponentResult {
        name: part.name.clone(),
        kind: part.kind(),
        instances: part.instances(),
        answered: visited("answered"),
        resources: resources(part, &measures, &runs[0]),
        queue: visited("queue"),
        queue_max: counted("queue_max"),
        present: visited("present"),
        wait: visited("wait"),
        wait_share: visited("wait_share"),
        sojourn: visited("sojourn"),
        own: visited("own"),
        visits: counted("visits"),
        waits,
        sojourns,
        rejected: counted("rejected"),
        killed: killed.filter(|_| !matches!(part.is, Is::Machine(_))),
        wasted: counted("wasted"),
        cache: cache(&measures),
        sessions: sessions(&measures),
        imbalance: measures.get("imbalance").map(|measure| measure.estimate),
        wasted_share: visited("wasted_share"),
        present_at_least: at_least(part, runs),
        measures,
    }
}

fn cache(measures: &Measures) -> Option<CacheResult> {
    measures.get("lookups")?;
    Some(CacheResult {
        lookups: measures.sum("lookups"),
        hits: measures.sum("hits"),
        delayed_hits: measures.sum("delayed_hits"),
        misses: measures.sum("misses"),
        lost_writes: measures.sum("lost_writes"),
        hit_ratio: measures.estimate("hit_ratio"),
        delayed_share: measures.estimate("delayed_share"),
        delay: measures.estimate("delay"),
        stale_hits: measures.estimate("stale_hits"),
        leaks: measures.get("leaks").map(|measure| measure.estimate),
        revalidating_hits: measures.estimate("revalidating_hits"),
        negative_hits: measures.estimate("negative_hits"),
        hit_age: measures.estimate("hit_age"),
        miss_rate: measures.estimate("miss_rate"),
        fill_rate: measures.estimate("fill_rate"),
        eviction_rate: measures.estimate("eviction_rate"),
        expiry_rate: measures.estimate("expiry_rate"),
        invalidation_rate: measures.estimate("invalidation_rate"),
        entries: measures.estimate("entries"),
        bytes: measures.estimate("bytes"),
    })
}

fn sessions(measures: &Measures) -> Option<SessionResult> {
    measures.get("sessions_needed")?;
    Some(SessionResult {
        needed: measures.sum("sessions_needed"),
        found: measures.sum("sessions_found"),
        logins: measures.sum("logins"),
        expired: measures.sum("sessions_expired"),
        relogins: measures.sum("relogins"),
        lost: measures.sum("sessions_lost"),
        login_share: measures.estimate("login_share"),
        calls: measures.sum("session_calls"),
        cookie_bytes: measures.sum("cookie_bytes"),
        cookies_refused: measures.sum("cookies_refused"),
        forged_served: measures.sum("forged_served"),
        forged_rejected: measures.sum("forged_rejected"),
        stolen_served: measures.sum("stolen_served"),
        stolen_rejected: measures.sum("stolen_rejected"),
    })
}

fn resources(part: &Part<'_>, measures: &Measures, run: &Recorder) -> Vec<ResourceResult> {
    let one = |resource: Resource| {
        let name = resource.word(part.slots());
        let estimate = |stem: &str| Some(measures.get(&format!("{stem}:{name}"))?.estimate);
        let capacity = estimate("capacity")?.mean;
        let idle = if resource == Resource::Memory { run.idle_memory(&part.subject) } else { 0.0 };
        let held = matches!(resource, Resource::Slots | Resource::Pool | Resource::Memory)
            && !matches!(part.is, Is::Link);
        Some(ResourceResult {
            name,
            held,
            capacity,
            idle: idle / capacity,
            utilisation: estimate("utilisation")?,
            busiest: estimate("utilisation_busiest")?,
        })
    };
    Resource::ALL.into_iter().filter_map(one).collect()
}

/// The distribution of the number present, up to the most there ever were.
fn at_least(part: &Part<'_>, runs: &[Recorder]) -> Vec<AtLeast> {
    let shares: Vec<Vec<(u64, u64, f64)>> =
        runs.iter().map(|run| run.shares_present(&part.subject)).collect();
    let longest = shares.iter().max_by_key(|shares| shares.len());
    let ranges = longest.into_iter().flatten().enumerate();
    ranges
        .map(|(index, &(from, to, _))| {
            let share =
                |run: &Vec<(u64, u64, f64)>| run.get(index).map_or(0.0, |(.., share)| *share);
            AtLeast { from, to, share: Estimate::of(shares.iter().map(share)) }
        })
        .collect()
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
            let total = series.total.of("arrival_rate")[window];
            assert_eq!((total.mean, total.half_width), (100.0, Some(0.0)), "window {window}");
            let parts = series.requests.iter().map(|request| request.of("arrival_rate")[window]);
            let (means, halves): (Vec<f64>, Vec<_>) = parts.map(|e| (e.mean, e.half_width)).unzip();
            assert!((means.iter().sum::<f64>() - 100.0).abs() < 1e-9, "{means:?}");
            assert!(halves.iter().all(|half| *half > Some(0.0)), "{halves:?}");
        }
    }
}
