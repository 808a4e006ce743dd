//! How much of what caches were asked they had, window by window.

use crate::experiment::results::{CacheResult, Results};

use super::super::{label, number};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{self, LEFT, Look, Plot, drawn, greatest, is_smeared};
use super::style::{Sheet, chart, nothing};

/// The most caches that one chart can hold.
const SHOWN: usize = 6;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let caches = results.components.iter().map(|of| of.cache.as_ref());
    let lookups = |cache: Option<&CacheResult>| cache.map_or(f64::NAN, |of| of.lookups as f64);
    let all = caches.clone().flatten().count();
    let mut shown = greatest(caches.map(lookups), SHOWN);
    let Some(busiest) = shown.first().and_then(|&i| results.components.get(i)) else {
        return nothing(results, "No cache was asked for anything");
    };
    let Some(cache) = &busiest.cache else {
        return nothing(results, "There is no cache");
    };
    let ratio = number::percent(&cache.hit_ratio).text();
    let name = label::shorten(&busiest.name, 30);
    let title = format!("Of what {name} is asked it has {ratio}");
    shown.sort_unstable();
    let series = &results.series.components;
    let first = shown.iter().any(|&i| is_smeared(series[i].line("hit_ratio")));
    let first = if first { " · grey: the first replication" } else { "" };
    let how = format!(" · bands: 95% confidence{first}{}", drawn(shown.len(), all, "caches"));
    chart(results, &title, &how, |sheet| lines(results, &shown, sheet))
}

fn lines(results: &Results, shown: &[usize], sheet: &Sheet<'_>) -> Result<(), Fault> {
    let series = &results.series;
    let y = (Axis::from_zero(1.0, Unit::Percent), "hit ratio of each window");
    let mut plot = Plot::new(sheet, plot::clock(series), y, LEFT)?;
    let xs = plot::middles(series);
    for (k, &i) in shown.iter().enumerate() {
        let values = series.components[i].of("hit_ratio");
        plot.estimates(&xs, values, Look::of(k), &results.components[i].name)?;
        plot.first(&xs, series.components[i].line("hit_ratio"))?;
    }
    plot.incidents(&results.incidents)?;
    plot.finish()
}
