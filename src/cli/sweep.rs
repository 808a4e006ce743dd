//! `deploysim sweep`: a scenario in all the ways that its `sweep:` block says.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use serde_json::json;

use crate::experiment::cells::{Axis, Cell};
use crate::experiment::checkpoint::{self, Checkpoint, Header, Reading};
use crate::experiment::{Plan, Shard, run_cells};
use crate::report::{Brief, Outline, SWEEP, sweep_json, sweep_table, write_sweep};
use crate::scenario::{Change, ScenarioText, Sweep, sweep, sweep_of};
use crate::{files, parallel};

use super::cluster::On;
use super::estimate::{Estimate, measure};
use super::folder::Folder;
use super::merge::within;
use super::options::{Changes, Drawing, Format, Output, folder_at};
use super::progress::Bar;
use super::shard::{Part, shard};
use super::spread::{MOST_SHARDS, Spread, WHERE};
use super::task::Task;
use super::terminal::{colour, note, print, print_json, width};
use super::which::Which;
use super::{OK, manifest, stop, task};

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
    /// How many parts there are, where the scheduler does not say it; with --on how many are to be
    /// made, by what a cell costs if not given
    #[arg(long, value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    shards: Option<u32>,
    /// Run the parts on a cluster of Dask: dask for one on this machine, with a worker for each
    /// core, dask:4 for one of 4 workers, or the address of a scheduler, such as tcp://host:8786
    #[arg(long, value_name = "CLUSTER", conflicts_with = "shard")]
    on: Option<On>,
    /// Do not ask before a large sweep
    #[arg(long)]
    yes: bool,
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
    let task = task::given()?;
    let text = arguments.which.text_of(task.as_ref())?;
    let shards = arguments.shards.map(|count| count as usize);
    let variable = |name: &str| std::env::var(name).ok();
    ensure!(
        shards.is_none() || arguments.shard.is_some() || arguments.on.is_some(),
        "--shards says of how many a part is: it goes with --shard auto or --on"
    );
    let of_part = shards.filter(|_| arguments.on.is_none());
    let shard = shard(arguments.shard, of_part, &variable).map_err(|why| anyhow!(why))?;
    let sweep = loaded(&text, &changes, shard, task.as_ref())?;
    // A task is of a shard, though it be the only one.
    let part = (shard != Shard::WHOLE || task.is_some()).then_some(shard);
    let folder = folder(&arguments.output, &text.path, part)?;
    let header = header(arguments, &text, &sweep, shard, task.as_ref());
    if let Some(on) = &arguments.on {
        let quiet = arguments.output.quiet;
        let spread = Spread {
            on,
            shards: spread_over(shards, header.cells)?,
            resume: arguments.resume,
            yes: arguments.yes,
            quiet,
            text: &text,
            file: arguments.which.as_given(),
            words: words(arguments, |option, value| vec![format!("--{option}={value}")]),
            sweep: &sweep,
            header: &header,
            folder: &folder,
        };
        if let Err(status) = spread.run()? {
            return Ok(status);
        }
        return report(&folder, arguments.drawing, &arguments.output);
    }
    if let Some(status) = cells(arguments, &sweep, &header, &folder)? {
        return Ok(status);
    }
    checkpoint::put_in_order(&folder)?;
    if part.is_some() {
        if !arguments.output.quiet {
            let all = header.own().count();
            note(format!("shard {shard} is finished: {all} cells in {}", folder.display()));
        }
        return Ok(OK);
    }
    files::remove(&folder.join(WHERE))?;
    report(&folder, arguments.drawing, &arguments.output)
}

/// The sweep. Of a task only its own cells are checked, and against what the whole was where the
/// task came from.
fn loaded(
    text: &ScenarioText,
    changes: &[Change],
    shard: Shard,
    task: Option<&Task>,
) -> anyhow::Result<Sweep> {
    let known = task.and_then(|task| task.digest.as_ref().zip(task.mark.as_ref()));
    let Some((digest, mark)) = known else { return Ok(sweep(text, changes)?) };
    let mut sweep = sweep_of(text, changes, |all| shard.cells(all).collect())?;
    ensure!(
        sweep.mark(shard.cells(sweep.cells())) == *mark,
        "shard {shard} is of another scenario here: a file that it names has other contents than \
         where the sweep was begun"
    );
    sweep.digest.clone_from(digest);
    Ok(sweep)
}

/// How many shards are asked for, if there can be so many.
fn spread_over(shards: Option<usize>, cells: usize) -> anyhow::Result<Option<usize>> {
    let most = MOST_SHARDS.min(cells);
    ensure!(
        shards.is_none_or(|count| count <= most),
        "--shards is too many: expected {most} at most, for {cells} cells"
    );
    Ok(shards)
}

