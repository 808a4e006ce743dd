//! Median and 99th percentile of latency, window by window.

use crate::experiment::results::{Lines, Results};

use super::super::label;
use super::Fault;
use super::axis::{Axis, Unit, seconds};
use super::plot::{self, LEFT, Look, Plot, drawn, greatest, is_smeared, standing_out};
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
    let types = results.series.requests.iter().filter(|s| known(s)).count();
    let one = shown.iter().any(|&i| is_smeared(results.series.requests[i].line("p99")));
    let one = if one { " · grey: p99 of one replication" } else { "" };
    let failing = |&i: &usize| of_answered(&results.series.requests[i], 0.99).contains(&true);
    let dashed = if shown.iter().any(failing) { " · dashed: of those answered" } else { "" };
    let drawn = drawn(shown.len(), types, "request types");
    let how = format!(" · thin p50, thick p99, 95% bands{dashed}{one}{drawn}");
    chart(results, &finding(results, &shown), &how, |sheet| lines(results, &shown, sheet))
}

/// Of each window, whether more fail in it than the quantile leaves, so that it is of those
/// answered alone.
fn of_answered(of: &Lines, quantile: f64) -> Vec<bool> {
    let rates = of.of("throughput").iter().zip(of.of("failure_rate"));
    rates.map(|(ok, bad)| bad.mean > (1.0 - quantile) * (ok.mean + bad.mean)).collect()
}

/// When p99 stands out, and how high it goes: of the type drawn of which that is most.
fn finding(results: &Results, shown: &[usize]) -> String {
    let series = &results.series;
    let peak =
        |&i: &usize| standing_out(series.requests[i].of("p99")).map(|(at, p99)| (i, at, p99));
    let peaks = shown.iter().filter_map(peak);
    let Some((i, at, p99)) = peaks.max_by(|a, b| a.2.total_cmp(&b.2)) else {
        return "Latency over time".to_owned();
    };
    let name = label::shorten(&label::requests(results)[i], 40);
    let when = label::moment(series.starts[at]);
    format!("p99 of {name} reaches {} at {when}", seconds(p99))
}

fn lines(results: &Results, shown: &[usize], sheet: &Sheet<'_>) -> Result<(), Fault> {
    let names = label::requests(results);
    let series = &results.series;
    let all = || shown.iter().map(|&i| &series.requests[i]);
    let low = all().flat_map(|s| s.of("p50").iter().chain(s.of("p99"))).map(|e| e.mean);
    let low = low.filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
    let high = plot::highest(all().flat_map(|s| s.of("p99").iter().chain(s.of("p50"))));
    let high = high.max(plot::highest_of_first(all().map(|s| s.line("p99"))));
    let y = Axis::log(low, high, Unit::Seconds);
    let mut plot = Plot::new(sheet, plot::clock(series), (y, "latency, log scale"), LEFT)?;
    let xs = plot::middles(series);
    for (k, &i) in shown.iter().enumerate() {
        let name = label::shorten(&names[i], 17);
        let (over_time, look) = (&series.requests[i], Look::of(k));
        for (quantile, word, look) in [(0.5, "p50", look.lesser()), (0.99, "p99", look)] {
            let alone = of_answered(over_time, quantile);
            plot.partly(&xs, over_time.of(word), &alone, look, &format!("{name} {word}"))?;
        }
        plot.first(&xs, over_time.line("p99"))?;
    }
    plot.incidents(&results.incidents)?;
    plot.finish()
}
