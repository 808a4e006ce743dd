//! CSV files: timestamps, one request a line, or counts, one interval a line.
//!
//! A line is a record, so that a stray quote spoils one line and not the rest of the file; that is
//! why this does not go through a general CSV reader. Commas, semicolons and tabs are understood,
//! and lines that begin with `#` are comments.

use std::borrow::Cow;

use super::group::RequestName;
use super::lines::printable;
use super::{Parsed, Record, clock};

const TIME_NAMES: &[&str] = &["time", "timestamp", "ts", "at"];
const COUNT_NAMES: &[&str] = &["requests", "count", "hits", "n"];
const OTHER_NAMES: &[&str] = &["request", "type", "path", "method", "bytes"];

/// The type of requests in a file that names none.
const UNNAMED: &str = "request";

/// A reader of CSV lines; the first line tells it the columns.
pub(super) struct Table {
    counts: bool,
    columns: Option<Columns>,
}

/// Where in a line to find what.
#[derive(Default)]
pub(super) struct Columns {
    delimiter: u8,
    time: usize,
    count: Option<usize>,
    bytes: Option<usize>,
    request: Option<usize>,
    request_type: Option<usize>,
    method: Option<usize>,
    path: Option<usize>,
    /// How many there are.
    pub(super) width: usize,
    /// Whether the first line names them.
    pub(super) is_header: bool,
    /// Whether the first line names a column of times.
    pub(super) names_time: bool,
    /// Whether the first line names a column of counts.
    pub(super) names_count: bool,
}

impl Table {
    /// A reader of `counts`, else of timestamps.
    pub(super) fn new(counts: bool) -> Table {
        Table { counts, columns: None }
    }

    pub(super) fn columns(&self) -> Option<&Columns> {
        self.columns.as_ref()
    }

    pub(super) fn parse<'a>(&mut self, line: &'a [u8]) -> Parsed<'a> {
        if line.starts_with(b"#") {
            return Parsed::Blank;
        }
        if self.columns.is_none() {
            let Some(columns) = Columns::of_first_line(line) else {
                return Parsed::Malformed("a quote is not closed");
            };
            if self.columns.insert(columns).is_header {
                return Parsed::Header;
            }
        }
        let columns = self.columns.as_ref().expect("the first line has told the columns");
        match columns.record(line, self.counts) {
            Ok(record) => Parsed::Record(record),
            Err(why) => Parsed::Malformed(why),
        }
    }
}

impl Columns {
    fn of_first_line(line: &[u8]) -> Option<Columns> {
        let found = |byte: &u8| line.contains(byte);
        let delimiter = [b'\t', b';'].into_iter().find(found).unwrap_or(b',');
        let cells = cells(line, delimiter)?;
        let names: Vec<String> =
            cells.iter().map(|cell| printable(cell).trim().to_lowercase()).collect();
        let column = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let has_letters = line.iter().any(|byte| byte.is_ascii_alphabetic());
        let has_times = cells.iter().any(|cell| clock::any_time(cell).is_some());
        let known = [TIME_NAMES, COUNT_NAMES, OTHER_NAMES].concat();
        let time = column(TIME_NAMES).unwrap_or(0);
        let second = (0..cells.len()).find(|&other| other != time);
        Some(Columns {
            delimiter,
            time,
            count: column(COUNT_NAMES).or(second),
            bytes: column(&["bytes"]),
            request: column(&["request"]),
            request_type: column(&["type"]),
            method: column(&["method"]),
            path: column(&["path"]),
            width: cells.len(),
            is_header: column(&known).is_some() || (has_letters && !has_times),
            names_time: column(TIME_NAMES).is_some(),
            names_count: column(COUNT_NAMES).is_some(),
        })
    }

    /// Whether the first line names columns that only a file of single requests has.
    pub(super) fn names_a_request(&self) -> bool {
        [self.bytes, self.request, self.path, self.method].iter().any(Option::is_some)
    }

    fn record<'a>(&self, line: &'a [u8], counts: bool) -> Result<Record<'a>, &'static str> {
        let cells = cells(line, self.delimiter).ok_or("a quote is not closed")?;
        let cell = |column: usize| cells.get(column).map(Cow::as_ref).unwrap_or_default();
        let stamp = clock::any_time(cell(self.time)).ok_or("no time in the column of times")?;
        let asked = self.asked(&cells);
        if counts {
            let column = self.count.ok_or("no column of counts beside the times")?;
            let count =
                clock::whole_number(cell(column)).ok_or("the count is not a whole number")?;
            let count =
                u32::try_from(count).map_err(|_| "the count is beyond four thousand million")?;
            return Ok(Record { stamp, count, bytes: 0, asked });
        }
        let bytes = match self.bytes.map(cell) {
            None | Some(b"" | b"-") => 0,
            Some(bytes) => clock::whole_number(bytes).ok_or("the size is not a whole number")?,
        };
        Ok(Record { stamp, count: 1, bytes, asked })
    }

    /// A path without a method is taken for a `GET`.
    fn asked<'a>(&self, cells: &[Cow<'a, [u8]>]) -> RequestName<'a> {
        let text = |column: Option<usize>| column.and_then(|column| cells.get(column)).map(text);
        if let Some(line) = text(self.request) {
            return RequestName::Line(line);
        }
        if let Some(name) = text(self.request_type) {
            return RequestName::Name(name);
        }
        match (text(self.method), text(self.path)) {
            (Some(method), Some(path)) => RequestName::Line(Cow::Owned(format!("{method} {path}"))),
            (None, Some(path)) => RequestName::Line(Cow::Owned(format!("GET {path}"))),
            (Some(method), None) => RequestName::Name(method),
            (None, None) => RequestName::Name(Cow::Borrowed(UNNAMED)),
        }
    }
}

