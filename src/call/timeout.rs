//! How long a caller waits.

use crate::document::{Definitions, Node, Problems, Read, parsed};
use crate::units::{Quantity, Span};

/// How long to wait for an answer: a duration, or `none` for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub Option<Span>);

const TIMEOUT: &str = "a duration above zero such as 250ms or 2s, or `none`";

impl Read for Timeout {
    fn read(node: &Node, problems: &mut Problems) -> Option<Timeout> {
        let parse = |text: &str| match text {
            "none" => Some(Timeout(None)),
            _ => Span::parse(text).filter(|span| *span > Span::ZERO).map(|s| Timeout(Some(s))),
        };
        parsed(node, TIMEOUT, parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "timeout",
            "anyOf": [{ "const": "none" }, { "type": "string", "pattern": Span::PATTERN }],
        })
    }
}

impl Timeout {
    /// The caller waits for ever.
    pub const NONE: Timeout = Timeout(None);

    /// Whichever ends first.
    pub fn min(self, other: Timeout) -> Timeout {
        match (self.0, other.0) {
            (Some(one), Some(two)) => Timeout(Some(one.min(two))),
            (one, two) => Timeout(one.or(two)),
        }
    }

    /// How long it lasts (s); infinite if the caller waits for ever.
    pub fn secs(self) -> f64 {
        self.0.map_or(f64::INFINITY, Span::secs)
    }
}
