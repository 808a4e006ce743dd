//! What holds of messages whatever happens to them: every one that is put is done, dead, dropped or
//! lost, or is still there.

use deploysim::experiment::Results;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{at, run};

/// Words of a scenario of a few seconds: senders, a queue with or without an order, consumers of
/// two kinds, and what goes wrong.
fn anything() -> impl Strategy<Value = String> {
    let load = (20_u64..300, 1_u64..50, any::<u32>());
    let delivery = select(vec![
        "visibility: 30s",
        "visibility: 100ms",
        "visibility: 60ms, done_by: latest",
        "visibility: 200ms, on_failure: return, retry_delay: exp(20ms)",
        "visibility: 50ms, on_failure: return, max_receives: 3, dead_letter: dead",
        "visibility: 80ms, max_receives: 2",
    ]);
    let keeping = select(vec![
        "",
        "durable: false,",
        "retention: 500ms,",
        "capacity: 20,",
        "retention: 300ms, capacity: 100, durable: false, delay: exp(30ms),",
    ]);
    let order = select(vec![
        "",
        "partitions: 1,",
        "partitions: 5,",
        "partitions: 7, partition_by: user,",
        "partitions: 3, partition_by: turn,",
    ]);
    let poison = select(vec!["", "poison: 5%,", "poison: 100%,"]);
    let consumers =
        (select(vec!["1", "3"]), select(vec!["1", "4", "30"]), select(vec!["2", "async"]));
    let steps = select(vec![
        "[cpu: exp(10ms)]",
        "[{cpu: exp(2ms)}, {write: main}]",
        "[{branch: [{p: 0.2, steps: [call: {to: pay, endpoint: jobs}]}, {steps: [io: exp(30ms)]}]}]",
        "[{parallel: {steps: [[io: 40ms], [cpu: 5ms]], wait: first}}, {send: later}]",
    ]);
    let link = select(vec!["{}", "{jobs -> worker: {delay: 5ms, loss: 5%}}"]);
    let faults = select(vec![
        "[]",
        "[{crash: jobs, at: 1s, for: 500ms}, {hang: worker, at: 2s, for: 300ms}]",
        "[{silence: worker, at: 1s, for: 700ms}, {crash: dead, at: 2s, for: 1s}]",
        "[{hang: jobs, at: 1s, for: 400ms}, {slow: jobs, to: 10%, at: 2s, for: 500ms}]",
        "[{crash: worker, every: exp(400ms), for: exp(100ms)}]",
        "[{partition: worker, from: jobs, at: 1s, for: 500ms}, {silence: jobs, at: 2s, for: 200ms}]",
        "[{partition: worker, from: jobs, way: in, at: 1s, for: 500ms}, {crash: main, at: 2s, for: 1s}]",
    ]);
    let parts = (load, delivery, (keeping, order, poison), consumers, steps, (link, faults));
    parts.prop_map(|(load, delivery, (keeping, order, poison), consumers, steps, around)| {
        let queue = format!("{keeping} {order} {poison} {delivery}");
        scenario(load, &queue, consumers, steps, around)
    })
}

fn scenario(
    (rate, keys, seed): (u64, u64, u32),
    queue: &str,
    (replicas, at_once, workers): (&str, &str, &str),
    steps: &str,
    (links, faults): (&str, &str),
) -> String {
    format!(
        "
seed: {seed}
duration: 4s
warmup: 0
replications: 1
catalog: {{things: {{keys: {keys}}}}}
clients:
  users: {{arrivals: poisson({rate}/s), target: app, requests: {{get: {{keys: things}}}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{cpu: 1ms}}, {{send: jobs}}]}}}}}}
  jobs: {{message_queue: {{latency: exp(2ms), {queue}}}}}
  worker:
    server:
      replicas: {replicas}
      workers: {workers}
      consumes: {{from: jobs, at_once: {at_once}}}
      endpoints: {{jobs: {steps}}}
  other: {{server: {{consumes: {{from: jobs, at_once: 2}}, endpoints: {{\"*\": [io: exp(50ms)]}}}}}}
  later: {{message_queue: {{}}}}
  dead: {{message_queue: {{capacity: 30}}}}
  main: {{database: {{write: exp(5ms)}}}}
  pay: {{external: {{latency: exp(5ms), error_rate: 50%}}}}
links: {links}
faults: {faults}
"
    )
}

fn figure(results: &Results, component: &str, name: &str) -> f64 {
    let measures = &at(results, component).measures;
    measures.get(name).unwrap_or_else(|| panic!("{component} has {name}")).estimate.mean
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Under debug assertions that holds after each event, beside Little's law of all visits.
    #[test]
    fn every_message_is_done_dead_dropped_lost_or_there(yaml in anything()) {
        let results = run(&yaml);
        for queue in ["jobs", "later", "dead"] {
            let of = |name| figure(&results, queue, name);
            let gone = of("done") + of("dead_letters") + of("expired") + of("lost_messages");
            prop_assert_eq!(of("put"), gone + of("left"), "{}", queue);
            let ended = of("done") + of("duplicates") + of("failed_deliveries");
            prop_assert!(ended <= of("deliveries"), "{} of {}", ended, of("deliveries"));
            prop_assert!(of("backlog_share") <= 1.0 && of("oldest_age") <= 4.0);
            prop_assert!(of("oldest_age") <= 4.0 * of("backlog_share") + 1e-9);
        }
        let dead = figure(&results, "dead", "put") + figure(&results, "jobs", "undeliverable");
        prop_assert!(dead <= figure(&results, "jobs", "dead_letters"));
        for component in &results.components {
            for resource in &component.resources {
                let used = resource.utilisation.mean;
                prop_assert!(!used.is_finite() || used <= 1.0 + 1e-9, "{used} of {}", resource.name);
            }
        }
        let outcomes: u64 = results.total.outcomes.iter().map(|outcome| outcome.count).sum();
        prop_assert_eq!(outcomes, results.total.arrivals);
    }
}
