//! Access logs in Common and Combined format, as Apache, nginx and others write them:
//! `host ident user [time] "request" status size "referer" "agent"`.
//!
//! A line needs a time, then a request in quotes and a status after it, and may hold whatever else
//! beside them: the many formats that add fields, or begin with the time, are one with both.

use std::borrow::Cow;
use std::net::IpAddr;

use super::clock::{self, Stamp};
use super::field::Field;
use super::group::is_request_line;
use super::number;
use super::said::{Amount, Misfit, Parsed, Record, Said, user};

/// What stands before a text in quotes, that text, and what stands after it.
type Around<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Longer than any time in brackets, in bytes.
const LONGEST_TIME: usize = 40;

pub(super) fn parse(line: &[u8]) -> Parsed<'_> {
    record(line).into()
}

/// Whether the line goes on with a referer and an agent, as in the Combined format.
pub(super) fn is_combined(line: &[u8]) -> bool {
    line.iter().filter(|&&byte| byte == b'"').count() >= 6
}

fn record(line: &[u8]) -> Result<Record<'_>, Misfit> {
    let (before, stamp, rest) = at_time(line).ok_or_else(|| no_time(line))?;
    let (between, request, after) = at_request(rest)?;
    let mut words = after.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let status = words.next().filter(|word| is_status(word));
    if status.is_none() && !names_a_status(line) {
        return Err(Misfit::at("no status of three digits after the request", after));
    }
    let bytes = words.next().filter(|word| status.is_some() && number::is_digits(word));
    let mut said = Said::default();
    said.take(Field::Request, unescaped(request))?;
    said.take(Field::Bytes, Cow::Borrowed(bytes.unwrap_or_default()))?;
    let asker = asker(before, between).unwrap_or_default();
    Ok(Record { user: user(asker), ..said.record(stamp, Amount::Count(1)) })
}

/// Of a line with a request in it the place of the time is told.
fn no_time(line: &[u8]) -> Misfit {
    const WHY: &str = "no time such as [17/May/2015:10:05:03 +0000]";
    match at_request(line) {
        Ok((before, request, _)) if is_request_line(&String::from_utf8_lossy(request)) => {
            Misfit::at(WHY, before)
        }
        _ => Misfit::new(WHY),
    }
}

/// Splits the line around its time: the first in brackets, as a user may be called `[x]`, else a
/// date and time at its start.
fn at_time(line: &[u8]) -> Option<(&[u8], Stamp, &[u8])> {
    let opening = line.iter().enumerate().filter(|&(_, &byte)| byte == b'[');
    let mut bracketed = opening.map(|(open, _)| (&line[..open], &line[open + 1..])).filter_map(
        |(before, after)| {
            let close = after.iter().take(LONGEST_TIME).position(|&byte| byte == b']')?;
            let stamp = clock::date_time(&after[..close])?;
            Some((before, stamp, &after[close + 1..]))
        },
    );
    bracketed.next().or_else(|| {
        let spaces = line.iter().take(LONGEST_TIME).enumerate().filter(|(_, byte)| **byte == b' ');
        let mut starts = spaces.map(|(end, _)| line.split_at(end)).take(3);
        let dated = |(date, rest)| clock::iso_time(date).map(|stamp| (&line[..0], stamp, rest));
        // A date alone is no time yet.
        starts.find_map(|start| dated(start).filter(|(_, stamp, _)| stamp.is_to_the_second()))
    })
}

/// Splits `text` around the request: the first text in quotes that is a request line, else the
/// first, as a port scanner's is none.
fn at_request(text: &[u8]) -> Result<Around<'_>, Misfit> {
    let (mut first, mut from) = (None, 0);
    while let Some(open) = text[from..].iter().position(|&byte| byte == b'"') {
        let open = from + open;
        let Some((quoted, rest)) = at_quote(&text[open + 1..]) else { break };
        let found = (&text[..open], quoted, rest);
        if is_request_line(&String::from_utf8_lossy(quoted)) {
            return Ok(found);
        }
        first = first.or(Some(found));
        from = text.len() - rest.len();
    }
    match first {
        Some(found) => Ok(found),
        None if text.contains(&b'"') => {
            Err(Misfit::at("the quote around the request is not closed", text))
        }
        None => Err(Misfit::at("no request in quotes after the time", text)),
    }
}

