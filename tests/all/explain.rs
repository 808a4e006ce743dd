//! `deploysim explain`: theory beside simulation, where the time goes, and what would help.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::support::{root, run, some_shipped, sooner, status, stderr, stdout};
use deploysim::experiment::Plan;
use deploysim::experiment::explain::{
    AnalyticModel, Explanation, Verdict, analytic_model, explain,
};
use deploysim::experiment::results::RequestResult;
use deploysim::scenario::{Change, load, load_text};
use serde_json::Value;

/// Explains a scenario after these changes.
fn explained(path: &Path, sets: &[&str]) -> Explanation {
    let changes: Vec<Change> = sets.iter().map(|set| Change::Set((*set).to_owned())).collect();
    let path = root().join(path);
    let scenario = load(&path, &changes).expect("this is sound");
    let changed = |more: Vec<Change>| load(&path, &[&changes[..], &more[..]].concat()).ok();
    let stop = AtomicBool::new(false);
    let plan = Plan { progress: &(), stop: &stop };
    explain(&scenario, analytic_model(&scenario), &changed, &plan).expect("nothing stops it")
}

/// The analytic_model of a server of `app`, and of a database of four cores, for clients as given.
fn twin_of(clients: &str, app: &str, steps: &str) -> AnalyticModel {
    let text = format!(
        "clients: {{users: {{{clients}, timeout: none, target: app, requests: {{get: }}}}}}\n\
         topology:\n  app: {{server: {{{app}, endpoints: {{get: [{steps}]}}}}}}\n  \
         main: {{database: {{cores: 1, connections: unlimited, read: exp(30ms)}}}}\n"
    );
    analytic_model(&load_text(Path::new("x.yaml"), &text, &[]).expect("this is sound"))
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-6, "{found}, not {expected}");
}

/// One server of `servers` workers, first come first served: its wait (s) and the share not served.
fn fcfs(rate: u32, cpu: &str, servers: u32, limit: &str) -> (f64, f64) {
    let app = format!("cores: {servers}, workers: {servers}, queue: {{limit: {limit}}}");
    let analytic_model =
        twin_of(&format!("arrivals: poisson({rate}/s)"), &app, &format!("cpu: {cpu}"));
    (analytic_model.components[0].wait, analytic_model.components[0].rejected)
}

/// The cases MM1-80, MMC-64-95, MD1-80, MG1-LN4, MM1K-10-120 and MMCK-4-20-95.
#[test]
fn queues_of_one_kind_are_those_of_the_reference_cases() {
    near(fcfs(80, "exp(10ms)", 1, "unlimited").0, 0.04);
    near(fcfs(1216, "exp(50ms)", 64, "unlimited").0, 0.009_187_670_811_093_467);
    near(fcfs(80, "10ms", 1, "unlimited").0, 0.02);
    near(fcfs(70, "lognormal(mean=10ms, cv=2)", 1, "unlimited").0, 0.058_333_333_333_333_5);
    near(fcfs(120, "exp(10ms)", 1, "9").1, 0.192_586_495_126_805_65);
    near(fcfs(380, "exp(10ms)", 4, "16").1, 0.031_272_918_679_516_204);
}

/// The cases PS1-EXP and PS4-LN.
#[test]
fn shared_cores_are_insensitive_to_the_distribution() {
    for cpu in ["exp(10ms)", "10ms", "lognormal(mean=10ms, cv=2)"] {
        let shared = |rate: &str, cores: u32| {
            let app = format!("cores: {cores}, workers: unlimited");
            twin_of(&format!("arrivals: poisson({rate}/s)"), &app, &format!("cpu: {cpu}"))
        };
        near(shared("80", 1).components[0].own, 0.05);
        near(shared("320", 4).components[0].own, 0.017_455_405_897_342_558);
    }
}

/// The case MVA-1, with its asymptotic bounds.
#[test]
fn users_who_think_are_a_closed_network() {
    for (users, throughput, response) in
        [(1, 0.952_380_952_380_952_3, 0.05), (34, 28.717_142_259_421_443, 0.183_961_819_489_380_84)]
    {
        let clients = format!("users: {{count: {users}, think: exp(1s)}}");
        let analytic_model = twin_of(&clients, "workers: unlimited", "cpu: exp(20ms), read: main");
        near(analytic_model.throughput, throughput);
        near(analytic_model.latency, response);
        let bounds = analytic_model.bounds.expect("there are only users");
        near(bounds.throughput, (f64::from(users) / 1.05).min(1.0 / 0.03));
        near(bounds.knee, 1.05 / 0.03);
        assert!(
            analytic_model.broken.is_empty()
                && analytic_model.components.iter().all(|c| c.broken.is_empty())
        );
    }
}

