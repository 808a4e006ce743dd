//! Caches in front of a database, to the request: what is read and written through them, when, and
//! what a crash loses.

use deploysim::experiment::Results;
use deploysim::experiment::results::CacheResult;

use crate::{at, close, count, run, with_faults};

/// Readers at 1, 2, .. s and a writer, each of one object, over a cache in front of a database that
/// takes 100 ms to read and 200 ms to write.
fn in_front(writer: &str, duration: &str, cache: &str, more: &str) -> Results {
    let (cache, faults) = with_faults(cache);
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: 1
catalog: {{thing: {{keys: 1, {more}}}}}
clients:
  readers: {{arrivals: constant(1/s), target: app, requests: {{get: {{keys: thing}}}}}}
  writer: {{arrivals: {{renewal: {writer}}}, target: app, requests: {{put: {{keys: thing}}}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{read: memo}}], put: [{{write: memo}}], look: [{{read: main}}]}}}}}}
  memo: {{cache: {{latency: 0ms, in_front_of: main, {cache}}}}}
  main: {{database: {{read: 100ms, write: 200ms}}}}
faults: {faults}
"
    ))
}

fn memo(results: &Results) -> &CacheResult {
    at(results, "memo").cache.as_ref().expect("it is one")
}

/// Hits, delayed hits, misses; and what the database was asked.
fn lookups(results: &Results) -> ((u64, u64, u64), u64) {
    let CacheResult { lookups, hits, delayed_hits, misses, .. } = *memo(results);
    assert_eq!(lookups, hits + delayed_hits + misses);
    ((hits, delayed_hits, misses), at(results, "main").visits)
}

fn mean_latency(results: &Results, of: &str) -> f64 {
    let found = results.requests.iter().find(|found| found.request == of);
    found.expect("it is sent").mean_latency.mean
}

#[test]
fn a_miss_is_read_by_the_cache_itself() {
    let results = in_front("1h", "10.5s", "", "");
    assert_eq!(lookups(&results), ((9, 0, 1), 1));
    close(mean_latency(&results, "get"), 0.01);
    // Read anew from 4.1 s on, by 4.2 s or so.
    let results = in_front("1h", "10.5s", "ttl: 3s", "");
    assert_eq!(lookups(&results), ((7, 0, 3), 3));
    // Once its time is over it is used once more, and read on the side.
    let results = in_front("1h", "10.5s", "ttl: 2.5s, stale_while_revalidate: 1s", "");
    assert_eq!(lookups(&results), ((9, 0, 1), 4));
    close(mean_latency(&results, "get"), 0.01);
}

#[test]
fn readers_who_miss_at_once_wait_for_one_read() {
    let results = run("
duration: 1s
warmup: 0
replications: 1
catalog: {thing: {keys: 1}}
clients: {users: {arrivals: {renewal: 30ms}, target: memo, requests: {read: {keys: thing}}}}
topology:
  memo: {cache: {latency: 0ms, in_front_of: main, coalesce: true}}
  main: {database: {read: 100ms, connections: 1}}
");
    // At 30 ms, by 130 ms: three wait for 70, 40 and 10 ms.
    assert_eq!(lookups(&results), ((29, 3, 1), 1));
    close(memo(&results).delay.mean, 0.04);
}

#[test]
fn what_is_written_through_is_kept_and_what_is_written_around_is_forgotten() {
    // Written at 4.3 and at 8.6 s.
    let results = in_front("4.3s", "10.5s", "writes: through", "");
    assert_eq!((lookups(&results), count(&results, "stale")), (((9, 0, 1), 3), 0));
    close(mean_latency(&results, "put"), 0.2);
    let results = in_front("4.3s", "10.5s", "writes: around", "");
    assert_eq!((lookups(&results), count(&results, "stale")), (((7, 0, 3), 5), 0));
}

#[test]
fn what_is_written_behind_is_answered_at_once_and_written_later() {
    // Written at 300, 600, .. ms: what comes within 1 s of the first is one write. Those of 300 ms,
    // 1.5 s, 2.7 s and 3.9 s, and the last begins at 4.9 s.
    let results = in_front("300ms", "4.95s", "writes: behind", "");
    assert_eq!(lookups(&results), ((4, 0, 0), 3));
    close(mean_latency(&results, "put"), 0.0);
    assert_eq!((count(&results, "ok"), count(&results, "stale")), (4 + 16, 0));
    assert_eq!(memo(&results).lost_writes, 0);
}

#[test]
fn a_crash_loses_what_was_answered_and_not_yet_written_to_the_write() {
    // Down at 2 s, with the writes of 1.5 and 1.8 s: the first four went at 1.3 s.
    let crash = |after: &str| {
        let crash = "{crash: memo, at: 2s, for: 50ms}";
        format!("writes: {{behind: {{after: {after}}}}} faults: [{crash}]")
    };
    let results = in_front("300ms", "2.05s", &crash("1s"), "");
    assert_eq!((memo(&results).lost_writes, at(&results, "main").visits), (2, 1));
    // What is on its way arrives: the first of 1.85 s.
    let results = in_front("300ms", "2.06s", &crash("1.55s"), "");
    assert_eq!((memo(&results).lost_writes, at(&results, "main").visits), (0, 1));
    // Nothing is lost by one that comes back as it was.
    let results = in_front(
        "300ms",
        "10s",
        "writes: {behind: {after: 3s}} faults: [{crash: memo, at: 2s, for: 50ms, warm: true}]",
        "",
    );
    assert_eq!(memo(&results).lost_writes, 0);
}

/// Another server reads the database itself, every second.
fn beside(cache: &str) -> Results {
    let (cache, faults) = with_faults(cache);
    run(&format!(
        "
duration: 10.5s
warmup: 0
replications: 1
catalog: {{thing: {{keys: 1}}}}
clients:
  readers: {{arrivals: constant(1/s), target: app, requests: {{get: {{keys: thing}}}}}}
  writer: {{arrivals: {{renewal: 3.7s}}, target: app, requests: {{put: {{keys: thing}}}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{read: main}}], put: [{{write: memo}}]}}}}}}
  memo: {{cache: {{latency: 0ms, in_front_of: main, {cache}}}}}
  main: {{database: {{read: 0ms, write: 0ms}}}}
