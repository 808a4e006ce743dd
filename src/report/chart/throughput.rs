//! What was sent and how it ended, per second.

use crate::experiment::results::{RequestSeries, Results};
use crate::stats::Estimate;
use crate::units::three_digits;

use super::super::{label, number};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{self, LEFT, Look, Plot, peak};
use super::style::{GREY, Sheet, chart, nothing};

/// A share of errors below this is called none.
const NEGLIGIBLE: f64 = 0.000_5;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let sent = sum(results, |s| &s.arrival_rate);
    if !sent.iter().any(|e| e.mean.is_finite()) {
        return nothing(results, "Nothing was sent");
    }
    let failed = sum(results, |s| &s.error_rate);
    let how = " · bands: 95% confidence, types taken as independent";
    chart(results, &finding(results, &failed), how, |sheet| lines(results, &sent, &failed, sheet))
}

fn finding(results: &Results, failed: &[Estimate]) -> String {
    let series = &results.series;
    let sent = three_digits(results.total.arrival_rate.mean);
    let errors = &results.total.error_rate;
    match peak(failed) {
        Some((at, worst)) if errors.mean >= NEGLIGIBLE => {
            let share = number::percent(errors).text();
            let (worst, when) = (three_digits(worst), label::moment(series.starts[at]));
            format!("{share} of {sent} requests/s fail, the most at {when}: {worst}/s")
        }
        _ => format!("Of {sent} requests/s practically all are answered well"),
    }
}

fn lines(
    results: &Results,
    sent: &[Estimate],
    failed: &[Estimate],
    sheet: &Sheet<'_>,
) -> Result<(), Fault> {
    let series = &results.series;
    let answered = sum(results, |s| &s.throughput);
    let high = plot::highest(sent.iter().chain(&answered).chain(failed));
    let y = Axis::from_zero(high, Unit::Plain);
    let mut plot = Plot::new(sheet, plot::clock(series), (y, "requests per second"), LEFT)?;
    let xs = plot::middles(series);
    let arrivals = Look { colour: GREY, marker: Some(3), width: 1.25 };
    plot.estimates(&xs, sent, arrivals, "sent")?;
    plot.estimates(&xs, &answered, Look::of(0), "answered well")?;
    plot.estimates(&xs, failed, Look::of(1), "ended badly")?;
    plot.finish()
}

/// The sum of all request types in each window. Half-widths add as those of independent figures.
fn sum(results: &Results, of: impl Fn(&RequestSeries) -> &Vec<Estimate>) -> Vec<Estimate> {
    let series = &results.series;
    let window = |i: usize| {
        let parts = series.requests.iter().map(|s| &of(s)[i]).filter(|e| e.mean.is_finite());
        let nothing = Estimate { mean: f64::NAN, half_width: None, n: 0 };
        parts.fold(nothing, |total, part| {
            if total.n == 0 && total.mean.is_nan() {
                return *part;
            }
            let both = total.half_width.zip(part.half_width);
            let half_width = both.map(|(a, b)| libm::sqrt(a * a + b * b));
            Estimate { mean: total.mean + part.mean, half_width, n: total.n.min(part.n) }
        })
    };
    (0..series.starts.len()).map(window).collect()
}
