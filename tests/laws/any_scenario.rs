//! What holds whatever the scenario.

use deploysim::experiment::Results;
use proptest::prelude::*;

use crate::{at, run, utilisation};

/// A small scenario, with all that matters drawn.
#[derive(Clone, Debug)]
struct Small {
    rate: u64,
    replicas: u64,
    cores: u64,
    workers: String,
    queue: u64,
    /// The rest of the queue.
    discipline: String,
    /// What else the server has.
    house: &'static str,
    balancer: &'static str,
    cpu: &'static str,
    timeout: &'static str,
    call: &'static str,
    link: &'static str,
    seed: u64,
}

impl Small {
    fn yaml(&self, scheduling: &str) -> String {
        let Small {
            rate,
            replicas,
            cores,
            workers,
            queue,
            discipline,
            house,
            balancer,
            cpu,
            timeout,
            call,
            link,
            seed,
        } = self;
        format!(
            "
seed: {seed}
duration: 4s
warmup: 1s
replications: 2
clients:
  open:
    arrivals: poisson({rate}/s)
    target: front
    timeout: {timeout}
    requests: {{get: {{weight: 3}}, put: {{priority: 1}}}}
  closed:
    users: {{count: 5, think: exp(100ms)}}
    target: app2
    requests: {{get: {{}}}}
links: {{default: {link}}}
topology:
  front: {{load_balancer: {{{balancer}, backends: [app]}}}}
  app:
    server:
      replicas: {replicas}
      cores: {cores}
      scheduling: {scheduling}
      workers: {workers}
      queue: {{limit: {queue}{discipline}}}
      {house}
      endpoints:
        get: [{{cpu: \"{cpu}\"}}, {call}, {{io: exp(1ms)}}, {{cpu: 1ms}}]
        put: [{{write: main}}]
  app2:
    server: {{workers: 2, endpoints: {{get: [{{call: {{to: main, endpoint: read, timeout: 8ms}}}}]}}}}
  main:
    database: {{cores: 2, connections: 3, scheduling: {scheduling}, queue: {{limit: {queue}{discipline}}}}}
"
        )
    }
}

const BALANCERS: &[&str] = &[
    "policy: random, tie_break: lowest",
    "policy: round_robin, cost: 1ms, cores: 2",
    "policy: least_connections, replicas: 3, cost: exp(2ms), connections: 4, queue: {limit: 3}",
    "policy: weighted_random",
    "policy: weighted_round_robin, connections: 1",
    "policy: smooth_weighted_round_robin",
    "policy: weighted_least_connections, connections: 10, queue: {limit: 0}",
    "policy: {power_of_d: {d: 1}}",
    "policy: least_response_time, replicas: 2",
    "policy: {least_reported_load: {interval: 20ms, delay: 30ms}}, replicas: 2",
    "policy: source_hash, replicas: 2",
    "policy: {consistent_hash: {virtual_nodes: 7, load_factor: 1.1}}",
];
fn discipline() -> impl Strategy<Value = String> {
    let order = prop::sample::select(vec!["fifo", "lifo", "random", "priority"]);
    let full = prop::sample::select(vec!["reject", "drop_oldest"]);
    let timeout = prop::sample::select(vec!["", ", timeout: 8ms", ", timeout: exp(8ms)"]);
    (order, full, timeout)
        .prop_map(|(order, full, timeout)| format!(", order: {order}, full: {full}{timeout}"))
}

fn house() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "recycle: {after: 3, start: exp(20ms)}",
        "memory: {limit: 4MB, per_request: 1MB}",
        "memory: {limit: 4MB, per_request: 1MB, full: kill, restart: 50ms}",
    ])
}

