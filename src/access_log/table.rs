//! Tables: a request a line, or an interval a line, in a CSV or in a log whose first lines name
//! its columns (W3C's extended format, as IIS and CloudFront write it).
//!
//! A line is a record, so that a stray quote spoils one line and not the rest of the file; that is
//! why this does not go through a general CSV reader. Commas, semicolons and tabs are understood,
//! and lines that begin with `#` are comments.

use std::borrow::Cow;

use super::columns::{Columns, InRow};
use super::number::{self, NotPlain, plain};
use super::said::{Amount, Misfit, Parsed, Record, Said};

/// How the line of an extended log begins that names its columns.
pub(super) const FIELDS: &[u8] = b"#Fields:";

/// How a line begins that only tells a spreadsheet the delimiter.
pub(super) const SEPARATOR: &[u8] = b"sep=";

/// A reader of lines that are rows.
pub(super) struct Table {
    pub(super) columns: Columns,
    /// Whether the line that names the columns is still to come.
    awaits_names: bool,
}

impl Table {
    pub(super) fn new(columns: Columns) -> Table {
        Table { awaits_names: columns.are_named && !columns.is_extended, columns }
    }

    pub(super) fn parse<'a>(&mut self, line: &'a [u8]) -> Parsed<'a> {
        if line.starts_with(b"#") {
            if let (true, Some(names)) = (self.columns.is_extended, line.strip_prefix(FIELDS)) {
                self.columns.rename(names);
            }
            return if self.columns.is_extended { Parsed::Header } else { Parsed::Blank };
        }
        if line.starts_with(SEPARATOR) {
            return Parsed::Header;
        }
        if std::mem::take(&mut self.awaits_names) {
            return Parsed::Header;
        }
        let Some(cells) = split(line, self.columns.delimiter) else {
            return Parsed::Malformed(Misfit::new("a quote is not closed"));
        };
        if self.columns.is_beside(&cells) {
            return Parsed::Beside;
        }
        record(&self.columns, cells).into()
    }
}

fn record<'a>(columns: &Columns, mut cells: Vec<Cow<'a, [u8]>>) -> Result<Record<'a>, Misfit> {
    let stamp = columns.stamp(&cells).ok_or_else(|| {
        let cell = columns.time.first().and_then(|&column| cells.get(column));
        // Of a file that may be anything nothing is told.
        let told = cell.filter(|_| columns.are_named);
        let why = "no time in the column of times";
        told.map_or(Misfit::new(why), |cell| Misfit::at(why, cell))
    })?;
    let amount = amount(columns, &cells)?;
    let mut said = Said::default();
    for &(field, column) in &columns.parts {
        if let Some(cell) = cells.get_mut(column) {
            said.take(field, std::mem::take(cell))?;
        }
    }
    Ok(said.record(stamp, amount))
}

fn amount(columns: &Columns, cells: &[Cow<'_, [u8]>]) -> Result<Amount, Misfit> {
    let (column, seconds) = match columns.amount {
        InRow::One => return Ok(Amount::Count(1)),
        InRow::Count(column) => (column, None),
        InRow::Rate(column, seconds) => (column, Some(seconds)),
    };
    let cell = cells.get(column).map(Cow::as_ref).unwrap_or_default();
    let digits = match plain(cell, columns.delimiter) {
        Ok(digits) => digits,
        Err(NotPlain::No) => return Err(Misfit::at("this is not a number", cell)),
        Err(NotPlain::Unclear) => {
            let why = "this may be a number of thousands or one with decimals: write it with \
                       digits alone";
            return Err(Misfit { is_unclear: true, ..Misfit::at(why, cell) });
        }
    };
    if let Some(seconds) = seconds {
        let rate = number::number(&digits).ok_or_else(|| Misfit::at("this is not a rate", cell))?;
        return Ok(Amount::Rate(rate / seconds));
    }
    let misfit = || Misfit::at("the count is not a whole number", cell);
    let count = number::whole_number(&digits).ok_or_else(misfit)?;
    let misfit = |_| Misfit::at("the count is beyond four thousand million", cell);
    u32::try_from(count).map(Amount::Count).map_err(misfit)
}

/// The cells of a line; a blank as the delimiter is any number of them.
pub(super) fn split(line: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
    if delimiter != b' ' {
        return cells(line, delimiter);
    }
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    Some(words.map(Cow::Borrowed).collect())
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
            let cells: Vec<_> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
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
}
