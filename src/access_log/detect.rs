//! Which reader a file needs, from its first lines and from what a person says of it.

use super::columns::{Columns, Unclear};
use super::field::Field;
use super::lines::Line;
use super::report::Understood;
use super::said::{Misfit, Parsed, Record};
use super::table::{FIELDS, Table};
use super::template::{KNOWN, LogFormat};
use super::{Format, Wanted, json, log};

/// How many lines that are not blank are looked at.
pub(super) const LINES: usize = 20;

/// A reader of lines, one at a time.
pub(super) enum Reader {
    Log,
    Template(LogFormat),
    Json,
    Table(Table),
}

/// Why no reader was found.
#[derive(Debug)]
pub(super) enum NotFound {
    /// The file is of no known format; what is wrong with its first line as one of a log.
    Unknown(Option<(u64, Misfit)>),
    /// It is a table, and it is not certain how to read it.
    Unclear(Unclear),
}

impl Reader {
    pub(super) fn parse<'a>(&mut self, line: &'a Line) -> Parsed<'a> {
        if line.cut {
            return Parsed::Malformed(Misfit::new("the line is longer than 64KiB"));
        }
        match self {
            _ if line.is_blank() => Parsed::Blank,
            Reader::Log => log::parse(&line.bytes),
            Reader::Template(format) => format.parse_line(&line.bytes),
            Reader::Json => json_line(&line.bytes).into(),
            Reader::Table(table) => table.parse(&line.bytes),
        }
    }

    /// Whether a row is an interval, which lasts to the next.
    pub(super) fn are_intervals(&self) -> bool {
        matches!(self, Reader::Table(table) if table.columns.are_intervals)
    }
}

/// A line of JSON; what docker has wrapped is a line of JSON or of an access log itself.
fn json_line(line: &[u8]) -> Result<Record<'static>, Misfit> {
    let object = json::object(line).ok_or_else(|| Misfit::new("this is no object of JSON"))?;
    let Some(inner) = json::wrapped(&object) else { return json::record(&object) };
    if let Some(object) = json::object(inner.as_bytes()) {
        return json::record(&object);
    }
    match log::parse(inner.as_bytes()) {
        Parsed::Record(record) => Ok(Record { asked: record.asked.into_owned(), ..record }),
        Parsed::Malformed(misfit) => Err(misfit),
        _ => Err(Misfit::new("there is no line in it")),
    }
}

/// The reader of a file with these first lines, and what it makes of them.
pub(super) fn reader(head: &[Line], wanted: &Wanted) -> Result<(Reader, Understood), NotFound> {
    let lines: Vec<&[u8]> = head
        .iter()
        .filter(|line| !line.is_blank() && !line.cut)
        .map(|line| line.bytes.as_slice())
        .collect();
    let csv = |are_intervals| csv(&lines, are_intervals, wanted);
    match &wanted.format {
        Format::Auto => detect(head, &lines, wanted),
        Format::Common | Format::Combined => Ok((Reader::Log, log_fields(&wanted.format))),
        Format::Json => Ok(of_json(&lines)),
        Format::Extended => extended(&lines, wanted),
        Format::Written(format) => Ok(written("the format that is stated", format.clone())),
        Format::Timestamps => csv(Some(false)),
        Format::Counts => csv(Some(true)),
    }
}

/// The format in which at least half of the lines can be read, if there is one.
fn detect(
    head: &[Line],
    lines: &[&[u8]],
    wanted: &Wanted,
) -> Result<(Reader, Understood), NotFound> {
    let mostly = |parse: &dyn Fn(&[u8]) -> bool| {
        let read = lines.iter().filter(|line| parse(line)).count();
        read > 0 && 2 * read >= lines.len()
    };
    if wanted.columns != super::Named::default() {
        return csv(lines, None, wanted);
    }
    if lines.iter().any(|line| line.starts_with(FIELDS)) {
        return extended(lines, wanted);
    }
    let is_request = |record: &Record| !record.asked.is_garbled();
    if mostly(&|line| matches!(log::parse(line), Parsed::Record(record) if is_request(&record))) {
        let is_combined = lines.iter().any(|line| log::is_combined(line));
        let format = if is_combined { Format::Combined } else { Format::Common };
        return Ok((Reader::Log, log_fields(&format)));
    }
    for (name, text) in KNOWN {
        let format = LogFormat::parse(text).expect("the known formats are formats");
        if mostly(&|line| matches!(format.parse_line(line), Parsed::Record(_))) {
            return Ok(written(name, format));
        }
    }
    if mostly(&|line| json_line(line).is_ok()) {
        return Ok(of_json(lines));
    }
    csv(lines, None, wanted).map_err(|error| match error {
        NotFound::Unclear(Unclear::NoTable) => NotFound::Unknown(misfit(head)),
        error => error,
    })
}

