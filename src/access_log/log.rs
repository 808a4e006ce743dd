//! Access logs in Common and Combined format, as Apache, nginx and others write them:
//! `host ident user [time] "request" status size "referer" "agent"`.
//!
//! What follows the size is not read, so that both formats, and the many that add fields, are one.
//! What stands before the time need only be three words: a user's name may hold spaces, and a
//! virtual host's name may come first.

use std::borrow::Cow;

use super::clock::{self, Stamp};
use super::group::RequestName;
use super::lines::printable;
use super::{Parsed, Record};

/// Longer than any time in brackets, in bytes.
const LONGEST_TIME: usize = 32;

pub(super) fn parse(line: &[u8]) -> Parsed<'_> {
    match record(line) {
        Ok(record) => Parsed::Record(record),
        Err(why) => Parsed::Malformed(why),
    }
}

/// Whether the line goes on with a referer and an agent, as in the Combined format.
pub(super) fn is_combined(line: &[u8]) -> bool {
    line.iter().filter(|&&byte| byte == b'"').count() >= 6
}

fn record(line: &[u8]) -> Result<Record<'_>, &'static str> {
    let (client, stamp, rest) =
        at_time(line).ok_or("no time such as [17/May/2015:10:05:03 +0000]")?;
    if client.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).count() < 3 {
        return Err("no host, identity and user before the time");
    }
    let quoted = rest.trim_ascii_start().strip_prefix(b"\"").ok_or("no request in quotes")?;
    let (request, rest) = at_quote(quoted).ok_or("the quote around the request is not closed")?;
    let mut words = rest.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
    words.next().filter(|word| is_status(word)).ok_or("no status of three digits")?;
    let bytes = words.next().and_then(size).ok_or("no size in bytes")?;
    let asked = match unescaped(request) {
        Cow::Borrowed(request) => printable(request),
        Cow::Owned(request) => Cow::Owned(printable(&request).into_owned()),
    };
    Ok(Record { stamp, count: 1, bytes, asked: RequestName::Line(asked) })
}

/// Splits the line around the first time in brackets. A user may be called `[x]`, so it is the
/// first that is a time.
fn at_time(line: &[u8]) -> Option<(&[u8], Stamp, &[u8])> {
    let opening = line.iter().enumerate().filter(|&(_, &byte)| byte == b'[');
    opening.map(|(open, _)| (&line[..open], &line[open + 1..])).find_map(|(before, after)| {
        let close = after.iter().take(LONGEST_TIME).position(|&byte| byte == b']')?;
        let stamp = clock::log_time(&after[..close])?;
        Some((before, stamp, &after[close + 1..]))
    })
}

/// Splits at the quote that closes, which no backslash precedes.
fn at_quote(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut escaped = false;
    let close = text.iter().position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some((&text[..close], &text[close + 1..]))
}

/// Three digits, or `-` for a connection that ended before its answer.
fn is_status(word: &[u8]) -> bool {
    word == b"-" || (word.len() == 3 && word.iter().all(u8::is_ascii_digit))
}

fn size(word: &[u8]) -> Option<u64> {
    if word == b"-" {
        return Some(0);
    }
    let digits = word.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(word).ok().filter(|_| digits)?.parse().ok()
}

/// Undoes `\"`, `\\`, `\t` and `\x1f`; a backslash before anything else stands for itself.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
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

    #[track_caller]
    fn check(line: &str, request: &str, bytes: u64) {
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
        const T: &str = "[17/May/2015:10:05:03 +0000]";
        check(&format!(r#"::1 - - {T} "GET / HTTP/1.1" 200 512"#), "GET / HTTP/1.1", 512);
        check(
            &format!(r#"h - - {T} "GET / HTTP/1.1" 304 - "-" "curl \"8\"""#),
            "GET / HTTP/1.1",
            0,
        );
        check(&format!(r#"h - J. R. Hacker {T} "GET /x" 200 1"#), "GET /x", 1);
        check(&format!(r#"h - [x] {T} "GET /x" 200 1"#), "GET /x", 1);
        check(&format!(r#"shop.example:443 h - - {T} "GET /x" 200 1 "-" "-""#), "GET /x", 1);
        check(&format!(r#"h - - {T} "GET /a\"b\\ HTTP/1.1" 200 1"#), r#"GET /a"b\ HTTP/1.1"#, 1);
        check(&format!(r#"h - - {T} "GET /\xc3\xa9\q" 200 1"#), r"GET /é\q", 1);
        check(&format!(r#"h - - {T} "-" 408 0"#), "-", 0);
        check(&format!(r#"h - - {T} "" 400 0"#), "", 0);
        check(
            &format!(r#"h - - {T} "\x16\x03\x01" 400 226"#),
            "\u{FFFD}\u{3}\u{1}".replace(['\u{3}', '\u{1}'], "\u{FFFD}").as_str(),
            226,
        );
        check(&format!(r#"h - - {T} "GET /" - - "-" "agent that does not en"#), "GET /", 0);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        const T: &str = "[17/May/2015:10:05:03 +0000]";
        #[track_caller]
        fn check(line: &str, expect: &str) {
            let why = record(line.as_bytes()).expect_err(line);
            assert!(why.contains(expect), "{line}: {why}");
        }
        check("hello", "no time");
        check(r#"h - - [17/Mai/2015:10:05:03 +0000] "GET /" 200 1"#, "no time");
        check(&format!(r#"h {T} "GET /" 200 1"#), "no host");
        check(&format!("h - - {T} GET / 200 1"), "no request");
        check(&format!(r#"h - - {T} "GET / 200 1"#), "not closed");
        check(&format!(r#"h - - {T} "GET /\" 200 1"#), "not closed");
        check(&format!(r#"h - - {T} "GET /" 20 1"#), "no status");
        check(&format!(r#"h - - {T} "GET /" 200"#), "no size");
        check(&format!(r#"h - - {T} "GET /" 200 -5"#), "no size");
        check(&format!(r#"h - - {T} "GET /" 200 99999999999999999999"#), "no size");
    }
}
