//! Caching as HTTP has it, to the request: what browsers answer themselves, what they ask about,
//! what is not sent, and what a shared cache gives to the wrong user.

use deploysim::experiment::Results;
use deploysim::experiment::results::{BrowserResult, ComponentResult};

use crate::{at, close, count, run};

/// One user with a cache of his own who asks for one page every so often. Making it takes 10 ms.
fn one(every: &str, duration: &str, catalog: &str) -> Results {
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: 1
catalog: {{page: {{keys: 1, {catalog}}}}}
clients:
  users:
    arrivals: {{renewal: {every}}}
    population: 1
    browser_cache: 50MiB
    target: app
    requests: {{GET /: {{keys: page}}}}
topology:
  app: {{server: {{endpoints: {{GET /: [{{read: main}}, {{if_modified: [{{cpu: 10ms}}]}}]}}}}}}
  main: {{database: {{read: 0ms}}}}
"
    ))
}

/// Answered from there, asked about and fetched as a whole.
fn lookups(results: &Results) -> (u64, u64, u64) {
    let BrowserResult { lookups, hits, conditional, .. } = *browser(results);
    (hits, conditional, lookups - hits - conditional)
}

fn browser(results: &Results) -> &BrowserResult {
    results.total.browser.as_ref().expect("there are browsers")
}

/// How many pages were made.
fn made(of: &ComponentResult) -> f64 {
    let cpu = of.resources.iter().find(|resource| resource.name == "cpu");
    cpu.expect("it has cores").utilisation.mean
}

#[test]
fn a_browser_asks_again_when_what_it_has_is_too_old() {
    // Asked for at 1, 2, .. 10 s: fetched by 1.01 s and good until 5.01 s, and again at 6 s.
    let results = one("1s", "10.5s", "cache_control: max-age=4");
    assert_eq!((lookups(&results), browser(&results).needless), ((8, 0, 2), 1));
    assert_eq!((at(&results, "app").visits, count(&results, "ok")), (2, 10));
    close(browser(&results).bytes_saved.mean, 0.8);
    // With a tag it is told at 6 and at 10 s that nothing has changed, which takes no time.
    let results = one("1s", "10.5s", "cache_control: max-age=4, etag: true");
    assert_eq!(lookups(&results), (7, 2, 1));
    let BrowserResult { not_modified, needless, saved, .. } = *browser(&results);
    assert_eq!((not_modified, needless), (2, 2));
    assert_eq!(saved, 7 * 10_240 + 2 * (10_240 - 300));
    close(made(at(&results, "app")), 0.01 / 10.5);
    close(browser(&results).not_modified_rate.mean, 1.0);
}

#[test]
fn what_changes_sooner_than_it_expires_is_used_when_it_is_no_longer_true() {
    // It changes at 3.5, 7 and 10.5 s. Stale at 4, 5, 7, 8, 9 and 10 s.
    let results = one("1s", "10.3s", "cache_control: max-age=4, changes: 3.5s");
    assert_eq!((lookups(&results), browser(&results).needless), ((8, 0, 2), 0));
    assert_eq!((count(&results, "ok"), count(&results, "stale")), (4, 6));
    close(browser(&results).stale_hits.mean, 0.75);
    // Asked about at 6 s, and it has changed.
    let results = one("1s", "10.3s", "cache_control: max-age=4, etag: true, changes: 3.5s");
    assert_eq!((lookups(&results), browser(&results).not_modified), ((8, 1, 1), 0));
    close(made(at(&results, "app")), 0.02 / 10.3);
    // Asked about each time: nothing is ever stale. New at 4, 7 s.
    let results = one("1s", "10.3s", "cache_control: no-cache, etag: true, changes: 3.5s");
    assert_eq!((lookups(&results), browser(&results).not_modified), ((0, 9, 1), 7));
    assert_eq!((browser(&results).needless, count(&results, "stale")), (7, 0));
}

#[test]
fn what_may_not_be_kept_is_not() {
    assert_eq!(lookups(&one("1s", "10.5s", "cache_control: no-store, etag: true")), (0, 0, 10));
    assert_eq!(lookups(&one("1s", "10.5s", "cache_control: no-cache")), (0, 0, 10));
    assert_eq!(lookups(&one("1s", "10.5s", "cache_control: private")), (0, 0, 10));
    assert_eq!(lookups(&one("1s", "10.5s", "etag: true")), (0, 9, 1));
    let private = "cache_control: \"private, max-age=100\"";
    assert_eq!(lookups(&one("1s", "10.5s", private)), (9, 0, 1));
}

