//! What is said of a run is so, and nothing is said where it need not be: `docs/statements.md`.

use std::fs;
use std::path::Path;

use deploysim::experiment::Results;
use deploysim::experiment::findings::{Over, Standing};
use deploysim::experiment::results::Decision;
use deploysim::report::summary;
use deploysim::scenario::{Scenario, load_text};

use super::support::{run, stderr, stdout};

fn scenario(text: &str) -> Scenario {
    load_text(Path::new("x.yaml"), text, &[]).unwrap_or_else(|faults| panic!("{faults}"))
}

fn results(text: &str) -> Results {
    scenario(text).run()
}

/// One core that takes 10 ms a request, 50 times a second, with more lines of the scenario.
fn single(arrivals: &str, more: &str) -> String {
    format!(
        "seed: 4\nduration: 60s\nwarmup: 0\nreplications: 4\n\
         clients: {{u: {{arrivals: {arrivals}, target: app, requests: {{r: {{}}}}}}}}\n\
         topology: {{app: {{server: {{cores: 1, workers: 1, queue: {{limit: unlimited}}, \
         endpoints: {{r: [cpu: exp(10ms)]}}}}}}}}\n{more}"
    )
}

/// The resource that is named, and what is said of it.
fn said(results: &Results) -> (String, Standing) {
    let found = results.bottleneck.as_ref().expect("something is in use");
    (format!("{} {}", found.component, found.resource), found.standing.clone())
}

#[track_caller]
fn check_unknown(text: &str, why: &str) {
    match said(&results(text)).1 {
        Standing::MostUsed(reason) => assert!(reason.contains(why), "{reason}"),
        other => panic!("{other:?} though {why}"),
    }
}

/// The utilisation law: 50/s of 10 ms fill half of a core, so that twice the load fills it. The
/// interval of the half-load holds 2, and the loads beside it show it.
#[test]
fn a_headroom_is_the_load_at_which_the_resource_is_full() {
    let (what, standing) = said(&results(&single("poisson(50/s)", "")));
    let Standing::First { headroom: Some(headroom), alike } = standing else {
        panic!("{standing:?}")
    };
    assert_eq!((what.as_str(), alike.len()), ("app cpu", 0));
    assert!((headroom.low()..headroom.high()).contains(&2.0), "{headroom:?}");
    let at = |times: f64| said(&results(&single(&format!("poisson({}/s)", 50.0 * times), "")));
    assert!(matches!(at(1.8).1, Standing::First { .. }));
    assert!(matches!(at(2.3).1, Standing::Full { .. }));
}

#[test]
fn where_use_need_not_follow_the_load_the_reason_stands_in_place_of_a_number() {
    let closed = single("poisson(50/s)", "")
        .replace("arrivals: poisson(50/s)", "users: {count: 5, think: exp(100ms)}");
    check_unknown(&closed, "wait for their answers");
    let one = single("poisson(50/s)", "").replace("replications: 4", "replications: 1");
    check_unknown(&one, "one replication");
    let slowed = single("poisson(40/s)", "").replace(
        "cores: 1,",
        "cores: 1, neighbours: {share: 40%, noisy: exp(1s), quiet: exp(3s)},",
    );
    check_unknown(&slowed, "capacity is not always the same");
    let failing = single("poisson(80/s)", "").replace("limit: unlimited", "limit: 2");
    check_unknown(&failing, "requests fail");
    let cached = "duration: 20s\nwarmup: 0\nreplications: 3\ncatalog: {all: {keys: 50}}\nclients: \
        {u: {arrivals: poisson(50/s), target: app, requests: {r: {keys: all}}}}\ntopology:\n  \
        app: {server: {endpoints: {r: [{cache: {in: memo, miss: [{read: main}]}}]}}}\n  \
        memo: {cache: {ttl: 5s}}\n  main: {database: {cores: 1, read: 5ms}}\n";
    check_unknown(cached, "caches");
    let sometimes = single("poisson(50/s)", "faults: [{crash: app, every: exp(20s), for: 1s}]\n");
    check_unknown(&sometimes, "a fault");
    let uneven = "duration: 20s\nwarmup: 0\nreplications: 3\nclients: {u: {arrivals: \
        poisson(50/s), target: front, requests: {r: {}}}}\ntopology:\n  front: {load_balancer: \
        {policy: {first_available: {connections: 4}}, \
        backends: app}}\n  app: {server: {replicas: 3, cores: 1, \
        endpoints: {r: [cpu: exp(10ms)]}}}\n";
    check_unknown(uneven, "not used alike");
}

