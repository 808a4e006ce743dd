use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::deployment::metrics::metrics;
use crate::experiment::measure::{Measure, Measures};
use crate::experiment::results::{Decision, Results};
use crate::experiment::{Plan, replicate};
use crate::measure::{About, Form, Metric, Statistic};
use crate::scenario::load_text;

fn run(text: &str) -> Results {
    let scenario = load_text(Path::new("x.yaml"), text, &[]);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let stop = AtomicBool::new(false);
    replicate(&scenario, &Plan { progress: &(), stop: &stop }).expect("nothing stops it")
}

/// Something of everything that metrics are about: its components together have all that a
/// component can have.
const EVERYTHING: &str = "duration: 20s\nwarmup: 2s\nreplications: 3\n\
    catalog: {pages: {keys: 50, changes: exp(2s), cache_control: \"max-age=1\", etag: true, \
    per_user: true}}\n\
    clients: {users: {users: {count: 20, think: exp(200ms)}, target: lb, timeout: 60ms, \
    browser_cache: 1MiB, requests: {get: {keys: pages}}}}\n\
    topology:\n  app: {server: {replicas: 2, workers: 4, \
    memory: {limit: 1GiB, per_request: 10MiB}, \
    sessions: {store: local, idle: 1s, login: [cpu: 1ms]}, pools: {main: 3}, \
    consumes: jobs, \
    cache: {ttl: header, capacity: 20 entries}, \
    endpoints: {jobs: [{io: exp(500ms)}, {call: {to: store, endpoint: put}}], \
    get: [{cache: {in: local, miss: [{cpu: exp(10ms)}, {read: main}, {write: twin}, \
    {read: twin}, {write: ring}, {read: ring}]}}, {send: jobs}, \
    {transaction: {in: ledger, keys: 2}}]}}}\n  \
    ring: {database: {replication: {factor: 3, mode: quorum}}}\n  \
    ledger: {database: {shards: 2, transactions: {prepare: 1ms}}}\n  \
    twin: {database: {reads: any, replication: {factor: 3, mode: semi_sync}, \
    failover: {every: 100ms, promote: 100ms}}}\n  \
    jobs: {message_queue: {visibility: 300ms, max_receives: 2}}\n  \
    store: {object_store: {latency: 1ms}}\n  \
    main: {database: {disk: local, buffer: 20 entries, \
    backup: {size: 9MB, every: 1s}, \
    schema_change: {at: 3s, locks: 100ms}}}\n  lb: {load_balancer: {backends: app}}\n\
    links: {app -> main: {delay: 1ms, bandwidth: 100Mbit/s}}\n\
    faults:\n  - {crash: main, at: 7s, for: 100ms}\n  - {crash: 'twin[0]', at: 5s, for: 2s}\n  - {restore: main, back_to: 8s, at: 9s}\n";

/// The component that has what a metric is about.
fn owner(metric: &Metric) -> &'static str {
    let scenario = load_text(Path::new("x.yaml"), EVERYTHING, &[]).expect("it is sound");
    let owns =
        |name: &&str| scenario.deployment.topology.get(name).is_some_and(|of| of.has(metric.needs));
    ["app", "main", "jobs", "store", "twin", "ring", "ledger"]
        .into_iter()
        .find(owns)
        .expect("somebody has it")
}

/// A name of a metric, and what may stand in its brackets.
fn example(metric: &Metric) -> (String, String) {
    let name = match metric.form {
        Form::Word(word) => word.to_owned(),
        Form::Percentile(stem) => format!("{stem}99.9"),
        Form::PercentileOfAll(stem) => format!("{stem}99.9_of_all"),
        Form::Resource(stem) => format!("{stem}:workers"),
        Form::Outcome(stem) => format!("{stem}:timed out"),
        Form::Number(stem) => format!("{stem}:2"),
        Form::Duration(stem) => format!("{stem}:100ms"),
    };
    let subject = match metric.about {
        About::Requests => "(users/get)".to_owned(),
        About::Component => format!("({})", owner(metric)),
        About::Run => String::new(),
    };
    (name, subject)
}

/// What tables have of a figure.
fn told<'a>(results: &'a Results, metric: &Metric) -> &'a Measures {
    match metric.about {
        About::Requests => &results.requests[0].measures,
        About::Component => {
            let mut components = results.components.iter();
            let found = components.find(|component| component.name == owner(metric));
            &found.expect("it is there").measures
        }
        About::Run => &results.run,
    }
}

/// What an expectation says of a figure that tables have: of sums and greatest values, the mean.
fn found(measure: &Measure, metric: &Metric) -> String {
    let estimate = match measure.statistic {
        Statistic::Mean | Statistic::BusiestInstance | Statistic::Pooled => measure.estimate,
        Statistic::Sum | Statistic::Max | Statistic::Constant => {
            crate::stats::Estimate::of(measure.values.iter().copied())
        }
    };
    super::super::expectation::written(estimate, metric.unit)
}

