//! Changing one value of a tree by its path, such as `topology.app.server.replicas=6`.

use super::legible::legible;
use super::node::{Key, Node, Place, SourceId, Sources, Value};
use super::problem::{Problem, Problems, quoted};
use super::shape::{Keyword, Shape};
use super::yaml::parse_from;
use serde_json::Value as Json;

/// A way through a tree: keys, and items of lists counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The steps from the root on.
    pub steps: Vec<(Step, Place)>,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl Path {
    /// Reads `clients.shoppers.requests."GET /x.html".steps[0]`, which stands at `place`.
    pub fn parse(text: &str, place: Place) -> Result<Path, Problem> {
        let mut steps = Vec::new();
        let mut at = 0;
        while at < text.len() || steps.is_empty() {
            let (step, length) = next_step(&text[at..], steps.is_empty()).ok_or_else(|| {
                let place = place.part(text, at..text.len());
                let expected = "expected keys and dots, such as app.\"GET /x\".steps[0]";
                Problem::new(place, "this is not a path", expected)
            })?;
            // The dot before a key is no part of it.
            let start = at + usize::from(text[at..].starts_with('.'));
            steps.push((step, place.part(text, start..at + length)));
            at += length;
        }
        Ok(Path { steps })
    }

    /// This path with `keys` put in before its step number `at`, or at its end.
    pub fn splice(&self, at: usize, keys: &[&str]) -> Path {
        let at = at.min(self.steps.len());
        let mut steps = self.steps.clone();
        let place = steps[at.min(steps.len() - 1)].1;
        steps.splice(at..at, keys.iter().map(|key| (Step::Key((*key).to_owned()), place)));
        Path { steps }
    }
}

/// The first step of `text` and how many bytes it takes, the dot before it included.
fn next_step(text: &str, first: bool) -> Option<(Step, usize)> {
    if let Some(rest) = text.strip_prefix('[') {
        let digits = rest.split(']').next().filter(|digits| digits.len() < rest.len())?;
        return Some((Step::Index(digits.parse().ok()?), digits.len() + 2));
    }
    let (key, dot) = if first { (text, 0) } else { (text.strip_prefix('.')?, 1) };
    if let Some(quote @ ('"' | '\'')) = key.chars().next() {
        let inner = key[1..].split(quote).next().filter(|inner| inner.len() + 1 < key.len())?;
        return Some((Step::Key(inner.to_owned()), dot + inner.len() + 2));
    }
    let key = key.split(['.', '[', '"', '\'']).next().filter(|key| !key.is_empty())?;
    Some((Step::Key(key.to_owned()), dot + key.len()))
}

/// Reads an option such as `app.replicas=6`, the whole text of `source`: a path and YAML.
pub fn assignment(
    source: SourceId,
    sources: &Sources,
    problems: &mut Problems,
) -> Option<(Path, Node)> {
    let text = sources.get(source).1;
    let mut quote = None;
    let equals = text.char_indices().find(|&(_, c)| {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            _ => {}
        }
        quote.is_none() && c == '='
    });
    let Some((equals, _)) = equals else {
        let place = Place { source, start: 0, end: text.len() };
        let label = "expected a path and a value, such as app.replicas=6";
        problems.push(Problem::new(place, "there is no \"=\"", label));
        return None;
    };
    let place = Place { source, start: 0, end: equals };
    legible(&Node { place, value: Value::Scalar(text[..equals].to_owned()) }, problems);
    let path = Path::parse(&text[..equals], place);
    let value = if text[equals + 1..].trim().is_empty() {
        // Nothing is no value, and not the default either: what it is for says what it expects.
        let place = Place { source, start: text.len(), end: text.len() };
        Some(Node { place, value: Value::Scalar(String::new()) })
    } else {
        parse_from(source, sources, equals + 1, problems)
    };
    match path {
        Ok(path) => value.map(|value| (path, value)),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The node at the end of `path`, if every step of it exists.
pub fn lookup<'a>(root: &'a Node, path: &Path) -> Option<&'a Node> {
    path.steps.iter().try_fold(root, |node, (step, _)| match (step, &node.value) {
        (Step::Key(key), _) => node.get(key),
        (Step::Index(index), Value::Sequence(items)) => items.get(*index),
        _ => None,
    })
}

/// Puts `value` at the end of `path`. A last key that is not there is added, for the reader to
/// judge; so is a mapping on the way, where `schema` has one.
pub fn set(root: &mut Node, path: &Path, value: Node, schema: &Json) -> Result<(), Problem> {
    let (last, way) = path.steps.split_last().expect("a path has a step");
    let mut node = root;
    let mut shape = Some(Shape::of(schema));
    for (step, place) in way {
        if let Some(key) = missing(node, step, shape.as_ref()) {
            add(node, key, Node::null(*place), *place);
        }
        node = enter(node, step, *place, shape.as_ref())?;
        shape = shape.and_then(|shape| match step {
            Step::Key(key) => Some(shape.under(key)?.0),
            Step::Index(_) => Some(shape.item()),
        });
    }
    match (&last.0, &node.value) {
        (Step::Key(key), Value::Null) => add(node, key, value, last.1),
        (Step::Key(key), Value::Mapping(_)) if node.get(key).is_none() => {
            add(node, key, value, last.1);
        }
        (step, _) => *enter(node, step, last.1, shape.as_ref())? = value,
    }
    Ok(())
}

/// The key of `step` if `node` could have it and has not. Among names that the user chose, another
/// is a slip.
fn missing<'a>(node: &Node, step: &'a Step, shape: Option<&Shape>) -> Option<&'a str> {
    let Step::Key(key) = step else { return None };
    let (_, whose) = shape?.under(key)?;
    match &node.value {
        Value::Null => Some(key),
        Value::Mapping(entries) => {
            let first = entries.is_empty() || whose == Keyword::Declared;
            (first && node.get(key).is_none()).then_some(key)
        }
        _ => None,
    }
}

/// Adds a key to a mapping, or to what is none yet.
fn add(node: &mut Node, key: &str, value: Node, place: Place) {
    let entry = (Key { text: key.to_owned(), place }, value);
    match &mut node.value {
        Value::Mapping(entries) => entries.push(entry),
        other => *other = Value::Mapping(vec![entry]),
    }
}

fn enter<'a>(
    node: &'a mut Node,
    step: &Step,
    place: Place,
    shape: Option<&Shape>,
) -> Result<&'a mut Node, Problem> {
    let at = node.place;
    match (step, &mut node.value) {
        (Step::Key(key), Value::Mapping(entries)) => {
            match entries.iter().position(|(known, _)| known.text == *key) {
                Some(index) => Ok(&mut entries[index].1),
                None => {
                    let mut known: Vec<_> = shape.iter().flat_map(|shape| shape.keys()).collect();
                    if known.is_empty() {
                        known.extend(entries.iter().map(|(key, _)| key.text.as_str()));
                    }
                    Err(Problem::unknown(place, "key", key, &known))
                }
            }
        }
        (Step::Index(index), Value::Sequence(items)) => {
            let length = items.len();
            items.get_mut(*index).ok_or_else(|| {
                let label = format!("the list has {length} items, counted from 0");
                Problem::new(place, format!("there is no item {index}"), label)
                    .also(at, "this list")
            })
        }
        (Step::Key(key), _) => {
            let title = format!("there is no key {} here", quoted(key));
            Err(Problem::new(place, title, "expected a mapping before this")
                .also(at, "this is none"))
        }
        (Step::Index(_), _) => {
            let label = "expected a list before this";
            Err(Problem::new(place, "there is no list here", label).also(at, "this is none"))
        }
    }
}
