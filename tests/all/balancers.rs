//! A published result that hinges on how ties are broken: ten balancers side by side over one pool
//! of servers, each with its own count of what it has sent.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use deploysim::experiment::results::QUANTILES;
use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::load_text;
use deploysim::stats::Estimate;

/// 10,000 requests at any time within ten seconds, as those of a Poisson process are, given their
/// number; 250 servers that work on one request at a time; nothing is left out.
const SCENARIO: &str = "
seed: 1
duration: 1min
warmup: 0
replications: 30
clients:
  all: {trace: TRACE, target: front, timeout: none}
topology:
  front:
    load_balancer:
      {replicas: 10, policy: least_connections, tie_break: TIE_BREAK, backends: app}
  app:
    server:
      replicas: 250
      workers: 1
      queue: {limit: unlimited}
      endpoints: {\"*\": [cpu: exp(200ms)]}
";

/// The p99 of all requests (s), a mean over replications.
fn p99(tie_break: &str) -> Estimate {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trace = folder.path().join("requests.csv");
    fs::write(&trace, "time,requests\n0,10000\n10,0\n").expect("the trace can be written");
    let trace = trace.to_str().expect("a plain name");
    let text = SCENARIO.replace("TRACE", trace).replace("TIE_BREAK", tie_break);
    let scenario = load_text(Path::new("ties.yaml"), &text, &[]);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    let results = replicate(&scenario, &plan).expect("nobody stops it");
    let ended: u64 = results.total.outcomes.iter().map(|outcome| outcome.count).sum();
    assert_eq!((ended, results.total.outcomes.len()), (300_000, 1), "all are answered");
    let p99 = QUANTILES.iter().position(|&p| p == 0.99).expect("the p99 is reported");
    results.total.latency[p99]
}

/// The published figures have two digits: the interval must reach what rounds to them.
#[track_caller]
fn check(tie_break: &str, published: f64) {
    let Estimate { mean, half_width, .. } = p99(tie_break);
    let half_width = half_width.expect("there are replications");
    println!("{tie_break}: {mean:.3} +- {half_width:.3} s");
    assert!(half_width < 0.1, "{half_width}");
    assert!((mean - published).abs() <= 0.05 + half_width, "{mean} +- {half_width}");
}

#[test]
fn ten_balancers_that_break_ties_alike_crowd_the_first_servers() {
    check("lowest", 3.6);
}

#[test]
fn ten_balancers_that_break_ties_at_random_do_not() {
    check("random", 2.0);
}
