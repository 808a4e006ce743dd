//! How long callers wait, by what holds of a call: exact counts.

use crate::{at, count, run};

/// A request each 100 ms, which takes 50 ms at `main`, behind a balancer and a server. `calls` says
/// how long each of them waits, and `own` is what the step says itself.
fn waiting(calls: &str, own: &str) -> deploysim::experiment::results::Results {
    run(&format!(
        "
duration: 10.09s
warmup: 0
replications: 1
clients: {{users: {{arrivals: constant(10/s), target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{backends: app}}}}
  app: {{server: {{endpoints: {{get: [call: {{to: main, endpoint: read{own}}}]}}}}}}
  main: {{external: {{latency: 50ms}}}}
calls: {{{calls}}}
"
    ))
}

#[test]
fn the_caller_that_gives_up_first_is_the_one_that_the_rules_are_for() {
    let outcome = |calls: &str, own: &str| {
        let results = waiting(calls, own);
        let ways = ["ok", "timed out", "failed at front", "failed at app"];
        let counts = ways.map(|way| count(&results, way));
        assert_eq!(counts.iter().sum::<u64>(), 100, "{calls}: {:?}", results.total.outcomes);
        assert_eq!(at(&results, "main").visits, 100, "the work goes on");
        ways[counts.iter().position(|&count| count == 100).expect("all fare alike")]
    };
    assert_eq!(outcome("", ""), "ok");
    assert_eq!(outcome("users -> front: {timeout: 40ms}", ""), "timed out");
    assert_eq!(outcome("front -> app: {timeout: 40ms}", ""), "failed at front");
    assert_eq!(outcome("app -> main: {timeout: 40ms}", ""), "failed at app");
    assert_eq!(outcome("app -> main: {attempt_timeout: 40ms}", ""), "failed at app");
    // What is said of a call comes before what is said of all, and what a step says before both.
    let all = "default: {timeout: 40ms}";
    let but = |names: &[&str]| {
        let named = names.iter().map(|name| format!(", {name}: {{timeout: none}}"));
        format!("{all}{}", named.collect::<String>())
    };
    assert_eq!(outcome(&but(&["users -> front", "front -> app"]), ""), "failed at app");
    assert_eq!(outcome(&but(&["users -> front", "app -> main"]), ""), "failed at front");
    assert_eq!(outcome(&but(&["front -> app", "app -> main"]), ""), "timed out");
    assert_eq!(outcome(&but(&["users -> front", "front -> app"]), ", timeout: 60ms"), "ok");
    assert_eq!(outcome("app -> main: {timeout: none}", ", timeout: 40ms"), "failed at app");
    // One attempt is all that there is.
    let both = "app -> main: {timeout: 60ms, attempt_timeout: 40ms}";
    assert_eq!(outcome(both, ", timeout: none"), "failed at app");
}
