//! The JSON Schema says what the reader says: it accepts every scenario that comes with the program
//! and refuses those whose keys or values are wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::support::{root, run, shipped, status, stdout};
use serde_json::{Map, Value};

fn schema() -> Value {
    let output = run(root(), &["schema"]);
    assert_eq!(status(&output), 0);
    serde_json::from_str(&stdout(&output)).expect("the schema is JSON")
}

fn scenario(path: &std::path::Path) -> Value {
    let text = fs::read_to_string(root().join(path)).expect("the scenario can be read");
    serde_yaml::from_str(&text).expect("the scenario is YAML")
}

/// Why `value` is not what `schema` says; only the keywords that the schema uses, without
/// `pattern`.
fn check(value: &Value, schema: &Value, whole: &Value, path: &str) -> Result<(), String> {
    let Some(rules) = schema.as_object() else { return Ok(()) };
    for (keyword, rule) in rules {
        keyword_holds(value, keyword, rule, rules, whole, path)?;
    }
    Ok(())
}

fn keyword_holds(
    value: &Value,
    keyword: &str,
    rule: &Value,
    rules: &Map<String, Value>,
    whole: &Value,
    path: &str,
) -> Result<(), String> {
    let wrong = |why: String| Err(format!("{path}: {value} {why}"));
    let list = || rule.as_array().expect("a list").iter();
    let number = || rule.as_f64().expect("a number");
    let holding = || list().filter(|rule| check(value, rule, whole, path).is_ok()).count();
    match (keyword, value) {
        ("title" | "description" | "default" | "$schema" | "definitions" | "pattern", _) => {}
        ("$ref", _) => {
            let name = rule.as_str().and_then(|name| name.strip_prefix('#')).expect("a pointer");
            check(value, whole.pointer(name).expect("it leads somewhere"), whole, path)?;
        }
        ("allOf", _) => list().try_for_each(|rule| check(value, rule, whole, path))?,
        ("anyOf", _) if holding() == 0 => return wrong(format!("is none of {rule}")),
        ("oneOf", _) if holding() != 1 => return wrong(format!("is not one of {rule}")),
        ("const", _) if value != rule => return wrong(format!("is not {rule}")),
        ("enum", _) if !list().any(|one| one == value) => return wrong(format!("not in {rule}")),
        ("type", _) if !is_of_type(value, rule) => return wrong(format!("is no {rule}")),
        ("minimum", Value::Number(n)) if n.as_f64() < Some(number()) => {
            return wrong(format!("is below {rule}"));
        }
        ("maximum", Value::Number(n)) if n.as_f64() > Some(number()) => {
            return wrong(format!("is above {rule}"));
        }
        ("exclusiveMinimum", Value::Number(n)) if n.as_f64() <= Some(number()) => {
            return wrong(format!("is not above {rule}"));
        }
        ("items", Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check(item, rule, whole, &format!("{path}[{index}]"))?;
            }
        }
        (_, Value::Object(entries)) => {
            return object_holds(entries, keyword, rule, rules, whole, path);
        }
        _ => {}
    }
    Ok(())
}

fn object_holds(
    entries: &Map<String, Value>,
    keyword: &str,
    rule: &Value,
    rules: &Map<String, Value>,
    whole: &Value,
    path: &str,
) -> Result<(), String> {
    let count = entries.len() as u64;
    let known =
        |key: &String| rules.get("properties").is_some_and(|known| known.get(key).is_some());
    match keyword {
        "properties" => {
            for (key, rule) in rule.as_object().expect("a mapping") {
                if let Some(value) = entries.get(key) {
                    check(value, rule, whole, &format!("{path}.{key}"))?;
                }
            }
        }
        "required" => {
            let mut keys = rule.as_array().expect("a list").iter();
            if let Some(key) = keys.find(|key| !entries.contains_key(key.as_str().expect("a key")))
            {
                return Err(format!("{path}: {key} is missing"));
            }
        }
        "additionalProperties" => {
            for (key, value) in entries.iter().filter(|(key, _)| !known(key)) {
                if *rule == Value::Bool(false) {
                    return Err(format!("{path}: {key} has no place here"));
                }
                check(value, rule, whole, &format!("{path}.{key}"))?;
            }
        }
        "minProperties" if rule.as_u64() > Some(count) => {
            return Err(format!("{path}: too few keys"));
        }
        "maxProperties" if rule.as_u64() < Some(count) => {
            return Err(format!("{path}: too many keys"));
        }
        _ => {}
    }
    Ok(())
}

fn is_of_type(value: &Value, rule: &Value) -> bool {
    let types = match rule {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => vec![one.as_str().expect("a type")],
    };
    types.into_iter().any(|name| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        other => panic!("no such type: {other}"),
    })
}

#[test]
fn the_schema_accepts_every_sound_scenario() {
    let schema = schema();
    let sound = ["scenario", "arrivals", "steps", "caches", "http"];
    let sound = sound.map(|name| PathBuf::from(format!("tests/sound/{name}.yaml")));
    for path in shipped().into_iter().chain(sound) {
        let found = check(&scenario(&path), &schema, &schema, "");
        assert_eq!(found, Ok(()), "{}", path.display());
    }
}

/// What needs knowledge of the rest of the file, such as a name, is not for a schema to find.
#[test]
fn the_schema_refuses_what_is_wrong_in_itself() {
    let schema = schema();
    for name in [
        "unknown-key-at-the-root",
        "unknown-key-of-a-server",
        "unknown-key-of-a-client",
        "unknown-step",
        "unknown-policy",
        "unknown-component-kind",
        "component-of-two-kinds",
        "component-of-no-kind",
        "duration-without-a-unit",
        "zero-cores",
        "half-a-core",
        "no-target",
        "no-topology",
        "a-list",
        "value-where-keys-belong",
        "keys-where-a-value-belongs",
        "negative-weight",
        "two-arrival-processes",
        "session-without-a-pause",
    ] {
        let path = std::path::Path::new("tests/bad").join(format!("{name}.yaml"));
        assert!(check(&scenario(&path), &schema, &schema, "").is_err(), "{name} is accepted");
    }
}

/// What belongs to a recording, which is a file beside the scenario: what is shipped is one file.
const RECORDED: [&str; 2] = ["Trace", "Columns"];

/// Every key and every word of a schema, of all definitions but those of a recording.
fn vocabulary(schema: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let definitions = schema["definitions"].as_object().expect("a mapping");
    let shown = definitions.iter().filter(|(name, _)| !RECORDED.contains(&name.as_str()));
    let mut left: Vec<&Value> = shown.map(|(_, definition)| definition).collect();
    while let Some(next) = left.pop() {
        if let Some(properties) = next.get("properties").and_then(Value::as_object) {
            words.extend(properties.keys().cloned());
        }
        words.extend(next.get("const").and_then(Value::as_str).map(str::to_owned));
        match next {
            Value::Object(entries) => left.extend(entries.values()),
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    words.remove("trace");
    words
}

/// The words of a scenario, those of its comments left out.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().map(|line| line.split_once('#').map_or(line, |(code, _)| code));
    code.flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || c == '_')))
}

#[test]
fn every_key_of_the_language_is_in_a_shipped_scenario() {
    let mut missing = vocabulary(&schema());
    assert!(missing.len() > 200, "{missing:?}");
    for path in shipped() {
        let text = fs::read_to_string(root().join(path)).expect("the scenario can be read");
        for word in words(&text) {
            missing.remove(word);
        }
    }
    assert!(missing.is_empty(), "no scenario shows these: {missing:?}");
}
