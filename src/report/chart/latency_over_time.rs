//! Median and 99th percentile of latency, window by window.

use crate::experiment::results::{Lines, Results};

use super::super::label;
use super::Fault;
use super::axis::{Axis, Unit, seconds};
use super::plot::{self, LEFT, Look, Plot, greatest, peak};
use super::style::{Sheet, chart, nothing};

/// The most request types that one chart can hold, two lines each.
const SHOWN: usize = 3;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let known = |s: &Lines| s.of("p99").iter().chain(s.of("p50")).any(|e| e.mean.is_finite());
    let arrivals = results.requests.iter().zip(&results.series.requests);
    let sizes = arrivals.map(|(r, s)| if known(s) { r.arrivals as f64 } else { f64::NAN });
    let mut shown = greatest(sizes, SHOWN);
    shown.sort_unstable();
    if shown.is_empty() {
        return nothing(results, "Nothing was answered, so there is no latency over time");
    }
    let how = " · thin: p50, thick: p99 · bands: 95% confidence";
    chart(results, &finding(results, &shown), how, |sheet| lines(results, &shown, sheet))
}

/// The highest p99 of any window, and when.
fn finding(results: &Results, shown: &[usize]) -> String {
    let series = &results.series;
    let peaks = |&i: &usize| peak(series.requests[i].of("p99")).map(|(at, p99)| (i, at, p99));
    let Some((i, at, p99)) = shown.iter().filter_map(peaks).max_by(|a, b| a.2.total_cmp(&b.2))
    else {
        return "Latency over time".to_owned();
    };
    let name = label::shorten(&label::requests(results)[i], 40);
    let when = label::moment(series.starts[at]);
    format!("p99 of {name} is highest at {when}: {}", seconds(p99))
}

fn lines(results: &Results, shown: &[usize], sheet: &Sheet<'_>) -> Result<(), Fault> {
    let names = label::requests(results);
    let series = &results.series;
    let all = || shown.iter().map(|&i| &series.requests[i]);
    let low = all().flat_map(|s| s.of("p50").iter().chain(s.of("p99"))).map(|e| e.mean);
    let low = low.filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
    let high = plot::highest(all().flat_map(|s| s.of("p99").iter().chain(s.of("p50"))));
    let y = Axis::log(low, high, Unit::Seconds);
    let mut plot = Plot::new(sheet, plot::clock(series), (y, "latency, log scale"), LEFT)?;
    let xs = plot::middles(series);
    for (k, &i) in shown.iter().enumerate() {
        let name = label::shorten(&names[i], 17);
        let (over_time, look) = (&series.requests[i], Look::of(k));
        plot.estimates(&xs, over_time.of("p50"), look.lesser(), &format!("{name} p50"))?;
        plot.estimates(&xs, over_time.of("p99"), look, &format!("{name} p99"))?;
    }
    plot.finish()
}
