//! Caches: what makes room, what is over, and what many fetch at once.

use deploysim::experiment::Results;
use deploysim::experiment::results::CacheResult;

use crate::case::{Case, at};

const LRU: &str = "exact: sum of p_i int p_i e^(-p_i t) P(fewer than C others by t) dt; King 1971";
const FIFO: &str = "Gelenbe 1973: sum of p_i^2 e_(C-1)(p without i) / e_C(p)";
const TTL: &str = "Jung, Berger and Balakrishnan 2003: lambda T / (1 + lambda T)";
const SLIDING: &str = "1 - e^(-lambda T)";
/// Requests at rate lambda, a life of T, changes at rate c: a cycle is a fetch, the lambda T hits
/// on average that follow, at ages even over T, and an exponential gap.
const HTTP: &str =
    "renewal: lambda T / (1 + lambda T); 1 - (1 - e^(-cT)) / (cT); e^(-cT) lambda / (lambda + c)";
const RENEWAL: &str = "renewal over fetch and TTL: 1 + lambda D + lambda T requests a cycle";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (id, keys, exponent, capacity, lru, fifo) in [
        ("LRU-10-3", 10, 1.0, 3, 0.470_664_190_014_770_2, 0.445_104_460_580_517_67),
        ("LRU-1000-100", 1_000, 0.8, 100, 0.377_796_38, 0.334_110_82),
        ("LRU-1000-50", 1_000, 1.0, 50, 0.461_010_41, 0.405_522_49),
    ] {
        for (eviction, expected, source) in
            [("lru", lru, LRU), ("fifo", fifo, FIFO), ("random", fifo, FIFO)]
        {
            let catalog = format!("{{keys: {keys}, popularity: zipf({exponent})}}");
            let cache = format!("capacity: {capacity} entries, eviction: {eviction}");
            let id = format!("{id} {eviction}");
            let case = Case::new(id, "hit ratio of a full cache under a Zipf law", source)
                .run(aside("constant(1k/s)", &catalog, &cache, "[]"), 10.0, 30.0)
                .prob("hit ratio", expected, hit_ratio);
            cases.push(case);
        }
    }
    cases.extend([one_key(), one_key_sliding(), many_keys(), many_keys_sliding()]);
    cases.push(browsers());
    cases.extend([stampede_kept(), stampede_restarted(), single_flight()]);
    cases
}

/// A server that looks into its own cache and does what is said for a miss.
fn aside(arrivals: &str, catalog: &str, cache: &str, miss: &str) -> String {
    format!(
        "
catalog: {{things: {catalog}}}
clients:
  users: {{arrivals: {arrivals}, target: app, timeout: none, requests: {{get: {{keys: things}}}}}}
topology:
  app:
    server:
      workers: unlimited
      cache: {{{cache}}}
      endpoints: {{get: [{{cache: {{in: local, miss: {miss}}}}}]}}
"
    )
}

fn cache(results: &Results) -> &CacheResult {
    at(results, "app").cache.as_ref().expect("it has a cache")
}

fn hit_ratio(results: &Results) -> f64 {
    cache(results).hit_ratio.mean
}

fn one_key() -> Case {
    let yaml = aside("poisson(0.5/s)", "{keys: 1}", "ttl: 10s", "[]");
    Case::new("TTL-1", "one key under Poisson requests", TTL)
        .run(yaml, 100.0, 100_000.0)
        .prob("hit ratio", 0.833_333_333_333_333_4, hit_ratio)
        .mean("fetches [1/s]", 0.083_333_333_333_333_31, |r| cache(r).miss_rate.mean)
        .mean("age of hits [s]", 5.0, |r| cache(r).hit_age.mean)
}

fn one_key_sliding() -> Case {
    let yaml = aside("poisson(0.5/s)", "{keys: 1}", "ttl: 10s, sliding: true", "[]");
    Case::new("TTL-1 sliding", "the same with a TTL that each hit restarts", SLIDING)
        .run(yaml, 100.0, 20_000.0)
        .prob("hit ratio", 0.993_262_053_000_914_5, hit_ratio)
}

const MANY: &str = "{keys: 10k, popularity: zipf(0.9)}";

