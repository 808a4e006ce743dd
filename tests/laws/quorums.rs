//! Databases of which every copy takes writes: with constant durations it is known who answers when,
//! which writes conflict, and which identifiers are the same.

use deploysim::experiment::Results;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{at, close, count, run};

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "main").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// Ten requests a second for one row, each of these steps, of three copies that are 10 ms apart.
fn three(steps: &str, quorum: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: 10.05s
warmup: 0
replications: 1
catalog: {{rows: {{keys: 1}}}}
clients: {{users: {{arrivals: constant(10/s), target: app, timeout: 2s, requests: {{get: {{keys: \
         rows}}}}}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{steps}]}}}}}}
  main:
    database: {{cores: 8, read: 5ms, write: 1ms, replication: {{factor: 3, replay: 2ms, resend: 100s, mode: \
         {{quorum: {{{quorum}}}}}}}}}
links: {{main -> main: 10ms}}
faults: [{faults}]
"
    ))
}

#[test]
fn enough_copies_answer_and_no_more_are_waited_for() {
    let takes = |steps: &str, quorum: &str| {
        let results = three(steps, quorum, "");
        assert_eq!(figure(&results, "too_few_copies"), 0.0);
        results.total.mean_latency.mean * 1e3
    };
    // The copy that is asked answers by itself; others are on their way for 10 ms, each way.
    close(takes("{read: main}", "read: 1"), 5.0);
    close(takes("{read: main}", "read: 2"), 25.0);
    close(takes("{read: main}", "read: 3, ask: enough"), 25.0);
    close(takes("{read: main}", "read: 1, coordinator: apart"), 25.0);
    close(takes("{write: main}", "write: 1"), 1.0);
    close(takes("{write: main}", "write: 2"), 23.0);
    close(takes("{write: main}", "write: 3"), 23.0);
    close(takes("{write: main}", "write: 1, coordinator: apart"), 22.0);
}

/// All that are asked work, whether they are waited for or not.
#[test]
fn as_many_copies_work_for_a_read_as_are_asked() {
    let work = |quorum: &str| {
        let results = three("{read: main}", quorum, "");
        let cpu = at(&results, "main").resources.iter().find(|of| of.name == "cpu");
        let cpu = cpu.expect("it has cores");
        (cpu.utilisation.mean * cpu.capacity * 10.05 / 0.005).round()
    };
    assert_eq!(work("read: 1, ask: all"), 300.0);
    assert_eq!(work("read: 2, ask: enough"), 200.0);
    assert_eq!(work("read: 1, ask: enough"), 100.0);
}

/// One of three copies is down for four seconds, or two are.
#[test]
fn a_quorum_does_without_those_that_are_down() {
    let one = "{crash: 'main[0]', at: 2.01s, for: 4s}";
    let two = "{crash: 'main[0]', at: 2.01s, for: 4s}, {crash: 'main[2]', at: 2.01s, for: 4s}";
    for ask in ["all", "enough"] {
        for steps in ["{read: main}", "{write: main}"] {
            let quorum = format!("read: 2, write: 2, ask: {ask}");
            let results = three(steps, &quorum, one);
            // What the one that crashes was asked fails with it.
            assert!(count(&results, "ok") + 1 >= results.total.arrivals);
            let results = three(steps, &quorum, two);
            // The last before the crash may be under way.
            let failed = count(&results, "failed at main");
            assert!((40..=41).contains(&failed), "{failed} fail");
        }
    }
    // Those that have such a write keep it.
    let results = three("{write: main}", "write: 2", two);
    let failed = figure(&results, "too_few_copies");
    assert!(failed >= 39.0);
    assert!(figure(&results, "in_doubt_writes") >= failed);
    assert!(figure(&results, "writes_behind") > 0.0);
    assert!(figure(&results, "lost_commits") == 0.0);
}

