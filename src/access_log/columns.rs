//! Which column of a table holds what: as a person says, as the names of the columns say, or as
//! the first rows show.

use std::borrow::Cow;

use super::clock::Stamp;
use super::field::{Field, normal, rank, rate_seconds, time_unit};
use super::group::is_request_line;
use super::lines::printable;
use super::named::Named;
use super::sample::Sample;
use super::table::{SEPARATOR, split};
use super::writing::{Unit, Writing};

/// How many requests a row tells of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum InRow {
    /// One.
    One,
    /// As many as this column says.
    Count(usize),
    /// As many as this column says, in each of so many seconds.
    Rate(usize, f64),
}

/// The rows that count: where a column holds a value, or where it does not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Only {
    pub(super) column: usize,
    pub(super) value: &'static str,
    pub(super) wanted: bool,
}

/// Where in a row to find what.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) delimiter: u8,
    pub(super) names: Vec<String>,
    /// Whether a line of the file names the columns.
    pub(super) are_named: bool,
    /// Whether lines that begin with `#` do.
    pub(super) is_extended: bool,
    /// The column of times, or that of dates and that of times of the day.
    pub(super) time: Vec<usize>,
    pub(super) writing: Writing,
    pub(super) amount: InRow,
    /// Whether a row is an interval, which lasts to the next.
    pub(super) are_intervals: bool,
    /// The other columns that are used.
    pub(super) parts: Vec<(Field, usize)>,
    pub(super) only: Option<Only>,
}

