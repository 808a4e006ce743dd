//! Results made by hand, for the tests of reports.

use crate::experiment::measure::{Measure, Measures};
use crate::experiment::results::{
    AtLeast, Bottleneck, ComponentResult, Decision, Line, Lines, OutcomeCount, Over, RequestResult,
    ResourceResult, Results, Series, Standing, Verdict,
};
use crate::measure::Statistic;
use crate::stats::{Estimate, Histogram, LogLinear};
use crate::units::Span;

const WINDOWS: usize = 120;

/// Uniform noise from 0 to 1 that depends on nothing but `i` (SplitMix64).
fn noise(i: u64) -> f64 {
    let mut z = i.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn about(mean: f64, half_width: f64) -> Estimate {
    Estimate { half_width: Some(half_width), n: 10, ..Estimate::point(mean) }
}

fn unknown() -> Estimate {
    Estimate { n: 0, ..Estimate::point(f64::NAN) }
}

fn measure(name: &str, unit: &'static str, estimate: Estimate) -> Measure {
    let values = vec![estimate.mean; 10];
    let (name, statistic) = (name.to_owned(), Statistic::Mean);
    Measure { name, unit, statistic, estimate, values, influence: None }
}

fn sum(name: &str, unit: &'static str, count: u64) -> Measure {
    let estimate = Estimate { n: 10, ..Estimate::point(count as f64) };
    let values = vec![count as f64 / 10.0; 10];
    let (name, statistic) = (name.to_owned(), Statistic::Sum);
    Measure { name, unit, statistic, estimate, values, influence: None }
}

fn outcomes(list: &[(&str, u64)]) -> Vec<OutcomeCount> {
    list.iter().map(|&(name, count)| OutcomeCount { outcome: name.to_owned(), count }).collect()
}

/// Latencies whose median and tail are about `p50` and `p99` (s).
fn latencies<const BITS: u32>(p50: f64, p99: f64, seed: u64) -> LogLinear<BITS> {
    let mut histogram = LogLinear::new();
    let sigma = libm::log(p99 / p50) / 2.326;
    for i in 0..20_000 {
        let (a, b) = (noise(seed + 2 * i).max(1e-12), noise(seed + 2 * i + 1));
        let normal = libm::sqrt(-2.0 * libm::log(a)) * libm::cos(std::f64::consts::TAU * b);
        histogram.record(Span::from_secs_f64(p50 * libm::exp(sigma * normal)).nanos());
    }
    histogram
}

fn request(name: &str, arrivals: u64, bad: &[(&str, u64)], p: [f64; 4]) -> RequestResult {
    let failed: u64 = bad.iter().map(|(_, count)| count).sum();
    let mut ended = vec![("ok", arrivals - failed)];
    ended.extend_from_slice(bad);
    let rate = arrivals as f64 / 5400.0;
    let errors = failed as f64 / arrivals as f64;
    let outcomes = outcomes(&ended);
    let counts = outcomes.iter().map(|of| (format!("outcome_count:{}", of.outcome), of.count));
    let counts = counts.map(|(name, count)| sum(&name, "requests", count));
    let measures = [sum("arrivals", "requests", arrivals)].into_iter().chain(counts);
    let p99 = measure("p99", "s", about(p[2], p[2] / 40.0));
    RequestResult {
        measures: Measures(measures.chain([p99]).collect()),
        client: if name == "all" { String::new() } else { "shoppers".to_owned() },
        request: name.to_owned(),
        arrivals,
        outcomes,
        arrival_rate: about(rate, rate * 0.004),
        throughput: about(rate * (1.0 - errors), rate * 0.004),
        error_rate: about(errors, errors * 0.2),
        stale_rate: None,
        leak_rate: None,
        browser: None,
        mean_latency: about(p[0] * 1.4, p[0] * 0.02),
        latency: [
            about(p[0], p[0] * 0.012),
            about(p[1], p[1] * 0.018),
            about(p[2], p[2] / 40.0),
            about(p[3], p[3] * 0.09),
        ],
        histogram: latencies(p[0], p[2], arrivals),
    }
}

fn resource(name: &'static str, capacity: f64, used: f64, busiest: f64) -> ResourceResult {
    let (utilisation, busiest) = (about(used, 0.005), about(busiest, 0.009));
    let held = name != "cpu";
    ResourceResult { name, capacity, idle: 0.0, held, utilisation, busiest }
}

fn component(name: &str, kind: &'static str, resources: Vec<ResourceResult>) -> ComponentResult {
    let used = resources.iter();
    let used = used.map(|of| (format!("utilisation:{}", of.name), of.utilisation));
    let used = used.map(|(name, used)| measure(&name, "share", used));
    let half = AtLeast { from: 1, to: 1, share: about(0.5, 0.01) };
    ComponentResult {
        measures: Measures(used.collect()),
        present_at_least: vec![half, AtLeast { from: 65, to: 72, share: about(0.001, 0.0001) }],
        name: name.to_owned(),
        kind,
        instances: 1,
        answered: about(295.0, 1.2),
        resources,
        queue: about(0.12, 0.01),
        queue_max: 9,
        present: about(3.4, 0.05),
        wait: about(0.0004, 0.00003),
        wait_share: about(0.08, 0.01),
        sojourn: about(0.031, 0.0006),
        own: about(0.006, 0.0001),
        waits: latencies(0.0003, 0.004, 5),
        sojourns: latencies(0.02, 0.2, 6),
        visits: 1_620_000,
        rejected: 0,
        killed: None,
        wasted: 0,
        cache: None,
        sessions: None,
        imbalance: None,
        wasted_share: about(0.0, 0.0),
    }
}

/// A value for each window: `level`, noisy, and `peak` times that around window 50.
fn over_time(level: f64, peak: f64, seed: u64) -> Vec<Estimate> {
    let at = |i: usize| {
        let distance = (i as f64 - 50.0) / 7.0;
        let bump = 1.0 + (peak - 1.0) * libm::exp(-distance * distance);
        let jitter = 0.94 + 0.12 * noise(seed * 1000 + i as u64);
        let mean = level * bump * jitter;
        about(mean, mean * (0.04 + 0.05 * noise(seed * 2000 + i as u64)))
    };
    (0..WINDOWS).map(at).collect()
}

fn line(name: &str, unit: &'static str, values: Vec<Estimate>) -> Line {
    let first = values.iter().map(|estimate| estimate.mean).collect();
    Line { name: name.to_owned(), unit, values, first }
}

fn request_series(rate: f64, failing: f64, p50: f64, p99: f64, seed: u64) -> Lines {
    let Lines(mut lines) = rate_series(rate, failing, seed);
    lines.push(line("p50", "s", over_time(p50, 1.6, seed + 2)));
    lines.push(line("p99", "s", over_time(p99, 4.0, seed + 3)));
    Lines(lines)
}

fn rate_series(rate: f64, failing: f64, seed: u64) -> Lines {
    Lines(vec![
        line("arrival_rate", "1/s", over_time(rate, 1.0, seed)),
        line("throughput", "1/s", over_time(rate - failing, 0.86, seed)),
        line("failure_rate", "1/s", over_time(failing, 12.0, seed + 1)),
    ])
}

fn component_series(used: f64, queue: f64, seed: u64) -> Lines {
    Lines(vec![
        line("utilisation", "share", over_time(used, 1.1, seed)),
        line("queue", "requests", over_time(queue, 9.0, seed + 1)),
        line("present", "requests", over_time(queue + 3.0, 4.0, seed + 2)),
    ])
}

/// Three request types, three components, nothing unusual but one bad minute.
pub(super) fn shop() -> Results {
    let (late, full) = ("timed out", "rejected by app");
    let mut app = component(
        "app",
        "server",
        vec![resource("cpu", 12.0, 0.612, 0.634), resource("workers", 48.0, 0.55, 0.71)],
    );
    (app.instances, app.rejected, app.wasted) = (3, 1_620, 9_214);
    let database =
        vec![resource("cpu", 8.0, 0.443, 0.443), resource("connections", 60.0, 0.871, 0.871)];
    let mut main = component("main", "database", database);
    main.queue = about(4.31, 0.22);
    main.wait = about(0.0146, 0.0008);
    Results {
        name: "three-tier shop".to_owned(),
        seed: 7,
        duration: Span::from_secs(600),
        warmup: Span::from_secs(60),
        warmup_found: false,
        replications: 10,
        planned: 10,
        requests: vec![
            request(
                "GET /product",
                1_458_020,
                &[(late, 11_664), (full, 1_458)],
                [0.0231, 0.061, 0.204, 0.41],
            ),
            request(
                "POST /order",
                162_110,
                &[(late, 3_242), (full, 162)],
                [0.0412, 0.122, 0.389, 0.93],
            ),
            request("GET /health", 5_400, &[], [0.00061, 0.0009, 0.0081, 0.012]),
        ],
        total: request(
            "all",
            1_625_530,
            &[(late, 14_906), (full, 1_620)],
            [0.0243, 0.068, 0.2184, 0.52],
        ),
        components: vec![
            component("front", "load_balancer", vec![resource("cpu", 2.0, 0.083, 0.083)]),
            app,
            main,
        ],
        series: series(),
        run: Measures(vec![measure("in_flight", "requests", about(9.3, 0.2))]),
        bottleneck: Some(Bottleneck {
            component: "main".to_owned(),
            resource: "connections",
            utilisation: about(0.871, 0.005),
            over: Over::Run,
            standing: Standing::First { alike: Vec::new(), headroom: Some(about(1.148, 0.007)) },
        }),
        deadlock: None,
        incidents: Vec::new(),
        warnings: vec![
            "the queue of main still grew at the end of 2 of 10 replications".to_owned(),
        ],
        verdicts: verdicts(),
        precision: None,
        traced: None,
    }
}

/// One replication in which nothing was answered and nothing can be said.
pub(super) fn silent() -> Results {
    let mut results = shop();
    (results.replications, results.planned) = (1, 1);
    for request in results.requests.iter_mut().chain([&mut results.total]) {
        request.arrivals = 0;
        request.outcomes.clear();
        request.measures = Measures(vec![measure("p99", "s", unknown())]);
        request.histogram = Histogram::new();
        request.latency = [unknown(); 4];
        for figure in [
            &mut request.arrival_rate,
            &mut request.throughput,
            &mut request.error_rate,
            &mut request.mean_latency,
        ] {
            *figure = unknown();
        }
    }
    for component in &mut results.components {
        (component.queue, component.wait) = (unknown(), unknown());
        for resource in &mut component.resources {
            (resource.utilisation, resource.busiest) = (unknown(), unknown());
        }
    }
    for values in all_values(&mut results.series) {
        values.fill(unknown());
    }
    results.bottleneck = None;
    results.warnings.clear();
    results.verdicts.clear();
    results
}

/// The values of every line.
fn all_values(series: &mut Series) -> impl Iterator<Item = &mut Vec<Estimate>> {
    let groups = series.requests.iter_mut().chain([&mut series.total]);
    let groups = groups.chain(&mut series.components);
    groups.flat_map(|lines| &mut lines.0).map(|line| &mut line.values)
}

fn series() -> Series {
    Series {
        window: Span::from_millis(4500),
        starts: (0..WINDOWS).map(|i| 60.0 + 4.5 * i as f64).collect(),
        requests: vec![
            request_series(270.0, 2.0, 0.0231, 0.15, 1),
            request_series(30.0, 0.5, 0.0412, 0.3, 11),
            request_series(1.0, 0.0, 0.0006, 0.006, 21),
        ],
        total: rate_series(301.0, 2.5, 5),
        components: vec![
            component_series(0.08, 0.02, 31),
            component_series(0.61, 0.4, 41),
            component_series(0.85, 2.4, 51),
        ],
        resources: vec![Lines(Vec::new()); 3],
    }
}

fn verdicts() -> Vec<Verdict> {
    let verdict = |expectation: &str, found: &str, holds| Verdict {
        expectation: expectation.to_owned(),
        found: found.to_owned(),
        more: (holds == Decision::Undecided).then_some(30),
        holds,
    };
    vec![
        verdict("p99(GET /product) < 250ms", "204ms ±6", Decision::Holds),
        verdict("error_rate < 0.1%", "1.02% ±0.2", Decision::Fails),
        verdict("p99.9 < 500ms", "520ms ±50", Decision::Undecided),
    ]
}

/// Twenty request types and twenty components with names too long for any table.
pub(super) fn crowded() -> Results {
    let mut results = shop();
    let long = |name: &str, i: usize| format!("{name} number {i} with a name nobody can remember");
    for i in 3..20 {
        let mut request = results.requests[i % 3].clone();
        request.request = long("POST /a/very/long/path", i);
        request.arrivals += i as u64;
        results.requests.push(request);
        let mut component = results.components[i % 3].clone();
        component.name = long("component", i);
        results.components.push(component);
        results.series.requests.push(results.series.requests[i % 3].clone());
        results.series.components.push(results.series.components[i % 3].clone());
    }
    results
}

/// A run so short that it has one window, in which everything is the same.
pub(super) fn instant() -> Results {
    let mut results = shop();
    results.series.starts.truncate(1);
    for values in all_values(&mut results.series) {
        values.truncate(1);
        values.fill(Estimate::point(0.01));
    }
    results
}

/// Nothing at all.
pub(super) fn empty() -> Results {
    let mut results = silent();
    results.requests.clear();
    results.components.clear();
    results.series.starts.clear();
    results.series.requests.clear();
    results.series.components.clear();
    all_values(&mut results.series).for_each(Vec::clear);
    results
}
