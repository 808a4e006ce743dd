//! `record!`: a mapping with known keys.

use super::node::{Node, Place, Sources, Value};
use super::problem::{Problem, Problems};
use super::read::Read;
use super::schema::{Definitions, Property, described};
use super::yaml::parse_from;
use serde_json::{Map, Value as Json, json};
use std::any::type_name;

/// One key of a record, as declared.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The field's name in Rust.
    pub name: &'static str,
    /// The lines of its doc comment.
    pub doc: &'static [&'static str],
    /// What is read if the key is left out, as a user would write it.
    pub default: Option<&'static str>,
}

impl Field {
    /// The key in YAML: a field `r#in` is the key `in`.
    pub fn key(&self) -> &'static str {
        self.name.strip_prefix("r#").unwrap_or(self.name)
    }

    /// The default as a tree that stands at `place`.
    ///
    /// # Panics
    /// If the default is not YAML.
    pub(super) fn default_at(&self, place: Place) -> Option<Node> {
        self.default.map(|text| {
            let mut sources = Sources::new();
            let source = sources.add("default", text);
            let mut problems = Problems::new();
            let node = parse_from(source, &sources, 0, &mut problems);
            assert!(problems.is_empty(), "the default of {} is YAML: {text}", self.name);
            node.expect("a text without problems is a tree").moved_to(place)
        })
    }
}

/// A mapping with known keys; declared by `record!`.
pub trait Record: Read + 'static {
    /// Its name in Rust.
    const NAME: &'static str;
    /// The lines of its doc comment.
    const DOC: &'static [&'static str];
    /// Its keys in the order of the declaration.
    const FIELDS: &'static [Field];
    /// The field which a value that is not a mapping stands for.
    const SHORT: Option<&'static str>;
}

/// A record that is being read, field after field in the order of the declaration.
pub struct Fields<'a> {
    place: Place,
    node: &'a Node,
    fields: std::slice::Iter<'static, Field>,
    short: Option<&'static str>,
}

impl<'a> Fields<'a> {
    /// Begins to read `node` as the record `R`, and reports the keys it does not have.
    pub fn of<R: Record>(node: &'a Node, problems: &mut Problems) -> Option<Fields<'a>> {
        Fields::among(R::FIELDS, R::SHORT, node, problems)
    }

    fn among(
        all: &'static [Field],
        short: Option<&'static str>,
        node: &'a Node,
        problems: &mut Problems,
    ) -> Option<Fields<'a>> {
        let fields = Fields { place: node.place, node, fields: all.iter(), short: None };
        let keys: Vec<_> = all.iter().map(Field::key).collect();
        match &node.value {
            Value::Null => {}
            Value::Mapping(entries) => {
                for (key, _) in entries.iter().filter(|(key, _)| !keys.contains(&&*key.text)) {
                    problems.unknown(key.place, "key", &key.text, &keys);
                }
            }
            _ if short.is_some() => return Some(Fields { short, ..fields }),
            _ => {
                let some: Vec<_> = keys.iter().take(3).map(|key| format!("{key}: …")).collect();
                let expected = format!("a mapping such as {{{}}}", some.join(", "));
                problems.push(Problem::mismatch(node, &expected));
                return None;
            }
        }
        Some(fields)
    }

    /// Reads the next field.
    pub fn next<T: Read>(&mut self, problems: &mut Problems) -> Option<T> {
        let (field, written) = self.step();
        if let Some(node) = written {
            let read = T::read(node, problems).or_else(T::stand_in);
            if read.is_some() {
                return read;
            }
        }
        if let Some(node) = field.default_at(self.place) {
            return T::read(&node, problems);
        }
        if written.is_some() {
            return None;
        }
        T::absent().or_else(|| {
            problems.push(missing(self.place, field));
            T::stand_in()
        })
    }

    /// The next field, and what is written for it.
    fn step(&mut self) -> (&'static Field, Option<&'a Node>) {
        let field = self.fields.next().expect("there is a field for every call");
        let written = match self.short {
            Some(short) => Some(self.node).filter(|_| field.name == short),
            None => self.node.get(field.key()).filter(|node| !node.is_null()),
        };
        (field, written)
    }
}

fn missing(place: Place, field: &Field) -> Problem {
    let key = field.key();
    let meaning = field.doc.first().map_or("", |line| line.trim());
    Problem::new(place, format!("\"{key}\" is missing"), format!("expected the key \"{key}\" here"))
        .help(format!("{key}: {meaning}"))
}

/// The JSON Schema of a record whose fields have these properties.
pub fn schema<R: Record>(
    definitions: &mut Definitions,
    properties: fn(&mut Definitions) -> Vec<Property>,
) -> Json {
    let (name, doc, fields, short) = (R::NAME, R::DOC, R::FIELDS, R::SHORT);
    definitions.define_as(name, type_name::<R>(), &|definitions| {
        let properties = properties(definitions);
        described(object(name, fields, short, properties, definitions), doc)
    })
}

/// The schema of a mapping with these keys, or of what stands for one of them.
fn object(
    name: &str,
    fields: &'static [Field],
    short: Option<&str>,
    properties: Vec<Property>,
    definitions: &mut Definitions,
) -> Json {
    let mut map = Map::new();
    let mut required = Vec::new();
    let mut alone = None;
    for (field, property) in fields.iter().zip(properties) {
        if short == Some(field.name) {
            alone = Some(property.schema.clone());
        }
        if property.required && field.default.is_none() {
            required.push(field.key());
        }
        let mut schema = described(property.schema, field.doc);
        if let Some(default) = field.default {
            schema["default"] = super::schema::plain_json(default);
            definitions.check(name, field, property.check);
        }
        map.insert(field.key().to_owned(), schema);
    }
    let mut object = json!({"type": "object", "properties": map, "additionalProperties": false});
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    match alone {
        Some(alone) => json!({"anyOf": [object, alone]}),
        None => object,
    }
}

/// Declares a mapping with known keys: a struct, its reader and its part of the schema.
///
/// Every field says with its doc comment what it means. With `= "…"` it has a default, written as
/// a user would write it; an `Option` may be left out; any other field is required.
/// `#[short = field]` before `pub struct` lets a value that is not a mapping stand for that field
/// alone. A field `r#in` is the key `in`.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        $(#[short = $short:ident])?
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $field_vis:vis $field:ident : $type:ty $(= $default:literal)?
            ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $($(#[doc = $field_doc])* $field_vis $field: $type,)*
        }

        impl $crate::document::Record for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static [&'static str] = &[$($doc),*];
            const FIELDS: &'static [$crate::document::Field] = &[
                $($crate::document::Field {
                    name: stringify!($field),
                    doc: &[$($field_doc),*],
                    default: [$(Some($default),)? None][0],
                }),*
            ];
            const SHORT: Option<&'static str> = [$(Some(stringify!($short)),)? None][0];
        }

        impl $crate::document::Read for $name {
            fn read(
                node: &$crate::document::Node,
                problems: &mut $crate::document::Problems,
            ) -> Option<Self> {
                // Every field is read before one that failed ends the reading.
                let mut fields = $crate::document::Fields::of::<Self>(node, problems)?;
                $(let $field = fields.next::<$type>(problems);)*
                Some(Self { $($field: $field?),* })
            }

            fn schema(
                definitions: &mut $crate::document::Definitions,
            ) -> $crate::document::expansion::Json {
                $crate::document::expansion::record_schema::<Self>(definitions, |definitions| {
                    vec![$($crate::document::expansion::property::<$type>(definitions)),*]
                })
            }
        }
    };
}
pub(crate) use record;
