//! Queues, workers and memory with constant durations: every count can be foretold.

use crate::{at, close, count, run, utilisation};

/// One client after another of these, each with one user, who thinks so long and then sends.
fn users(sends: &[(&str, &str)]) -> String {
    let client = |(index, (think, rest)): (usize, &(&str, &str))| {
        format!("  u{index}: {{users: {{count: 1, think: {think}}}, target: app, {rest}}}\n")
    };
    let clients: String = sends.iter().enumerate().map(client).collect();
    format!("duration: 1500ms\nwarmup: 0\nreplications: 1\nclients:\n{clients}topology:\n")
}

const GET: &str = "requests: {get: {}}";

/// Four at one worker, 100 ms each, who come at 1, 1.01, 1.02 and 1.03 s.
fn four(queue: &str) -> Vec<f64> {
    let sends = [("1s", GET), ("1010ms", GET), ("1020ms", GET), ("1030ms", GET)];
    let app = "  app: {server: {workers: 1, queue: {QUEUE}, endpoints: {get: [{cpu: 100ms}]}}}";
    let results = run(&(users(&sends) + &app.replace("QUEUE", queue)));
    results.requests.iter().map(|request| request.mean_latency.mean * 1e3).collect()
}

#[track_caller]
fn latencies(queue: &str, expected: [f64; 4]) {
    let found = four(queue);
    let close = |(found, expected): (&f64, &f64)| {
        found.is_nan() && expected.is_nan() || (found - expected).abs() < 1e-6
    };
    assert!(found.iter().zip(&expected).all(close), "{queue}: {found:?} for {expected:?}");
}

#[test]
fn first_come_and_last_come_are_served_in_their_order() {
    latencies("order: fifo", [100.0, 190.0, 280.0, 370.0]);
    latencies("order: lifo", [100.0, 390.0, 280.0, 170.0]);
}

#[test]
fn a_full_queue_turns_away_the_newcomer_or_the_oldest() {
    latencies("limit: 2", [100.0, 190.0, 280.0, f64::NAN]);
    latencies("limit: 2, full: drop_oldest", [100.0, f64::NAN, 180.0, 270.0]);
    latencies("limit: 2, full: drop_oldest, order: lifo", [100.0, f64::NAN, 280.0, 170.0]);
}

#[test]
fn who_has_waited_too_long_leaves_and_is_not_served() {
    latencies("timeout: 150ms", [100.0, 190.0, f64::NAN, f64::NAN]);
    latencies("timeout: 150ms, order: lifo", [100.0, f64::NAN, f64::NAN, 170.0]);
}

/// Urgent work of 100 ms comes while other work of 300 ms is a third done, then a second of each.
#[test]
fn the_most_urgent_work_goes_first_and_what_it_interrupts_goes_on() {
    let (late, urgent) = ("requests: {late: {priority: 7}}", "requests: {urgent: {}}");
    let sends = [("1s", late), ("1100ms", urgent), ("1150ms", late), ("1180ms", urgent)];
    let app = "  app: {server: {workers: unlimited, scheduling: preemptive_priority,
      endpoints: {late: [{cpu: 100ms}], urgent: [{cpu: 50ms}]}}}";
    let app = app.replace("late: [{cpu: 100ms}]", "late: [{cpu: 150ms}]");
    let results = run(&(users(&sends) + &app));
    let latency = |request: usize| results.requests[request].mean_latency.mean;
    // 0: 1.0 to 1.1, 1.15 to 1.18, 1.23 to 1.25 s. 1: at once. 2: 1.25 to 1.4 s. 3: at once.
    close(latency(0), 0.25);
    close(latency(1), 0.05);
    close(latency(2), 0.25);
    close(latency(3), 0.05);
    close(utilisation(&results, "app", "cpu"), 0.4 / 1.5);
    assert_eq!(at(&results, "app").queue_max, 2);
}