fn small() -> impl Strategy<Value = Small> {
    let workers = prop_oneof![
        (1_u64..6).prop_map(|count| count.to_string()),
        Just("async".to_owned()),
        Just("unlimited".to_owned()),
    ];
    let equipment = (1_u64..4, 1_u64..4, workers, 0_u64..20, discipline(), house());
    let balancer = prop::sample::select(BALANCERS);
    let cpu = prop::sample::select(vec!["5ms", "exp(5ms)", "lognormal(mean=5ms, cv=2)", "0"]);
    let timeout = prop::sample::select(vec!["none", "10ms", "50ms"]);
    let call = prop::sample::select(vec![
        "{read: main}",
        "{call: {to: main, endpoint: read, timeout: 5ms}}",
        "{cpu: exp(1ms)}",
        "{repeat: {times: geometric(2), steps: [{read: main}, {cpu: exp(1ms)}]}}",
        "{parallel: [[{cpu: exp(2ms)}, {read: main}], {call: {to: main, endpoint: write, timeout: 9ms}}]}",
        "{parallel: {wait: first, copies: 2, steps: [{branch: [{p: 50%, steps: [{cpu: 3ms}]}]}, {read: main}]}}",
    ]);
    let link = prop::sample::select(vec![
        "\"uniform(0s, 2ms)\"",
        "{bandwidth: 20Mbit/s, pipe: own, back: {delay: exp(1ms), order: kept}}",
        "{bandwidth: 20Mbit/s, buffer: 30kB, loss: 5%, retransmit: {after: 10ms, tries: 3}}",
    ]);
    let load = (20_u64..600, any::<u32>());
    (load, equipment, balancer, cpu, timeout, call, link).prop_map(
        |((rate, seed), equipment, balancer, cpu, timeout, call, link)| {
            let (replicas, cores, workers, queue, discipline, house) = equipment;
            let endless = workers == "unlimited" && house.starts_with("recycle");
            Small {
                rate,
                replicas,
                cores,
                workers,
                queue,
                discipline,
                house: if endless { "" } else { house },
                balancer,
                cpu,
                timeout,
                call,
                link,
                seed: u64::from(seed),
            }
        },
    )
}

/// What holds in every run, whatever the scenario.
fn holds(results: &Results, queue: u64) -> Result<(), TestCaseError> {
    for request in results.requests.iter().chain([&results.total]) {
        let outcomes: u64 = request.outcomes.iter().map(|outcome| outcome.count).sum();
        prop_assert_eq!(outcomes, request.arrivals);
        prop_assert_eq!(request.histogram.count(), request.outcomes[0].count);
    }
    let total: u64 = results.requests.iter().map(|request| request.arrivals).sum();
    prop_assert_eq!(total, results.total.arrivals);
    for component in &results.components {
        for resource in &component.resources {
            prop_assert!(resource.utilisation.mean <= 1.0 + 1e-12);
            prop_assert!(resource.busiest.mean <= 1.0 + 1e-12);
            prop_assert!(resource.utilisation.mean <= resource.busiest.mean + 1e-12);
        }
        prop_assert!(component.wasted <= component.visits);
        prop_assert_eq!(component.wait.count(), component.sojourn.count());
        prop_assert!(component.wait.sum() <= component.sojourn.sum());
    }
    // Those who wait for one of three connections, and one with a connection but without a core.
    prop_assert!(at(results, "main").queue_max <= queue + 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 60 } else { 300 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Under debug assertions each run checks Little's law, the utilisation law and that nothing is
    /// lost, exactly.
    #[test]
    fn what_must_add_up_does(small in small()) {
        for scheduling in ["processor_sharing", "run_to_completion", "preemptive_priority"] {
            holds(&run(&small.yaml(scheduling)), small.queue)?;
        }
    }

    /// With room for all and nobody giving up, the order of service does not change how long a
    /// core is busy.
    #[test]
    fn sharing_and_queueing_do_the_same_work(
        rate in 10_u64..90,
        cores in 1_u64..4,
        seed in any::<u32>(),
        cpu in prop::sample::select(vec!["10ms", "exp(10ms)", "lognormal(mean=10ms, cv=2)"]),
    ) {
        let yaml = |scheduling: &str| format!("
seed: {seed}
duration: 30s
warmup: 0
replications: 1
clients: {{users: {{arrivals: poisson({rate}/s), target: app, timeout: none, requests: {{get: {{}}}}}}}}
topology:
  app:
    server:
      cores: {cores}
      scheduling: {scheduling}
      workers: unlimited
      queue: {{limit: unlimited}}
      endpoints: {{get: [{{cpu: \"{cpu}\"}}]}}
");
        let shared = run(&yaml("processor_sharing"));
        let queued = run(&yaml("run_to_completion"));
        prop_assert_eq!(shared.total.arrivals, queued.total.arrivals);
        let busy = |results: &Results| utilisation(results, "app", "cpu") * cores as f64 * 30.0;
        let (one, other) = (busy(&shared), busy(&queued));
        // A nanosecond of rounding for each turn; with several cores also what is left at the end.
        let slack = shared.total.arrivals as f64 * 3e-9;
        let unfinished = if cores == 1 { 0.0 } else { 1.0 };
        prop_assert!((one - other).abs() <= slack + unfinished, "{one} {other}");
    }
}
