//! Common random numbers: strategies differ in what they do, not in what they meet.

use deploysim::experiment::Results;

use crate::{at, close, run};

/// A shop under random load, with `FRONT` for what clients ask and `LINKS` for the delays.
const SHOP: &str = "
seed: 3
duration: 60s
warmup: 5s
replications: 4
clients:
  users:
    arrivals: poisson(50/s)
    target: FRONT
    timeout: none
    requests: {get: {weight: 9}, put: {weight: 1}}
links: {LINKS}
topology:
  front: {load_balancer: {policy: POLICY, backends: [app]}}
  app:
    server:
      replicas: REPLICAS
      workers: 8
      endpoints: {get: [{cpu: exp(3ms)}, {read: main}], put: [{cpu: exp(5ms)}, {write: main}]}
  main: {database: {cores: 2, connections: 4}}
";

fn shop(front: &str, replicas: u64, policy: &str, links: &str) -> Results {
    let replicas = replicas.to_string();
    run(&SHOP
        .replace("FRONT", front)
        .replace("REPLICAS", &replicas)
        .replace("POLICY", policy)
        .replace("{LINKS}", &format!("{{{links}}}")))
}

/// All latencies, as counted.
fn latencies(results: &Results) -> Vec<(u64, u64)> {
    results.total.histogram.buckets().map(|bucket| (bucket.lower, bucket.count)).collect()
}

#[test]
fn a_balancer_with_one_backend_and_no_delay_changes_nothing() {
    let direct = shop("app", 1, "random", "");
    let balanced = shop("front", 1, "random", "");
    assert_eq!(direct.total.histogram.sum(), balanced.total.histogram.sum());
    assert_eq!(latencies(&direct), latencies(&balanced));
}

#[test]
fn strategies_meet_the_same_requests_with_the_same_demands() {
    let random = shop("front", 3, "random", "");
    for (policy, links) in [
        ("round_robin", ""),
        ("least_connections", ""),
        ("random", "front -> app: 2ms"),
        ("least_connections", "users -> front: exp(4ms)"),
    ] {
        let other = shop("front", 3, policy, links);
        let arrivals =
            |results: &Results| results.requests.iter().map(|r| r.arrivals).collect::<Vec<_>>();
        assert_eq!(arrivals(&random), arrivals(&other), "{policy} {links}");
        assert_ne!(latencies(&random), latencies(&other), "{policy} {links}");
        // All but the work in progress at the beginning and at the end.
        for component in ["app", "main"] {
            let used = |results: &Results| {
                let cpu = &at(results, component).resources[0];
                cpu.utilisation.mean * cpu.capacity * 55.0
            };
            let (one, two) = (used(&random), used(&other));
            assert!((one - two).abs() < 0.05, "{policy} {links}: {component} {one} {two}");
        }
    }
}

#[test]
fn a_link_adds_its_delay_each_way() {
    let results = run("
duration: 20s
warmup: 1s
replications: 2
clients: {users: {arrivals: poisson(50/s), target: app, timeout: none, requests: {get: {}}}}
topology:
  app: {server: {workers: unlimited, endpoints: {get: [{io: 5ms}, {call: {to: far}}]}}}
  far: {server: {workers: unlimited, endpoints: {get: [{io: 3ms}]}}}
links: {users -> app: 1ms, app -> far: {there: 20ms, back: 100ms}}
");
    let latency = &results.total.histogram;
    assert_eq!((latency.min(), latency.max()), (Some(130_000_000), Some(130_000_000)));
    close(at(&results, "app").own.mean, 0.005);
    close(at(&results, "far").sojourn.mean, 0.003);
}

/// Nor does it show that there are none: CI runs this test without the feature `parallel` too.
#[test]
fn the_number_of_threads_shows_in_no_figure() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let results = pool.expect("threads").install(|| shop("front", 3, "least_connections", ""));
        let total = &results.total;
        assert_eq!((total.arrivals, total.histogram.sum()), (11_075, 62_208_280_866));
        assert_eq!(total.mean_latency.mean, 0.005_617_928_579_658_244);
        format!("{results:?}")
    };
    assert!(with(1) == with(4), "the results differ");
}
