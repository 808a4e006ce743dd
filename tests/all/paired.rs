//! `deploysim compare --requests`: the same requests in two variants, side by side.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::support::{files, program, run, status, stderr, stdout};
use deploysim::experiment::Plan;
use deploysim::experiment::paired::{PairedRequests, paired_requests};
use deploysim::experiment::traced::{TracedRequest, trace};
use deploysim::scenario::{Change, Scenario, load_text, traced};
use deploysim::units::Span;

/// Two queues in a row, first come first served, with clients who give up at times.
const CHAIN: &str = "seed: 3\nduration: 60s\nwarmup: 10s\nreplications: 4\n\
    clients:\n  users: {arrivals: poisson(70/s), timeout: 120ms, target: app, requests: {get: }}\n\
    topology:\n  \
      app: {server: {cores: 1, workers: unlimited, scheduling: run_to_completion, \
        queue: {limit: unlimited}, endpoints: {get: [cpu: exp(10ms), read: main]}}}\n  \
      main: {database: {cores: 1, connections: 1, queue: {limit: unlimited}, read: exp(9ms)}}\n";

fn variant(sets: &[&str]) -> (String, Scenario) {
    let changes: Vec<Change> = sets.iter().map(|set| Change::Set((*set).to_owned())).collect();
    let scenario = load_text(Path::new("x.yaml"), CHAIN, &changes);
    (sets.join("; "), scenario.unwrap_or_else(|faults| panic!("{faults}")))
}

/// The chain after the changes of `both`, and after more.
fn contrasted(both: &[&str], more: &[&str], count: usize) -> PairedRequests {
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    let variants = [variant(both), variant(&[both, more].concat())];
    let found = paired_requests(&variants, Span::from_secs(10), 4, count, &plan);
    found.expect("nothing stops it").remove(0)
}

fn latency(request: &TracedRequest) -> u64 {
    request.latency.expect("it ended").nanos()
}

fn part(request: &TracedRequest, component: &str, what: &str) -> Span {
    let parts = request.parts();
    parts
        .iter()
        .find(|part| (part.0, part.1) == (component, what))
        .map_or(Span::ZERO, |part| part.2)
}

#[test]
fn in_two_variants_that_are_the_same_no_request_differs() {
    let found = contrasted(&[], &["app.cores=1"], 10);
    assert!(found.compared > 10_000, "{}", found.compared);
    assert_eq!((found.ended_differently, found.slower, found.faster), (0, 0, 0));
    assert!(found.pairs.is_empty() && !found.sampled);
}

#[test]
fn the_same_requests_stand_side_by_side_and_their_parts_add_up() {
    let found = contrasted(&[], &["main.read=exp(10ms)", "app.cores=2"], 40);
    assert_eq!(found.pairs.len(), 40);
    assert!(found.ended_differently > 0 && found.slower > 0 && found.faster > 0);
    for pair in &found.pairs {
        let who = |r: &TracedRequest| (r.id, r.replication, r.sent, r.number, r.request.clone());
        assert_eq!(who(&pair[0]), who(&pair[1]), "the same request");
        for request in pair {
            let sum: u64 = request.parts().iter().map(|part| part.2.nanos()).sum();
            assert_eq!(sum, latency(request), "{request:#?}");
        }
        // What it asks of the application is the same, if it came so far.
        if pair.iter().all(|request| request.outcome == "ok") {
            assert_eq!(part(&pair[0], "app", "work"), part(&pair[1], "app", "work"));
        }
    }
    // First those that ended differently, then by how much.
    let rank = |[one, this]: &[TracedRequest; 2]| {
        (one.outcome != this.outcome, latency(one).abs_diff(latency(this)))
    };
    assert!(found.pairs.is_sorted_by_key(|pair| std::cmp::Reverse(rank(pair))));
}

