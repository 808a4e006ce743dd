//! What holds of transactions, however they are kept apart, and whatever happens. Under debug
//! assertions each run is held to this besides: a lock is held by one transaction that is under
//! way.

use deploysim::experiment::Results;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{at, run};

/// A scenario of a few seconds, and what it promises.
#[derive(Clone, Debug)]
struct Transacted {
    yaml: String,
    /// No update is lost.
    safe: bool,
    /// No wait closes a circle.
    sorted: bool,
}

/// What may happen meanwhile; all is over after 3 s.
const FAULTS: [&str; 8] = [
    "",
    "",
    "  - {crash: app, at: 1s, for: 600ms}\n",
    "  - {silence: app, at: 1s, for: 1200ms}\n",
    "  - {crash: main, at: 500ms, for: 50ms}\n  - {crash: main, at: 1500ms, for: 200ms}\n",
    "  - {hang: 'main[0]', at: 1s, for: 700ms}\n",
    "  - {partition: 'main[0]', at: 1s, for: 700ms}\n",
    "  - {silence: 'main[0]', at: 1s, for: 700ms}\n  - {crash: app, at: 1500ms, for: 100ms}\n",
];

fn anything() -> impl Strategy<Value = Transacted> {
    let load = (20_u64..200, select(vec![4_u64, 20, 5000]), any::<u32>());
    let kept = (
        1_u64..4,
        select(vec!["as_drawn", "sorted"]),
        select(vec!["serializable", "read_committed", "optimistic"]),
        0_u64..4,
    );
    let database = (
        select(vec!["", "shards: 3,", "shards: {count: 2, by: range},"]),
        select(vec![
            "",
            "disk: local,",
            "transactions: {prepare: exp(4ms), commit: 2ms, keep_alive: 300ms},",
            "connections: 2, queue: {limit: 5, timeout: 50ms},",
        ]),
    );
    let link = select(vec!["0", "1ms", "exp(4ms)", "{delay: exp(2ms), loss: 5%}"]);
    let steps = select(vec!["", "{write: main}", "{read: main}"]);
    let workers = select(vec!["async", "20"]);
    let parts = (load, kept, database, link, steps, workers, select(FAULTS.to_vec()));
    parts.prop_map(|(load, kept, (shards, more), link, steps, workers, faults)| {
        let ((rate, keys, seed), (rows, order, isolation, retries)) = (load, kept);
        let faults =
            if shards.is_empty() { faults.replace("'main[0]'", "main") } else { faults.into() };
        let none = if faults.is_empty() { " []" } else { "" };
        let yaml = format!(
            "
seed: {seed}
duration: 20s
warmup: 0
replications: 1
catalog: {{rows: {{keys: {keys}, popularity: zipf(0.9)}}}}
clients:
  users:
    arrivals: {{profile: {{points: [{{at: 0s, rate: {rate}/s}}, {{at: 4s, rate: 0/s}}]}}}}
    target: app
    timeout: 400ms
    requests: {{get: {{weight: 3, keys: rows}}, put: {{keys: rows}}}}
calls: {{app -> main: {{timeout: 300ms}}}}
topology:
  app:
    server:
      workers: {workers}
      endpoints:
        get: [{{transaction: {{in: main, keys: {rows}, order: {order}, isolation: {isolation}, \
             retries: {retries}, each: [{{io: exp(3ms)}}], steps: [{{cpu: exp(1ms)}}]}}}}]
        put: [{{cpu: 1ms}}, {steps}]
  main: {{database: {{{shards} {more} read: exp(1ms), write: exp(1ms)}}}}
links: {{app -> main: {link}}}
faults:{none}
{faults}"
        )
        .replace(", ]", "]");
        Transacted { yaml, safe: isolation != "read_committed", sorted: order == "sorted" }
    })
}

fn figure(results: &Results, component: &str, name: &str) -> f64 {
    let measures = &at(results, component).measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 100 } else { 200 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    /// Transactions are committed or aborted, no lock is left when nobody comes any more, and no
    /// update is lost where that is promised.
    #[test]
    fn transactions_keep_what_they_promise(scenario in anything()) {
        let results = run(&scenario.yaml);
        let [all, commits, aborts] =
            ["transactions", "commits", "aborts"].map(|name| figure(&results, "app", name));
        prop_assert_eq!(all, commits + aborts);
        let [held, locks, hold] =
            ["locks_held", "locks", "lock_hold"].map(|name| figure(&results, "main", name));
        // All that were got were given up: else the area would be more than their time.
        let given = if locks > 0.0 { locks * hold } else { 0.0 };
        prop_assert!((held * 20.0 - given).abs() <= 1e-6 * (1.0 + given), "{held} x 20 s, {given}");
        if scenario.safe {
            prop_assert_eq!(figure(&results, "main", "lost_updates"), 0.0);
        }
        if scenario.sorted {
            prop_assert_eq!(figure(&results, "main", "deadlocks"), 0.0);
        }
    }
}