/// What is wrong with the first line, as one of a log.
fn misfit(head: &[Line]) -> Option<(u64, Misfit)> {
    let first = head.iter().find(|line| !line.is_blank())?;
    let misfit = match json::object(&first.bytes) {
        Some(_) => json_line(&first.bytes).err()?,
        None => match log::parse(&first.bytes) {
            Parsed::Malformed(misfit) => misfit,
            _ => Misfit::new("no request such as \"GET / HTTP/1.1\""),
        },
    };
    Some((first.number, misfit))
}

fn csv(
    lines: &[&[u8]],
    are_intervals: Option<bool>,
    wanted: &Wanted,
) -> Result<(Reader, Understood), NotFound> {
    let columns = Columns::of_csv(lines, are_intervals, &wanted.columns);
    let columns = columns.map_err(NotFound::Unclear)?;
    let name = match (columns.are_intervals, columns.only) {
        (true, _) => "table of intervals",
        (false, Some(_)) => "metrics of k6",
        (false, None) => "table of requests",
    };
    let understood = Understood::of_columns(name, &columns);
    Ok((Reader::Table(Table::new(columns)), understood))
}

fn extended(lines: &[&[u8]], wanted: &Wanted) -> Result<(Reader, Understood), NotFound> {
    let fields = lines.iter().find_map(|line| line.strip_prefix(FIELDS)).unwrap_or_default();
    let columns = Columns::of_extended(lines, fields, &wanted.columns);
    let columns = columns.map_err(NotFound::Unclear)?;
    let understood = Understood::of_columns("log in W3C's extended format", &columns);
    Ok((Reader::Table(Table::new(columns)), understood))
}

fn written(name: &str, format: LogFormat) -> (Reader, Understood) {
    let mut understood = Understood::new(name);
    for (field, name) in format.fields() {
        match field {
            Some(field) if field != Field::Status => understood.uses(field, &format!("${name}")),
            _ => understood.unused.push(format!("${name}")),
        }
    }
    (Reader::Template(format), understood)
}

fn log_fields(format: &Format) -> Understood {
    let mut understood = Understood::new(format.name());
    for (field, what) in [
        (Field::Time, "the time"),
        (Field::Request, "the request line"),
        (Field::Bytes, "the size"),
        (Field::User, "the address"),
    ] {
        understood.uses(field, what);
    }
    understood.unused = ["the status", "what else a line holds"].map(str::to_owned).to_vec();
    understood
}

