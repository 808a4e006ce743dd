//! Typed reading: a node becomes a value, or every problem on the way is reported.

use super::node::{Node, Value};
use super::problem::{Problem, Problems};
use super::schema::Definitions;
use crate::units::Quantity;
use serde_json::{Value as Json, json};

/// What a part of the document is read into. `record!`, `choice!` and `variant!` implement it.
pub trait Read: Sized {
    /// Reads `node`. `None` only after reporting at least one problem; a problem may also come with
    /// a value, so that reading goes on and finds the others.
    fn read(node: &Node, problems: &mut Problems) -> Option<Self>;

    /// The same as JSON Schema, draft 7. Its `title` names the type for people.
    fn schema(definitions: &mut Definitions) -> Json;

    /// What the value is when its key is left out; `None` if it may not be.
    fn absent() -> Option<Self> {
        None
    }

    /// Any value, to go on with where what was written is reported as wrong, so that later checks
    /// can report the rest. The document is refused all the same.
    fn stand_in() -> Option<Self> {
        None
    }
}

/// The text of a scalar; anything else is reported as not being what was `expected`, such as
/// `a duration such as 250ms`.
pub fn scalar<'a>(node: &'a Node, expected: &str, problems: &mut Problems) -> Option<&'a str> {
    let text = node.text();
    if text.is_none() {
        problems.push(Problem::mismatch(node, expected));
    }
    text
}

/// Reads a scalar with `parse`; whatever that refuses is reported as not being what was `expected`.
pub fn parsed<T>(
    node: &Node,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    problems: &mut Problems,
) -> Option<T> {
    let value = parse(scalar(node, expected, problems)?);
    if value.is_none() {
        problems.push(Problem::mismatch(node, expected));
    }
    value
}

impl<Q: Quantity> Read for Q {
    fn read(node: &Node, problems: &mut Problems) -> Option<Q> {
        parsed(node, Q::EXPECTED, Q::parse, problems)
    }

    fn stand_in() -> Option<Q> {
        ["1", "1s", "1/s", "1B", "1B/s"].into_iter().find_map(Q::parse)
    }

    fn schema(_: &mut Definitions) -> Json {
        let title = Q::EXPECTED.split(" such as ").next().unwrap_or("").trim_start_matches("a ");
        let mut schema = json!({"title": title, "pattern": Q::PATTERN});
        // Which bare numbers are right is asked of the parser itself.
        let accepts = |text| Q::parse(text).is_some();
        let number = if accepts("0.5") { "number" } else { "integer" };
        if accepts("0") {
            schema["type"] = json!(["string", number]);
            schema["minimum"] = json!(0);
        } else {
            schema["type"] = json!("string");
        }
        match (accepts("0"), accepts("1"), accepts("2")) {
            (true, false, _) => schema["maximum"] = json!(0),
            (true, true, false) => schema["maximum"] = json!(1),
            _ => {}
        }
        schema
    }
}

impl Read for bool {
    fn read(node: &Node, problems: &mut Problems) -> Option<bool> {
        parsed(node, "true or false", |text| text.parse().ok(), problems)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"title": "true or false", "type": "boolean"})
    }
}

impl Read for String {
    fn read(node: &Node, problems: &mut Problems) -> Option<String> {
        parsed(node, "a text", |text| Some(text.to_owned()), problems)
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"title": "text", "type": ["string", "number", "boolean"]})
    }
}

/// Nothing at all: what a choice without parameters has for parameters.
impl Read for () {
    fn read(node: &Node, problems: &mut Problems) -> Option<()> {
        if node.is_null() {
            return Some(());
        }
        problems.push(Problem::new(node.place, "nothing belongs here", "leave it out"));
        None
    }

    fn schema(_: &mut Definitions) -> Json {
        json!({"title": "nothing", "type": "null"})
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Option<T>> {
        if node.is_null() { Some(None) } else { T::read(node, problems).map(Some) }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        T::schema(definitions)
    }

    fn absent() -> Option<Option<T>> {
        Some(None)
    }

    fn stand_in() -> Option<Option<T>> {
        Some(T::stand_in())
    }
}

/// A list; one item stands for a list of one, and nothing for an empty one. Items that are reported
/// as wrong are left out.
impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Vec<T>> {
        match &node.value {
            Value::Null => Some(Vec::new()),
            Value::Sequence(items) => {
                Some(items.iter().filter_map(|item| T::read(item, problems)).collect())
            }
            _ => T::read(node, problems).map(|item| vec![item]),
        }
    }

    fn schema(definitions: &mut Definitions) -> Json {
        list_of(&T::schema(definitions))
    }
}

fn list_of(item: &Json) -> Json {
    json!({"anyOf": [{"type": "array", "items": item}, item]})
}
