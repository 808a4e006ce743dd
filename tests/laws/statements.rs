//! What databases are asked for: with constant durations every query, index and part of rows can be
//! foretold.

use deploysim::experiment::Results;

use crate::{at, close, run, utilisation};

/// A user who asks for one thing after the other, a second after each answer: nine in all.
fn database(endpoint: &str, words: &str) -> Results {
    run(&format!(
        "
duration: 10s
warmup: 0
replications: 1
catalog: {{things: {{keys: 1M}}}}
clients:
  user: {{users: {{count: 1, think: 1s}}, target: app, requests: {{ask: {{keys: things}}}}}}
topology:
  app: {{server: {{endpoints: {{ask: [{endpoint}]}}}}}}
  main: {{database: {{cores: 2, read: 2ms, write: 6ms, {words}}}}}
"
    ))
}

fn latency(endpoint: &str, words: &str) -> f64 {
    database(endpoint, words).total.mean_latency.mean
}

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "main").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

const QUERIES: &str = "queries: {by_name: {takes: 80ms, index: {takes: 3ms, write: 1ms}}, \
                       by_day: {takes: 50ms, index: {takes: 4ms, write: 2ms}}}";

/// An index makes its query cheap, every write dearer, and leaves all else as it is.
#[test]
fn an_index_is_paid_by_the_writes() {
    let query = "read: {from: main, query: by_name}";
    for (indexes, by_name, write) in [
        ("", 0.080, 0.006),
        ("by_day", 0.080, 0.008),
        ("by_name", 0.003, 0.007),
        ("by_name, by_day", 0.003, 0.009),
    ] {
        let words = format!("{QUERIES}, indexes: [{indexes}]");
        close(latency(&format!("{{{query}}}"), &words), by_name);
        close(latency("{write: main}", &words), write);
        close(latency("{read: main}", &words), 0.002);
    }
}

/// A query without its index reads its pages and that of its object, those that are not in memory
/// at once; with it that of its object alone.
#[test]
fn a_query_reads_its_pages() {
    let words = |indexes: &str| {
        format!(
            "queries: {{scan: {{takes: 0, pages: 50, index: {{takes: 0, write: 0}}}}}}, \
             indexes: [{indexes}], buffer: 100 entries, \
             disk: {{latency: 10ms, at_once: unlimited, throughput: 1000000GB/s}}"
        )
    };
    let scan = "{read: {from: main, query: scan}}";
    let slow = database(scan, &words(""));
    // Its own page, and then all others.
    close(slow.total.mean_latency.mean, 0.02);
    close(figure(&slow, "disk_reads"), 9.0 * 51.0 / 10.0);
    let fast = database(scan, &words("scan"));
    close(fast.total.mean_latency.mean, 0.01);
    close(figure(&fast, "disk_reads"), 9.0 / 10.0);
}

/// A row in two parts: each is cheaper than the whole, and a read of both pays a join.
#[test]
fn rows_that_are_split_are_cheaper_in_part_and_dearer_whole() {
    let words = |more: &str| {
        format!(
            "split: {{parts: {{profile: {{read: 1ms, write: 2ms}}, \
             history: {{read: 1500us, write: 5ms}}}}, join: 700us, {more}}}"
        )
    };
    let steps = [
        "{read: {from: main, part: profile}}",
        "{read: {from: main, part: history}}",
        "{read: main}",
        "{write: {to: main, part: profile}}",
        "{write: main}",
    ];
    for (step, apart) in steps.iter().zip([0.001, 0.0015, 0.0032, 0.002, 0.007]) {
        close(latency(step, &words("")), apart);
    }
    for (step, whole) in steps.iter().zip([0.002, 0.002, 0.002, 0.006, 0.006]) {
        close(latency(step, &words("apart: false")), whole);
    }
}

/// An index on a part of the rows is kept by writes of that part and of whole rows, and where rows
/// are whole by all.
#[test]
fn an_index_on_a_part_is_kept_with_it() {
    let words = |apart: bool| {
        format!(
            "queries: {{by_name: {{takes: 9ms, part: profile, index: {{takes: 3ms, write: 1ms}}}}}}, \
             indexes: [by_name], \
             split: {{parts: {{profile: {{read: 1ms, write: 2ms}}, \
             history: {{read: 1ms, write: 5ms}}}}, apart: {apart}}}"
        )
    };
    let write = |part: &str| format!("{{write: {{to: main{part}}}}}");
    for (part, apart, whole) in
        [(", part: profile", 0.003, 0.007), (", part: history", 0.005, 0.007), ("", 0.008, 0.007)]
    {
        close(latency(&write(part), &words(true)), apart);
        close(latency(&write(part), &words(false)), whole);
    }
}

/// Each copy keeps the indexes too; what replay takes is all that it takes where it is said.
#[test]
fn replicas_keep_the_indexes() {
    let used = |replay: &str| {
        let words = format!(
            "{QUERIES}, indexes: [by_name], replication: {{factor: 2, mode: async{replay}}}"
        );
        let results = database("{write: main}", &words);
        // Of two copies with two cores each.
        utilisation(&results, "main", "cpu") * 4.0 * 10.0 / 9.0
    };
    close(used(""), 0.014);
    close(used(", replay: 2ms"), 0.009);
}