#[test]
fn a_request_that_changes_something_is_sent_and_what_was_kept_is_forgotten() {
    let journey = |second: &str| {
        run(&format!(
            "
duration: 20.5s
warmup: 0
replications: 1
catalog: {{page: {{keys: 1, cache_control: max-age=1000}}}}
clients:
  users:
    users: {{count: 1, think: 1s}}
    browser_cache: 50MiB
    target: app
    journey: {{GET /: {{next: {{{second}: 100%}}, keys: page}}, {second}: {{keys: page}}}}
topology: {{app: {{server: {{endpoints: {{'*': [io: 1ms]}}}}}}}}
"
        ))
    };
    assert_eq!(lookups(&journey("POST /")), (0, 0, 20));
    assert_eq!(lookups(&journey("GET /more")), (19, 0, 1));
}

#[test]
fn an_answer_that_nothing_has_changed_is_short_behind_a_balancer_too() {
    let results = run("
duration: 15.5s
warmup: 0
replications: 1
catalog: {page: {keys: 1, cache_control: no-cache, etag: true}}
clients:
  users:
    arrivals: {renewal: 3s}
    population: 1
    browser_cache: {not_modified_size: 1KiB}
    target: lb
    requests: {GET /: {keys: page, response_size: 10KiB}}
topology:
  lb: {load_balancer: {backends: app}}
  app: {server: {endpoints: {GET /: [{io: 0}]}}}
links:
  users -> lb: {back: {bandwidth: 10KiB/s}}
  lb -> app: {back: {bandwidth: 10KiB/s}}
");
    // Each of the two ways back takes 1 s, and later 0.1 s.
    assert_eq!(lookups(&results), (0, 4, 1));
    close(results.total.mean_latency.mean, (2.0 + 4.0 * 0.2) / 5.0);
    close(browser(&results).bytes_saved.mean, 4.0 * 9.0 / 50.0);
}

/// One user who asks for one page every 3 s by way of a proxy.
fn by_proxy(catalog: &str, steps: &str) -> Results {
    run(&format!(
        "
duration: 19s
warmup: 0
replications: 1
catalog: {{page: {{keys: 1, etag: true, cache_control: {catalog}}}}}
clients:
  users:
    arrivals: {{renewal: 3s}}
    population: 1
    browser_cache: 50MiB
    target: proxy
    requests: {{GET /: {{keys: page}}}}
topology:
  proxy: {{server: {{cache: {{ttl: header}}, endpoints: {{GET /: [{steps}]}}}}}}
  origin: {{server: {{endpoints: {{GET /: [{{if_modified: [{{cpu: 10ms}}]}}]}}}}}}
"
    ))
}

#[test]
fn what_a_proxy_has_had_for_a_while_is_good_for_less_long() {
    let cache = "{cache: {in: local, miss: [{call: origin}]}}";
    // Fetched by 3.01 s: good for the user until 7.01 s, and for the proxy until 103.01 s. At 9,
    // 12, 15 and 18 s what the proxy gives is too old to be used again without asking.
    let results = by_proxy("\"max-age=4, s-maxage=100\"", cache);
    assert_eq!((lookups(&results), browser(&results).not_modified), ((1, 4, 1), 4));
    assert_eq!(at(&results, "origin").visits, 1);
}

#[test]
fn a_question_whether_it_is_still_true_is_passed_on_but_not_to_fill_a_cache() {
    let cache = "{cache: {in: local, miss: [{call: origin}]}}";
    let results = by_proxy("no-cache", cache);
    assert_eq!((lookups(&results), browser(&results).not_modified), ((0, 5, 1), 5));
    close(made(at(&results, "origin")), 0.06 / 19.0);
    let results = by_proxy("no-cache", "{call: origin}");
    assert_eq!((lookups(&results), browser(&results).not_modified), ((0, 5, 1), 5));
    close(made(at(&results, "origin")), 0.01 / 19.0);
}

#[test]
fn a_shared_cache_uses_what_is_old_as_long_as_the_header_lets_it() {
    let shared = |header: &str| {
        let results = run(&format!(
            "
duration: 10.5s
warmup: 0
replications: 1
catalog: {{page: {{keys: 1, cache_control: \"{header}\"}}}}
clients:
  users: {{arrivals: {{renewal: 1s}}, target: edge, requests: {{get: {{keys: page}}}}}}
topology:
  edge: {{server: {{endpoints: {{get: [{{cache: {{in: memo, miss: [{{call: origin}}]}}}}]}}}}}}
  memo: {{cache: {{ttl: header, latency: 0ms}}}}
  origin: {{server: {{endpoints: {{get: [{{io: 200ms}}]}}}}}}
"
        ));
        let cache = at(&results, "memo").cache.as_ref().expect("it is one");
        (cache.hits, cache.misses, at(&results, "origin").visits)
    };
    // Good from 1.2 to 4.2 s; fetched anew at 5 s and again at 9 s.
    assert_eq!(shared("max-age=3, stale-while-revalidate=2"), (9, 1, 3));
    assert_eq!(shared("max-age=3, stale-while-revalidate=2, must-revalidate"), (7, 3, 3));
    assert_eq!(shared("max-age=3"), (7, 3, 3));
    assert_eq!(shared("max-age=3, s-maxage=100"), (9, 1, 1));
    for not_kept in ["private, max-age=3", "no-store", "no-cache", "max-age=0"] {
        assert_eq!(shared(not_kept), (0, 10, 10), "{not_kept}");
    }
}

#[test]
fn what_is_fetched_anew_without_reading_is_as_new_as_can_be() {
    let results = run("
duration: 20.5s
warmup: 0
replications: 1
catalog: {page: {keys: 1, changes: 3.5s}}
clients: {users: {arrivals: {renewal: 1s}, target: app, requests: {get: {keys: page}}}}
topology:
  app: {server: {endpoints: {get: [{cache: {in: memo, miss: [{io: 100ms}]}}]}}}
  memo: {cache: {ttl: 1s, stale_while_revalidate: 10s, latency: 0ms}}
");
    // It changes at 3.5, 7, 10.5, 14 and 17.5 s. Filled at 1.1, 3.1, 5.1 s and so on, and used for
    // 1.9 s: stale at 4, 5, 7, 11, 14, 15, 18 and 19 s.
    assert_eq!(count(&results, "stale"), 8);
}

/// Three users who ask for their accounts at 2, 4, .. 10 s, at 3, 6 and 9 s, and at 5 and 10 s.
fn accounts(header: &str, cache: &str) -> Results {
    run(&format!(
        "
duration: 10.5s
warmup: 0
replications: 1
catalog: {{account: {{keys: 1, per_user: true, cache_control: \"{header}\"}}}}
clients:
  a: {{arrivals: {{renewal: 2s}}, population: 1, target: edge, requests: {{get: {{keys: account}}}}}}
  b: {{arrivals: {{renewal: 3s}}, population: 1, target: edge, requests: {{get: {{keys: account}}}}}}
  c: {{arrivals: {{renewal: 5s}}, population: 1, target: edge, requests: {{get: {{keys: account}}}}}}
topology:
  edge: {{server: {{endpoints: {{get: [{{cache: {{in: memo, miss: [{{read: main}}]}}}}]}}}}}}
  memo: {{cache: {{latency: 0ms, {cache}}}}}
  main: {{database: {{read: 10ms}}}}
"
    ))
}

#[test]
fn a_shared_cache_gives_one_users_answer_to_another_if_the_header_lets_it() {
    let found = |header: &str, cache: &str| {
        let results = accounts(header, cache);
        let rate = results.total.leak_rate.expect("users have answers of their own").mean;
        let cache = at(&results, "memo").cache.as_ref().expect("it is one");
        (cache.misses, cache.leaks.map(|leaks| leaks.mean), rate)
    };
    // The first user's, which both others are given each time.
    assert_eq!(found("public, max-age=100", "ttl: header"), (1, Some(5.0), 0.5));
    assert_eq!(found("max-age=100", "ttl: header"), (1, Some(5.0), 0.5));
    assert_eq!(found("private, max-age=100", "ttl: header"), (10, Some(0.0), 0.0));
    // Who waits for another's account is not given it if it is private.
    let waiting = "ttl: header, coalesce: true";
    assert_eq!(found("private, max-age=100", waiting), (10, Some(0.0), 0.0));
    // An application's own cache knows whose account it keeps.
    assert_eq!(found("public, max-age=100", "ttl: 100s"), (3, None, 0.0));
}
