//! Caches, to the request: what is found, fetched, kept and lost, and which answers were stale.

use deploysim::experiment::Results;
use deploysim::experiment::results::CacheResult;
use deploysim::stats::acceptance::{Decision, Kind, Reference, Stage, judge};

use crate::{at, close, count, run, with_faults};

/// One object that changes every 100 s or never, asked for every so often by a server whose cache
/// costs nothing, and fetched in 200 ms.
fn one(every: &str, duration: &str, cache: &str, more: &str) -> Results {
    let (cache, faults) = with_faults(cache);
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: 1
catalog: {{thing: {{keys: 1, {more}}}}}
clients:
  users:
    arrivals: {{renewal: {every}}}
    target: app
    requests: {{get: {{keys: thing}}}}
topology:
  app:
    server:
      workers: unlimited
      endpoints: {{get: [{{cache: {{in: memo, miss: [{{io: 200ms}}, {{read: main}}]}}}}]}}
  memo: {{cache: {{latency: 0ms, {cache}}}}}
  main: {{database: {{read: 0ms, write: 0ms}}}}
faults: {faults}
"
    ))
}

fn cache<'a>(results: &'a Results, name: &str) -> &'a CacheResult {
    at(results, name).cache.as_ref().expect("it is one")
}

/// Hits, delayed hits, misses.
fn lookups(results: &Results, name: &str) -> (u64, u64, u64) {
    let CacheResult { lookups, hits, delayed_hits, misses, .. } = *cache(results, name);
    assert_eq!(lookups, hits + delayed_hits + misses);
    (hits, delayed_hits, misses)
}

#[test]
fn an_entry_is_good_for_its_ttl_from_when_it_was_filled() {
    // Asked at 1, 2, .. 10 s: fetched by 1.2 s and good until 4.7 s, fetched by 5.2 s until 8.7 s,
    // and once more at 9 s.
    let results = one("1s", "10.5s", "ttl: 3.5s", "");
    assert_eq!(lookups(&results, "memo"), (7, 0, 3));
    // At 2, 3, 4, 6, 7, 8 s and at 10 s.
    close(cache(&results, "memo").hit_age.mean, (0.8 + 1.8 + 2.8 + 0.8 + 1.8 + 2.8 + 0.8) / 7.0);
    close(cache(&results, "memo").entries.mean, (3.5 + 3.5 + 1.3) / 10.5);
    assert_eq!(at(&results, "main").visits, 3);
    // Each use makes it good for as long again.
    assert_eq!(lookups(&one("1s", "10.5s", "ttl: 1.5s, sliding: true", ""), "memo"), (9, 0, 1));
    assert_eq!(lookups(&one("1s", "10.5s", "ttl: 900ms, sliding: true", ""), "memo"), (5, 0, 5));
    // For ever.
    assert_eq!(lookups(&one("1s", "10.5s", "", ""), "memo"), (9, 0, 1));
}

#[test]
fn a_second_fill_restarts_the_ttl_or_does_not() {
    // Asked at 150, 300, 450, .. ms. Fetched at 350 and at 500 ms: good until 850 or 1000 ms.
    let results = one("150ms", "1.45s", "ttl: 500ms, refill: keep", "");
    // Hits at 450, 600, 750; misses at 900 and 1050, filled at 1100; hits at 1200 and 1350.
    assert_eq!(lookups(&results, "memo"), (5, 0, 4));
    let results = one("150ms", "1.45s", "ttl: 500ms, refill: restart", "");
    // Hits at 450, 600, 750, 900; misses at 1050 and 1200, filled at 1250; a hit at 1350.
    assert_eq!(lookups(&results, "memo"), (5, 0, 4));
    let results = one("150ms", "1.1s", "ttl: 500ms, refill: restart", "");
    assert_eq!(lookups(&results, "memo"), (4, 0, 3));
    let results = one("150ms", "1.1s", "ttl: 500ms, refill: keep", "");
    assert_eq!(lookups(&results, "memo"), (3, 0, 4));
}

#[test]
fn coalesced_misses_fetch_once_and_wait_for_it() {
    // Asked every 60 ms, fetched by 260 ms, good until 760 ms; at 780 ms again by 980 ms.
    let results = one("60ms", "1.05s", "ttl: 500ms, coalesce: true", "");
    // Each time three wait, for 140, 80 and 20 ms.
    assert_eq!(lookups(&results, "memo"), (9, 6, 2));
    assert_eq!((at(&results, "main").visits, count(&results, "ok")), (2, 17));
    close(cache(&results, "memo").delay.mean, 0.08);
    // Without, each that misses fetches: at 60, 120, 180, 240 and again at 960 and 1020 ms.
    let results = one("60ms", "1.05s", "ttl: 500ms", "");
    assert_eq!((lookups(&results, "memo"), at(&results, "main").visits), ((11, 0, 6), 4));
}

