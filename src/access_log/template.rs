//! Logs in a format that is written out, in the words of nginx (`$remote_addr [$time_local]
//! "$request"`) or of Apache (`%h [%t] "%r"`), and well-known formats written so.
//!
//! A variable holds what stands before the text that follows it in the format. What a line holds
//! beyond the end of the format is not read.

use std::borrow::Cow;

use super::clock::{Stamp, date_time};
use super::field::{Field, rank, time_unit};
use super::log::{at_quote, is_status, unescaped};
use super::said::{Amount, Misfit, Parsed, Record, Said};
use super::writing::Writing;

/// A format, as parts that follow one another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LogFormat {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    Text(Vec<u8>),
    Variable(String),
}

/// Formats that other programs write: what a person calls them, and how they are written.
pub(super) const KNOWN: [(&str, &str); 4] = [
    (
        "HAProxy's HTTP log",
        "$syslog: $client_addr [$time_local] $frontend $backend $timers $status $bytes_sent \
         $request_cookie $response_cookie $termination $connections $queues \"$request\"",
    ),
    (
        "log of an AWS Application Load Balancer",
        "$protocol $time_iso8601 $balancer $client_addr $target $request_processing_time \
         $target_processing_time $response_processing_time $status $target_status \
         $received_bytes $bytes_sent \"$request\"",
    ),
    (
        "log of an AWS Classic Load Balancer",
        "$time_iso8601 $balancer $client_addr $backend $request_processing_time \
         $backend_processing_time $response_processing_time $status $backend_status \
         $received_bytes $bytes_sent \"$request\"",
    ),
    (
        "log of Nginx Proxy Manager",
        "[$time_local] $cache $upstream_status $status - $request_method $scheme $host \
         \"$request_uri\" [Client $remote_addr] [Length $body_bytes_sent]",
    ),
];

/// Apache's directives, as the variables that they are.
const DIRECTIVES: [(char, &str); 12] = [
    ('h', "remote_addr"),
    ('a', "remote_addr"),
    ('t', "bracketed_time"),
    ('r', "request"),
    ('s', "status"),
    ('b', "bytes_sent"),
    ('B', "bytes_sent"),
    ('O', "bytes_sent"),
    ('m', "request_method"),
    ('U', "request_uri"),
    ('l', "identity"),
    ('u', "remote_user"),
];

