//! Caches of several nodes: which of them has an object, and what comes of losing or adding one.

use deploysim::experiment::Results;
use deploysim::experiment::results::CacheResult;

use crate::{at, count, run};

/// Ten requests for each of 1,000 objects until 10 s and again from then on, over a cache that
/// costs nothing and never makes room.
fn spread(nodes: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: 20s
warmup: 0
replications: 1
catalog: {{things: {{keys: 1k, popularity: uniform}}}}
clients: {{users: {{arrivals: constant(1k/s), target: app, requests: {{get: {{keys: things}}}}}}}}
topology:
  app:
    server:
      workers: unlimited
      endpoints: {{get: [{{cache: {{in: memo, await_fill: true, miss: [{{read: main}}]}}}}]}}
  memo: {{cache: {{capacity: unlimited, latency: 0ms, replicas: {nodes}}}}}
  main: {{database: {{read: 0ms}}}}
faults: [{faults}]
"
    ))
}

/// How many objects were fetched a second time.
fn moved(nodes: &str, faults: &str) -> u64 {
    let results = spread(nodes, faults);
    let CacheResult { lookups, hits, misses, .. } =
        *at(&results, "memo").cache.as_ref().expect("it is one");
    // Nobody is lost on the way, and each lookup is at one node.
    assert_eq!((hits + misses, count(&results, "ok")), (lookups, lookups));
    assert_eq!(lookups, results.total.arrivals - count(&results, "in flight at the end"));
    assert_eq!(at(&results, "main").visits, misses);
    // e^-10 of the objects are asked for for the first time after 10 s.
    misses - 1000
}

/// A node's share of the ring has a standard deviation of 0.095 of the mean; the bands of what
/// moves on it are five of those.
#[test]
fn about_as_many_objects_move_as_a_node_has() {
    const LOST: &str = "{leave: 'memo[9]', at: 10s}";
    assert_eq!(moved("1", ""), 0);
    assert_eq!(moved("10", ""), 0);
    let lost = moved("10", LOST);
    assert!((50..150).contains(&lost), "{lost}");
    let added = moved("9, spares: 1", "{join: 'memo[9]', at: 10s}");
    assert!((50..150).contains(&added), "{added}");
    // One that takes the place of another: its own move, and those of the other.
    let replaced = moved("10, spares: 1", &format!("{LOST}, {{join: 'memo[10]', at: 10s}}"));
    assert!((120..260).contains(&replaced), "{replaced}");
    // By the remainder, all but a tenth.
    let lost = moved("10, spread: modulo", LOST);
    assert!((850..950).contains(&lost), "{lost}");
}

#[test]
fn each_node_has_the_whole_capacity_and_what_is_lost_is_gone() {
    let entries = |faults: &str| {
        let results = spread("10", faults);
        at(&results, "memo").cache.as_ref().expect("it is one").entries.mean
    };
    // From 10 s on all nodes but the lost have what they had, and then also what was its own.
    let all = entries("");
    let less = entries("{leave: 'memo[9]', at: 10s}");
    assert!(less < all && less > 0.9 * all, "{less} of {all}");
}

/// What is on its way to a node when it is lost fails, and is done without.
#[test]
fn a_caller_of_a_node_that_is_lost_goes_on_without() {
    let results = run("
duration: 2s
warmup: 0
replications: 1
catalog: {things: {keys: 1k, popularity: uniform}}
clients: {users: {arrivals: constant(100/s), target: app, requests: {get: {keys: things}}}}
links: {app -> memo: {delay: 5ms}}
topology:
  app: {server: {endpoints: {get: [{cache: {in: memo, miss: [{read: main}]}}]}}}
  memo: {cache: {latency: 0ms, replicas: 2}}
  main: {database: {read: 0ms}}
faults: [{leave: 'memo[1]', at: 1.002s}]
");
    let memo = at(&results, "memo").cache.as_ref().expect("it is one");
    assert_eq!(
        count(&results, "ok") + count(&results, "in flight at the end"),
        results.total.arrivals
    );
    // Of the one request that was on its way, or of none if it went to the other.
    let asked = results.total.arrivals - count(&results, "in flight at the end");
    assert!(memo.lookups == asked || memo.lookups + 1 == asked, "{} of {asked}", memo.lookups);
}

#[test]
fn nodes_write_behind_and_lose_what_they_alone_had() {
    let lost = |faults: &str| {
        let results = run(&format!(
            "
duration: 20s
warmup: 0
replications: 1
catalog: {{things: {{keys: 100k, popularity: uniform}}}}
clients: {{users: {{arrivals: constant(100/s), target: app, requests: {{put: {{keys: things}}}}}}}}
topology:
  app: {{server: {{endpoints: {{put: [{{write: memo}}]}}}}}}
  memo: {{cache: {{latency: 0ms, in_front_of: main, writes: {{behind: 5s}}, replicas: 4}}}}
  main: {{database: {{cores: 16, write: 1ms}}}}
faults: [{faults}]
"
        ));
        at(&results, "memo").cache.as_ref().expect("it is one").lost_writes
    };
    assert_eq!(lost(""), 0);
    // A fourth of those of five seconds; and all but a fourth.
    let one = lost("{leave: 'memo[3]', at: 10s}");
    let leave = [1, 2, 3].map(|node| format!("{{leave: 'memo[{node}]', at: 10s}}"));
    let three = lost(&leave.join(", "));
    assert!((60..190).contains(&one) && (310..440).contains(&three), "{one} and {three}");
}

/// 500 lookups in the 5 s until callers know that one of two nodes is gone: its own are in vain and
/// no lookups of a cache; after that all are answered again.
#[test]
fn callers_that_do_not_know_yet_ask_a_node_that_is_gone_in_vain() {
    let asked = |faults: &str| {
        let results = run(&format!(
            "
duration: 20s
warmup: 0
replications: 1
catalog: {{things: {{keys: 1k, popularity: uniform}}}}
clients: {{users: {{arrivals: constant(100/s), target: app, requests: {{get: {{keys: things}}}}}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{cache: {{in: memo, miss: [{{read: main}}]}}}}]}}}}}}
  memo: {{cache: {{latency: 0ms, replicas: 2}}}}
  main: {{database: {{read: 0ms}}}}
faults: [{faults}]
"
        ));
        at(&results, "memo").cache.as_ref().expect("it is one").lookups
    };
    let all = asked("");
    assert_eq!(asked("{leave: 'memo[1]', at: 10s}"), all);
    let unaware = asked("{leave: 'memo[1]', at: 10s, known_after: 5s}");
    // About half of the 500; the ring gives a node 0.5 of all objects with a deviation of 0.05.
    assert!((120..380).contains(&(all - unaware)), "{unaware} of {all}");
}
