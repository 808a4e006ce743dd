//! What a scenario says of places.

use std::fmt;

use crate::document::{At, Count, Definitions, Name, Node, Problems, Read, choice, parsed, record};
use crate::units::Quantity;

record! {
    /// A region, in which components and clients are.
    pub struct RegionSpec {
        /// Its zones, each a place of its own: zone `a` of `us-east` is `us-east.a`.
        pub zones: Vec<Name> = "[]",
    }
}

/// Where machines are that are alike, and how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineSite {
    /// A zone, or a region, over whose zones they are dealt in turn; in no region if `None`.
    pub place: Option<At<PlaceName>>,
    /// How many there are.
    pub count: Count,
    /// The rack that all of them are in.
    pub rack: Option<Name>,
}

choice! {
    /// Where in a region instances are that are placed in the region alone.
    pub enum Across {
        /// In its zones in turn, the first instance of a component in the first zone.
        Zones = "zones",
        /// In no zone of it: whatever happens to one, they stay, as a regional service does.
        Region = "region",
    }
}

/// A place by its name, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceName {
    /// A region, a zone with its region (`us-east.a`), machines, or a rack.
    pub name: String,
    /// Which of the machines, counted from 0; all of them if `None`.
    pub index: Option<u64>,
}

impl PlaceName {
    /// The place that is written so.
    pub fn parse(text: &str) -> Option<PlaceName> {
        let (name, index) = split_index(text)?;
        let plain = !name.is_empty() && !name.contains(['@', ' ']);
        plain.then(|| PlaceName { name: name.to_owned(), index })
    }
}

/// `office[0]`: the name and the number in brackets, where there are any.
pub(super) fn split_index(text: &str) -> Option<(&str, Option<u64>)> {
    let Some((name, rest)) = text.split_once('[') else {
        return (!text.contains(']')).then(|| (text.trim(), None));
    };
    let index = rest.strip_suffix(']').and_then(|index| u64::parse(index.trim()))?;
    Some((name.trim(), Some(index)))
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "{}[{index}]", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Read for PlaceName {
    fn read(node: &Node, problems: &mut Problems) -> Option<PlaceName> {
        parsed(node, "a place such as us-east, us-east.a or office[0]", PlaceName::parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "title": "place", "type": "string" })
    }
}