fn of_json(lines: &[&[u8]]) -> (Reader, Understood) {
    let object =
        lines.iter().find(|line| json_line(line).is_ok()).and_then(|line| json::object(line));
    let inner = object.as_ref().and_then(|object| json::wrapped(object));
    let understood = match (inner, object.as_ref()) {
        (Some(inner), _) if json::object(inner.as_bytes()).is_none() => {
            let is_combined = log::is_combined(inner.as_bytes());
            let format = if is_combined { Format::Combined } else { Format::Common };
            let mut understood = log_fields(&format);
            understood.format += ", wrapped by docker";
            understood
        }
        (inner, outer) => {
            let inner = inner.and_then(|inner| json::object(inner.as_bytes()));
            let mut understood = Understood::new("JSON lines");
            if let Some(object) = inner.as_ref().or(outer) {
                let (used, unused) = json::keys(object);
                used.iter().for_each(|(field, key)| understood.uses(*field, key));
                understood.unused = unused;
            }
            understood
        }
    };
    (Reader::Json, understood)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_log::Named;

    fn found(text: &str) -> Result<(Reader, Understood), NotFound> {
        let line = |text: &str| Line { number: 1, bytes: text.into(), cut: false };
        let head: Vec<Line> = text.lines().map(line).collect();
        reader(&head, &Wanted::default())
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let (reader, understood) = found(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let kind = if reader.are_intervals() { "intervals: " } else { "" };
        assert_eq!(kind.to_owned() + &understood.used_text(|_| true), expect, "{text}");
    }

    #[test]
    fn the_first_lines_tell_the_format() {
        let common = r#"h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 512"#;
        for text in [common.to_owned(), format!("{common}\ngarbage"), format!("x\n\n{common}")] {
            assert!(matches!(found(&text), Ok((Reader::Log, _))), "{text}");
        }
        check("second,requests\n0,1\n1,0", "intervals: times from second, counts from requests");
        check("0,1\n1,0", "intervals: times from 1, counts from 2");
        check("2015-05-17 10:05,17\n2015-05-17 10:06,3", "intervals: times from 1, counts from 2");
        check("t,x,count\n0,a,1", "intervals: times from t, counts from count");
        check("0.25\n1.5", "times from 1");
        check("timestamp\n2015-05-17T10:05:03Z", "times from timestamp");
        check("time,bytes\n0,512\n1,17", "times from time, sizes from bytes");
        check("id,time,type\n1,0.5,buy", "times from time, types from type");
        check("2015-05-17T10:05:03Z,GET,/", "times from 1, methods from 2, paths from 3");
        check("date,time,url\n2015-05-17,10:05:03,/a", "times from date and time, paths from url");
        check("a,url,when\n1,/,2015-05-17\n", "times from when, paths from url");
        check(
            "#Fields: date time cs-method cs-uri-stem\n2015-05-17 10:05:03 GET /",
            "times from date and time, methods from cs-method, paths from cs-uri-stem",
        );
    }

    #[test]
    fn tables_of_samples_are_no_requests() {
        check(
            "timestamp,value,label,notes\n2014-04-10 00:04:00,94,0,",
            "intervals: times from timestamp, counts from value",
        );
        check("Time;Hits\n2015-06-11T11:50:00Z;11", "intervals: times from Time, counts from Hits");
        check("t_ms,rps\n0,1.5\n", "intervals: times from t_ms, rates from rps");
        check(
            "Series,Time,Value\na,2015-06-11T11:50:00Z,11",
            "intervals: times from Time, counts from Value, types from Series",
        );
        check(
            "Timestamp,User Count,Type,Name,Requests/s,Failures/s\n1,9,GET,/a,2.5,0",
            "intervals: times from Timestamp, rates from Requests/s, methods from Type, paths from Name",
        );
        check(
            "metric_name,timestamp,metric_value,method,url\nhttp_reqs,1,1.0,GET,http://x/a",
            "times from timestamp, counts from metric_value, methods from method, paths from url",
        );
    }

    #[test]
    fn what_is_unclear_is_refused() {
        for text in [
            "Time;valA;valB\n2015-06-11T11:50:00Z;11;20",
            "timestamp,value\n1664827200,120.4",
            "timestamp,http_requests_total\n1664827200,120",
            "timestamp,active users\n1664827200,120",
            "time,latency_ms\n0,12",
            "time,cpu,mem\n0,1,2",
            "time,level,message\n2015-05-17T10:05:03Z,INFO,started",
            "0,1,2\n1,2,3",
            "when,requests,hits\nx,1,2",
        ] {
            let error = found(text).err();
            let is_unclear = matches!(error, Some(NotFound::Unclear(Unclear::Ambiguous { .. })));
            assert!(is_unclear, "{text}: {error:?}");
        }
    }

    #[test]
    fn anything_else_is_unknown() {
        for text in [
            "",
            "{\"time\": 1}\n{\"time\": 2}",
            "lorem ipsum\ndolor sit amet",
            "2019-12-22 00:02:19,397 [a1] INFO <<< Response code: 200",
            "2019-12-22 00:02:19 INFO \"user\" 200",
            "2022/10/03 21:59:42 [error] 1#1: *1 open() \"/x\" failed, client: 192.0.2.1, \
             request: \"GET /x HTTP/1.1\", host: \"h\"",
            "1.5\nx\ny\nz",
        ] {
            assert!(matches!(found(text), Err(NotFound::Unknown(_))), "{text}");
        }
    }

    #[test]
    fn what_is_said_of_columns_goes_before_their_names() {
        let line = |text: &str| Line { number: 1, bytes: text.into(), cut: false };
        let head: Vec<Line> = "Time;valA;valB\n0;11;20".lines().map(line).collect();
        let wanted = |columns| Wanted { columns, ..Wanted::default() };
        let named = Named { rate: Some("VALB".to_owned()), ..Named::default() };
        let (_, understood) = reader(&head, &wanted(named)).expect("all is clear");
        assert_eq!(understood.used_text(|_| true), "times from Time, rates from valB");
        let named = Named { count: Some("valC".to_owned()), ..Named::default() };
        let error = reader(&head, &wanted(named)).err();
        assert!(matches!(error, Some(NotFound::Unclear(Unclear::Unknown { .. }))), "{error:?}");
    }
}
