//! Estimates as a person reads them: to the digits that the confidence interval justifies.

use super::Estimate;

/// A number this little below a power of ten is written as that power.
const ROUNDS_UP: f64 = 1.0005;

/// What stands where there is no number.
pub(crate) const NOTHING: &str = "–";

/// An estimate as a person reads it: `23.1 ms` and `± 0.4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The mean with its unit.
    pub(crate) value: String,
    /// The half-width in the same unit; empty where it is unknown.
    pub(crate) error: String,
}

impl Reading {
    /// Neither.
    pub(crate) fn blank() -> Reading {
        Reading { value: String::new(), error: String::new() }
    }

    /// Both in one text.
    pub(crate) fn text(&self) -> String {
        if self.error.is_empty() {
            self.value.clone()
        } else {
            format!("{} {}", self.value, self.error)
        }
    }
}

/// A duration (s), in the unit that reads best; `>267 ms` where that is all that is known of it.
pub(crate) fn seconds(estimate: &Estimate) -> Reading {
    if let Some(above) = estimate.known_above().filter(|above| *above > 0.0) {
        let value = format!(">{}", seconds(&Estimate::point(above)).value);
        return Reading { value, error: String::new() };
    }
    let (factor, unit) = match estimate.mean.abs() {
        0.0 => (1.0, " s"),
        x if x < 1e-6 => (1e9, " ns"),
        x if x < 1e-3 => (1e6, " µs"),
        x if x < 1.0 => (1e3, " ms"),
        _ => (1.0, " s"),
    };
    reading(estimate, factor, unit)
}

/// A share, 0 to 1, as a percentage.
pub(crate) fn percent(estimate: &Estimate) -> Reading {
    reading(estimate, 100.0, "%")
}

/// A number without a unit.
pub(crate) fn plain(estimate: &Estimate) -> Reading {
    reading(estimate, 1.0, "")
}

/// A number with a unit that stands behind it at once, such as `/s`.
pub(crate) fn with_unit(estimate: &Estimate, unit: &str) -> Reading {
    let Reading { value, error } = plain(estimate);
    let unit = if value == NOTHING { "" } else { unit };
    Reading { value: value + unit, error }
}

/// A known share, which reads `100%` or `0%` only if it is exactly that.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NOTHING.to_owned();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    if part < whole && percent >= 99.9995 {
        return ">99.999%".to_owned();
    }
    let least = if part < whole && percent >= 99.95 { 3 } else { 1 };
    let decimals =
        if part == 0 || part == whole { 0 } else { least.max(1 - magnitude(percent * 1.005)) };
    with_decimals(percent, decimals) + "%"
}

/// A count with its thousands set off.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

fn reading(estimate: &Estimate, factor: f64, unit: &str) -> Reading {
    let mean = estimate.mean * factor;
    if !mean.is_finite() {
        return Reading { value: NOTHING.to_owned(), error: String::new() };
    }
    let half_width = estimate.half_width.map(|width| width * factor).filter(|w| w.is_finite());
    let decimals = decimals(mean, half_width);
    let error = half_width.map_or(String::new(), |width| {
        // Not known to be nothing, so never rounded to nothing.
        let least = if width == 0.0 { 0.0 } else { libm::pow(10.0, -f64::from(decimals)) };
        let decimals = if width == 0.0 { 0 } else { decimals };
        format!("± {}", with_decimals(width.max(least), decimals))
    });
    // What is exactly nothing has no more digits for what it might have been.
    let decimals = if mean == 0.0 { 0 } else { decimals };
    Reading { value: with_decimals(mean, decimals) + unit, error }
}

/// One digit of the half-width, two if it begins with 1; three of the mean where there is none; and
/// never more than four of the mean.
fn decimals(mean: f64, half_width: Option<f64>) -> i32 {
    let digits = |n: i32| n - 1 - magnitude(mean);
    let wanted = match half_width {
        Some(width) if width > 0.0 => {
            let place = magnitude(width);
            let leads_with_one = width < 2.0 * libm::pow(10.0, f64::from(place));
            (i32::from(leads_with_one) - place).clamp(digits(1), digits(4))
        }
        _ if mean == 0.0 => 0,
        _ => digits(3),
    };
    wanted.clamp(0, 6)
}

/// The power of ten of the first digit.
fn magnitude(value: f64) -> i32 {
    if value == 0.0 { 0 } else { libm::floor(libm::log10(value.abs() * ROUNDS_UP)) as i32 }
}

fn with_decimals(value: f64, decimals: i32) -> String {
    if value.abs() >= 1e12 {
        return format!("{value:.2e}");
    }
    let decimals = usize::try_from(decimals).unwrap_or(0);
    grouped(&format!("{value:.decimals$}"))
}

/// `1234567.8` as `1,234,567.8`; four digits are left alone.
fn grouped(text: &str) -> String {
    let whole = text.find('.').unwrap_or(text.len());
    let mut out = String::new();
    for (i, c) in text.char_indices() {
        let left = whole.saturating_sub(i);
        let separate = i > 0 && left > 0 && left.is_multiple_of(3) && whole > 4;
        if separate && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(mean: f64, half_width: f64) -> Estimate {
        Estimate { half_width: Some(half_width), n: 10, ..Estimate::point(mean) }
    }

    #[test]
    fn the_half_width_decides_how_many_digits_a_person_sees() {
        for (mean, half_width, expect) in [
            (0.0231, 0.0004, "23.1 ms ± 0.4"),
            (0.0231, 0.0014, "23.1 ms ± 1.4"),
            (0.0231, 0.004, "23 ms ± 4"),
            (0.105, 0.09, "105 ms ± 90"),
            (1.5, 1e-9, "1.500 s ± 0.001"),
            (0.5, 0.0, "500 ms ± 0"),
            (0.000_042, 0.000_001, "42.0 µs ± 1.0"),
            (0.0, 0.0, "0 s ± 0"),
            (f64::NAN, 1.0, "–"),
        ] {
            assert_eq!(seconds(&about(mean, half_width)).text(), expect);
        }
        let above = Estimate::between(f64::NAN, [0.0231, f64::INFINITY]);
        assert_eq!(seconds(&above).text(), ">23.1 ms");
        assert_eq!(seconds(&Estimate::between(f64::NAN, [0.0, f64::INFINITY])).text(), "–");
        let alone = Estimate::point(1234.5);
        assert_eq!(plain(&alone).text(), "1234");
        assert_eq!(plain(&about(1e15, 1e14)).text(), "1.00e15 ± 1.00e14");
    }

    #[test]
    fn a_share_is_whole_only_if_it_is_exactly_that() {
        for (part, whole, expect) in [
            (0, 0, "–"),
            (0, 5, "0%"),
            (5, 5, "100%"),
            (991, 1000, "99.1%"),
            (999_990, 1_000_000, "99.999%"),
            (9_999_999, 10_000_000, ">99.999%"),
            (3, 1_000_000, "0.00030%"),
        ] {
            assert_eq!(share(part, whole), expect);
        }
    }

    #[test]
    fn thousands_are_set_off_from_five_digits() {
        assert_eq!(count(1234), "1234");
        assert_eq!(count(12_345_678), "12,345,678");
        assert_eq!(grouped("-123456.75"), "-123,456.75");
    }
}
