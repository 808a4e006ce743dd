//! What was sent and how it ended, per second.

use crate::experiment::results::Results;
use crate::units::three_digits;

use super::super::{label, number};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{self, LEFT, Look, Plot, peak};
use super::style::{GREY, Sheet, chart, nothing};

/// A share of errors below this is called none.
const NEGLIGIBLE: f64 = 0.000_5;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let sent = results.series.total.of("arrival_rate");
    if !sent.iter().any(|e| e.mean.is_finite()) {
        return nothing(results, "Nothing was sent");
    }
    let how = " · bands: 95% confidence";
    chart(results, &finding(results), how, |sheet| lines(results, sheet))
}

fn finding(results: &Results) -> String {
    let series = &results.series;
    let sent = three_digits(results.total.arrival_rate.mean);
    let errors = &results.total.error_rate;
    match peak(series.total.of("failure_rate")) {
        Some((at, worst)) if errors.mean >= NEGLIGIBLE => {
            let share = number::percent(errors).text();
            let (worst, when) = (three_digits(worst), label::moment(series.starts[at]));
            format!("{share} of {sent} requests/s fail, the most at {when}: {worst}/s")
        }
        _ => format!("Of {sent} requests/s practically all are answered well"),
    }
}

fn lines(results: &Results, sheet: &Sheet<'_>) -> Result<(), Fault> {
    let series = &results.series;
    let names = ["arrival_rate", "throughput", "failure_rate"];
    let [sent, answered, failed] = names.map(|name| series.total.of(name));
    let high = plot::highest(sent.iter().chain(answered).chain(failed));
    let y = Axis::from_zero(high, Unit::Plain);
    let mut plot = Plot::new(sheet, plot::clock(series), (y, "requests per second"), LEFT)?;
    let xs = plot::middles(series);
    let arrivals = Look { colour: GREY, marker: Some(3), width: 1.25 };
    plot.estimates(&xs, sent, arrivals, "sent")?;
    plot.estimates(&xs, answered, Look::of(0), "answered well")?;
    plot.estimates(&xs, failed, Look::of(1), "ended badly")?;
    plot.finish()
}