#[test]
fn the_prediction_agrees_with_the_simulation_where_all_assumptions_hold() {
    let found = explained(Path::new("scenarios/queueing/mm1.yaml"), &["duration=10min"]);
    assert!(found.analytic_model.components[0].broken.is_empty());
    for agreement in &found.agreements {
        assert_eq!(agreement.verdict, Verdict::Agrees, "{agreement:?}");
    }
    assert_eq!(found.agreements.len(), 6);
}

/// Checks that no prediction is off by more than a tenth, and by more than chance, where no broken
/// assumption is named: of the component, or of all requests.
fn check_named(path: &Path, found: &Explanation) {
    let model = &found.informed_model;
    for agreement in &found.agreements {
        let Verdict::Off(_) = agreement.verdict else { continue };
        let component = model.components.iter().find(|one| one.name == agreement.subject);
        let known = match agreement.measure.as_str() {
            "hit_ratio" => &found.analytic_model,
            _ => model,
        };
        let here = known
            .components
            .iter()
            .filter(|one| component.is_none_or(|component| component.name == one.name));
        let named = !known.broken.is_empty() || here.into_iter().any(|one| !one.broken.is_empty());
        let simulated = agreement.simulated;
        let nearest = agreement.predicted.clamp(simulated.low(), simulated.high());
        let off = (agreement.predicted / nearest - 1.0).abs();
        assert!(named || off <= 0.1, "{}: {agreement:?}", path.display());
    }
}

#[test]
fn every_shipped_scenario_is_explained_to_the_nanosecond_and_what_theory_misses_is_named() {
    for path in some_shipped() {
        let short = ["duration=20s", "warmup=2s", "replications=2", "expect=[]"];
        let sooner = sooner(&path).iter().copied().filter(|word| *word != "--set");
        let found = explained(&path, &short.into_iter().chain(sooner).collect::<Vec<_>>());
        for latency in &found.latencies {
            let result = &found.results;
            let same =
                |r: &&RequestResult| (&r.client, &r.request) == (&latency.client, &latency.request);
            let mut types = result.requests.iter().filter(same);
            let histogram = &types.next().unwrap_or(&result.total).histogram;
            assert_eq!(latency.nanos[0], histogram.sum(), "{}", path.display());
            assert_eq!(latency.requests[0], histogram.count(), "{}", path.display());
            for which in [0, 1] {
                let sum: u128 = latency.shares.iter().map(|share| share.nanos[which]).sum();
                assert_eq!(sum, latency.nanos[which], "{} {latency:?}", path.display());
            }
            let [all, slow] = latency.requests;
            // Of equal latencies, which a fan-out to constant ones has many of, all are as slow.
            assert!(slow <= all, "{all} {slow}");
        }
        check_named(&path, &found);
    }
}

/// One user of a server of these steps, with a database of 7 ms: the parts of latencies (ms) are
/// known beforehand.
#[track_caller]
fn check_parts(steps: &str, expected: &[(&str, &str, f64)]) {
    let text = format!(
        "duration: 10s\nwarmup: 0\nreplications: 2\nlinks: {{users -> app: 1ms, app -> main: 2ms}}\n\
         clients: {{users: {{users: {{count: 1, think: 100ms}}, target: app, requests: {{get: }}}}}}\n\
         topology:\n  app: {{server: {{endpoints: {{get: [{steps}]}}}}}}\n  \
         main: {{database: {{read: 7ms}}}}\n"
    );
    let read = |more: &[Change]| load_text(Path::new("x.yaml"), &text, more);
    let scenario = read(&[]).expect("this is sound");
    let stop = AtomicBool::new(false);
    let plan = Plan { progress: &(), stop: &stop };
    let changed = |more: Vec<Change>| read(&more).ok();
    let found =
        explain(&scenario, analytic_model(&scenario), &changed, &plan).expect("nothing stops it");
    let parts: Vec<(&str, &str, f64)> = found.latencies[0]
        .shares
        .iter()
        .map(|share| (share.component.as_str(), share.part, share.mean[0].mean * 1e3))
        .collect();
    assert_eq!(parts.len(), expected.len(), "{parts:?}");
    for (part, expected) in parts.iter().zip(expected) {
        assert_eq!((part.0, part.1), (expected.0, expected.1));
        near(part.2, expected.2);
    }
}

