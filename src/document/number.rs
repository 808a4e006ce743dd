//! Numbers that are not any number: at least one, above zero, perhaps unlimited.

use super::node::Node;
use super::problem::{Problem, Problems};
use super::read::{Read, parsed};
use super::schema::Definitions;
use crate::units::Quantity;
use serde_json::{Value as Json, json};

/// The most of anything that is counted: what is told of many of them still fits into a number.
pub const MOST_COUNTED: u64 = 1_000_000_000;

/// A whole number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(u64);

/// A number above zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Positive(f64);

/// A whole number from 0, or no limit at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(Option<u64>);

impl Count {
    /// The number, at least 1.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl Positive {
    /// The number, above 0 and finite.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Limit {
    /// Without a limit.
    pub const NONE: Limit = Limit(None);

    /// So much.
    pub fn of(number: u64) -> Limit {
        Limit(Some(number))
    }

    /// The number; `None` without a limit.
    pub fn get(self) -> Option<u64> {
        self.0
    }
}

/// The number that `node` says, unless it is beyond [`MOST_COUNTED`]: then that is reported, with
/// what may stand there instead.
pub fn counted(
    node: &Node,
    number: u64,
    instead: Option<&str>,
    problems: &mut Problems,
) -> Option<u64> {
    if number <= MOST_COUNTED {
        return Some(number);
    }
    let label = format!("at most {MOST_COUNTED} are possible");
    let problem = Problem::new(node.place, format!("{number} are too many"), label);
    problems.push(match instead {
        Some(instead) => problem.help(format!("where there is no limit, write `{instead}`")),
        None => problem,
    });
    None
}

impl Read for Count {
    fn read(node: &Node, problems: &mut Problems) -> Option<Count> {
        let parse = |text: &str| u64::parse(text).filter(|&number| number > 0);
        let number = parsed(node, "a whole number from 1 such as 4, 250 or 10k", parse, problems);
        counted(node, number?, None, problems).map(Count)
    }

    fn stand_in() -> Option<Count> {
        Some(Count(1))
    }

    fn schema(_: &mut Definitions) -> Json {
        let pattern = u64::PATTERN;
        json!({"title": "whole number from 1", "type": ["string", "integer"], "minimum": 1,
               "maximum": MOST_COUNTED, "pattern": pattern})
    }
}

impl Read for Positive {
    fn read(node: &Node, problems: &mut Problems) -> Option<Positive> {
        let parse = |text: &str| f64::parse(text).filter(|&number| number > 0.0).map(Positive);
        parsed(node, "a number above 0 such as 2 or 0.5", parse, problems)
    }

    fn stand_in() -> Option<Positive> {
        Some(Positive(1.0))
    }

    fn schema(_: &mut Definitions) -> Json {
        let pattern = f64::PATTERN;
        json!({"title": "number above 0", "type": ["string", "number"], "exclusiveMinimum": 0,
               "pattern": pattern})
    }
}

impl Read for Limit {
    fn read(node: &Node, problems: &mut Problems) -> Option<Limit> {
        let parse = |text: &str| match text {
            "unlimited" => Some(None),
            number => u64::parse(number).map(Some),
        };
        let expected = "a whole number such as 256 or 10k, or unlimited";
        match parsed(node, expected, parse, problems)? {
            None => Some(Limit(None)),
            Some(number) => counted(node, number, Some("unlimited"), problems).map(Limit::of),
        }
    }

    fn schema(_: &mut Definitions) -> Json {
        let pattern = format!("{}|^unlimited$", u64::PATTERN);
        json!({"title": "whole number or unlimited", "type": ["string", "integer"], "minimum": 0,
               "maximum": MOST_COUNTED, "pattern": pattern})
    }
}
