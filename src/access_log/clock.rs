//! Calendar time as files write it: an access log's clock, ISO 8601, and dates without marks.
//!
//! *Invariant:* a moment is integer nanoseconds since 1970 in UTC, read digit by digit. Every day
//! has 86 400 seconds; a leap second is the first second of the next minute, as on servers' clocks.

use std::fmt;

use crate::units::Span;

const NANOS_PER_SEC: i64 = 1_000_000_000;
const SECS_PER_DAY: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A point of calendar time: nanoseconds since 1970-01-01 in UTC, from the year 1678 to 2262.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Moment(i64);

/// A moment, and how finely its writer was reading the clock.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Stamp {
    pub(super) at: Moment,
    pub(super) grain: Span,
}

impl Stamp {
    /// Whether the time of the day is told to the second at least.
    pub(super) fn is_to_the_second(self) -> bool {
        self.grain <= Span::from_secs(1)
    }
}

impl Moment {
    /// So many nanoseconds since 1970-01-01 in UTC.
    pub(super) const fn of_nanos(nanos: i64) -> Moment {
        Moment(nanos)
    }

    /// Nanoseconds since 1970-01-01 in UTC; negative before it.
    pub const fn nanos_since_1970(self) -> i64 {
        self.0
    }

    /// The length between two moments, whichever is the earlier.
    pub const fn apart(self, other: Moment) -> Span {
        Span::from_nanos(self.0.abs_diff(other.0))
    }

    /// Whether this can be a date that somebody meant, rather than seconds since a start.
    pub(super) fn is_a_date(self) -> bool {
        self.0 >= 100_000_000 * NANOS_PER_SEC
    }

    /// Written to so many digits of a second.
    fn stamp(self, digits: u32) -> Stamp {
        Stamp { at: self, grain: grain(NANOS_PER_SEC, digits) }
    }
}

/// What the last of so many decimals of this many nanoseconds is worth, a nanosecond at least:
/// fractions that are written are meant, `.000` too.
pub(super) fn grain(nanos: i64, digits: u32) -> Span {
    let parts = 10_i64.checked_pow(digits).unwrap_or(i64::MAX);
    Span::from_nanos((nanos / parts).max(1).unsigned_abs())
}