/// Why it is not known which column holds what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Unclear {
    /// This is no table.
    NoTable,
    /// What a row or a column is can be read in several ways.
    Ambiguous { names: Vec<String>, why: &'static str },
    /// There is no such column, or no such unit.
    Unknown { what: &'static str, wanted: String, known: Vec<String> },
}

impl Columns {
    /// Those of a CSV whose first lines these are. `are_intervals` says what a row is, if that is
    /// known.
    pub(super) fn of_csv(
        head: &[&[u8]],
        are_intervals: Option<bool>,
        named: &Named,
    ) -> Result<Columns, Unclear> {
        let is_row = |line: &&&[u8]| !line.starts_with(b"#") && !line.starts_with(SEPARATOR);
        let mut lines = head.iter().filter(is_row).copied().peekable();
        let first = *lines.peek().ok_or(Unclear::NoTable)?;
        let delimiter = [b'\t', b';'].into_iter().find(|byte| first.contains(byte)).unwrap_or(b',');
        let cells = split(first, delimiter).ok_or(Unclear::NoTable)?;
        let names: Vec<String> =
            cells.iter().map(|cell| printable(cell).trim().to_owned()).collect();
        let is_time =
            |cell: &[u8]| Writing::Any.read(cell).or(Writing::Digits.read(cell)).is_some();
        let has_times = cells.iter().any(|cell| is_time(cell));
        let has_letters = first.iter().any(u8::is_ascii_alphabetic);
        let names_times = names.iter().any(|name| rank(Field::Time, name).is_some());
        let are_named = names_times || (has_letters && !has_times);
        let rows = lines.skip(usize::from(are_named));
        let sample =
            Sample { delimiter, rows: rows.filter_map(|row| split(row, delimiter)).collect() };
        let numbers = || (1..=names.len()).map(|number| number.to_string()).collect();
        let names = if are_named { names } else { numbers() };
        let mut columns = Columns::find(names, are_named, &sample, named)?;
        columns.choose(&sample, are_intervals, named)?;
        Ok(columns)
    }

    /// Those of an extended log, by what stands after `#Fields:`.
    pub(super) fn of_extended(
        head: &[&[u8]],
        fields: &[u8],
        named: &Named,
    ) -> Result<Columns, Unclear> {
        let rows = || head.iter().filter(|line| !line.starts_with(b"#"));
        let has_tabs = rows().any(|row| row.contains(&b'\t'));
        let delimiter = if has_tabs { b'\t' } else { b' ' };
        let rows = rows().filter_map(|line| split(line, delimiter)).collect();
        let sample = Sample { delimiter, rows };
        let columns = Columns::find(words(fields), true, &sample, named)?;
        Ok(Columns { is_extended: true, ..columns })
    }

    /// The columns of an extended log have other names from here on.
    pub(super) fn rename(&mut self, fields: &[u8]) {
        let names = words(fields);
        if names != self.names {
            let sample = Sample { delimiter: self.delimiter, rows: Vec::new() };
            self.time = times(&names, &sample);
            self.parts = parts(&names, &self.time, &sample);
            self.names = names;
        }
    }

    /// Finds the columns of all but the amount.
    fn find(
        names: Vec<String>,
        are_named: bool,
        sample: &Sample,
        named: &Named,
    ) -> Result<Columns, Unclear> {
        // Of what may be no table no names are told.
        let is_dated = sample.rows.is_empty() || (0..names.len()).any(|it| sample.has_times(it));
        let time = match &named.time {
            Some(wanted) if is_dated => vec![column(wanted, &names)?],
            _ => times(&names, sample),
        };
        if time.is_empty() {
            let known =
                |name: &String| rank(Field::Count, name).or(rank(Field::Path, name)).is_some();
            let is_table = are_named && names.iter().any(known);
            let why = "no column holds times";
            return Err(if is_table {
                Unclear::Ambiguous { names, why }
            } else {
                Unclear::NoTable
            });
        }
        let mut parts = parts(&names, &time, sample);
        for (field, wanted) in named.parts() {
            if let Some(wanted) = wanted {
                parts.retain(|&(known, _)| known != field);
                parts.push((field, column(wanted, &names)?));
            }
        }
        Ok(Columns {
            delimiter: sample.delimiter,
            writing: writing(&names, &time, sample, named)?,
            are_named,
            is_extended: false,
            time,
            amount: InRow::One,
            are_intervals: false,
            parts,
            only: None,
            names,
        })
    }

    /// The time of a row.
    pub(super) fn stamp(&self, cells: &[Cow<'_, [u8]>]) -> Option<Stamp> {
        match self.time[..] {
            [date, clock] => {
                let both = [cells.get(date)?, &b" "[..], cells.get(clock)?].concat();
                Writing::Any.read(&both)
            }
            _ => self.writing.read(cells.get(*self.time.first()?)?),
        }
    }

    /// Whether a row is about something other than requests.
    pub(super) fn is_beside(&self, cells: &[Cow<'_, [u8]>]) -> bool {
        self.only.is_some_and(|Only { column, value, wanted }| {
            cells.get(column).is_some_and(|cell| (cell.as_ref() == value.as_bytes()) != wanted)
        })
    }

    /// The columns that are used, with what they tell, and the names of all others.
    pub(super) fn used(&self) -> (Vec<(Field, usize)>, Vec<&str>) {
        let amount = match self.amount {
            InRow::One => None,
            InRow::Count(column) => Some((Field::Count, column)),
            InRow::Rate(column, _) => Some((Field::Rate, column)),
        };
        let times = self.time.iter().map(|&column| (Field::Time, column));
        let mut used: Vec<(Field, usize)> = times.chain(amount).collect();
        let told = |field: Field| self.parts.iter().any(|(known, _)| *known == field);
        // A request line tells all, and a path more than a type.
        let hidden = |field: Field| match field {
            Field::Status => true,
            Field::Method | Field::Path => told(Field::Request),
            Field::Type => told(Field::Request) || told(Field::Path),
            _ => false,
        };
        used.extend(self.parts.iter().filter(|(field, _)| !hidden(*field)));
        let is_used = |column: usize| {
            used.iter().any(|&(_, known)| known == column)
                || self.only.is_some_and(|only| only.column == column)
        };
        let names = self.names.iter().enumerate();
        let others = names.filter(|(column, _)| !is_used(*column)).map(|(_, name)| name.as_str());
        let others = others.collect();
        (used, others)
    }
}

fn words(fields: &[u8]) -> Vec<String> {
    printable(fields).split_whitespace().map(str::to_owned).collect()
}

/// The column of this name, or of this number.
pub(super) fn column(wanted: &str, names: &[String]) -> Result<usize, Unclear> {
    let same = |name: &String| normal(name) == normal(wanted) && !normal(wanted).is_empty();
    let exact = names.iter().position(|name| name == wanted);
    let number =
        || wanted.parse::<usize>().ok().filter(|number| (1..=names.len()).contains(number));
    let found = exact.or_else(|| names.iter().position(same)).or(number().map(|number| number - 1));
    let unknown =
        || Unclear::Unknown { what: "column", wanted: wanted.to_owned(), known: names.to_vec() };
    found.ok_or_else(unknown)
}

/// The column of times: the one whose name fits best, else the first that holds times. A date and a
/// time of the day belong together.
fn times(names: &[String], sample: &Sample) -> Vec<usize> {
    let called = |wanted: &str| names.iter().position(|name| normal(name) == wanted);
    let is_clock = |column: usize| sample.rows.is_empty() || !sample.has_times(column);
    if let (Some(date), Some(clock)) = (called("date"), called("time"))
        && is_clock(clock)
    {
        return vec![date, clock];
    }
    let fits = |column: &usize| rank(Field::Time, &names[*column]);
    let named = (0..names.len()).filter(|column| fits(column).is_some());
    let readable = |column: &usize| sample.rows.is_empty() || sample.has_times(*column);
    let named = named.filter(readable).min_by_key(fits);
    let is_other = |column: usize| {
        let fields = [Field::Count, Field::Rate, Field::Bytes, Field::Status];
        fields.iter().any(|&field| rank(field, &names[column]).is_some())
    };
    let mut others = (0..names.len()).filter(|&column| !is_other(column));
    let found = named.or_else(|| others.find(|&column| sample.has_times(column)));
    let Some(found) = found else { return Vec::new() };
    let dates = sample.all(found, |cell| cell.len() == 10 && !cell.iter().all(u8::is_ascii_digit));
    let clock = |cell: &[u8]| cell.len() >= 5 && cell[2] == b':' && cell[0].is_ascii_digit();
    match dates && sample.all(found + 1, clock) {
        true => vec![found, found + 1],
        false => vec![found],
    }
}

/// How the times are written.
fn writing(
    names: &[String],
    time: &[usize],
    sample: &Sample,
    named: &Named,
) -> Result<Writing, Unclear> {
    if let Some(unit) = &named.unit {
        let known = ["d", "h", "min", "s", "ms", "us", "ns"].map(str::to_owned).to_vec();
        let unknown = || Unclear::Unknown { what: "unit of time", wanted: unit.clone(), known };
        return Unit::of(unit).map(Writing::In).ok_or_else(unknown);
    }
    let [column] = time[..] else { return Ok(Writing::Any) };
    let written = Writing::of(sample.cells(column));
    let stated = time_unit(&names[column]).map(Writing::In);
    Ok(if written == Writing::Digits { written } else { stated.unwrap_or(written) })
}

/// The columns that tell something of a request, by their names, or by what they hold where they
/// have none.
fn parts(names: &[String], time: &[usize], sample: &Sample) -> Vec<(Field, usize)> {
    use Field::{Bytes, Method, Path, Request, Status, Type, User};
    let free = |column: &usize| !time.contains(column);
    let is_text = |column: &usize| sample.rows.is_empty() || !sample.is_numeric(*column);
    let mut parts = Vec::new();
    for field in [Request, Method, Path, Type, Status, Bytes, User] {
        let takes_numbers = matches!(field, Status | Bytes | User);
        let fits = |column: &usize| rank(field, &names[*column]);
        let columns = (0..names.len()).filter(free).filter(|column| fits(column).is_some());
        let best = columns.filter(|column| takes_numbers || is_text(column)).min_by_key(fits);
        let looks = |column: &usize| match field {
            Request => sample.all(*column, |cell| is_request_line(&printable(cell))),
            Path => sample.all(*column, |cell| cell[0] == b'/'),
            Method => {
                sample.all(*column, |cell| METHODS.iter().any(|method| method.as_bytes() == cell))
            }
            _ => false,
        };
        let best = best.or_else(|| (0..names.len()).filter(free).find(looks));
        parts.extend(best.map(|column| (field, column)));
    }
    parts
}

const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

/// Of how many seconds the rate in a column is.
pub(super) fn seconds(names: &[String], column: usize, named: &Named) -> f64 {
    let stated = named.per.map(crate::units::Span::secs);
    stated.or_else(|| rate_seconds(&names[column])).unwrap_or(1.0)
}
