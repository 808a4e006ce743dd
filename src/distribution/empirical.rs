//! Durations as they were measured: `empirical(latencies.csv, column=upstream, unit=ms)`.
//!
//! A line of the file is a value, so that every fault has its line. Commas, semicolons and tabs
//! separate columns, and lines that begin with `#` are comments.

use super::form::GREATEST_WEIGHT;
use super::measure::Measure;
use super::read::{Call, Reader};
use crate::access_log::cells;
use crate::document::{listed, quoted};
use crate::engine::Dist;

pub(super) const SIGNATURE: &str = "empirical(file, [column], [weight], [unit])";
const NAMES: [&str; 4] = ["file", "column", "weight", "unit"];
const FILE: usize = 0;
const COLUMN: usize = 1;
const WEIGHT: usize = 2;
const UNIT: usize = 3;

/// The most values of one file; each takes 8 bytes, 20 with a weight.
const MOST_VALUES: usize = 10_000_000;

/// So many lines say whether a file is a table.
const LOOKED_AT: usize = 100;

/// What the scenario says of the file.
#[derive(Clone, Copy)]
struct Wanted<'t> {
    measure: &'static Measure,
    column: Option<&'t str>,
    weight: Option<&'t str>,
    /// Of numbers that have none.
    unit: Option<f64>,
}

/// Why a file gives no distribution: what is wrong, with which argument, and what to do.
#[derive(Debug, PartialEq)]
struct Fault {
    argument: usize,
    line: Option<usize>,
    what: String,
    label: String,
}

impl Fault {
    fn new(argument: usize, what: impl Into<String>, label: impl Into<String>) -> Fault {
        Fault { argument, line: None, what: what.into(), label: label.into() }
    }
}

pub(super) fn read(reader: &mut Reader, call: &Call) -> Option<Dist> {
    let slots = reader.assign(call, &NAMES, 1, SIGNATURE)?;
    let text = |slot: usize| slots[slot].map(|argument| argument.text);
    let unit = match text(UNIT).map(|unit| one(reader.measure, unit)) {
        Some(None) => {
            let range = slots[UNIT].map_or(call.range(), |argument| argument.range());
            let title = format!("{} is not a unit", quoted(text(UNIT).unwrap_or("")));
            reader.report(range, title, format!("expected {}", reader.measure.units));
            return None;
        }
        unit => unit.flatten(),
    };
    let (column, weight) = (text(COLUMN), text(WEIGHT));
    let wanted = Wanted { measure: reader.measure, column, weight, unit };
    let name = text(FILE)?;
    let path = reader.problems.files().path(name).display().to_string();
    let read = reader.problems.files().read(name);
    let read = read.map_err(|why| Fault::new(FILE, why, "this file"));
    let dist = read.and_then(|text| {
        distribution(&text, wanted)
            .map_err(|fault| if is_table(&text) { fault } else { no_table() })
    });
    match dist {
        Ok(dist) => Some(dist),
        Err(Fault { argument, line, what, label }) => {
            let at = line.map_or(String::new(), |line| format!(", line {line}"));
            let range = slots[argument].map_or(call.range(), |argument| argument.range());
            reader.report(range, format!("{path}{at}: {what}"), label);
            None
        }
    }
}

/// Whether a file is what it should be: there are numbers in half of its first lines. Of any other,
/// which may be none of the scenario's business, no content is told.
fn is_table(text: &str) -> bool {
    let lines = || text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let cells = |line: &str| line.split([',', ';', '\t']).any(|cell| is_number(cell.trim()));
    let numbers = lines().take(LOOKED_AT).filter(|line| cells(line)).count();
    text.trim().is_empty() || numbers > 0 && 2 * numbers >= lines().take(LOOKED_AT).count()
}

/// Whether a cell is a number, with or without a unit.
fn is_number(cell: &str) -> bool {
    let unit = cell.trim_matches('"').trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    unit.parse::<f64>().is_ok()
}

fn no_table() -> Fault {
    let label = "expected a value a line, or columns with a header";
    Fault::new(FILE, "this is no table of values", label)
}

/// One of a unit.
fn one(measure: &Measure, unit: &str) -> Option<f64> {
    let is_word = unit.chars().all(|c| c.is_ascii_alphabetic());
    (measure.parse)(&format!("1{unit}")).filter(|_| is_word)
}

