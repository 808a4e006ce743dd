//! Load balancers where all that happens can be foretold.

use deploysim::experiment::Results;

use crate::{at, close, count, run, utilisation};

/// Users who come together after `think`, each second's worth of them to `FRONT` before servers.
fn balanced(users: u64, front: &str, servers: &str) -> Results {
    run(&format!(
        "
duration: 10s
warmup: 0
replications: 1
clients: {{users: {{users: {{count: {users}, think: 1s}}, target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{{front}, backends: [app]}}}}
  app: {{server: {{{servers}, workers: unlimited, endpoints: {{get: [{{io: 30ms}}]}}}}}}
"
    ))
}

/// Six users a second apart from their own answers: each second they come together, and wait for
/// the balancer's core 0, 10, ... 50 ms.
#[test]
fn the_balancer_itself_can_be_the_bottleneck() {
    let results = balanced(6, "cost: 10ms", "replicas: 3");
    let front = at(&results, "front");
    assert_eq!((results.total.histogram.min(), front.queue_max), (Some(40_000_000), 5));
    // From then on they come in turn, each as the core is done with the one before.
    close(results.total.mean_latency.mean, (0.065 * 6.0 + 0.04 * 48.0) / 54.0);
    close(front.wait.mean, 0.025 * 6.0 / 54.0);
    close(utilisation(&results, "front", "cpu"), 54.0 * 0.01 / 10.0);
    let two = balanced(6, "cost: 10ms, cores: 2", "replicas: 3");
    assert_eq!(at(&two, "front").queue_max, 4);
    close(at(&two, "front").wait.mean, 0.01 * 6.0 / 54.0);
}

/// Five users come together: two have a connection, one waits for one, two are turned away.
#[test]
fn a_balancer_without_connections_left_lets_wait_and_then_rejects() {
    let front = "connections: 2, queue: {limit: 1}";
    let results = run(&format!(
        "
duration: 1500ms
warmup: 0
replications: 1
clients: {{users: {{users: {{count: 5, think: 1s}}, target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{{front}, backends: [app]}}}}
  app: {{server: {{workers: unlimited, endpoints: {{get: [{{io: 30ms}}]}}}}}}
"
    ));
    assert_eq!(count(&results, "ok"), 3);
    assert_eq!(count(&results, "rejected by front"), 2);
    close(results.total.mean_latency.mean, (0.03 + 0.03 + 0.06) / 3.0);
    close(at(&results, "front").wait.mean, 0.01);
    close(utilisation(&results, "front", "connections"), 0.09 / 1.5 / 2.0);
}

/// What the busiest replica has of all the requests.
fn busiest(policy: &str, client: &str) -> f64 {
    let results = run(&format!(
        "
duration: 50s
warmup: 0
replications: 1
clients: {{users: {{{client}, target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{policy: {policy}, tie_break: lowest, replicas: 2, backends: [app]}}}}
  app: {{server: {{replicas: 4, cores: 4, workers: 4, endpoints: {{get: [{{cpu: 1ms}}]}}}}}}
"
    ));
    let cpu = &at(&results, "app").resources[0];
    cpu.busiest.mean / (4.0 * cpu.utilisation.mean)
}

#[test]
fn requests_of_one_user_go_to_one_backend_whichever_balancer_they_meet() {
    for policy in ["source_hash", "consistent_hash"] {
        close(busiest(policy, "arrivals: poisson(100/s), population: 1"), 1.0);
        close(busiest(policy, "users: {count: 1, think: 10ms}"), 1.0);
        let many = busiest(policy, "arrivals: poisson(100/s)");
        assert!((0.2..0.5).contains(&many), "{policy}: {many}");
    }
}

/// Until the first report all seem idle; of those the first is taken.
#[test]
fn between_two_reports_all_requests_go_to_one_backend() {
    let reported = |interval: &str| format!("{{least_reported_load: {{interval: {interval}}}}}");
    close(busiest(&reported("1min"), "arrivals: poisson(100/s)"), 1.0);
}

/// Round robin over replicas of a balancer: each goes round for itself.
#[test]
fn balancers_side_by_side_share_the_requests_and_not_what_they_know() {
    let results = balanced(6, "policy: round_robin, replicas: 2", "replicas: 3");
    assert_eq!((at(&results, "front").instances, at(&results, "front").visits), (2, 54));
    assert_eq!(count(&results, "ok"), 54);
}

/// Two balancers in a row, which only choose, over links of 2, 3 and 5 ms to a server that takes
/// 10 ms. Each has a request for as long as all that is behind it takes, even if nobody waits.
#[test]
fn balancers_in_a_row_have_a_request_until_its_answer_has_passed_them() {
    let behind = |timeout: &str| {
        run(&format!(
            "
duration: 10.05s
warmup: 0
replications: 1
clients: {{users: {{arrivals: constant(10/s), timeout: {timeout}, target: outer, requests: {{get: {{}}}}}}}}
topology:
  outer: {{load_balancer: {{policy: least_connections, backends: inner}}}}
  inner: {{load_balancer: {{policy: least_connections, backends: app}}}}
  app: {{server: {{replicas: 2, endpoints: {{get: [{{cpu: 10ms}}]}}}}}}
links: {{users -> outer: 2ms, outer -> inner: 3ms, inner -> app: 5ms}}
"
        ))
    };
    let (patient, hasty) = (behind("1s"), behind("19ms"));
    assert_eq!((count(&patient, "ok"), count(&hasty, "timed out")), (100, 100));
    close(patient.total.mean_latency.mean, 0.030);
    for (results, wasted) in [(&patient, 0), (&hasty, 100)] {
        for (name, sojourn) in [("outer", 0.026), ("inner", 0.020), ("app", 0.010)] {
            let found = at(results, name);
            assert_eq!((found.visits, found.wasted), (100, wasted), "{name}");
            close(found.sojourn.mean, sojourn);
        }
    }
}
