//! Copies of databases: with constant durations it is known what each has, what waits for it, and
//! what is lost.

use deploysim::experiment::Results;

use crate::{at, close, count, run};

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "main").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// Ten requests a second for one row, each of these steps.
fn rows(steps: &str, database: &str, rest: &str) -> Results {
    run(&format!(
        "
duration: 10s
warmup: 0
replications: 1
catalog: {{rows: {{keys: 1}}}}
clients: {{users: {{arrivals: constant(10/s), target: app, timeout: 2s, requests: {{get: {{keys: \
         rows}}}}}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{steps}]}}}}}}
  main: {{database: {{cores: 8, read: 0, write: 0, {database}}}}}
{rest}
"
    ))
}

#[test]
fn a_replica_is_behind_by_the_way_there_and_the_time_to_apply() {
    let links = "links: {main -> main: 20ms}";
    for order in ["in_order", "any_order"] {
        let database = format!("replication: {{factor: 3, replay: 30ms, apply: {order}}}");
        let results = rows("{write: main}", &database, links);
        close(figure(&results, "replication_lag"), 0.05);
        // Two replicas lack each write for 50 ms; the last is on its way at the end.
        assert!((figure(&results, "writes_behind") - 1.0).abs() < 0.02);
        assert_eq!(count(&results, "ok"), figure(&results, "committed_writes") as u64);
    }
}

/// A read 10 ms after the write does not see it at a replica; one 60 ms after it does.
#[test]
fn a_read_sees_what_has_reached_its_copy() {
    let links = "links: {main -> main: 50ms}";
    let read = |sleep: &str, reads: &str| {
        let steps = format!("{{write: main}}, {{sleep: {sleep}}}, {{read: main}}");
        rows(&steps, &format!("reads: {reads}, replication: {{factor: 2, replay: 0}}"), links)
    };
    let early = read("10ms", "replicas");
    close(figure(&early, "stale_reads"), 1.0);
    close(figure(&early, "own_writes_missed"), 1.0);
    let late = read("60ms", "replicas");
    close(figure(&late, "stale_reads"), 0.0);
    close(figure(&read("10ms", "primary"), "stale_reads"), 0.0);
}

/// The read waits for the 40 ms that are left, as the consistency says it.
#[test]
fn a_read_waits_until_its_copy_has_what_it_must_see() {
    let links = "links: {main -> main: 50ms}";
    let database = "reads: replicas, replication: {factor: 2, replay: 0}";
    let read = |consistency: &str| {
        let steps = format!(
            "{{write: main}}, {{sleep: 10ms}}, {{read: {{from: main, consistency: {consistency}}}}}"
        );
        rows(&steps, database, links)
    };
    for consistency in ["read_your_writes", "monotonic_reads", "{within: 0s}", "{within: 5ms}"] {
        let results = read(consistency);
        let (waits, own) = match consistency {
            // Another user's write, 100 ms before, has come; the own one has to.
            "{within: 5ms}" | "{within: 0s}" | "read_your_writes" | "monotonic_reads" => (1.0, 0.0),
            _ => unreachable!("these are all"),
        };
        close(figure(&results, "reads_waited"), waits);
        close(figure(&results, "read_wait"), 0.04);
        close(figure(&results, "own_writes_missed"), own);
        close(results.total.mean_latency.mean, 0.05);
    }
    // What is 20 ms old need not be there.
    let results = read("{within: 20ms}");
    close(figure(&results, "reads_waited"), 0.0);
    close(results.total.mean_latency.mean, 0.01);
    close(figure(&results, "stale_reads"), 1.0);
}

#[test]
fn a_write_waits_for_as_many_replicas_as_it_must() {
    let links = "links: {main -> main: 10ms}";
    let write = |mode: &str| {
        let database = format!("replication: {{factor: 3, replay: 30ms, {mode}}}");
        rows("{write: main}", &database, links).total.mean_latency.mean
    };
    close(write("mode: async"), 0.0);
    close(write("mode: semi_sync"), 0.02);
    close(write("mode: sync"), 0.02);
    close(write("mode: sync, acknowledge: applied"), 0.05);
    close(write("mode: semi_sync, acks: 2, acknowledge: applied"), 0.05);
}