#[test]
fn constant_delays_are_taken_apart_as_they_were_put_together() {
    check_parts(
        "cpu: 3ms, io: 4ms, read: main, cpu: 5ms",
        &[
            ("app", "network", 2.0),
            ("app", "work", 8.0),
            ("app", "io", 4.0),
            ("main", "network", 4.0),
            ("main", "work", 7.0),
        ],
    );
}

/// Of what runs at once only that is told for which the request waited longest.
#[test]
fn the_parts_of_the_deciding_strand_are_those_of_the_request() {
    let network = ("app", "network", 2.0);
    let main = [("main", "network", 4.0), ("main", "work", 7.0)];
    let read = "[cpu: 2ms, read: main, io: 3ms]";
    check_parts(
        &format!("cpu: 1ms, parallel: [[io: 9ms], {read}], cpu: 5ms"),
        &[network, ("app", "work", 8.0), ("app", "io", 3.0), main[0], main[1]],
    );
    // The first is waited for, and the other goes on for nobody.
    check_parts(
        &format!("cpu: 1ms, parallel: {{wait: first, steps: [[io: 9ms], {read}]}}, cpu: 5ms"),
        &[network, ("app", "work", 6.0), ("app", "io", 9.0)],
    );
    // Both share the core; the longer one has its own work and the wait for the other's.
    check_parts(
        "read: main, parallel: [[cpu: 4ms], [cpu: 4ms, io: 1ms]]",
        &[
            network,
            ("app", "shared cores", 4.0),
            ("app", "work", 4.0),
            ("app", "io", 1.0),
            main[0],
            main[1],
        ],
    );
    // Strands within strands: 12 ms of the inner pair, of which 6 are work, beside 3 of the outer.
    check_parts(
        "parallel: [[cpu: 3ms], [parallel: [[cpu: 1ms], [cpu: 6ms, io: 2ms]], read: main]]",
        &[
            network,
            ("app", "shared cores", 4.0),
            ("app", "work", 6.0),
            ("app", "io", 2.0),
            main[0],
            main[1],
        ],
    );
}

#[test]
fn an_obvious_bottleneck_is_named_first_and_is_what_helps_most() {
    let short = ["duration=40s", "warmup=10s", "replications=4"];
    let found = explained(Path::new("scenarios/scaling/slow-database.yaml"), &short);
    let first = &found.analytic_model.resources
        [found.analytic_model.bottleneck.expect("something is full first")];
    assert_eq!((first.component.as_str(), first.resource), ("main", "cpu"));
    let best = &found.remedies.list[0];
    assert_eq!((best.component.as_str(), best.what.as_str()), ("main", "cores 2 → 3"));
    assert!(best.throughput_gain.low() > 0.0 && best.p99_cut.low() > 0.0, "{best:?}");
    assert_eq!(found.remedies.left_out, 0);
}

/// Of many changes those of what is in use most are tried, and it is said of how many.
#[test]
fn only_the_most_promising_changes_are_tried() {
    let servers: String = (0..8)
        .map(|n| format!("  s{n}: {{server: {{endpoints: {{r: [cpu: {}ms]}}}}}}\n", n + 1))
        .collect();
    let backends: Vec<String> = (0..8).map(|n| format!("s{n}")).collect();
    let text = format!(
        "duration: 3s\nwarmup: 0\nreplications: 2\nclients: {{c: {{arrivals: poisson(400/s), \
         target: lb, requests: {{r: }}}}}}\ntopology:\n  lb: {{load_balancer: {{backends: \
         [{}]}}}}\n{servers}",
        backends.join(", ")
    );
    let read = |more: &[Change]| load_text(Path::new("x.yaml"), &text, more);
    let scenario = read(&[]).expect("this is sound");
    let stop = AtomicBool::new(false);
    let plan = Plan { progress: &(), stop: &stop };
    let changed = |more: Vec<Change>| read(&more).ok();
    let found =
        explain(&scenario, analytic_model(&scenario), &changed, &plan).expect("nothing stops it");
    let remedies = &found.remedies;
    assert_eq!((remedies.possible, remedies.list.len(), remedies.left_out), (32, 20, 0));
    let tried = |name: &str| remedies.list.iter().filter(|one| one.component == name).count();
    assert!(tried("s7") >= 3 && tried("s0") <= 1, "{remedies:?}");
}

