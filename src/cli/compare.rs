//! `deploysim compare`: variants of a scenario under the same random numbers, against the first.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde_json::json;

use crate::experiment::Plan;
use crate::experiment::compare::{Comparison, compare};
use crate::experiment::paired::{PairedRequests, paired_requests};
use crate::report;
use crate::scenario::{Change, Scenario, ScenarioText};
use crate::text::one_line;

use super::folder::Folder;
use super::options::{Changes, Drawing, Format, Output};
use super::progress::Bar;
use super::terminal::{self, colour, print_json, width};
use super::which::open;
use super::{OK, stop};

#[derive(Args)]
pub(super) struct Arguments {
    /// The scenarios; the first is what the others are compared with
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// A variant of the one scenario by what it changes, such as front.policy=random, or several
    /// changes with "; " between; may be repeated. One variant is compared with the scenario as it
    /// stands, several with the first of them, which is the scenario as it stands if it is empty
    #[arg(long = "variant", value_name = "PATH=VALUE")]
    variants: Vec<String>,
    /// Find the requests that fare most differently, the same user asking for the same, and write
    /// where each was when in both variants to requests.csv; so many of them, 10 if not given
    #[arg(long, value_name = "COUNT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "10", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    requests: Option<u64>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let texts = arguments.scenarios.iter().map(|file| open(file));
    let texts = texts.collect::<anyhow::Result<Vec<_>>>()?;
    let variants = load_all(arguments, &texts)?;
    let output = &arguments.output;
    let folder = folder(arguments, &texts[0])?;
    let bar = Bar::new(output.quiet);
    let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
    let found = compare(&variants, &plan);
    let requests = found.as_ref().zip(arguments.requests);
    let requests = requests.and_then(|(found, count)| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        paired_requests(&variants, found.warmup, found.replications, count, &plan)
    });
    bar.finish();
    let Some(found) = found else { return Ok(stop::interrupted(stop::NOTHING)) };
    let manifest = manifest(arguments, &texts, &variants, &found);
    let text = told(&found, requests.as_deref(), false);
    let mut files = vec![
        ("comparison.txt".into(), text.into_bytes()),
        ("comparison.csv".into(), report::comparison_csv(&found)),
    ];
    if let Some(requests) = &requests {
        files.push(("requests.csv".into(), report::paired_requests_csv(&found.names, requests)));
    }
    if arguments.drawing.charts() == report::Charts::Drawn {
        files.extend(report::chart_files(vec![report::differences_chart(&found)])?);
    }
    let written = report::write_files(&folder, &report::COMPARE, &files, &manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()));
    if !output.quiet {
        let folder = written.is_ok().then_some(&*folder);
        print(&found, requests.as_deref(), output.format, arguments.drawing.charts(), folder)?;
    }
    written?;
    let apart = arguments.requests.is_some() && requests.is_none();
    if found.replications < found.planned || apart {
        let kept = stop::kept(found.replications, found.planned, &folder);
        let left_out = if apart { stop::UNFOLLOWED } else { "" };
        return Ok(stop::interrupted(kept + left_out));
    }
    Ok(OK)
}

/// All variants by their names, under the seed, replications and duration of the first.
fn load_all(
    arguments: &Arguments,
    texts: &[ScenarioText],
) -> anyhow::Result<Vec<(String, Scenario)>> {
    let mut variants: Vec<(String, Scenario)> = Vec::new();
    for (name, text, sets) in listed(arguments, texts)? {
        let mut changes: Vec<Change> = sets.into_iter().map(Change::Variant).collect();
        changes.extend(arguments.changes.all());
        if let Some((_, first)) = variants.first() {
            let same = [
                ("seed", first.seed.to_string()),
                ("replications", first.replications.to_string()),
                ("duration", format!("{}ns", first.duration.nanos())),
            ];
            changes.extend(same.map(|(key, value)| Change::Option { key, value }));
        }
        variants.push((name, text.load(&changes)?));
    }
    Ok(variants)
}

