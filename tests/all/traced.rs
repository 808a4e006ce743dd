//! Single requests, followed through a run: every nanosecond is told once, the run is the same, and
//! the same requests are found again under another policy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::support::{
    files, mostly_no_charts, program, root, run, shipped, some_shipped, sooner, status, stderr,
    stdout,
};
use deploysim::experiment::traced::{TracedRequest, trace};
use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::{Change, Scenario, load, load_text, traced};
use deploysim::units::{Span, Time};

/// The requests of a scenario that are asked for, after the warm-up.
fn follow(scenario: &Scenario, asked: &str, warmup: Span) -> Vec<TracedRequest> {
    let wanted = traced(scenario, asked).unwrap_or_else(|faults| panic!("{faults}"));
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    let replications = usize::try_from(scenario.replications).expect("few");
    trace(scenario, warmup, replications, &wanted, &plan).expect("nothing stops it")
}

fn written(text: &str) -> Scenario {
    load_text(Path::new("x.yaml"), text, &[]).unwrap_or_else(|faults| panic!("{faults}"))
}

/// What counts is one after the other without a gap, from the sending to the end.
#[track_caller]
fn assert_adds_up(request: &TracedRequest, horizon: Span) {
    let mut counted: Vec<(Time, Time)> = Vec::new();
    let spans = request.spans.iter().filter(|span| span.counts);
    counted.extend(spans.map(|span| (span.start, span.end)));
    counted.sort_unstable();
    let mut at = request.sent;
    for (start, end) in counted {
        assert_eq!(start, at, "{request:#?}");
        at = end;
    }
    let ended = request.latency.map_or(Time::ZERO + horizon, |latency| request.sent + latency);
    assert_eq!(at, ended, "{request:#?}");
    for span in &request.spans {
        let parent = span.parent.map(|parent| {
            request.spans.iter().any(|other| other.call == parent && parent < span.call)
        });
        assert!(parent != Some(false), "a call without its parent: {span:?}");
    }
}

#[test]
fn the_spans_of_every_shipped_scenario_add_up_to_the_nanosecond() {
    let changes = ["duration=20s", "warmup=2s", "replications=2", "expect=[]"];
    for path in shipped() {
        let sooner = sooner(&path).iter().filter(|word| **word != "--set");
        let sets = changes.iter().chain(sooner);
        let changes: Vec<Change> = sets.map(|set| Change::Set((*set).to_owned())).collect();
        let scenario = load(&root().join(&path), &changes).expect("this is sound");
        for asked in ["200", "slowest:50"] {
            let found = follow(&scenario, asked, Span::from_secs(2));
            assert!(!found.is_empty(), "{}", path.display());
            found.iter().for_each(|request| assert_adds_up(request, scenario.duration));
        }
    }
}

/// All that may happen to a request: steps at once, by chance and again and again, cores that are
/// shared, kept or taken away, workers that are freed, replaced or killed, messages that are lost,
/// services that fail, and clients and callers who give up.
const EVERYTHING: &str = "
duration: 20s
warmup: 1s
replications: 2
clients:
  open:
    arrivals: poisson(400/s)
    target: front
    timeout: 60ms
    requests: {GET /page: {weight: 9, priority: 1}, POST /order: {}}
  closed:
    users: {count: 30, think: exp(200ms)}
    target: front
    requests: {GET /page: {}}
