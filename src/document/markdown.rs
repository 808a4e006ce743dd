//! The reference for people: the same schema as Markdown, a section for everything that has a name.

use super::read::Read;
use super::schema::Definitions;
use serde_json::{Map, Value as Json};
use std::fmt::Write;

/// The reference of a document that is read as `Root`, in the order of first reference.
pub fn markdown<Root: Read>() -> String {
    let mut definitions = Definitions::default();
    Root::schema(&mut definitions);
    let sections: Vec<_> = definitions.iter().map(|(name, schema)| section(name, schema)).collect();
    sections.join("\n")
}

fn section(name: &str, schema: &Json) -> String {
    let mut out = format!("## {name}\n");
    if let Some(description) = description(schema) {
        out.push_str(&format!("\n{description}\n"));
    }
    let object = schema["anyOf"].get(0).unwrap_or(schema);
    if let Some(properties) = object["properties"].as_object() {
        let variant = object.get("maxProperties").is_some();
        out.push_str(&if variant { alternatives(properties) } else { keys(object, properties) });
        out.push_str(&short_form(schema, variant));
    } else if let Some(words) = schema["oneOf"].as_array() {
        out.push_str("\n| value | meaning |\n|---|---|\n");
        for word in words {
            row(&mut out, &[code(&plain(&word["const"])), meaning(word)]);
        }
    } else if description(schema).is_none() {
        out.push_str(&format!("\n{}\n", type_name(schema)));
    }
    out
}

fn keys(object: &Json, properties: &Map<String, Json>) -> String {
    let mut out = String::from("\n| key | type | default | meaning |\n|---|---|---|---|\n");
    let required = |key: &str| {
        object["required"].as_array().is_some_and(|keys| keys.iter().any(|other| other == key))
    };
    for (key, schema) in properties {
        let default = match schema.get("default") {
            Some(default) => code(&plain(default)),
            None if required(key) => "**required**".to_owned(),
            None => String::new(),
        };
        row(&mut out, &[code(key), type_name(schema), default, meaning(schema)]);
    }
    out
}

fn alternatives(properties: &Map<String, Json>) -> String {
    let mut out = String::from("\nOne of:\n\n| key | type | meaning |\n|---|---|---|\n");
    for (key, schema) in properties {
        row(&mut out, &[code(key), type_name(schema), meaning(schema)]);
    }
    out
}

/// What may be written instead of the mapping.
fn short_form(schema: &Json, variant: bool) -> String {
    let Some(short) = schema["anyOf"].get(1) else { return String::new() };
    if variant {
        let words: Vec<_> = short["enum"].as_array().into_iter().flatten().map(plain).collect();
        let words: Vec<_> = words.iter().map(|word| code(word)).collect();
        return format!("\nA word alone will do for {}.\n", words.join(", "));
    }
    let properties = schema["anyOf"][0]["properties"].as_object();
    let same = |property: &Json| property == short || property["allOf"].get(0) == Some(short);
    let key = properties.into_iter().flatten().find(|(_, property)| {
        let mut bare = (*property).clone();
        if let Some(bare) = bare.as_object_mut() {
            bare.shift_remove("description");
            bare.shift_remove("default");
        }
        same(&bare)
    });
    key.map_or(String::new(), |(key, _)| {
        format!("\nShort form: the value of {} alone.\n", code(key))
    })
}

/// A type as a person would name it, with a link if it has a section.
fn type_name(schema: &Json) -> String {
    let first = |of: &str| schema[of][0]["$ref"].as_str();
    let reference = schema["$ref"].as_str().or(first("allOf")).or(first("anyOf"));
    if let Some(reference) = reference {
        let name = reference.trim_start_matches("#/definitions/");
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(title) = schema["title"].as_str() {
        return title.to_owned();
    }
    if let Some(item) = schema["anyOf"][0].get("items") {
        return format!("list of {}", type_name(item));
    }
    if let Some(value) = schema.get("additionalProperties").filter(|value| value.is_object()) {
        return format!("names, each with {}", type_name(value));
    }
    schema["type"].as_str().unwrap_or("").to_owned()
}

fn description(schema: &Json) -> Option<&str> {
    schema["description"].as_str()
}

fn meaning(schema: &Json) -> String {
    description(schema).unwrap_or("").replace("\n\n", "<br>").replace('\n', " ")
}

/// A default as a user would write it.
fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", "))
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", plain(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn row(out: &mut String, cells: &[String]) {
    for cell in cells {
        let cell = cell.replace('|', "\\|");
        write!(out, "| {cell} ").expect("a String takes any text");
    }
    out.push_str("|\n");
}
