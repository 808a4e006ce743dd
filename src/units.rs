//! Quantities as people write them: time, rates, bytes, shares and counts. One spelling each,
//! parsed exactly and printed back.
//!
//! *Invariant:* the clock is integer nanoseconds. A decimal such as `1.5s` is read digit by digit
//! and never passes through a floating-point number.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

const NANOS_PER_SEC: u64 = 1_000_000_000;

/// The longest duration that a scenario may state: 100 years. It keeps every sum on the clock far
/// from overflow.
pub const LONGEST: Span = Span::from_nanos(100 * 365 * 86_400 * NANOS_PER_SEC);

/// A point of simulated time, in nanoseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(u64);

/// A length of simulated time, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(u64);

impl Time {
    /// The start of the run.
    pub const ZERO: Time = Time(0);
    /// Later than anything that happens.
    pub const NEVER: Time = Time(u64::MAX);

    /// The time `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start.
    pub fn secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// How long since `earlier`; zero if that lies ahead.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A length of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Span {
        Span(nanos)
    }

    /// A length of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span(millis * 1_000_000)
    }

    /// A length of whole seconds.
    pub const fn from_secs(secs: u64) -> Span {
        Span(secs * NANOS_PER_SEC)
    }

    /// The nearest length to `secs` seconds. Negative and not-a-number give zero; a huge value
    /// gives the greatest length.
    pub fn from_secs_f64(secs: f64) -> Span {
        // `as` saturates and maps not-a-number to zero, which is what is promised.
        Span((secs * NANOS_PER_SEC as f64 + 0.5) as u64)
    }

    /// Length in nanoseconds.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Length in seconds.
    pub fn secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// What is left of this length when `other` is taken away; nothing if that is longer.
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }

    /// This length `factor` times over, rounded to a nanosecond.
    pub fn times(self, factor: f64) -> Span {
        Span((self.0 as f64 * factor + 0.5) as u64)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Time) -> Span {
        debug_assert!(earlier.0 <= self.0, "time runs forward");
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        debug_assert!(other.0 <= self.0, "a length is not negative");
        Span(self.0 - other.0)
    }
}

/// Events per second; finite and not negative.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Rate(pub f64);

/// A number of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Bytes(pub u64);

/// How fast data flows, in bits per second; above zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bandwidth(pub u64);

impl Bandwidth {
    /// How long `size` takes, rounded to a nanosecond.
    pub fn time_of(self, size: Bytes) -> Span {
        let bits = u128::from(size.0) * 8 * u128::from(NANOS_PER_SEC);
        let nanos = (bits * 2 + u128::from(self.0)) / (u128::from(self.0) * 2);
        Span(u64::try_from(nanos).unwrap_or(u64::MAX)).min(LONGEST)
    }
}

/// A share from 0 to 1, written as `10%` or `0.1`.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug, Default)]
pub struct Share(pub f64);

const SPAN_UNITS: [(&str, u64); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", NANOS_PER_SEC),
    ("min", 60 * NANOS_PER_SEC),
    ("h", 3_600 * NANOS_PER_SEC),
    ("d", 86_400 * NANOS_PER_SEC),
];

const BYTE_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

const BANDWIDTH_UNITS: [(&str, u64); 12] = [
    ("bit/s", 1),
    ("kbit/s", 1_000),
    ("Mbit/s", 1_000_000),
    ("Gbit/s", 1_000_000_000),
    ("Tbit/s", 1_000_000_000_000),
    ("B/s", 8),
    ("kB/s", 8_000),
    ("MB/s", 8_000_000),
    ("GB/s", 8_000_000_000),
    ("KiB/s", 8 << 10),
    ("MiB/s", 8 << 20),
    ("GiB/s", 8 << 30),
];

const COUNT_UNITS: [(&str, u64); 4] =
    [("", 1), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];

/// Splits `12.5ms` into its number and its unit. A sign is not part of a quantity.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end =
        text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// The decimal `number` times `unit`, exactly, rounding half up below one. `None` if it is not a
/// decimal or does not fit.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || !fraction.chars().all(|c| c.is_ascii_digit()) || fraction.len() > 18 {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let digits = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    let power = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = (u128::from(digits) * u128::from(unit) * 2 + power) / (power * 2);
    whole.checked_add(u64::try_from(part).ok()?)
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = split(text);
    let &(_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    scaled(number, factor)
}

/// A quantity that a person writes with its unit.
pub trait Quantity: Sized {
    /// What a reader would have to write, for messages: `a duration such as 250ms, 1.5s or 2min`.
    const EXPECTED: &'static str;
    /// The same as a regular expression, for an editor.
    const PATTERN: &'static str;
    /// Reads the quantity, or `None` if `text` is not one.
    fn parse(text: &str) -> Option<Self>;
}