/// Runs the cells that are not finished. The status if not all come to be.
fn cells(
    arguments: &Arguments,
    sweep: &Sweep,
    header: &Header,
    folder: &Folder,
) -> anyhow::Result<Option<u8>> {
    let mut kept = open(arguments, folder, header)
        .with_context(|| format!("cannot write the results to {}", folder.display()))?;
    let stopped = || format!("the sweep stopped; what is finished is in {}", folder.display());
    let all: Vec<usize> = header.own().collect();
    let mut left: Vec<usize> = header.own().filter(|cell| !kept.cells.contains(cell)).collect();
    let mut agreed = true;
    if !arguments.output.quiet {
        let cost = measure(sweep, &left, &mut |cell| kept.add(cell)).with_context(stopped)?;
        left.retain(|cell| !kept.cells.contains(cell));
        let (cells, cores) = (all.len(), parallel::threads());
        let estimate = Estimate { left: left.len(), cells, cost, cores, copies: 1.0 };
        agreed = left.is_empty() || estimate.agreed(arguments.yes);
    }
    if agreed {
        let bar = Bar::new(arguments.output.quiet);
        let plan = Plan { progress: &bar, stop: stop::on_interrupt() };
        let ran = run_cells(sweep, &left, &plan, &mut |cell| kept.add(cell));
        bar.finish();
        ran.map_err(|error| anyhow!(error)).with_context(stopped)?;
    }
    let (kept, all) = (kept.cells.len(), all.len());
    if kept == all {
        return Ok(None);
    }
    Ok(Some(stop::interrupted(format!(
        "{kept} of {all} cells are finished and kept in {}; the same command with --resume goes on",
        folder.display()
    ))))
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

/// `output/SCENARIO-sweep`, or what `--out` says; of a part a folder in it.
pub(super) fn folder(
    output: &Output,
    scenario: &Path,
    part: Option<Shard>,
) -> anyhow::Result<Folder> {
    let stem = scenario.file_stem().unwrap_or_default().to_string_lossy();
    let whole = output.path(&format!("{stem}-sweep"));
    match part {
        None => folder_at(&whole, &SWEEP),
        Some(shard) => folder_at(&whole.join(shard.folder()), &SWEEP),
    }
}

/// A checkpoint that grows, and the cells that it has.
struct Kept {
    checkpoint: Checkpoint,
    cells: BTreeSet<usize>,
}

impl Kept {
    fn add(&mut self, cell: &Cell) -> std::io::Result<()> {
        self.cells.insert(cell.cell);
        self.checkpoint.append(cell)
    }
}

/// Begins the checkpoint, or goes on with the one that is there.
fn open(arguments: &Arguments, folder: &Path, header: &Header) -> anyhow::Result<Kept> {
    let path = folder.join(checkpoint::NAME);
    let anew = || -> anyhow::Result<Kept> {
        let cells = BTreeSet::new();
        Ok(Kept { checkpoint: Checkpoint::create(folder, header)?, cells })
    };
    let known = match Reading::of(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        // A checkpoint that cannot be read is no obstacle to one that begins anew.
        Err(error) if error.kind() == ErrorKind::InvalidData && !arguments.resume => None,
        other => other?,
    };
    let Some(known) = known else {
        if arguments.resume && !within(folder)?.is_empty() {
            bail!(
                "it holds shards of a sweep: --on dask goes on with them, and `deploysim merge \
                 {}` joins them when all are finished",
                folder.display()
            );
        }
        return anew();
    };
    let cells: BTreeSet<usize> = header.own().filter(|&cell| known.has(cell)).collect();
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
        return anew();
    }
    if let Some(why) = header.differs(&known.header) {
        bail!("{} cannot be resumed: {why}", path.display());
    }
    if header.shard != known.header.shard {
        bail!("{} is of shard {}, not {}", path.display(), known.header.shard, header.shard);
    }
    Ok(Kept { checkpoint: Checkpoint::resume(folder)?, cells })
}

/// All that decides the results, and all that is needed to repeat them.
fn header(
    arguments: &Arguments,
    text: &ScenarioText,
    sweep: &Sweep,
    shard: Shard,
    task: Option<&Task>,
) -> Header {
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
        manifest: manifest(arguments, text, sweep, task),
        axes,
    }
}

/// The words of the command that change the scenario, as `word` writes an option and its value.
fn words(arguments: &Arguments, word: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let vary = arguments.vary.iter().map(|value| ("vary", value));
    let sets = arguments.changes.sets.iter().map(|value| ("set", value));
    let all = vary.chain(sets).chain(arguments.changes.options());
    all.flat_map(|(option, value)| word(option, value)).collect()
}

fn manifest(
    arguments: &Arguments,
    text: &ScenarioText,
    sweep: &Sweep,
    task: Option<&Task>,
) -> serde_json::Value {
    let base = &sweep.base;
    let file = task.map_or_else(|| arguments.which.as_given(), |task| task.file.clone());
    let mut command = vec!["deploysim".to_owned(), "sweep".to_owned(), file.clone()];
    let pair = |option: &str, value: &str| vec![format!("--{option}"), value.to_owned()];
    command.extend(words(arguments, pair));
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
