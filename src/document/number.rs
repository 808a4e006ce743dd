//! Numbers that are not any number: at least one, above zero, perhaps unlimited.

use super::node::Node;
use super::problem::Problems;
use super::read::{Read, parsed};
use super::schema::Definitions;
use crate::units::Quantity;
use serde_json::{Value as Json, json};

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
    /// So much.
    pub fn of(number: u64) -> Limit {
        Limit(Some(number))
    }

    /// The number; `None` without a limit.
    pub fn get(self) -> Option<u64> {
        self.0
    }
}

impl Read for Count {
    fn read(node: &Node, problems: &mut Problems) -> Option<Count> {
        let parse = |text: &str| u64::parse(text).filter(|&number| number > 0).map(Count);
        parsed(node, "a whole number from 1 such as 4, 250 or 10k", parse, problems)
    }

    fn stand_in() -> Option<Count> {
        Some(Count(1))
    }

    fn schema(_: &mut Definitions) -> Json {
        let pattern = u64::PATTERN;
        json!({"title": "whole number from 1", "type": ["string", "integer"], "minimum": 1,
               "pattern": pattern})
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
            "unlimited" => Some(Limit(None)),
            number => u64::parse(number).map(|number| Limit(Some(number))),
        };
        parsed(node, "a whole number such as 256 or 10k, or unlimited", parse, problems)
    }

    fn schema(_: &mut Definitions) -> Json {
        let pattern = format!("{}|^unlimited$", u64::PATTERN);
        json!({"title": "whole number or unlimited", "type": ["string", "integer"], "minimum": 0,
               "pattern": pattern})
    }
}
