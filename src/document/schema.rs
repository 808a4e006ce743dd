//! The JSON Schema, draft 7, which editors use to complete and check a document.

use super::node::{Node, Place, Sources, Value};
use super::problem::Problems;
use super::read::Read;
use super::record::Field;
use super::yaml::parse_from;
use serde_json::{Map, Value as Json, json};
use std::any::type_name;

/// The named parts of a schema, in the order in which they are first referred to.
#[derive(Debug, Default)]
pub struct Definitions {
    entries: Vec<Definition>,
    wrong_defaults: Vec<String>,
}

#[derive(Debug)]
struct Definition {
    name: String,
    rust_type: &'static str,
    schema: Json,
}

impl Definitions {
    /// Names the schema of `T`, builds it at the first call only, and refers to it.
    ///
    /// # Panics
    /// If another type has that name.
    pub fn define<T>(&mut self, name: &str, build: impl Fn(&mut Definitions) -> Json) -> Json {
        self.define_as(name, type_name::<T>(), &build)
    }

    /// The same for a type by its name in Rust. What is done for every type is not generic, so that
    /// it is compiled once.
    pub(super) fn define_as(
        &mut self,
        name: &str,
        rust_type: &'static str,
        build: &dyn Fn(&mut Definitions) -> Json,
    ) -> Json {
        let name = name.strip_suffix("Spec").filter(|rest| !rest.is_empty()).unwrap_or(name);
        match self.entries.iter().find(|entry| entry.name == name) {
            Some(known) => {
                let other = known.rust_type;
                assert_eq!(other, rust_type, "two declarations would share the name {name}");
            }
            None => {
                // The place is taken before it is filled: a type may refer to itself.
                let index = self.entries.len();
                let name = name.to_owned();
                self.entries.push(Definition { name, rust_type, schema: Json::Null });
                self.entries[index].schema = build(self);
            }
        }
        json!({"$ref": format!("#/definitions/{name}")})
    }

    /// The definitions by name, in the order in which they are first referred to.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), &entry.schema))
    }

    pub(super) fn check(
        &mut self,
        record: &str,
        field: &Field,
        check: fn(&Node, &mut Problems) -> bool,
    ) {
        let mut problems = Problems::new();
        let node = field.default_at(nowhere());
        if !node.is_none_or(|node| check(&node, &mut problems)) || !problems.is_empty() {
            let default = field.default.unwrap_or("");
            self.wrong_defaults.push(format!("{record}.{}: {default}", field.name));
        }
    }
}

/// What the schema of a record says of one field's type.
pub struct Property {
    pub(super) schema: Json,
    /// The type has no value for a key that is left out.
    pub(super) required: bool,
    /// The type has a value for null.
    pub(super) nullable: bool,
    /// Whether a node is one of the type.
    pub(super) check: fn(&Node, &mut Problems) -> bool,
}

/// What a schema says of a field of type `T`.
pub fn property<T: Read>(definitions: &mut Definitions) -> Property {
    let check = |node: &Node, problems: &mut Problems| T::read(node, problems).is_some();
    let required = T::absent().is_none();
    Property { schema: T::schema(definitions), required, nullable: is_nullable(check), check }
}

fn is_nullable(check: fn(&Node, &mut Problems) -> bool) -> bool {
    check(&Node::null(nowhere()), &mut Problems::new())
}

fn nowhere() -> Place {
    Place { source: Sources::new().add("", ""), start: 0, end: 0 }
}

/// `schema` with the lines of a doc comment as its description.
pub fn described(schema: Json, doc: &[&str]) -> Json {
    let text: Vec<_> = doc.iter().map(|line| line.trim()).collect();
    let text = text.join("\n").trim().to_owned();
    // Draft 7 ignores what stands beside a reference.
    let mut schema = if schema.get("$ref").is_some() { json!({"allOf": [schema]}) } else { schema };
    if !text.is_empty() {
        schema["description"] = Json::String(text);
    }
    schema
}

/// A type's name as one says it: `HealthCheckSpec` is a `health check`.
pub(super) fn spoken(name: &str) -> String {
    let name = name.strip_suffix("Spec").filter(|rest| !rest.is_empty()).unwrap_or(name);
    let mut spoken = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !spoken.is_empty() {
            spoken.push(' ');
        }
        spoken.extend(c.to_lowercase());
    }
    spoken
}

/// `an act`, `a call`.
pub(super) fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// A YAML text as JSON, its scalars typed as an editor would.
pub(super) fn plain_json(text: &str) -> Json {
    let mut sources = Sources::new();
    let source = sources.add("default", text);
    parse_from(source, &sources, 0, &mut Problems::new()).map_or(Json::Null, |node| to_json(&node))
}

fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Scalar(text) => match serde_json::from_str(text) {
            Ok(typed @ (Json::Bool(_) | Json::Number(_))) => typed,
            _ => Json::String(text.clone()),
        },
        Value::Sequence(items) => items.iter().map(to_json).collect(),
        Value::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.text.clone(), to_json(value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// The whole schema of a document that is read as `Root`.
pub fn json_schema<Root: Read>(title: &str) -> Json {
    let mut definitions = Definitions::default();
    let root = Root::schema(&mut definitions);
    let named: Map<_, _> = definitions
        .entries
        .into_iter()
        .map(|definition| (definition.name, definition.schema))
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "allOf": [root],
        "definitions": named,
    })
}

/// The defaults under `Root` that their own type refuses, as `Record.field: default`. A test
/// holds that there are none.
#[cfg(test)]
pub fn check_defaults<Root: Read>() -> Vec<String> {
    let mut definitions = Definitions::default();
    Root::schema(&mut definitions);
    definitions.wrong_defaults
}
