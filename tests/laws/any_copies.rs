//! What holds of a database with copies, however they are kept, and whatever happens to them.

use deploysim::experiment::Results;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{at, run};

/// A scenario of a few seconds, and what it promises.
#[derive(Clone, Debug)]
struct Copied {
    yaml: String,
    /// No write is lost that was answered.
    sync: bool,
    /// Each read sees what its user has written.
    own: bool,
    /// Another copy may take the place of the primary.
    failover: bool,
}

/// How the failure of a primary is found out, if it is.
const FAILOVERS: [&str; 3] = [
    "",
    "failover: {every: 100ms, misses: 2, promote: 50ms},",
    "failover: {every: 1ms, misses: 1, promote: 0s, reads: refused, fail_back: 300ms},",
];

/// What may happen to the copies.
const FAULTS: [&str; 7] = [
    "",
    "  - {crash: 'main[0]', at: 1s, for: 600ms}\n",
    "  - {silence: 'main[0]', at: 1s, for: 1200ms}\n  - {crash: 'main[1]', at: 2500ms}\n",
    "  - {hang: 'main[0]', at: 1s, for: 700ms}\n",
    "  - {partition: 'main[1]', at: 1s, for: 700ms}\n",
    "  - {crash: main, every: exp(900ms), for: exp(200ms)}\n",
    "  - {slow: 'main[1]', to: 5%, at: 1s, for: 1s}\n  - {hang: 'main[1]', at: 3s}\n",
];

fn anything() -> impl Strategy<Value = Copied> {
    let load = (20_u64..300, select(vec![1_u64, 20, 5000]), any::<u32>());
    let kept = (
        2_u64..6,
        select(vec![
            "mode: async",
            "mode: semi_sync",
            "mode: semi_sync, acks: 1, falls_back: 50ms, acknowledge: applied",
            "mode: sync",
            "mode: sync, acknowledge: applied",
        ]),
        select(vec![
            "apply: in_order",
            "apply: in_order, appliers: 4",
            "apply: any_order",
            "apply: any_order, appliers: 2",
        ]),
        select(vec!["replay: 0", "replay: exp(1ms)", "replay: exp(5ms), resend: 40ms", "keep: 20"]),
    );
    let seen = (
        select(vec!["primary", "any", "replicas", "nearest"]),
        select(vec!["eventual", "read_your_writes", "monotonic_reads", "{within: 20ms}"]),
        select(vec!["", "disk: local,", "disk: {latency: exp(2ms)}, buffer: 10 entries,"]),
    );
    let steps = select(vec![
        "{write: main}, READ",
        "{parallel: {steps: [READ, {write: main}], wait: first}}, READ",
        "READ, {repeat: {times: 2, steps: [{write: main}]}}, READ, READ",
    ]);
    let link = select(vec!["0", "1ms", "exp(4ms)", "{delay: exp(2ms), loss: 5%}"]);
    let parts =
        (load, kept, seen, steps, link, select(FAULTS.to_vec()), select(FAILOVERS.to_vec()));
    parts.prop_map(|(load, (factor, mode, apply, replay), seen, steps, link, faults, failover)| {
        let (reads, consistency, disk) = seen;
        let (rate, keys, seed) = load;
        let read = format!("{{read: {{from: main, consistency: {consistency}}}}}");
        let steps = steps.replace("READ", &read);
        let none = if faults.is_empty() { " []" } else { "" };
        let yaml = format!(
            "
seed: {seed}
duration: 4s
warmup: 500ms
replications: 1
catalog: {{rows: {{keys: {keys}, popularity: zipf(0.9)}}}}
clients:
  users:
    arrivals: poisson({rate}/s)
    population: 50
    target: app
    timeout: 400ms
    requests: {{get: {{keys: rows}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{steps}]}}}}}}
  main:
    database: {{connections: 20, read: exp(1ms), write: exp(1ms), {disk} {failover} reads: \
             {reads}, replication: {{factor: {factor}, {mode}, {apply}, {replay}}}}}
links: {{main -> main: {link}}}
faults:{none}
{faults}"
        );
        Copied {
            yaml,
            sync: mode.contains("mode: sync"),
            own: ["read_your_writes", "monotonic_reads"].contains(&consistency),
            failover: !failover.is_empty(),
        }
    })
}

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "main").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 100 } else { 200 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(2),
        ..ProptestConfig::default()
    })]

    /// Requests add up; what is promised is kept; nothing is lost where nobody takes the place of a
    /// primary. Under debug assertions Little's law and the utilisation law hold exactly.
    #[test]
    fn copies_keep_what_they_promise(scenario in anything()) {
        let results = run(&scenario.yaml);
        let outcomes: u64 = results.total.outcomes.iter().map(|outcome| outcome.count).sum();
        prop_assert_eq!(outcomes, results.total.arrivals);
        let lost = figure(&results, "lost_commits");
        if scenario.sync || !scenario.failover {
            prop_assert_eq!(lost, 0.0);
        }
        if scenario.own {
            let missed = figure(&results, "own_writes_missed");
            prop_assert!(missed.is_nan() || missed == 0.0, "{missed} of own writes are missed");
        }
        for share in ["stale_reads", "reads_waited"] {
            let found = figure(&results, share);
            prop_assert!(found.is_nan() || (0.0..=1.0).contains(&found), "{share}: {found}");
        }
        prop_assert!(figure(&results, "writes_behind") >= 0.0);
        if figure(&results, "committed_writes") < lost {
            prop_assert!(false, "more is lost than there was");
        }
    }
}
