//! `variant!`: a mapping whose only key says which of several things it is.

use super::choice::Tag;
use super::node::{Node, Value};
use super::problem::{Problem, Problems, listed};
use super::read::Read;
use super::schema::{Definitions, Property, described, spoken, with_article};
use serde_json::{Map, Value as Json, json};
use std::any::type_name;
use std::borrow::Cow;

/// One of several things, told by its key; declared by `variant!`.
pub trait Variant: Read + 'static {
    /// Its name in Rust.
    const NAME: &'static str;
    /// The lines of its doc comment.
    const DOC: &'static [&'static str];
    /// The keys in the order of the declaration.
    const TAGS: &'static [Tag];
}

/// Which of its alternatives `node` is, and what is written under that key. A word alone is an
/// alternative with nothing under it.
pub fn pick<'a, V: Variant>(
    node: &'a Node,
    problems: &mut Problems,
) -> Option<(&'static str, Cow<'a, Node>)> {
    let words: Vec<_> = V::TAGS.iter().map(|tag| tag.text).collect();
    let what = spoken(V::NAME);
    let (key, place, value) = match &node.value {
        Value::Scalar(text) => (text, node.place, Cow::Owned(Node::null(node.place))),
        Value::Mapping(entries) if !entries.is_empty() => {
            let (key, value) = &entries[0];
            for (other, _) in &entries[1..] {
                let title = format!("{} has one key only", with_article(&what));
                let problem = Problem::new(other.place, title, "this is a second one");
                let problem = problem.also(key.place, "the first");
                let one = format!("{} is one of {}", with_article(&what), listed(&words, "or"));
                problems.push(problem.help(format!("{one}; in a list, begin the next with \"-\"")));
            }
            (&key.text, key.place, Cow::Borrowed(value))
        }
        _ => {
            let one = format!("{} such as {}", with_article(&what), listed(&words, "or"));
            problems.push(Problem::mismatch(node, &one));
            return None;
        }
    };
    let found = words.iter().copied().find(|word| word == key);
    if found.is_none() {
        problems.unknown(place, &format!("kind of {what}"), key, &words);
    }
    found.map(|word| (word, value))
}

/// The JSON Schema of a variant whose alternatives have these properties.
pub fn schema<V: Variant>(
    definitions: &mut Definitions,
    properties: fn(&mut Definitions) -> Vec<Property>,
) -> Json {
    let (doc, tags) = (V::DOC, V::TAGS);
    definitions.define_as(V::NAME, type_name::<V>(), &|definitions| {
        described(one_of(tags, properties(definitions)), doc)
    })
}

/// The schema of a mapping with one of these keys.
fn one_of(tags: &[Tag], properties: Vec<Property>) -> Json {
    let mut map = Map::new();
    let mut words = Vec::new();
    for (tag, property) in tags.iter().zip(properties) {
        if property.nullable {
            words.push(tag.text);
        }
        map.insert(tag.text.to_owned(), described(property.schema, tag.doc));
    }
    let schema = json!({
        "type": "object", "properties": map, "additionalProperties": false,
        "minProperties": 1, "maxProperties": 1,
    });
    if words.is_empty() { schema } else { json!({"anyOf": [schema, {"enum": words}]}) }
}

/// Declares one of several things, told by its key: an enum, its reader and its part of the schema.
/// An alternative without parameters, or whose parameters may all be left out, is also written as
/// its word alone.
macro_rules! variant {
    (@read $variant:ident, $node:expr, $problems:expr) => {{
        <() as $crate::document::Read>::read($node, $problems)?;
        Self::$variant
    }};
    (@read $variant:ident $payload:ty, $node:expr, $problems:expr) => {
        Self::$variant(<$payload as $crate::document::Read>::read($node, $problems)?)
    };
    (@property $definitions:expr) => {
        $crate::document::expansion::property::<()>($definitions)
    };
    (@property $payload:ty, $definitions:expr) => {
        $crate::document::expansion::property::<$payload>($definitions)
    };
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident {
            $($(#[doc = $tag_doc:literal])* $variant:ident $(($payload:ty))? = $tag:literal),*
            $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis enum $name {
            $($(#[doc = $tag_doc])* $variant $(($payload))?,)*
        }

        impl $crate::document::Variant for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static [&'static str] = &[$($doc),*];
            const TAGS: &'static [$crate::document::Tag] =
                &[$($crate::document::Tag { text: $tag, doc: &[$($tag_doc),*] }),*];
        }

        impl $crate::document::Read for $name {
            fn read(
                node: &$crate::document::Node,
                problems: &mut $crate::document::Problems,
            ) -> Option<Self> {
                let (tag, node) =
                    $crate::document::expansion::pick_variant::<Self>(node, problems)?;
                Some(match tag {
                    $($tag => $crate::document::variant!(
                        @read $variant $($payload)?, &node, problems
                    ),)*
                    _ => unreachable!("what is picked is one of the tags"),
                })
            }

            fn schema(
                definitions: &mut $crate::document::Definitions,
            ) -> $crate::document::expansion::Json {
                $crate::document::expansion::variant_schema::<Self>(definitions, |definitions| {
                    vec![$($crate::document::variant!(@property $($payload,)? definitions)),*]
                })
            }
        }
    };
}
pub(crate) use variant;
