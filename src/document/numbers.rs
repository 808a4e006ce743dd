//! Columns of numbers in a text: one number a line, or a table with or without names.

use std::ops::Range;

use super::node::{Place, SourceId};
use super::problem::{Problem, Problems, quoted};

/// What may stand between the cells of a line; the first of these that is in the first line does.
const DELIMITERS: [char; 3] = ['\t', ';', ','];

/// A text with columns of numbers, of which those that are wanted are read.
#[derive(Clone, Debug)]
pub struct NumberTable<'a> {
    text: &'a str,
    /// What the columns are called. One without a name is called by its number, from 1.
    pub names: Vec<String>,
    delimiter: Option<char>,
    /// Whether the first line that says something has names.
    named: bool,
}

impl<'a> NumberTable<'a> {
    /// Finds the columns of a text; none if it says nothing. Empty lines and such as begin with `#`
    /// are left out; the first of the others has names if a cell of it begins as a name does, with
    /// neither digit nor sign, or is quoted.
    pub fn of(text: &'a str) -> NumberTable<'a> {
        let first = lines(text).next().unwrap_or(0..0);
        let delimiter = DELIMITERS.into_iter().find(|&one| text[first.clone()].contains(one));
        let head: Vec<&str> = match first.is_empty() {
            true => Vec::new(),
            false => cells(text, first, delimiter).map(|at| &text[at]).collect(),
        };
        let named = head.iter().any(|cell| is_name(cell));
        let name = |(i, cell): (usize, &&str)| match cell.trim_matches('"') {
            name if named && !name.is_empty() => name.to_owned(),
            _ => (i + 1).to_string(),
        };
        NumberTable { text, names: head.iter().enumerate().map(name).collect(), delimiter, named }
    }

    /// The numbers of the columns at these places from 0. A column may end before others do.
    pub fn read(
        &self,
        wanted: &[usize],
        source: SourceId,
        problems: &mut Problems,
    ) -> Vec<Vec<f64>> {
        let mut columns = vec![Vec::new(); wanted.len()];
        let lines = lines(self.text).skip(usize::from(self.named));
        for (row, line) in lines.enumerate() {
            let found: Vec<_> = cells(self.text, line, self.delimiter).collect();
            let mut wrong = |at: Range<usize>, title, label: &str| {
                let place = Place { source, start: at.start, end: at.end };
                problems.push(Problem::new(place, title, label));
            };
            if let Some(more) = found.get(self.names.len()) {
                let title = format!("there is no column {}", self.names.len() + 1);
                wrong(more.clone(), title, "expected the end of the line");
            }
            for (&column, numbers) in wanted.iter().zip(&mut columns) {
                if let Some(at) = found.get(column) {
                    self.take(at.clone(), column, row, numbers, &mut wrong);
                }
            }
        }
        columns
    }

    /// Takes a cell of a column, in the line number `row` from 0. `wrong` hears where what is
    /// wrong, and what was expected.
    fn take(
        &self,
        at: Range<usize>,
        column: usize,
        row: usize,
        numbers: &mut Vec<f64>,
        wrong: &mut impl FnMut(Range<usize>, String, &str),
    ) {
        let cell = self.text[at.clone()].trim_matches('"');
        match cell.parse::<f64>() {
            _ if cell.is_empty() && self.names.len() > 1 => {}
            Ok(_) if numbers.len() < row => {
                let title = format!("column {} goes on after a gap", quoted(&self.names[column]));
                wrong(at, title, "expected nothing, as in the line above");
                // Said once.
                numbers.resize(row + 1, 0.0);
            }
            Ok(number) if number.is_finite() => numbers.push(number),
            Ok(_) | Err(_) => {
                let title = format!("{} is not a finite number", quoted(cell));
                wrong(at, title, "expected a number such as 12.5 or 3e-4");
                // What follows is no gap.
                numbers.push(0.0);
            }
        }
    }
}

/// Whether a cell is a name and not a number, right or wrong.
fn is_name(cell: &str) -> bool {
    cell.chars().next().is_some_and(|c| !(c.is_ascii_digit() || "+-.".contains(c)))
        && cell.parse::<f64>().is_err()
}

/// Where the lines are that say something.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let starts = text.split_inclusive('\n').scan(0, |start, line| {
        let from = *start;
        *start += line.len();
        Some((from, line))
    });
    // A mark of the order of bytes is none of the first name.
    let trimmed = starts.map(|(from, line)| trimmed(line, from, &['\u{feff}', ' ', '\r', '\n']));
    trimmed.filter(|at| !at.is_empty() && !text[at.clone()].starts_with('#'))
}

/// Where the cells of a line are.
fn cells(
    text: &str,
    line: Range<usize>,
    delimiter: Option<char>,
) -> impl Iterator<Item = Range<usize>> {
    let split = text[line.clone()].split(move |c| Some(c) == delimiter);
    split.scan(line.start, |start, cell| {
        let from = *start;
        *start += cell.len() + 1;
        Some(trimmed(cell, from, &[' ', '\t']))
    })
}

/// Where a part is that begins at `from`, without these around it.
fn trimmed(part: &str, from: usize, around: &[char]) -> Range<usize> {
    let start = from + (part.len() - part.trim_start_matches(around).len());
    start..start + part.trim_matches(around).len()
}

#[cfg(test)]
mod tests {
    use super::super::node::Sources;
    use super::*;

    fn read(text: &str) -> (Vec<(String, Vec<f64>)>, Vec<(String, (usize, usize))>) {
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("a.csv", text);
        let table = NumberTable::of(text);
        let all: Vec<usize> = (0..table.names.len()).collect();
        let columns = table.read(&all, source, &mut problems);
        let wrong = problems.sorted().into_iter();
        let wrong = wrong.map(|one| (one.title.clone(), sources.position(one.place)));
        (table.names.into_iter().zip(columns).collect(), wrong.collect())
    }

    fn column(name: &str, numbers: &[f64]) -> (String, Vec<f64>) {
        (name.to_owned(), numbers.to_vec())
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        assert_eq!(read("1\n-2.5\n\n# a note\n3e2").0, [column("1", &[1.0, -2.5, 300.0])]);
        assert_eq!(read("\u{feff}wait\r\n1\r\n2\r\n").0, [column("wait", &[1.0, 2.0])]);
        let two = [column("a b", &[1.0, 3.0]), column("2", &[2.0])];
        assert_eq!(read("\"a b\", \n1, 2\n3,\n").0, two);
        assert_eq!(read("a;b\n1;2\n").0, [column("a", &[1.0]), column("b", &[2.0])]);
        assert_eq!(read("1\t2\n3\t4\n").0, [column("1", &[1.0, 3.0]), column("2", &[2.0, 4.0])]);
    }

    #[test]
    fn what_is_no_number_is_told_with_its_place() {
        let wrong = |text| read(text).1;
        let none = |cell: &str| format!("\"{cell}\" is not a finite number");
        assert_eq!(wrong("1\n2x\nnan\n"), [(none("2x"), (2, 1)), (none("nan"), (3, 1))]);
        assert_eq!(wrong("12x\n13\n"), [(none("12x"), (1, 1))]);
        assert_eq!(wrong("a,b\n1, é\n"), [(none("é"), (2, 4))]);
        assert_eq!(wrong("1,2\n3,4,5\n"), [("there is no column 3".to_owned(), (2, 5))]);
        let gap = "column \"a\" goes on after a gap".to_owned();
        assert_eq!(wrong("a,b\n1,2\n,3\n4,5"), [(gap, (4, 1))]);
        assert!(NumberTable::of(" \n# nothing\n").names.is_empty());
    }
}
