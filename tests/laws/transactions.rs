//! Transactions: with constant durations it is known who waits for which row, and for how long; and
//! whatever happens, locks are held by one, and given up.

use deploysim::experiment::Results;

use crate::{at, close, count, run};

fn figure(results: &Results, component: &str, name: &str) -> f64 {
    let measures = &at(results, component).measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// So many users who come together at 1 s, once each, for these steps.
fn at_once(users: u64, keys: u64, steps: &str, database: &str, rest: &str) -> Results {
    let costs = if database.contains("read: ") { "" } else { "read: 0, write: 0, " };
    run(&format!(
        "
duration: 1900ms
warmup: 0
replications: 1
catalog: {{rows: {{keys: {keys}, popularity: uniform}}}}
clients:
  users:
    users: {{count: {users}, think: 1s}}
    target: app
    requests: {{get: {{keys: rows}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{steps}]}}}}}}
  main: {{database: {{{costs}{database}}}}}
{rest}
"
    ))
}

/// What holds of every run in which nothing goes wrong.
fn sums(results: &Results) -> (f64, f64) {
    let [all, commits, aborts] =
        ["transactions", "commits", "aborts"].map(|name| figure(results, "app", name));
    close(all, commits + aborts);
    close(figure(results, "main", "locks_held") * 1.9, held(results));
    (commits, aborts)
}

/// The time for which all locks together were held (s).
fn held(results: &Results) -> f64 {
    figure(results, "main", "lock_hold") * figure(results, "main", "locks")
}

#[test]
fn a_hot_row_is_a_queue() {
    let steps = "{transaction: {in: main, each: [{io: 100ms}], steps: [{io: 50ms}]}}";
    let results = at_once(3, 1, steps, "", "");
    // They are done 150, 300 and 450 ms after they came.
    assert_eq!(sums(&results), (3.0, 0.0));
    close(figure(&results, "main", "lock_wait"), 0.45 / 3.0);
    close(figure(&results, "main", "locks_waited"), 2.0 / 3.0);
    close(figure(&results, "main", "lock_hold"), 0.15);
    close(figure(&results, "main", "lock_waiters"), 0.45 / 1.9);
    close(results.total.mean_latency.mean, 0.15 + 0.45 / 3.0);
    assert_eq!(figure(&results, "main", "lost_updates"), 0.0);
}

#[test]
fn the_work_of_a_commit_is_within_the_lock() {
    let steps = "{transaction: main}";
    let database = "read: 20ms, write: 30ms, connections: 1, transactions: {commit: 10ms}";
    let results = at_once(2, 1, steps, database, "");
    close(figure(&results, "main", "lock_hold"), 0.06);
    close(figure(&results, "app", "commit_time"), 0.04);
}

#[test]
fn an_update_is_lost_unless_rows_are_locked_or_versions_are_compared() {
    let steps = |isolation: &str| {
        format!("{{transaction: {{in: main, isolation: {isolation}, each: [{{io: 100ms}}]}}}}")
    };
    // Both read at 1 s; the second writes over what the first wrote.
    let results = at_once(2, 1, &steps("read_committed"), "", "");
    assert_eq!(sums(&results), (2.0, 0.0));
    assert_eq!(figure(&results, "main", "lost_updates"), 1.0);
    // The second reads what the first has written.
    let results = at_once(2, 1, &steps("serializable"), "", "");
    assert_eq!(sums(&results), (2.0, 0.0));
    assert_eq!(figure(&results, "main", "lost_updates"), 0.0);
    close(results.total.mean_latency.mean, 0.15);
    // The other finds that out at the end, and starts again.
    let results = at_once(2, 1, &steps("optimistic"), "", "");
    assert_eq!(sums(&results), (2.0, 1.0));
    assert_eq!(figure(&results, "main", "lost_updates"), 0.0);
    close(figure(&results, "app", "conflict_share"), 1.0 / 3.0);
    close(results.total.mean_latency.mean, 0.15);
}

