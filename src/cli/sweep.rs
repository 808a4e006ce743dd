//! `deploysim sweep`: a scenario in all the ways that its `sweep:` block says.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use serde_json::json;

use crate::experiment::cells::Axis;
use crate::experiment::checkpoint::{self, Checkpoint, Header, Reading};
use crate::experiment::{Plan, Shard, run_cells};
use crate::report::{Brief, Outline, SWEEP, sweep_json, sweep_table, write_sweep};
use crate::scenario::{Change, ScenarioText, Sweep, sweep};

use super::folder::Folder;
use super::options::{Changes, Drawing, Format, Output, folder_at};
use super::progress::Bar;
use super::shard::{Part, shard};
use super::terminal::{colour, note, print, print_json, width};
use super::which::Which;
use super::{OK, manifest, stop};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Vary a value, such as app.replicas=1,2,4 or "app.replicas={from: 2, to: 8, step: 2}"; in the
    /// place of what the scenario says of that path; may be repeated
    #[arg(long, value_name = "PATH=VALUES")]
    vary: Vec<String>,
    /// Go on where an interrupted sweep ended
    #[arg(long)]
    resume: bool,
    /// Run one of several parts, such as 3/16, to be joined by `deploysim merge`; auto takes it
    /// from the variables of a Slurm array or an indexed job of Kubernetes
    #[arg(long, value_name = "PART")]
    shard: Option<Part>,
    /// How many parts there are, where the scheduler does not say it
    #[arg(long, value_name = "COUNT", requires = "shard")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    shards: Option<u32>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let vary = arguments.vary.iter().cloned().map(Change::Vary);
    let changes: Vec<Change> = vary.chain(arguments.changes.all()).collect();
    let text = arguments.which.text()?;
    let sweep = sweep(&text, &changes)?;
    let shards = arguments.shards.map(|count| count as usize);
    let variable = |name: &str| std::env::var(name).ok();
    let shard = shard(arguments.shard, shards, &variable).map_err(|why| anyhow!(why))?;
    let folder = folder(&arguments.output, &text.path, shard)?;
    let header = header(arguments, &text, &sweep, shard);
    let (mut checkpoint, finished) = open(arguments, &folder, &header)
        .with_context(|| format!("cannot write the results to {}", folder.display()))?;
    let cells: Vec<usize> = header.own().filter(|cell| !finished.contains(cell)).collect();
    let bar = Bar::new(arguments.output.quiet);
    let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
    let mut kept = finished.len();
    let ran = run_cells(&sweep, &cells, &plan, &mut |cell| {
        kept += 1;
        checkpoint.append(cell)
    });
    bar.finish();
    drop(checkpoint);
    ran.map_err(|error| anyhow!(error)).with_context(|| {
        format!("the sweep stopped; what is finished is in {}", folder.display())
    })?;
    let all = header.own().count();
    if kept < all {
        return Ok(stop::interrupted(format!(
            "{kept} of {all} cells are finished and kept in {}; the same command with --resume \
             goes on",
            folder.display()
        )));
    }
    checkpoint::put_in_order(&folder)?;
    if shard.count > 1 {
        if !arguments.output.quiet {
            note(format!("shard {shard} is finished: {all} cells in {}", folder.display()));
        }
        return Ok(OK);
    }
    report(&folder, arguments.drawing, &arguments.output)
}

/// Writes the files of a sweep whose journal is finished, and prints its table.
pub(super) fn report(folder: &Path, drawing: Drawing, output: &Output) -> anyhow::Result<u8> {
    let mut finished = Reading::of(&folder.join(checkpoint::NAME))?
        .with_context(|| format!("{} has been damaged", folder.display()))?;
    let header = finished.header.clone();
    let outline = Outline { name: &header.name, method: &header.method, axes: &header.axes };
    let mut cells = header.own().map(|cell| finished.cell(cell));
    let written = write_sweep(folder, &outline, &mut cells, drawing.charts(), &header.manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()));
    let (briefs, unwritten) = match written {
        Ok(briefs) => (briefs, None),
        // What cannot be written is printed all the same.
        Err(error) => {
            let briefs = header.own().map(|cell| Ok(Brief::of(&finished.cell(cell)?)));
            (briefs.collect::<std::io::Result<_>>()?, Some(error))
        }
    };
    match output.format {
        _ if output.quiet => {}
        Format::Json => print_json(&sweep_json(&outline, &briefs))?,
        Format::Text => {
            let table = sweep_table(&outline, &briefs, colour(), width());
            let files = format!("\n{}: {}\n", drawing.contents(), folder.display());
            print(&(table + if unwritten.is_none() { &files } else { "" }))?;
        }
    }
    unwritten.map_or(Ok(OK), Err)
}

