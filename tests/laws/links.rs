//! Links: bandwidth, shared pipes, buffers, loss, and the order of messages, with constant
//! durations to the nanosecond.

use deploysim::experiment::Results;

use crate::{at, close, count, run, utilisation};

/// `users` ask `app`, which answers at once, every second over `link`.
fn asked(users: u64, link: &str) -> Results {
    run(&format!(
        "
duration: 1999ms
warmup: 0
replications: 1
clients:
  users:
    users: {{count: {users}, think: 1s}}
    target: app
    requests: {{get: {{request_size: 1000B, response_size: 3kB}}}}
links: {{users -> app: {link}}}
topology: {{app: {{server: {{workers: unlimited, endpoints: {{get: [{{cpu: 0}}]}}}}}}}}
"
    ))
}

/// The shortest and the longest latency (ns).
fn latencies(results: &Results) -> (u64, u64) {
    let latency = &results.total.histogram;
    (latency.min().expect("some are answered"), latency.max().expect("some are answered"))
}

#[test]
fn a_message_takes_its_size_over_the_bandwidth_each_way() {
    // 1000 bytes and 3000 bytes at 3 Mbit/s: 8/3 ms, rounded, and 8 ms.
    let both = asked(1, "{delay: 1ms, bandwidth: 3Mbit/s}");
    assert_eq!(latencies(&both), (12_666_667, 12_666_667));
    let own = asked(10, "{delay: 1ms, bandwidth: 3Mbit/s, pipe: own}");
    assert_eq!(latencies(&own), (12_666_667, 12_666_667), "nobody waits");
}

#[test]
fn each_way_has_its_own_bandwidth_and_delay() {
    let there = asked(1, "{delay: 1ms, there: {bandwidth: 8Mbit/s}, back: 5ms}");
    assert_eq!(latencies(&there), (7_000_000, 7_000_000));
    let back = asked(1, "{bandwidth: 8Mbit/s, there: {bandwidth: 1Mbit/s, delay: 2ms}}");
    assert_eq!(latencies(&back), (13_000_000, 13_000_000));
}

#[test]
fn messages_that_share_a_pipe_leave_one_after_the_other() {
    // Ten come together and take 1 ms each; their answers take no time.
    let results = asked(10, "{there: {bandwidth: 8Mbit/s}}");
    assert_eq!(latencies(&results), (1_000_000, 10_000_000));
    let pipe = at(&results, "users -> app");
    assert_eq!((pipe.kind, pipe.visits, pipe.queue_max), ("link", 10, 9));
    close(pipe.wait.mean, 0.0045);
    close(pipe.sojourn.mean, 0.0055);
    close(pipe.present.mean, 0.055 / 1.999);
    close(utilisation(&results, "users -> app", "bandwidth"), 0.01 / 1.999);
    assert!(results.components.iter().all(|part| part.name != "users <- app"));
}

#[test]
fn a_full_buffer_drops_exactly_the_rest_and_they_are_sent_again() {
    // One leaves, two wait, seven are dropped. 100 ms later of those again three get through, ...
    let link = |tries: u64| {
        format!(
            "{{there: {{bandwidth: 8Mbit/s, buffer: 2kB, retransmit: {{after: 100ms, tries: {tries}}}}}}}"
        )
    };
    let once = asked(10, &link(1));
    assert_eq!((count(&once, "ok"), count(&once, "lost on users -> app")), (3, 7));
    assert_eq!(at(&once, "users -> app").rejected, 7);
    let thrice = asked(10, &link(3));
    assert_eq!((count(&thrice, "ok"), count(&thrice, "lost on users -> app")), (9, 1));
    assert_eq!(at(&thrice, "users -> app").rejected, 7 + 4 + 1);
    assert_eq!(latencies(&thrice), (1_000_000, 303_000_000));
}

#[test]
fn a_connection_fails_when_the_wait_after_the_last_try_is_over() {
    for way in ["there", "back"] {
        let link = |after: &str| {
            asked(
                10,
                &format!("{{{way}: {{loss: 100%, retransmit: {{after: {after}, tries: 3}}}}}}"),
            )
        };
        let in_time = link("100ms");
        // 100 + 200 + 400 ms.
        assert_eq!(count(&in_time, "lost on users -> app"), 10, "{way}");
        let visits = if way == "there" { 0 } else { 10 };
        assert_eq!(at(&in_time, "app").visits, visits, "{way}");
        // 999 ms is all there is.
        assert_eq!(count(&link("142.7ms"), "lost on users -> app"), 10, "{way}");
        assert_eq!(count(&link("142.8ms"), "in flight at the end"), 10, "{way}");
    }
}

