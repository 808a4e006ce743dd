//! Changing one value of a tree by its path, such as `topology.app.server.replicas=6`.

use super::node::{Key, Node, Place, SourceId, Sources, Value};
use super::problem::{Problem, Problems, quoted};
use super::yaml::parse_from;

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
            steps.push((step, place.part(text, at..at + length)));
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
    let path = Path::parse(&text[..equals], Place { source, start: 0, end: equals });
    let value = parse_from(source, sources, equals + 1, problems);
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

/// Puts `value` at the end of `path`. All but the last step must exist; a last key that does not is
/// added, for the reader to judge.
pub fn set(root: &mut Node, path: &Path, value: Node) -> Result<(), Problem> {
    let (last, way) = path.steps.split_last().expect("a path has a step");
    let mut node = root;
    for (step, place) in way {
        node = enter(node, step, *place)?;
    }
    if let (Step::Key(key), Value::Null) = (&last.0, &node.value) {
        let key = Key { text: key.clone(), place: last.1 };
        node.value = Value::Mapping(vec![(key, value)]);
        return Ok(());
    }
    match (&last.0, &mut node.value) {
        (Step::Key(key), Value::Mapping(entries)) if !has(entries, key) => {
            entries.push((Key { text: key.clone(), place: last.1 }, value));
        }
        (step, _) => *enter(node, step, last.1)? = value,
    }
    Ok(())
}

fn has(entries: &[(Key, Node)], key: &str) -> bool {
    entries.iter().any(|(known, _)| known.text == key)
}

fn enter<'a>(node: &'a mut Node, step: &Step, place: Place) -> Result<&'a mut Node, Problem> {
    let at = node.place;
    match (step, &mut node.value) {
        (Step::Key(key), Value::Mapping(entries)) => {
            match entries.iter().position(|(known, _)| known.text == *key) {
                Some(index) => Ok(&mut entries[index].1),
                None => {
                    let known: Vec<_> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
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