/// `output/SCENARIO-sweep`, or what `--out` says; of a shard a folder in it.
pub(super) fn folder(output: &Output, scenario: &Path, shard: Shard) -> anyhow::Result<Folder> {
    let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
    let whole = output.path(&format!("{stem}-sweep"));
    match shard {
        Shard::WHOLE => folder_at(&whole, &SWEEP),
        shard => folder_at(&whole.join(shard.folder()), &SWEEP),
    }
}

/// Begins the checkpoint, or goes on with the one that is there; and the cells that it has.
fn open(
    arguments: &Arguments,
    folder: &Path,
    header: &Header,
) -> anyhow::Result<(Checkpoint, BTreeSet<usize>)> {
    let path = folder.join(checkpoint::NAME);
    let known = match Reading::of(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        // A checkpoint that cannot be read is no obstacle to one that begins anew.
        Err(error) if error.kind() == ErrorKind::InvalidData && !arguments.resume => None,
        other => other?,
    };
    let Some(known) = known else {
        return Ok((Checkpoint::create(folder, header)?, BTreeSet::new()));
    };
    let finished: BTreeSet<usize> = header.own().filter(|&cell| known.has(cell)).collect();
    if !arguments.resume {
        let own = known.header.own().count();
        let done = known.finished();
        if done > 0 && done < own {
            bail!(
                "it holds an unfinished sweep, {done} of {own} cells: --resume goes on with it; to \
                 begin anew, remove {}",
                path.display()
            );
        }
        return Ok((Checkpoint::create(folder, header)?, BTreeSet::new()));
    }
    if let Some(why) = header.differs(&known.header) {
        bail!("{} cannot be resumed: {why}", path.display());
    }
    if header.shard != known.header.shard {
        bail!("{} is of shard {}, not {}", path.display(), known.header.shard, header.shard);
    }
    Ok((Checkpoint::resume(folder)?, finished))
}

/// All that decides the results, and all that is needed to repeat them.
fn header(arguments: &Arguments, text: &ScenarioText, sweep: &Sweep, shard: Shard) -> Header {
    let base = &sweep.base;
    let axes = Axis::all(sweep);
    let runs = match base.replications {
        1 => "1 replication".to_owned(),
        n => format!("{n} replications"),
    };
    Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        digest: sweep.digest.clone(),
        shard,
        name: base.name.clone(),
        method: format!("{runs} of {} · seed {}", base.duration, base.seed),
        cells: sweep.cells(),
        manifest: manifest(arguments, text, sweep),
        axes,
    }
}

fn manifest(arguments: &Arguments, text: &ScenarioText, sweep: &Sweep) -> serde_json::Value {
    let base = &sweep.base;
    let file = arguments.which.as_given();
    let mut command = vec!["deploysim".to_owned(), "sweep".to_owned(), file.clone()];
    for (option, values) in [("--vary", &arguments.vary), ("--set", &arguments.changes.sets)] {
        for value in values {
            command.extend([option.to_owned(), value.clone()]);
        }
    }
    for (option, value) in arguments.changes.options() {
        command.extend([format!("--{option}"), value.clone()]);
    }
    let axes: Vec<_> = base
        .axes
        .iter()
        .map(|axis| {
            let values: Vec<_> = axis.points.iter().map(|point| &point.label).collect();
            json!({ "name": axis.name, "values": values })
        })
        .collect();
    json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": manifest::scenario(&file, text, base),
        "sha256": sweep.digest,
        "seed": base.seed,
        "replications": base.replications,
        "duration_s": base.duration.secs(),
        "axes": axes,
        "cells": sweep.cells(),
        "vary": arguments.vary,
        "set": arguments.changes.sets,
        "command": command,
    })
}