impl LogFormat {
    /// Reads a format. An error is what is wrong with it.
    pub fn parse(text: &str) -> Result<LogFormat, &'static str> {
        let mut format = LogFormat { text: text.to_owned(), parts: Vec::new() };
        let mut rest = text.trim();
        while let Some(first) = rest.chars().next() {
            rest = match first {
                '$' => format.variable(&rest[1..])?,
                '%' => format.directive(&rest[1..])?,
                _ => {
                    let end = rest.find(['$', '%']).unwrap_or(rest.len());
                    format.add_text(&rest[..end]);
                    &rest[end..]
                }
            };
        }
        let has_time = format.fields().any(|(field, _)| field == Some(Field::Time));
        match has_time {
            true => Ok(format),
            false => Err("it has no time, such as $time_local or $time_iso8601"),
        }
    }

    fn add_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(before)) => before.extend(text.bytes()),
            _ => self.parts.push(Part::Text(text.into())),
        }
    }

    fn add(&mut self, name: &str) -> Result<(), &'static str> {
        if let Some(Part::Variable(_)) = self.parts.last() {
            return Err("two variables stand side by side, with nothing to tell them apart");
        }
        self.parts.push(Part::Variable(name.to_owned()));
        Ok(())
    }

    /// `name` or `{name}`; returns what follows.
    fn variable<'t>(&mut self, text: &'t str) -> Result<&'t str, &'static str> {
        let (name, rest) = match text.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or("a brace is not closed")?,
            None => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
            }
        };
        self.add(name)?;
        Ok(rest)
    }

    /// `h`, `>s` or `{Referer}i`; returns what follows.
    fn directive<'t>(&mut self, text: &'t str) -> Result<&'t str, &'static str> {
        let text = text.trim_start_matches(['<', '>']);
        let (argument, text) = match text.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or("a brace is not closed")?,
            None => ("", text),
        };
        let letter = text.chars().next().ok_or("a `%` stands at the end")?;
        let rest = &text[letter.len_utf8()..];
        let known = DIRECTIVES.iter().find(|(known, _)| *known == letter);
        match (letter, known) {
            ('%', _) => self.add_text("%"),
            ('t', _) if argument.is_empty() => {
                self.add_text("[");
                self.add("time_local")?;
                self.add_text("]");
            }
            (_, Some((_, name))) if argument.is_empty() => self.add(name)?,
            _ => self.add("unknown")?,
        }
        Ok(rest)
    }

    /// What each variable tells, if anything, and what it is called.
    pub(super) fn fields(&self) -> impl Iterator<Item = (Option<Field>, &str)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some((field(name), name.as_str())),
            Part::Text(_) => None,
        })
    }

    pub(super) fn parse_line<'a>(&self, line: &'a [u8]) -> Parsed<'a> {
        self.record(line).into()
    }

    fn record<'a>(&self, line: &'a [u8]) -> Result<Record<'a>, Misfit> {
        const OTHERWISE: &str = "it is not as the format says";
        let (mut rest, mut stamp, mut said) = (line, None, Said::default());
        let misfit = |stamp: &Option<Stamp>, rest: &[u8]| match stamp {
            Some(_) => Misfit::at(OTHERWISE, rest),
            None => Misfit::new(OTHERWISE),
        };
        for (index, part) in self.parts.iter().enumerate() {
            let name = match part {
                Part::Text(text) => {
                    rest = rest.strip_prefix(&text[..]).ok_or_else(|| misfit(&stamp, rest))?;
                    continue;
                }
                Part::Variable(name) => name,
            };
            let text = match self.parts.get(index + 1) {
                Some(Part::Text(text)) => &text[..],
                _ => b" ",
            };
            let is_last = index + 1 == self.parts.len();
            let kind = field(name);
            if kind == Some(Field::Time) {
                let (read, after) = timed(rest, text, name).ok_or_else(|| misfit(&stamp, rest))?;
                (stamp, rest) = (Some(read), after);
                continue;
            }
            let end = end_of(rest, text).or(is_last.then_some(rest.len()));
            let end = end.ok_or_else(|| misfit(&stamp, rest))?;
            match kind {
                Some(kind @ (Field::Request | Field::Path)) => {
                    said.take(kind, unescaped(&rest[..end]))?;
                }
                Some(Field::Bytes) if !super::number::is_digits(&rest[..end]) => {}
                Some(Field::Status) if !is_status(&rest[..end]) => {
                    return Err(misfit(&stamp, rest));
                }
                Some(kind) => said.take(kind, Cow::Borrowed(&rest[..end]))?,
                None => {}
            }
            rest = &rest[end..];
        }
        let stamp = stamp.ok_or_else(|| Misfit::new("no time in it"))?;
        Ok(said.record(stamp, Amount::Count(1)))
    }
}

impl std::fmt::Display for LogFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a variable tells. A user's name is not asked for where there is an address.
fn field(name: &str) -> Option<Field> {
    use Field::{Bytes, Method, Path, Request, Status, Time, Type, User};
    let all = [Time, Request, Method, Path, Status, Bytes, User, Type];
    all.into_iter().find(|&field| rank(field, name).is_some())
}

