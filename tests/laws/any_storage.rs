//! What holds whatever is kept on a disk, and whatever happens to it.

use deploysim::experiment::Results;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{at, run};

/// Words of a scenario of a few seconds: a server with a pool, and a database on a disk.
fn anything() -> impl Strategy<Value = String> {
    let load = (20_u64..400, 1_u64..200, any::<u32>());
    let disk = select(vec![
        "plain",
        "hard_disk",
        "local",
        "network",
        "network_burst",
        "{latency: exp(2ms), throughput: 5MB/s, at_once: 2, iops: 200}",
        "{like: network_burst, iops: 50, burst: {iops: 500, credits: 100}}",
    ]);
    let memory = select(vec![
        "",
        "buffer: 3 entries,",
        "buffer: {capacity: 256KiB, checkpoint: {every: 500ms, spread: 0}},",
        "buffer: {capacity: 20 entries, checkpoint: {every: 300ms, spread: 100%}},",
    ]);
    let log = select(vec!["{}", "{group: 1}", "{group: 3, record: exp(4kB), replay: 10kB/s}"]);
    let backup = select(vec![
        "",
        "backup: {size: 3MB, every: 700ms, full_every: 3},",
        "backup: {size: 20MB, every: 150ms, keep_log: true},",
    ]);
    let slows = select(vec!["", "contention: {serial: 5%, crosstalk: 0.1%},"]);
    let pool = select(vec![
        "",
        "pools: {main: 2},",
        "pools: {main: {size: 3, held: request, timeout: 80ms, connect: exp(5ms)}},",
        "pools: {main: {size: 1, held: call, timeout: 300ms}},",
    ]);
    let steps = select(vec![
        "[{read: main}]",
        "[{cpu: exp(1ms)}, {read: main}, {io: 5ms}, {write: main}]",
        "[{parallel: {steps: [{read: main}, {write: main}], wait: first}}, {write: main}]",
        "[{repeat: {times: 3, steps: [{write: main}]}}]",
    ]);
    let workers = select(vec!["5", "unlimited", "async"]);
    let faults = select(vec![
        "[]",
        "[{crash: main, at: 1500ms, for: 200ms}]",
        "[{silence: main, at: 1s, for: 700ms}, {crash: app, at: 2s, for: 100ms}]",
        "[{hang: main, at: 1s, for: 400ms}, {slow: main, to: 10%, at: 2s, for: 500ms}]",
        "[{crash: main, every: exp(600ms), for: exp(200ms)}]",
        "[{hang: app, at: 1s, for: 400ms}]",
    ]);
    let parts = (load, disk, memory, log, (backup, slows, pool), (steps, workers, faults));
    parts.prop_map(|(load, disk, memory, log, (backup, slows, pool), (steps, workers, faults))| {
        let app = format!("workers: {workers}, {pool} endpoints: {{get: {steps}}}");
        let main = format!("{slows} disk: {disk}, {memory} {backup} log: {log}");
        scenario(load, &app, &main, &faults_of(faults, !backup.is_empty()))
    })
}

/// The faults of a list, and a restore of what has backups.
fn faults_of(list: &str, has_backup: bool) -> String {
    let list = list.trim_matches(['[', ']']).replace("}, {", "}\n  - {");
    let listed = if list.is_empty() { list } else { format!("\n  - {list}") };
    let restore = if has_backup { "\n  - {restore: main, back_to: 900ms, at: 2200ms}" } else { "" };
    let none = if listed.is_empty() && !has_backup { " []" } else { "" };
    format!("{none}{listed}{restore}")
}

fn scenario((rate, keys, seed): (u64, u64, u32), app: &str, main: &str, faults: &str) -> String {
    format!(
        "
seed: {seed}
duration: 4s
warmup: 500ms
replications: 1
catalog: {{things: {{keys: {keys}, popularity: zipf(0.9), size: exp(9kB)}}}}
clients:
  users:
    arrivals: poisson({rate}/s)
    target: app
    timeout: 400ms
    requests: {{get: {{keys: things}}}}
topology:
  app: {{server: {{{app}}}}}
  main: {{database: {{connections: 12, read: exp(1ms), write: exp(2ms), {main}}}}}
faults:{faults}
"
    )
}

fn figure(results: &Results, component: &str, name: &str) -> Option<f64> {
    at(results, component).measures.get(name).map(|measure| measure.estimate.mean)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 100 } else { 200 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Requests add up, nothing is used beyond what there is, and what is called a share is one;
    /// under debug assertions Little's law and the utilisation law hold exactly.
    #[test]
    fn what_must_add_up_does_on_any_disk(yaml in anything()) {
        let results = run(&yaml);
        let outcomes: u64 = results.total.outcomes.iter().map(|outcome| outcome.count).sum();
        prop_assert_eq!(outcomes, results.total.arrivals);
        for component in &results.components {
            for resource in &component.resources {
                let used = resource.utilisation.mean;
                prop_assert!(!used.is_finite() || used <= 1.0 + 1e-9, "{used} of {}", resource.name);
            }
            prop_assert!(component.waits.sum() <= component.sojourns.sum());
        }
        for share in ["buffer_hit_ratio", "error_rate"] {
            let found = figure(&results, "main", share).unwrap_or(0.0);
            prop_assert!(found.is_nan() || (0.0..=1.0).contains(&found), "{share}: {found}");
        }
    }
}
