//! Every figure of a request type or a component by its name: the one list behind CSV, JSON and all
//! that compares runs.

use crate::stats::{CoarseHistogram, Estimate, Histogram};
use crate::units::three_digits;

use super::results::{
    BrowserResult, CacheResult, ComponentResult, QUANTILES, RequestResult, SessionResult,
};
use super::summary::MEMORY;

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Such as `latency_p99` or `outcome_count:timed out`.
    pub name: String,
    /// Such as `s`, `1/s`, `share`, `requests`.
    pub unit: &'static str,
    /// The figure; counts have no half-width.
    pub estimate: Estimate,
}

fn measure(name: impl Into<String>, unit: &'static str, estimate: Estimate) -> Measure {
    Measure { name: name.into(), unit, estimate }
}

/// A figure of all replications together, which has no interval.
fn pooled(name: impl Into<String>, unit: &'static str, value: f64, runs: usize) -> Measure {
    measure(name, unit, Estimate { mean: value, half_width: None, n: runs })
}

/// `p99.9`.
pub fn quantile_name(p: f64) -> String {
    format!("p{}", three_digits(p * 100.0))
}

/// The figures of a request type, from `runs` replications.
pub fn of_request(result: &RequestResult, runs: usize) -> Vec<Measure> {
    let mut list = vec![pooled("arrivals", "requests", result.arrivals as f64, runs)];
    for ended in &result.outcomes {
        let share = ended.count as f64 / result.arrivals as f64;
        let name = &ended.outcome;
        list.push(pooled(format!("outcome_count:{name}"), "requests", ended.count as f64, runs));
        list.push(pooled(format!("outcome_share:{name}"), "share", share, runs));
    }
    list.push(measure("arrival_rate", "1/s", result.arrival_rate));
    list.push(measure("throughput", "1/s", result.throughput));
    list.push(measure("error_rate", "share", result.error_rate));
    if let Some(stale) = result.stale_rate {
        list.push(measure("stale_rate", "share", stale));
    }
    if let Some(leaked) = result.leak_rate {
        list.push(measure("leak_rate", "share", leaked));
    }
    list.extend(result.browser.iter().flat_map(|browser| of_browser(browser, runs)));
    list.push(measure("latency_mean", "s", result.latency_mean));
    for (p, latency) in QUANTILES.iter().zip(&result.latency) {
        list.push(measure(format!("latency_{}", quantile_name(*p)), "s", *latency));
    }
    list.push(pooled("latency_max", "s", longest(&result.histogram), runs));
    list
}

/// The figures of users' own caches.
fn of_browser(browser: &BrowserResult, runs: usize) -> Vec<Measure> {
    let counts = [
        ("browser_lookups", "requests", browser.lookups),
        ("browser_hits", "requests", browser.hits),
        ("conditional", "requests", browser.conditional),
        ("not_modified", "requests", browser.not_modified),
        ("needless", "requests", browser.needless),
        ("saved", "bytes", browser.saved),
    ];
    let counts = counts.map(|(name, unit, count)| pooled(name, unit, count as f64, runs));
    let shares = [
        ("browser_hit_ratio", browser.hit_ratio),
        ("browser_stale_hits", browser.stale_hits),
        ("conditional_share", browser.conditional_share),
        ("not_modified_rate", browser.not_modified_rate),
        ("needless_rate", browser.needless_rate),
        ("bytes_saved", browser.bytes_saved),
    ];
    let shares = shares.map(|(name, estimate)| measure(name, "share", estimate));
    counts.into_iter().chain(shares).collect()
}