#[test]
fn when_a_fetch_takes_too_long_another_is_begun() {
    // Asked at 90, 180, .. ms. The first fetch is over at 290 ms, the second begins at 200 ms.
    let results = one("90ms", "280ms", "coalesce: true, lease: 110ms", "");
    assert_eq!(lookups(&results, "memo"), (0, 0, 2));
    let results = one("90ms", "350ms", "coalesce: true, lease: 110ms", "");
    // The one at 270 has waited for 20 ms.
    assert_eq!(lookups(&results, "memo"), (0, 1, 2));
    close(cache(&results, "memo").delay.mean, 0.02);
}

#[test]
fn what_is_old_is_used_while_one_fetches_it_anew() {
    // Fetched by 1.2 s, good until 4.7 s. At 5 s it is used and fetched anew by 5.2 s, until 8.7 s.
    let results = one("1s", "10.5s", "ttl: 3.5s, stale_while_revalidate: 1s", "");
    assert_eq!(lookups(&results, "memo"), (9, 0, 1));
    assert_eq!(at(&results, "main").visits, 3);
    close(cache(&results, "memo").revalidating_hits.mean, 2.0 / 9.0);
    // Only the first of those who find it old fetches: at 960 ms, and it is there at 1160 ms.
    let results = one("60ms", "1.21s", "ttl: 500ms, stale_while_revalidate: 1s", "");
    assert_eq!(at(&results, "main").visits, 4 + 1);
    // The fetch goes on beside the request, which is answered at once.
    assert_eq!(at(&results, "app").wasted, 0);
}

#[test]
fn an_answer_is_stale_if_there_was_a_newer_version_when_it_was_asked_for() {
    // It changes at 3.5, 7 and 10.5 s, and is fetched at 1 s.
    let results = one("1s", "10.1s", "", "changes: 3.5s");
    assert_eq!((count(&results, "ok"), count(&results, "stale")), (3, 7));
    close(results.total.stale_rate.expect("there are versions").mean, 0.7);
    close(cache(&results, "memo").stale_hits.mean, 7.0 / 9.0);
    // Fetched anew at 4 s (by 4.2 s) and at 7 s; stale at 7 s no more, for it is read at 7.2 s.
    let results = one("1s", "10.3s", "ttl: 2.5s", "changes: 3.5s");
    assert_eq!((count(&results, "ok"), count(&results, "stale")), (10, 0));
    // Good from 1.2 to 4.2 s: stale at 4 s. From 5.2 to 8.2 s: stale at 7 and 8 s.
    let results = one("1s", "10.1s", "ttl: 3s", "changes: 3.5s");
    assert_eq!((count(&results, "ok"), count(&results, "stale")), (7, 3));
}

#[test]
fn that_there_is_nothing_is_remembered_as_long_as_is_said() {
    let results = one("1s", "10.5s", "", "absent: 100%");
    assert_eq!(lookups(&results, "memo"), (0, 0, 10));
    let results = one("1s", "10.5s", "ttl: 1s, negative_ttl: 3.5s", "absent: 100%");
    assert_eq!(lookups(&results, "memo"), (7, 0, 3));
    close(cache(&results, "memo").negative_hits.mean, 1.0);
}

#[test]
fn a_cache_that_is_down_is_done_without() {
    // Down from 2.5 to 4.5 s, and cold or warm at 5 s.
    let down = |warm| format!(" faults: [{{crash: memo, at: 2.5s, for: 2s, warm: {warm}}}]");
    let results = one("1s", "10.5s", &down(false), "");
    assert_eq!(lookups(&results, "memo"), (6, 0, 2));
    // Asked for nothing at 3 and 4 s.
    assert_eq!((at(&results, "main").visits, count(&results, "ok")), (4, 10));
    let results = one("1s", "10.5s", &down(true), "");
    assert_eq!(lookups(&results, "memo"), (7, 0, 1));
    assert_eq!(at(&results, "main").visits, 3);
}

/// A write at 10 s, and reads every second: by the server's own cache, or by one beside it.
fn written(cache: &str, of_server: &str, post: &str, topology: &str) -> Results {
    run(&format!(
        "
duration: 20.5s
warmup: 0
replications: 1
catalog: {{thing: {{keys: 1}}}}
clients:
  readers:
    {{arrivals: constant(1/s), target: app, requests: {{get: {{keys: thing}}}}}}
  writer:
    {{arrivals: {{renewal: 10.3s}}, target: app, requests: {{post: {{keys: thing}}}}}}
topology:
  app:
    server:
      {of_server}
      endpoints:
        get: [{{cache: {{in: {cache}, miss: [{{read: main}}]}}}}]
        post: [{post}]
  main: {{database: {{read: 10ms, write: 10ms}}}}
  {topology}
"
    ))
}

#[test]
fn an_invalidation_keeps_answers_true_and_a_ttl_does_not() {
    let memo = "memo: {cache: {ttl: 15s}}";
    let results = written("memo", "", "{write: main}, {invalidate: memo}", memo);
    assert_eq!((lookups(&results, "memo"), count(&results, "stale")), ((18, 0, 2), 0));
    // Stale from 11 s on until the entry of 1 s expires after 16 s.
    let results = written("memo", "", "{write: main}", memo);
    assert_eq!((lookups(&results, "memo"), count(&results, "stale")), ((18, 0, 2), 6));
    let own = "cache: {ttl: 15s}";
    let results = written("local", own, "{write: main}, {invalidate: local}", "");
    assert_eq!((lookups(&results, "app"), count(&results, "stale")), ((18, 0, 2), 0));
}

