//! The distribution of latency: the share of requests that are slower, so that tails are visible.

use plotters::prelude::{Circle, PathElement, ShapeStyle};

use crate::experiment::results::{QUANTILES, RequestResult, Results};
use crate::stats::Histogram;

use super::super::label;
use super::super::number::{self, is_above};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{LEFT, Look, Plot, drawn, greatest};
use super::style::{Sheet, chart, nothing, px, stroke};

/// The most request types that one chart can hold.
const SHOWN: usize = 6;
/// Where p99 is among the quantiles.
const P99: usize = 2;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let answered = results.requests.iter().map(|r| r.histogram.count());
    let sizes: Vec<f64> = answered.map(|n| if n > 0 { n as f64 } else { f64::NAN }).collect();
    let p99 = |i: &usize| results.requests[*i].latency[P99].mean;
    // The slowest first, as the curves stand from the right.
    let mut all = greatest(sizes.iter().copied(), sizes.len());
    all.sort_by(|a, b| p99(b).total_cmp(&p99(a)));
    let mut shown = greatest(sizes, SHOWN);
    shown.sort_by(|a, b| p99(b).total_cmp(&p99(a)));
    let (Some(&slowest), Some(last)) = (all.first(), shown.len().checked_sub(1)) else {
        return nothing(results, "Nothing was answered, so there is no latency");
    };
    if !shown.contains(&slowest) {
        shown.remove(last);
        shown.insert(0, slowest);
    }
    let bar = if results.replications > 1 { " · bar: 95% confidence of p99" } else { "" };
    let how = format!("{bar}{}", drawn(shown.len(), all.len(), "request types"));
    chart(results, &finding(results, &all), &how, |sheet| curves(results, &shown, sheet))
}

/// What stands above the curves; `all` are the types answered, the slowest first. That one is the
/// slowest is said where the intervals show it.
fn finding(results: &Results, all: &[usize]) -> String {
    let of = |i: usize| &results.requests[i];
    let name = |i: usize| label::shorten(&label::requests(results)[i], 40);
    let latency = |i: usize| number::seconds(&of(i).latency[P99]).text();
    let failing = |i: &usize| number::exceeds(&of(*i).error_rate, QUANTILES[P99]);
    let errors = |i: usize| number::percent(&of(i).error_rate).text();
    match all {
        [only] if failing(only) => {
            let (name, errors, latency) = (name(*only), errors(*only), latency(*only));
            format!("{errors} of {name} have no answer; p99 of the others is {latency}")
        }
        [only] => format!("1 in 100 of {} takes longer than {}", name(*only), latency(*only)),
        _ if all.iter().any(failing) => {
            let total = &results.total;
            let errors = number::percent(&total.error_rate).text();
            let latency = number::seconds(&total.latency[P99]).text();
            format!("{errors} of all requests have no answer; p99 of the others is {latency}")
        }
        [slowest, next, ..] if is_above(&of(*slowest).latency[P99], &of(*next).latency[P99]) => {
            let (name, latency) = (name(*slowest), latency(*slowest));
            format!("{name} is the slowest: 1 in 100 takes longer than {latency}")
        }
        _ => format!("Latency of {} request types", all.len()),
    }
}

fn curves(results: &Results, shown: &[usize], sheet: &Sheet<'_>) -> Result<(), Fault> {
    let names = label::requests(results);
    let list: Vec<&Histogram> = shown.iter().map(|&i| &results.requests[i].histogram).collect();
    let most = list.iter().map(|h| h.count()).max().unwrap_or(1);
    let y = Axis::slower(1.0 / most as f64);
    let least = list.iter().filter_map(|h| h.quantile(0.01)).fold(f64::INFINITY, f64::min);
    let end = 1.0 - y.low();
    let greatest = list.iter().filter_map(|h| h.quantile(end)).fold(0.0, f64::max);
    let x = Axis::log(least, greatest, Unit::Seconds);
    let (left, right, bottom) = (x.low(), x.high(), y.low());
    let mut plot = Plot::new(
        sheet,
        (x, "latency"),
        (y, "share of the answered requests that are slower"),
        LEFT + 46.0,
    )?;
    for p in [QUANTILES[0], QUANTILES[2], QUANTILES[3]] {
        if 1.0 - p >= bottom {
            plot.rule((left, 1.0 - p), (right, 1.0 - p))?;
        }
    }
    for (&i, histogram) in shown.iter().zip(list) {
        // In the scenario's order, as in the chart over time.
        let look = Look::of(shown.iter().filter(|&&j| j < i).count());
        let points = slower(histogram, left, bottom);
        plot.line(&points, look, None)?;
        plot.key(&names[i], look);
        interval(&results.requests[i], &plot, look, sheet)?;
    }
    plot.finish()
}

/// The curve from all at the left to `least` or to the last request; thinned to what can be seen.
fn slower(histogram: &Histogram, left: f64, least: f64) -> Vec<(f64, f64)> {
    let count = histogram.count() as f64;
    let mut points = vec![(left, 1.0)];
    let mut seen = 0;
    for bucket in histogram.buckets() {
        seen += bucket.count;
        let (x, y) = (bucket.upper as f64 / 1e9, 1.0 - seen as f64 / count);
        let (last_x, last_y) = points[points.len() - 1];
        let from = bucket.lower as f64 / 1e9;
        if from > last_x * 1.01 {
            points.push((from, last_y));
        }
        if y < least {
            // The last request; a curve that had come down to it has said enough.
            if last_y > 2.0 * least {
                points.push((x, least));
            }
            break;
        }
        if x > last_x * 1.005 || y < last_y * 0.99 {
            points.push((x, y));
        }
    }
    points
}

/// The interval of p99 as a bar across the curve.
fn interval(
    result: &RequestResult,
    plot: &Plot<'_, '_>,
    look: Look,
    sheet: &Sheet<'_>,
) -> Result<(), Fault> {
    let p99 = &result.latency[P99];
    let Some(half_width) = p99.half_width.filter(|w| w.is_finite() && p99.mean.is_finite()) else {
        return Ok(());
    };
    let level = 1.0 - QUANTILES[P99];
    let [(from, y), (to, _)] = [-1.0, 1.0].map(|s| plot.spot(p99.mean + s * half_width, level));
    let cap = px(5.0);
    for path in
        [[(from, y), (to, y)], [(from, y - cap), (from, y + cap)], [(to, y - cap), (to, y + cap)]]
    {
        sheet.draw(&PathElement::new(path, stroke(look.colour, 2.5)))?;
    }
    let middle =
        Circle::new(plot.spot(p99.mean, level), px(2.0), ShapeStyle::from(look.colour).filled());
    Ok(sheet.draw(&middle)?)
}