/// Who asked: the first address on the line, else its first word.
fn asker<'a>(before: &'a [u8], between: &'a [u8]) -> Option<&'a [u8]> {
    let words = |text: &'a [u8]| text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    // `remote_addr=192.0.2.1` is an address too.
    let value = |word: &'a [u8]| word.rsplit(|&byte| byte == b'=').next().unwrap_or(word);
    let is_address =
        |word: &&[u8]| std::str::from_utf8(word).is_ok_and(|word| word.parse::<IpAddr>().is_ok());
    let mut values = words(before).chain(words(between)).map(value);
    values.find(is_address).or_else(|| words(before).next())
}

/// Whether a part of the line is called its status: `status=200`.
fn names_a_status(line: &[u8]) -> bool {
    let mut words = line.split(u8::is_ascii_whitespace);
    words.any(|word| word.strip_prefix(b"status=").is_some_and(is_status))
}

/// Splits at the quote that closes, which no backslash precedes.
pub(super) fn at_quote(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut escaped = false;
    let close = text.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some((&text[..close], &text[close + 1..]))
}

/// Three digits, or `-` or `-1` for a connection that ended before its answer.
pub(super) fn is_status(word: &[u8]) -> bool {
    word == b"-" || word == b"-1" || (word.len() == 3 && word.iter().all(u8::is_ascii_digit))
}

/// Undoes `\"`, `\\`, `\t` and `\x1f`; a backslash before anything else stands for itself.
pub(super) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let (byte, length) = if first == b'\\' { escape(after) } else { (first, 1) };
        plain.push(byte);
        rest = &rest[length..];
    }
    Cow::Owned(plain)
}

