//! `deploysim capacity`: the greatest load that holds the objectives, or the least equipment.

use std::path::Path;

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;

use crate::experiment::Plan;
use crate::experiment::capacity::{Asked, capacity, capacity_by};
use crate::experiment::search::{Goal, Search};
use crate::files;
use crate::report::{self, CapacityQuery, Objective};
use crate::scenario::{Expectation, Parameter, Scenario, ScenarioText, objectives};
use crate::units::{Quantity, Share};

use super::cluster::On;
use super::folder::Folder;
use super::options::{Changes, Drawing, Format, Output};
use super::progress::Bar;
use super::spread_runs::{self, SpreadRuns, WHERE};
use super::terminal::{colour, print, print_json, width};
use super::which::Which;
use super::{EXPECTATION_FAILED, OK, manifest, stop, task};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// What must hold, such as "p99 < 200ms"; may be repeated. The scenario's expectations if not
    /// given
    #[arg(long = "slo", value_name = "OBJECTIVE")]
    objectives: Vec<String>,
    /// The path of the number to search, such as clients.shoppers.arrivals
    #[arg(long, value_name = "PATH")]
    over: String,
    /// Search the least value that holds, such as of app.replicas, and not the greatest
    #[arg(long)]
    least: bool,
    /// The least number to try; a thousandth of what is written if not given
    #[arg(long, value_name = "NUMBER", value_parser = bound, allow_hyphen_values = true)]
    from: Option<f64>,
    /// The greatest number to try; a thousand times what is written if not given
    #[arg(long, value_name = "NUMBER", value_parser = bound, allow_hyphen_values = true)]
    to: Option<f64>,
    /// How near to each other what holds and what fails are to be
    #[arg(long, value_name = "SHARE", default_value = "2%", value_parser = tolerance)]
    tolerance: f64,
    /// The most replications of one value
    #[arg(long, default_value_t = 160, value_parser = clap::value_parser!(u64).range(2..=10_000))]
    max_replications: u64,
    /// Make the replications on a cluster of Dask: dask for one on this machine, with a worker for
    /// each core, dask:4 for one of 4 workers, or the address of a scheduler, such as
    /// tcp://host:8786
    #[arg(long, value_name = "CLUSTER")]
    on: Option<On>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

fn bound(text: &str) -> Result<f64, String> {
    let bound = f64::parse(text).filter(|bound| *bound > 0.0);
    bound.ok_or_else(|| "expected a number above zero, in the unit that is written".to_owned())
}

fn tolerance(text: &str) -> Result<f64, String> {
    let share = Share::parse(text).map(|share| share.0);
    let share = share.filter(|share| (1e-6..1.0).contains(share));
    share.ok_or_else(|| "expected a share such as 2%, above 0 and below 100%".to_owned())
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let changes = arguments.changes.all();
    let task = task::given()?;
    let text = arguments.which.text_of(task.as_ref())?;
    let scenario = text.load(&changes)?;
    let slo = slo(arguments, &scenario)?;
    let parameter = Parameter::find(&text, &changes, &arguments.over)?;
    let search = search(arguments, &parameter)?;
    let build = |value| -> anyhow::Result<Scenario> {
        let mut changes = changes.clone();
        changes.push(parameter.turn(value));
        Ok(text.load(&changes)?)
    };
    if let Some(portion) = task.and_then(|task| task.portion) {
        return spread_runs::perform(&portion, &slo, build);
    }
    let folder = folder(arguments, &text)?;
    let mut spread = match &arguments.on {
        Some(on) => Some(SpreadRuns::start(on, &text, words(arguments), &folder)?),
        None => None,
    };
    let bar = Bar::new(arguments.output.quiet);
    let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
    let most = arguments.max_replications;
    let found = match &mut spread {
        Some(spread) => {
            let mut runs = |asked: &Asked<'_>| spread.runs(asked, &bar);
            capacity_by(&search, &slo, most, build, &plan, &mut runs)
        }
        None => capacity(&search, &slo, most, build, &plan),
    };
    bar.finish();
    let place = spread.map(SpreadRuns::place);
    let found = found?;
    if found.points.is_empty() {
        return Ok(stop::interrupted("no value was decided; nothing is written"));
    }
    let asked = CapacityQuery {
        path: arguments.over.clone(),
        objectives: slo.iter().map(objective).collect(),
        goal: search.goal,
    };
    let write = |value| parameter.value(value);
    let told = |colour| report::capacity(&asked, &found, &write, colour, width());
    let manifest = manifest(arguments, &text, &scenario, &asked);
    let mut files = vec![
        ("capacity.txt".into(), told(false).into_bytes()),
        ("capacity.csv".into(), report::capacity_csv(&asked, &found)),
    ];
    if arguments.drawing.charts() == report::Charts::Drawn {
        files.extend(report::chart_files(vec![report::capacity_chart(&asked, &found, &write)])?);
    }
    let written = report::write_files(&folder, &report::CAPACITY, &files, &manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()));
    match arguments.output.format {
        _ if arguments.output.quiet => {}
        Format::Json => print_json(&report::capacity_json(&asked, &found))?,
        Format::Text => print(&told(colour()))?,
    }
    written?;
    if let Some(place) = place {
        files::replace(&folder.join(WHERE), &place)?;
    }
    if found.interrupted {
        let (tried, folder) = (found.points.len(), folder.display());
        let s = if tried == 1 { "" } else { "s" };
        let kept = format!("what was found at {tried} value{s} is kept in {folder}");
        return Ok(stop::interrupted(kept));
    }
    Ok(if found.holds.is_some() { OK } else { EXPECTATION_FAILED })
}