impl Quantity for Span {
    const EXPECTED: &'static str =
        "a duration such as 250ms, 1.5s or 2min (ns, us, ms, s, min, h, d)";
    const PATTERN: &'static str = r"^[0-9_]+(\.[0-9]+)? ?(ns|us|ms|s|min|h|d)$|^0$";
    fn parse(text: &str) -> Option<Span> {
        if text.trim() == "0" {
            return Some(Span::ZERO);
        }
        let span = Span(with_unit(text, &SPAN_UNITS)?);
        (span <= LONGEST).then_some(span)
    }
}

impl Quantity for Rate {
    const EXPECTED: &'static str = "a rate such as 300/s, 40/min or 2k/h";
    const PATTERN: &'static str = r"^[0-9_]+(\.[0-9]+)?[kM]? ?/ ?([0-9_]+(\.[0-9]+)? ?)?(ms|s|sec|second|min|minute|h|hour|d|day)$";
    fn parse(text: &str) -> Option<Rate> {
        let (amount, per) = text.split_once('/')?;
        let (number, multiple) = split(amount);
        let &(_, multiple) = COUNT_UNITS.iter().find(|(name, _)| *name == multiple.trim())?;
        let number: f64 = number.replace('_', "").parse().ok()?;
        let rate = number * multiple as f64 * NANOS_PER_SEC as f64 / Rate::per(per.trim())?;
        // Faster than one event a nanosecond is beyond the clock.
        (rate <= 1e9).then_some(Rate(rate))
    }
}

impl Rate {
    /// The nanoseconds of what stands after the `/`: `s`, `hour` or `5min`.
    fn per(text: &str) -> Option<f64> {
        let (number, unit) = split(text);
        let unit = match unit.trim() {
            "sec" | "second" => "s",
            "minute" => "min",
            "hour" => "h",
            "day" => "d",
            unit => unit,
        };
        let &(_, nanos) = SPAN_UNITS.iter().find(|(name, _)| *name == unit)?;
        let number = if number.is_empty() { 1.0 } else { number.replace('_', "").parse().ok()? };
        Some(number * nanos as f64)
    }
}

impl Quantity for Bytes {
    const EXPECTED: &'static str = "a size such as 20KiB, 1.5MB or 512B";
    const PATTERN: &'static str = r"^[0-9_]+(\.[0-9]+)? ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$";
    fn parse(text: &str) -> Option<Bytes> {
        with_unit(text, &BYTE_UNITS).map(Bytes)
    }
}

impl Quantity for Bandwidth {
    const EXPECTED: &'static str = "a bandwidth above zero such as 100Mbit/s, 1Gbit/s or 20MB/s";
    const PATTERN: &'static str = r"^[0-9_]+(\.[0-9]+)? ?([kMGT]?bit|[kMG]?B|[KMG]iB)/s$";
    fn parse(text: &str) -> Option<Bandwidth> {
        with_unit(text, &BANDWIDTH_UNITS).filter(|&bits| bits > 0).map(Bandwidth)
    }
}

impl Quantity for Share {
    const EXPECTED: &'static str = "a share such as 10% or 0.1, from 0 to 1";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+)? ?%?$";
    fn parse(text: &str) -> Option<Share> {
        let (number, unit) = split(text);
        let number: f64 = number.parse().ok()?;
        let share = match unit {
            "%" => number / 100.0,
            "" => number,
            _ => return None,
        };
        (0.0..=1.0).contains(&share).then_some(Share(share))
    }
}

impl Quantity for u64 {
    const EXPECTED: &'static str = "a whole number such as 4, 250 or 10k";
    const PATTERN: &'static str = r"^[0-9_]+(\.[0-9]+)?[kMG]?$";
    fn parse(text: &str) -> Option<u64> {
        let (number, unit) = split(text);
        let &(_, factor) = COUNT_UNITS.iter().find(|(name, _)| *name == unit)?;
        if number.contains('.') {
            // 1.5k is a whole number, 1.5 and 1.0005k are not.
            let (_, fraction) = number.split_once('.')?;
            let fraction = fraction.trim_end_matches('0');
            if 10_u64.pow(u32::try_from(fraction.len()).ok().filter(|&n| n < 10)?) > factor {
                return None;
            }
        }
        scaled(number, factor)
    }
}

impl Quantity for f64 {
    const EXPECTED: &'static str = "a number from 0 such as 2 or 0.5";
    const PATTERN: &'static str = r"^[0-9]+(\.[0-9]+)?$";
    fn parse(text: &str) -> Option<f64> {
        let text = text.trim();
        let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_');
        text.replace('_', "").parse().ok().filter(|n: &f64| plain && n.is_finite())
    }
}

/// Writes `value` to three significant digits, without trailing zeros.
pub fn three_digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value:.0}");
    }
    let whole_digits = (libm::floor(libm::log10(value.abs())) as i32) + 1;
    let decimals =
        usize::try_from((3 - whole_digits).clamp(0, 12)).expect("a number from 0 to 12 fits");
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

