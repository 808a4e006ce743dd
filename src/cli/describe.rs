//! `deploysim describe`: the report of a study, from what a run left.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::Value;

use crate::scenario::{Change, Experiment, Faults, Replay, Scenario, ScenarioText, replay, stress};

use super::{OK, terminal};

#[derive(Args)]
pub(super) struct Arguments {
    /// The manifest that a run, a replay, a sweep, an explanation or a search left, or its folder
    manifest: PathBuf,
    /// As the checklist for discrete-event simulation studies STRESS-DES, in Markdown
    #[arg(long, required = true)]
    stress: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let file = &arguments.manifest;
    let file = if file.is_dir() { file.join("manifest.json") } else { file.clone() };
    let known = || format!("cannot read {} as a manifest", file.display());
    let manifest = read(&file).with_context(known)?;
    let text = text(&manifest).with_context(known)?;
    let scenario = scenario(&manifest, &text)?;
    let experiment = experiment(&manifest);
    if experiment.sha256 != scenario.digest {
        terminal::note("warning: a file that the scenario reads has changed since that run");
    }
    terminal::print(&stress(&scenario, &text.text, &experiment))?;
    Ok(OK)
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut crate::files::open(file)?, &mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// The scenario's text.
fn text(manifest: &Value) -> anyhow::Result<ScenarioText> {
    let said = |key: &str| manifest["scenario"][key].as_str();
    let whole = said("file").zip(said("text"));
    let (path, text) = whole.ok_or_else(|| anyhow!("it has no text of one scenario"))?;
    Ok(ScenarioText { path: path.into(), text: text.to_owned() })
}

/// The scenario as it was run: a replay's has a recorded load in the place of its clients.
fn scenario(manifest: &Value, text: &ScenarioText) -> Result<Scenario, Faults> {
    let changes = changes(manifest);
    let Some(log) = manifest["log"].as_str() else { return text.load(&changes) };
    let recorded = Replay {
        log: log.into(),
        scale: manifest["scale"].as_f64().unwrap_or(1.0),
        objectives: words(&manifest["slo"]),
        format: manifest["log_format"].as_str().map(str::to_owned),
        columns: words(&manifest["columns"]),
    };
    replay(text, &changes, &recorded)
}

/// What was changed of it.
fn changes(manifest: &Value) -> Vec<Change> {
    let vary = words(&manifest["vary"]).into_iter().map(Change::Vary);
    let sets = words(&manifest["set"]).into_iter().map(Change::Set);
    let duration = manifest["duration_s"].as_f64().map(|secs| format!("{secs}s"));
    let options = [
        ("seed", manifest["seed"].as_u64().map(|seed| seed.to_string())),
        ("replications", planned(manifest).map(|count| count.to_string())),
        ("duration", duration),
    ];
    let options = options.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let options = options.map(|(key, value)| Change::Option { key, value });
    vary.chain(sets).chain(options).collect()
}

/// How many replications were asked for.
fn planned(manifest: &Value) -> Option<u64> {
    let replications = &manifest["replications"];
    replications.as_u64().or_else(|| replications["planned"].as_u64())
}

fn words(list: &Value) -> Vec<String> {
    let words = list.as_array().into_iter().flatten();
    words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

fn experiment(manifest: &Value) -> Experiment {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let warmup = match (manifest["warmup_s"].as_f64(), manifest["warmup"].as_str()) {
        (Some(secs), Some("found")) => format!("{secs}s, found by MSER-5 on pilot runs"),
        (Some(secs), _) => format!("{secs}s, as given"),
        (None, _) => "as the scenario says, or found by MSER-5 on pilot runs".to_owned(),
    };
    let replications = match (planned(manifest), manifest["replications"]["finished"].as_u64()) {
        (Some(planned), Some(done)) if done < planned => {
            format!("{done} of {planned} replications")
        }
        (Some(1), _) => "1 replication".to_owned(),
        (Some(planned), _) => format!("{planned} replications"),
        (None, _) => "Replications".to_owned(),
    };
    Experiment {
        version: word(&manifest["version"]),
        command: command(manifest),
        sets: words(&manifest["set"]),
        warmup,
        replications,
        sha256: word(&manifest["scenario"]["sha256"]),
    }
}

/// The command that repeats it, as a shell takes it.
fn command(manifest: &Value) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,%".contains(c);
    let quote = |word: String| match word.chars().all(plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    match &manifest["command"] {
        Value::String(command) => format!("deploysim {command}"),
        list => words(list).into_iter().map(quote).collect::<Vec<_>>().join(" "),
    }
}
