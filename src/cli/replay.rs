//! `deploysim replay`: would this topology have held that recorded load, and multiples of it?

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::access_log::{Playing, Trace};
use crate::component::client::ClientSpec;
use crate::experiment::results::Decision;
use crate::experiment::{Plan, replicate};
use crate::report::{self, Replayed};
use crate::scenario::{Replay, Scenario, ScenarioText, replay};
use crate::units::{Quantity, Rate, Span};

use super::options::{Changes, Drawing, Format, Output};
use super::progress::Bar;
use super::terminal::{self, colour, print_json, width};
use super::which::open;
use super::{EXPECTATION_FAILED, OK, manifest, stop};

#[derive(Args)]
pub(super) struct Arguments {
    /// An access log, or a table of requests or of counts per interval; packed or not
    log: PathBuf,
    /// The scenario with the topology; its first client sends what the log says, the others nothing
    scenario: PathBuf,
    /// Multiples of the recorded load to try
    #[arg(long, value_delimiter = ',', default_values_t = [1.0, 10.0, 100.0, 1000.0])]
    #[arg(value_parser = multiple, allow_hyphen_values = true)]
    scale: Vec<f64>,
    /// What must hold, such as "p99 < 500ms"; may be repeated
    #[arg(long = "slo", default_values_t = ["error_rate < 0.1%".to_owned(), "p99 < 1s".to_owned()])]
    objectives: Vec<String>,
    /// How the log is written: common, combined, json, w3c, timestamps, counts, or a format in the
    /// words of nginx or Apache, such as '$remote_addr [$time_local] "$request" $status'
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Which column of a table holds what: time, count, rate, request, type, method, path, bytes or
    /// user; may be repeated
    #[arg(long, value_name = "WHAT=COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

fn multiple(text: &str) -> Result<f64, String> {
    let multiple = f64::parse(text).filter(|multiple| *multiple > 0.0);
    multiple.ok_or_else(|| "expected a number above zero such as 10 or 0.5".to_owned())
}

/// Over so long a peak of the recorded load is told.
const MINUTE: Span = Span::from_secs(60);

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let output = &arguments.output;
    let aloud = !output.quiet && output.format == Format::Text;
    let text = open(&arguments.scenario)?;
    // What is wrong with any of them is said before the first is run.
    let scenarios = load_all(arguments, &text)?;
    let folder = folder(arguments, &text)?;
    if let Some((_, scenario)) = scenarios.first().filter(|_| aloud) {
        crate::cli::run::notes(scenario);
    }
    let all = scenarios.len();
    let mut rows = Vec::new();
    let mut written = Ok(());
    for (scale, scenario) in scenarios {
        let bar = Bar::new(output.quiet);
        let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
        let results = replicate(&scenario, &plan);
        bar.finish();
        let Some(results) = results else { break };
        let folder = folder.join(format!("x{scale}"));
        let manifest = manifest(arguments, &text, &scenario, scale);
        let one = report::write_all(&folder, &results, arguments.drawing.charts(), &manifest)
            .with_context(|| format!("cannot write the results to {}", folder.display()));
        // The first that is missing is told; the others are tried all the same.
        written = written.and(one.map(drop));
        // What a short run was sent by chance may be more than its share.
        let peak = Rate(peak(&scenario).max(results.total.arrival_rate.mean));
        let spread = spread(&scenario);
        rows.push(Replayed { scale, peak, spread, results });
    }
    if rows.is_empty() {
        return Ok(stop::interrupted(stop::NOTHING));
    }
    let done = rows.iter().filter(|row| !row.results.is_interrupted()).count();
    // What could not be written is printed all the same.
    if !output.quiet {
        let files = written.is_ok().then_some(&*folder);
        print(arguments, &rows, files, done < all)?;
    }
    written?;
    if done < all {
        return Ok(stop::interrupted(format!(
            "{done} of {all} multiples of the load are finished; what there is of them is kept in {}",
            folder.display()
        )));
    }
    let failed = rows.iter().flat_map(|row| &row.results.verdicts);
    let failed = failed.into_iter().any(|verdict| verdict.holds == Decision::Fails);
    Ok(if failed { EXPECTATION_FAILED } else { OK })
}

