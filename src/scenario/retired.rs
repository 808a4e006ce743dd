//! Words that scenarios had once, and what is written in their place.

use crate::document::{Key, Node, Problem, Problems, Value};

/// Whether a scenario has any old word.
pub(super) fn has_retired(root: &Node) -> bool {
    let Some(Value::Mapping(topology)) = root.get("topology").map(|node| &node.value) else {
        return false;
    };
    let words =
        [("cache", "restart"), ("external", "outages"), ("server", "host"), ("database", "host")];
    let old = |component: &Node| {
        let has = |&(kind, word): &(&str, &str)| {
            component.get(kind).is_some_and(|spec| spec.get(word).is_some())
        };
        words.iter().any(has)
    };
    topology.iter().any(|(_, component)| old(component))
}

/// Reports every old word in a scenario with the line that takes its place, and removes it, so that
/// nothing else is said of it.
pub(super) fn report_retired(root: &mut Node, problems: &mut Problems) {
    let Some(Value::Mapping(topology)) = child(root, "topology").map(|node| &mut node.value) else {
        return;
    };
    for (name, component) in topology {
        if let Some(cache) = child(component, "cache") {
            moved_to_faults(&name.text, cache, "restart", problems);
        }
        if let Some(external) = child(component, "external") {
            moved_to_faults(&name.text, external, "outages", problems);
        }
        for kind in ["server", "database"] {
            let Some(spec) = child(component, kind) else { continue };
            if let Some((key, _)) = take(spec, "host") {
                let title = "`host` is `neighbours` now";
                problems.push(Problem::new(key.place, title, "write `neighbours:`"));
            }
        }
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
