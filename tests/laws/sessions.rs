//! Sessions, to the request: who has to log in, what is lost with a server or a cache, and what
//! cookies weigh.

use deploysim::experiment::Results;
use deploysim::experiment::results::SessionResult;

use crate::{at, close, count, run, utilisation};

/// Users who come at 1 s, log in within 200 ms, are answered 100 ms later, and come again 1 s
/// after that: at 2.3, 3.4, 4.5, 5.6, 6.7 and 7.8 s, unless they have to log in again.
fn visits(users: u64, front: &str, sessions: &str, more: &str) -> Results {
    run(&format!(
        "
duration: 7.95s
warmup: 0
replications: 1
clients: {{users: {{users: {{count: {users}, think: 1s}}, target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{policy: round_robin, {front}, backends: [app]}}}}
  app:
    server:
      replicas: 3
      sessions: {{{sessions}, login: [{{io: 200ms}}]}}
      endpoints: {{get: [{{io: 100ms}}]}}
  main: {{database: {{read: 0ms, write: 0ms}}}}
{more}
"
    ))
}

fn sessions(results: &Results) -> &SessionResult {
    let sessions = at(results, "app").sessions.as_ref().expect("it has some");
    assert!(sessions.expired + sessions.relogins <= sessions.logins);
    sessions
}

/// Needed, logins, logins again, lost.
fn counts(results: &Results) -> (u64, u64, u64, u64) {
    let of = sessions(results);
    (of.needed, of.logins, of.relogins, of.lost)
}

const CRASH: &str = "faults: [{crash: \"app[0]\", at: 5.05s, for: 1s}]";
const ANYWHERE: &str = "sticky: none";
const STICKY: &str = "sticky: cookie";

#[test]
fn the_users_of_a_server_that_crashes_lose_its_sessions_and_nobody_else_does() {
    assert_eq!(counts(&visits(6, STICKY, "store: local", "")), (42, 6, 0, 0));
    // Two of six are sent to it at 5.6 s in vain, and at 6.6 s have to log in.
    let results = visits(6, STICKY, "store: local", CRASH);
    assert_eq!(counts(&results), (40, 8, 2, 2));
    assert_eq!((count(&results, "failed at app"), count(&results, "ok")), (2, 38));
    // If that is noticed they log in elsewhere at 5.6 s, and stay there.
    let front = format!("{STICKY}, health_check: {{interval: 100ms, unhealthy_after: 2}}");
    let results = visits(6, &front, "store: local", CRASH);
    assert_eq!(counts(&results), (40, 8, 2, 2));
    assert_eq!((count(&results, "failed at app"), count(&results, "ok")), (0, 40));
    let imbalance = at(&results, "app").imbalance.expect("there are several");
    close(imbalance.mean, (14.0 + 2.0) / 40.0 * 3.0);
    // All of them crash.
    let all = "faults: [{crash: app, at: 5.05s, for: 1s}]";
    let results = visits(6, STICKY, "store: local", all);
    assert_eq!(counts(&results), (36, 12, 6, 6));
    assert_eq!(count(&results, "failed at app"), 6);
}

#[test]
fn a_session_in_memory_is_not_there_for_a_request_that_lands_elsewhere() {
    // At 1, 2.3, 3.6, 4.9, 6.2 and 7.5 s, each time at the next server.
    let results = visits(1, ANYWHERE, "store: local", "");
    assert_eq!(counts(&results), (6, 6, 5, 0));
    close(at(&results, "app").imbalance.expect("there are several").mean, 1.0);
    let results = visits(1, STICKY, "store: local", "");
    assert_eq!(counts(&results), (7, 1, 0, 0));
    close(at(&results, "app").imbalance.expect("there are several").mean, 3.0);
    // Kept nowhere, it is made for each request.
    assert_eq!(counts(&visits(1, STICKY, "store: none", "")), (6, 6, 0, 0));
}

#[test]
fn a_database_keeps_sessions_at_the_price_of_calls() {
    let results = visits(6, ANYWHERE, "store: {database: main}", "");
    assert_eq!(counts(&results), (42, 6, 0, 0));
    assert_eq!((sessions(&results).calls, at(&results, "main").visits), (42 + 6, 42 + 6));
    // Two of six fail, are answered at once, and come at 6.6 and 7.7 s.
    let results = visits(6, ANYWHERE, "store: {database: main}", CRASH);
    assert_eq!((count(&results, "failed at app"), counts(&results)), (2, (40, 6, 0, 0)));
    let results = visits(6, ANYWHERE, "store: {database: main}, grows: 200B", "");
    assert_eq!(counts(&results), (42, 6, 0, 0));
    assert_eq!((sessions(&results).calls, at(&results, "main").visits), (90, 90));
}

#[test]
fn a_cache_keeps_sessions_until_it_evicts_them_or_is_empty() {
    let memo = |more: &str| format!("  memo: {{cache: {{latency: 0ms, {more}}}}}");
    let crashing = |when: &str| format!("{}\nfaults: [{{crash: memo, {when}}}]", memo(""));
    let store = "store: {cache: memo}";
    let results = visits(6, ANYWHERE, store, &memo(""));
    assert_eq!((counts(&results), sessions(&results).calls), ((42, 6, 0, 0), 48));
    let results = visits(6, ANYWHERE, store, &crashing("at: 5s, for: 100ms"));
    // All log in again at 5.6 s.
    assert_eq!(counts(&results), (42 - 6, 12, 6, 6));
    let results = visits(3, ANYWHERE, store, &memo("capacity: 2 entries"));
    let (_, logins, again, lost) = counts(&results);
    assert!(again > 3 && logins == 3 + again && lost == again, "{:?}", counts(&results));
    let cache = at(&results, "memo").cache.as_ref().expect("it is one");
    assert_eq!((cache.misses, cache.hits), (logins, sessions(&results).found));
    // One that is down has none, and keeps none.
    let results = visits(1, ANYWHERE, store, &crashing("at: 0s"));
    assert_eq!(counts(&results), (6, 6, 5, 5));
}

#[test]
fn a_session_that_is_not_used_for_too_long_is_over() {
    for store in ["local", "{cache: memo}", "{database: main}", "cookie"] {
        let idle = |idle| {
            let kept = format!("store: {store}, idle: {idle}");
            sessions(&visits(1, STICKY, &kept, "  memo: {cache: {latency: 0ms}}")).clone()
        };
        // Used at 1.2 s, when the user has logged in, and at 2.3, 3.4, .. s.
        assert_eq!((idle("1.11s").logins, idle("1.11s").expired), (1, 0), "{store}");
        assert_eq!((idle("1.05s").found, idle("1.05s").expired), (0, 5), "{store}");
        assert_eq!(idle("1.05s").relogins, 0, "{store}");
    }
}

/// One user who asks every second, over links of 10 Mbit/s.
fn cookie(sessions: &str) -> Results {
    run(&format!(
        "
duration: 10.5s
warmup: 0
replications: 1
clients: {{users: {{users: {{count: 1, think: 1s}}, target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{backends: [app]}}}}
  app: {{server: {{sessions: {{{sessions}}}, endpoints: {{get: [{{read: main}}]}}}}}}
  main: {{database: {{read: 0ms}}}}
links: {{default: {{there: {{bandwidth: 10Mbit/s}}}}}}
"
    ))
}

#[test]
fn a_cookie_weighs_on_each_request_and_more_with_each_up_to_what_a_browser_takes() {
    let results = cookie("store: cookie, size: 1000B, grows: 500B");
    let sent = 1500 + 2000 + 2500 + 3000 + 3500 + 4 * 4000;
    assert_eq!((sessions(&results).cookie_bytes, sessions(&results).cookies_refused), (sent, 4));
    assert_eq!((counts(&results), sessions(&results).calls), ((10, 1, 0, 0), 0));
    let busy = |bytes: u64| bytes as f64 * 8.0 / 1e7 / 10.5;
    close(utilisation(&results, "users -> front", "bandwidth"), busy(10 * 500 + sent));
    close(utilisation(&results, "front -> app", "bandwidth"), busy(10 * 500 + sent));
    // The cookie goes no further than to who has given it.
    close(utilisation(&results, "app -> main", "bandwidth"), busy(10 * 500));
}

#[test]
fn a_forged_cookie_is_found_out_if_cookies_are_signed_and_a_stolen_one_is_not() {
    let results = cookie("store: {cookie: {forged: 100%}}");
    assert_eq!((sessions(&results).forged_rejected, count(&results, "rejected by app")), (10, 10));
    let results = cookie("store: {cookie: {forged: 100%, signed: false}}");
    assert_eq!((sessions(&results).forged_served, count(&results, "ok")), (10, 10));
    assert_eq!(counts(&results), (10, 0, 0, 0));
    let results = cookie("store: {cookie: {stolen: 100%}}");
    assert_eq!(sessions(&results).stolen_rejected, 10, "there never was a session");
    let results = run("
duration: 1000.02s
warmup: 0
replications: 2
clients: {users: {arrivals: constant(20/s), population: 100, target: app, requests: {get: {}}}}
topology:
  app:
    server:
      sessions: {store: {cookie: {forged: 10%, stolen: 5%}}, grows: 1B}
      endpoints: {get: [{cpu: 1ms}]}
");
    let of = sessions(&results);
    assert_eq!(of.needed, 40_000);
    // Binomial with standard deviations of 60 and 44; the bands are six of those.
    assert!((3640..=4360).contains(&of.forged_rejected), "{of:?}");
    let stolen = of.stolen_served + of.stolen_rejected;
    assert!((1740..=2260).contains(&stolen), "{of:?}");
    // Some are stolen before their user has come.
    assert!(of.stolen_rejected < 40, "{of:?}");
    assert_eq!(count(&results, "rejected by app"), of.forged_rejected + of.stolen_rejected);
    assert_eq!((of.logins, of.relogins, of.forged_served), (200, 0, 0));
}

#[test]
fn endpoints_that_need_no_session_ask_for_none() {
    let results = run("
duration: 10.05s
warmup: 0
replications: 1
clients:
  users:
    users: {count: 1, think: 1s}
    target: app
    journey: {front: {next: {item: 100%}}, item: {}}
topology:
  app:
    server:
      sessions: {store: local, endpoints: [item], login: [{call: {to: app2, endpoint: log in}}]}
      endpoints: {front: [{cpu: 0ms}], item: [{cpu: 0ms}]}
  app2: {server: {endpoints: {log in: [{cpu: 0ms}]}}}
");
    assert_eq!(counts(&results), (5, 1, 0, 0));
    assert_eq!((at(&results, "app").visits, at(&results, "app2").visits), (10, 1));
}