#[test]
fn a_transaction_that_may_not_start_again_fails() {
    let steps = "{transaction: {in: main, isolation: optimistic, retries: 0, each: [{io: 100ms}]}}";
    let results = at_once(2, 1, steps, "", "");
    assert_eq!(sums(&results), (1.0, 1.0));
    assert_eq!((count(&results, "ok"), count(&results, "failed at app")), (1, 1));
    assert_eq!(figure(&results, "app", "transactions_failed"), 1.0);
    assert_eq!(figure(&results, "app", "transaction_retries"), 0.0);
}

#[test]
fn a_wait_that_would_close_a_circle_is_a_deadlock() {
    let steps = |order: &str| {
        format!("{{transaction: {{in: main, keys: 2, order: {order}, each: [{{io: 100ms}}]}}}}")
    };
    let mut deadlocks = 0.0;
    for seed in 0..6 {
        let seed = format!("seed: {seed}");
        let results = at_once(2, 2, &steps("as_drawn"), "", &seed);
        let (commits, aborts) = sums(&results);
        assert!(commits == 2.0 && figure(&results, "main", "deadlocks") == aborts);
        if aborts == 1.0 {
            // After 100 ms the one is the victim; the other is done after 200 ms, and then it is
            // its turn.
            close(results.total.mean_latency.mean, (0.2 + 0.4) / 2.0);
        }
        deadlocks += aborts;
        let results = at_once(2, 2, &steps("sorted"), "", &seed);
        let (commits, aborts) = sums(&results);
        assert!(commits == 2.0 && aborts == 0.0);
    }
    assert!(deadlocks > 0.0);
}

/// Two shards, each with one of two rows.
const SHARDS: &str = "shards: {count: 2, by: range}, transactions: {prepare: 4ms, commit: 3ms}";
const LINK: &str = "links: {app -> main: 1ms}";

#[test]
fn rows_on_several_shards_are_committed_in_two_phases() {
    let steps = "{transaction: {in: main, keys: 2, order: sorted, decision: 5ms}}";
    let results = at_once(1, 2, steps, SHARDS, LINK);
    // Two reads of 2 ms; prepared after 5 ms, known after 6 ms, decided after 11 ms.
    assert_eq!(figure(&results, "app", "commits"), 1.0);
    close(results.total.mean_latency.mean, 0.004 + 0.011);
    close(figure(&results, "app", "commit_time"), 0.011);
    // The shards hear of it after 12 ms, have it after 15 ms, and that is known after 16 ms.
    close(figure(&results, "app", "settle_time"), 0.016);
    close(figure(&results, "main", "in_doubt_time"), 0.007);
    close(figure(&results, "main", "lock_hold"), (0.018 + 0.016) / 2.0);
    close(figure(&results, "app", "shards_per_transaction"), 2.0);
    // One shard alone needs one phase.
    let results = at_once(1, 2, "{transaction: main}", SHARDS, LINK);
    close(results.total.mean_latency.mean, 0.002 + 0.002 + 0.003);
    close(figure(&results, "app", "shards_per_transaction"), 1.0);
    assert_eq!(figure(&results, "app", "across_shards"), 0.0);
}

#[test]
fn a_coordinator_that_dies_leaves_shards_in_doubt_until_it_is_back() {
    let steps = "{transaction: {in: main, keys: 2, order: sorted, decision: 50ms}}";
    for verb in ["crash", "silence"] {
        let rest = format!("{LINK}\nfaults: [{{{verb}: app, at: 1020ms, for: 500ms}}]");
        let results = at_once(1, 2, steps, SHARDS, &rest);
        if verb == "crash" {
            // Prepared at 1.009 s; told to forget it at 1.521 s.
            assert_eq!((count(&results, "ok"), count(&results, "failed at app")), (0, 1));
            close(figure(&results, "main", "in_doubt_time"), 0.512);
            assert_eq!(figure(&results, "app", "aborts"), 1.0);
        }
        close(figure(&results, "main", "in_doubt"), doubt(&results) / 1.9);
    }
    // Before it has asked anybody to prepare, a crash frees its locks at once; silence does so only
    // when the database has heard nothing of it for long enough, or it is back.
    for (verb, held) in [("crash", 0.021), ("silence", 0.221)] {
        let steps = "{transaction: {in: main, steps: [{io: 100ms}]}}";
        let rest = format!("{LINK}\nfaults: [{{{verb}: app, at: 1020ms, for: 5s}}]");
        let shards = SHARDS.replace("commit: 3ms", "commit: 3ms, keep_alive: 200ms");
        let results = at_once(1, 2, steps, &shards, &rest);
        close(held_of(&results), held - 0.001);
    }
}