/// One copy was away; the first read that it answers with something old brings it up to date.
#[test]
fn a_read_brings_a_copy_up_to_date() {
    let away = "{crash: 'main[0]', at: 2.01s, for: 4s}";
    let repairs = |repair: bool| {
        let quorum = format!("read: 2, write: 1, read_repair: {repair}");
        let results = three("{read: main}, {write: main}", &quorum, away);
        (figure(&results, "read_repairs"), figure(&results, "stale_reads"))
    };
    assert!(repairs(true).0 >= 1.0);
    assert_eq!(repairs(false), (0.0, 0.0));
}

/// Two primaries 80 ms apart, written to ten and five times a second at the same instants, the other
/// one by `later` after the first.
fn two(write: &str, later: &str, mode: &str) -> Results {
    run(&format!(
        "
duration: 20.05s
warmup: 0
replications: 1
regions: {{a: {{}}, b: {{}}}}
catalog: {{rows: {{keys: 1}}}}
clients:
  one: {{arrivals: constant(10/s), target: app1, timeout: none, requests: {{put: {write}}}}}
  other: {{arrivals: constant(5/s), target: app2, timeout: none, requests: {{put: {write}}}}}
topology:
  app1: {{server: {{place: a, workers: async, endpoints: {{put: [{{write: main}}]}}}}}}
  app2: {{server: {{place: b, workers: async, endpoints: {{put: [{{sleep: {later}}}, {{write: \
         main}}]}}}}}}
  main:
    database: {{place: [a, b], cores: 8, read: 0, write: 0, reads: nearest, replication: {{factor: \
         2, {mode}}}}}
links: {{main -> main: 80ms}}
expect: [conflicting_writes(main@a) < 50.1%, conflicting_writes(main@b) >= 0%]
"
    ))
}

#[test]
fn writes_that_have_not_seen_each_other_conflict() {
    let row = "{keys: rows}";
    let results = two(row, "1ms", "mode: multi_primary");
    assert_eq!(figure(&results, "conflicting_pairs"), 100.0);
    assert_eq!(figure(&results, "overwritten_writes"), 100.0);
    close(figure(&results, "conflicting_writes"), 200.0 / 300.0);
    // 90 ms later the first has come, and the next of the first is 10 ms away.
    let results = two(row, "90ms", "mode: multi_primary");
    assert_eq!(figure(&results, "conflicting_pairs"), 99.0);
    assert_eq!(figure(&results, "rejected_writes"), 0.0);
}

/// The second of two that conflict fails, once the other copy has seen it; and is lost if its caller
/// does not wait for that.
#[test]
fn one_of_two_that_conflict_is_rejected() {
    let rejects = "mode: {multi_primary: {conflicts: reject}}";
    let results = two("{keys: rows}", "1ms", &format!("{rejects}, acks: 1"));
    assert_eq!(figure(&results, "rejected_writes"), 100.0);
    assert_eq!(count(&results, "failed at main"), 99);
    assert_eq!(figure(&results, "lost_commits"), 0.0);
    assert_eq!(figure(&results, "overwritten_writes"), 0.0);
    let results = two("{keys: rows}", "1ms", rejects);
    assert_eq!(figure(&results, "lost_commits"), 100.0);
    assert_eq!(count(&results, "ok"), 300);
}

/// By a clock that is far behind nothing is written any more, though it has seen what was before.
#[test]
fn a_clock_that_is_behind_writes_in_vain() {
    let mode = "mode: {multi_primary: {clock_skew: 10min}}";
    let row = "{keys: rows}";
    let overwritten = figure(&two(row, "90ms", mode), "overwritten_writes");
    // Which clock is behind is drawn.
    assert!([99.0, 100.0, 199.0, 200.0].contains(&overwritten), "{overwritten} are overwritten");
}

