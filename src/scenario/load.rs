//! Loading: text, overrides, typed reading, checks, traces.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::access_log::Trace;
use crate::component::{introduce_consumers, introduce_transactions};
use crate::deployment::Deployment;
use crate::document::{self, Entries, Files, Node, Problems, Read, Sources, Value, render};
use crate::placement::Places;
use crate::text::one_line;
use crate::units::Span;

use super::axis::Axis;
use super::check::{check, check_expectations, check_replications, check_run};
use super::expectation::Expectation;
use super::faults::check_faults;
use super::limits::{Lasting, check_limits, check_size};
use super::machines::check_machines;
use super::overrides::{self, Change};
use super::retired::{has_retired, report_retired};
use super::spec::{Declared, ScenarioSpec, Warmup};
use super::sweep;
use super::text::ScenarioText;
use super::traces::Traces;

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
    /// What a sweep varies of it.
    pub axes: Vec<Axis>,
    /// SHA-256 of the file, of what was set beside it, and of the files and traces that it reads.
    pub digest: String,
}

impl Scenario {
    /// The scenario that a text in YAML describes, or all that is wrong with it.
    pub fn parse(text: &str) -> Result<Scenario, Faults> {
        load_text(Path::new("scenario"), text, &[])
    }
}

/// All that is wrong with a scenario.
#[derive(Debug)]
pub struct Faults {
    pub(super) problems: Problems,
    pub(super) sources: Sources,
}

impl Faults {
    /// What is wrong with these texts.
    pub fn new(problems: Problems, sources: Sources) -> Faults {
        Faults { problems, sources }
    }

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
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The access log or CSV, relative to the working directory.
    pub log: PathBuf,
    /// Requests sent for each recorded one.
    pub scale: f64,
    /// What must hold, in the place of the scenario's expectations.
    pub objectives: Vec<String>,
    /// How it is written, in the place of what the scenario says.
    pub format: Option<String>,
    /// Which column holds what: `count=valA`; beside what the scenario says.
    pub columns: Vec<String>,
}

/// Loads the scenario in the file at `path` with these changes.
pub fn load(path: &Path, changes: &[Change]) -> Result<Scenario, Faults> {
    ScenarioText::open(path)?.load(changes)
}

/// Loads a scenario from its text; `path` is what messages call it, and traces are found from
/// there.
pub fn load_text(path: &Path, text: &str, changes: &[Change]) -> Result<Scenario, Faults> {
    load_edited(path, text, None, changes)
}

/// Loads a scenario with its clients replaced by one that replays a trace, and then with these
/// changes.
pub fn replay(
    text: &ScenarioText,
    changes: &[Change],
    replay: &Replay,
) -> Result<Scenario, Faults> {
    load_edited(&text.path, &text.text, Some(replay), changes)
}

fn load_edited(
    path: &Path,
    text: &str,
    replay: Option<&Replay>,
    changes: &[Change],
) -> Result<Scenario, Faults> {
    let mut draft = Draft::new(path, text, replay, changes);
    let scenario = draft.scenario(path, &Traces::default());
    scenario.ok_or(Faults { problems: draft.problems, sources: draft.sources })
}

/// A scenario's tree, changed as asked, and all that was found wrong so far.
pub(super) struct Draft {
    /// None if the text is not YAML.
    pub(super) root: Option<Node>,
    pub(super) sources: Sources,
    pub(super) problems: Problems,
    /// Of the text and of what was changed.
    pub(super) digest: Sha256,
}

impl Draft {
    pub(super) fn new(
        path: &Path,
        text: &str,
        replay: Option<&Replay>,
        changes: &[Change],
    ) -> Draft {
        let mut sources = Sources::new();
        let mut problems = Problems::with_files(Files::below(folder(path)));
        let source = sources.add(path.display().to_string(), text);
        let mut digest = Sha256::new();
        digest.update(text.as_bytes());
        let mut root = document::parse(source, &sources, &mut problems);
        if let Some(root) = &mut root {
            if let Some(replay) = replay {
                overrides::replay(root, replay, &mut sources, &mut problems);
            }
            for change in changes {
                change.digest(&mut digest);
                overrides::apply(root, change, &mut sources, &mut problems);
            }
        }
        Draft { root, sources, problems, digest }
    }