/// Where the text of a variable ends: before `text`, at a quote that no backslash precedes.
fn end_of(rest: &[u8], text: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + rest[from..].windows(text.len()).position(|found| found == text)?;
        let closed =
            text[0] != b'"' || at_quote(&rest[..=at]).is_some_and(|(quoted, _)| quoted.len() == at);
        if closed {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Reads the time at the start of `rest`, which may hold the `text` after it itself.
fn timed<'a>(rest: &'a [u8], text: &[u8], name: &str) -> Option<(Stamp, &'a [u8])> {
    let writing = time_unit(name).map_or(Writing::Any, Writing::In);
    let ends = (0..=rest.len().min(64)).filter(|&end| end == rest.len() || rest[end] == text[0]);
    let read = |end: usize| {
        let time = &rest[..end];
        let stamp = date_time(time).or_else(|| writing.read(time))?;
        Some((stamp, &rest[end..]))
    };
    // The longest, as a date may stand without its zone.
    ends.filter_map(read).next_back()
}

#[cfg(test)]
mod tests {
    use super::super::group::RequestName;
    use super::*;

    #[track_caller]
    fn check(format: &str, line: &str, at: &str, request: RequestName<'_>, bytes: Option<u64>) {
        let format = LogFormat::parse(format).expect(format);
        let record = format.record(line.as_bytes()).expect(line);
        assert_eq!((record.stamp.at.to_string().as_str(), &record.asked), (at, &request), "{line}");
        assert_eq!(record.bytes, bytes, "{line}");
    }

    fn line(text: &str) -> RequestName<'_> {
        RequestName::Line(text.into())
    }

    const AT: &str = "2015-05-17T10:05:03Z";

    #[test]
    fn lines_are_read_as_a_format_of_nginx_says() {
        check(
            r#"$remote_addr - $remote_user [$time_local] $request_time "$request" $status $bytes_sent"#,
            r#"192.0.2.1 - a b [17/May/2015:10:05:03 +0000] 0.1 "GET /\"a HTTP/1.1" 200 7 "x""#,
            AT,
            line("GET /\"a HTTP/1.1"),
            Some(7),
        );
        check("$msec|${request_method}|$uri", "1431857103.123|PUT|/a b", AT, line("PUT /a"), None);
        check("$time_local $uri", "17/May/2015:12:05:03 +0200 /a", AT, line("GET /a"), None);
        check(
            "t=$time_ms;n=$endpoint",
            "t=1431857103000;n=buy",
            AT,
            RequestName::Name("buy".into()),
            None,
        );
        check(
            "$time_iso8601 done",
            "2015-05-17T10:05:03+00:00 done",
            AT,
            RequestName::Name("request".into()),
            None,
        );
    }

    #[test]
    fn lines_are_read_as_a_format_of_apache_says() {
        check(
            r#"%h %l %u %t "%r" %>s %b "%{Referer}i" %D"#,
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 7 "-" 125"#,
            AT,
            line("GET /a HTTP/1.1"),
            Some(7),
        );
    }

    #[test]
    fn well_known_formats_are_formats() {
        let lines = [
            r#"Nov 18 16:55:38 lb haproxy[42]: 192.0.2.4:2708 [17/May/2015:10:05:03.482] p~ c/s 0/0/1/656/657 200 4243 - - ---- 1/1/0/0/0 0/0 {a|b} "GET https://h/a HTTP/2.0""#,
            r#"h2 2015-05-17T10:05:03.356787Z app/x 192.0.2.1:62 - -1 -1 -1 301 - 498 4243 "GET https://h:443/a HTTP/2.0" "UA" - -"#,
            r#"2015-05-17T10:05:03.356787Z elb 192.0.2.1:62 10.0.0.1:80 0.1 0.2 0.3 200 200 0 4243 "GET https://h:443/a HTTP/1.1" "UA""#,
            r#"[17/May/2015:10:05:03 +0000] - 304 304 - GET https example.com "/a" [Client 192.0.2.1] [Length 4243] [Gzip -]"#,
        ];
        for ((name, format), text) in KNOWN.iter().zip(lines) {
            let format = LogFormat::parse(format).expect(name);
            let record = format.record(text.as_bytes()).expect(name);
            assert_eq!(record.stamp.at.to_string(), AT, "{name}");
            let RequestName::Line(request) = record.asked else { panic!("{name}") };
            assert!(request.contains("/a"), "{name}: {request}");
            assert!(record.bytes == Some(4243) && record.user.is_some(), "{name}");
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert!(LogFormat::parse("$request").is_err_and(|why| why.contains("no time")));
        assert!(LogFormat::parse("$time_local$request").is_err_and(|why| why.contains("side")));
        assert!(LogFormat::parse("${time_local").is_err_and(|why| why.contains("brace")));
        let format = LogFormat::parse("[$time_local] \"$request\" $status").expect("a format");
        let misfit = |line: &str| format.record(line.as_bytes()).expect_err(line);
        assert_eq!(misfit("secret").part, None);
        let part = misfit("[17/May/2015:10:05:03 +0000] GET /").part;
        assert_eq!(part.as_deref(), Some("] GET /"));
    }
}