/// One worker, 100 ms a request, replaced after two, which takes 300 ms: of four who come together
/// at 1 s the last is done at 1.7 s.
#[test]
fn a_worker_is_replaced_after_so_many_requests() {
    let results = run("
duration: 1950ms
warmup: 0
replications: 1
clients: {users: {users: {count: 4, think: 1s}, target: app, requests: {get: {}}}}
topology:
  app:
    server:
      workers: 1
      recycle: {after: 2, start: 300ms}
      memory: {limit: 10MB, per_worker: 2MB, per_request: 4MB}
      endpoints: {get: [{cpu: 100ms}]}
");
    let app = at(&results, "app");
    assert_eq!((app.visits, app.queue_max), (4, 3));
    close(app.sojourn.mean, (0.1 + 0.2 + 0.6 + 0.7) / 4.0);
    close(utilisation(&results, "app", "workers"), 0.4 / 1.95);
    close(utilisation(&results, "app", "memory"), (2.0 + 4.0 * 0.4 / 1.95) / 10.0);
}

/// Room for two requests beside the workers: the others wait, with blocking workers and without.
#[test]
fn requests_wait_for_memory() {
    for (workers, memory, limit, idle, each) in [
        ("8", "limit: 28MB, per_worker: 1MB", 28.0, 8.0, 10.0),
        ("unlimited", "limit: 28MB, per_worker: 2MB", 28.0, 0.0, 12.0),
        ("async", "limit: 21MB, per_worker: 1MB", 21.0, 1.0, 10.0),
    ] {
        let results = run(&format!(
            "
duration: 1950ms
warmup: 0
replications: 1
clients: {{users: {{users: {{count: 6, think: 1s}}, target: app, requests: {{get: {{}}}}}}}}
topology:
  app:
    server:
      workers: {workers}
      memory: {{{memory}, per_request: 10MB}}
      endpoints: {{get: [{{io: 100ms}}]}}
"
        ));
        let app = at(&results, "app");
        assert_eq!((app.visits, app.queue_max), (6, 4), "{workers}");
        close(app.sojourn.mean, 0.2);
        close(app.wait.mean, 0.1);
        let memory = app.resources.iter().find(|resource| resource.name == "memory");
        let memory = memory.expect("it may run short");
        assert_eq!((memory.capacity, app.killed), (limit * 1e6, Some(0)), "{workers}");
        close(memory.utilisation.mean, (idle + 2.0 * each * 0.3 / 1.95) / limit);
        let filled = (memory.utilisation.mean - memory.idle) / (1.0 - memory.idle);
        close(filled, 2.0 * each * 0.3 / 1.95 / (limit - idle));
    }
}

/// Room for two: the third kills the server with the two and their work, of which it had done 20 ms
/// each; the fourth finds it away, the fifth does not, and an answer for the dead is heard by
/// nobody.
#[test]
fn who_takes_the_last_memory_kills_the_server() {
    for step in ["cpu: 50ms", "call: far"] {
        for workers in ["8", "unlimited", "async"] {
            let sends =
                [("1s", GET), ("1s", GET), ("1020ms", GET), ("1100ms", GET), ("1220ms", GET)];
            let app = format!(
                "  far: {{server: {{endpoints: {{get: [{{io: 50ms}}]}}}}}}
  app: {{server: {{workers: {workers}, cores: 2, endpoints: {{get: [{step}]}},
    memory: {{limit: 2MB, per_request: 1MB, full: kill, restart: 200ms}}}}}}"
            );
            let results = run(&(users(&sends) + &app));
            let outcome = |name: &str| count(&results, name);
            let found = (outcome("failed at app"), outcome("rejected by app"), outcome("ok"));
            assert_eq!(found, (3, 1, 1), "{workers}, {step}");
            close(results.requests[4].mean_latency.mean, 0.05);
            let app = at(&results, "app");
            assert_eq!((app.queue_max, app.killed), (0, Some(1)));
            assert!(results.warnings.contains(&"app was killed 1 time, out of memory".to_owned()));
            // Two for 20 ms, and one for as long as its request takes; away for 200 ms.
            close(utilisation(&results, "app", "memory"), (2.0 * 0.02 + 0.05) / 1.3 / 2.0);
            if step == "call: far" {
                assert_eq!((at(&results, "far").visits, at(&results, "far").wasted), (3, 2));
            } else {
                close(utilisation(&results, "app", "cpu"), (2.0 * 0.02 + 0.05) / 1.3 / 2.0);
            }
        }
    }
}

/// Two fast replicas and a slow one with two cores: round robin gives each the third of the work.
#[test]
fn replicas_may_differ() {
    let results = run("
duration: 1950ms
warmup: 0
replications: 1
clients: {users: {users: {count: 6, think: 1s}, target: front, requests: {get: {}}}}
topology:
  front: {load_balancer: {policy: round_robin, backends: [app]}}
  app:
    server:
      replicas: [{count: 2, speed: 2}, {speed: 0.5, cores: 2, workers: 2}]
      workers: 1
      endpoints: {get: [{cpu: 100ms}]}
");
    let app = at(&results, "app");
    assert_eq!(app.visits, 6);
    // Twice 50 and 100 ms, and 200 ms for both of the slow replica.
    close(app.sojourn.mean, (2.0 * 0.15 + 0.4) / 6.0);
    let capacity = |name| app.resources.iter().find(|r| r.name == name).map(|r| r.capacity);
    assert_eq!((capacity("cpu"), capacity("workers")), (Some(4.0), Some(4.0)));
    close(utilisation(&results, "app", "cpu"), (4.0 * 0.05 + 2.0 * 0.2) / 1.95 / 4.0);
    let cpu = app.resources.iter().find(|resource| resource.name == "cpu").expect("it has cores");
    close(cpu.busiest.mean, 0.2 / 1.95);
}

/// Two workers, 100 ms each. Both are taken from 1.05 s, when the second comes, until the third and
/// the fourth, who have waited for them, leave one of them free: at 1.2 s.
#[test]
fn the_time_without_a_free_worker_is_told_as_a_share() {
    let sends = [("1s", GET), ("1050ms", GET), ("1060ms", GET), ("1070ms", GET)];
    let app = "  app: {server: {workers: 2, endpoints: {get: [{io: 100ms}]}}}";
    let results = run(&(users(&sends) + app));
    close(at(&results, "app").measures.estimate("exhausted_share").mean, 0.15 / 1.5);
}
