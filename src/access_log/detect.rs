//! What kind of file this is, from its first lines.

use super::lines::Line;
use super::table::Table;
use super::{Format, Parsed, log};

/// How many lines that are not blank are looked at.
pub(super) const LINES: usize = 20;

/// The format in which at least half of the lines can be read, if there is one. A log is
/// unmistakable. Two columns, or one called `count`, are counts. Timestamps stand alone, or under
/// a name that says so, or are dates.
pub(super) fn detect(head: &[Line]) -> Option<Format> {
    let lines: Vec<&[u8]> = head
        .iter()
        .filter(|line| !line.is_blank() && !line.cut)
        .map(|line| line.bytes.as_slice())
        .collect();
    let logged = |line: &&&[u8]| matches!(log::parse(line), Parsed::Record(_));
    if let Some(first) = lines.iter().find(logged)
        && 2 * lines.iter().filter(logged).count() >= lines.len()
    {
        return Some(if log::is_combined(first) { Format::Combined } else { Format::Common });
    }
    if looks_like(&lines, true) {
        return Some(Format::Counts);
    }
    looks_like(&lines, false).then_some(Format::Timestamps)
}

fn looks_like(lines: &[&[u8]], counts: bool) -> bool {
    let mut table = Table::new(counts);
    let (mut good, mut bad, mut dates) = (0, 0, 0);
    for line in lines {
        match table.parse(line) {
            Parsed::Blank | Parsed::Header => {}
            Parsed::Malformed(_) => bad += 1,
            Parsed::Record(record) => {
                good += 1;
                dates += usize::from(record.stamp.at.is_a_date());
            }
        }
    }
    let Some(columns) = table.columns() else { return false };
    let plausible = if counts {
        columns.names_count || (columns.width == 2 && !columns.names_a_request())
    } else {
        columns.names_time || columns.width == 1 || 2 * dates >= good
    };
    plausible && good > 0 && good >= bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<Format>) {
        let line = |text: &str| Line { number: 1, bytes: text.into(), cut: false };
        let head: Vec<Line> = text.lines().map(line).collect();
        assert_eq!(detect(&head), expect, "{text}");
    }

    #[test]
    fn the_first_lines_tell_the_format() {
        let common = r#"h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 512"#;
        check(common, Some(Format::Common));
        check(&format!("{common}\ngarbage"), Some(Format::Common));
        check(&format!("garbage\n\n{common} \"-\" \"-\""), Some(Format::Combined));
        check("second,requests\n0,1\n1,0", Some(Format::Counts));
        check("0,1\n1,0", Some(Format::Counts));
        check("2015-05-17 10:05,17\n2015-05-17 10:06,3", Some(Format::Counts));
        check("t,x,count\n0,a,1", Some(Format::Counts));
        check("0.25\n1.5", Some(Format::Timestamps));
        check("timestamp\n2015-05-17T10:05:03Z", Some(Format::Timestamps));
        check("time,bytes\n0,512\n1,17", Some(Format::Timestamps));
        check("id,time,type\n1,0.5,buy", Some(Format::Timestamps));
        check("2015-05-17T10:05:03Z,GET,/", Some(Format::Timestamps));
    }

    #[test]
    fn anything_else_is_unknown() {
        check("", None);
        check("{\"time\": 1}\n{\"time\": 2}", None);
        check("a,b,c\n1,2,3", None);
        check("lorem ipsum\ndolor sit amet", None);
        check("second,requests", None);
        check("1.5\nx\ny\nz", None);
    }
}
