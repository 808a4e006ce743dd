//! Values changed from the command line: `--set app.replicas=6`, `--duration 10min`, and a trace in
//! the clients' place. All are changes of the tree, so that what is changed is read and checked as
//! if it stood in the file; messages point at the option.

use crate::document::{
    Key, Node, Path, Place, Problem, Problems, Record, Sources, Step, Value, assignment, lookup,
    set,
};

use super::load::Replay;
use super::spec::ScenarioSpec;

/// One change of a scenario from the command line.
#[derive(Clone, Debug)]
pub enum Change {
    /// `--set app.replicas=6`: the value at a path.
    Set(String),
    /// `--duration 10min`: an option that is called as the key of the scenario that it changes.
    Option {
        /// The key, at the root.
        key: &'static str,
        /// Its value.
        value: String,
    },
}

/// Replications of a replay if none are asked for: the load is recorded, so that little is left to
/// chance.
const REPLICATIONS: &str = "3";

/// Applies one change.
pub(super) fn apply(
    root: &mut Node,
    change: &Change,
    sources: &mut Sources,
    problems: &mut Problems,
) {
    match change {
        Change::Set(text) => assign(root, text, sources, problems),
        Change::Option { key, value } => {
            let value = argument(&format!("--{key}"), value, sources);
            put(root, key, value);
        }
    }
}

/// The value of an option as a tree that stands there.
fn argument(option: &str, text: &str, sources: &mut Sources) -> Node {
    let place = Place { source: sources.add(option, text), start: 0, end: text.len() };
    Node { place, value: Value::Scalar(text.to_owned()) }
}

/// Puts `value` under `key`, in the place of what is there.
fn put(node: &mut Node, key: &str, value: Node) {
    let Value::Mapping(entries) = &mut node.value else { return };
    entries.retain(|(known, _)| known.text != key);
    entries.push((Key { text: key.to_owned(), place: value.place }, value));
}

/// Applies one `--set`. The path may start at the root, at a client's or component's name, and may
/// leave out the word that says what a component is.
fn assign(root: &mut Node, text: &str, sources: &mut Sources, problems: &mut Problems) {
    let source = sources.add("--set", text);
    let Some((path, value)) = assignment(source, sources, problems) else { return };
    let path = resolve(root, path);
    if let (Some((Step::Key(first), place)), true) = (path.steps.first(), path.steps.len() > 1)
        && root.get(first).is_none()
        && !ScenarioSpec::FIELDS.iter().any(|field| field.key() == first)
    {
        let known = starts(root);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        problems.push(Problem::unknown(*place, "key or name", first, &known));
        return;
    }
    if let Err(problem) = set(root, &path, value, &super::schema()) {
        problems.push(problem);
    }
}

/// Everything that a path may begin with.
fn starts(root: &Node) -> Vec<String> {
    let sections = [root.get("clients"), root.get("topology")];
    let mappings = sections.into_iter().flatten().filter_map(|node| match &node.value {
        Value::Mapping(entries) => Some(entries),
        _ => None,
    });
    let names = mappings.flatten().map(|(key, _)| key.text.clone());
    ScenarioSpec::FIELDS.iter().map(|field| field.key().to_owned()).chain(names).collect()
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
pub(super) fn replay(
    root: &mut Node,
    replay: &Replay,
    sources: &mut Sources,
    problems: &mut Problems,
) {
    let log = argument("LOG", &replay.log.display().to_string(), sources);
    let scale = argument("--scale", &replay.scale.to_string(), sources);
    let objectives = replay.objectives.iter().map(|text| argument("--slo", text, sources));
    let objectives = Value::Sequence(objectives.collect());
    put(root, "expect", Node { place: log.place, value: objectives });
    let replications = Value::Scalar(REPLICATIONS.to_owned());
    put(root, "replications", Node { place: log.place, value: replications });
    remove(root, &["duration", "warmup"]);
    let Value::Mapping(entries) = &mut root.value else { return };
    let clients = entries.iter_mut().find(|(key, _)| key.text == "clients");
    let Some((_, Node { value: Value::Mapping(clients), .. })) = clients else { return };
    clients.truncate(1);
    let Some((_, client)) = clients.first_mut() else { return };
    // What the scenario says of how to read a trace stays.
    let mut trace = match client.get("trace").map(|trace| &trace.value) {
        Some(Value::Mapping(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    trace.retain(|(key, _)| !matches!(key.text.as_str(), "file" | "scale"));
    let mut trace = Node { place: log.place, value: Value::Mapping(trace) };
    match std::path::absolute(&replay.log) {
        Ok(path) => {
            let file = Value::Scalar(path.display().to_string());
            put(&mut trace, "file", Node { place: log.place, value: file });
        }
        Err(error) => {
            let title = format!("cannot find {}: {error}", replay.log.display());
            problems.push(Problem::new(log.place, title, "expected an access log or a CSV"));
        }
    }
    put(&mut trace, "scale", scale);
    remove(client, &["arrivals", "batch", "users", "requests", "journey"]);
    put(client, "trace", trace);
}

fn remove(node: &mut Node, keys: &[&str]) {
    let Value::Mapping(entries) = &mut node.value else { return };
    entries.retain(|(key, _)| !keys.contains(&key.text.as_str()));
}
