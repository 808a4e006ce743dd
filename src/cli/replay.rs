//! `deploysim replay`: would this topology have held that recorded load, and multiples of it?

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::access_log::{Playing, Trace};
use crate::component::client::ClientSpec;
use crate::experiment::results::{Bottleneck, Decision, Over, Results, Standing};
use crate::experiment::{Plan, replicate};
use crate::measure::Unit;
use crate::report;
use crate::scenario::{Replay, Scenario, ScenarioText, replay};
use crate::units::{Quantity, Rate, Share, Span, three_digits};

use super::options::{Changes, Drawing, Format, Output};
use super::progress::Bar;
use super::terminal::{self, print_json};
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

/// The outcome at one multiple of the load.
struct Row {
    scale: f64,
    /// Requests per second in the busiest minute.
    peak: Rate,
    /// Over how long requests are spread that were recorded or are added at one time, if that is
    /// long.
    spread: Option<Span>,
    results: Results,
}

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
        rows.push(Row { scale, peak, spread, results });
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
    rows: &[Row],
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
    let head = format!(
        "{:>6} {:>10} {:>11} {:>18} {:>18} {:>24}  verdict",
        "load", "mean", "peak minute", "p99", "errors", "fullest"
    );
    let mut text = format!("objective: {}\n\n{head}\n", arguments.objectives.join(", "));
    text.extend(rows.iter().map(|row| line(row) + "\n"));
    text += &fullest(rows);
    let unfinished = if interrupted { " The replay was interrupted." } else { "" };
    text += &format!("\n{}{unfinished}\n", conclusion(rows));
    text.extend(rows.iter().find_map(smeared).map(|smeared| smeared + "\n"));
    text.extend(
        folder.map(|folder| {
            format!("{} of each: {}\n", arguments.drawing.contents(), folder.display())
        }),
    );
    terminal::print(&text)
}

/// Over how long what is used most is seen, and how much more is asked in the peak minute where
/// that is longer.
fn fullest(rows: &[Row]) -> String {
    let Some((row, at, length)) = rows.iter().find_map(|row| {
        let Over::Peak(at, length) = row.results.bottleneck.as_ref()?.over else { return None };
        Some((row, at, length))
    }) else {
        return String::new();
    };
    let series = &row.results.series;
    let within = series.starts.iter().zip(series.total.of("arrival_rate"));
    let within = within.filter(|(start, _)| (at..at + length).contains(*start));
    let rates: Vec<f64> = within.map(|(_, rate)| rate.mean).collect();
    let rate = rates.iter().sum::<f64>() / rates.len() as f64;
    let more = if length > MINUTE.secs() && row.peak.0 > rate {
        let times = three_digits(row.peak.0 / rate);
        format!("; the peak minute has {times} times as many requests a second")
    } else {
        String::new()
    };
    let length = Span::from_secs_f64(length);
    format!("fullest: what is used most, in the {length} in which that is so{more}\n")
}

fn line(row: &Row) -> String {
    let results = &row.results;
    let fullest = match (&results.deadlock, &results.bottleneck) {
        (Some(_), _) => "deadlock".to_owned(),
        (None, Some(b)) => format!("{} {} {}", b.component, b.resource, Share(b.utilisation.mean)),
        (None, None) => "-".to_owned(),
    };
    format!(
        "{:>6} {:>10} {:>11} {:>18} {:>18} {:>24}  {}",
        format!("x{}", row.scale),
        Rate(results.total.arrival_rate.mean).to_string(),
        row.peak.to_string(),
        Unit::Seconds.read(&results.total.latency[2]).text(),
        Unit::Share.read(&results.total.error_rate).text(),
        fullest,
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

/// How far the load's peaks are spread, where that says less than the verdict: of one that held.
fn smeared(row: &Row) -> Option<String> {
    let spread = row.spread.filter(|_| verdict(row) == "held")?;
    Some(format!(
        "Within {spread} requests are spread at random: peaks shorter than that are not in this \
         load, and that it held says nothing of them."
    ))
}

/// What was full, or else how most of those ended that did not end well; nothing where there is
/// neither.
fn why(results: &Results) -> String {
    if let Some(found) = &results.deadlock {
        return format!("; {} is in a deadlock", found.component);
    }
    let full = |of: &&Bottleneck| matches!(of.standing, Standing::Full { .. });
    if let Some(found) = results.bottleneck.as_ref().filter(full) {
        return format!("; {} {} is full at the peak", found.component, found.resource);
    }
    let total = &results.total;
    let well = ["ok", "stale", "in flight at the end"];
    let bad = total.outcomes.iter().filter(|of| !well.contains(&of.outcome.as_str()));
    let Some(most) = bad.filter(|of| of.count > 0).max_by_key(|of| of.count) else {
        return String::new();
    };
    let share = Share(most.count as f64 / total.arrivals as f64);
    format!("; most that failed: {} ({share})", most.outcome)
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
            let why = why(&row.results);
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