topology:
  front:
    load_balancer: {cores: 1, cost: exp(1ms), connections: 60, queue: {limit: 20, timeout: 20ms},
                    policy: least_connections, backends: [app, loop, small]}
  app:
    server:
      replicas: 2
      cores: 2
      workers: 8
      queue: {limit: 10, order: priority}
      recycle: {after: 50, start: 20ms}
      neighbours: {share: 50%, noisy: exp(1s), quiet: exp(1s)}
      endpoints:
        GET /page:
          - cpu: exp(3ms)
          - read: main
          - repeat: {times: geometric(2), steps: [cpu: 100us, io: exp(500us)]}
          - parallel: {wait: first, steps: [io: exp(1ms), cpu: exp(200us), call: outside]}
          - branch: [{p: 10%, steps: [sleep: 1ms]}]
        POST /order: [cpu: lognormal(5ms, cv=2), parallel: [read: main, cpu: 1ms], write: main]
  loop:
    server:
      cores: 2
      workers: async
      scheduling: preemptive_priority
      endpoints:
        \"*\":
          - cpu: exp(2ms)
          - parallel: {wait: 2, steps: [call: {to: outside, timeout: 2ms}, cpu: 1ms, read: main]}
  small:
    server:
      cores: 1
      workers: unlimited
      scheduling: run_to_completion
      memory: {limit: 1MiB, per_request: 64KiB, full: kill, restart: 200ms}
      endpoints: {\"*\": [cpu: exp(4ms), parallel: [io: 3ms, call: {to: outside, timeout: 3ms}]]}
  outside: {external: {latency: exp(1ms), error_rate: 2%, rate_limit: 600/s}}
  main: {database: {cores: 2, connections: 6, scheduling: preemptive_priority, read: exp(2ms)}}
links:
  default: 250us
  front -> app: {delay: exp(1ms), loss: 2%, retransmit: {after: 5ms, tries: 2}, bandwidth: 20Mbit/s}
";

#[test]
fn the_spans_add_up_whatever_happens_to_a_request() {
    let scenario = written(EVERYTHING);
    let found = follow(&scenario, "100000", Span::from_secs(1));
    let (mut outcomes, mut parts) = (BTreeMap::new(), BTreeMap::new());
    for request in &found {
        assert_adds_up(request, scenario.duration);
        *outcomes.entry(request.outcome.as_str()).or_insert(0) += 1;
        for span in &request.spans {
            *parts.entry((span.what, span.counts)).or_insert(0) += 1;
        }
    }
    // The same requests, ended in the same ways, as the run itself has them.
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    let results = replicate(&scenario, &plan).expect("nothing stops it");
    for outcome in &results.total.outcomes {
        let found = outcomes.get(outcome.outcome.as_str()).copied().unwrap_or(0);
        assert_eq!(found, outcome.count, "{}", outcome.outcome);
    }
    let sum: u128 = found
        .iter()
        .filter(|request| request.outcome == "ok")
        .filter_map(|request| request.latency)
        .map(|latency| u128::from(latency.nanos()))
        .sum();
    assert_eq!(sum, results.total.histogram.sum());
    for happened in ["failed at small", "timed out", "rejected by outside", "in flight at the end"]
    {
        assert!(outcomes.contains_key(happened), "{happened}: {outcomes:?}");
    }
    assert!(outcomes.keys().any(|outcome| outcome.starts_with("lost on")), "{outcomes:?}");
    for what in ["network there", "wait for a worker", "wait for a connection", "wait for a core"] {
        assert!(parts.contains_key(&(what, true)), "{what}: {parts:?}");
    }
    for what in ["work", "shared cores", "io", "parallel steps", "calls given up", "network back"] {
        assert!(parts.contains_key(&(what, true)), "{what}: {parts:?}");
    }
    assert!(parts.contains_key(&("work", false)), "work for nobody is told as well: {parts:?}");
}

/// What comes to a component that hangs, goes on there or is answered to it waits until it goes on.
#[test]
fn the_spans_add_up_where_components_hang() {
    for hangs in ["app", "main", "front"] {
        let scenario = written(&format!(
            "duration: 20s\nwarmup: 0\nreplications: 1\n\
             clients: {{users: {{arrivals: poisson(40/s), target: front, timeout: 9s, \
             requests: {{get: }}}}}}\n\
             topology:\n  front: {{load_balancer: {{backends: app, cost: exp(1ms)}}}}\n  \
             app: {{server: {{cores: 1, workers: 8, endpoints: {{get: [cpu: exp(5ms), read: main, \
             parallel: {{steps: [io: exp(30ms), read: main]}}, io: exp(20ms)]}}}}}}\n  \
             main: {{database: {{cores: 1, read: exp(3ms)}}}}\nlinks: {{default: 1ms}}\n\
             faults: [{{hang: {hangs}, at: 5s, for: 2s}}, {{hang: {hangs}, at: 12s, for: 1s}}]\n"
        ));
        let found = follow(&scenario, "100000", Span::from_secs(1));
        let long = |r: &&TracedRequest| r.latency.is_some_and(|l| l > Span::from_secs(1));
        assert!(found.iter().filter(long).count() > 10, "{hangs} hangs to no avail");
        found.iter().for_each(|request| assert_adds_up(request, scenario.duration));
    }
}

#[test]
fn constant_delays_are_told_as_they_were_put_together() {
    let scenario = written(
        "duration: 10s\nreplications: 1\n\
         clients: {users: {arrivals: constant(1/s), target: app, requests: {get: }}}\n\
         topology:\n  app: {server: {cores: 1, workers: 1, endpoints: {get: [cpu: 5ms, read: main, \
         parallel: {wait: first, steps: [io: 7ms, cpu: 20ms]}, io: 2ms]}}}\n  \
         main: {database: {read: 3ms}}\nlinks: {default: 1ms, users -> app: 10ms}\n",
    );
    let found = follow(&scenario, "20", Span::from_secs(2));
    let millis = |time: Span| time.nanos() / 1_000_000;
    let request = &found[0];
    let told: Vec<_> = request
        .spans
        .iter()
        .map(|span| {
            let (start, time) = (millis(span.start - request.sent), millis(span.end - span.start));
            let call = (span.call, span.parent, span.component.as_str());
            (call, span.what, start, time, span.counts)
        })
        .collect();
    let (app, main) = ((0, None, "app"), (1, Some(0), "main"));
    let expected = [
        (app, "network there", 0, 10, true),
        (app, "work", 10, 5, true),
        (main, "network there", 15, 1, true),
        (main, "work", 16, 3, true),
        (main, "network back", 19, 1, true),
        ((2, Some(0), "app"), "io", 20, 7, true),
        ((3, Some(0), "app"), "work", 20, 20, false),
        (app, "io", 27, 2, true),
        (app, "network back", 29, 10, true),
    ];
    assert_eq!(told, expected);
    assert_eq!(request.parts()[1], ("app", "work", Span::from_millis(5)));
}

#[test]
fn the_slowest_are_the_slowest_and_a_type_is_of_that_type() {
    let scenario = written(EVERYTHING);
    let warmup = Span::from_secs(1);
    let mut all = follow(&scenario, "100000(POST /order)", warmup);
    assert!(all.iter().all(|request| request.request == "POST /order"));
    all.retain(|request| request.latency.is_some());
    all.sort_by_key(|request| (std::cmp::Reverse(request.latency), request.id));
    all.truncate(20);
    assert_eq!(follow(&scenario, "slowest:20(POST /order)", warmup), all);
    assert!(follow(&scenario, "7(closed)", warmup).iter().all(|request| request.user.is_some()));
}

/// Who is asked, and who has to wait, changes; who asks for what does not.
#[test]
fn the_same_requests_are_followed_under_another_policy() {
    let of = |policy: &str| -> Vec<_> {
        let text = EVERYTHING.replace("least_connections", policy).replace("cores: 2", "cores: 3");
        let found = follow(&written(&text), "50(open)", Span::from_secs(1));
        let same = |request: &TracedRequest| {
            (request.id, request.replication, request.sent, request.number, request.request.clone())
        };
        found.iter().map(same).collect()
    };
    assert_eq!(of("random"), of("round_robin"));
}

/// Every file that a run writes, on so many threads.
#[track_caller]
fn results(scenario: &Path, threads: &str, more: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(root());
    command.env("RAYON_NUM_THREADS", threads).arg("run").arg(scenario).args(more);
    // A part of the run that an expectation names may be over.
    command.args(["--set", "duration=15s", "--set", "warmup=auto", "--set", "expect=[]"]);
    command.args(["--quiet", "--replications", "5"]).args(sooner(scenario));
    let output = command.arg("--out").arg(folder.path().join("out")).output().expect("it starts");
    assert!(status(&output) < 2, "{}: {}", scenario.display(), stderr(&output));
    files(&folder.path().join("out"))
}

/// On one, two and three threads, watched and not.
#[test]
fn neither_threads_nor_observation_show_in_a_byte_of_another_file() {
    let (requests, manifest) = (Path::new("requests.csv"), Path::new("manifest.json"));
    for scenario in some_shipped() {
        let no_charts = mostly_no_charts(&scenario);
        let alone = results(&scenario, "2", no_charts);
        let slowest = [&["--trace-requests", "slowest:5"], no_charts].concat();
        let watched = ["1", "3"].map(|threads| results(&scenario, threads, &slowest));
        assert!(watched[0] == watched[1], "{}", scenario.display());
        let [mut watched, _] = watched;
        for chart in ["requests.svg", "requests.png"] {
            let is_there = watched.remove(Path::new(chart)).is_some();
            assert!(is_there || chart.ends_with("png") || !no_charts.is_empty());
        }
        assert!(watched.remove(requests).is_some_and(|bytes| bytes.len() > 200));
        let text = String::from_utf8(watched[manifest].clone()).expect("text");
        assert!(text.contains("\"--trace-requests\",\n    \"slowest:5\""), "{text}");
        watched.insert(manifest.to_owned(), alone[manifest].clone());
        assert!(watched == alone, "{}", scenario.display());
    }
}

#[test]
fn a_run_prints_where_the_requests_are_and_json_holds_their_parts() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = root().join("scenarios/queueing/mm1.yaml");
    let scenario = scenario.to_str().expect("a plain name");
    let short = ["--no-charts", "--set", "duration=20s", "--set", "warmup=1s"];
    let short = [&short[..], &["--trace-requests", "3"]].concat();
    let output = run(folder.path(), &[&["run", scenario], &short[..]].concat());
    assert!(stdout(&output).contains("requests.csv"), "{}", stdout(&output));
    let output = run(folder.path(), &[&["run", scenario, "--format=json"], &short[..]].concat());
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let traced = json["traced"].as_array().expect("they were asked for");
    assert_eq!(traced.len(), 3);
    for request in traced {
        let parts = request["parts"].as_array().expect("parts").iter();
        let sum: u64 = parts.map(|part| part["ns"].as_u64().expect("a time")).sum();
        assert_eq!(request["latency_ns"], sum);
    }
}

#[test]
fn what_is_no_selection_is_told_with_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = root().join("scenarios/scaling/three-tier.yaml");
    let scenario = scenario.to_str().expect("a plain name");
    for (asked, message) in [
        ("all", "\"all\" is no number of requests from 1 to 100000"),
        ("0", "\"0\" is no number of requests"),
        ("slow:3", "valid here: \"slowest\""),
        ("3(GET /produkt)", "did you mean \"GET /product\"?"),
        ("3(GET", "slowest:20"),
    ] {
        let output = run(folder.path(), &["run", scenario, "--trace-requests", asked]);
        assert_eq!(status(&output), 2);
        assert!(stderr(&output).contains(message), "{asked}: {}", stderr(&output));
        assert!(stderr(&output).contains("--trace-requests:1:"), "{}", stderr(&output));
    }
}