/// Name, text and changes of a variant.
type Listed<'a> = (String, &'a ScenarioText, Vec<String>);

/// All variants.
fn listed<'a>(arguments: &Arguments, texts: &'a [ScenarioText]) -> anyhow::Result<Vec<Listed<'a>>> {
    let Arguments { scenarios, variants, .. } = arguments;
    if variants.is_empty() {
        ensure!(
            scenarios.len() > 1,
            "nothing to compare with: name another scenario, or a --variant such as app.replicas=4"
        );
        return Ok(scenarios.iter().zip(texts).map(as_it_stands).collect());
    }
    let ([file], [text]) = (&scenarios[..], texts) else {
        anyhow::bail!("--variant changes one scenario, and here are {}", scenarios.len());
    };
    let split = |variant: &String| variant.split("; ").map(str::to_owned).collect();
    let changed = |variant: &String| match variant.is_empty() {
        true => as_it_stands((file, text)),
        false => (one_line(variant).into(), text, split(variant)),
    };
    let first = (variants.len() == 1).then(|| as_it_stands((file, text)));
    Ok(first.into_iter().chain(variants.iter().map(changed)).collect())
}

/// A scenario under the name of its file.
fn as_it_stands<'a>((file, text): (&PathBuf, &'a ScenarioText)) -> Listed<'a> {
    (one_line(&file.display().to_string()).into(), text, Vec::new())
}

/// `output/compare-SCENARIO`, or what `--out` says.
fn folder(arguments: &Arguments, first: &ScenarioText) -> anyhow::Result<Folder> {
    let stem = first.path.file_stem().unwrap_or_default().to_string_lossy();
    let file = format!("compare-{stem}.yaml");
    arguments.output.folder_of(&report::COMPARE, "compare", Path::new(&file))
}

fn manifest(
    arguments: &Arguments,
    texts: &[ScenarioText],
    variants: &[(String, Scenario)],
    found: &Comparison,
) -> serde_json::Value {
    let variants = variants.iter().map(|(name, scenario)| {
        json!({ "variant": name, "name": scenario.name, "sha256": scenario.digest })
    });
    let files = arguments.scenarios.iter().zip(texts);
    let files = files.map(|(file, text)| json!({ "file": file, "text": text.text }));
    let mut manifest = json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": "compare",
        "files": files.collect::<Vec<_>>(),
        "variants": variants.collect::<Vec<_>>(),
        "seed": found.seed,
        "replications": found.replications,
        "duration_s": found.duration.secs(),
        "warmup_s": found.warmup.secs(),
        "set": arguments.changes.sets,
    });
    if let Some(count) = arguments.requests {
        manifest["requests"] = count.into();
    }
    manifest
}

/// The comparison for people, with the requests if they were asked for.
fn told(found: &Comparison, requests: Option<&[PairedRequests]>, colour: bool) -> String {
    let paired_requests = |found_in: &[PairedRequests]| {
        report::paired_requests(&found.names, found_in, colour, width())
    };
    report::comparison(found, colour, width()) + &requests.map_or(String::new(), paired_requests)
}

fn print(
    found: &Comparison,
    requests: Option<&[PairedRequests]>,
    format: Format,
    charts: report::Charts,
    written: Option<&Path>,
) -> anyhow::Result<()> {
    if format == Format::Json {
        let mut json = report::comparison_json(found);
        if let Some(requests) = requests {
            json["requests"] = report::paired_requests_json(&found.names, requests);
        }
        return print_json(&json);
    }
    let mut text = told(found, requests, colour());
    if let Some(folder) = written {
        text += &format!("\nevery figure: {}\n", folder.join("comparison.csv").display());
        if charts == report::Charts::Drawn {
            text += &format!("chart: {}\n", folder.join("differences.svg").display());
        }
        if requests.is_some() {
            text += &format!("every span: {}\n", folder.join("requests.csv").display());
        }
    }
    terminal::print(&text)
}
