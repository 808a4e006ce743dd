//! Loading: text, overrides, typed reading, checks, traces.

use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::document::{self, Files, Node, Problem, Problems, Read, Sources, Value, render};
use crate::model::{ClientSpec, Deployment, TraceFormat, TraceSpec};
use crate::trace::{self, Format, Grouping, Rule, Trace};
use crate::units::Span;

use super::check::{check, check_expectations, check_replications, check_run};
use super::expectation::Expectation;
use super::limits::{Lasting, check_limits, check_size};
use super::overrides::{self, Change};
use super::spec::{ScenarioSpec, Warmup};

/// A scenario that has been checked and can be run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What it shows, in a line.
    pub teaches: Option<String>,
    /// The root of all randomness.
    pub seed: u64,
    /// Simulated length of each replication, warm-up included.
    pub duration: Span,
    /// How much of the start is left out of the figures.
    pub warmup: Warmup,
    /// How often the run is repeated.
    pub replications: u64,
    /// What is deployed and who uses it.
    pub deployment: Deployment,
    /// What must hold.
    pub expectations: Vec<Expectation>,
    /// SHA-256 of the file, of what was set beside it, and of the files and traces that it reads.
    pub digest: String,
}

/// All that is wrong with a scenario.
#[derive(Debug)]
pub struct Faults {
    problems: Problems,
    sources: Sources,
}

impl Faults {
    /// For a person, with or without colours.
    pub fn render(&self, colour: bool) -> String {
        render(&self.problems, &self.sources, colour)
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Faults {}

/// A recorded trace that takes the place of a scenario's clients.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The access log or CSV, relative to the working directory.
    pub log: PathBuf,
    /// Requests sent for each recorded one.
    pub scale: f64,
    /// What must hold, in the place of the scenario's expectations.
    pub objectives: Vec<String>,
}

/// Loads the scenario at `path` with these changes.
pub fn load(path: &Path, changes: &[Change]) -> Result<Scenario, Faults> {
    load_text(path, &read_text(path)?, changes)
}

/// Loads a scenario from its text; `path` is what messages call it, and traces are found from
/// there.
pub fn load_text(path: &Path, text: &str, changes: &[Change]) -> Result<Scenario, Faults> {
    load_edited(path, text, None, changes)
}

/// Loads the scenario at `path` with its clients replaced by one that replays a trace, and then
/// with these changes.
pub fn replay(path: &Path, changes: &[Change], replay: &Replay) -> Result<Scenario, Faults> {
    load_edited(path, &read_text(path)?, Some(replay), changes)
}

/// The longest scenario that is read, in bytes.
const LONGEST_FILE: u64 = 16 << 20;

fn read_text(path: &Path) -> Result<String, Faults> {
    let fault = |title: String, label: &str| {
        let mut sources = Sources::new();
        let source = sources.add(path.display().to_string(), "");
        let mut problems = Problems::new();
        let place = document::Place { source, start: 0, end: 0 };
        problems.push(Problem::new(place, title, label));
        Faults { problems, sources }
    };
    let read = || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes: Vec<u8> = read().map_err(|error: std::io::Error| {
        let why = match error.kind() {
            ErrorKind::NotFound => "there is no such file".to_owned(),
            ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
            ErrorKind::PermissionDenied => "you may not read this file".to_owned(),
            _ => error.to_string(),
        };
        let label = "`deploysim list` shows the scenarios that come with it";
        fault(format!("cannot read this scenario: {why}"), label)
    })?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(fault("this is longer than 16MiB".to_owned(), "expected a scenario"));
    }
    String::from_utf8(bytes)
        .map_err(|_| fault("this is not a text in UTF-8".to_owned(), "expected a scenario"))
}

fn load_edited(
    path: &Path,
    text: &str,
    replay: Option<&Replay>,
    changes: &[Change],
) -> Result<Scenario, Faults> {
    let mut sources = Sources::new();
    let mut problems = Problems::with_files(Files::below(folder(path)));
    let source = sources.add(path.display().to_string(), text);
    let mut digest = Sha256::new();
    digest.update(text.as_bytes());
    let scenario = document::parse(source, &sources, &mut problems).and_then(|mut root| {
        if let Some(replay) = replay {
            overrides::replay(&mut root, replay, &mut sources, &mut problems);
        }
        for change in changes {
            if let Change::Set(text) = change {
                digest.update(b"\0set ");
                digest.update(text.as_bytes());
            }
            overrides::apply(&mut root, change, &mut sources, &mut problems);
        }
        let spec = ScenarioSpec::read(&root, &mut problems)?;
        for file in problems.files().digests() {
            digest.update(file);
        }
        let declared = names(root.get("topology"));
        resolve(path, spec, &declared, &mut digest, &mut problems)
    });
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(Faults { problems, sources }),
    }
}

