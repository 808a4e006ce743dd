//! What was sent and how it ended, per second.

use crate::experiment::results::Results;
use crate::units::three_digits;

use super::super::{label, number};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{self, LEFT, Look, Plot, is_smeared, standing_out};
use super::style::{GREY, Sheet, chart, nothing};

/// A share of errors below this is called none.
const NEGLIGIBLE: f64 = 0.000_5;
/// From this share of what was sent on, practically all is answered.
const NEARLY_ALL: f64 = 0.99;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let sent = results.series.total.of("arrival_rate");
    if !sent.iter().any(|e| e.mean.is_finite()) {
        return nothing(results, "Nothing was sent");
    }
    let first = is_smeared(results.series.total.line("failure_rate"));
    let first = if first { " · grey: failures of the first replication" } else { "" };
    let how = format!(" · bands: 95% confidence{first}");
    chart(results, &finding(results), &how, |sheet| lines(results, sheet))
}

fn finding(results: &Results) -> String {
    let series = &results.series;
    let sent = three_digits(results.total.arrival_rate.mean);
    let errors = &results.total.error_rate;
    let answered = &results.total.throughput;
    if errors.mean >= NEGLIGIBLE {
        let most = match standing_out(series.total.of("failure_rate")) {
            Some((at, worst)) => {
                let (worst, when) = (three_digits(worst), label::moment(series.starts[at]));
                format!(", the most at {when}: {worst}/s")
            }
            None => String::new(),
        };
        format!("{} of {sent} requests/s fail{most}", number::percent(errors).text())
    } else if answered.mean >= NEARLY_ALL * results.total.arrival_rate.mean {
        format!("Of {sent} requests/s practically all are answered well")
    } else {
        format!("Of {sent} requests/s {}/s are answered well", number::plain(answered).text())
    }
}

fn lines(results: &Results, sheet: &Sheet<'_>) -> Result<(), Fault> {
    let series = &results.series;
    let names = ["arrival_rate", "throughput", "failure_rate"];
    let [sent, answered, failed] = names.map(|name| series.total.of(name));
    let high = plot::highest(sent.iter().chain(answered).chain(failed));
    let high = high.max(plot::highest_of_first([series.total.line("failure_rate")].into_iter()));
    let y = Axis::from_zero(high, Unit::Plain);
    let mut plot = Plot::new(sheet, plot::clock(series), (y, "requests per second"), LEFT)?;
    let xs = plot::middles(series);
    let arrivals = Look { colour: GREY, marker: Some(3), width: 1.25 };
    plot.estimates(&xs, sent, arrivals, "sent")?;
    plot.estimates(&xs, answered, Look::of(0), "answered well")?;
    plot.estimates(&xs, failed, Look::of(1), "ended badly")?;
    plot.first(&xs, series.total.line("failure_rate"))?;
    plot.incidents(&results.incidents)?;
    plot.finish()
}
