//! What a student writes as an answer, and its unit.

use crate::units::{Quantity, Rate, Span, three_digits};

/// The unit of an answer. Numbers are kept in its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A time: the base is seconds, and a number without a unit is in milliseconds.
    Time,
    /// A share from 0 to 1.
    Share,
    /// A rate: the base is per second.
    Rate,
    /// A number of something.
    Count,
}

impl Unit {
    /// What a number without a unit is in.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Time => "ms",
            Unit::Share => "share from 0 to 1, or %",
            Unit::Rate => "/s",
            Unit::Count => "number",
        }
    }

    /// What to write, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Unit::Time => "a time such as 12.5ms or 0.2s, or a number of milliseconds such as 12.5",
            Unit::Share => "a share such as 12.5% or 0.125",
            Unit::Rate => "a rate such as 80/s, or a number per second such as 80",
            Unit::Count => "a number such as 2.5",
        }
    }

    /// Reads an answer, in the base of the unit.
    pub fn read(self, text: &str) -> Option<f64> {
        let text = text.trim();
        let number = f64::parse(text);
        match self {
            Unit::Time => {
                let of_millis = number.map(|millis| millis / 1e3);
                of_millis.or_else(|| Span::parse(text).map(Span::secs))
            }
            Unit::Share => {
                let percent = text.strip_suffix('%');
                number.or_else(|| percent.and_then(f64::parse).map(|percent| percent / 100.0))
            }
            Unit::Rate => number.or_else(|| Rate::parse(text).map(|rate| rate.0)),
            Unit::Count => number.or_else(|| u64::parse(text).map(|count| count as f64)),
        }
    }

    /// A value as an answer is written, to three significant digits.
    pub fn write(self, value: f64) -> String {
        match self {
            Unit::Time => Span::from_secs_f64(value).to_string(),
            Unit::Share => format!("{}%", three_digits(value * 100.0)),
            Unit::Rate => format!("{}/s", three_digits(value)),
            Unit::Count => three_digits(value),
        }
    }

    /// Factors by which an answer is wrong that was given in another unit, with what to say.
    pub(super) fn slips(self) -> &'static [(f64, &'static str)] {
        match self {
            Unit::Time => &[
                (1e3, "milliseconds were written as seconds"),
                (1e-3, "seconds were written as milliseconds"),
                (1e-6, "seconds were written as microseconds"),
            ],
            Unit::Share => &[(100.0, "a percentage was written without its %")],
            Unit::Rate => &[
                (1e-3, "a rate per millisecond was written as one per second"),
                (60.0, "a rate per minute was written as one per second"),
            ],
            Unit::Count => &[],
        }
    }
}