/// What replicas lack is told unasked: 150 ms of lag, and the writes of 4.9 and 5.0 s, which are on
/// their way when the primary crashes, in each of two replications.
#[test]
fn what_copies_lack_and_lose_is_told_unasked() {
    let text = "duration: 20s\nwarmup: 0\nreplications: 2\nclients: {u: {arrivals: constant(10/s), \
        target: app, requests: {r: {}}}}\ntopology:\n  app: {server: {endpoints: {r: [{write: \
        main}]}}}\n  main: {database: {replication: {factor: 2, replay: 0}, \
        failover: {every: 1s, misses: 1, promote: 0s}}}\nlinks: {main -> main: 150ms}\n\
        faults: [{crash: 'main[0]', at: 5.05s}]\n";
    let told = summary(&results(text), false, 100);
    let row = told.lines().skip_while(|line| !line.contains("lost commits")).nth(1);
    let words: Vec<&str> = row.expect("it is told").split_whitespace().collect();
    assert_eq!(words, ["main", "150", "ms", "±", "0", "4"], "{told}");
}

/// Down for 20 of 60 s and 80% busy while up: 1 / 0.8 of the load fills it, and not more.
#[test]
fn a_resource_is_seen_as_it_is_used_before_the_first_fault() {
    let text = single("constant(80/s)", "faults: [{crash: app, at: 20s, for: 20s}]\n")
        .replace("exp(10ms)", "10ms");
    let results = results(&text);
    let Standing::First { headroom: Some(headroom), .. } = said(&results).1 else {
        panic!("{:?}", results.bottleneck)
    };
    assert!((headroom.mean - 1.25).abs() < 0.01, "{headroom:?}");
    let told = summary(&results, false, 100);
    assert!(told.contains("before the first fault (20s), full at 1.25"), "{told}");
}

/// On average half of it is in use, and at the crest of the wave it cannot serve what comes.
#[test]
fn a_load_that_changes_is_judged_at_its_peak() {
    let wave = single("wave(mean=60/s, amplitude=60/s, period=60s)", "");
    let results = results(&wave);
    let found = results.bottleneck.as_ref().expect("the core is in use");
    assert!(matches!(found.over, Over::Peak(..)), "{found:?}");
    assert!(matches!(found.standing, Standing::Full { .. }), "{found:?}");
    let told = summary(&results, false, 100);
    assert!(told.contains("app has run out of cpu") && told.contains("at the peak"), "{told}");
    let small = results_of_a_small_wave();
    let Standing::First { headroom: Some(headroom), .. } = said(&small).1 else {
        panic!("{:?}", small.bottleneck)
    };
    // 50/s at the crest, 1/100 s each: twice the load. The fullest of the windows is fuller by
    // chance than the crest is on average.
    assert!((1.6..2.1).contains(&headroom.mean), "{headroom:?}");
}

fn results_of_a_small_wave() -> Results {
    results(&single("wave(mean=30/s, amplitude=20/s, period=60s)", ""))
}