/// The scenario at each multiple of the load. The log is kept once.
fn load_all(arguments: &Arguments, text: &ScenarioText) -> anyhow::Result<Vec<(f64, Scenario)>> {
    let changes = arguments.changes.all();
    let mut scenarios: Vec<(f64, Scenario)> = Vec::new();
    for &scale in &arguments.scale {
        let (log, objectives) = (arguments.log.clone(), arguments.objectives.clone());
        let (format, columns) = (arguments.log_format.clone(), arguments.columns.clone());
        let recorded = Replay { log, scale, objectives, format, columns };
        let mut scenario = replay(text, &changes, &recorded)?;
        if let Some((_, first)) = scenarios.first() {
            scenario.deployment.traces.clone_from(&first.deployment.traces);
        }
        scenarios.push((scale, scenario));
    }
    Ok(scenarios)
}

/// `output/replay-LOG-SCENARIO`, or what `--out` says.
fn folder(arguments: &Arguments, text: &ScenarioText) -> anyhow::Result<super::folder::Folder> {
    let stem = |path: &PathBuf| {
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    };
    let name = format!("replay-{}-{}", stem(&arguments.log), stem(&text.path));
    let file = PathBuf::from(&name);
    // A dot in the name is not an extension here.
    arguments.output.folder(&name, &file.with_file_name(format!("{name}.log")))
}

/// The rate in the busiest minute of what is sent.
fn peak(scenario: &Scenario) -> f64 {
    let clients = scenario.deployment.clients.iter().zip(&scenario.deployment.traces);
    let of_client = |((_, client), trace): ((_, &ClientSpec), &Option<Arc<Trace>>)| {
        let (replay, trace) = (client.trace.as_ref()?, trace.as_ref()?);
        let (scale, speed) = (replay.scale.get(), replay.speed.get());
        let playing = Playing { scale, speed, over: replay.over };
        Some(trace.replayed_peak(playing, MINUTE).0)
    };
    clients.filter_map(of_client).sum()
}

/// What is recorded to the second is as good as recorded.
const NOT_LONG: Span = Span::from_secs(1);

/// Over how long the load is spread beyond what is recorded, or within what is.
fn spread(scenario: &Scenario) -> Option<Span> {
    let clients = scenario.deployment.clients.iter().zip(&scenario.deployment.traces);
    let of_client = |((_, client), trace): ((_, &ClientSpec), &Option<Arc<Trace>>)| {
        let replay = client.trace.as_ref()?;
        let over = replay.over.filter(|_| replay.scale.get() > 1.0);
        Some(over.unwrap_or_default().max(trace.as_ref()?.report.lasts.most()))
    };
    clients.filter_map(of_client).max().filter(|&spread| spread > NOT_LONG)
}

fn manifest(
    arguments: &Arguments,
    text: &ScenarioText,
    scenario: &Scenario,
    scale: f64,
) -> serde_json::Value {
    json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": "replay",
        "scenario": manifest::scenario(&arguments.scenario.display().to_string(), text, scenario),
        "log": arguments.log.display().to_string(),
        "log_format": arguments.log_format,
        "columns": arguments.columns,
        "scale": scale,
        "seed": scenario.seed,
        "replications": scenario.replications,
        "duration_s": scenario.duration.secs(),
        "set": arguments.changes.sets,
        "slo": arguments.objectives,
    })
}

fn print(
    arguments: &Arguments,
    rows: &[Replayed],
    folder: Option<&Path>,
    interrupted: bool,
) -> anyhow::Result<()> {
    if arguments.output.format == Format::Json {
        let all: Vec<_> = rows
            .iter()
            .map(|row| json!({ "scale": row.scale, "results": report::json(&row.results) }))
            .collect();
        return print_json(&all);
    }
    let objectives = arguments.objectives.join(", ");
    let mut text = report::replayed(&objectives, rows, interrupted, colour(), width());
    if let Some(folder) = folder {
        text += &format!("{} of each: {}\n", arguments.drawing.contents(), folder.display());
    }
    terminal::print(&text)
}
