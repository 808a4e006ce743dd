//! Servers that crash, balancers that notice, and users who are bound to one: all to the request.

use deploysim::experiment::Results;

use crate::{at, close, count, run};

/// Ten requests a second, the first after 100 ms, of 250 ms each, to one server.
fn alone(server: &str, endpoint: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: 5.01s
warmup: 0
replications: 1
catalog: {{thing: {{keys: 1}}}}
clients:
  users: {{arrivals: constant(10/s), target: app, requests: {{get: {{keys: thing}}}}}}
topology:
  app: {{server: {{{server}, endpoints: {{get: [{endpoint}]}}}}}}
  main: {{database: {{read: 0ms}}}}
faults: [{faults}]
"
    ))
}

#[test]
fn what_a_server_works_on_when_it_crashes_fails_and_so_does_what_comes_meanwhile() {
    for server in ["workers: unlimited", "workers: async, cores: 4", "workers: 3", "workers: 50"] {
        let results = alone(server, "io: 250ms", "{crash: app, at: 2.06s, for: 1s}");
        // Sent at 1.9 and 2 s, and at 2.1, 2.2, .. 3 s.
        assert_eq!(count(&results, "failed at app"), 2 + 10, "{server}");
        // Up to 4.7 s, of those sent from 3.1 s on.
        assert_eq!(count(&results, "ok"), 18 + 17, "{server}");
        assert_eq!(count(&results, "in flight at the end"), 3, "{server}");
    }
    let results = alone("workers: 3", "io: 250ms", "{crash: app, at: 2.06s}");
    assert_eq!((count(&results, "ok"), count(&results, "failed at app")), (18, 32));
}

/// Down for a second of 5.01: 39 requests of 50 ms, and 10 ms of another, in the 4.01 s that it was
/// there.
#[test]
fn what_is_in_use_is_a_share_of_what_was_there() {
    let results = alone("cores: 2", "cpu: 50ms", "{crash: app, at: 2.06s, for: 1s}");
    let cpu = &at(&results, "app").resources[0];
    close(cpu.capacity, 2.0 * 4.01 / 5.01);
    close(cpu.utilisation.mean, (39.0 * 0.05 + 0.01) / (2.0 * 4.01));
    close(cpu.busiest.mean, cpu.utilisation.mean);
}

#[test]
fn what_waits_or_runs_at_once_or_calls_fails_with_its_server() {
    // One worker, one done every 250 ms: 8 by 2.1 s, and one at work and 11 waiting at 2.11 s.
    let results = alone("workers: 1", "io: 250ms", "{crash: app, at: 2.11s, for: 10ms}");
    assert_eq!(count(&results, "failed at app"), 13);
    let fork = "parallel: [{cpu: 10ms}, {io: 150ms}, [{io: 20ms}, {read: main}]]";
    for step in [fork, "cpu: 150ms", "repeat: {times: 3, steps: [{io: 50ms}]}"] {
        let server = "workers: 10, cores: 10";
        let results = alone(server, step, "{crash: app, at: 2.08s, for: 1s}");
        // Sent at 2 s and, at the latest, at 3 s.
        assert_eq!(count(&results, "failed at app"), 1 + 10, "{step}");
        assert_eq!(count(&results, "ok"), 19 + 18, "{step}");
    }
}

#[test]
fn a_database_that_crashes_fails_those_who_read() {
    let faults = "{crash: main, at: 2.06s, for: 1s}";
    let results = alone("workers: 50", "{read: main}, {io: 50ms}", faults);
    assert_eq!(count(&results, "failed at main"), 10);
    assert_eq!(at(&results, "main").visits, 50);
}

#[test]
fn a_crash_empties_a_servers_own_cache() {
    let look = "cache: {in: local, miss: [{read: main}]}";
    let faults = "{crash: app, at: 2.06s, for: 100ms}, {crash: app, at: 4.06s, for: 100ms}";
    let results = alone("cache: {}", look, faults);
    let cache = at(&results, "app").cache.as_ref().expect("it has one");
    assert_eq!((cache.hits, cache.misses), (50 - 2 - 3, 3));
    assert_eq!(count(&results, "failed at app"), 2);
}