impl fmt::Display for Span {
    /// Three significant digits in the unit that reads best: `42.5ms`, `1.2s`, `3min`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0 as f64;
        let long = self.0 >= 120 * NANOS_PER_SEC;
        let units = if long { &SPAN_UNITS[4..] } else { &SPAN_UNITS[..4] };
        let (unit, factor) =
            units.iter().rev().find(|(_, factor)| self.0 >= *factor).unwrap_or(&units[0]);
        if self.0 == 0 {
            return f.pad("0s");
        }
        f.pad(&format!("{}{unit}", three_digits(nanos / *factor as f64)))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", three_digits(self.0)))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", three_digits(self.0 * 100.0)))
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = &BANDWIDTH_UNITS[..5];
        let (unit, factor) =
            units.iter().rev().find(|(_, factor)| self.0 >= *factor).unwrap_or(&units[0]);
        f.pad(&format!("{}{unit}", three_digits(self.0 as f64 / *factor as f64)))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [BYTE_UNITS[0], BYTE_UNITS[5], BYTE_UNITS[6], BYTE_UNITS[7], BYTE_UNITS[8]];
        let (unit, factor) =
            units.iter().rev().find(|(_, factor)| self.0 >= *factor).unwrap_or(&units[0]);
        f.pad(&format!("{}{unit}", three_digits(self.0 as f64 / *factor as f64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<Q: Quantity + PartialEq + fmt::Debug>(text: &str, expect: Option<Q>) {
        assert_eq!(Q::parse(text), expect, "{text:?}");
    }

    #[test]
    fn durations_are_read_exactly() {
        check("250ms", Some(Span::from_millis(250)));
        check("1.5s", Some(Span::from_millis(1500)));
        check("2 min", Some(Span::from_secs(120)));
        check("0.1us", Some(Span::from_nanos(100)));
        check("0", Some(Span::ZERO));
        for bad in ["100", "-1s", "1e3s", "ms", "", "1.2.3s", "1s2", "9999999999d", "200000h 1"] {
            check::<Span>(bad, None);
        }
    }

    #[test]
    fn rates_shares_counts_and_sizes_are_read() {
        check("300/s", Some(Rate(300.0)));
        check("60/min", Some(Rate(1.0)));
        check("1.5k/s", Some(Rate(1500.0)));
        check("12/hour", Some(Rate(12.0 / 3_600.0)));
        check("1/5min", Some(Rate(1.0 / 300.0)));
        for bad in ["300", "1/0s", "0/0s", "1/5", "1/", "1/5parsec"] {
            check::<Rate>(bad, None);
        }
        check::<Rate>("-3/s", None);
        check("10%", Some(Share(0.1)));
        check("0.25", Some(Share(0.25)));
        check::<Share>("110%", None);
        check("10k", Some(10_000_u64));
        check("1.5k", Some(1_500_u64));
        check::<u64>("1.5", None);
        check::<u64>("1.00005k", None);
        check::<u64>("-1", None);
        check("20KiB", Some(Bytes(20_480)));
        check("512B", Some(Bytes(512)));
        check::<Bytes>("512", None);
        check("100Mbit/s", Some(Bandwidth(100_000_000)));
        check("1.5 KiB/s", Some(Bandwidth(12_288)));
        for bad in ["0Mbit/s", "100", "100Mb/s", "100Mbit"] {
            check::<Bandwidth>(bad, None);
        }
        check("0.5", Some(0.5_f64));
        check::<f64>("inf", None);
    }

    #[test]
    fn quantities_print_as_they_are_read() {
        for text in ["250ms", "1.5s", "100ns", "42.5ms", "3min", "4h", "0s"] {
            let span = Span::parse(text).unwrap_or(Span::ZERO);
            assert_eq!(span.to_string(), text);
        }
        assert_eq!(Rate(300.0).to_string(), "300/s");
        assert_eq!(Share(0.125).to_string(), "12.5%");
        assert_eq!(Bytes(20_480).to_string(), "20KiB");
        assert_eq!(Bandwidth(2_500_000_000).to_string(), "2.5Gbit/s");
    }

    #[test]
    fn data_takes_its_size_over_the_bandwidth_to_the_nearest_nanosecond() {
        let time = |bandwidth, size| Bandwidth(bandwidth).time_of(Bytes(size)).nanos();
        assert_eq!(time(1_000_000_000, 1500), 12_000);
        assert_eq!(time(3, 1), 2_666_666_667);
        assert_eq!(time(16_000_000_000, 1), 1, "half a nanosecond is one");
        assert_eq!(time(1, u64::MAX), LONGEST.nanos());
    }

    #[test]
    fn seconds_round_to_the_nearest_nanosecond_and_never_wrap() {
        assert_eq!(Span::from_secs_f64(1.000_000_000_6).nanos(), 1_000_000_001);
        assert_eq!(Span::from_secs_f64(-1.0), Span::ZERO);
        assert_eq!(Span::from_secs_f64(f64::NAN), Span::ZERO);
        assert_eq!(Time::NEVER + Span::from_secs(1), Time::NEVER);
    }
}