impl fmt::Display for Moment {
    /// `2015-05-17T10:05:03Z`, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.0.div_euclid(NANOS_PER_SEC);
        let (year, month, day) = civil_from_days(secs.div_euclid(SECS_PER_DAY));
        let secs = secs.rem_euclid(SECS_PER_DAY);
        let (hour, minute, second) = (secs / 3_600, secs / 60 % 60, secs % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Reads an access log's `17/May/2015:10:05:03 +0200`, also with a fraction of the second, with a
/// space before the hour, and with no zone.
pub(super) fn log_time(text: &[u8]) -> Option<Stamp> {
    let mut text = Cursor(text);
    let day = text.digits(2)?;
    text.expect(b'/')?;
    let name = text.take(3)?;
    let month = MONTHS.iter().position(|m| m.as_bytes().eq_ignore_ascii_case(name))?;
    text.expect(b'/')?;
    let days = days_from_civil(text.digits(4)?, i64::try_from(month).ok()? + 1, day)?;
    text.expect_any(b": ")?;
    let minutes = text.hour_and_minute()?;
    text.expect(b':')?;
    let second = text.digits(2).filter(|&second| second <= 60)?;
    let (nanos, digits) = text.decimals(b".,:")?;
    moment(days, minutes * 60 + second - text.zone()?, nanos).map(|at| at.stamp(digits))
}

/// Reads a date and time as calendars have it: in ISO 8601, or as logs write it.
pub(super) fn date_time(text: &[u8]) -> Option<Stamp> {
    iso_time(text).or_else(|| log_time(text))
}

/// `2015-05-17T10:05:03.123+02:00`, where `T` may be a space, what follows the date or the minute
/// may be missing, and no zone means UTC. Also `2015/05/17` and `17.05.2015`.
pub(super) fn iso_time(text: &[u8]) -> Option<Stamp> {
    let mut text = Cursor(text);
    let days = text.date()?;
    let written_to = |at: Moment, secs: u64| Stamp { at, grain: Span::from_secs(secs) };
    if text.0.is_empty() {
        return moment(days, 0, 0).map(|at| written_to(at, SECS_PER_DAY.unsigned_abs()));
    }
    text.expect_any(b"T t")?;
    let minutes = text.hour_and_minute()?;
    if text.expect(b':').is_none() {
        return moment(days, minutes * 60 - text.zone()?, 0).map(|at| written_to(at, 60));
    }
    let second = text.digits(2).filter(|&second| second <= 60)?;
    let (nanos, digits) = text.decimals(b".,")?;
    moment(days, minutes * 60 + second - text.zone()?, nanos).map(|at| at.stamp(digits))
}

/// `20240130`, `2024013021`, `202401302105` or `20240130210542`, from 1900 to 2100. No other number
/// that is a time looks so but seconds since a start of their own.
pub(super) fn digits_time(text: &[u8]) -> Option<Stamp> {
    let mut cursor = Cursor(text);
    let year = cursor.digits(4).filter(|year| (1900..=2100).contains(year))?;
    let month = cursor.digits(2)?;
    let days = days_from_civil(year, month, cursor.digits(2)?)?;
    let mut part = |most: i64| match cursor.0.is_empty() {
        true => Some(None),
        false => cursor.digits(2).filter(|&part| part <= most).map(Some),
    };
    let (hour, minute, second) = (part(23)?, part(59)?, part(60)?);
    let grain = match (hour, minute, second) {
        (None, ..) => SECS_PER_DAY,
        (_, None, _) => 3_600,
        (.., None) => 60,
        _ => 1,
    };
    let clock = hour.unwrap_or(0) * 3_600 + minute.unwrap_or(0) * 60 + second.unwrap_or(0);
    let at = moment(days, clock, 0).filter(|_| cursor.0.is_empty())?;
    Some(Stamp { at, grain: Span::from_secs(grain.unsigned_abs()) })
}

fn moment(days: i64, secs: i64, nanos: i64) -> Option<Moment> {
    let secs = days * SECS_PER_DAY + secs;
    secs.checked_mul(NANOS_PER_SEC)?.checked_add(nanos).map(Moment)
}

/// Days since 1970-01-01 in the Gregorian calendar; `None` if there is no such day. The year is
/// counted from March, so that the leap day is its last.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let year_from_march = if month <= 2 { year - 1 } else { year };
    let era = year_from_march.div_euclid(400);
    let year_of_era = year_from_march.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    // 31 April would come out as 1 May: a day that does not come back is no day.
    (civil_from_days(days) == (year, month, day)).then_some(days)
}

/// Year, month and day, `days` after 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// What is left to read of a time.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.expect_any(&[byte]).map(|_| ())
    }

    fn expect_any(&mut self, bytes: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        bytes.contains(&first).then(|| self.0 = rest)?;
        Some(first)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.take(count)?;
        digits.iter().try_fold(0, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0'))
        })
    }

    /// `10:05`, in minutes.
    fn hour_and_minute(&mut self) -> Option<i64> {
        let hour = self.digits(2).filter(|&hour| hour <= 23)?;
        self.expect(b':')?;
        let minute = self.digits(2).filter(|&minute| minute <= 59)?;
        Some(hour * 60 + minute)
    }

    /// `2015-05-17`, `2015/05/17` or `17.05.2015`, in days since 1970.
    fn date(&mut self) -> Option<i64> {
        if let [_, _, b'.', ..] = self.0 {
            let day = self.digits(2)?;
            self.expect(b'.')?;
            let month = self.digits(2)?;
            self.expect(b'.')?;
            return days_from_civil(self.digits(4)?, month, day);
        }
        let year = self.digits(4)?;
        let mark = self.expect_any(b"-/")?;
        let month = self.digits(2)?;
        self.expect(mark)?;
        days_from_civil(year, month, self.digits(2)?)
    }

    /// One of these `points` and the digits after it, in nanoseconds, and how many there are; finer
    /// ones are cut off. Nothing is a whole second.
    fn decimals(&mut self, points: &[u8]) -> Option<(i64, u32)> {
        if self.expect_any(points).is_none() {
            return Some((0, 0));
        }
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = self.take(count).filter(|digits| !digits.is_empty())?;
        let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        let nanos = padded.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
        Some((nanos, u32::try_from(count).unwrap_or(u32::MAX)))
    }

    /// The rest, as seconds east of Greenwich: nothing, `Z`, `UTC`, `+02`, `+0200` or `+02:00`.
    fn zone(&mut self) -> Option<i64> {
        let _ = self.expect(b' ');
        if [&b""[..], b"Z", b"z", b"UTC", b"GMT"].contains(&self.0) {
            return Some(0);
        }
        let sign = if self.expect_any(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2).filter(|&hours| hours <= 23)?;
        let _ = self.expect(b':');
        let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
        (self.0.is_empty() && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: Option<Stamp>, secs: i64, nanos: i64, grain: u64) {
        let at = Moment(secs * NANOS_PER_SEC + nanos);
        assert_eq!(read, Some(Stamp { at, grain: Span::from_nanos(grain) }));
    }

    #[test]
    fn a_log_s_clock_is_read_with_its_zone() {
        let s = 1_000_000_000;
        check(log_time(b"17/May/2015:10:05:03 +0000"), 1_431_857_103, 0, s);
        check(log_time(b"17/May/2015:12:05:03 +0200"), 1_431_857_103, 0, s);
        check(log_time(b"17/May/2015:05:35:03 -0430"), 1_431_857_103, 0, s);
        check(log_time(b"29/Feb/2016:00:00:00 +0000"), 1_456_704_000, 0, s);
        check(log_time(b"31/Dec/2016:23:59:60 +0000"), 1_483_228_800, 0, s);
        check(log_time(b"01/Jan/1970:00:00:00"), 0, 0, s);
        for bad in [
            "29/Feb/2015:00:00:00 +0000",
            "31/Apr/2015:00:00:00 +0000",
            "00/May/2015:00:00:00 +0000",
            "17/Mai/2015:10:05:03 +0000",
            "17/May/2015:24:05:03 +0000",
            "17/May/2015:10:05:61 +0000",
            "17/May/2015:10:05:03 0000",
            "17/May/2015:10:05:03 +00000",
            "17/May/9999:10:05:03 +0000",
            "17/May/2015",
            "",
        ] {
            assert_eq!(log_time(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn iso_dates_are_read_to_the_precision_that_is_written() {
        check(date_time(b"2015-05-17T10:05:03Z"), 1_431_857_103, 0, 1_000_000_000);
        check(date_time(b"2015-05-17 10:05:03"), 1_431_857_103, 0, 1_000_000_000);
        check(date_time(b"2015-05-17T12:05:03.123+02:00"), 1_431_857_103, 123_000_000, 1_000_000);
        check(date_time(b"2015-05-17 10:05:03.1234567891 UTC"), 1_431_857_103, 123_456_789, 1);
        check(date_time(b"2015-05-17T10:05Z"), 1_431_857_100, 0, 60_000_000_000);
        check(date_time(b"2015-05-17"), 1_431_820_800, 0, 86_400_000_000_000);
        for bad in ["2015-13-01", "2015-05-17T", "2015-05-17X10:05:03", "2015-05-17T10:05:03."] {
            assert_eq!(date_time(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn other_clocks_of_logs_and_other_dates_are_read() {
        let ms = 1_000_000;
        check(log_time(b"17/May/2015:10:05:03.125 +0000"), 1_431_857_103, 125 * ms, 1_000_000);
        check(log_time(b"17/May/2015 10:05:03"), 1_431_857_103, 0, 1_000_000_000);
        check(date_time(b"2015/05/17 10:05:03"), 1_431_857_103, 0, 1_000_000_000);
        check(date_time(b"17.05.2015 10:05"), 1_431_857_100, 0, 60_000_000_000);
        check(date_time(b"2015-05-17 10:05:03,500"), 1_431_857_103, 500 * ms, 1_000_000);
        assert_eq!([date_time(b"2015-05/17"), date_time(b"05/17/2015 10:05")], [None; 2]);
    }

    #[test]
    fn days_and_dates_are_inverse_for_four_centuries() {
        for days in -80_000..80_000 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), Some(days));
        }
        assert_eq!(Moment(1_431_857_103 * NANOS_PER_SEC).to_string(), "2015-05-17T10:05:03Z");
        assert_eq!(Moment(-1).to_string(), "1969-12-31T23:59:59Z");
    }
}