/// The words of the command that say what is searched, for a task of it.
fn words(arguments: &Arguments) -> Vec<String> {
    let over = ("over", &arguments.over);
    let slo = arguments.objectives.iter().map(|value| ("slo", value));
    let sets = arguments.changes.sets.iter().map(|value| ("set", value));
    let all = [over].into_iter().chain(slo).chain(sets).chain(arguments.changes.options());
    all.map(|(option, value)| format!("--{option}={value}")).collect()
}

/// The objectives, or what the scenario expects.
fn slo(arguments: &Arguments, scenario: &Scenario) -> anyhow::Result<Vec<Expectation>> {
    if !arguments.objectives.is_empty() {
        return Ok(objectives(scenario, &arguments.objectives)?);
    }
    ensure!(
        !scenario.expectations.is_empty(),
        "{} expects nothing: say what must hold, such as --slo \"p99 < 200ms\"",
        arguments.which.as_given()
    );
    Ok(scenario.expectations.clone())
}

fn objective(of: &Expectation) -> Objective {
    Objective { text: of.text.clone(), bound: of.bound }
}

fn search(arguments: &Arguments, parameter: &Parameter) -> anyhow::Result<Search> {
    let start = parameter.number;
    ensure!(start > 0.0, "{} is {start}: expected a number above zero", parameter.path);
    let least = if parameter.whole { 1.0 } else { start / 1000.0 };
    let low = arguments.from.unwrap_or(least);
    let high = arguments.to.unwrap_or((start * 1000.0).max(low));
    ensure!(low <= high, "--from {low} is above --to {high}");
    let goal = if arguments.least { Goal::Least } else { Goal::Most };
    let tolerance = arguments.tolerance;
    let whole = parameter.whole;
    let (low, high) = if whole { (libm::ceil(low), libm::floor(high)) } else { (low, high) };
    ensure!(low <= high, "there is no whole number between --from and --to");
    Ok(Search { goal, start, low, high, whole, tolerance })
}

/// `output/capacity-SCENARIO`, or what `--out` says.
fn folder(arguments: &Arguments, text: &ScenarioText) -> anyhow::Result<Folder> {
    let stem = text.path.file_stem().unwrap_or_default().to_string_lossy();
    let file = format!("capacity-{stem}.yaml");
    arguments.output.folder_of(&report::CAPACITY, "capacity", Path::new(&file))
}

fn manifest(
    arguments: &Arguments,
    text: &ScenarioText,
    scenario: &Scenario,
    asked: &CapacityQuery,
) -> serde_json::Value {
    json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": "capacity",
        "scenario": manifest::scenario(&arguments.which.as_given(), text, scenario),
        "over": asked.path,
        "slo": asked.objectives.iter().map(|objective| &objective.text).collect::<Vec<_>>(),
        "least": arguments.least,
        "from": arguments.from,
        "to": arguments.to,
        "tolerance": arguments.tolerance,
        "seed": scenario.seed,
        "replications": scenario.replications,
        "max_replications": arguments.max_replications,
        "duration_s": scenario.duration.secs(),
        "set": arguments.changes.sets,
    })
}