/// The distribution of the values in `text`.
fn distribution(text: &str, wanted: Wanted) -> Result<Dist, Fault> {
    // Spreadsheets begin a file with a byte order mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .peekable();
    let Some(&(number, first)) = lines.peek() else {
        return Err(Fault::new(FILE, "there is no value in it", "this file"));
    };
    let columns = Columns::of_first_line(first, wanted)
        .map_err(|fault| Fault { line: Some(number), ..fault })?;
    let skipped = usize::from(columns.is_header);
    let mut entries = Vec::new();
    for (number, line) in lines.skip(skipped) {
        let entry = columns.entry(line, wanted);
        entries.push(entry.map_err(|fault| Fault { line: Some(number), ..fault })?);
        if entries.len() > MOST_VALUES {
            let what = format!("there are more than {MOST_VALUES} values");
            return Err(Fault::new(FILE, what, "this file"));
        }
    }
    if entries.is_empty() {
        return Err(Fault::new(FILE, "there is no value in it", "this file"));
    }
    if columns.weight.is_none() {
        return Ok(Dist::values(entries.into_iter().map(|(_, value)| value).collect()));
    }
    if entries.iter().all(|(weight, _)| *weight == 0.0) {
        return Err(Fault::new(WEIGHT, "all weights are zero", "this column"));
    }
    Ok(Dist::weighted_values(entries))
}

/// Where in a line to find what.
struct Columns {
    delimiter: u8,
    value: usize,
    weight: Option<usize>,
    is_header: bool,
}

impl Columns {
    fn of_first_line(line: &str, wanted: Wanted) -> Result<Columns, Fault> {
        let found = |byte: &u8| line.as_bytes().contains(byte);
        let delimiter = [b'\t', b';'].into_iter().find(found).unwrap_or(b',');
        let names = split(line, delimiter)?;
        let find = |argument: usize, name: &str| {
            names.iter().position(|known| known == name).ok_or_else(|| {
                let known: Vec<&str> = names.iter().map(String::as_str).take(8).collect();
                let label = format!("there are {}", listed(&known, "and"));
                Fault::new(argument, format!("there is no column {}", quoted(name)), label)
            })
        };
        let weight = wanted.weight.map(|name| find(WEIGHT, name)).transpose()?;
        let value = wanted.column.map(|name| find(COLUMN, name)).transpose()?;
        let mut others = (0..names.len()).filter(|column| Some(*column) != weight);
        let value = match (value, others.next(), others.next()) {
            (Some(value), _, _) | (None, Some(value), None) => value,
            _ => {
                let what = format!("there are {} columns", names.len());
                return Err(Fault::new(FILE, what, "say which: column=NAME"));
            }
        };
        let is_word = names[value].starts_with(|c: char| c.is_alphabetic());
        let is_header = wanted.column.is_some() || weight.is_some() || is_word;
        Ok(Columns { delimiter, value, weight, is_header })
    }

    /// The weight and the value of a line.
    fn entry(&self, line: &str, wanted: Wanted) -> Result<(f64, f64), Fault> {
        let cells = split(line, self.delimiter)?;
        let cell = |column: usize| {
            let label = format!("column {} is missing there", column + 1);
            cells.get(column).ok_or(Fault::new(FILE, "the line is too short", label))
        };
        let value = value(cell(self.value)?, wanted)?;
        let weight = match self.weight {
            None => 1.0,
            Some(column) => weight(cell(column)?)?,
        };
        Ok((weight, value))
    }
}

fn split(line: &str, delimiter: u8) -> Result<Vec<String>, Fault> {
    let cells = cells(line.as_bytes(), delimiter)
        .ok_or_else(|| Fault::new(FILE, "a quote is not closed", "this file"))?;
    Ok(cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect())
}

/// An amount, or a number of the wanted unit.
fn value(cell: &str, Wanted { measure, unit, .. }: Wanted) -> Result<f64, Fault> {
    if let Some(amount) = (measure.parse)(cell) {
        return Ok(amount);
    }
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let number = cell.parse::<f64>().ok().filter(|_| cell.starts_with(is_digit));
    match (number, unit) {
        (Some(number), Some(unit)) if number * unit <= measure.most => Ok(number * unit),
        (Some(_), None) => {
            let what = format!("{} has no unit", quoted(cell));
            Err(Fault::new(FILE, what, "say which: unit=ms"))
        }
        _ => {
            let what = format!("{} is not {}", quoted(cell), measure.name());
            Err(Fault::new(FILE, what, format!("expected {}", measure.expected)))
        }
    }
}