/// The figures of a component, from `runs` replications.
pub fn of_component(result: &ComponentResult, runs: usize) -> Vec<Measure> {
    let mut list = vec![measure("throughput", "1/s", result.throughput)];
    for resource in &result.resources {
        let name = resource.name;
        let unit = if name == MEMORY { "bytes" } else { "units" };
        list.push(pooled(format!("capacity:{name}"), unit, resource.capacity, runs));
        list.push(measure(format!("utilisation:{name}"), "share", resource.utilisation));
        list.push(measure(format!("utilisation_busiest:{name}"), "share", resource.busiest));
    }
    list.push(measure("queue_mean", "requests", result.queue_mean));
    list.push(pooled("queue_max", "requests", result.queue_max as f64, runs));
    list.push(measure("present_mean", "requests", result.present_mean));
    list.push(measure("wait_share", "share", result.wait_share));
    list.push(measure("wait_mean", "s", result.wait_mean));
    list.extend(quantiles("wait", &result.wait, runs));
    list.push(measure("sojourn_mean", "s", result.sojourn_mean));
    list.extend(quantiles("sojourn", &result.sojourn, runs));
    list.push(measure("own_mean", "s", result.own_mean));
    list.extend(result.cache.iter().flat_map(|cache| of_cache(cache, runs)));
    list.extend(result.imbalance.map(|imbalance| measure("imbalance", "ratio", imbalance)));
    list.extend(result.sessions.iter().flat_map(|sessions| of_sessions(sessions, runs)));
    list.push(pooled("visits", "visits", result.visits as f64, runs));
    list.push(pooled("rejected", "visits", result.rejected as f64, runs));
    if let Some(killed) = result.killed {
        list.push(pooled("killed", "times", killed as f64, runs));
    }
    list.push(pooled("wasted", "visits", result.wasted as f64, runs));
    list.push(measure("wasted_share", "share", result.wasted_share));
    list
}

/// The figures of a cache.
fn of_cache(cache: &CacheResult, runs: usize) -> Vec<Measure> {
    let counts = [
        ("lookups", cache.lookups),
        ("hits", cache.hits),
        ("delayed_hits", cache.delayed_hits),
        ("misses", cache.misses),
    ];
    let counts = counts.map(|(name, count)| pooled(name, "lookups", count as f64, runs));
    let figures = [
        ("hit_ratio", "share", cache.hit_ratio),
        ("delayed_share", "share", cache.delayed_share),
        ("delay_mean", "s", cache.delay_mean),
        ("stale_hits", "share", cache.stale_hits),
        ("revalidating_hits", "share", cache.revalidating_hits),
        ("negative_hits", "share", cache.negative_hits),
        ("hit_age", "s", cache.hit_age),
        ("miss_rate", "1/s", cache.miss_rate),
        ("fill_rate", "1/s", cache.fill_rate),
        ("eviction_rate", "1/s", cache.eviction_rate),
        ("expiry_rate", "1/s", cache.expiry_rate),
        ("invalidation_rate", "1/s", cache.invalidation_rate),
        ("entries", "entries", cache.entries),
        ("bytes", "bytes", cache.bytes),
    ];
    let figures = figures.map(|(name, unit, estimate)| measure(name, unit, estimate));
    let leaks = cache.leaks.map(|leaks| measure("leaks", "lookups", leaks));
    let lost = pooled("lost_writes", "writes", cache.lost_writes as f64, runs);
    counts.into_iter().chain(figures).chain(leaks).chain([lost]).collect()
}

/// The figures of the sessions of a server.
fn of_sessions(sessions: &SessionResult, runs: usize) -> Vec<Measure> {
    let counts = [
        ("sessions_needed", "requests", sessions.needed()),
        ("sessions_found", "requests", sessions.found),
        ("logins", "requests", sessions.logins),
        ("sessions_expired", "sessions", sessions.expired),
        ("relogins", "requests", sessions.relogins),
        ("sessions_lost", "sessions", sessions.lost),
        ("session_calls", "calls", sessions.calls),
        ("cookie_bytes", "bytes", sessions.cookie_bytes),
        ("cookies_refused", "cookies", sessions.cookies_refused),
        ("forged_served", "requests", sessions.forged_served),
        ("forged_rejected", "requests", sessions.forged_rejected),
        ("stolen_served", "requests", sessions.stolen_served),
        ("stolen_rejected", "requests", sessions.stolen_rejected),
    ];
    let counts = counts.map(|(name, unit, count)| pooled(name, unit, count as f64, runs));
    let share = measure("login_share", "share", sessions.login_share);
    counts.into_iter().chain([share]).collect()
}

fn quantiles<'a>(
    of: &'a str,
    histogram: &'a CoarseHistogram,
    runs: usize,
) -> impl Iterator<Item = Measure> + 'a {
    QUANTILES.iter().map(move |&p| {
        let value = histogram.quantile(p).unwrap_or(f64::NAN);
        pooled(format!("{of}_{}", quantile_name(p)), "s", value, runs)
    })
}

fn longest(histogram: &Histogram) -> f64 {
    histogram.quantile(1.0).unwrap_or(f64::NAN)
}
