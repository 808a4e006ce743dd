//! `deploysim run`: a scenario in, a summary and a folder of results out.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::experiment::results::{Decision, Results};
use crate::experiment::traced::trace;
use crate::experiment::{Plan, replicate, replicate_until};
use crate::files::replace;
use crate::report;
use crate::scenario::{Scenario, ScenarioText, precision, traced};
use crate::text::wrapped;

use super::folder::replaceable;
use super::options::{Changes, Drawing, Format, Output};
use super::progress::Bar;
use super::terminal::{self, colour, note, print_json, width};
use super::which::Which;
use super::{EXPECTATION_FAILED, OK, manifest, stop};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Replicate until a figure is this precise: 2% (of the mean latency), or "p99(GET /x) = 2%"
    #[arg(long, value_name = "SHARE")]
    precision: Option<String>,
    /// The most replications that --precision may take
    #[arg(long, requires = "precision", default_value_t = 1000)]
    #[arg(value_parser = clap::value_parser!(u64).range(2..=10_000))]
    max_replications: u64,
    /// Follow single requests and write where each was when to requests.csv: 100 chosen by chance,
    /// slowest:20, or of a type as in "100(GET /product)"
    #[arg(long, value_name = "REQUESTS")]
    trace_requests: Option<String>,
    /// Write the expectations as a CI server reads test results (JUnit's XML)
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let text = arguments.which.text()?;
    let scenario = text.load(&arguments.changes.all())?;
    let output = &arguments.output;
    let folder = output.folder_of(&report::RUN, &scenario.name, &text.path)?;
    if let Some(file) = &arguments.junit {
        replaceable(file).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if !output.quiet && output.format == Format::Text {
        notes(&scenario);
    }
    let precision = arguments.precision.as_ref().map(|text| precision(&scenario, text));
    let precision = precision.transpose()?;
    let wanted = arguments.trace_requests.as_ref().map(|text| traced(&scenario, text));
    let wanted = wanted.transpose()?;
    let bar = Bar::new(output.quiet);
    let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
    let mut results = match &precision {
        Some(precision) => replicate_until(&scenario, precision, arguments.max_replications, &plan),
        None => replicate(&scenario, &plan),
    };
    if let (Some(results), Some(wanted)) = (&mut results, &wanted) {
        results.traced = trace(&scenario, results.warmup, results.replications, wanted, &plan);
    }
    bar.finish();
    let Some(results) = results else { return Ok(stop::interrupted(stop::NOTHING)) };
    let manifest = manifest(arguments, &text, &scenario, &results);
    let written = write(arguments, &manifest, &results, &folder);
    // What could not be written is printed all the same.
    if !output.quiet {
        let files = written.is_ok().then(|| files(arguments, &results, &folder));
        let closing = files.unwrap_or_default() + &lesson(arguments, &scenario);
        print(&results, output.format, &closing)?;
    }
    written?;
    let untraced = wanted.is_some() && results.traced.is_none();
    if results.is_interrupted() || untraced {
        let kept = stop::kept(results.replications, results.planned, &folder);
        let left_out = if untraced { stop::UNFOLLOWED } else { "" };
        return Ok(stop::interrupted(kept + left_out));
    }
    let failed = results.verdicts.iter().any(|verdict| verdict.holds == Decision::Fails);
    Ok(if failed { EXPECTATION_FAILED } else { OK })
}

/// What became of the lines of a trace.
pub(super) fn notes(scenario: &Scenario) {
    let traces = scenario.deployment.clients.iter().zip(&scenario.deployment.traces);
    for ((name, _), trace) in traces {
        if let Some(trace) = trace {
            note(format!("{}: {}", name.value, trace.report));
        }
    }
}

/// Writes the folder of results, and the verdicts where a CI server wants them.
fn write(
    arguments: &Arguments,
    manifest: &serde_json::Value,
    results: &Results,
    folder: &Path,
) -> anyhow::Result<()> {
    let all = report::write_all(folder, results, arguments.drawing.charts(), manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()));
    if let Some(file) = &arguments.junit {
        replace(file, report::junit(results).as_bytes())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    all.map(drop)
}

/// Where what was written is.
fn files(arguments: &Arguments, results: &Results, folder: &Path) -> String {
    let mut text = format!("\n{}: {}\n", arguments.drawing.contents(), folder.display());
    if let Some(traced) = &results.traced {
        let file = folder.join("requests.csv");
        text += &format!("{} requests: {}\n", traced.len(), file.display());
    }
    text
}

/// What the scenario is to teach, and what shows more of it.
fn lesson(arguments: &Arguments, scenario: &Scenario) -> String {
    let said = |it: &String| format!("\n{}\n", wrapped(&format!("It teaches: {it}"), width(), 2));
    let teaches = scenario.teaches.as_ref().map_or(String::new(), said);
    let sweep = match scenario.axes.is_empty() {
        true => String::new(),
        false => format!("deploysim sweep {}\n", arguments.which.as_given()),
    };
    teaches + &sweep
}

fn print(results: &Results, format: Format, files: &str) -> anyhow::Result<()> {
    match format {
        Format::Json => print_json(&report::json(results)),
        Format::Text => terminal::print(&(report::summary(results, colour(), width()) + files)),
    }
}

/// All that is needed to repeat the run.
fn manifest(
    arguments: &Arguments,
    text: &ScenarioText,
    scenario: &Scenario,
    results: &Results,
) -> serde_json::Value {
    let file = arguments.which.as_given();
    let mut command = vec!["deploysim".to_owned(), "run".to_owned(), file.clone()];
    for set in &arguments.changes.sets {
        command.extend(["--set".to_owned(), set.clone()]);
    }
    let nanos = format!("{}ns", scenario.duration.nanos());
    command.extend(["--seed".to_owned(), scenario.seed.to_string()]);
    command.extend(["--replications".to_owned(), scenario.replications.to_string()]);
    command.extend(["--duration".to_owned(), nanos]);
    if let Some(precision) = &arguments.precision {
        let most = arguments.max_replications.to_string();
        command.extend(["--precision", precision, "--max-replications", &most].map(str::to_owned));
    }
    if let Some(requests) = &arguments.trace_requests {
        command.extend(["--trace-requests", requests].map(str::to_owned));
    }
    json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": manifest::scenario(&file, text, scenario),
        "seed": scenario.seed,
        "replications": { "planned": results.planned, "finished": results.replications },
        "duration_s": scenario.duration.secs(),
        "warmup_s": results.warmup.secs(),
        "warmup": if results.warmup_found { "found" } else { "given" },
        "set": arguments.changes.sets,
        "command": command,
    })
}