fn weight(cell: &str) -> Result<f64, Fault> {
    let number = cell.parse::<f64>().ok().filter(|n| (0.0..=GREATEST_WEIGHT).contains(n));
    number.ok_or_else(|| {
        let what = format!("{} is not a weight", quoted(cell));
        Fault::new(WEIGHT, what, "expected a number from 0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::measure::DURATIONS;

    #[track_caller]
    fn check(text: &str, wanted: Wanted, values: &[f64]) {
        let expected = Dist::values(values.iter().map(|ms| ms * 1e6).collect());
        assert_eq!(distribution(text, wanted), Ok(expected), "{text:?}");
    }

    #[track_caller]
    fn fails(text: &str, wanted: Wanted, line: Option<usize>, what: &str) {
        let fault = distribution(text, wanted).expect_err("it is no distribution");
        assert_eq!((fault.line, fault.what.as_str()), (line, what), "{text:?}");
    }

    const PLAIN: Wanted = Wanted { measure: &DURATIONS, column: None, weight: None, unit: None };
    const MILLIS: Wanted = Wanted { unit: Some(1e6), ..PLAIN };

    #[test]
    fn values_are_read_with_their_units_or_in_the_stated_one() {
        check("3ms\n1ms\n2 ms\n", PLAIN, &[1.0, 2.0, 3.0]);
        check("\u{FEFF}latency\r\n# slow day\r\n3ms\r\n\r\n0.5s", PLAIN, &[3.0, 500.0]);
        check("1.5\n2e-3\n1s\n0\n.5", MILLIS, &[0.0, 0.002, 0.5, 1.5, 1000.0]);
    }

    #[test]
    fn columns_are_found_by_name() {
        let text = "time;took;n\n\"10;05\";3;1\n10:06;4;3\n";
        let took = Wanted { column: Some("took"), ..MILLIS };
        check(text, took, &[3.0, 4.0]);
        let weighted = distribution(text, Wanted { weight: Some("n"), ..took });
        assert_eq!(weighted, Ok(Dist::weighted_values(vec![(1.0, 3e6), (3.0, 4e6)])));
        let two = distribution("ms,n\n3,1\n4,3", Wanted { weight: Some("n"), ..MILLIS });
        assert_eq!(two, weighted);
    }

    #[test]
    fn what_is_no_table_is_known() {
        for text in ["", "took\n3\n", "3ms\n", "a,b\n\"1.5 ms\",x\n", "1\n1e30\n", "-2ms\n"] {
            assert!(is_table(text), "{text:?}");
        }
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n4AbC\n";
        for text in ["root:x:0:0:root:/root\ndaemon:x:1:1\n", "PASSWORD=hunter2", key, "a\n"] {
            assert!(!is_table(text), "{text:?}");
        }
    }

    #[test]
    fn every_fault_has_its_line() {
        fails("", PLAIN, None, "there is no value in it");
        fails("latency\n", PLAIN, None, "there is no value in it");
        fails("1ms\n\n# x\n2\n", PLAIN, Some(4), "\"2\" has no unit");
        fails("1ms\n-2ms\n", PLAIN, Some(2), "\"-2ms\" is not a duration");
        fails("1\nnan\n", MILLIS, Some(2), "\"nan\" is not a duration");
        fails("1\n1e30\n", MILLIS, Some(2), "\"1e30\" is not a duration");
        fails("a,b\n1,2\n", MILLIS, Some(1), "there are 2 columns");
        fails("1ms\n\"2ms\n", PLAIN, Some(2), "a quote is not closed");
        let b = Wanted { column: Some("b"), ..MILLIS };
        fails("a,c\n1,2\n", b, Some(1), "there is no column \"b\"");
        fails("a,b\n1,2\n3\n", b, Some(3), "the line is too short");
        let weight = Wanted { weight: Some("a"), ..b };
        fails("a,b\n-1,2\n", weight, Some(2), "\"-1\" is not a weight");
        fails("a,b\n0,2\n", weight, None, "all weights are zero");
    }
}