faults: {faults}
"
    ))
}

#[test]
fn a_reader_past_the_cache_reads_what_the_database_has() {
    // Written at 3.7 and 7.4 s, and in the database 2.5 s later: stale at 4, 5, 6, 8 and 9 s.
    let results = beside("writes: {behind: 2.5s}");
    assert_eq!((count(&results, "stale"), memo(&results).lost_writes), (5, 0));
    // Lost at 5.2 s: from then on what the database has is the newest there is.
    let results = beside("writes: {behind: 2.5s} faults: [{crash: memo, at: 5.2s, for: 100ms}]");
    assert_eq!((count(&results, "stale"), memo(&results).lost_writes), (2 + 2, 1));
}

#[test]
fn no_more_is_unwritten_than_may_be_and_no_more_is_written_at_once() {
    let results = run("
duration: 10s
warmup: 0
replications: 1
catalog: {things: {keys: 1M, popularity: uniform}}
clients: {users: {arrivals: constant(10/s), target: memo, requests: {write: {keys: things}}}}
topology:
  memo:
    cache: {latency: 0ms, in_front_of: main, writes: {behind: {after: 500ms, at_once: 2, limit: 8}}}
  main: {database: {cores: 8, write: 300ms}}
");
    // Two at once are 6.67 a second: soon there is no room, and what has none waits for itself.
    let main = at(&results, "main");
    assert!(main.present.mean > 2.0, "{}", main.present.mean);
    let slow = results.total.histogram.max().expect("some are answered");
    assert_eq!((results.total.histogram.min(), slow), (Some(0), 300_000_000));
}

#[test]
fn a_write_that_the_database_refuses_is_tried_again() {
    // Of two that come together the database takes one.
    let results = run("
duration: 9.9s
warmup: 0
replications: 1
catalog: {things: {keys: 1M, popularity: uniform}}
clients:
  users: {arrivals: constant(1/s), batch: 2, target: memo, requests: {write: {keys: things}}}
topology:
  memo: {cache: {latency: 0ms, in_front_of: main, writes: {behind: {after: 300ms}}}}
  main: {database: {write: 100ms, connections: 1, queue: {limit: 0}}}
");
    let main = at(&results, "main");
    assert_eq!((main.visits, main.rejected), (18, 9));
    assert_eq!((memo(&results).lost_writes, count(&results, "ok")), (0, 18));
}

/// Whatever happens: each write is answered once, and those that are lost were answered.
#[test]
fn a_cache_that_crashes_while_it_fetches_and_writes_loses_no_request() {
    for writes in ["through", "around", "{behind: {after: 200ms, at_once: 3, limit: 20}}"] {
        let results = run(&format!(
            "
duration: 60s
warmup: 0
replications: 2
catalog: {{things: {{keys: 300, popularity: zipf(0.8), changes: exp(20s), absent: 5%}}}}
clients:
  users:
    arrivals: poisson(200/s)
    target: app
    timeout: 30ms
    requests: {{get: {{keys: things, weight: 6}}, put: {{keys: things}}, both: {{keys: things}}}}
topology:
  app:
    server:
      cores: 4
      endpoints:
        get: [{{read: memo}}]
        put: [{{write: memo}}]
        both: [parallel: [{{read: memo}}, {{write: memo}}, {{cache: {{in: memo, miss: [{{read: main}}]}}}}]]
  memo:
    cache:
      capacity: 100 entries
      ttl: 2s
      stale_while_revalidate: 1s
      coalesce: true
      lease: 20ms
      cost: 100us
      in_front_of: main
      writes: {writes}
  main: {{database: {{cores: 2, connections: 4, queue: {{limit: 3}}, read: exp(5ms), write: exp(5ms)}}}}
faults:
  - {{crash: memo, at: 10s, for: 1s}}
  - {{crash: memo, at: 20s, for: 1s, warm: true}}
  - {{crash: memo, at: 40s, for: 100ms}}
"
        ));
        let CacheResult { lookups, hits, delayed_hits, misses, lost_writes, .. } = *memo(&results);
        assert_eq!(lookups, hits + delayed_hits + misses);
        assert!(hits > misses && misses > 0, "{writes}");
        assert_eq!(lost_writes > 0, writes.starts_with('{'), "{writes}");
        assert!(count(&results, "ok") > 0);
    }
}
