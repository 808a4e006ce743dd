//! From the records of clients' own caches to their results.

use crate::measure::Recorder;
use crate::objects::BrowserMeter;

use super::results::BrowserResult;
use super::summary::{estimate, share};

/// What users' own caches did for the requests of these kinds.
pub(super) fn browser(kinds: &[usize], runs: &[Recorder]) -> BrowserResult {
    let sum = |run: &Recorder| {
        let meters = kinds.iter().map(|&kind| &run.browsers()[kind]);
        meters.fold(BrowserMeter::default(), BrowserMeter::with)
    };
    let all = runs.iter().map(sum).fold(BrowserMeter::default(), |all, run| all.with(&run));
    let ratio = |part: fn(&BrowserMeter) -> u64, whole: fn(&BrowserMeter) -> u64| {
        let of = |meter: BrowserMeter| share(part(&meter) as f64, whole(&meter) as f64);
        estimate(runs, |run| of(sum(run)))
    };
    BrowserResult {
        lookups: all.lookups(),
        hits: all.hits,
        conditional: all.conditional,
        not_modified: all.not_modified,
        needless: all.needless,
        saved: all.saved,
        hit_ratio: ratio(|meter| meter.hits, BrowserMeter::lookups),
        stale_hits: ratio(|meter| meter.stale, |meter| meter.hits),
        conditional_share: ratio(|meter| meter.conditional, BrowserMeter::lookups),
        not_modified_rate: ratio(|meter| meter.not_modified, |meter| meter.conditional),
        needless_rate: ratio(|meter| meter.needless, BrowserMeter::lookups),
        bytes_saved: ratio(|meter| meter.saved, |meter| meter.saved + meter.received),
    }
}
