//! The answers of a whole class: read from a table, and marked.

use std::collections::BTreeSet;

use super::exercise::Exercise;
use super::find;
use super::marking::{Mark, Verdict};
use super::numbers::Numbers;

/// One answer with its mark.
pub struct Marked {
    /// The student, as in the table.
    pub student: String,
    /// The exercise.
    pub exercise: &'static Exercise,
    /// The answer, as in the table.
    pub answer: String,
    /// The right answer, in the base of the exercise's unit.
    pub expected: f64,
    /// What the answer is worth.
    pub mark: Mark,
}

/// What the table must have in its first line, in any order; other columns are passed over.
const COLUMNS: [&str; 3] = ["student", "exercise", "answer"];

/// Marks the answers of a table in CSV, for a class of this code. If anything is wrong with the
/// table, all of it is told, each with line and column.
pub fn marked(table: &[u8], class: &str) -> Result<Vec<Marked>, Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(table);
    let places = columns(&mut reader).map_err(|why| vec![why])?;
    let (mut all, mut wrong, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                wrong.push(misread(&error));
                continue;
            }
        };
        match row(&record, places, class) {
            Ok(one) if !seen.insert((one.student.to_lowercase(), one.exercise.name)) => {
                let why = format!("{} has answered {} before", one.student, one.exercise.name);
                wrong.push(at(&record, places[1], COLUMNS[1], &why));
            }
            Ok(one) => all.push(one),
            Err(why) => wrong.extend(why),
        }
    }
    if wrong.is_empty() { Ok(all) } else { Err(wrong) }
}

/// Where the columns stand.
fn columns(reader: &mut csv::Reader<&[u8]>) -> Result<[usize; 3], String> {
    let headers = reader.headers().map_err(|error| misread(&error))?;
    // Spreadsheets put a byte order mark first.
    let is = |header: &str, name| header.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name);
    let place = |name| headers.iter().position(|header| is(header, name));
    let [Some(student), Some(exercise), Some(answer)] = COLUMNS.map(place) else {
        let found = headers.iter().collect::<Vec<_>>().join(",");
        return Err(format!(
            "1: expected the columns student,exercise,answer in the first line, and found {found:?}"
        ));
    };
    Ok([student, exercise, answer])
}

fn misread(error: &csv::Error) -> String {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => {
            format!("{line}:{}: this is not a text in UTF-8", err.field() + 1)
        }
        _ => format!("{line}: {error}"),
    }
}

/// What is wrong, behind the line and the number of the column.
fn at(record: &csv::StringRecord, column: usize, name: &str, why: &str) -> String {
    let line = record.position().map_or(1, csv::Position::line);
    format!("{line}:{}: {name}: {why}", column + 1)
}

fn row(record: &csv::StringRecord, places: [usize; 3], class: &str) -> Result<Marked, Vec<String>> {
    let [student, exercise, answer] = places.map(|place| record.get(place).unwrap_or_default());
    let mut wrong = Vec::new();
    if student.is_empty() {
        wrong.push(at(record, places[0], COLUMNS[0], "expected the name of a student"));
    }
    let exercise = match find(exercise) {
        Ok((_, exercise)) => exercise,
        Err(why) => {
            wrong.push(at(record, places[1], COLUMNS[1], &why));
            return Err(wrong);
        }
    };
    let numbers = Numbers::of(exercise, class, student);
    let mark = match exercise.unit.read(answer) {
        Some(value) => exercise.mark(&numbers, value),
        None if answer.is_empty() => {
            Mark { verdict: Verdict::Wrong, mistake: None, feedback: "No answer.".to_owned() }
        }
        None => {
            let why = format!("expected {}, and found {answer:?}", exercise.unit.expected());
            wrong.push(at(record, places[2], COLUMNS[2], &why));
            return Err(wrong);
        }
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let expected = (exercise.expected)(&numbers);
    Ok(Marked { student: student.to_owned(), exercise, answer: answer.to_owned(), expected, mark })
}