/// The byte that a backslash and `after` stand for, and their length together.
fn escape(after: &[u8]) -> (u8, usize) {
    let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    match after {
        [quoted @ (b'"' | b'\\'), ..] => (*quoted, 2),
        [b'n', ..] => (b'\n', 2),
        [b'r', ..] => (b'\r', 2),
        [b't', ..] => (b'\t', 2),
        [b'x', high, low, ..] => match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => (high * 16 + low, 4),
            _ => (b'\\', 1),
        },
        _ => (b'\\', 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_log::group::RequestName;

    const T: &str = "[17/May/2015:10:05:03 +0000]";

    #[track_caller]
    fn check(line: &str, request: &str, bytes: Option<u64>) {
        let record = record(line.as_bytes()).expect(line);
        assert_eq!(
            (record.asked, record.bytes),
            (RequestName::Line(request.into()), bytes),
            "{line}"
        );
        assert_eq!(record.stamp.at.to_string(), "2015-05-17T10:05:03Z", "{line}");
    }

    #[test]
    fn lines_as_servers_write_them_are_read() {
        check(&format!(r#"::1 - - {T} "GET / HTTP/1.1" 200 512"#), "GET / HTTP/1.1", Some(512));
        check(
            &format!(r#"h - - {T} "GET / HTTP/1.1" 304 - "-" "curl \"8\"""#),
            "GET / HTTP/1.1",
            None,
        );
        check(&format!(r#"h - J. R. Hacker {T} "GET /x" 200 1"#), "GET /x", Some(1));
        check(&format!(r#"h - [x] {T} "GET /x" 200 1"#), "GET /x", Some(1));
        check(&format!(r#"shop:443 h - - {T} "GET /x" 200 1 "-" "-""#), "GET /x", Some(1));
        check(
            &format!(r#"h - - {T} "GET /a\"b\\ HTTP/1.1" 200 1"#),
            r#"GET /a"b\ HTTP/1.1"#,
            Some(1),
        );
        check(&format!(r#"h - - {T} "GET /\xc3\xa9\q" 200 1"#), r"GET /é\q", Some(1));
        check(&format!(r#"h - - {T} "-" 408 0"#), "-", Some(0));
        check(&format!(r#"h - - {T} "" 400 0"#), "", Some(0));
        check(
            &format!(r#"h - - {T} "\x16\x03\x01" 400 226"#),
            "\u{FFFD}\u{3}\u{1}".replace(['\u{3}', '\u{1}'], "\u{FFFD}").as_str(),
            Some(226),
        );
        check(&format!(r#"h - - {T} "GET /" - - "-" "agent that does not en"#), "GET /", None);
    }

    #[test]
    fn fields_may_stand_anywhere_and_clocks_vary() {
        check(&format!(r#"h - - {T} 0 "GET /h HTTP/1.1" 200 26 "-""#), "GET /h HTTP/1.1", Some(26));
        check(&format!(r#"h - - {T} "GET / HTTP/1.1" 200 0.125 512"#), "GET / HTTP/1.1", None);
        check(&format!("{T}\th\tv\t0\t\"POST /a HTTP/1.1\" 200 -"), "POST /a HTTP/1.1", None);
        check(
            &format!(r#"{T} a=x status=200 request="GET /n HTTP/2.0" b="-""#),
            "GET /n HTTP/2.0",
            None,
        );
        check(r#"h - - [17/May/2015 10:05:03] "GET /" 200 -"#, "GET /", None);
        check(r#"h - - [17/May/2015:12:05:03.125 +0200] "GET /" 200 5"#, "GET /", Some(5));
        check(r#"2015-05-17T10:05:03Z h "GET /" 200 5"#, "GET /", Some(5));
        check(r#"2015-05-17 10:05:03,5 h "GET /" 200 5"#, "GET /", Some(5));
        check(&format!(r#"May 17 web nginx: h - - {T} "GET /" 200 5"#), "GET /", Some(5));
    }

    #[test]
    fn who_asked_is_the_first_address() {
        let asked = |line: &str| record(line.as_bytes()).expect(line).user;
        let here = user(b"192.0.2.1");
        assert!(here.is_some() && here == user(b"192.0.2.1:4711") && here != user(b"192.0.2.2"));
        for line in [
            format!(r#"192.0.2.1 - - {T} "GET /" 200 5"#),
            format!(r#"shop.example:443 192.0.2.1 - - {T} "GET /" 200 5"#),
            format!(r#"{T} up=x remote_addr=192.0.2.1 "GET /" 200 5"#),
        ] {
            assert_eq!(asked(&line), here, "{line}");
        }
        assert_eq!(asked(&format!(r#"host - - {T} "GET /" 200 5"#)), user(b"host"));
        assert_eq!(asked(&format!(r#"{T} "GET /" 200 5"#)), None);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_with_the_part_if_it_is_of_a_log() {
        #[track_caller]
        fn check(line: &str, why: &str, part: Option<&str>) {
            let misfit = record(line.as_bytes()).expect_err(line);
            assert!(misfit.why.contains(why), "{line}: {misfit:?}");
            assert_eq!(misfit.part.as_deref(), part, "{line}");
        }
        check("root:x:0:0:secret", "no time", None);
        check(r#"h "secret" 200"#, "no time", None);
        check(
            r#"h - - [17/Mai/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1"#,
            "no time",
            Some("h - - [17/Mai/2015:10:05:03 +0000]"),
        );
        check(&format!("h - - {T} GET / 200 1"), "no request", Some("GET / 200 1"));
        check(&format!(r#"h - - {T} "GET / 200 1"#), "not closed", Some("\"GET / 200 1"));
        check(&format!(r#"h - - {T} "GET /\" 200 1"#), "not closed", Some("\"GET /\\\" 200 1"));
        check(&format!(r#"h - - {T} "GET /" 20 1"#), "no status", Some("20 1"));
        let long = format!("h {T} {}", "é".repeat(500));
        let part = "é".repeat(39) + "…";
        check(&long, "no request", Some(&part));
    }
}
