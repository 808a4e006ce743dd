//! Steps within steps: with constant durations and a single request every moment can be foretold.

use deploysim::experiment::Results;

use crate::{at, close, count, run, utilisation};

/// One request, sent after a second, of which all that follows is over at four seconds. `web` does
/// the steps; `leaf` takes 100 ms for each call, `slow` 300 ms, and both have room for all.
fn once(web: &str, steps: &str) -> Results {
    run(&format!(
        "
duration: 4s
warmup: 0
replications: 1
clients: {{user: {{users: {{count: 1, think: 1s}}, target: web, requests: {{get: {{}}}}}}}}
topology:
  web: {{server: {{{web}, endpoints: {{get: [{steps}, {{sleep: 2s}}]}}}}}}
  leaf: {{server: {{workers: unlimited, endpoints: {{\"*\": [{{io: 100ms}}]}}}}}}
  slow: {{server: {{workers: unlimited, endpoints: {{\"*\": [{{cpu: 300ms}}]}}}}}}
  full: {{server: {{workers: 1, queue: {{limit: 0}}, endpoints: {{\"*\": [{{io: 200ms}}]}}}}}}
"
    ))
}

/// What the steps took, without the two seconds of sleep after them.
#[track_caller]
fn took(web: &str, steps: &str, seconds: f64) -> Results {
    let results = once(web, steps);
    assert_eq!((results.total.arrivals, count(&results, "ok")), (1, 1));
    close(results.total.mean_latency.mean, 2.0 + seconds);
    results
}

const BOTH: [&str; 2] = ["workers: 4", "workers: async, cores: 4"];

#[test]
fn steps_at_once_take_as_long_as_the_longest() {
    for web in BOTH {
        let results = took(web, "{parallel: [{call: leaf}, {call: slow}, {io: 50ms}]}", 0.3);
        assert_eq!((at(&results, "leaf").visits, at(&results, "slow").visits), (1, 1));
        // The time is that of the call to `slow`: 2 seconds remain to `web` itself.
        close(at(&results, "web").own.mean, 2.0);
        took(web, "{parallel: [[{call: leaf}, {io: 250ms}], {call: slow}]}", 0.35);
    }
}

#[test]
fn a_cpu_step_overlaps_io_and_shares_cores_with_another() {
    took("workers: 1", "{parallel: [{cpu: 80ms}, {io: 100ms}]}", 0.1);
    took("workers: 1", "{parallel: [{cpu: 80ms}, {cpu: 40ms}]}", 0.12);
    took("workers: 1, cores: 2", "{parallel: [{cpu: 80ms}, {cpu: 40ms}]}", 0.08);
    let line = "workers: 1, scheduling: run_to_completion";
    let results = took(line, "{parallel: [{cpu: 80ms}, {cpu: 40ms}]}", 0.12);
    close(utilisation(&results, "web", "cpu"), 0.12 / 4.0);
    close(at(&results, "web").wait.mean, 0.08);
}

#[test]
fn asynchronous_strands_want_a_worker_each() {
    let steps = "{parallel: [{cpu: 80ms}, {cpu: 40ms}]}";
    took("workers: async, cores: 2", steps, 0.08);
    took("workers: async, cores: 1", steps, 0.12);
}

#[test]
fn those_nobody_waits_for_run_on_as_wasted_work() {
    for web in BOTH {
        let steps = "{parallel: {wait: first, steps: [{call: leaf}, {call: slow}, {call: slow}]}}";
        let results = took(web, steps, 0.1);
        assert_eq!((at(&results, "leaf").wasted, at(&results, "slow").wasted), (0, 2));
        // The two share a core for 600 ms, in vain.
        close(utilisation(&results, "slow", "cpu"), 0.6 / 4.0);
        close(at(&results, "slow").wasted_share.mean, 1.0);
        let steps = "{parallel: {wait: 2, steps: [{call: slow}, {io: 1s}, {call: leaf}]}}";
        assert_eq!(at(&took(web, steps, 0.3), "slow").wasted, 0);
    }
}

#[test]
fn copies_are_so_many_calls() {
    let results = took("workers: 1", "{parallel: {steps: [{call: slow}], copies: 3}}", 0.9);
    assert_eq!(at(&results, "slow").visits, 3);
    let results =
        took("workers: 1", "{parallel: {steps: [{call: slow}], copies: 3, wait: 2}}", 0.9);
    assert_eq!(at(&results, "slow").wasted, 0);
}

/// `full` takes one and turns the others away.
#[test]
fn a_request_fails_when_too_few_can_still_succeed() {
    for web in BOTH {
        let steps = "{parallel: {steps: [{call: full}, {call: full}, {call: leaf}], wait: 2}}";
        took(web, steps, 0.2);
        let results = once(web, "{parallel: [{call: full}, {call: full}, {call: leaf}]}");
        // At once; and again at 2, 3 and 4 seconds.
        assert_eq!(count(&results, "rejected by full"), 4);
        assert_eq!(at(&results, "leaf").wasted, 3);
        let steps = "{repeat: {times: 2, steps: [{parallel: [{parallel: [{call: full}]}, \
                     {repeat: {times: 2, steps: [{call: {to: slow, timeout: 50ms}}]}}]}]}}";
        let results = once(web, steps);
        // After 50 ms, three times; `full` is free again by then.
        assert_eq!(count(&results, "failed at web"), 3);
        assert_eq!(at(&results, "full").wasted, 3);
    }
}

#[test]
fn repeated_steps_follow_one_another() {
    for web in BOTH {
        took(web, "{repeat: {times: 3, steps: [{call: leaf}, {io: 10ms}]}}", 0.33);
        let inner = "{repeat: {times: 4, steps: [{sleep: 10ms}]}}";
        let steps = format!("{{repeat: {{times: 3, steps: [{inner}, {{io: 100ms}}, {inner}]}}}}");
        took(web, &steps, 0.54);
        let steps = format!("{{parallel: [{{repeat: {{times: 2, steps: [{inner}]}}}}, {inner}]}}");
        took(web, &steps, 0.08);
    }
}

/// Rounds and copies have demands of their own: the least of so many would otherwise be the most.
#[test]
fn rounds_and_copies_draw_for_themselves() {
    let first = once("workers: 4", "{io: exp(100ms)}").total.mean_latency.mean;
    for often in ["repeat: {times: 2,", "parallel: {copies: 2,"] {
        let results = once("workers: 4", &format!("{{{often} steps: [{{io: exp(100ms)}}]}}}}"));
        assert_ne!(results.total.mean_latency.mean - 2.0, first - 2.0);
        assert_ne!(results.total.mean_latency.mean - 2.0, 2.0 * (first - 2.0));
    }
}

#[test]
fn branches_are_taken_as_often_as_is_said() {
    let sure = "{branch: [{p: 0, steps: [{call: slow}]}, {p: 1, steps: [{call: leaf}]}]}";
    took("workers: 1", sure, 0.1);
    took("workers: 1", "{branch: [{p: 0, steps: [{call: slow}]}]}, {io: 10ms}", 0.01);
    let results = run("
duration: 1000s
warmup: 0
replications: 1
clients: {users: {arrivals: poisson(100/s), target: web, requests: {get: {}}}}
topology:
  web:
    server:
      workers: unlimited
      endpoints:
        get:
          - branch:
              - {p: 10%, steps: [{call: a}]}
              - {p: 30%, steps: {call: b}}
              - steps: [{branch: [{p: 0.5, steps: [{call: c}]}]}]
  a: {server: {endpoints: {get: [{io: 1ms}]}}}
  b: {server: {endpoints: {get: [{io: 1ms}]}}}
  c: {server: {endpoints: {get: [{io: 1ms}]}}}
");
    let n = results.total.arrivals as f64;
    for (name, p) in [("a", 0.1_f64), ("b", 0.3), ("c", 0.3)] {
        // Six standard errors: false alarms two in 10^9.
        let off = (at(&results, name).visits as f64 - n * p).abs();
        assert!(off < 6.0 * (n * p * (1.0 - p)).sqrt(), "{name}: {off}");
    }
}

/// Two who log in at once write 1 MB each, 110 ms of the disk: the second waits for the first.
#[test]
fn writes_to_a_disk_go_one_after_the_other() {
    let disk = "disk: {latency: 10ms, throughput: 10MB/s}";
    let yaml = |workers| {
        format!(
            "
duration: 1600ms
warmup: 0
replications: 1
clients: {{users: {{users: {{count: 2, think: 1s}}, target: app, requests: {{get: {{}}}}}}}}
topology: {{app: {{server: {{workers: {workers}, {disk}, endpoints: {{get: [{{log: 1MB}}]}}}}}}}}
"
        )
    };
    for (workers, held) in [("2", (0.11 + 0.22) / 2.0), ("1", 0.22), ("async", 0.0)] {
        let results = run(&yaml(workers));
        close(results.total.mean_latency.mean, (0.11 + 0.22) / 2.0);
        close(utilisation(&results, "app", "disk"), 0.22 / 1.6);
        // A worker that is held waits with its request.
        close(utilisation(&results, "app", "workers"), held / 1.6);
    }
}

/// What is written when a server crashes is lost, and the disk is idle when it is back.
#[test]
fn a_crash_ends_what_a_disk_was_about() {
    let results = run("
duration: 3500ms
warmup: 0
replications: 1
clients: {users: {users: {count: 2, think: 1s}, target: app, requests: {get: {}}}}
topology: {app: {server: {disk: {throughput: 10MB/s}, endpoints: {get: [{log: 1MB}]}}}}
faults: [{crash: app, at: 1050ms, for: 100ms}]
");
    // Both fail at 1.05 s, and write from 2.05 to 2.15 and 2.25 s; then each alone, a second later.
    assert_eq!((count(&results, "failed at app"), count(&results, "ok")), (2, 4));
    close(results.total.mean_latency.mean, (0.1 + 0.2 + 0.1 + 0.1) / 4.0);
    close(utilisation(&results, "app", "disk"), (0.05 + 0.2 + 0.2) / 3.4);
}
