//! How much a store holds: so many entries, or so many bytes.

use std::fmt;

use crate::document::{Definitions, Node, Problems, Read, parsed};
use crate::units::{Bytes, Quantity};

/// The most that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// So many entries, of whatever size; 1 or more.
    Entries(u64),
    /// Entries whose sizes add up to so much; above zero.
    Bytes(Bytes),
    /// Everything.
    Unlimited,
}

const EXPECTED: &str = "a capacity such as `10k entries`, `64MiB` or `unlimited`";

impl Capacity {
    /// The most that all entries weigh, and whether each weighs one and not its bytes.
    pub(super) fn limit(self) -> (u64, bool) {
        match self {
            Capacity::Entries(entries) => (entries, true),
            Capacity::Bytes(bytes) => (bytes.0, false),
            Capacity::Unlimited => (u64::MAX, false),
        }
    }

    /// How many bytes it is, if it is so many bytes.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Capacity::Bytes(bytes) => bytes.0,
            Capacity::Entries(_) | Capacity::Unlimited => 0,
        }
    }

    fn parse(text: &str) -> Option<Capacity> {
        if text == "unlimited" {
            return Some(Capacity::Unlimited);
        }
        if let Some(number) = text.strip_suffix("entries") {
            let number = u64::parse(number.trim_end()).filter(|&number| number > 0);
            return number.map(Capacity::Entries);
        }
        Bytes::parse(text).filter(|bytes| bytes.0 > 0).map(Capacity::Bytes)
    }
}

impl Read for Capacity {
    fn read(node: &Node, problems: &mut Problems) -> Option<Capacity> {
        parsed(node, EXPECTED, Capacity::parse, problems)
    }

    fn stand_in() -> Option<Capacity> {
        Some(Capacity::Unlimited)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let bytes = <Bytes as Quantity>::PATTERN;
        let pattern = format!(r"^unlimited$|^[0-9_]+(\.[0-9]+)?[kMG]? ?entries$|{bytes}");
        serde_json::json!({ "title": "capacity", "type": "string", "pattern": pattern })
    }
}

/// As it is written in YAML.
impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Capacity::Entries(entries) => f.pad(&format!("{entries} entries")),
            Capacity::Bytes(bytes) => bytes.fmt(f),
            Capacity::Unlimited => f.pad("unlimited"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_is_a_number_of_entries_or_bytes_or_without_limit() {
        let check = |text, expect| assert_eq!(Capacity::parse(text), expect, "{text:?}");
        check("10k entries", Some(Capacity::Entries(10_000)));
        check("1 entries", Some(Capacity::Entries(1)));
        check("64MiB", Some(Capacity::Bytes(Bytes(64 << 20))));
        check("unlimited", Some(Capacity::Unlimited));
        for wrong in ["0 entries", "0B", "100", "entries", "-1 entries", "1.5 entries", "10k entry"]
        {
            check(wrong, None);
        }
        for text in ["10000 entries", "64MiB", "unlimited"] {
            assert_eq!(Capacity::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
    }
}
