//! The numbers of a student: drawn for each exercise from the student's name and the class.

use sha2::{Digest, Sha256};

use super::exercise::Exercise;

/// What is drawn for each student: one of a few values that are equally likely.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// What texts call it.
    pub name: &'static str,
    /// What it is, with its unit.
    pub meaning: &'static str,
    /// One of these is drawn.
    pub values: &'static [f64],
}

/// The numbers of one student in one exercise, by their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers(Vec<(&'static str, f64)>);

impl Numbers {
    /// Those that belong to the exercise, the class (empty for none) and the student. Blanks around
    /// a student's name, and whether letters are capitals, make no difference.
    pub fn of(exercise: &Exercise, class: &str, student: &str) -> Numbers {
        let seed = seed(exercise.name, class, student);
        let draw = |(index, parameter): (usize, &super::numbers::Parameter)| {
            let values = parameter.values;
            (parameter.name, values[pick(&seed, index, values.len())])
        };
        let mut numbers = Numbers(exercise.parameters.iter().enumerate().map(draw).collect());
        for (name, formula) in exercise.derived {
            let value = formula(&numbers);
            numbers.0.push((name, value));
        }
        numbers
    }

    /// The number of this name.
    pub fn get(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.expect("an exercise uses its own numbers, which a test holds").1
    }

    /// `text` with each `<name>` replaced by its number.
    pub fn fill(&self, text: &str) -> String {
        let fill = |text: String, (name, value): &(&str, f64)| {
            text.replace(&format!("<{name}>"), &plain(*value))
        };
        self.0.iter().fold(text.to_owned(), fill)
    }
}

/// A number as it is read: up to six decimals, and none that say nothing.
pub fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// SHA-256 of the three, each with its length so that no two lists of three are alike.
fn seed(exercise: &str, class: &str, student: &str) -> [u8; 32] {
    let student = student.trim().to_lowercase();
    let mut hash = Sha256::new();
    for part in [exercise, class, &student] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// The index that the seed says for the parameter at `index`, of so many.
fn pick(seed: &[u8; 32], index: usize, count: usize) -> usize {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update((index as u64).to_le_bytes());
    let bytes: [u8; 32] = hash.finalize().into();
    let number = bytes.iter().take(8).fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
    (number % count as u64) as usize
}
