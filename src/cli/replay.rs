//! `deploysim replay`: would this topology have held that recorded load, and multiples of it?

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::experiment::results::{Decision, Results};
use crate::experiment::{Plan, replicate};
use crate::report;
use crate::scenario::{Replay, Scenario, replay};
use crate::stats::Estimate;
use crate::units::{Quantity, Rate, Share, Span};

use super::options::{Changes, Drawing, Format, Output};
use super::progress::Bar;
use super::terminal::{self, print_json};
use super::{EXPECTATION_FAILED, OK, stop};

#[derive(Args)]
pub(super) struct Arguments {
    /// An access log (Common or Combined format), or a CSV of timestamps or of counts per interval
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

/// The outcome at one multiple of the load.
struct Row {
    scale: f64,
    /// Requests per second in the busiest minute.
    peak: Rate,
    results: Results,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let output = &arguments.output;
    let text = !output.quiet && output.format == Format::Text;
    // What is wrong with any of them is said before the first is run.
    let scenarios = load_all(arguments)?;
    let folder = folder(arguments)?;
    if let Some((_, scenario)) = scenarios.first().filter(|_| text) {
        crate::cli::run::notes(scenario);
    }
    let all = scenarios.len();
    let mut rows = Vec::new();
    for (scale, scenario) in scenarios {
        let bar = Bar::new(output.quiet);
        let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
        let results = replicate(&scenario, &plan);
        bar.finish();
        let Some(results) = results else { break };
        let folder = folder.join(format!("x{scale}"));
        let manifest = manifest(arguments, &scenario, scale);
        report::write_all(&folder, &results, arguments.drawing.charts(), &manifest)
            .with_context(|| format!("cannot write the results to {}", folder.display()))?;
        rows.push(Row { scale, peak: peak(&scenario, scale), results });
    }
    if rows.is_empty() {
        return Ok(stop::interrupted(stop::NOTHING));
    }
    let done = rows.iter().filter(|row| !row.results.is_interrupted()).count();
    if !output.quiet {
        print(arguments, &rows, &folder, done < all)?;
    }
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
fn load_all(arguments: &Arguments) -> anyhow::Result<Vec<(f64, Scenario)>> {
    let changes = arguments.changes.all();
    let mut scenarios: Vec<(f64, Scenario)> = Vec::new();
    for &scale in &arguments.scale {
        let (log, objectives) = (arguments.log.clone(), arguments.objectives.clone());
        let recorded = Replay { log, scale, objectives };
        let mut scenario = replay(&arguments.scenario, &changes, &recorded)?;
        if let Some((_, first)) = scenarios.first() {
            scenario.deployment.traces.clone_from(&first.deployment.traces);
        }
        scenarios.push((scale, scenario));
    }
    Ok(scenarios)
}

/// `output/replay-LOG-SCENARIO`, or what `--out` says.
fn folder(arguments: &Arguments) -> anyhow::Result<super::folder::Folder> {
    let stem = |path: &PathBuf| {
        path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    };
    let name = format!("replay-{}-{}", stem(&arguments.log), stem(&arguments.scenario));
    let file = PathBuf::from(&name);
    // A dot in the name is not an extension here.
    arguments.output.folder(&name, &file.with_file_name(format!("{name}.log")))
}

/// The rate of the recorded load's busiest minute, multiplied.
fn peak(scenario: &Scenario, scale: f64) -> Rate {
    let traces = scenario.deployment.traces.iter().flatten();
    let peaks = traces.map(|trace| trace.peak(Span::from_secs(60)));
    Rate(peaks.map(|peak| peak.count as f64 * scale / peak.window.secs()).sum())
}

fn manifest(arguments: &Arguments, scenario: &Scenario, scale: f64) -> serde_json::Value {
    json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": "replay",
        "scenario": {
            "file": arguments.scenario.display().to_string(),
            "sha256": scenario.digest,
        },
        "log": arguments.log.display().to_string(),
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
    rows: &[Row],
    folder: &Path,
    interrupted: bool,
) -> anyhow::Result<()> {
    if arguments.output.format == Format::Json {
        let all: Vec<_> = rows
            .iter()
            .map(|row| json!({ "scale": row.scale, "results": report::json(&row.results) }))
            .collect();
        return print_json(&all);
    }
    let head = format!(
        "{:>6} {:>10} {:>11} {:>18} {:>18} {:>24}  verdict",
        "load", "mean", "peak minute", "p99", "errors", "busiest, mean"
    );
    let mut text = format!("objective: {}\n\n{head}\n", arguments.objectives.join(", "));
    text.extend(rows.iter().map(|row| line(row) + "\n"));
    let unfinished = if interrupted { " The replay was interrupted." } else { "" };
    text += &format!("\n{}{unfinished}\n", conclusion(rows));
    text += &format!("{} of each: {}\n", arguments.drawing.contents(), folder.display());
    terminal::print(&text)
}

fn line(row: &Row) -> String {
    let results = &row.results;
    let with_half = |estimate: Estimate, write: &dyn Fn(f64) -> String| match estimate.half_width {
        _ if estimate.mean.is_nan() => match estimate.known_above() {
            Some(above) if above > 0.0 => format!("> {}", write(above)),
            _ => "-".to_owned(),
        },
        Some(half) => format!("{} ± {}", write(estimate.mean), write(half)),
        None => write(estimate.mean),
    };
    let seconds = |value: f64| Span::from_secs_f64(value).to_string();
    let share = |value: f64| Share(value).to_string();
    let busiest = results.bottleneck.as_ref().map_or_else(
        || "-".to_owned(),
        |b| format!("{} {} {}", b.component, b.resource, Share(b.utilisation.mean)),
    );
    format!(
        "{:>6} {:>10} {:>11} {:>18} {:>18} {:>24}  {}",
        format!("x{}", row.scale),
        Rate(results.total.arrival_rate.mean).to_string(),
        row.peak.to_string(),
        with_half(results.total.latency[2], &seconds),
        with_half(results.total.error_rate, &share),
        busiest,
        verdict(row),
    )
}

fn verdict(row: &Row) -> &'static str {
    let decisions = row.results.verdicts.iter().map(|verdict| verdict.holds);
    let (mut fails, mut undecided) = (false, false);
    for decision in decisions {
        fails |= decision == Decision::Fails;
        undecided |= decision == Decision::Undecided;
    }
    match (fails, undecided) {
        (true, _) => "did not hold",
        (false, true) => "undecided: more --replications would tell",
        (false, false) => "held",
    }
}

/// One sentence that answers the question.
fn conclusion(rows: &[Row]) -> String {
    let held = rows.iter().filter(|row| verdict(row) == "held").map(|row| row.scale);
    let failed = rows.iter().filter(|row| verdict(row) == "did not hold");
    let most = held.fold(f64::NAN, f64::max);
    let first = failed.min_by(|a, b| a.scale.total_cmp(&b.scale));
    match first {
        None if most.is_nan() => "Nothing could be decided.".to_owned(),
        None => format!("It would have held {} times the recorded load.", most),
        Some(row) => {
            let why = row.results.bottleneck.as_ref().map_or_else(String::new, |bottleneck| {
                format!("; {} {} fills first", bottleneck.component, bottleneck.resource)
            });
            let scale = row.scale;
            if most.is_nan() {
                format!("It would not have held {scale} times the recorded load{why}.")
            } else {
                format!(
                    "It would have held {} times the recorded load, not {scale} times{why}.",
                    most
                )
            }
        }
    }
}
