//! Changes of a table's form: with constant durations who waits for how long can be foretold.

use deploysim::experiment::Results;

use crate::{at, close, count, run};

/// Ten requests a second at 0.1, 0.2 … s, for one of so many objects, whom a database answers at
/// once.
fn database(keys: u64, timeout: &str, words: &str) -> Results {
    run(&format!(
        "
duration: 100s
warmup: 0
replications: 1
catalog: {{things: {{keys: {keys}}}}}
clients:
  users:
    arrivals: constant(10/s)
    target: app
    timeout: {timeout}
    requests: {{ask: {{keys: things}}}}
topology:
  app: {{server: {{workers: unlimited, endpoints: {{ask: [{{read: main}}]}}}}}}
  main: {{database: {{connections: unlimited, read: 0, {words}}}}}
"
    ))
}

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "main").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// While the table is locked for 5 s, 50 come, who wait for 4.95 s down to 50 ms.
#[test]
fn who_comes_while_a_part_is_locked_waits_until_it_is_not() {
    let results = database(1, "none", "schema_change: {at: 10050ms, locks: 5s}");
    close(figure(&results, "schema_waits"), 50.0);
    close(figure(&results, "schema_wait"), 2.5);
    close(figure(&results, "both_forms_served"), 5.0);
    close(results.total.mean_latency.mean * 1_000.0, 50.0 * 2.5 * 1_000.0 / all(&results));
}

/// How many were answered.
fn all(results: &Results) -> f64 {
    count(results, "ok") as f64
}

/// One object is in one part: others are locked without anybody who waits. Those of many objects
/// wait for each part as often as they are in it.
#[test]
fn each_part_is_locked_by_itself() {
    let change = "schema_change: {at: 10050ms, parts: 5, locks: 2s, pause: 1s}";
    let one = database(1, "none", change);
    close(figure(&one, "schema_waits"), 20.0);
    close(figure(&one, "both_forms_served"), 5.0 * 2.0 + 4.0);
    let many = database(1_000, "none", change);
    // 100 come while something is locked, each of a part in five that is.
    let waits = figure(&many, "schema_waits");
    assert!((waits - 20.0).abs() < 4.0 * (100.0_f64 * 0.2 * 0.8).sqrt(), "{waits}");
}

/// Shards in turn serve both forms for as long as all take together, shards at once for as long as
/// the slowest; the one object is in one of them.
#[test]
fn shards_go_in_turn_or_at_once() {
    for (order, served) in [("in_turn", 8.0 * 3.0), ("at_once", 2.0 * 3.0)] {
        let change =
            format!("schema_change: {{at: 10050ms, parts: 2, locks: 3s, shards: {order}}}");
        let results = database(1, "none", &format!("shards: 4, {change}"));
        close(figure(&results, "both_forms_served"), served);
        close(figure(&results, "schema_waits"), 30.0);
    }
}

/// Who does not wait for so long gives up: of 50 all but those of the last second.
#[test]
fn who_gives_up_does_not_wait_for_the_change() {
    let results = database(1, "1s", "schema_change: {at: 10050ms, locks: 5s}");
    assert_eq!(count(&results, "timed out"), 40);
    close(figure(&results, "schema_waits"), 50.0);
}

/// A change that is not done when the run ends has not taken any time yet.
#[test]
fn a_change_that_goes_on_is_not_done() {
    let results = database(1, "none", "schema_change: {at: 90050ms, locks: 1h}");
    assert!(figure(&results, "both_forms_served").is_nan());
}