/// What comes first in a row does not feel what comes after.
#[test]
fn a_change_in_one_component_moves_time_in_that_component_only() {
    let found = contrasted(&["clients.users.timeout=none"], &["main.read=exp(9.5ms)"], 30);
    assert_eq!((found.ended_differently, found.faster), (0, 0));
    assert_eq!(found.pairs.len(), 30);
    for [one, this] in &found.pairs {
        let of = |request: &TracedRequest, component: &str| {
            let parts = request.parts();
            let here = parts.iter().filter(|part| part.0 == component);
            here.map(|part| (part.1, part.2)).collect::<Vec<_>>()
        };
        assert_eq!(of(one, "app"), of(this, "app"));
        let moved = |what| part(this, "main", what).nanos() - part(one, "main", what).nanos();
        let by = moved("wait for a connection") + moved("work");
        assert_eq!(by, latency(this) - latency(one));
    }
}

/// The one pass that keeps little finds what keeping everything would.
#[test]
fn those_found_are_those_that_differ_most_of_all() {
    let sets = ["clients.users.timeout=none", "main.read=exp(9.5ms)"];
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    let variants = [variant(&sets[..1]), variant(&sets)];
    let found =
        paired_requests(&variants, Span::from_secs(10), 4, 5, &plan).expect("nothing stops it");
    let all = [0, 1].map(|which: usize| {
        let scenario = &variants[which].1;
        let wanted = traced(scenario, "100000").unwrap_or_else(|faults| panic!("{faults}"));
        let mut all = trace(scenario, Span::from_secs(10), 4, &wanted, &plan).expect("it runs");
        all.sort_by_key(|request| (request.replication, request.id));
        all
    });
    let pairs = all[0].iter().zip(&all[1]);
    let mut by: Vec<u64> = pairs
        .filter(|(one, this)| one.latency.is_some() && this.latency.is_some())
        .map(|(one, this)| latency(this) - latency(one))
        .collect();
    by.sort_unstable_by_key(|&by| std::cmp::Reverse(by));
    let differences = found[0].pairs.iter().map(|[one, this]| latency(this) - latency(one));
    assert_eq!(differences.collect::<Vec<_>>(), by[..5]);
    assert_eq!(found[0].compared, by.len() as u64);
    assert_eq!(found[0].slower, by.iter().filter(|&&by| by > 0).count() as u64);
}

#[test]
fn the_command_prints_a_table_and_leaves_every_span() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("chain.yaml"), CHAIN).expect("it can be written");
    let words = ["compare", "chain.yaml", "--variant", "main.read=exp(10ms)", "--requests=3"];
    let output = run(folder.path(), &words);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for part in
        ["Requests in main.read=exp(10ms), against chain.yaml", "ended differently", "timed out"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let written = files(folder.path());
    let csv = &written[Path::new("output/compare-chain/requests.csv")];
    let csv = String::from_utf8(csv.clone()).expect("text");
    assert!(csv.starts_with("against,pair,variant,request_id,replication,"), "{csv}");
    for row in ["main.read=exp(10ms),3,chain.yaml,", "main.read=exp(10ms),3,main.read=exp(10ms),"] {
        assert!(csv.lines().any(|line| line.starts_with(row)), "{row}: {csv}");
    }
    // The same with one thread, and as JSON.
    let mut alone = program(folder.path());
    alone.env("RAYON_NUM_THREADS", "1").args(words).args(["--format", "json", "--out", "alone"]);
    let output = alone.output().expect("it starts");
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(json["requests"][0]["pairs"].as_array().map(Vec::len), Some(3));
    let again = files(&folder.path().join("alone"));
    assert!(again[Path::new("requests.csv")] == csv.as_bytes());
    // Nothing else changes.
    let output = run(folder.path(), &[&words[..4], &["--out", "without"]].concat());
    assert_eq!(status(&output), 0);
    let without = files(&folder.path().join("without"));
    assert!(without[Path::new("comparison.csv")] == again[Path::new("comparison.csv")]);
    assert!(!without.contains_key(Path::new("requests.csv")));
}
