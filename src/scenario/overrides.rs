//! Values changed from the command line: `--set app.replicas=6`, and a trace in the clients' place.

use crate::document::{
    Key, Node, Path, Problem, Problems, Sources, Step, Value, assignment, lookup, set,
};

use super::load::Replay;

/// Applies one `--set`. The path may start at the root, at a client's or component's name, and may
/// leave out the word that says what a component is.
pub(super) fn apply(root: &mut Node, text: &str, sources: &mut Sources, problems: &mut Problems) {
    let source = sources.add("--set", text);
    let Some((path, value)) = assignment(source, sources, problems) else { return };
    let path = resolve(root, path);
    if let (Some((Step::Key(first), place)), true) = (path.steps.first(), path.steps.len() > 1)
        && root.get(first).is_none()
    {
        let known = starts(root);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        problems.push(Problem::unknown(*place, "key or name", first, &known));
        return;
    }
    if let Err(problem) = set(root, &path, value) {
        problems.push(problem);
    }
}

/// Everything that a path may begin with.
fn starts(root: &Node) -> Vec<String> {
    let sections = [Some(root), root.get("clients"), root.get("topology")];
    let mappings = sections.into_iter().flatten().filter_map(|node| match &node.value {
        Value::Mapping(entries) => Some(entries),
        _ => None,
    });
    mappings.flatten().map(|(key, _)| key.text.clone()).collect()
}

/// The path in full.
fn resolve(root: &Node, path: Path) -> Path {
    let first = key(&path, 0).unwrap_or_default();
    let mut path = match first {
        _ if root.get(first).is_some() => path,
        _ if has(root, "clients", first) => path.splice(0, &["clients"]),
        _ if has(root, "topology", first) => path.splice(0, &["topology"]),
        _ => path,
    };
    // topology.app.replicas: what app is stands between.
    if key(&path, 0) == Some("topology") && path.steps.len() > 2 {
        let component = Path { steps: path.steps[..2].to_vec() };
        if let Some(Value::Mapping(entries)) = lookup(root, &component).map(|node| &node.value)
            && let [(kind, _)] = &entries[..]
            && key(&path, 2) != Some(&kind.text)
        {
            path = path.splice(2, &[&kind.text]);
        }
    }
    path
}

fn key(path: &Path, index: usize) -> Option<&str> {
    match path.steps.get(index) {
        Some((Step::Key(key), _)) => Some(key),
        _ => None,
    }
}

fn has(root: &Node, section: &str, name: &str) -> bool {
    root.get(section).is_some_and(|node| node.get(name).is_some())
}

/// Replaces the clients by the first of them, sending what the trace says.
pub(super) fn replay(root: &mut Node, replay: &Replay, problems: &mut Problems) {
    let place = root.place;
    let scalar = |text: String| Node { place, value: Value::Scalar(text) };
    let entry = |key: &str, value: Node| (Key { text: key.to_owned(), place }, value);
    let Value::Mapping(entries) = &mut root.value else { return };
    let replaced = ["duration", "warmup", "expect"];
    entries.retain(|(key, _)| !replaced.contains(&key.text.as_str()));
    let objectives = replay.objectives.iter().map(|text| scalar(text.clone())).collect();
    entries.push(entry("expect", Node { place, value: Value::Sequence(objectives) }));
    let Some((_, clients)) = entries.iter_mut().find(|(key, _)| key.text == "clients") else {
        return;
    };
    let Value::Mapping(clients) = &mut clients.value else { return };
    clients.truncate(1);
    let Some((_, client)) = clients.first_mut() else { return };
    let Value::Mapping(client) = &mut client.value else { return };
    let replaced = ["arrivals", "users", "requests", "trace"];
    // What the scenario says of how to read a trace stays.
    let mut trace = match client.iter().find(|(key, _)| key.text == "trace").map(|(_, t)| &t.value)
    {
        Some(Value::Mapping(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    client.retain(|(key, _)| !replaced.contains(&key.text.as_str()));
    trace.retain(|(key, _)| !matches!(key.text.as_str(), "file" | "scale"));
    match std::path::absolute(&replay.log) {
        Ok(log) => trace.push(entry("file", scalar(log.display().to_string()))),
        Err(error) => {
            let title = format!("cannot find {}: {error}", replay.log.display());
            problems.push(Problem::new(place, title, ""));
        }
    }
    trace.push(entry("scale", scalar(format!("{}", replay.scale))));
    client.push(entry("trace", Node { place, value: Value::Mapping(trace) }));
}
