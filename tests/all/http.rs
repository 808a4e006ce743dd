//! HTTP as RFC 9111 has it, for caches that go by what answers say.

use std::path::Path;

use deploysim::experiment::Results;
use deploysim::scenario::load_text;

/// Runs a scenario of one page that changes every 5 s on average, asked for every 20 s, with this
/// header.
fn run(header: &str, client: &str) -> Results {
    let text = format!(
        "
replications: 2
duration: 1000s
warmup: 0
catalog:
  pages: {{keys: 1, changes: 5s, cache_control: \"{header}\", etag: true}}
clients:
  u: {{arrivals: constant(0.05/s), {client} target: edge, requests: {{GET /p: {{keys: pages}}}}}}
topology:
  edge:
    server: {{cache: {{ttl: header}}, endpoints: {{\"*\": [{{cache: {{in: local, miss: [call: app]}}}}]}}}}
  app: {{server: {{endpoints: {{\"*\": [read: main]}}}}}}
  main: database
"
    );
    let loaded = load_text(Path::new("http.yaml"), &text, &[]);
    loaded.unwrap_or_else(|faults| panic!("{faults}")).run()
}

/// Entries are good for 10 s and asked for after 20 s: with `s-maxage` they are too old to be used
/// (RFC 9111, section 5.2.2.10), with `max-age` they are used while they are fetched anew.
#[test]
fn a_lifetime_for_shared_caches_forbids_what_is_too_old() {
    let stale = |header: &str| {
        let results = run(header, "");
        let mut outcomes = results.total.outcomes.into_iter();
        outcomes.any(|outcome| outcome.outcome == "stale" && outcome.count > 0)
    };
    assert!(!stale("s-maxage=10, stale-while-revalidate=600"));
    assert!(stale("max-age=10, stale-while-revalidate=600"));
}

#[test]
fn what_changes_nothing_is_a_warning() {
    let warnings = run("max-age=10, immutable, stale-if-error=60", "").warnings;
    let expect = "catalog pages: no cache here pays heed to `immutable`, `stale-if-error`";
    assert!(warnings.iter().any(|warning| warning == expect), "{warnings:?}");
    let browser = "browser_cache: 1MiB, population: 1,";
    let warnings = run("max-age=10, stale-while-revalidate=60", browser).warnings;
    let expect = "browsers here ask anew and do not use `stale-while-revalidate`";
    assert!(warnings.iter().any(|warning| warning.contains(expect)), "{warnings:?}");
}
