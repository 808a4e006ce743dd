//! How many requests wait in each component, window by window.

use crate::experiment::results::{Lines, Results};
use crate::units::three_digits;

use super::super::{label, number};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{self, LEFT, Look, Plot, drawn, greatest, is_smeared, peak, standing_out};
use super::style::{Sheet, chart, nothing};

/// The most components that one chart can hold.
const SHOWN: usize = 6;
/// A peak of fewer than this many waiting is called none.
const NEGLIGIBLE: f64 = 0.05;

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let highest = |s: &Lines| peak(s.of("queue")).map_or(f64::NAN, |(_, queue)| queue);
    let peaks: Vec<f64> = results.series.components.iter().map(highest).collect();
    let all = peaks.iter().filter(|peak| peak.is_finite()).count();
    let mut shown = greatest(peaks, SHOWN);
    let Some(&longest) = shown.first() else {
        return nothing(results, "There is no component in which requests could wait");
    };
    shown.sort_unstable();
    let title = finding(results, longest);
    let one = shown.iter().any(|&i| is_smeared(results.series.components[i].line("queue")));
    let one = if one { " · grey: the first replication" } else { "" };
    let how = format!(" · bands: 95% confidence{one}{}", drawn(shown.len(), all, "components"));
    chart(results, &title, &how, |sheet| lines(results, &shown, sheet))
}

fn finding(results: &Results, longest: usize) -> String {
    let series = &results.series;
    let component = &results.components[longest];
    match peak(series.components[longest].of("queue")) {
        Some((_, queue)) if queue >= NEGLIGIBLE => {
            let name = label::shorten(&component.name, 30);
            let mean = number::plain(&component.queue).value;
            let most = match standing_out(series.components[longest].of("queue")) {
                Some((at, queue)) => {
                    format!(", {} at {}", three_digits(queue), label::moment(series.starts[at]))
                }
                None => String::new(),
            };
            format!("Requests wait at {name}: {mean} on average{most}")
        }
        _ => "Hardly any request waits anywhere".to_owned(),
    }
}

fn lines(results: &Results, shown: &[usize], sheet: &Sheet<'_>) -> Result<(), Fault> {
    let series = &results.series;
    let high = plot::highest(shown.iter().flat_map(|&i| series.components[i].of("queue")));
    let first = shown.iter().map(|&i| series.components[i].line("queue"));
    let high = high.max(plot::highest_of_first(first));
    let y = (Axis::from_zero(high, Unit::Plain), "requests waiting, mean of each window");
    let mut plot = Plot::new(sheet, plot::clock(series), y, LEFT)?;
    let xs = plot::middles(series);
    for (k, &i) in shown.iter().enumerate() {
        let values = series.components[i].of("queue");
        plot.estimates(&xs, values, Look::of(k), &results.components[i].name)?;
        plot.first(&xs, series.components[i].line("queue"))?;
    }
    plot.incidents(&results.incidents)?;
    plot.finish()
}