fn text<'a>(cell: &Cow<'a, [u8]>) -> Cow<'a, str> {
    match cell {
        Cow::Borrowed(cell) => printable(cell),
        Cow::Owned(cell) => Cow::Owned(printable(cell).into_owned()),
    }
}

/// The cells of a line, without the blanks around them. A cell in quotes may hold the delimiter,
/// and a quote twice. `None` if a quote is not closed.
pub fn cells(line: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.trim_ascii_start().strip_prefix(b"\"") {
            Some(quoted) => {
                let (cell, after) = quoted_cell(quoted)?;
                (cell, after.iter().position(|&byte| byte == delimiter).map(|at| &after[at + 1..]))
            }
            None => match rest.iter().position(|&byte| byte == delimiter) {
                Some(at) => (Cow::Borrowed(rest[..at].trim_ascii()), Some(&rest[at + 1..])),
                None => (Cow::Borrowed(rest.trim_ascii()), None),
            },
        };
        cells.push(cell);
        match after {
            Some(after) => rest = after,
            None => return Some(cells),
        }
    }
}

/// The cell up to the quote that closes it, and what follows.
fn quoted_cell(text: &[u8]) -> Option<(Cow<'_, [u8]>, &[u8])> {
    let mut from = 0;
    let mut plain: Vec<u8> = Vec::new();
    loop {
        let close = from + text[from..].iter().position(|&byte| byte == b'"')?;
        let after = &text[close + 1..];
        if !after.starts_with(b"\"") {
            let last = &text[from..close];
            let whole = plain.is_empty() && from == 0;
            plain.extend(last);
            return Some((if whole { Cow::Borrowed(last) } else { Cow::Owned(plain) }, after));
        }
        plain.extend(&text[from..=close]);
        from = close + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_split_as_spreadsheets_write_them() {
        #[track_caller]
        fn check(line: &str, expect: &[&str]) {
            let cells = cells(line.as_bytes(), b',').expect(line);
            let cells: Vec<Cow<'_, str>> = cells.iter().map(text).collect();
            assert_eq!(cells, expect, "{line}");
        }
        check("a, b ,c", &["a", "b", "c"]);
        check("", &[""]);
        check("a,", &["a", ""]);
        check(r#""a,b","c""d""#, &["a,b", "c\"d"]);
        check(r#""""","x""y""#, &["\"", "x\"y"]);
        check(r#""",b"#, &["", "b"]);
        assert_eq!(cells(b"\"a,b", b','), None);
    }

    fn parse_all(counts: bool, text: &str) -> Vec<String> {
        let mut table = Table::new(counts);
        let show = |line| match table.parse(line) {
            Parsed::Blank => "blank".to_owned(),
            Parsed::Header => "header".to_owned(),
            Parsed::Malformed(why) => why.to_owned(),
            Parsed::Record(Record { stamp, count, bytes, asked }) => {
                let at = stamp.at.nanos_since_1970() / 1_000_000;
                format!("{at} {count} {bytes} {asked:?}")
            }
        };
        text.lines().map(str::as_bytes).map(show).collect()
    }

    #[test]
    fn timestamps_are_read_with_and_without_a_header() {
        let one = "1 0 Name(\"request\")";
        assert_eq!(parse_all(false, "1.5\n2"), [format!("1500 {one}"), format!("2000 {one}")]);
        assert_eq!(
            parse_all(false, "# made by hand\nWhen\n1.5\nnoon"),
            ["blank", "header", &format!("1500 {one}"), "no time in the column of times"]
        );
        let text = "bytes;Request;TS\n-;GET /a HTTP/1.1;1\n12;\"POST /b;c\";2\nx;-;3\n1;\"-;4\n;;";
        assert_eq!(
            parse_all(false, text),
            [
                "header",
                "1000 1 0 Line(\"GET /a HTTP/1.1\")",
                "2000 1 12 Line(\"POST /b;c\")",
                "the size is not a whole number",
                "a quote is not closed",
                "no time in the column of times",
            ]
        );
        let text = "at,method,path\n1,PUT,/x";
        assert_eq!(parse_all(false, text)[1], "1000 1 0 Line(\"PUT /x\")");
        assert_eq!(parse_all(false, "at,path\n1,/x")[1], "1000 1 0 Line(\"GET /x\")");
        assert_eq!(parse_all(false, "at,type\n1,buy")[1], "1000 1 0 Name(\"buy\")");
    }

    #[test]
    fn counts_are_whole_and_not_negative() {
        let text = "second,requests\n0,5\n1,0\n2,-1\n3,x\n4,1.5\n5,9999999999\n6\n7,2.0";
        assert_eq!(
            parse_all(true, text),
            [
                "header",
                "0 5 0 Name(\"request\")",
                "1000 0 0 Name(\"request\")",
                "the count is not a whole number",
                "the count is not a whole number",
                "the count is not a whole number",
                "the count is beyond four thousand million",
                "the count is not a whole number",
                "7000 2 0 Name(\"request\")",
            ]
        );
        let text = "n\tat\n5\t2015-05-17 10:05";
        assert_eq!(parse_all(true, text)[1], "1431857100000 5 0 Name(\"request\")");
    }
}
