//! What an exercise is: a question with numbers of a student's own, what is right, and which wrong
//! ways are known.

use super::answer::Unit;
use super::numbers::{Numbers, Parameter};

/// An exercise, declared as data.
pub struct Exercise {
    /// By which it is asked for.
    pub name: &'static str,
    /// What it asks, in a line.
    pub title: &'static str,
    /// What is drawn for each student.
    pub parameters: &'static [Parameter],
    /// What follows from those, in this order.
    pub derived: &'static [(&'static str, Formula)],
    /// The question. Here as in all texts, `<name>` stands for a number.
    pub question: &'static str,
    /// The unit of the answer.
    pub unit: Unit,
    /// The right answer, in the base of the unit.
    pub expected: Formula,
    /// Another answer that is right as well, and so is all between the two: the limit of a theory
    /// where the system is finite.
    pub limit: Option<Formula>,
    /// Where the right answer comes from.
    pub source: &'static str,
    /// How far from it an answer is right.
    pub tolerance: Tolerance,
    /// Known wrong ways.
    pub mistakes: &'static [Mistake],
    /// From the first to the last, each says more.
    pub hints: &'static [&'static str],
    /// How the answer is found. `<expected>` stands for it.
    pub worked: &'static str,
    /// The scenario that belongs to the numbers, in YAML: pieces that follow each other.
    pub scenario: &'static [&'static str],
}

impl Exercise {
    /// The scenario that belongs to these numbers, in YAML.
    pub fn scenario(&self, numbers: &Numbers) -> String {
        numbers.fill(&self.scenario.concat())
    }
}

/// How a scenario begins that is under an open load: what follows says who is asked.
pub const OPEN: &str = "\
seed: 1
duration: <duration>s
warmup: 30s
replications: 10

clients:
  users:
    arrivals: poisson(<arrivals>/s)
    timeout: none
    requests: {get: {}}
";

/// A server that works on one request at a time: what follows says what a request asks of it.
pub const ONE_SERVER: &str = "    target: app

topology:
  app:
    server:
      cores: 1
      workers: 1
      queue: {limit: unlimited}
";

/// A number that follows from a student's numbers.
pub type Formula = fn(&Numbers) -> f64;

/// How far from the right answer an answer may be, relative to it.
#[derive(Clone, Copy)]
pub struct Tolerance {
    /// Within this it is right.
    pub right: f64,
    /// Within this it is close.
    pub close: f64,
    /// What the first comes from.
    pub why: &'static str,
}

/// For an answer by a formula: a run of the scenario as it is given has an interval within it.
pub const BY_FORMULA: Tolerance = Tolerance {
    right: 0.03,
    close: 0.06,
    why: "the 95% interval of a run of the scenario lies within 3% of the formula",
};

/// For an answer by a formula where nothing is random, or for a long count.
pub const EXACT: Tolerance = Tolerance {
    right: 0.01,
    close: 0.03,
    why: "the formula is exact; 1% allows for rounding to three digits",
};

/// A known wrong way, recognised by the value to which it leads.
pub struct Mistake {
    /// What was done, in a few words.
    pub name: &'static str,
    /// What comes of it, in the base of the unit.
    pub value: Formula,
    /// What is wrong about it, and what to do instead.
    pub explanation: &'static str,
}

/// The exercises of a lesson.
pub struct Lesson {
    /// What it is about.
    pub title: &'static str,
    /// Its exercises, in the order in which they are best done.
    pub exercises: &'static [Exercise],
}