fn held_of(results: &Results) -> f64 {
    figure(results, "main", "locks_held") * 1.9
}

/// The time for which parts of transactions were in doubt (s): two for each.
fn doubt(results: &Results) -> f64 {
    let transactions = figure(results, "app", "transactions");
    figure(results, "main", "in_doubt_time") * transactions * 2.0
}

#[test]
fn who_gives_up_waiting_leaves_no_lock() {
    let steps = "{transaction: {in: main, timeout: 60ms, each: [{io: 100ms}]}}";
    let results = at_once(3, 1, steps, "", "");
    // Two wait for longer than they may.
    assert_eq!((count(&results, "ok"), count(&results, "failed at app")), (1, 2));
    assert_eq!(sums(&results), (1.0, 2.0));
    assert_eq!(figure(&results, "main", "locks"), 1.0);
}

#[test]
fn a_database_that_crashes_frees_its_locks() {
    let steps = "{transaction: {in: main, each: [{io: 100ms}]}}";
    let rest = "faults: [{crash: main, at: 1050ms, for: 10ms}]";
    let results = at_once(2, 1, steps, "", rest);
    // The second fails at once; the first finds its lock lost when it is to commit, starts again,
    // and is done.
    assert_eq!((count(&results, "failed at main"), count(&results, "ok")), (1, 1));
    assert_eq!(figure(&results, "app", "transaction_retries"), 1.0);
    let (commits, aborts) = (figure(&results, "app", "commits"), figure(&results, "app", "aborts"));
    assert_eq!((commits, aborts), (1.0, 2.0));
}

#[test]
fn a_write_outside_of_transactions_waits_for_its_row_too() {
    let steps = "{branch: [{p: 50%, steps: [{transaction: {in: main, each: [{io: 100ms}]}}]}, \
                 {steps: [{io: 50ms}, {write: main}]}]}";
    let results = at_once(8, 1, steps, "read: 0, write: 10ms", "");
    assert_eq!(figure(&results, "main", "lost_updates"), 0.0);
    assert_eq!((figure(&results, "main", "locks"), results.total.arrivals), (8.0, 8));
    let transactions = figure(&results, "app", "commits");
    assert!((1.0..8.0).contains(&transactions));
    // Each transaction holds the row for 100 ms and its write, and each write for as long as that.
    close(held(&results), 0.08 + 0.1 * transactions);
}

#[test]
fn a_transaction_has_one_connection_of_a_pool() {
    let steps = "{transaction: {in: main, keys: 2, order: sorted, each: [{io: 50ms}]}}";
    let results = at_once(2, 2, steps, "", "");
    let pooled = run(&format!(
        "
duration: 1900ms
warmup: 0
replications: 1
catalog: {{rows: {{keys: 2, popularity: uniform}}}}
clients:
  users: {{users: {{count: 2, think: 1s}}, target: app, requests: {{get: {{keys: rows}}}}}}
topology:
  app: {{server: {{workers: async, pools: {{main: 1}}, endpoints: {{get: [{steps}]}}}}}}
  main: {{database: {{read: 0, write: 0}}}}
"
    ));
    // Whoever has the connection has the locks.
    close(pooled.total.mean_latency.mean, results.total.mean_latency.mean);
    assert_eq!(figure(&pooled, "main", "locks_waited"), 0.0);
}
