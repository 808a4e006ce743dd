//! From the records of caches to their results.

use std::ops::Range;

use crate::caching::CacheMeter;
use crate::measure::Recorder;
use crate::stats::Estimate;

use super::results::CacheResult;
use super::summary::{estimate, measured, share};

/// How the caches of these instances fared, if they have any.
pub(super) fn cache(nodes: &Range<usize>, runs: &[Recorder]) -> Option<CacheResult> {
    within(&runs[0], nodes).next()?;
    let sum = |run: &Recorder, figure: &dyn Fn(&CacheMeter) -> f64| -> f64 {
        within(run, nodes).map(figure).sum()
    };
    let total = |count: fn(&CacheMeter) -> u64| -> u64 {
        runs.iter().flat_map(|run| within(run, nodes)).map(count).sum()
    };
    let ratio = |part: fn(&CacheMeter) -> f64, whole: fn(&CacheMeter) -> f64| {
        estimate(runs, |run| share(sum(run, &part), sum(run, &whole)))
    };
    let per_second = |count: fn(&CacheMeter) -> u64| {
        estimate(runs, |run| sum(run, &|cache| count(cache) as f64) / measured(run))
    };
    let lookups: fn(&CacheMeter) -> f64 = |cache| cache.lookups() as f64;
    let hits: fn(&CacheMeter) -> f64 = |cache| cache.hits as f64;
    Some(CacheResult {
        lookups: total(CacheMeter::lookups),
        hits: total(|cache| cache.hits),
        delayed_hits: total(|cache| cache.delayed),
        misses: total(|cache| cache.misses),
        lost_writes: total(|cache| cache.lost),
        hit_ratio: ratio(|cache| (cache.hits + cache.delayed) as f64, lookups),
        delayed_share: ratio(|cache| cache.delayed as f64, lookups),
        delay_mean: ratio(|cache| cache.delay as f64 * 1e-9, |cache| cache.delayed as f64),
        stale_hits: ratio(|cache| cache.stale as f64, hits),
        leaks: within(&runs[0], nodes)
            .any(|cache| cache.leaks.is_some())
            .then(|| estimate(runs, |run| sum(run, &|cache| cache.leaks.unwrap_or(0) as f64))),
        revalidating_hits: ratio(|cache| cache.revalidating as f64, hits),
        negative_hits: ratio(|cache| cache.negative as f64, hits),
        hit_age: ratio(|cache| cache.age as f64 * 1e-9, hits),
        miss_rate: per_second(|cache| cache.misses),
        fill_rate: per_second(|cache| cache.fills),
        eviction_rate: per_second(|cache| cache.evictions),
        expiry_rate: per_second(|cache| cache.expired),
        invalidation_rate: per_second(|cache| cache.invalidated),
        entries: estimate(runs, |run| sum(run, &|cache| cache.entries.mean(run.end()))),
        bytes: estimate(runs, |run| sum(run, &|cache| cache.bytes.mean(run.end()))),
    })
}

/// The caches of these instances.
fn within<'a>(run: &'a Recorder, nodes: &Range<usize>) -> impl Iterator<Item = &'a CacheMeter> {
    let nodes = nodes.clone();
    run.caches().iter().filter(move |cache| nodes.contains(&(cache.node as usize)))
}

/// The share of the lookups that needed no fetch of their own, in these windows of a run; not a
/// number without lookups.
pub(super) fn hit_ratio(run: &Recorder, nodes: &Range<usize>, windows: Range<usize>) -> f64 {
    let caches = run.caches().iter().enumerate();
    let caches = caches.filter(|(_, cache)| nodes.contains(&(cache.node as usize)));
    let places: Vec<usize> = caches.map(|(place, _)| place).collect();
    let windows = &run.windows().caches[windows];
    let sum = |part: usize| -> u64 {
        windows.iter().flat_map(|all| places.iter().map(move |&place| all[place][part])).sum()
    };
    share(sum(0) as f64, sum(1) as f64)
}

/// The share of the lookups that needed no fetch of their own, for each of so many windows; empty
/// without a cache.
pub(super) fn hits_over_time(
    nodes: &Range<usize>,
    runs: &[Recorder],
    count: usize,
) -> Vec<Estimate> {
    if within(&runs[0], nodes).next().is_none() {
        return Vec::new();
    }
    let of = |window: usize| estimate(runs, |run| hit_ratio(run, nodes, window..window + 1));
    (0..count).map(of).collect()
}