/// Workers are full because their requests wait for a database: that is what has run out.
#[test]
fn from_what_is_held_the_calls_are_followed_to_what_is_full() {
    let text = "seed: 3\nduration: 30s\nwarmup: 5s\nreplications: 3\nclients: {u: {arrivals: \
        poisson(200/s), target: front, timeout: 3s, requests: {r: {}}}}\ntopology:\n  \
        front: {load_balancer: {backends: app}}\n  \
        app: {server: {cores: 4, workers: 24, queue: {limit: 50}, endpoints: {r: [{cpu: 1ms}, \
        {call: mid}]}}}\n  mid: {server: {cores: 4, workers: async, endpoints: {r: [{cpu: 1ms}, \
        {read: main}]}}}\n  main: {database: {cores: 2, connections: 20, read: exp(22ms)}}\n";
    let results = results(text);
    let (what, standing) = said(&results);
    assert_eq!(what, "main cpu");
    let Standing::Full { waiting } = standing else { panic!("{standing:?}") };
    assert!(waiting.iter().any(|of| of.component == "app" && of.resource == "workers"));
    assert!(results.warnings.iter().any(|w| w.starts_with("main cpu is full")));
    // Workers that are held by nothing else are what has run out.
    let held = text.replace("{call: mid}", "{io: 1s}");
    assert_eq!(said(&self::results(&held)).0, "app workers");
}

#[test]
fn resources_that_are_used_alike_are_named_together() {
    let text = "duration: 30s\nwarmup: 0\nreplications: 4\nclients: {u: {arrivals: poisson(150/s), \
        target: front, requests: {r: {}}}}\ntopology:\n  front: {load_balancer: {policy: \
        round_robin, backends: [a, b, c]}}\n  a: &s {server: {cores: 1, endpoints: {r: [cpu: \
        10ms]}}}\n  b: *s\n  c: *s\n";
    let results = results(text);
    let Standing::First { alike, .. } = said(&results).1 else { panic!("{results:?}") };
    assert_eq!(alike.len(), 2);
    let told = summary(&results, false, 100);
    assert!(told.contains("and 2 others, used alike, run out first"), "{told}");
}

/// Each request holds a worker of the pool while something that it asks for waits for another one.
const KNOT: &str = "seed: 1\nduration: 60s\nwarmup: 5s\nreplications: 3\nclients: {u: {arrivals: \
    poisson(40/s), target: app, timeout: 5s, requests: {r: {}}}}\ntopology:\n  \
    app: {server: {workers: 50, endpoints: {r: [call: {to: pool, endpoint: first}]}}}\n  \
    pool: {server: {workers: 8, endpoints: {first: [{io: 50ms}, {call: {to: work, endpoint: b}}], \
    second: [io: 100ms]}}}\n  \
    work: {server: {workers: 99, endpoints: {b: [call: {to: pool, endpoint: second}]}}}\n";

#[test]
fn requests_that_wait_for_one_another_are_a_deadlock_and_nothing_is_full() {
    let results = results(KNOT);
    let found = results.deadlock.as_ref().expect("nothing moves");
    assert_eq!((found.component.as_str(), found.resource), ("pool", "workers"));
    assert_eq!(found.replications, 3);
    assert!(found.since < 20.0 && results.bottleneck.is_none());
    assert!(results.warnings[0].starts_with("deadlock: from "), "{:?}", results.warnings);
    assert!(summary(&results, false, 100).contains("pool is in a deadlock from "));
}

#[test]
fn what_moves_however_slowly_is_no_deadlock() {
    let seldom = KNOT.replace("poisson(40/s)", "poisson(1/s)");
    assert_eq!(results(&seldom).deadlock, None);
    let freed = KNOT.replace("topology:", "calls: {default: {timeout: 1s}}\ntopology:");
    assert_eq!(results(&freed).deadlock, None);
}

