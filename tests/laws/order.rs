//! What the order of service changes and what it does not.

use deploysim::experiment::Results;
use proptest::prelude::*;

use crate::{at, run, utilisation};

/// A server of one core under Poisson arrivals of two types, equipped so.
fn one_core(seed: u32, rate: u64, seconds: f64, cpu: &str, equipment: &str) -> Results {
    run(&format!(
        "
seed: {seed}
duration: {seconds:.9}s
warmup: 0
replications: 1
clients:
  users:
    arrivals: poisson({rate}/s)
    target: app
    timeout: none
    requests: {{urgent: {{}}, other: {{priority: 3, weight: 2}}}}
topology:
  app: {{server: {{{equipment}, endpoints: {{\"*\": [{{cpu: \"{cpu}\"}}]}}}}}}
"
    ))
}

const ORDERS: [&str; 4] = ["fifo", "lifo", "random", "priority"];

fn work() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["10ms", "exp(10ms)", "lognormal(mean=10ms, cv=2)"])
}

/// How many latencies were at most as long as each bucket of either.
fn cumulative(results: &Results, bounds: &[u64]) -> Vec<u64> {
    let buckets: Vec<_> = results.total.histogram.buckets().collect();
    let below = |bound: &u64| {
        buckets.iter().filter(|bucket| bucket.lower <= *bound).map(|bucket| bucket.count).sum()
    };
    bounds.iter().map(below).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 20 } else { 100 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    /// Whatever the order, the core has been busy as long by any instant: busy periods begin and
    /// end together. A nanosecond of rounding for each turn at a shared core makes the slack.
    #[test]
    fn every_order_of_service_finishes_its_busy_periods_together(
        seed in any::<u32>(),
        rate in 20_u64..110,
        seconds in 0.5_f64..20.0,
        cpu in work(),
    ) {
        let busy = |equipment: &str| {
            let equipment = format!("{equipment}, queue: {{limit: unlimited}}");
            let results = one_core(seed, rate, seconds, cpu, &equipment);
            (utilisation(&results, "app", "cpu") * seconds, results.total.arrivals as f64)
        };
        let (first, arrivals) = busy("workers: 1");
        for scheduling in ["processor_sharing", "run_to_completion", "preemptive_priority"] {
            for workers in ["unlimited", "3"] {
                let (other, _) = busy(&format!("workers: {workers}, scheduling: {scheduling}"));
                prop_assert!((first - other).abs() <= arrivals * 3e-9, "{scheduling} {workers}");
            }
        }
        for order in ORDERS {
            let queue = format!("workers: 1, queue: {{limit: unlimited, order: {order}}}");
            let results = one_core(seed, rate, seconds, cpu, &queue);
            let other = utilisation(&results, "app", "cpu") * seconds;
            prop_assert!((first - other).abs() <= 1e-9, "{order}: {first} {other}");
        }
    }

    #[test]
    fn a_bounded_queue_never_exceeds_its_bound(
        seed in any::<u32>(),
        rate in 50_u64..400,
        limit in 0_u64..12,
        workers in 1_u64..4,
        order in prop::sample::select(ORDERS.to_vec()),
        full in prop::sample::select(vec!["reject", "drop_oldest"]),
        timeout in prop::sample::select(vec!["", ", timeout: 20ms", ", timeout: exp(20ms)"]),
    ) {
        let queue = format!("{{limit: {limit}, order: {order}, full: {full}{timeout}}}");
        let equipment = format!("workers: {workers}, cores: {workers}, queue: {queue}");
        let results = one_core(seed, rate, 5.0, "exp(10ms)", &equipment);
        let app = at(&results, "app");
        prop_assert!(app.queue_max <= limit, "{} wait", app.queue_max);
        let present = results.total.outcomes.iter().find(|o| o.outcome == "in flight at the end");
        let present = present.map_or(0, |outcome| outcome.count);
        prop_assert_eq!(app.visits + app.rejected + present, results.total.arrivals);
    }

    /// The same requests with the same demands: first come first served, every one is done no later
    /// on a faster core, so that at least as many are done within any time.
    #[test]
    fn a_faster_server_makes_no_request_later(
        seed in any::<u32>(),
        rate in 20_u64..120,
        cpu in work(),
        faster in 1.0_f64..3.0,
        limit in prop::sample::select(vec!["workers: 1", "workers: 2, cores: 2"]),
    ) {
        let with = |speed: f64| {
            let equipment = format!("{limit}, speed: {speed:.3}, queue: {{limit: unlimited}}");
            one_core(seed, rate, 10.0, cpu, &equipment)
        };
        let (slow, fast) = (with(1.0), with(faster));
        prop_assert_eq!(slow.total.arrivals, fast.total.arrivals);
        let bounds: Vec<u64> =
            slow.total.histogram.buckets().map(|bucket| bucket.lower).collect();
        let (slow, fast) = (cumulative(&slow, &bounds), cumulative(&fast, &bounds));
        prop_assert!(slow.iter().zip(&fast).all(|(slow, fast)| fast >= slow));
    }
}

/// Three at once, one a millisecond after the other, of 10 ms each: the last is served second.
#[test]
fn the_last_to_come_is_the_next_to_be_served_to_its_end() {
    let latencies = |order: &str| {
        let client = "{arrivals: constant(1/s), target: app, requests: {get: {}}}";
        let results = run(&format!(
            "
duration: 10.5s
warmup: 0
replications: 1
clients: {{one: {client}, two: {client}, three: {client}}}
topology:
  app:
    server:
      {{cores: 1, workers: 1, queue: {{order: {order}, limit: unlimited}},
        endpoints: {{get: [cpu: 10ms]}}}}
links: {{two -> app: 1ms, three -> app: 2ms}}
"
        ));
        let of = |client: &str| {
            let found = results.requests.iter().find(|result| result.client == client);
            (found.expect("it asks").mean_latency.mean * 1e3).round()
        };
        ["one", "two", "three"].map(of)
    };
    assert_eq!(latencies("lifo"), [10.0, 31.0, 22.0]);
    assert_eq!(latencies("fifo"), [10.0, 21.0, 32.0]);
}
