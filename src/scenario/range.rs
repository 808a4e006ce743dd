//! Ranges: the quantities from one to another, in equal steps or at equal ratios.

use serde::{Deserialize, Serialize};

use crate::document::{At, Count, Problem, choice, quoted, record};
use crate::units::{Bytes, Quantity, Rate, Share, Span};

/// The most values of one axis.
pub(super) const MOST: usize = 100_000;

/// Significant digits of a value that steps lead to: what differs beyond is rounding.
const STEP_DIGITS: usize = 12;
/// Significant digits of a value between the ends of a range with `points`.
const POINT_DIGITS: usize = 4;

/// In what a quantity is counted, whatever its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// A plain number.
    Number,
    /// Durations (s).
    Seconds,
    /// Rates (1/s).
    PerSecond,
    /// Shares of one.
    Share,
    /// Sizes (bytes).
    Bytes,
}

choice! {
    /// How the points of a range lie.
    pub enum Spacing {
        /// At equal distances.
        Linear = "linear",
        /// At equal ratios.
        Log = "log",
    }
}

record! {
    /// Values from one to another: with `step`, or with `points` in all.
    pub struct RangeSpec {
        /// The first value, such as `100/s`.
        pub from: At<String>,
        /// The last value, unless `step` leaps over it.
        pub to: At<String>,
        /// From each value to the next.
        pub step: Option<At<String>>,
        /// How many values there are, the first and the last among them. Between whole numbers
        /// without a unit they are whole numbers too, each once.
        pub points: Option<At<Count>>,
        /// How they lie: `log` for equal ratios.
        pub scale: Spacing = "linear",
        /// What a value stands in, in the place of `_`, such as `poisson(_)`.
        pub r#as: Option<At<String>>,
    }
}

/// A value of a range.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// As it would be written.
    pub(super) text: String,
    /// In seconds, per second, bytes, or as it is.
    pub(super) value: f64,
    pub(super) dimension: Dimension,
}

/// A quantity in the unit that it was written in.
struct Amount<'a> {
    unit: &'a str,
    whole: bool,
    /// In the base unit of its dimension.
    value: f64,
    dimension: Dimension,
}

/// A quantity in the base unit of its dimension.
pub(super) fn measure(text: &str) -> Option<(f64, Dimension)> {
    let number = f64::parse(text).or_else(|| u64::parse(text).map(|number| number as f64));
    let share = || Share::parse(text).map(|share| (share.0, Dimension::Share));
    let rate = || Rate::parse(text).map(|rate| (rate.0, Dimension::PerSecond));
    let span = || Span::parse(text).map(|span| (span.secs(), Dimension::Seconds));
    let bytes = || Bytes::parse(text).map(|bytes| (bytes.0 as f64, Dimension::Bytes));
    let number = number.map(|number| (number, Dimension::Number));
    number.or_else(share).or_else(rate).or_else(span).or_else(bytes)
}

fn amount(written: &At<String>) -> Result<Amount<'_>, Problem> {
    let text = written.value.trim();
    let Some((value, dimension)) = measure(text) else {
        let title = format!("{} is not a quantity", quoted(text));
        let label = "expected a quantity such as 4, 100/s, 50ms, 20KiB or 10%";
        let problem = Problem::new(written.place, title, label);
        return Err(if text.contains('(') {
            problem.help("a range of what stands in brackets is written {from: 100/s, to: 400/s, step: 100/s, as: poisson(_)}")
        } else {
            problem
        });
    };
    let digits = |c: char| c.is_ascii_digit() || c == '.' || c == '_';
    let unit = text.trim_start_matches(digits);
    let whole = unit.is_empty() && !text.contains('.');
    Ok(Amount { unit, whole, value, dimension })
}

