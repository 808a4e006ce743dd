//! A whole number that may vary: the requests of a batch, the length of a session, the rounds of
//! repeated steps.

use crate::document::{
    Argument, Definitions, Node, Problem, Problems, Read, call_syntax, quoted, scalar,
};
use crate::engine::{Dist, Stream};
use crate::units::Quantity;

/// A distribution over whole numbers from 1.
#[derive(Clone, Debug, PartialEq)]
pub enum Size {
    /// Always the same.
    Fixed(u32),
    /// Geometric from 1 with this mean: after each one, another follows by the same chance.
    Geometric(f64),
    /// Any whole number from the first to the second, all equally likely.
    Uniform(u32, u32),
}

/// The greatest number: a batch stands in memory.
const MOST: u64 = 10_000_000;

impl Size {
    /// Draws one number from `stream`.
    #[inline]
    pub fn draw(&self, stream: Stream) -> u32 {
        match *self {
            Size::Fixed(number) => number,
            Size::Geometric(mean) if mean > 1.0 => {
                // The whole part of an exponential is geometric from 0.
                let scale = -1.0 / libm::log1p(-1.0 / mean);
                let more = Dist::Exponential(scale).draw(&mut stream.draws());
                (more as u32).saturating_add(1)
            }
            Size::Geometric(_) => 1,
            Size::Uniform(low, high) => {
                low + stream.draws().below((high - low) as usize + 1) as u32
            }
        }
    }

    /// The exact mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Size::Fixed(number) => f64::from(number),
            Size::Geometric(mean) => mean,
            Size::Uniform(low, high) => f64::midpoint(f64::from(low), f64::from(high)),
        }
    }
}

const EXPECTED: &str = "a whole number from 1 such as 4, geometric(4) or uniform(2, 6)";

impl Read for Size {
    fn read(node: &Node, problems: &mut Problems) -> Option<Size> {
        let text = scalar(node, EXPECTED, problems)?;
        if let Some(number) = whole(text) {
            return Some(Size::Fixed(number));
        }
        let size = match call_syntax(text) {
            Some((name, arguments)) => called(name, &arguments),
            None => {
                problems.push(Problem::mismatch(node, EXPECTED));
                return None;
            }
        };
        if let Err(why) = &size {
            let title = format!("{} is not a whole number that varies", quoted(text));
            problems.push(Problem::new(node.place, title, why));
        }
        size.ok()
    }

    fn stand_in() -> Option<Size> {
        Some(Size::Fixed(1))
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "whole number from 1, fixed or drawn",
            "description": "`4`: always 4. `geometric(mean)`: from 1, with this mean. \
                            `uniform(low, high)`: all equally likely.",
            "type": ["string", "integer"],
            "minimum": 1,
        })
    }
}

fn whole(text: &str) -> Option<u32> {
    let number = u64::parse(text).filter(|number| (1..=MOST).contains(number));
    number.and_then(|number| u32::try_from(number).ok())
}

fn called(name: &str, arguments: &[Argument]) -> Result<Size, String> {
    let named = |argument: &Argument, name| argument.name.is_none_or(|given| given == name);
    match (name, arguments) {
        ("geometric", [mean]) if named(mean, "mean") => {
            let found = f64::parse(mean.text).filter(|mean| (1.0..=MOST as f64).contains(mean));
            let expected = || format!("expected a mean from 1 to {MOST} such as geometric(4)");
            found.map(Size::Geometric).ok_or_else(expected)
        }
        ("uniform", [low, high]) if named(low, "low") && named(high, "high") => {
            let bounds = whole(low.text).zip(whole(high.text)).filter(|(low, high)| low <= high);
            let expected = || format!("expected two whole numbers from 1 to {MOST}, in order");
            bounds.map(|(low, high)| Size::Uniform(low, high)).ok_or_else(expected)
        }
        _ => Err(format!("expected {EXPECTED}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample mean lies within 5 standard errors of the exact one, and so does the share of
    /// ones: a false alarm about once in 10^5 runs over fresh seeds.
    #[test]
    fn numbers_have_their_exact_mean_and_share_of_ones() {
        let n = 200_000;
        for (size, variance, ones) in [
            (Size::Fixed(3), 0.0, 0.0),
            (Size::Geometric(1.0), 0.0, 1.0),
            (Size::Geometric(4.0), 12.0, 0.25),
            (Size::Uniform(1, 5), 2.0, 0.2),
        ] {
            let stream = Stream::root(5, 0);
            let sample: Vec<u32> = (0..n).map(|i| size.draw(stream.at(i))).collect();
            let mean = sample.iter().map(|&x| f64::from(x)).sum::<f64>() / n as f64;
            let error = (variance / n as f64).sqrt();
            assert!((mean - size.mean()).abs() <= 5.0 * error, "{size:?}: {mean}");
            let share = sample.iter().filter(|&&x| x == 1).count() as f64 / n as f64;
            let error = (ones * (1.0 - ones) / n as f64).sqrt();
            assert!((share - ones).abs() <= 5.0 * error, "{size:?}: {share} ones");
        }
    }
}