/// Whence the files that a scenario names are found.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// The keys of a section, whether or not what stands under them could be read.
fn names(section: Option<&Node>) -> Vec<String> {
    match section.map(|node| &node.value) {
        Some(Value::Mapping(entries)) => entries.iter().map(|(key, _)| key.text.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Checks what was read, and reads the traces.
fn resolve(
    path: &Path,
    spec: ScenarioSpec,
    declared: &[String],
    digest: &mut Sha256,
    problems: &mut Problems,
) -> Option<Scenario> {
    let base = folder(path);
    let clients = spec.clients.iter();
    let traces: Vec<_> =
        clients.map(|(_, client)| read_trace(base, client, digest, problems)).collect();
    let longest = longest_trace(&spec, &traces);
    let default = longest.unwrap_or(Span::from_secs(600));
    let duration = spec.duration.as_ref().map_or(default, |duration| duration.value);
    let timetable = spec.clients.iter().any(|(_, client)| client.follows_the_clock());
    let automatic = if timetable { Warmup::Given(Span::ZERO) } else { Warmup::Auto };
    let deployment =
        Deployment { clients: spec.clients, topology: spec.topology, links: spec.links, traces };
    let warmup = spec.warmup.as_ref().map_or(automatic, |warmup| warmup.value);
    if !check_size(&deployment, problems) {
        return None;
    }
    check(&deployment, declared, problems);
    check_run(spec.duration.as_ref(), spec.warmup.as_ref(), default, problems);
    check_replications(&spec.replications, problems);
    check_limits(
        &deployment,
        Lasting { stated: spec.duration.as_ref(), whole: duration },
        problems,
    );
    check_expectations(&deployment, declared, &spec.expect, problems);
    let stem = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into());
    Some(Scenario {
        name: spec.name.unwrap_or(stem),
        teaches: spec.teaches,
        seed: spec.seed,
        duration,
        warmup,
        replications: spec.replications.value.get(),
        deployment,
        expectations: spec.expect,
        digest: digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// How long the longest trace takes to replay, if there is one; the requests that `scale` adds
/// follow within their spread.
fn longest_trace(spec: &ScenarioSpec, traces: &[Option<Arc<Trace>>]) -> Option<Span> {
    let played = spec.clients.iter().zip(traces).filter_map(|((_, client), trace)| {
        let (replay, trace) = (client.trace.as_ref()?, trace.as_ref()?);
        let spread = if replay.scale.get() > 1.0 { replay.spread } else { Span::ZERO };
        Some(trace.length.times(1.0 / replay.speed.get()) + spread)
    });
    played.max()
}

fn read_trace(
    base: &Path,
    client: &ClientSpec,
    digest: &mut Sha256,
    problems: &mut Problems,
) -> Option<Arc<Trace>> {
    let spec = client.trace.as_ref()?;
    match trace::read(&base.join(&spec.file.value), format(spec.format), &grouping(spec)) {
        Ok(trace) => {
            for arrival in &trace.arrivals {
                digest.update(arrival.at.nanos().to_le_bytes());
                digest.update(arrival.count.to_le_bytes());
                digest.update(arrival.kind.to_le_bytes());
            }
            Some(Arc::new(trace))
        }
        Err(error) => {
            let text = error.to_string();
            let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
            let problem = Problem::new(spec.file.place, title, "this trace");
            problems.push(if rest.is_empty() { problem } else { problem.help(rest) });
            None
        }
    }
}

fn format(format: TraceFormat) -> Format {
    match format {
        TraceFormat::Auto => Format::Auto,
        TraceFormat::Common => Format::Common,
        TraceFormat::Combined => Format::Combined,
        TraceFormat::Timestamps => Format::Timestamps,
        TraceFormat::Counts => Format::Counts,
    }
}

fn grouping(spec: &TraceSpec) -> Grouping {
    if let Some(rules) = &spec.group {
        let rule = |(pattern, name): (&document::Name, &String)| Rule {
            pattern: pattern.value.clone(),
            name: name.clone(),
        };
        return Grouping::Rules(rules.iter().map(rule).collect());
    }
    match usize::try_from(spec.depth).unwrap_or(usize::MAX) {
        0 => Grouping::Method,
        depth => Grouping::MethodAndPrefix(depth),
    }
}