#[test]
fn primaries_that_count_by_themselves_give_the_same_identifiers() {
    let same = |identifiers: &str| {
        let mode = format!("mode: {{multi_primary: {{identifiers: {identifiers}}}}}");
        let results = two("{}", "1ms", &mode);
        (figure(&results, "duplicate_identifiers"), figure(&results, "conflicting_pairs"))
    };
    assert_eq!(same("sequence"), (200.0, 100.0));
    assert_eq!(same("offset"), (0.0, 0.0));
    assert_eq!(same("{random: 128}"), (0.0, 0.0));
    // 300 of 256: all but few are one of several.
    let (rows, pairs) = same("{random: 8}");
    assert!((150.0..=290.0).contains(&rows) && (100.0..=260.0).contains(&pairs));
}

/// What may happen to the copies.
const FAULTS: [&str; 6] = [
    "",
    "  - {crash: main, every: exp(900ms), for: exp(200ms)}\n",
    "  - {silence: 'main[0]', at: 1s, for: 1200ms}\n  - {crash: 'main[1]', at: 2500ms}\n",
    "  - {hang: main, every: exp(900ms), for: exp(300ms)}\n",
    "  - {partition: 'main[1]', at: 1s, for: 700ms}\n",
    "  - {slow: 'main[1]', to: 5%, at: 1s, for: 1s}\n  - {hang: 'main[1]', at: 3s}\n",
];

/// A scenario of a few seconds, and whether those that answer a read and a write overlap.
fn anything() -> impl Strategy<Value = (String, bool)> {
    let load = (20_u64..300, select(vec![1_u64, 20, 5000]), any::<u32>());
    let counts = (2_u64..6, 1_u64..6, 1_u64..6);
    let rules = select(vec![
        "ask: all",
        "ask: enough, read_repair: true",
        "ask: all, coordinator: apart",
        "ask: enough, coordinator: apart, read_repair: true, clock_skew: 20ms",
        "several",
        "rejected",
    ]);
    let rest = (
        select(vec!["", "disk: local,", "disk: {latency: exp(2ms)}, buffer: 10 entries,"]),
        select(vec!["resend: 1s", "resend: 40ms, appliers: 2", "keep: 20"]),
        select(vec!["0", "1ms", "exp(4ms)", "{delay: exp(2ms), loss: 5%}"]),
    );
    (load, counts, rules, rest, select(FAULTS.to_vec())).prop_map(
        |((rate, keys, seed), (factor, read, write), rule, (disk, more, link), faults)| {
            let (read, write) = (read.min(factor), write.min(factor));
            let mode = match rule {
                "several" => "multi_primary".to_owned(),
                "rejected" => "{multi_primary: {conflicts: reject}}, acks: 1".to_owned(),
                rule => format!("{{quorum: {{read: {read}, write: {write}, {rule}}}}}"),
            };
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
  app: {{server: {{workers: async, endpoints: {{get: [{{write: main}}, {{read: main}}]}}}}}}
  main:
    database: {{connections: 20, read: exp(1ms), write: exp(1ms), {disk} replication: {{factor: \
                 {factor}, mode: {mode}, {more}}}}}
links: {{main -> main: {link}}}
faults:{none}
{faults}"
            );
            (yaml, mode.starts_with("{quorum") && read + write > factor)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 60 } else { 150 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(3),
        ..ProptestConfig::default()
    })]

    /// Requests add up, and a read that overlaps with every write sees all that was answered. Under
    /// debug assertions Little's law and the utilisation law hold exactly.
    #[test]
    fn copies_that_overlap_are_never_stale((yaml, overlap) in anything()) {
        let results = run(&yaml);
        let outcomes: u64 = results.total.outcomes.iter().map(|outcome| outcome.count).sum();
        prop_assert_eq!(outcomes, results.total.arrivals);
        if overlap {
            let stale = figure(&results, "stale_reads");
            prop_assert!(stale.is_nan() || stale == 0.0, "{stale} of all reads are stale");
        }
        prop_assert!(figure(&results, "writes_behind") >= 0.0);
        let (clash, all) = ("conflicting_writes", "overwritten_writes");
        let share = figure(&results, clash);
        prop_assert!(share.is_nan() || (0.0..=1.0).contains(&share), "{share} conflict");
        prop_assert!(figure(&results, all) <= figure(&results, "committed_writes"));
    }
}
