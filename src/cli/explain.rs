//! `deploysim explain`: why a deployment behaves as it does, and what would help.

use std::path::Path;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::experiment::Plan;
use crate::experiment::explain::{Explanation, analytic_model, explain};
use crate::report;
use crate::scenario::{Change, Scenario, ScenarioText};

use super::options::{Changes, Format, Output};
use super::progress::Bar;
use super::terminal::{colour, print, print_json, width};
use super::which::Which;
use super::{OK, manifest, stop};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let changes = arguments.changes.all();
    let text = arguments.which.text()?;
    let scenario = text.load(&changes)?;
    let output = &arguments.output;
    let folder = output.folder_of(&report::EXPLAIN, &scenario.name, &text.path)?;
    let colour = colour();
    let aloud = !output.quiet && output.format == Format::Text;
    if aloud {
        crate::cli::run::notes(&scenario);
    }
    let analytic_model = analytic_model(&scenario);
    if aloud {
        print(&(report::theory(&scenario.name, &analytic_model, colour, width()) + "\n"))?;
    }
    let bar = Bar::new(output.quiet);
    let changed = |more: Vec<Change>| text.load(&[&changes[..], &more[..]].concat()).ok();
    let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
    let explanation = explain(&scenario, analytic_model, &changed, &plan);
    bar.finish();
    let Some(explanation) = explanation else { return Ok(stop::interrupted(stop::NOTHING)) };
    let manifest = manifest(arguments, &text, &scenario, &explanation);
    let written = report::write_explanation(&folder, &explanation, &manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()));
    if aloud {
        let found = report::findings(&explanation, colour, width());
        let files = written.as_ref().map_or(String::new(), |_| csv(&folder));
        print(&(found + &files))?;
    } else if !output.quiet {
        print_json(&report::explain_json(&explanation))?;
    }
    written?;
    if explanation.is_interrupted() {
        let results = &explanation.results;
        return Ok(stop::interrupted(stop::kept(results.replications, results.planned, &folder)));
    }
    Ok(OK)
}

/// Where what was written is.
fn csv(folder: &Path) -> String {
    format!("\nCSV: {}\n", folder.display())
}

/// All that is needed to repeat it.
fn manifest(
    arguments: &Arguments,
    text: &ScenarioText,
    scenario: &Scenario,
    explanation: &Explanation,
) -> serde_json::Value {
    let file = arguments.which.as_given();
    let mut command = vec!["deploysim".to_owned(), "explain".to_owned(), file.clone()];
    for set in &arguments.changes.sets {
        command.extend(["--set".to_owned(), set.clone()]);
    }
    let nanos = format!("{}ns", scenario.duration.nanos());
    command.extend(["--seed".to_owned(), scenario.seed.to_string()]);
    command.extend(["--replications".to_owned(), scenario.replications.to_string()]);
    command.extend(["--duration".to_owned(), nanos]);
    let results = &explanation.results;
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
