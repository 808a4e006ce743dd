//! Names the user gives, and where each was given, so that a later check can point at it.

use super::node::{Node, Place, Value};
use super::problem::{Problem, Problems};
use super::read::Read;
use super::schema::Definitions;
use serde_json::{Value as Json, json};

/// A value that remembers where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written. A default stands where its record does.
    pub place: Place,
}

/// A name, which a later check looks up.
pub type Name = At<String>;

/// Values under names that the user chose, in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries<T>(pub Vec<(Name, T)>);

impl<T> Entries<T> {
    /// The entries in the order of the text.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &T)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names in the order of the text.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known.value == name).map(|(_, value)| value)
    }

    /// Which entry has that name, counted from 0.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.names().position(|known| known == name)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is large and mostly not given.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxed<T>(pub Box<T>);

impl<T> Default for Entries<T> {
    fn default() -> Entries<T> {
        Entries(Vec::new())
    }
}

impl<T: Read> Read for At<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<At<T>> {
        T::read(node, problems).map(|value| At { value, place: node.place })
    }

    fn schema(definitions: &mut Definitions) -> Json {
        T::schema(definitions)
    }
}

impl<T: Read> Read for Boxed<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Boxed<T>> {
        T::read(node, problems).map(|value| Boxed(Box::new(value)))
    }

    fn schema(definitions: &mut Definitions) -> Json {
        T::schema(definitions)
    }
}

impl<T: Read> Read for Entries<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Entries<T>> {
        let entries = match &node.value {
            Value::Null => return Some(Entries::default()),
            Value::Mapping(entries) => entries,
            _ => {
                problems.push(Problem::mismatch(node, "a mapping from names to values"));
                return None;
            }
        };
        let mut read = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if key.text.trim().is_empty() {
                let label = "expected a name of your choice";
                problems.push(Problem::new(key.place, "the name is empty", label));
            }
            let name = At { value: key.text.clone(), place: key.place };
            read.extend(T::read(value, problems).map(|value| (name, value)));
        }
        Some(Entries(read))
    }

    fn stand_in() -> Option<Entries<T>> {
        Some(Entries::default())
    }

    fn schema(definitions: &mut Definitions) -> Json {
        json!({"type": "object", "additionalProperties": T::schema(definitions)})
    }
}