#[test]
fn every_metric_can_be_asked_and_is_what_tables_say() {
    let asked = metrics().map(|metric| {
        let (name, subject) = example(metric);
        format!("  - \"{name}{subject} > 0{}\"\n", if metric.unit.word() == "s" { "s" } else { "" })
    });
    let rate = |line: String, metric: &Metric| match metric.unit.word() {
        "1/s" => line.replace("> 0", "> 0/s"),
        _ => line,
    };
    let asked: String = asked.zip(metrics()).map(|(line, metric)| rate(line, metric)).collect();
    let results = run(&format!("{EVERYTHING}expect:\n{asked}"));
    for (verdict, metric) in results.verdicts.iter().zip(metrics()) {
        let (name, _) = example(metric);
        let Some(measure) = told(&results, metric).get(&name) else {
            let asked = matches!(
                metric.form,
                Form::Number(_) | Form::Duration(_) | Form::PercentileOfAll(_)
            );
            assert!(asked, "{name} is in no table");
            continue;
        };
        assert_eq!(measure.values.len(), 3, "{name}");
        if matches!(measure.statistic, Statistic::Mean | Statistic::BusiestInstance) {
            let mean = crate::stats::Estimate::of(measure.values.iter().copied());
            assert_eq!(format!("{mean:?}"), format!("{:?}", measure.estimate), "{name}");
        }
        assert_eq!(verdict.found, found(measure, metric), "{name}");
    }
}

#[test]
fn what_is_counted_can_be_asked_of_a_part_of_the_run_and_of_an_instance() {
    let (mut lines, mut wholes) = (String::new(), Vec::new());
    for metric in metrics().filter(|metric| metric.over_time()) {
        let (name, subject) = example(metric);
        let bound = match metric.unit.word() {
            "s" => "0s",
            "1/s" => "0/s",
            _ => "0",
        };
        lines += &format!("  - \"{name}{subject} during 2s..20s > {bound}\"\n");
        wholes.push(metric);
        if metric.about == About::Component && metric.of_one() {
            let owner = owner(metric);
            let one = format!("{owner}[{}]", usize::from(owner == "app"));
            lines += &format!("  - \"{name}({one}) during 4s..11s > {bound}\"\n");
            wholes.push(metric);
        }
    }
    let results = run(&format!("{EVERYTHING}expect:\n{lines}"));
    assert_eq!(results.verdicts.len(), wholes.len());
    let mut same = 0;
    for (verdict, metric) in results.verdicts.iter().zip(wholes) {
        assert_ne!(verdict.found, "", "{}", verdict.expectation);
        let (name, _) = example(metric);
        let Some(measure) = told(&results, metric).get(&name) else { continue };
        let whole = found(measure, metric);
        same += usize::from(verdict.expectation.contains("2s..20s") && verdict.found == whole);
    }
    // Requests count where they end, and quantiles are a bucket's; all else is the same.
    assert!(same > 40, "only {same} are those of the whole run");
}

#[test]
fn an_instance_is_measured_by_itself() {
    let text = "duration: 20s\nwarmup: 0\nreplications: 2\n\
        clients: {users: {users: {count: 1, think: 90ms}, target: lb, requests: {get: }}}\n\
        topology:\n  lb: {load_balancer: {policy: round_robin, backends: app}}\n  \
        app: {server: {replicas: [{speed: 1}, {speed: 0.5}], cores: 1, \
        endpoints: {get: [cpu: 10ms]}}}\n\
        expect:\n  - \"utilisation(app[0]) < 1%\"\n  - \"utilisation(app[1]) < 1%\"\n  \
        - \"utilisation_busiest:cpu(app) < 1%\"\n  - \"answered(app[1]) > 1/s\"\n  \
        - \"present_at_least:1(app[1]) < 1%\"\n  - \"utilisation_busiest:cpu(app) during 5s..10s < 1%\"\n";
    let results = run(text);
    let found = |index: usize| results.verdicts[index].found.split(' ').next().unwrap_or_default();
    // Of 205 ms, one request takes 10 ms at one and the next 20 ms at the other.
    let share = |text: &str| text.trim_end_matches('%').parse::<f64>().expect("a share");
    assert!((share(found(0)) - 4.65).abs() < 0.1, "{}", found(0));
    assert!((share(found(1)) - 9.3).abs() < 0.2, "{}", found(1));
    assert_eq!(found(2), found(1));
    assert!((share(found(4)) - 9.3).abs() < 0.2, "{}", found(4));
    assert!((share(found(5)) - 9.3).abs() < 0.4, "{}", found(5));
    assert_eq!(results.verdicts[3].holds, Decision::Holds);
}

/// M/M/1 at half load: at least n are present for 1/2^n of the time.
#[test]
fn the_number_present_has_a_distribution() {
    let text = "duration: 2000s\nwarmup: 10s\nreplications: 4\n\
        clients: {users: {arrivals: poisson(50/s), target: app, requests: {get: }}}\n\
        topology: {app: {server: {cores: 1, workers: 1, queue: {limit: unlimited}, \
        endpoints: {get: [cpu: exp(10ms)]}}}}\n";
    let results = run(text);
    let app = &results.components[0];
    for n in 1..=5 {
        let (found, exact) = (app.present_at_least[n - 1], 0.5_f64.powi(n as i32));
        assert_eq!((found.from, found.to), (n as u64, n as u64));
        assert!((found.share.mean / exact - 1.0).abs() < 0.1, "{n}: {found:?}");
    }
    let mean: f64 =
        app.present_at_least.iter().map(|n| n.share.mean * (n.to - n.from + 1) as f64).sum();
    assert!((mean / app.present.mean - 1.0).abs() < 1e-9, "the mean is the sum over all n");
}
