//! Welch's plot of a series: its moving average, and where the warm-up ends.

use crate::experiment::output_analysis::OutputAnalysis;

use super::super::output_analysis::truncation;
use super::axis::{Axis, Unit};
use super::plot::{LEFT, Look, Plot};
use super::style::titled;
use super::{Drawn, Fault};

/// What its files are called.
pub(in super::super) const NAME: &str = "welch";
/// Of a longer line so many points are drawn: more than there are pixels across.
const POINTS: usize = 2_000;

/// Welch's plot.
pub fn chart(found: &OutputAnalysis) -> Drawn {
    Drawn { name: NAME.to_owned(), svg: draw(found) }
}

fn draw(found: &OutputAnalysis) -> Result<String, Fault> {
    let said = truncation(found);
    let of = match found.replications.len() {
        1 => String::new(),
        several => format!("the mean of {several} replications · "),
    };
    let window = 2 * found.window + 1;
    let how = format!("{of}moving average over {window} values · dashed: the end of the warm-up");
    titled(said.trim_end_matches('.'), &how, |sheet| {
        let points = points(&found.welch);
        let heights = points.iter().map(|(_, y)| *y);
        let low = heights.clone().fold(f64::INFINITY, f64::min);
        let high = heights.fold(f64::NEG_INFINITY, f64::max);
        let room = (high - low) / 20.0;
        let x = Axis::between(0.0, found.averages.len() as f64, Unit::Plain);
        let y = match low >= 0.0 {
            true => Axis::from_zero(high, Unit::Plain),
            false => Axis::between(low - room, high + room, Unit::Plain),
        };
        let ends = (if low >= 0.0 { 0.0 } else { low - room }, high + room);
        let mut plot = Plot::new(sheet, (x, "value"), (y, "moving average"), LEFT)?;
        let end = found.truncation.observations as f64;
        if found.truncation.converged && end > 0.0 {
            plot.rule((end, ends.0), (end, ends.1))?;
        }
        plot.line(&points, Look::of(0), Some("moving average"))?;
        plot.finish()
    })
}

/// The points of a line, counted from 1; of a long one some.
fn points(line: &[f64]) -> Vec<(f64, f64)> {
    let every = line.len().div_ceil(POINTS).max(1);
    let numbered = line.iter().enumerate().map(|(i, &y)| (i as f64 + 1.0, y));
    numbered.step_by(every).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::output_analysis::analyse;

    #[test]
    fn the_end_of_the_warm_up_is_in_the_title() {
        let series = (0..200).map(|i| if i < 40 { 9.0 } else { 4.0 + 2.0 * f64::from(i % 2) });
        let svg = draw(&analyse(&[("a".to_owned(), series.collect())], None)).unwrap();
        assert!(svg.contains("the first 40 values are left out"), "{svg}");
        assert!(svg.contains("over 21 values"), "{svg}");
    }

    #[test]
    fn no_series_is_too_strange_to_draw() {
        for series in [vec![1.0], vec![-1e300, 1e300], vec![0.0; 50], vec![f64::MAX; 100]] {
            let svg = draw(&analyse(&[(String::new(), series)], None)).unwrap();
            assert!(svg.contains("</svg>") && !svg.contains("NaN"));
        }
    }
}