/// From 3 to 6 s a replica is down. Writes wait for a second, once, and then for nobody until it is
/// back.
#[test]
fn a_write_that_has_waited_long_enough_waits_no_longer_and_nor_do_those_after_it() {
    let rest = "links: {main -> main: 10ms}\nfaults: [{crash: 'main[1]', at: 3.05s, for: 3s}]";
    let database = "replication: {factor: 2, replay: 0, mode: semi_sync, falls_back: 1s}";
    let results = rows("{write: main}", database, rest);
    close(figure(&results, "fall_backs"), 1.0);
    assert_eq!((count(&results, "ok"), count(&results, "timed out")), (99, 0));
    // Those of 3.1 to 4.1 s wait for the first of them to have waited for a second.
    let waited = (0..11).map(|n| 1.0 - 0.1 * f64::from(n)).sum::<f64>();
    let latency = results.total.mean_latency.mean * 99.0;
    assert!((waited..waited + 99.0 * 0.02).contains(&latency), "{latency} for {waited}");
    // With all replicas, writes time out instead.
    let database = "replication: {factor: 2, replay: 0, mode: sync}";
    let results = rows("{write: main}", database, rest);
    assert!(count(&results, "timed out") > 5, "{:?}", results.total.outcomes);
}

/// A replica that comes back gets all that it lacks, and applies it.
#[test]
fn a_replica_that_was_away_catches_up() {
    for fault in
        ["crash: 'main[1]'", "silence: 'main[1]'", "hang: 'main[1]'", "partition: 'main[1]'"]
    {
        for order in ["in_order", "any_order"] {
            let rest =
                format!("links: {{main -> main: 10ms}}\nfaults: [{{{fault}, at: 3.05s, for: 3s}}]");
            let database =
                format!("reads: replicas, replication: {{factor: 2, apply: {order}, replay: 1ms}}");
            let steps = "{write: main}, {sleep: 90ms}";
            let results = rows(steps, &database, &rest);
            assert_eq!(count(&results, "ok"), 99, "{fault}, {order}");
            // All writes but those that are under way at the end are seen in the end.
            let lag = figure(&results, "replication_lag");
            assert!((0.3..2.0).contains(&lag), "{fault}, {order}: {lag}");
            let behind = figure(&results, "writes_behind");
            assert!((4.0..9.0).contains(&behind), "{fault}, {order}: {behind}");
        }
    }
}

/// The primary fails at 3.05 s; checks at 4, 5 and 6 s miss it, and two seconds later a replica takes
/// writes. What was on its way for 50 ms is lost: the write of 3 s, which its user was told is done.
#[test]
fn a_replica_takes_the_place_of_a_primary_that_fails() {
    let rest = "links: {main -> main: 60ms}\nfaults: [{crash: 'main[0]', at: 3.05s, for: 30s}]";
    let database = |mode: &str| {
        format!(
            "replication: {{factor: 3, replay: 0, {mode}}}, \
             failover: {{every: 1s, misses: 3, promote: 2s}}"
        )
    };
    let results = rows("{write: main}", &database("mode: async"), rest);
    close(figure(&results, "failovers"), 1.0);
    close(figure(&results, "write_outage"), 4.95);
    close(figure(&results, "lost_commits"), 1.0);
    close(figure(&results, "in_doubt_writes"), 0.0);
    // From 3.1 to 7.9 s: 49 writes.
    assert_eq!((count(&results, "ok"), count(&results, "failed at main")), (51, 49));
    let results = rows("{write: main}", &database("mode: sync"), rest);
    close(figure(&results, "lost_commits"), 0.0);
    close(figure(&results, "in_doubt_writes"), 1.0);
}