#[test]
fn each_replica_has_a_cache_of_its_own() {
    let results = run("
duration: 10.5s
warmup: 0
replications: 1
catalog: {thing: {keys: 1}}
clients: {users: {arrivals: constant(1/s), target: lb, requests: {get: {keys: thing}}}}
topology:
  lb: {load_balancer: {policy: round_robin, backends: app}}
  app:
    server:
      replicas: 3
      cache: {}
      endpoints: {get: [{cache: {in: local, miss: [{cache: {in: memo, miss: [{read: main}]}}]}}]}
  memo: {cache: {}}
  main: {database: {read: 1ms}}
");
    assert_eq!(lookups(&results, "app"), (7, 0, 3));
    assert_eq!(lookups(&results, "memo"), (2, 0, 1));
    assert_eq!(at(&results, "main").visits, 1);
}

/// Whatever happens, each lookup is one of three, and each miss is one read.
#[test]
fn lookups_are_conserved_under_every_policy() {
    for (eviction, more) in [
        ("lru", ""),
        ("fifo", "coalesce: true, lease: 20ms"),
        ("random", "jitter: 30%, stale_while_revalidate: 2s"),
        ("lru", "coalesce: true, sliding: true, negative_ttl: 1s"),
    ] {
        let results = run(&format!(
            "
duration: 60s
warmup: 0
replications: 2
catalog:
  things: {{keys: 500, popularity: zipf(0.8), changes: exp(10s), absent: 5%,
            size: lognormal(mean=10KiB, cv=1)}}
clients:
  users:
    arrivals: poisson(200/s)
    target: app
    timeout: 30ms
    requests: {{get: {{keys: things, weight: 9}}, post: {{keys: things}}}}
topology:
  app:
    server:
      cores: 4
      endpoints:
        get: [{{cache: {{in: memo, miss: [{{read: main}}]}}}}]
        post: [{{write: main}}, {{invalidate: memo}}]
  memo: {{cache: {{capacity: 1MiB, eviction: {eviction}, ttl: 5s, {more}}}}}
  main: {{database: {{cores: 2, read: exp(5ms), write: exp(5ms)}}}}
"
        ));
        let (hits, delayed, misses) = lookups(&results, "memo");
        let memo = cache(&results, "memo");
        assert!(memo.bytes.mean <= f64::from(1 << 20) && memo.bytes.mean > 9e5, "{memo:?}");
        assert!(hits > 10 * 60 && misses > 0);
        assert_eq!(delayed > 0, more.contains("coalesce"), "{more}");
        // Those that wait, are on their way, or are being answered are not counted yet.
        let gets = results.requests[0].arrivals;
        let counted = hits + delayed + misses;
        assert!(counted <= gets && counted + 40 > gets, "{counted} of {gets}");
    }
}

/// A life of 1 s that is 50% longer or shorter, each as likely: of those asked for every so often
/// after a fetch of 200 ms, how many are found is known for each of these intervals.
#[test]
fn a_jittered_life_is_uniform_on_both_sides_of_the_ttl() {
    let ratios = |every: &str| {
        let results = run(&format!(
            "
duration: 8000s
warmup: 0
replications: 10
catalog: {{thing: {{keys: 1}}}}
clients:
  users:
    arrivals: {{renewal: {every}}}
    target: app
    requests: {{get: {{keys: thing}}}}
topology:
  app:
    server:
      workers: unlimited
      endpoints: {{get: [{{cache: {{in: memo, miss: [{{io: 200ms}}, {{read: main}}]}}}}]}}
  memo: {{cache: {{latency: 0ms, ttl: 1s, jitter: 50%}}}}
  main: {{database: {{read: 0ms, write: 0ms}}}}
"
        ));
        let measures = &at(&results, "memo").measures.0;
        measures.iter().find(|it| it.name == "hit_ratio").expect("it is there").values.clone()
    };
    // Found again after 0.8 s in 70%, after 1.3 s in 20%; after 1.1 s in 40%; after 1.05 s in 45%.
    for (every, hits) in [("500ms", 1.0 + 0.7 + 0.2), ("650ms", 1.0 + 0.4), ("1.25s", 0.45)] {
        let expected = hits / (1.0 + hits);
        let reference = Reference {
            expected,
            kind: Kind::Prob,
            heavy: true,
            // The first fetch is not one of a life that ended.
            allowance: 2e-4,
            standard_error: 0.0,
        };
        let verdict = judge(&ratios(every), &reference, Stage::First);
        assert_eq!(verdict.decision, Decision::Accept, "{every}: {expected} {verdict:?}");
    }
    // None lives 1.55 s.
    assert!(ratios("1.75s").iter().all(|ratio| *ratio == 0.0));
}
