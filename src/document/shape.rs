//! What may stand at a place of a document, by its JSON Schema.

use serde_json::Value as Json;

/// The alternatives for one place.
#[derive(Clone)]
pub(super) struct Shape<'a> {
    root: &'a Json,
    parts: Vec<&'a Json>,
}

/// Whose word a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    /// The language's: it is declared.
    Declared,
    /// The user's: any name will do.
    Named,
}

impl<'a> Shape<'a> {
    /// What a whole document may be.
    pub(super) fn of(schema: &'a Json) -> Shape<'a> {
        Shape { root: schema, parts: vec![schema] }.resolved()
    }

    /// What may stand under `key`, if anything may.
    pub(super) fn under(&self, key: &str) -> Option<(Shape<'a>, Keyword)> {
        let find = |whose, part: fn(&'a Json, &str) -> Option<&'a Json>| {
            let parts: Vec<_> = self.parts.iter().filter_map(|schema| part(schema, key)).collect();
            let shape = Shape { root: self.root, parts };
            (!shape.parts.is_empty()).then(|| (shape.resolved(), whose))
        };
        let declared = find(Keyword::Declared, |schema, key| schema.get("properties")?.get(key));
        declared.or_else(|| {
            find(Keyword::Named, |schema, _| {
                schema.get("additionalProperties").filter(|named| named.is_object())
            })
        })
    }

    /// The declared keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        let properties = self.parts.iter().filter_map(|schema| schema.get("properties"));
        properties.filter_map(Json::as_object).flat_map(|keys| keys.keys().map(String::as_str))
    }

    /// What may stand in a list.
    pub(super) fn item(&self) -> Shape<'a> {
        let parts = self.parts.iter().filter_map(|schema| schema.get("items")).collect();
        Shape { root: self.root, parts }.resolved()
    }

    /// With references followed and alternatives opened.
    fn resolved(self) -> Shape<'a> {
        let (mut todo, mut parts) = (self.parts, Vec::new());
        while let Some(schema) = todo.pop() {
            let name = schema.get("$ref").and_then(Json::as_str);
            let name = name.and_then(|name| name.strip_prefix("#/definitions/"));
            todo.extend(name.and_then(|name| self.root.get("definitions")?.get(name)));
            for either in ["allOf", "anyOf"] {
                todo.extend(schema.get(either).and_then(Json::as_array).into_iter().flatten());
            }
            parts.push(schema);
        }
        Shape { root: self.root, parts }
    }
}