/// The first primary is down from 3.05 to 5.05 s; a replica takes its place at 5 s. Seen to be up at
/// 6 s, it takes it back at 8 s, when it has what is on its way: the write of 8 s fails, or that and
/// the next.
#[test]
fn the_first_primary_takes_its_place_back_and_nothing_is_lost_by_that() {
    let rest = "links: {main -> main: 60ms}\nfaults: [{crash: 'main[0]', at: 3.05s, for: 2s}]";
    for mode in ["mode: async", "mode: sync", "mode: async, apply: any_order"] {
        let database = format!(
            "replication: {{factor: 3, replay: 0, {mode}}}, \
             failover: {{every: 1s, misses: 2, promote: 0s, fail_back: 2s}}"
        );
        let results = rows("{write: main}", &database, rest);
        close(figure(&results, "failovers"), 2.0);
        // The one that was under way at the crash, if nobody waited for it.
        close(figure(&results, "lost_commits"), if mode == "mode: sync" { 0.0 } else { 1.0 });
        let failed = count(&results, "failed at main");
        assert!((19..=24).contains(&failed), "{mode}: {failed} fail");
    }
}

/// Replicas answer reads while there is no primary, or refuse them.
#[test]
fn reads_are_served_or_refused_while_there_is_no_primary() {
    let rest = "faults: [{crash: 'main[0]', at: 3.05s, for: 30s}]";
    let failed = |reads: &str| {
        let database = format!(
            "reads: replicas, replication: {{factor: 3, replay: 0}}, \
             failover: {{every: 1s, misses: 2, promote: 0s, reads: {reads}}}"
        );
        count(&rows("{read: main}", &database, rest), "failed at main")
    };
    assert_eq!(failed("served"), 0);
    // From 3.1 s until a replica takes writes at 5 s.
    assert!((19..=20).contains(&failed("refused")));
}

/// Several writes are applied at once, and some are done before others that come first. The copy
/// that takes over has then still those to apply that it had begun, and no more.
#[test]
fn a_replica_that_takes_over_applies_first_what_it_had() {
    let rest = "faults: [{crash: 'main[0]', at: 3.05s, for: 30s}]";
    let database = "replication: {factor: 3, replay: exp(150ms), appliers: 8}, \
                    failover: {every: 1ms, misses: 1, promote: 0s}";
    let results = rows("{repeat: {times: 3, steps: [{write: main}]}}", database, rest);
    close(figure(&results, "failovers"), 1.0);
    close(figure(&results, "lost_commits"), 0.0);
    let outage = figure(&results, "write_outage");
    assert!((0.02..1.5).contains(&outage), "{outage}");
    let failed = count(&results, "failed at main") as f64;
    assert!((failed - 10.0 * outage).abs() <= 2.0, "{failed} for {outage} s");
}

/// The primary hangs over a failover. When it goes on, what it was doing fails, and it is a replica.
#[test]
fn a_primary_that_hung_is_no_primary_any_more() {
    let rest = "links: {main -> main: 10ms}\nfaults: [{hang: 'main[0]', at: 3.05s, for: 6s}]";
    let database = "replication: {factor: 3, replay: 0}, \
                    failover: {every: 1s, misses: 3, promote: 1s}";
    let results = rows("{write: main}", database, rest);
    close(figure(&results, "failovers"), 1.0);
    close(figure(&results, "lost_commits"), 0.0);
    // Who asked before 7 s has given up by 9.05 s, or fails.
    let written = figure(&results, "committed_writes") as u64;
    assert_eq!(count(&results, "ok"), written);
}

/// A log of so many writes is full when a replica is away.
#[test]
fn writes_fail_when_as_many_are_kept_as_may_be() {
    let rest = "faults: [{crash: 'main[1]', at: 3.05s, for: 3s}]";
    let database = "replication: {factor: 2, replay: 0, keep: 10}";
    let results = rows("{write: main}", database, rest);
    assert!((15..25).contains(&count(&results, "failed at main")), "{:?}", results.total.outcomes);
}