const SURVIVORS: &str = "name: survivors\nduration: 60s\nwarmup: 5s\nreplications: 4\nclients: \
    {u: {arrivals: poisson(50/s), target: x, timeout: 1s, requests: {r: {}}}}\ntopology: {x: \
    {external: {latency: 'mixture(70% 100ms, 30% 5s)'}}}\nexpect: ['p99 < 500ms', \
    'p50_of_all < 500ms', 'p99_of_all < 500ms', 'p90_of_all during 20s..40s < 500ms', \
    'p99_of_all(r) > 1s']\n";

/// 30% are never answered: the median of all is one of an answer, and p99 is longer than any.
#[test]
fn a_quantile_over_all_requests_counts_failures_as_longer_than_any() {
    let results = results(SURVIVORS);
    let verdicts: Vec<Decision> = results.verdicts.iter().map(|verdict| verdict.holds).collect();
    let (holds, fails) = (Decision::Holds, Decision::Fails);
    assert_eq!(verdicts, [holds, holds, fails, fails, holds], "{:?}", results.verdicts);
    assert_eq!(results.verdicts[2].found, "longer than any answer took, in 4 of 4 replications");
    let told = summary(&results, false, 100);
    assert!(told.contains("100 ms* ") && told.contains("* of the requests answered"), "{told}");
    let median = "r        100 ms ± 0  100 ms ± 0  ";
    assert!(told.contains(median), "half of all are answered so soon: {told}");
}

/// Answers of 1, 2, .. 10 s and as many failures: the quantile of all goes by rank.
#[test]
fn without_failures_both_quantiles_are_the_same() {
    let text = SURVIVORS.replace("timeout: 1s", "timeout: none").replace("30% 5s", "30% 200ms");
    let text = text.replace("expect:", "# expect:")
        + "expect: ['p60_of_all < 101ms', 'p80 > \
        199ms', 'p80_of_all > 199ms', 'p80_of_all < 201ms']\n";
    let results = results(&text);
    assert!(results.verdicts.iter().all(|v| v.holds == Decision::Holds), "{:?}", results.verdicts);
}

#[test]
fn charts_say_of_whom_they_are_and_mark_what_happens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("x.yaml");
    let more = "faults: [{hang: x, at: 30s, for: 5s}]\n";
    fs::write(&file, SURVIVORS.replace("50/s", "20/s") + more).expect("it can be written");
    let out = folder.path().join("out");
    run(folder.path(), &["run", "x.yaml", "--out", "out"]);
    let chart = |name: &str| fs::read_to_string(out.join(name)).expect("it was drawn");
    let latency = chart("latency.svg");
    assert!(latency.contains("of r have no answer; p99 of the others is"), "of those answered");
    for name in ["latency_over_time.svg", "throughput.svg", "queue.svg"] {
        assert!(chart(name).contains("hang x"), "{name} marks the fault");
    }
    assert!(chart("latency_over_time.svg").contains("dashed: of those answered"));
}

/// A log of 4 s: its peak is no less than its mean, and what is full is told of the peak.
#[test]
fn a_replay_says_what_is_full_where_most_is_asked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("access.log");
    let line = |second: u32| {
        format!("1.2.3.4 - - [17/May/2015:10:05:{second:02} +0000] \"GET /a HTTP/1.1\" 200 5\n")
    };
    fs::write(&log, (0..20).map(|i| line(i / 5)).collect::<String>()).expect("it can be written");
    let file = folder.path().join("x.yaml");
    let text = single("poisson(1/s)", "").replace("unlimited", "10");
    fs::write(&file, text.replace("{r: [cpu", "{'*': [cpu")).expect("and this");
    let slo = ["--slo", "error_rate < 20%"];
    let scales = ["--scale", "1,2000", "--no-charts", "--out", "out"];
    let output =
        run(folder.path(), &[&["replay", "access.log", "x.yaml"][..], &scales, &slo].concat());
    let told = stdout(&output) + &stderr(&output);
    assert!(told.contains("not 2000 times; app cpu is full at\n  the peak."), "{told}");
    assert!(!told.contains("fills first"), "{told}");
}
