//! Pools of connections: with constant durations it is known who waits for one, and for how long.

use deploysim::experiment::Results;

use crate::{at, close, count, run, utilisation};

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "app").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// So many users who come at 1, 2 and 3 s or a little later, each for these steps; a read takes
/// 100 ms.
fn at_once(users: u64, pool: &str, steps: &str) -> Results {
    let (pool, faults) = crate::with_faults(pool);
    let mut all = None;
    for workers in ["workers: 20", "workers: async, cores: 20"] {
        let results = run(&format!(
            "
duration: 3900ms
warmup: 0
replications: 1
clients: {{users: {{users: {{count: {users}, think: 1s}}, target: app, requests: {{get: {{}}}}}}}}
topology:
  app: {{server: {{{workers}, pools: {{main: {pool}}}, endpoints: {{get: [{steps}]}}}}}}
  main: {{database: {{cores: 20, read: 100ms}}}}
faults: {faults}
"
        ));
        // What waits for a connection does so with or without its worker.
        let latency = results.total.mean_latency.mean;
        close(latency, *all.get_or_insert(latency));
        if workers.contains("async") {
            return results;
        }
    }
    unreachable!("the second is asynchronous")
}

#[test]
fn a_call_waits_until_a_connection_is_free() {
    let results = at_once(3, "1", "{read: main}");
    // 100, 200, 300 ms; afterwards they come one after the other.
    close(results.total.mean_latency.mean, (0.1 + 0.2 + 0.3 + 6.0 * 0.1) / 9.0);
    close(figure(&results, "pool_wait"), (0.1 + 0.2) / 9.0);
    close(utilisation(&results, "app", "pool"), 0.9 / 3.9);
    close(figure(&results, "connections_opened"), 1.0 / 3.9);
}

#[test]
fn a_connection_is_held_for_a_call_or_for_the_whole_request() {
    let steps = "{read: main}, {io: 200ms}, {read: main}";
    let results = at_once(2, "{size: 1, held: call}", steps);
    // The one waits for the first read of the other, and never again.
    close(results.total.mean_latency.mean, (0.4 + 0.5 + 0.4 + 0.4) / 4.0);
    let results = at_once(2, "{size: 1, held: request}", steps);
    close(results.total.mean_latency.mean, (0.4 + 0.8 + 0.4 + 0.4) / 4.0);
    close(utilisation(&results, "app", "pool"), (4.0 * 0.4 + 0.1) / 3.9);
}

#[test]
fn parts_of_a_request_take_a_connection_each() {
    let results =
        at_once(1, "{size: 2, held: request}", "{parallel: {steps: [{read: main}], copies: 4}}");
    close(results.total.mean_latency.mean, 0.2);
    close(utilisation(&results, "app", "pool"), 3.0 * 0.4 / 2.0 / 3.9);
}

#[test]
fn one_that_has_waited_long_enough_fails() {
    let results = at_once(3, "{size: 1, timeout: 150ms}", "{read: main}");
    // The third fails at 150 ms, and comes again before the second.
    assert_eq!((count(&results, "failed at app"), count(&results, "ok")), (1, 8));
    assert_eq!(figure(&results, "pool_timeouts"), 1.0);
}

#[test]
fn opening_a_connection_takes_its_time_once() {
    let results = at_once(2, "{size: 5, connect: 50ms}", "{read: main}");
    close(results.total.mean_latency.mean, (2.0 * 0.15 + 4.0 * 0.1) / 6.0);
    close(figure(&results, "connections_opened"), 2.0 / 3.9);
    // A crash breaks the connections that are in use, and they are opened again.
    let results = at_once(
        2,
        "{size: 5, connect: 50ms} faults: [{crash: main, at: 1100ms, for: 100ms}]",
        "{read: main}",
    );
    assert_eq!((count(&results, "failed at main"), count(&results, "ok")), (2, 4));
    close(results.total.mean_latency.mean, (2.0 * 0.15 + 2.0 * 0.1) / 4.0);
    close(figure(&results, "connections_opened"), 4.0 / 3.9);
}

/// A crash of the server itself closes all it had.
#[test]
fn connections_end_with_who_has_them() {
    let results = at_once(
        2,
        "{size: 1, connect: 50ms, timeout: 1s} faults: [{crash: app, at: 1100ms, for: 100ms}]",
        "{read: main}",
    );
    assert_eq!((count(&results, "failed at app"), count(&results, "ok")), (2, 4));
    // 150 and 250 ms, then apart.
    close(results.total.mean_latency.mean, (0.15 + 0.25 + 0.1 + 0.1) / 4.0);
}

/// A call of what a database answers is one too, and gives its connection back when it fails.
#[test]
fn a_call_of_a_database_takes_a_connection() {
    let results = at_once(2, "1", "{call: {to: main, endpoint: read}}");
    close(results.total.mean_latency.mean, (0.1 + 0.2 + 0.1 + 0.1 + 0.1 + 0.1) / 6.0);
    close(utilisation(&results, "app", "pool"), 0.6 / 3.9);
    let crash = "1 faults: [{crash: main, at: 1050ms, for: 10ms}]";
    let results = at_once(2, crash, "{call: {to: main, endpoint: read}}");
    // The second opens a connection when that of the first is broken, and finds the database down.
    assert_eq!((count(&results, "failed at main"), count(&results, "ok")), (2, 4));
    close(results.total.mean_latency.mean, (0.1 + 0.2 + 0.1 + 0.1) / 4.0);
}