#[test]
fn the_command_prints_its_blocks_and_writes_its_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = root().join("scenarios/queueing/mm1.yaml");
    let scenario = scenario.to_str().expect("a plain name");
    let short = ["--duration", "60s", "--set", "warmup=5s", "--replications", "3"];
    let output =
        run(folder.path(), &[&["explain", scenario, "--out", "here"], &short[..]].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for heading in [
        "What theory says, before anything is simulated",
        "Predicted and simulated",
        "Where the time goes",
        "What would help",
    ] {
        assert!(text.contains(&format!("\n{heading}\n")), "{text}");
    }
    for file in ["explain.txt", "explain.csv", "explain-manifest.json"] {
        assert!(folder.path().join("here").join(file).is_file(), "{file}");
    }
    let words = [&["explain", scenario, "--format", "json"], &short[..]].concat();
    let json: Value = serde_json::from_str(&stdout(&run(folder.path(), &words))).expect("JSON");
    assert_eq!(json["theory"]["components"][0]["model"], "M/M/1");
    let all = &json["latency"][0]["all"];
    let parts = all["parts"].as_array().expect("a list");
    let sum: u64 = parts.iter().map(|part| part["total_ns"].as_u64().expect("a count")).sum();
    assert_eq!(Some(sum), all["total_ns"].as_u64());
}

/// The analytic_model of these components, the first of which is asked 30 times a second.
fn twin_of_all(target: &str, topology: &str) -> AnalyticModel {
    let text = format!(
        "duration: 20s\nclients: {{users: {{arrivals: poisson(30/s), target: {target}, \
         requests: {{get: {{keys: things}}}}}}}}\ncatalog: {{things: {{keys: 10}}}}\n\
         topology: {{{topology}}}\n"
    );
    analytic_model(
        &load_text(Path::new("x.yaml"), &text, &[]).unwrap_or_else(|faults| panic!("{faults}")),
    )
}

/// A server of these workers whose endpoint takes these steps, as a component of a topology.
fn server(name: &str, workers: &str, steps: &str) -> String {
    format!("{name}: {{server: {{workers: {workers}, endpoints: {{\"*\": [{steps}]}}}}}}")
}

#[test]
fn where_no_core_is_waited_for_all_are_delays() {
    let leaf = server("leaf", "200", "io: 10ms");
    let gateway = |callee: &str| server("root", "100", &format!("call: {callee}"));
    let balancer = "root: {load_balancer: {backends: leaf, connections: 30}}";
    let free = "main: {database: {read: 0ms}}";
    let cache = "memo: {cache: {latency: 1ms}}";
    for (topology, seconds) in [
        (server("root", "200", "io: 10ms"), 0.01),
        (server("root", "200", "io: 0ms"), 0.0),
        (format!("{}, pay: {{external: {{latency: 20ms}}}}", gateway("pay")), 0.02),
        (format!("{}, {leaf}", gateway("leaf")), 0.01),
        (format!("{balancer}, {leaf}"), 0.01),
        (format!("{}, {free}", server("root", "200", "read: main")), 0.0),
        (format!("{}, {cache}", server("root", "200", "cache: {in: memo, miss: []}")), 0.001),
    ] {
        let analytic_model = twin_of_all("root", &topology);
        assert!(
            (analytic_model.latency - seconds).abs() < 1e-12,
            "{topology}: {}",
            analytic_model.latency
        );
        near(analytic_model.throughput, 30.0);
        assert!(
            analytic_model.components.iter().all(|c| c.wait < 1e-12),
            "{topology}: {analytic_model:?}"
        );
    }
}