/// The values of a range, in order.
pub(super) fn steps(range: &RangeSpec) -> Result<Vec<Step>, Problem> {
    let (from, to) = (amount(&range.from)?, amount(&range.to)?);
    alike(&range.from, &from, &range.to, &to)?;
    if to.value < from.value {
        let label = "expected a value above the first";
        let problem = Problem::new(range.to.place, "the range runs backwards", label);
        return Err(problem.also(range.from.place, "the first"));
    }
    // Values are written in the unit of the first: so is all that is computed.
    let unit = measure(&format!("1{}", from.unit)).map_or(1.0, |(value, _)| value);
    let ends = (from.value / unit, to.value / unit);
    let (numbers, digits) = match (&range.step, &range.points) {
        (Some(step), None) => (by_step(range, step, ends, unit, &from)?, STEP_DIGITS),
        (None, Some(points)) => {
            let numbers = by_points(range, points, ends)?;
            let whole = from.whole && to.whole;
            let numbers = numbers.into_iter().map(|x| if whole { libm::round(x) } else { x });
            (numbers.collect(), if whole { STEP_DIGITS } else { POINT_DIGITS })
        }
        (Some(step), Some(points)) => {
            let label = "expected one of them";
            let problem = Problem::new(points.place, "a range has a step or points", label);
            return Err(problem.also(step.place, "the step"));
        }
        (None, None) => {
            let label = "expected a step or a number of points as well";
            return Err(Problem::new(range.from.place, "the range has no step", label)
                .help("such as {from: 100/s, to: 400/s, step: 50/s}, or {from: 1ms, to: 1s, points: 7, scale: log}"));
        }
    };
    let mut steps: Vec<Step> = Vec::new();
    for number in numbers {
        // The ends are as written, however few digits the others have.
        let is_end = number == ends.0 || number == ends.1;
        let number = rounded(number, if is_end { STEP_DIGITS } else { digits });
        let text = format!("{number}{}", from.unit);
        if steps.last().is_none_or(|last| last.text != text) {
            steps.push(Step { text, value: number * unit, dimension: from.dimension });
        }
    }
    Ok(steps)
}

fn alike(
    first: &At<String>,
    a: &Amount<'_>,
    other: &At<String>,
    b: &Amount<'_>,
) -> Result<(), Problem> {
    if a.dimension == b.dimension {
        return Ok(());
    }
    let title = format!("{} and {} are not of a kind", quoted(&first.value), quoted(&other.value));
    let label = "expected a quantity of the same kind as the first";
    Err(Problem::new(other.place, title, label).also(first.place, "the first"))
}

fn by_step(
    range: &RangeSpec,
    written: &At<String>,
    (from, to): (f64, f64),
    unit: f64,
    first: &Amount<'_>,
) -> Result<Vec<f64>, Problem> {
    if range.scale == Spacing::Log {
        let title = "a range with `scale: log` has points";
        let label = "expected `points` in the place of `step`";
        return Err(Problem::new(written.place, title, label));
    }
    let never = |label: &str| Problem::new(written.place, "this range never ends", label);
    if written.value.trim_start().starts_with('-') {
        return Err(never("expected a step above zero"));
    }
    let step = amount(written)?;
    alike(&range.from, first, written, &step)?;
    if step.value == 0.0 {
        return Err(never("expected a step above zero"));
    }
    let step = step.value / unit;
    let steps = libm::floor((to - from) / step + 1e-9);
    if steps >= MOST as f64 {
        return Err(too_many(written.place, "range"));
    }
    let count = steps as usize;
    let at = |i: usize| from + i as f64 * step;
    Ok((0..=count).map(at).collect())
}

/// A list or a range, whichever `what` is, has more values than there may be cells.
pub(super) fn too_many(place: crate::document::Place, what: &str) -> Problem {
    let label = format!("expected {MOST} values at most");
    Problem::new(place, format!("the {what} has too many values"), label)
}

fn by_points(
    range: &RangeSpec,
    points: &At<Count>,
    (from, to): (f64, f64),
) -> Result<Vec<f64>, Problem> {
    let count = usize::try_from(points.value.get()).unwrap_or(usize::MAX);
    if count > MOST {
        return Err(too_many(points.place, "range"));
    }
    if count == 1 {
        let label = "expected 2 at least: the first value and the last";
        return Err(Problem::new(points.place, "one point is no range", label));
    }
    let last = count - 1;
    let share = |i: usize| i as f64 / last as f64;
    let inner = |i: usize| match range.scale {
        Spacing::Linear => from + share(i) * (to - from),
        Spacing::Log => from * libm::pow(to / from, share(i)),
    };
    if range.scale == Spacing::Log && from == 0.0 {
        let label = "expected a value above zero";
        return Err(Problem::new(range.from.place, "no ratio leads away from zero", label));
    }
    let at = |i: usize| match i {
        0 => from,
        _ if i == last => to,
        _ => inner(i),
    };
    Ok((0..count).map(at).collect())
}