#[test]
fn what_a_call_loses_fails_the_request_that_made_it() {
    let results = run("
duration: 10s
warmup: 0
replications: 1
clients: {users: {users: {count: 4, think: 1s}, target: front, requests: {get: {}}}}
links: {app -> main: {loss: 100%, retransmit: {after: 100ms, tries: 1}}}
topology:
  front: {load_balancer: {backends: app}}
  app: {server: {workers: 1, endpoints: {get: [{read: main}]}}}
  main: database
");
    assert_eq!(count(&results, "ok"), 0);
    let lost = count(&results, "lost on app -> main");
    assert_eq!(lost + count(&results, "in flight at the end"), results.total.arrivals);
    // The one worker is held for 100 ms each time; four come every 1.1 to 1.4 s.
    assert!(lost >= 24, "{lost}");
    close(results.total.error_rate.mean, 1.0);
}

#[test]
fn a_caller_that_gives_up_leaves_its_message_on_its_way() {
    let results = run("
duration: 3s
warmup: 0
replications: 1
clients:
  users: {users: {count: 1, think: 1s}, target: app, timeout: 500ms, requests: {get: {}}}
links: {users -> app: {there: {bandwidth: 4kbit/s}, back: {loss: 100%, retransmit: 300ms}}}
topology: {app: {server: {endpoints: {get: [{cpu: 1ms}]}}}}
");
    // Sent at 1 s and at 2.5 s; each arrives after a second.
    assert_eq!(count(&results, "timed out"), 2);
    assert_eq!((at(&results, "app").visits, at(&results, "app").wasted), (1, 1));
}

#[test]
fn a_balancer_passes_the_same_messages_on() {
    let results = run("
duration: 1999ms
warmup: 0
replications: 1
clients:
  users:
    users: {count: 1, think: 1s}
    target: front
    requests: {get: {request_size: uniform(1kB, 9kB), response_size: 3kB}}
links:
  users -> front: {there: {bandwidth: 8Mbit/s}}
  front -> app: {there: {bandwidth: 8Mbit/s}}
topology:
  front: {load_balancer: {backends: app}}
  app: {server: {endpoints: {get: [{cpu: 0}, {call: {to: far, request_size: 2kB}}]}}}
  far: {server: {endpoints: {get: [{cpu: 0}]}}}
");
    let time = |name: &str| at(&results, name).sojourn.mean;
    close(time("users -> front"), time("front -> app"));
    assert!(time("users -> front") > 0.001);
}

#[test]
fn messages_are_as_large_as_the_objects_that_they_carry() {
    let run = |more: &str, keys: &str| {
        run(&format!(
            "
duration: 2.5s
warmup: 0
replications: 1
catalog: {{things: {{keys: 1, size: 3kB, {keys}}}}}
clients:
  users:
    arrivals: constant(1/s)
    target: app
    requests: {{get: {{keys: things, {more}}}}}
links: {{default: {{bandwidth: 8Mbit/s}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{cache: {{in: memo, miss: [{{read: main}}]}}}}, {{call: db}}]}}}}}}
  memo: {{cache: {{latency: 0ms, negative_ttl: 1min}}}}
  main: {{database: {{read: 0ms, write: 0ms}}}}
  db: {{server: {{endpoints: {{get: [{{write: main}}]}}}}}}
"
        ))
    };
    // A byte takes a microsecond. 500 bytes to ask; a look that misses, 500 and 500, and a read,
    // 500 and 3000; or one that hits, 500 and 3000. The call 500 and 10240, and its write, 3000 and
    // 500.
    let ask = |least: u64, most: u64, answer: u64| {
        let rest = 500 + 500 + 3000 + 500 + 10_240 + answer;
        ((rest + least) * 1000, (rest + most) * 1000)
    };
    let results = run("response_size: object", "");
    assert_eq!(latencies(&results), ask(3500, 4500, 3000));
    close(utilisation(&results, "app -> memo", "bandwidth"), (500.0 + 3000.0 + 500.0) / 2.5e6);
    close(utilisation(&results, "app <- memo", "bandwidth"), (500.0 + 500.0 + 3000.0) / 2.5e6);
    // There is nothing until it is written, which the cache does not know.
    let results = run("response_size: 1kB", "absent: 100%");
    assert_eq!(latencies(&results), ask(1000, 2000, 1000));
}
