//! Values changed from the command line: `--set app.replicas=6`, `--duration 10min`, and a trace in
//! the clients' place. All are changes of the tree, so that what is changed is read and checked as
//! if it stood in the file; messages point at the option.

use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::document::{
    Key, Node, Path, Place, Problem, Problems, Record, Sources, Step, Value, assignment, legible,
    lookup, set,
};

use super::load::Replay;
use super::spec::ScenarioSpec;

/// One change of a scenario from the command line.
#[derive(Clone, Debug)]
pub enum Change {
    /// `--set app.replicas=6`: the value at a path.
    Set(String),
    /// `--variant app.replicas=6`: the same, of one of several that are compared.
    Variant(String),
    /// `--duration 10min`: an option that is called as the key of the scenario that it changes.
    Option {
        /// The key, at the root.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// `--vary app.replicas=1,2,4`: an axis of a sweep, added or in the place of one of that path.
    Vary(String),
}

impl Change {
    /// Adds what it says to the digest of the scenario. An option is part of the manifest.
    pub(super) fn digest(&self, digest: &mut Sha256) {
        let (kind, text): (&[u8], &String) = match self {
            Change::Set(text) | Change::Variant(text) => (b"\0set ", text),
            Change::Vary(text) => (b"\0vary ", text),
            Change::Option { .. } => return,
        };
        digest.update(kind);
        digest.update(text.as_bytes());
    }
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
        Change::Set(text) => assign(root, "--set", text, sources, problems),
        Change::Variant(text) => assign(root, "--variant", text, sources, problems),
        Change::Option { key, value } => {
            let value = argument(&format!("--{key}"), value, sources);
            put(root, key, value);
        }
        Change::Vary(text) => vary(root, text, sources, problems),
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

/// Applies one assignment, as `option` has it.
fn assign(
    root: &mut Node,
    option: &str,
    text: &str,
    sources: &mut Sources,
    problems: &mut Problems,
) {
    let source = sources.add(option, text);
    let Some((path, value)) = assignment(source, sources, problems) else { return };
    if let Err(problem) = put_at(root, path, value, &super::schema()) {
        problems.push(problem);
    }
}

/// Puts `value` at a path, which may start at the root, at a client's or component's name, and may
/// leave out the word that says what a component is.
pub(super) fn put_at(
    root: &mut Node,
    path: Path,
    value: Node,
    schema: &serde_json::Value,
) -> Result<(), Problem> {
    let path = resolve(root, path);
    if let (Some((Step::Key(first), place)), true) = (path.steps.first(), path.steps.len() > 1)
        && root.get(first).is_none()
        && !ScenarioSpec::FIELDS.iter().any(|field| field.key() == first)
    {
        let known = starts(root);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(Problem::unknown(*place, "key or name", first, &known));
    }
    set(root, &path, value, schema)
}

/// Applies one `--vary`: the path becomes a key of `sweep:`. Values without brackets are separated
/// by commas.
fn vary(root: &mut Node, text: &str, sources: &mut Sources, problems: &mut Problems) {
    let source = sources.add("--vary", text);
    let Some((path, value)) = assignment(source, sources, problems) else { return };
    let (start, end) = (path.steps[0].1.start, path.steps[path.steps.len() - 1].1.end);
    let key = Key { text: text[start..end].to_owned(), place: Place { source, start, end } };
    let value = match &value.value {
        Value::Scalar(words) => {
            let part = |range| Node {
                place: value.place.part(words, Range::clone(&range)),
                value: Value::Scalar(words[range].to_owned()),
            };
            let items = commas(words).into_iter().map(part).collect();
            Node { place: value.place, value: Value::Sequence(items) }
        }
        _ => value,
    };
    if root.get("sweep").is_none_or(Node::is_null) {
        put(root, "sweep", Node { place: key.place, value: Value::Mapping(Vec::new()) });
    }
    let wanted = steps(root, path);
    let same = |known: &Key| {
        let path = Path::parse(&known.text, known.place);
        path.is_ok_and(|path| steps(root, path) == wanted)
    };
    let Some(Value::Mapping(axes)) = root.get("sweep").map(|sweep| &sweep.value) else { return };
    let found = axes.iter().position(|(known, _)| same(known));
    if let Some((first, _)) = found.map(|index| &axes[index])
        && sources.get(first.place.source).0 == "--vary"
    {
        let problem = Problem::new(key.place, "this path is varied twice", "the second time");
        problems.push(problem.also(first.place, "the first"));
        return;
    }
    let Value::Mapping(entries) = &mut root.value else { return };
    let sweep = entries.iter_mut().find(|(known, _)| known.text == "sweep");
    let Some((_, Node { value: Value::Mapping(axes), .. })) = sweep else { return };
    match found {
        Some(index) => axes[index] = (key, value),
        None => axes.push((key, value)),
    }
}

/// The parts of a text between its commas, those within brackets left alone.
fn commas(text: &str) -> Vec<Range<usize>> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, c) in text.char_indices().chain([(text.len(), ',')]) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 || at == text.len() => {
                let part = &text[from..at];
                let start = from + part.len() - part.trim_start().len();
                parts.push(start..start + part.trim().len());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The steps of a path in full: what two paths that mean the same have in common.
pub(super) fn steps(root: &Node, path: Path) -> Vec<Step> {
    resolve(root, path).steps.into_iter().map(|(step, _)| step).collect()
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
pub(super) fn resolve(root: &Node, path: Path) -> Path {
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
    let objectives: Vec<Node> = objectives.collect();
    objectives.iter().for_each(|text| legible(text, problems));
    let objectives = Value::Sequence(objectives);
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
    if let Some(format) = &replay.format {
        let format = argument("--log-format", format, sources);
        put(&mut trace, "format", format);
    }
    for text in &replay.columns {
        name_column(&mut trace, text, sources, problems);
    }
    remove(client, &["arrivals", "batch", "users", "requests", "journey"]);
    put(client, "trace", trace);
}

/// Applies one `--columns count=valA` to a trace.
fn name_column(trace: &mut Node, text: &str, sources: &mut Sources, problems: &mut Problems) {
    let value = argument("--columns", text, sources);
    let Some((key, column)) = text.split_once('=') else {
        let label = "expected what a column holds and its name, such as count=requests";
        problems.push(Problem::new(value.place, "this names no column", label));
        return;
    };
    let place = value.place;
    if trace.get("columns").is_none_or(Node::is_null) {
        put(trace, "columns", Node { place, value: Value::Mapping(Vec::new()) });
    }
    let Value::Mapping(entries) = &mut trace.value else { return };
    let Some((_, columns)) = entries.iter_mut().find(|(key, _)| key.text == "columns") else {
        return;
    };
    let part = value.place.part(text, text.len() - column.len()..text.len());
    put(columns, key.trim(), Node { place: part, value: Value::Scalar(column.trim().to_owned()) });
}

fn remove(node: &mut Node, keys: &[&str]) {
    let Value::Mapping(entries) = &mut node.value else { return };
    entries.retain(|(key, _)| !keys.contains(&key.text.as_str()));
}
