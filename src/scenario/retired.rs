//! Words that scenarios had once, and what is written in their place.

mod nodes;

use crate::document::{Key, Node, Problem, Problems, Value};

/// Words of things of a kind that are called otherwise now: the section, the kind, both words.
const RENAMED: [(&str, &str, &str, &str); 4] = [
    ("topology", "server", "host", "neighbours"),
    ("topology", "database", "host", "neighbours"),
    ("clients", "users", "session", "visits"),
    ("clients", "trace", "spread", "over"),
];

/// Words of components of a kind that are lines of `faults` now.
const MOVED: [(&str, &str); 2] = [("cache", "restart"), ("external", "outages")];

/// Whether a scenario has any old word.
pub(super) fn has_retired(root: &Node) -> bool {
    let moved = MOVED.iter().map(|(kind, word)| ("topology", kind, word));
    let renamed = RENAMED.iter().map(|(section, kind, word, _)| (*section, kind, word));
    moved.chain(renamed).chain([("topology", &"cache", &"nodes")]).any(|(section, kind, word)| {
        let Some(Value::Mapping(things)) = root.get(section).map(|node| &node.value) else {
            return false;
        };
        let has = |thing: &Node| thing.get(kind).is_some_and(|spec| spec.get(word).is_some());
        things.iter().any(|(_, thing)| has(thing))
    })
}

/// Reports every old word in a scenario with the line that takes its place, and removes it, so that
/// nothing else is said of it.
pub(super) fn report_retired(root: &mut Node, problems: &mut Problems) {
    each(root, "topology", |name, component| {
        for (kind, word) in MOVED {
            let Some(spec) = child(component, kind) else { continue };
            moved_to_faults(name, spec, word, problems);
        }
        if let Some((key, was)) = child(component, "cache").and_then(|spec| take(spec, "nodes")) {
            problems.push(nodes::replaced(name, &key, &was));
        }
    });
    for (section, kind, old, new) in RENAMED {
        each(root, section, |_, thing| {
            let Some((key, _)) = child(thing, kind).and_then(|spec| take(spec, old)) else {
                return;
            };
            let title = format!("`{old}` is `{new}` now");
            problems.push(Problem::new(key.place, title, format!("write `{new}:`")));
        });
    }
}

/// Shows `see` all that stands in a section of the scenario, by its name.
fn each(root: &mut Node, section: &str, mut see: impl FnMut(&str, &mut Node)) {
    if let Some(Value::Mapping(things)) = child(root, section).map(|node| &mut node.value) {
        things.iter_mut().for_each(|(name, thing)| see(&name.text, thing));
    }
}

/// A list of times at which a component is down, which is a list of faults now.
fn moved_to_faults(name: &str, spec: &mut Node, word: &str, problems: &mut Problems) {
    let Some((key, times)) = take(spec, word) else { return };
    let Value::Sequence(times) = &times.value else {
        let help = format!("faults: [{{crash: {name}, at: 4min, for: 10s}}]");
        return problems.push(moved(&key, word, help));
    };
    let lines: Vec<String> = times.iter().map(|time| line(name, time)).collect();
    problems.push(moved(&key, word, format!("faults: [{}]", lines.join(", "))));
}

fn moved(key: &Key, word: &str, help: String) -> Problem {
    let title = format!("what goes wrong is said in `faults`, and not by `{word}`");
    let label = "write this under `faults` at the top";
    Problem::new(key.place, title, label).help(help)
}

/// One line of `faults`, with the words that the old one had.
fn line(name: &str, time: &Node) -> String {
    let mut line = format!("{{crash: {name}");
    for word in ["at", "for", "warm"] {
        if let Some(text) = time.get(word).and_then(Node::text) {
            line += &format!(", {word}: {text}");
        }
    }
    line + "}"
}

fn child<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    let Value::Mapping(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|(known, _)| known.text == key).map(|(_, child)| child)
}

/// Removes an entry of a mapping and returns it.
fn take(node: &mut Node, key: &str) -> Option<(Key, Node)> {
    let Value::Mapping(entries) = &mut node.value else { return None };
    let index = entries.iter().position(|(known, _)| known.text == key)?;
    Some(entries.remove(index))
}