/// Workers held by io are servers: M/M/c/K, and for each replica its own.
#[test]
fn workers_that_wait_for_io_alone_are_servers() {
    // Three at once of which four have room, at 30/s of 100 ms: weights 1, 3, 4.5, 4.5, 4.5.
    let app = "root: {server: {workers: 3, queue: {limit: 1}, endpoints: {get: [io: exp(100ms)]}}}";
    let app = &twin_of_all("root", app).components[0];
    near(app.rejected, 4.5 / 17.5);
    near(app.wait, (4.5 / 17.5) / (30.0 * 13.0 / 17.5));
    assert_eq!((app.model.as_str(), app.broken.len()), ("M/M/3/4", 0), "{app:?}");
    // M/M/2 three quarters full, twice: the wait is service × ρ² / (1 - ρ²).
    let pair = "root: {load_balancer: {backends: pair, policy: random}}, pair: {server: \
                {replicas: 2, workers: 2, queue: {limit: unlimited}, endpoints: \
                {get: [io: exp(100ms)]}}}";
    let pair = &twin_of_all("root", pair).components[1];
    near(pair.wait, 0.1 * 0.5625 / 0.4375);
    // Of constant times that is no more than near, and it is said.
    let fixed = twin_of_all("root", &server("root", "4", "io: 100ms"));
    assert!(fixed.components[0].broken[0].what.contains("not exponential"), "{fixed:?}");
}

/// A balancer that has connections and no cost waits for the core behind it, not for one more.
#[test]
fn cores_are_waited_for_once() {
    let text = "front: {load_balancer: {backends: leaf, connections: 1000}}, ";
    let analytic_model =
        twin_of_all("front", &(text.to_owned() + &server("leaf", "500", "cpu: exp(20ms)")));
    near(analytic_model.latency, 0.05);
    assert!(analytic_model.components[0].wait < 1e-9, "{analytic_model:?}");
}

/// However many workers there are, they take neither memory nor time.
#[test]
fn workers_beyond_number_are_as_good_as_workers_without_limit() {
    for steps in ["io: 10ms", "cpu: exp(1ms)", "cpu: exp(1ms), io: 9ms"] {
        let many = twin_of_all("root", &server("root", "1G", steps));
        let all = twin_of_all("root", &server("root", "unlimited", steps));
        near(many.latency, all.latency);
        assert!(many.components[0].broken.is_empty(), "{many:?}");
    }
    let endless = "root: {server: {workers: 200k, queue: {limit: unlimited}, endpoints: \
                   {get: [io: 2h]}}}";
    let endless = twin_of_all("root", endless);
    assert!(endless.latency == f64::INFINITY, "216k of 200k workers are needed: {endless:?}");
}

/// Four consumers do 40 messages a second of 36 that come: a thousand are gone after 1000 / 4 s. A
/// database that others use too leaves them less, and so do messages that wait for something else.
#[test]
fn a_backlog_drains_by_what_is_left_of_what_is_scarcest() {
    let told = |work: &str, more: &str| {
        let scenario = load_text(
            Path::new("x.yaml"),
            &format!(
                "
duration: 1s
clients:
  users: {{arrivals: poisson(36/s), target: jobs, requests: {{send: {{}}}}}}
  others: {{arrivals: poisson(10/s), target: app, requests: {{get: {{}}}}}}
topology:
  jobs: {{message_queue: {{latency: 0{more}}}}}
  worker: {{server: {{replicas: 4, workers: 2, consumes: {{from: jobs, at_once: 1}}, \
                 endpoints: {{jobs: [{work}]}}}}}}
  app: {{server: {{endpoints: {{get: [read: main]}}}}}}
  main: {{database: {{cores: 2, read: exp(40ms)}}}}
links: {{default: 0}}
"
            ),
            &[],
        );
        let drains = analytic_model(&scenario.expect("it is sound")).drains;
        drains.first().map(|drain| (drain.most * 1e6).round() / 1e6)
    };
    assert_eq!(told("cpu: exp(100ms)", ""), Some(40.0));
    // 10/s of others take 0.4 of 2 cores.
    assert_eq!(told("{cpu: exp(10ms)}, {read: main}", ""), Some(1.6 / 0.04));
    assert_eq!(told("{cpu: exp(10ms)}, {io: 40ms}", ""), Some(4.0 / 0.05));
    assert_eq!(told("cpu: exp(100ms)", ", capacity: 100"), None);
}
