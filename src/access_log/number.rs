//! Numbers as programs write them, and as spreadsheets do: with thousands apart, with a decimal
//! comma, or neither.

use std::borrow::Cow;

/// Why a number cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotPlain {
    /// It is none.
    No,
    /// `1.000` may be a thousand or one.
    Unclear,
}

/// A number with digits and a decimal point alone. Where the delimiter of a table is `;`, a comma
/// may be the decimal point and a point may set thousands apart: what can be either is unclear.
pub(super) fn plain(cell: &[u8], delimiter: u8) -> Result<Cow<'_, [u8]>, NotPlain> {
    if !cell.iter().any(|byte| b", '\xa0\xaf".contains(byte)) && delimiter != b';' {
        return Ok(Cow::Borrowed(cell));
    }
    let text = std::str::from_utf8(cell).map_err(|_| NotPlain::No)?;
    let text = grouped(text, &[' ', '\'', '\u{a0}', '\u{202f}']).ok_or(NotPlain::No)?;
    let count = |mark: char| text.matches(mark).count();
    let apart = |mark: char| grouped(&text, &[mark]).ok_or(NotPlain::No);
    let plain = match (count('.'), count(',')) {
        (0, 0) => text,
        (_, 0) | (0, _) => {
            let mark = if count('.') > 0 { '.' } else { ',' };
            let thousands = grouped(&text, &[mark]).filter(|_| !text.starts_with("0"));
            match thousands {
                Some(thousands) if count(mark) > 1 || (mark == ',' && delimiter == b',') => {
                    thousands
                }
                Some(_) if delimiter == b';' => return Err(NotPlain::Unclear),
                _ if count(mark) > 1 => return Err(NotPlain::No),
                _ => text.replace(mark, "."),
            }
        }
        (_, 1) if text.rfind(',') > text.rfind('.') => {
            let (whole, fraction) = text.rsplit_once(',').ok_or(NotPlain::No)?;
            grouped(whole, &['.']).ok_or(NotPlain::No)? + "." + fraction
        }
        (1, _) => {
            let (whole, fraction) = text.rsplit_once('.').ok_or(NotPlain::No)?;
            grouped(whole, &[',']).ok_or(NotPlain::No)? + "." + fraction
        }
        _ => apart('.')?,
    };
    Ok(Cow::Owned(plain.into_bytes()))
}

/// A text without these marks, if they set groups of three digits apart.
fn grouped(text: &str, marks: &[char]) -> Option<String> {
    let mut groups = text.split(marks);
    let first = groups.next()?;
    let mut whole = first.to_owned();
    let digits = |group: &str| group.bytes().take_while(u8::is_ascii_digit).count();
    for group in groups {
        // Decimals may follow the last group.
        let is_group =
            digits(group) == 3 && group[3..].chars().next().is_none_or(|c| ".,".contains(c));
        if !is_group || whole.is_empty() || digits(first) > 3 {
            return None;
        }
        whole.push_str(group);
    }
    Some(whole)
}

/// How many decimals a number has.
pub(super) fn decimals(number: &[u8]) -> u32 {
    let text = std::str::from_utf8(number).unwrap_or_default();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits = fraction as i64 - exponent.parse::<i64>().unwrap_or(0);
    u32::try_from(digits.max(0)).unwrap_or(u32::MAX)
}

/// Whether this is a whole number that is written with digits alone.
pub(super) fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.len() < 19 && text.iter().all(u8::is_ascii_digit)
}

/// Reads a whole number, written `12` or, by programs that know only decimals, `12.0`.
pub(super) fn whole_number(text: &[u8]) -> Option<u64> {
    let billionths = billionths(text)?;
    let whole = billionths % 1_000_000_000 == 0;
    u64::try_from(billionths / 1_000_000_000).ok().filter(|_| whole && billionths >= 0)
}

/// Reads a number from 0 up.
pub(super) fn number(text: &[u8]) -> Option<f64> {
    billionths(text).filter(|&number| number >= 0).map(|number| number as f64 / 1e9)
}

/// Reads a decimal such as `-1.5` or `2e-05` in billionths, exactly; what is finer is cut off.
pub(super) fn billionths(text: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    let (text, sign) = match text.strip_prefix('-') {
        Some(rest) => (rest, -1),
        None => (text, 1),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || whole.len() + fraction.len() > 36 || exponent.abs() > 36 {
        return None;
    }
    let mut value: i128 = 0;
    for digit in digits {
        value = value * 10 + i128::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    let shift = 9 + exponent - i32::try_from(fraction.len()).ok()?;
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    Some(
        sign * if shift >= 0 {
            value.checked_mul(power?)?
        } else {
            value / power.unwrap_or(i128::MAX)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_where_they_can_mean_one_thing() {
        use NotPlain::{No, Unclear};
        for (cell, delimiter, expect) in [
            ("1200", b',', Ok("1200")),
            ("12.125", b',', Ok("12.125")),
            ("1,200", b',', Ok("1200")),
            ("1,234,567.5", b',', Ok("1234567.5")),
            ("1 200", b',', Ok("1200")),
            ("12,5", b';', Ok("12.5")),
            ("1.234,5", b';', Ok("1234.5")),
            ("1.234.567", b';', Ok("1234567")),
            ("0.125", b';', Ok("0.125")),
            ("980", b';', Ok("980")),
            ("1.000", b';', Err(Unclear)),
            ("1,000", b';', Err(Unclear)),
            ("1,20,0", b',', Err(No)),
            ("1 20", b',', Err(No)),
        ] {
            let found = plain(cell.as_bytes(), delimiter);
            let found = found.map(|found| String::from_utf8_lossy(&found).into_owned());
            assert_eq!(found, expect.map(str::to_owned), "{cell}");
        }
    }

    #[test]
    fn whole_numbers_may_have_decimals_of_nothing() {
        assert_eq!(whole_number(b"12"), Some(12));
        assert_eq!(whole_number(b"12.0"), Some(12));
        assert_eq!([whole_number(b"-1"), whole_number(b"0.5"), whole_number(b"x")], [None; 3]);
        assert_eq!([number(b"1.5"), number(b"-1"), number(b"x")], [Some(1.5), None, None]);
    }
}
