//! The nodes of a cache as they were written once, with their changes in one list.

use crate::document::{Key, Node, Problem, Value};

/// Says what is written in place of `nodes`.
pub(super) fn replaced(name: &str, key: &Key, was: &Node) -> Problem {
    let label = "write `replicas`, `spread` and lines of `faults`";
    let problem = Problem::new(key.place, "a cache's `nodes` are `replicas` now", label);
    let (words, faults) = match &was.value {
        Value::Mapping(_) => mapped(name, was),
        _ => (format!("replicas: {}", was.text().unwrap_or("1")), Vec::new()),
    };
    if faults.is_empty() {
        return problem.help(words);
    }
    problem.help(format!("{words}; and faults: [{}]", faults.join(", ")))
}

/// The words of the cache, and the lines of `faults`.
fn mapped(name: &str, was: &Node) -> (String, Vec<String>) {
    let text = |word| was.get(word).and_then(Node::text);
    let count = text("count").unwrap_or("1");
    let mut words = format!("replicas: {count}");
    let (faults, spares) = changes(name, count.parse().unwrap_or(1), was.get("changes"));
    if spares > 0 {
        words += &format!(", spares: {spares}");
    }
    match (text("spread"), text("virtual_nodes")) {
        (None | Some("ring"), Some(places)) => words += &format!(", spread: {{ring: {places}}}"),
        (Some(spread), _) => words += &format!(", spread: {spread}"),
        (None, None) => {}
    }
    (words, faults)
}

/// A line for each node that was lost, the last to come first, or added; and how many were added.
fn changes(name: &str, count: u32, changes: Option<&Node>) -> (Vec<String>, u32) {
    const SHOWN: usize = 20;
    let mut members: Vec<u32> = (0..count.min(1_000)).collect();
    let (mut lines, mut next) = (Vec::new(), count);
    let Some(Value::Sequence(changes)) = changes.map(|node| &node.value) else { return (lines, 0) };
    for change in changes {
        let number = |word| change.get(word)?.text()?.parse::<u32>().ok();
        let at = change.get("at").and_then(Node::text).unwrap_or("4min");
        for _ in 0..number("lose").unwrap_or(0).min(1_000) {
            let Some(lost) = members.pop() else { break };
            lines.push(format!("{{leave: \"{name}[{lost}]\", at: {at}}}"));
        }
        for _ in 0..number("add").unwrap_or(0).min(1_000) {
            lines.push(format!("{{join: \"{name}[{next}]\", at: {at}}}"));
            members.push(next);
            next = next.saturating_add(1);
        }
    }
    if lines.len() > SHOWN {
        lines.truncate(SHOWN);
        lines.push("…".to_owned());
    }
    (lines, next - count)
}