/// To this many significant digits.
fn rounded(value: f64, digits: usize) -> f64 {
    let decimals = digits - 1;
    format!("{value:.decimals$e}").parse().expect("a number that was just written can be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Problems, Read, Sources, parse};

    fn read(text: &str) -> Result<String, String> {
        let mut sources = Sources::new();
        let source = sources.add("test", text);
        let mut problems = Problems::new();
        let node = parse(source, &sources, &mut problems).expect("this is YAML");
        let range = RangeSpec::read(&node, &mut problems).expect("this is a range");
        let texts = |steps: Vec<Step>| {
            steps.into_iter().map(|step| step.text).collect::<Vec<_>>().join(" ")
        };
        steps(&range).map(texts).map_err(|problem| problem.title)
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(read(text).as_deref(), Ok(expect), "{text}");
    }

    #[test]
    fn a_step_leads_to_the_end_without_artefacts() {
        check("{from: 100/s, to: 400/s, step: 100/s}", "100/s 200/s 300/s 400/s");
        check("{from: 0, to: 0.3, step: 0.1}", "0 0.1 0.2 0.3");
        check("{from: 1, to: 6, step: 2}", "1 3 5");
        check("{from: 500ms, to: 2s, step: 0.5s}", "500ms 1000ms 1500ms 2000ms");
        check("{from: 10%, to: 30%, step: 10%}", "10% 20% 30%");
        check("{from: 1k/s, to: 2k/s, step: 500/s}", "1k/s 1.5k/s 2k/s");
        check("{from: 3, to: 3, step: 1}", "3");
    }

    #[test]
    fn points_lie_at_equal_distances_or_ratios() {
        check("{from: 1, to: 64, points: 7, scale: log}", "1 2 4 8 16 32 64");
        check("{from: 1, to: 4, points: 6, scale: log}", "1 2 3 4");
        check("{from: 1ms, to: 1s, points: 4, scale: log}", "1ms 10ms 100ms 1000ms");
        check("{from: 10/s, to: 1k/s, points: 5, scale: log}", "10/s 31.62/s 100/s 316.2/s 1000/s");
        check("{from: 1.0, to: 2, points: 3}", "1 1.5 2");
        check("{from: 12.3456789s, to: 20s, points: 2}", "12.3456789s 20s");
    }

    #[test]
    fn every_value_can_be_read_back() {
        for (text, unit) in [("{from: 7us, to: 3h, points: 50, scale: log}", "us")] {
            for value in read(text).expect("a range").split(' ') {
                assert!(value.ends_with(unit) && measure(value).is_some(), "{value}");
            }
        }
    }

    #[test]
    fn a_range_that_never_ends_is_refused() {
        for (text, title) in [
            ("{from: 1, to: 5, step: 0}", "this range never ends"),
            ("{from: 1, to: 5, step: -1}", "this range never ends"),
            ("{from: 5, to: 1, step: 1}", "the range runs backwards"),
            ("{from: 1, to: 5s, step: 1}", "\"1\" and \"5s\" are not of a kind"),
            ("{from: 1s, to: 5s, step: 1}", "\"1s\" and \"1\" are not of a kind"),
            ("{from: 0, to: 5, points: 3, scale: log}", "no ratio leads away from zero"),
            ("{from: 1, to: 5, step: 1, scale: log}", "a range with `scale: log` has points"),
            ("{from: 1, to: 5, step: 1, points: 2}", "a range has a step or points"),
            ("{from: 1, to: 5}", "the range has no step"),
            ("{from: 1, to: 5, points: 1}", "one point is no range"),
            ("{from: 0, to: 1, step: 0.000001}", "the range has too many values"),
            ("{from: 0, to: 1, points: 1M}", "the range has too many values"),
            ("{from: poisson(1/s), to: 1/s, points: 2}", "\"poisson(1/s)\" is not a quantity"),
        ] {
            assert_eq!(read(text), Err(title.to_owned()), "{text}");
        }
    }
}
