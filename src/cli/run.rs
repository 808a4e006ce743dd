//! `deploysim run`: a scenario in, a summary and a folder of results out.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::experiment::results::{Decision, Results};
use crate::experiment::traced::trace;
use crate::experiment::{Plan, replicate, replicate_until};
use crate::report;
use crate::scenario::{Scenario, load, precision, traced};

use super::options::{Changes, Drawing, Format, Output, writable};
use super::progress::Bar;
use super::{EXPECTATION_FAILED, INTERRUPTED, OK, stop};

#[derive(Args)]
pub(super) struct Arguments {
    /// The scenario
    scenario: PathBuf,
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
    let scenario = load(&arguments.scenario, &arguments.changes.all())?;
    let output = &arguments.output;
    let folder = output.folder(&scenario.name, &arguments.scenario)?;
    if let Some(file) = &arguments.junit {
        writable(file.parent().unwrap_or(Path::new("")))
            .with_context(|| format!("cannot write {}", file.display()))?;
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
        if results.traced.is_none() {
            eprintln!("interrupted before the requests were traced; requests.csv is not written");
        }
    }
    bar.finish();
    let Some(results) = results else {
        eprintln!("interrupted before the first replication was finished; nothing is written");
        return Ok(INTERRUPTED);
    };
    let manifest = manifest(arguments, &scenario, &results);
    report::write_all(&folder, &results, arguments.drawing.charts(), &manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()))?;
    if let Some(file) = &arguments.junit {
        std::fs::write(file, report::junit(&results))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if !output.quiet {
        print(&results, output.format)?;
        if output.format == Format::Text {
            let contents = arguments.drawing.contents();
            writeln!(std::io::stdout(), "\n{contents}: {}", folder.display())?;
            if let Some(traced) = &results.traced {
                let file = folder.join("requests.csv");
                writeln!(std::io::stdout(), "{} requests: {}", traced.len(), file.display())?;
            }
        }
    }
    let failed = results.verdicts.iter().any(|verdict| verdict.holds == Decision::Fails);
    Ok(if failed { EXPECTATION_FAILED } else { OK })
}

/// What became of the lines of a trace.
pub(super) fn notes(scenario: &Scenario) {
    let traces = scenario.deployment.clients.iter().zip(&scenario.deployment.traces);
    for ((name, _), trace) in traces {
        if let Some(trace) = trace {
            eprintln!("{}: {}", name.value, trace.report);
        }
    }
}

fn print(results: &Results, format: Format) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match format {
        Format::Text => {
            let colour = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
            stdout.write_all(report::summary(results, colour, 100).as_bytes())?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut stdout, &report::json(results))?;
            writeln!(stdout)?;
        }
    }
    Ok(())
}

/// All that is needed to repeat the run.
fn manifest(arguments: &Arguments, scenario: &Scenario, results: &Results) -> serde_json::Value {
    let file = arguments.scenario.display().to_string();
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
        "scenario": { "file": file, "name": scenario.name, "sha256": scenario.digest },
        "seed": scenario.seed,
        "replications": { "planned": results.planned, "finished": results.replications },
        "duration_s": scenario.duration.secs(),
        "warmup_s": results.warmup.secs(),
        "warmup": if results.warmup_found { "found" } else { "given" },
        "set": arguments.changes.sets,
        "command": command,
    })
}
