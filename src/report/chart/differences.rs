//! What variants change: each figure of all requests together as a dot with its interval, as a
//! share of what it is in the first.

use plotters::prelude::{Rectangle, ShapeStyle, Text};
use plotters::style::text_anchor::HPos;

use crate::experiment::compare::{Comparison, Difference};
use crate::stats::Estimate;

use super::super::comparison::{method, sentence, title, told};
use super::super::label::shorten;
use super::axis::{Axis, Unit};
use super::plot::{Look, Plot};
use super::style::{FAINT, GREY, INK, Sheet, anchored, bold, px, titled, type_of};
use super::whisker::{ends_of, whisker};
use super::{Drawn, Fault};

/// What its files are called.
pub(in super::super) const NAME: &str = "differences";
/// The most lines that one chart can hold.
const LINES: usize = 22;
/// Room for the names beside the dots [px].
const NAMES: f64 = 250.0;

/// A line of the chart.
enum Line<'c> {
    Variant(&'c str),
    Figure(&'c Difference, Estimate),
}

/// The chart of a comparison.
pub fn chart(found: &Comparison) -> Drawn {
    Drawn { name: NAME.to_owned(), svg: draw(found) }
}

fn draw(found: &Comparison) -> Result<String, Fault> {
    let (lines, left_out) = lines(found);
    let first = shorten(&found.names[0], 40);
    let heading = match &found.names[1..] {
        [one] => format!("What {} changes of {first}", shorten(one, 40)),
        several => format!("What {} variants change of {first}", several.len()),
    };
    let mut how = format!("{} · whisker: all intervals together hold with 95%", method(found));
    if left_out > 0 {
        how += &format!(" · {left_out} figures left out");
    }
    titled(&heading, &how, |sheet| {
        if lines.is_empty() {
            return Ok(());
        }
        let (low, high) = extent(&lines);
        let x = (Axis::between(low, high, Unit::Percent), "more or less than in the first");
        let plot = Plot::new(sheet, x, (Axis::places(lines.len()), ""), NAMES)?;
        let count = lines.len() as f64;
        plot.rule((0.0, 0.0), (0.0, count))?;
        for (i, line) in lines.iter().enumerate() {
            row(line, count - i as f64 - 0.5, &plot, sheet)?;
        }
        plot.finish()
    })
}

/// What there is to show, and how many figures have no room.
fn lines(found: &Comparison) -> (Vec<Line<'_>>, usize) {
    let mut lines = Vec::new();
    let mut left_out = 0;
    for (name, differences) in found.names[1..].iter().zip(&found.differences) {
        let figures = told(differences).into_iter();
        let figures = figures.filter_map(|d| Some(Line::Figure(d, relative(d)?)));
        let figures: Vec<Line<'_>> = figures.collect();
        if lines.len() + 1 + figures.len() > LINES {
            left_out += figures.len();
        } else if !figures.is_empty() {
            lines.push(Line::Variant(name));
            lines.extend(figures);
        }
    }
    (lines, left_out)
}

/// How much more it is, as a share of what it is in the first; none if that is nothing.
fn relative(difference: &Difference) -> Option<Estimate> {
    let found = difference.corrected.unwrap_or(difference.difference);
    let whole = difference.first.mean.abs();
    let share = |value: f64| value / whole;
    let shares = Estimate {
        mean: share(found.mean),
        half_width: found.half_width.map(share),
        ends: found.ends.map(|ends| ends.map(share)),
        n: found.n,
    };
    shares.mean.is_finite().then_some(shares)
}

/// From the least to the greatest end of an interval, and zero.
fn extent(lines: &[Line<'_>]) -> (f64, f64) {
    let ends = lines.iter().filter_map(|line| match line {
        Line::Variant(_) => None,
        Line::Figure(_, share) => {
            let [low, high] = ends_of(share);
            Some((low, high))
        }
    });
    let (low, high) =
        ends.fold((0.0, 0.0), |(low, high): (f64, f64), (from, to)| (low.min(from), high.max(to)));
    let room = 0.05 * (high - low).max(0.02);
    (low - room, high + room)
}

fn row(line: &Line<'_>, middle: f64, plot: &Plot<'_, '_>, sheet: &Sheet<'_>) -> Result<(), Fault> {
    let (left, y) = plot.spot(f64::NEG_INFINITY, middle);
    let start = left - px(NAMES - 24.0);
    let write = |text: &str, x: i32, style| {
        sheet.draw(&Text::new(text.to_owned(), (x, y), anchored(style, HPos::Left)))
    };
    match line {
        Line::Variant(name) => {
            let (right, top) = plot.spot(f64::INFINITY, middle + 0.5);
            let bar = [(start, top), (right, top + px(1.0))];
            sheet.draw(&Rectangle::new(bar, ShapeStyle::from(FAINT).filled()))?;
            Ok(write(&shorten(name, 28), start, bold(12.0, INK))?)
        }
        Line::Figure(difference, share) => {
            write(&title(&difference.name), start + px(12.0), type_of(12.0, INK))?;
            whisker(share, middle, Look::of(0), plot, sheet)?;
            let edge = plot.spot(f64::INFINITY, middle).0 + px(14.0);
            let told = sentence(difference).0;
            Ok(write(&shorten(&told, 27), edge, type_of(12.0, GREY))?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::compare::Subject;
    use crate::units::Span;

    fn estimate(mean: f64, half_width: Option<f64>) -> Estimate {
        Estimate { half_width, n: 5, ..Estimate::point(mean) }
    }

    fn found(first: f64, more: Estimate) -> Comparison {
        let difference = Difference {
            subject: Subject::Total,
            name: "p99".to_owned(),
            unit: "s",
            first: estimate(first, Some(0.01)),
            this: estimate(first + more.mean, Some(0.01)),
            difference: more,
            corrected: Some(more),
            pairing: None,
        };
        Comparison {
            names: vec!["as it is".to_owned(), "other".to_owned()],
            seed: 1,
            replications: 5,
            planned: 5,
            duration: Span::from_secs(60),
            warmup: Span::ZERO,
            differences: vec![vec![difference]],
            family: 1,
        }
    }

    #[test]
    fn a_difference_is_a_share_of_the_first() {
        let found = found(0.2, estimate(-0.05, Some(0.01)));
        let share = relative(&found.differences[0][0]).unwrap();
        assert!((share.mean + 0.25).abs() < 1e-12);
        assert!((share.half_width.unwrap() - 0.05).abs() < 1e-12);
        let svg = draw(&found).unwrap();
        assert!(svg.contains("lower by 50"), "{svg}");
    }

    #[test]
    fn no_comparison_is_too_strange_to_draw() {
        for (first, more) in [(0.0, 0.1), (f64::NAN, f64::NAN), (1.0, 0.0), (1e-300, 1e9)] {
            for half_width in [None, Some(0.0), Some(f64::INFINITY)] {
                let svg = draw(&found(first, estimate(more, half_width))).unwrap();
                assert!(svg.contains("</svg>") && !svg.contains("NaN"), "{first} {more}");
            }
        }
    }
}
