//! The tree: what a YAML text says, and where it says it.

use std::ops::Range;

/// Which text a place lies in: the scenario file, or an option on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// The texts that were read, by name.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<(String, String)>);

impl Sources {
    /// No texts yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a text under the name that messages give it, such as a file's path or `--set`.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.0.push((name.into(), text.into()));
        SourceId(self.0.len() - 1)
    }

    /// The name and the text of a source; both empty if it was added elsewhere.
    pub fn get(&self, id: SourceId) -> (&str, &str) {
        self.0.get(id.0).map_or(("", ""), |(name, text)| (name, text))
    }

    /// Line and column of a place's start, both from 1; the column counts characters.
    #[cfg(test)]
    pub(super) fn position(&self, place: Place) -> (usize, usize) {
        let before = &self.get(place.source).1;
        let before = &before[..floor_boundary(before, place.start)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// The last character boundary of `text` at or before `index`.
pub(super) fn floor_boundary(text: &str, index: usize) -> usize {
    let index = index.min(text.len());
    (0..=index).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which text.
    pub source: SourceId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Place {
    /// The place of the bytes `range` of `text`, which stands here. A scalar that does not stand
    /// here letter for letter (it has escapes, or spans lines) is underlined as a whole.
    pub fn part(self, text: &str, range: Range<usize>) -> Place {
        // Quotes take one byte on either side; escapes and line folding change the length further.
        let opening = match (self.end - self.start).checked_sub(text.len()) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return self,
        };
        let start = self.start + opening;
        Place { start: start + range.start, end: start + range.end, ..self }
    }
}

/// A value in the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands. A block mapping or sequence, which may be pages long, stands where the key
    /// before it does; so does a value that was left out.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// A word, number or text as written, without its quotes. Its reader gives it a type.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with their values in the order of the text. No key occurs twice.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key as written, without its quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Node {
    /// A node that says nothing, at `place`.
    pub fn null(place: Place) -> Node {
        Node { place, value: Value::Null }
    }

    /// True for nothing, `null` or `~`.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The value under `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Mapping(entries) => {
                entries.iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Where the bytes `range` of this scalar's text stand.
    pub fn part(&self, range: Range<usize>) -> Place {
        self.text().map_or(self.place, |text| self.place.part(text, range))
    }

    /// The same tree, all of it standing at `place`: for a default, which stands nowhere.
    pub(super) fn moved_to(mut self, place: Place) -> Node {
        self.place = place;
        match &mut self.value {
            Value::Null | Value::Scalar(_) => {}
            Value::Sequence(items) => {
                *items =
                    std::mem::take(items).into_iter().map(|item| item.moved_to(place)).collect();
            }
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    key.place = place;
                    *value = std::mem::replace(value, Node::null(place)).moved_to(place);
                }
            }
        }
        self
    }

    /// Nodes and bytes of text in this tree: what a copy of it costs.
    pub(super) fn weight(&self) -> usize {
        1 + match &self.value {
            Value::Null => 0,
            Value::Scalar(text) => text.len(),
            Value::Sequence(items) => items.iter().map(Node::weight).sum(),
            Value::Mapping(entries) => {
                entries.iter().map(|(key, value)| key.text.len() + value.weight()).sum()
            }
        }
    }

    /// How many levels this tree has.
    pub(super) fn depth(&self) -> usize {
        1 + match &self.value {
            Value::Null | Value::Scalar(_) => 0,
            Value::Sequence(items) => items.iter().map(Node::depth).max().unwrap_or(0),
            Value::Mapping(entries) => {
                entries.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
            }
        }
    }
}
