//! Small scenarios of every kind, drawn at random: of the laws, and of the record of figures.
//!
//! A change here makes other scenarios, so that figures cannot be compared across it: it is a
//! commit of its own, with a record (`tests/figures/`) of its own.

use proptest::prelude::*;

/// The ways in which cores are shared.
pub(crate) const SCHEDULING: [&str; 3] =
    ["processor_sharing", "run_to_completion", "preemptive_priority"];

/// A small scenario, with all that matters drawn.
#[derive(Clone, Debug)]
pub(crate) struct Small {
    rate: u64,
    replicas: u64,
    cores: u64,
    workers: String,
    pub(crate) queue: u64,
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
    /// The text of the scenario, its cores shared in this way.
    pub(crate) fn yaml(&self, scheduling: &str) -> String {
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

/// Any of them.
pub(crate) fn small() -> impl Strategy<Value = Small> {
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
