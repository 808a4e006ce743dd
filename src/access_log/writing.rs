//! How the times of a file are written: as dates, as digits of a date alone, or as numbers in a
//! unit, which a name or their size tells.

use super::clock::{Moment, Stamp, date_time, digits_time, grain};
use super::number::{billionths, decimals};

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// The unit of times that are numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unit {
    nanos: i64,
}

impl Unit {
    /// The unit that is written so.
    pub(super) fn of(text: &str) -> Option<Unit> {
        let nanos = match text {
            "d" | "day" | "days" => 86_400 * NANOS_PER_SEC,
            "h" | "hour" | "hours" => 3_600 * NANOS_PER_SEC,
            "min" | "minute" | "minutes" => 60 * NANOS_PER_SEC,
            "s" | "sec" | "secs" | "second" | "seconds" => NANOS_PER_SEC,
            "ms" | "msec" | "millis" | "milliseconds" => 1_000_000,
            "us" | "usec" | "micros" | "microseconds" => 1_000,
            "ns" | "nanos" | "nanoseconds" => 1,
            _ => return None,
        };
        Some(Unit { nanos })
    }

    /// The unit of times like this: a number too great for seconds is milli-, micro- or
    /// nanoseconds.
    fn guess(billionths: i128) -> Unit {
        // In seconds these would be the years 5138, three million and three thousand million.
        let nanos = match billionths.unsigned_abs() / 1_000_000_000 {
            0..=100_000_000_000 => NANOS_PER_SEC,
            100_000_000_001..=100_000_000_000_000 => 1_000_000,
            100_000_000_000_001..=100_000_000_000_000_000 => 1_000,
            _ => 1,
        };
        Unit { nanos }
    }
}

/// How the times of a file are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Writing {
    /// As dates, or as numbers whose size tells their unit.
    #[default]
    Any,
    /// As dates, or as numbers in this unit.
    In(Unit),
    /// As digits of a date alone: `20240130`, with or without hours, minutes and seconds.
    Digits,
}

impl Writing {
    /// How these times are written, the first of a file: dates without marks if all are.
    pub(super) fn of<'a>(times: impl Iterator<Item = &'a [u8]>) -> Writing {
        let mut times = times.peekable();
        let is_digits = times.peek().is_some() && times.all(|time| digits_time(time).is_some());
        if is_digits { Writing::Digits } else { Writing::Any }
    }

    /// Reads a time.
    pub(super) fn read(self, text: &[u8]) -> Option<Stamp> {
        match self {
            Writing::Any => any_time(text),
            Writing::In(unit) => in_unit(text, unit).or_else(|| date_time(text)),
            Writing::Digits => digits_time(text),
        }
    }
}

/// Reads a date and time, or a number of seconds; a number too great for seconds is milli-, micro-
/// or nanoseconds.
fn any_time(text: &[u8]) -> Option<Stamp> {
    let number = billionths(text).and_then(|number| in_unit(text, Unit::guess(number)));
    number.or_else(|| date_time(text))
}

/// A number in this unit.
fn in_unit(text: &[u8], unit: Unit) -> Option<Stamp> {
    let per_unit = i128::from(NANOS_PER_SEC);
    let nanos = billionths(text)?.checked_mul(i128::from(unit.nanos))?.div_euclid(per_unit);
    let at = Moment::of_nanos(i64::try_from(nanos).ok()?);
    Some(Stamp { at, grain: grain(unit.nanos, decimals(text)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    #[track_caller]
    fn check(read: Option<Stamp>, secs: i64, nanos: i64, grain: u64) {
        let at = Moment::of_nanos(secs * NANOS_PER_SEC + nanos);
        assert_eq!(read, Some(Stamp { at, grain: Span::from_nanos(grain) }));
    }

    #[test]
    fn the_size_of_a_number_says_its_unit() {
        let s = 1_000_000_000;
        check(any_time(b"0"), 0, 0, s);
        check(any_time(b"1431857103"), 1_431_857_103, 0, s);
        check(any_time(b"1431857103.000"), 1_431_857_103, 0, 1_000_000);
        check(any_time(b"1431857103.5"), 1_431_857_103, 500_000_000, 100_000_000);
        check(any_time(b"1431857103123"), 1_431_857_103, 123_000_000, 1_000_000);
        check(any_time(b"1431857103123456"), 1_431_857_103, 123_456_000, 1_000);
        check(any_time(b"1431857103123456789"), 1_431_857_103, 123_456_789, 1);
        check(any_time(b"2e-05"), 0, 20_000, 10_000);
        check(any_time(b"-1.5"), -1, -500_000_000, 100_000_000);
        check(any_time(b"1e-30"), 0, 0, 1);
        for bad in ["", "-", ".", "1.2.3", "0x10", "1e", "1e99", "nan", "99999999999", "+ 1"] {
            assert_eq!(any_time(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_unit_that_is_named_is_meant() {
        let read = |text: &[u8], unit| Writing::In(Unit::of(unit).expect("a unit")).read(text);
        check(read(b"1500", "ms"), 1, 500_000_000, 1_000_000);
        check(read(b"1664827200000", "ms"), 1_664_827_200, 0, 1_000_000);
        check(read(b"2.5", "min"), 150, 0, 6_000_000_000);
        check(read(b"2015-05-17", "ms"), 1_431_820_800, 0, 86_400_000_000_000);
        assert_eq!(Unit::of("fortnight"), None);
    }

    #[test]
    fn dates_without_marks_are_dates_where_all_are() {
        let of = |times: &[&'static [u8]]| Writing::of(times.iter().copied());
        assert_eq!(of(&[b"20240130", b"20240131"]), Writing::Digits);
        assert_eq!(of(&[b"20240130", b"20240132"]), Writing::Any);
        assert_eq!(of(&[]), Writing::Any);
        let day = 1_706_572_800;
        check(Writing::Digits.read(b"20240130"), day, 0, 86_400_000_000_000);
        check(Writing::Digits.read(b"2024013021"), day + 75_600, 0, 3_600_000_000_000);
        check(Writing::Digits.read(b"20240130210542"), day + 75_942, 0, 1_000_000_000);
        for bad in ["2024013", "20240230", "2024013024", "202401302105421", "18990101"] {
            assert_eq!(Writing::Digits.read(bad.as_bytes()), None, "{bad}");
        }
    }
}