/// A hundred requests a second to three servers, of which the first is down from 2.003 s to
/// 4.003 s.
fn balanced(front: &str, clients: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: 6.005s
warmup: 0
replications: 1
clients: {{users: {{arrivals: constant(100/s), target: front, requests: {{get: {{}}}}, {clients}}}}}
topology:
  front: {{load_balancer: {{{front}, tie_break: lowest, backends: [app]}}}}
  app: {{server: {{replicas: 3, workers: unlimited, endpoints: {{get: [{{io: 25ms}}]}}}}}}
faults: [{{crash: \"app[0]\", {faults}}}]
"
    ))
}

const TWO_SECONDS: &str = "at: 2.003s, for: 2s";

#[test]
fn without_a_health_check_a_dead_server_gets_its_share_or_under_least_connections_all() {
    let failed = |policy: &str| {
        let results = balanced(&format!("policy: {policy}"), "", TWO_SECONDS);
        assert_eq!(results.total.arrivals, 600);
        count(&results, "failed at app")
    };
    // Sent at 2.01, 2.02, .. 4 s, of which it has every third, and one that it was working on.
    assert_eq!(failed("round_robin"), 67 + 1);
    // It answers at once, and is idle again.
    assert_eq!(failed("least_connections"), 200 + 1);
    assert_eq!(failed("least_response_time"), 200 + 1);
}

#[test]
fn a_health_check_takes_a_dead_server_off_the_list_of_every_policy_and_puts_it_back() {
    for policy in [
        "random",
        "weighted_random",
        "round_robin",
        "weighted_round_robin",
        "smooth_weighted_round_robin",
        "least_connections",
        "weighted_least_connections",
        "power_of_d",
        "least_response_time",
        "least_reported_load",
        "source_hash",
        "consistent_hash",
    ] {
        let check = "health_check: {interval: 100ms, unhealthy_after: 3, healthy_after: 2}";
        let results = balanced(&format!("policy: {policy}, {check}"), "", TWO_SECONDS);
        let failed = count(&results, "failed at app");
        // Noticed 200 to 300 ms after the crash; under some policies it had all requests by then.
        assert!(failed <= 31, "{policy}: {failed}");
        close(at(&results, "app").resources[0].capacity, 3.0 - 2.0 / 6.005);
        assert_eq!(count(&results, "ok") + failed + count(&results, "in flight at the end"), 600);
        // A server that never comes back is never asked again.
        let results = balanced(&format!("policy: {policy}, {check}"), "", "at: 2.003s");
        assert_eq!(count(&results, "failed at app"), failed, "{policy}");
    }
}

#[test]
fn the_time_until_a_crash_is_noticed_is_that_of_the_checks() {
    // With one backend all fail until it is off the list, and are turned away until it is back.
    let results = run("
duration: 60s
warmup: 0
replications: 1
clients: {users: {arrivals: constant(100/s), target: front, requests: {get: {}}}}
topology:
  front: {load_balancer: {health_check: {interval: 4s}, backends: [app]}}
  app: {server: {endpoints: {get: [{cpu: 0ms}]}}}
faults: [{crash: app, at: 10.005s, for: 30s}]
");
    let (failed, rejected) =
        (count(&results, "failed at app"), count(&results, "rejected by front"));
    // The third check after the crash is 8 to 12 s after it, the second after its end 4 to 8 s.
    assert!((800..=1200).contains(&failed), "{failed}");
    // Both are at the same time within the interval: 30 s are seven and a half of it.
    let up_again = failed + rejected - 3000;
    assert!((400..=800).contains(&up_again), "{up_again}");
    assert!((failed + 4000 - 800 - up_again) % 400 <= 200 + 400, "{failed} {up_again}");
    // Checks are no visits.
    assert_eq!(at(&results, "app").visits, count(&results, "ok") + failed);
    close(at(&results, "app").sojourn.mean, 0.0);
}

#[test]
fn a_slow_answer_to_a_check_is_none() {
    let results = run("
duration: 20s
warmup: 0
replications: 1
clients: {users: {arrivals: constant(10/s), target: front, requests: {get: {}}}}
topology:
  front:
    load_balancer: {health_check: {interval: 1s, timeout: 190ms, unhealthy_after: 1}, backends: [app]}
  app: {server: {endpoints: {get: [{cpu: 0ms}]}}}
links: {front -> app: 90ms}
faults: [{delay: front -> app, by: 10ms, at: 1ns, for: 20s}]
");
    // The first check is 190 ms old before the first second is over.
    assert!(count(&results, "rejected by front") >= 188, "{:?}", results.total.outcomes);
}

#[test]
fn a_user_with_a_cookie_goes_to_the_same_server_until_that_is_off_the_list() {
    // One user, every 10 ms, whose first requests go to the first server.
    let one = "population: 1";
    let sticky = "policy: round_robin, sticky: cookie";
    let results = balanced(sticky, one, TWO_SECONDS);
    // The first answer is there at 35 ms: those at 10, 20 and 30 ms have gone round, and the third
    // server's answer is the last to bring a cookie.
    assert_eq!(count(&results, "failed at app"), 0);
    let results = balanced(sticky, one, "at: 25ms, for: 2s");
    // Of the two under way one fails, and one goes to the first server in its turn.
    assert_eq!(count(&results, "failed at app"), 2);
    let results = run("
duration: 20.05s
warmup: 0
replications: 1
clients: {users: {arrivals: constant(10/s), population: 1, target: front, requests: {get: {}}}}
topology:
  front:
    load_balancer:
      {replicas: 3, policy: round_robin, sticky: cookie, health_check: {interval: 2s}, backends: [app]}
  app: {server: {replicas: 4, workers: 1, endpoints: {get: [{cpu: 10ms}]}}}
faults: [{crash: \"app[0]\", at: 5.05s, for: 10s}]
");
    // Whichever balancer it comes by, the cookie is the first server's, until that is noticed by
    // each after 4 to 6 s; then it is the second's for good.
    let failed = count(&results, "failed at app");
    assert!((40..=60).contains(&failed), "{failed}");
    assert_eq!(count(&results, "ok"), 200 - failed);
    let busiest = at(&results, "app").resources[0].busiest.mean;
    close(busiest, (200 - failed - 50).max(50) as f64 * 0.01 / 20.05);
}

/// A burst at 10 s exceeds the memory of the only server, which is away until 13 s. A check a
/// second finds it down, then up, whatever the second's fraction.
#[test]
fn a_server_killed_for_memory_is_back_on_the_list_after_its_restart() {
    let ok = |front: &str| {
        let results = run(&format!(
            "
duration: 19.95s
warmup: 0
replications: 1
clients:
  users: {{arrivals: constant(10/s), target: front, requests: {{get: {{}}}}}}
  burst: {{arrivals: constant(0.1/s), batch: 25, target: front, requests: {{get: {{}}}}}}
topology:
  front: {{load_balancer: {{{front} backends: app}}}}
  app:
    server:
      workers: 200
      memory: {{limit: 15MB, per_request: 1MB, full: kill, restart: 3s}}
      endpoints: {{get: [{{io: 250ms}}]}}
"
        ));
        assert_eq!(at(&results, "app").killed, Some(1));
        count(&results, "ok")
    };
    // Up to 9.7 s, those from 13 s on, and the last three are in flight.
    let unchecked = ok("");
    assert!((97 + 67..=97 + 68).contains(&unchecked), "{unchecked}");
    let checks = "health_check: {interval: 1s, timeout: 200ms, unhealthy_after: 1, \
                  healthy_after: 1},";
    let checked = ok(checks);
    assert!((unchecked - 10..=unchecked).contains(&checked), "{checked}, {unchecked} unchecked");
}

/// As [`alone`], of users who give up after 400 ms.
fn impatient(server: &str, endpoint: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: 5.01s
warmup: 0
replications: 1
clients:
  users: {{arrivals: constant(10/s), target: app, timeout: 400ms, requests: {{get: {{}}}}}}
topology:
  app: {{server: {{{server}, endpoints: {{get: [{endpoint}]}}}}}}
  main: {{database: {{read: 50ms}}}}
faults: [{faults}]
"
    ))
}

#[test]
fn of_a_server_that_is_silent_nothing_comes_back() {
    for server in ["workers: unlimited", "workers: async, cores: 4", "workers: 3", "workers: 50"] {
        let results = impatient(server, "io: 250ms", "{silence: app, at: 2.06s, for: 1s}");
        // Sent at 1.9 and 2 s, and at 2.1, 2.2, .. 3 s.
        assert_eq!(count(&results, "timed out"), 2 + 10, "{server}");
        assert_eq!(count(&results, "ok"), 18 + 17, "{server}");
        assert_eq!(at(&results, "app").wasted, 0, "{server}");
    }
    // Who waits for ever waits at the end.
    let results = alone("workers: 3", "io: 250ms", "{silence: app, at: 2.06s}");
    assert_eq!((count(&results, "ok"), count(&results, "in flight at the end")), (18, 32));
}

/// The server stops from 2.06 to 3.06 s: what it had begun takes the rest of its time then, and io
/// is over meanwhile.
#[test]
fn a_server_that_hangs_goes_on_where_it_was() {
    let fault = "{hang: app, at: 2.06s, for: 1s}";
    let hung = |server: &str, step: &str| alone(server, step, fault).total;
    // Sent at 1.9, 2 s, and from 2.1 to 3 s, and answered at 3.06 s at the earliest.
    for server in ["workers: 100, cores: 100", "workers: async, cores: 100"] {
        let total = hung(server, "cpu: 250ms");
        assert_eq!(total.arrivals, total.histogram.count() + 3, "{server}: none is lost");
        // 1.9 s: 90 ms are left; 2 s: 190 ms; the ten from 2.1 s on begin at 3.06 s.
        let waits = 1.0 + 1.0 + (0..10).map(|n| 0.96 - 0.1 * f64::from(n)).sum::<f64>();
        close(total.mean_latency.mean, 0.25 + waits / 47.0);
        let total = hung(server, "io: 250ms");
        let waits = (3.06 - 2.15) + (3.06 - 2.25) + waits - 2.0;
        close(total.mean_latency.mean, 0.25 + waits / 47.0);
    }
    // What others gave up is worked on in vain.
    let results = impatient("workers: 100, cores: 100", "cpu: 250ms", fault);
    // Of 1.9 and 2 s, and those of 2.1 to 2.9 s, which are answered at 3.31 s.
    assert_eq!((count(&results, "timed out"), at(&results, "app").wasted), (2 + 9, 2 + 9));
}

#[test]
fn a_slow_server_takes_longer_for_work_and_not_for_io() {
    let slow = |step: &str| {
        let faults = "{slow: app, to: 25%, at: 2.06s, for: 1s}";
        alone("workers: 100, cores: 100", step, faults).total.mean_latency.mean
    };
    close(slow("io: 100ms"), 0.1);
    // Of 1.98 s none is at work. Ten from 2.1 to 3 s take 4 ms for each of theirs; of the last, at
    // 3 s, 15 ms are done by 3.06 s, and what it lacks is done at full speed. That of 5 s is not
    // answered.
    close(slow("cpu: 20ms"), 0.02 + (9.0 * 0.06 + (0.06 - 0.015)) / 49.0);
    let halved = run("
duration: 10.5s
warmup: 0
replications: 1
clients: {users: {arrivals: constant(1/s), target: api, requests: {get: {}}}}
topology: {api: {external: {latency: 100ms}}}
faults: [{slow: api, to: 50%, at: 2.5s, for: 2s}]
");
    close(halved.total.mean_latency.mean, (8.0 * 0.1 + 2.0 * 0.2) / 10.0);
}

#[test]
fn no_message_passes_a_cut_and_each_way_is_cut_by_itself() {
    let cut = |cut: &str| {
        let faults = format!("{{partition: {cut}, at: 2.06s, for: 1s}}");
        let results = impatient("workers: 50", "{io: 50ms}, {read: main}, {io: 50ms}", &faults);
        let main = at(&results, "main").visits;
        (count(&results, "timed out"), count(&results, "ok"), main)
    };
    // Reads are asked from 2.15 to 3.05 s, and answered 50 ms later; that of 2.05 s was asked in
    // time, and its answer is lost. The last two of fifty are in flight, one of them unread.
    assert_eq!(cut("app, from: main"), (1 + 10, 50 - 11 - 2, 50 - 10 - 1));
    assert_eq!(cut("app, from: main, way: in"), (1 + 9, 50 - 10 - 2, 50 - 1));
    assert_eq!(cut("app, from: main, way: out"), (10, 50 - 10 - 2, 50 - 10 - 1));
    // From clients: the answer of 2.15 s, and all that is sent from 2.1 s to 3 s.
    assert_eq!(cut("users, from: app"), (1 + 10, 50 - 11 - 2, 50 - 10 - 1));
    // From all.
    assert_eq!(cut("main"), (1 + 10, 50 - 11 - 2, 50 - 10 - 1));
}

/// A crash is noticed by the next checks, and a silent death or a hang by as many that get no
/// answer in time.
#[test]
fn who_is_silent_or_hangs_is_noticed_by_the_timeout_of_the_checks() {
    let failed = |fault: &str, timeout: &str| {
        let results = run(&format!(
            "
duration: 20.005s
warmup: 0
replications: 1
clients:
  users: {{arrivals: constant(100/s), target: front, timeout: 1s, requests: {{get: {{}}}}}}
topology:
  front:
    load_balancer:
      policy: round_robin
      health_check: {{interval: 1s, timeout: {timeout}, unhealthy_after: 1}}
      backends: app
  app: {{server: {{replicas: 2, workers: unlimited, endpoints: {{get: [{{io: 5ms}}]}}}}}}
faults: [{{{fault}: \"app[0]\", at: 5.001s}}]
"
        ));
        count(&results, "failed at app") + count(&results, "timed out")
    };
    let crash = failed("crash", "900ms");
    assert_eq!(crash, failed("crash", "100ms"), "a crash refuses the check at once");
    for fault in ["silence", "hang"] {
        // Every second request, for as long as the check waits.
        assert_eq!(failed(fault, "100ms") - crash, 5, "{fault}");
        assert_eq!(failed(fault, "900ms") - crash, 45, "{fault}");
    }
}

/// Requests that wait for a balancer that crashes fail, and it comes back knowing nothing.
#[test]
fn a_balancer_that_crashes_fails_what_it_had_passed_on() {
    for policy in ["least_connections", "round_robin", "power_of_d"] {
        let results = run(&format!(
            "
duration: 10.05s
warmup: 0
replications: 1
clients: {{users: {{arrivals: constant(10/s), target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{policy: {policy}, connections: 100, backends: app}}}}
  app: {{server: {{replicas: 2, workers: unlimited, endpoints: {{get: [{{io: 250ms}}]}}}}}}
faults: [{{crash: front, at: 2.06s, for: 1s}}]
"
        ));
        assert_eq!(count(&results, "failed at front"), 2 + 10, "{policy}");
        assert_eq!(count(&results, "in flight at the end"), 2, "{policy}");
        assert_eq!(at(&results, "app").wasted, 2, "{policy}");
    }
}
