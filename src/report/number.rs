//! Numbers: for a file to the last bit that is the same everywhere, and what is said of several.

use crate::stats::Estimate;

pub(super) use crate::stats::reading::{
    NOTHING, Reading, count, percent, plain, seconds, share, with_unit,
};

/// `value` for a data file: ten significant digits, shortest form; empty for not-a-number.
pub fn number(value: f64) -> String {
    let value = rounded(value);
    match value.abs() {
        _ if value.is_nan() => String::new(),
        0.0 => "0".to_owned(),
        1e-5..1e16 => format!("{value}"),
        _ if value.is_infinite() => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

/// `value` to ten significant digits: what differs beyond is the order of additions.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.9e}").parse().expect("a number that was just written can be read")
}

/// Whether the intervals show that `a` is above `b`; where one of them is unknown they do not.
pub(super) fn is_above(a: &Estimate, b: &Estimate) -> bool {
    a.low() > b.high()
}

/// What stands behind a latency of those answered alone, where so many were not that the figure of
/// all requests is another.
pub(super) const OF_ANSWERED: &str = "*";

/// Whether errors exceed what a quantile leaves above it, so that it is of those answered alone.
pub(super) fn exceeds(errors: &Estimate, quantile: f64) -> bool {
    errors.mean > 1.0 - quantile
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_ten_digits_and_nothing_for_not_a_number() {
        for (value, expect) in [
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.3333333333"),
            (-0.0, "0"),
            (f64::NAN, ""),
            (f64::INFINITY, "inf"),
            (1_234_567_890_123.0, "1234567890000"),
            (2.5e-9, "2.5e-9"),
            (1e300, "1e300"),
        ] {
            assert_eq!(number(value), expect);
        }
    }
}