fn many_keys() -> Case {
    let yaml = aside("poisson(200/s)", MANY, "capacity: unlimited, ttl: 30s", "[]");
    Case::new("TTL-ZIPF", "10,000 keys by Zipf's law, without any limit", TTL)
        .run(yaml, 90.0, 100.0)
        .prob("hit ratio", 0.640_155_059_629_574_4, hit_ratio)
        .mean("entries", 2_159.069_642_222_553, |r| cache(r).entries.mean)
}

fn many_keys_sliding() -> Case {
    let yaml = aside("poisson(200/s)", MANY, "capacity: unlimited, ttl: 30s, sliding: true", "[]");
    Case::new("TTL-ZIPF sliding", "the same with a TTL that each hit restarts", SLIDING)
        .run(yaml, 400.0, 100.0)
        .prob("hit ratio", 0.710_220_099_138_04, hit_ratio)
}

/// 200 users who ask for their own pages every 2 s; a page is good for 10 s and changes every 20 s.
fn browsers() -> Case {
    let yaml = "
catalog:
  pages: {keys: 1, per_user: true, changes: exp(20s), cache_control: max-age=10, etag: true}
clients:
  users:
    arrivals: poisson(100/s)
    population: 200
    browser_cache: unlimited
    target: app
    requests: {get: {keys: pages}}
topology: {app: {server: {workers: unlimited, endpoints: {get: [io: 0]}}}}
";
    let browser =
        |results: &Results| results.total.browser.clone().expect("users have caches of their own");
    Case::new("HTTP-1", "browser caches with max-age and ETags, of what changes at random", HTTP)
        .run(yaml.to_owned(), 100.0, 500.0)
        .prob("hit ratio", 0.833_333_333_333_333_4, move |r| browser(r).hit_ratio.mean)
        .prob("stale hits", 0.213_061_319_425_266_84, move |r| browser(r).stale_hits.mean)
        .prob("304 of conditional", 0.551_391_508_829_666_7, move |r| {
            browser(r).not_modified_rate.mean
        })
        .prob("needless requests", 0.091_898_584_804_944_47, move |r| browser(r).needless_rate.mean)
        .prob("stale answers", 0.177_551_099_521_055_72, |r| {
            r.total.stale_rate.expect("pages have versions").mean
        })
}

/// Poisson requests for one hot key that takes 250 ms to fetch.
fn stampede(cache: &str) -> String {
    aside("poisson(200/s)", "{keys: 1}", &format!("ttl: 60s, {cache}"), "[{io: 250ms}]")
}

/// How long a cycle is on average (s): a gap, a fetch and a TTL; and one in which each fill
/// restarts the TTL, of which the last is later than the first by 245 ms. Cycles are so regular
/// that a run takes whole ones, from the middle of one on.
const CYCLE: f64 = 60.255;
const RESTARTED: f64 = 60.5;
const MIDDLE: f64 = 90.0;

fn stampede_kept() -> Case {
    Case::new("STAMP-1", "a stampede on a hot key; the first fill counts", RENEWAL)
        .run(stampede("refill: keep"), MIDDLE, 60.0 * CYCLE)
        .prob("misses", 0.004_232_013_940_751_805, |r| 1.0 - hit_ratio(r))
        .mean("fetches per expiry", 51.0, fetches_per_expiry)
        .coarse("an expiry a minute, each of which varies by a seventh")
}

fn fetches_per_expiry(results: &Results) -> f64 {
    cache(results).miss_rate.mean / cache(results).expiry_rate.mean
}

fn stampede_restarted() -> Case {
    Case::new("STAMP-1 restarted", "the same; each fill restarts the TTL", RENEWAL)
        .run(stampede("refill: restart"), MIDDLE, 10.0 * RESTARTED)
        .prob("misses", 0.004_214_876_033_057_851, |r| 1.0 - hit_ratio(r))
}

fn single_flight() -> Case {
    Case::new("STAMP-1 coalesced", "the same; all others wait for the first", RENEWAL)
        .run(stampede("coalesce: true"), MIDDLE, 50.0 * CYCLE)
        .prob("fetches", 8.298_066_550_493_735e-5, |r| 1.0 - hit_ratio(r))
        .prob("delayed hits", 0.004_149_033_275_246_868, |r| cache(r).delayed_share.mean)
        .mean("wait of delayed hits [s]", 0.125, |r| cache(r).delay.mean)
}
