//! Constant durations: every count and every mean can be foretold.

use crate::{at, close, count, run, utilisation};

/// One user who sends a request 100 ms after each answer, to a server that takes 25 ms.
#[test]
fn a_single_user_keeps_to_the_timetable() {
    let results = run("
duration: 100s
warmup: 0
replications: 1
clients: {user: {users: {count: 1, think: 100ms}, target: app, requests: {get: {}}}}
topology: {app: {server: {endpoints: {get: [{cpu: 25ms}]}}}}
");
    // Sent at 0.1, 0.225, ... 99.975 s: the 800th would be answered at the very end.
    assert_eq!(results.total.arrivals, 800);
    assert_eq!(count(&results, "ok"), 800);
    close(results.total.mean_latency.mean, 0.025);
    close(utilisation(&results, "app", "cpu"), 0.2);
    assert_eq!(at(&results, "app").queue_max, 0);
}

/// Ten users at once, one worker: they wait 0, 10, ... 90 ms, and from then on come in turn.
#[test]
fn those_who_come_together_are_served_one_after_another() {
    let results = run("
duration: 1150ms
warmup: 0
replications: 1
clients: {users: {users: {count: 10, think: 1s}, target: app, requests: {get: {}}}}
topology: {app: {server: {workers: 1, endpoints: {get: [{cpu: 10ms}]}}}}
");
    let app = at(&results, "app");
    assert_eq!((results.total.arrivals, app.visits, app.queue_max), (10, 10, 9));
    close(app.wait.mean, 0.045);
    close(app.sojourn.mean, 0.055);
    close(app.wait_share.mean, 0.9);
    close(app.queue.mean, 0.45 / 1.15);
    close(utilisation(&results, "app", "cpu"), 0.1 / 1.15);
}

/// The same ten under processor sharing are all done after 100 ms.
#[test]
fn those_who_share_a_core_finish_together() {
    let results = run("
duration: 1150ms
warmup: 0
replications: 1
clients: {users: {users: {count: 10, think: 1s}, target: app, requests: {get: {}}}}
topology: {app: {server: {workers: 10, endpoints: {get: [{cpu: 10ms}]}}}}
");
    let app = at(&results, "app");
    assert_eq!((app.visits, app.queue_max), (10, 0));
    close(app.sojourn.mean, 0.1);
    close(utilisation(&results, "app", "cpu"), 0.1 / 1.15);
}

/// Work of 100 ms arrives while work of 300 ms is half done: who comes later slows who was first.
#[test]
fn a_shared_core_serves_each_what_it_asked_for() {
    let results = run("
duration: 1600ms
warmup: 0
replications: 1
clients:
  first: {users: {count: 1, think: 1s}, target: app, requests: {long: {}}}
  later: {users: {count: 1, think: 1150ms}, target: app, requests: {short: {}}}
topology: {app: {server: {workers: 2, endpoints: {long: [{cpu: 300ms}], short: [{cpu: 100ms}]}}}}
");
    // Alone until 1.15 s; both at half speed until 1.35 s; alone until 1.4 s.
    close(results.requests[0].mean_latency.mean, 0.4);
    close(results.requests[1].mean_latency.mean, 0.2);
    close(utilisation(&results, "app", "cpu"), 0.4 / 1.6);
}

/// One worker, room for two: of ten who come together seven are turned away, at once.
#[test]
fn a_full_queue_turns_away_exactly_the_rest() {
    let results = run("
duration: 1050ms
warmup: 0
replications: 1
clients: {users: {users: {count: 10, think: 1s}, target: app, requests: {get: {}}}}
topology: {app: {server: {workers: 1, queue: {limit: 2}, endpoints: {get: [{cpu: 10ms}]}}}}
");
    let app = at(&results, "app");
    assert_eq!((count(&results, "ok"), count(&results, "rejected by app")), (3, 7));
    assert_eq!((app.visits, app.rejected, app.queue_max), (3, 7, 2));
    close(results.total.error_rate.mean, 0.7);
    close(app.sojourn.mean, 0.02);
}

/// Ten come together and give up after 35 ms; the one worker, 10 ms each, works on for all.
#[test]
fn a_timeout_abandons_and_the_work_goes_on() {
    let results = run("
duration: 1500ms
warmup: 0
replications: 1
clients:
  users: {users: {count: 10, think: 1s}, target: app, timeout: 35ms, requests: {get: {}}}
topology: {app: {server: {workers: 1, endpoints: {get: [{cpu: 10ms}]}}}}
");
    let app = at(&results, "app");
    assert_eq!((count(&results, "ok"), count(&results, "timed out")), (3, 7));
    assert_eq!((app.visits, app.wasted), (10, 7));
    close(app.wasted_share.mean, 0.7);
    close(utilisation(&results, "app", "cpu"), 0.1 / 1.5);
}

/// Ten users, a web tier of two workers in front of a database of one connection, 100 ms a read.
/// `WORKERS` is how the web tier waits.
const TIERS: &str = "
duration: 1950ms
warmup: 0
replications: 1
clients:
  users: {users: {count: 10, think: 1s}, target: web, requests: {slow: {}}}
  visitor: {users: {count: 1, think: 1005ms}, target: web, requests: {fast: {}}}
topology:
  web:
    server: {cores: 2, workers: WORKERS, endpoints: {slow: [{read: main}], fast: [{cpu: 1ms}]}}
  main: {database: {connections: 1, read: 100ms}}
";

#[test]
fn a_slow_database_exhausts_blocking_workers() {
    let results = run(&TIERS.replace("WORKERS", "2"));
    // Two of the ten hold the workers; eight wait for one, and so does the visitor behind them,
    // until the ninth of them has had the connection for 100 ms.
    close(results.requests[1].mean_latency.mean, 0.896);
    assert_eq!(at(&results, "web").queue_max, 9);
    assert_eq!(at(&results, "main").queue_max, 1);
    assert_eq!(results.requests[1].arrivals, 1);
    close(utilisation(&results, "main", "cpu"), 0.95 / 1.95 / 4.0);
    assert!(utilisation(&results, "web", "cpu") < 0.001, "the cores idle while no worker is free");
}

#[test]
fn asynchronous_workers_are_free_while_they_wait() {
    let results = run(&TIERS.replace("WORKERS", "async"));
    assert_eq!(at(&results, "web").queue_max, 0);
    assert_eq!(at(&results, "main").queue_max, 9);
    close(results.requests[1].mean_latency.mean, 0.001);
}