    /// Reads and checks the tree; none if anything is wrong with it.
    pub(super) fn scenario(&mut self, path: &Path, traces: &Traces) -> Option<Scenario> {
        let scenario =
            complete(path, self.root.as_ref()?, &mut self.digest, traces, &mut self.problems);
        scenario.filter(|_| self.problems.is_empty())
    }
}

/// Reads a tree and checks what it says.
pub(super) fn complete(
    path: &Path,
    root: &Node,
    digest: &mut Sha256,
    traces: &Traces,
    problems: &mut Problems,
) -> Option<Scenario> {
    let mut without;
    let root = if has_retired(root) {
        without = root.clone();
        report_retired(&mut without, problems);
        &without
    } else {
        root
    };
    let spec = ScenarioSpec::read(root, problems)?;
    for file in problems.files().digests() {
        digest.update(file);
    }
    let axes = sweep::axes(root, &spec.sweep, problems);
    let declared =
        Declared { components: names(root.get("topology")), catalogs: names(root.get("catalog")) };
    let scenario = resolve(path, spec, &declared, digest, traces, problems)?;
    Some(Scenario { axes, ..scenario })
}

/// Whence the files that a scenario names are found.
pub(super) fn folder(path: &Path) -> &Path {
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
    declared: &Declared,
    digest: &mut Sha256,
    traces: &Traces,
    problems: &mut Problems,
) -> Option<Scenario> {
    let base = folder(path);
    let clients = spec.clients.iter();
    let traces: Vec<_> =
        clients.map(|(_, client)| traces.of(base, client, digest, problems)).collect();
    let longest = longest_trace(&spec, &traces);
    let default = longest.unwrap_or(Span::from_secs(600));
    let duration = spec.duration.as_ref().map_or(default, |duration| duration.value);
    let timetable = spec.clients.iter().any(|(_, client)| client.follows_the_clock());
    let automatic = if timetable { Warmup::Given(Span::ZERO) } else { Warmup::Auto };
    let (places, faults) = spec.faults.into_iter().map(|fault| (fault.place, fault.value)).unzip();
    let places: Vec<document::Place> = places;
    let sites = spec.machines.iter().map(|(name, machine)| (name.clone(), machine.site()));
    let mut topology = spec.topology;
    introduce_consumers(&mut topology);
    introduce_transactions(&mut topology);
    let mut deployment = Deployment {
        catalog: spec.catalog,
        clients: spec.clients,
        topology,
        links: spec.links,
        calls: spec.calls,
        places: Places { regions: spec.regions, machines: Entries(sites.collect()) },
        machines: spec.machines,
        faults,
        traces,
    };
    let warmup = spec.warmup.as_ref().map_or(automatic, |warmup| warmup.value);
    if !check_size(&deployment, problems) {
        return None;
    }
    let takers = deployment.settle();
    check(&deployment, declared, problems);
    check_machines(&deployment, &takers, problems);
    check_run(spec.duration.as_ref(), spec.warmup.as_ref(), default, problems);
    check_replications(&spec.replications, problems);
    check_faults(&deployment, &declared.components, &places, duration, problems);
    check_limits(
        &deployment,
        Lasting { stated: spec.duration.as_ref(), whole: duration },
        problems,
    );
    check_expectations(&deployment, &declared.components, &spec.expect, duration, problems);
    let stem = path.file_stem().map(|stem| one_line(&stem.to_string_lossy()).into_owned());
    Some(Scenario {
        name: spec.name.or(stem).unwrap_or_default(),
        teaches: spec.teaches,
        seed: spec.seed,
        duration,
        warmup,
        replications: spec.replications.value.get(),
        deployment,
        expectations: spec.expect,
        axes: Vec::new(),
        digest: digest.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// How long the longest trace takes to replay, if there is one; the requests that `scale` adds may
/// follow over longer.
fn longest_trace(spec: &ScenarioSpec, traces: &[Option<Arc<Trace>>]) -> Option<Span> {
    let played = spec.clients.iter().zip(traces).filter_map(|((_, client), trace)| {
        let (replay, trace) = (client.trace.as_ref()?, trace.as_ref()?);
        let (length, over) = match (replay.scale.get() > 1.0, replay.over) {
            (false, _) => (trace.length, Span::ZERO),
            (true, None) => (trace.length_with_copies(), Span::ZERO),
            (true, Some(over)) => (trace.length, over),
        };
        Some(length.times(1.0 / replay.speed.get()) + over)
    });
    played.max()
}
