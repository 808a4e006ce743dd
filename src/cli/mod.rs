//! Words on the command line: one file per command, each reading like what it does.

mod capacity;
mod check;
mod cluster;
mod compare;
mod completions;
mod describe;
mod estimate;
mod exercise;
mod explain;
mod folder;
mod list;
mod man;
mod manifest;
mod marks;
mod merge;
mod new;
mod options;
mod progress;
mod replay;
mod run;
mod schema;
mod series;
mod shard;
mod shipped;
mod spread;
mod spread_runs;
mod stop;
mod sweep;
mod task;
mod terminal;
mod which;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::scenario::Faults;
use crate::text::is_shown;

/// Everything went as expected.
const OK: u8 = 0;
/// An expectation of the scenario failed.
const EXPECTATION_FAILED: u8 = 1;
/// The scenario or the command line is wrong.
const BAD_INPUT: u8 = 2;
/// Interrupted before everything was finished.
const INTERRUPTED: u8 = 130;

/// Simulates how an application is deployed: what breaks first, at what load, and how sure that is.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a scenario; print a summary, and leave charts and CSV in output/NAME
    Run(run::Arguments),
    /// Say why a scenario behaves as it does: theory beside simulation, where the time goes, what
    /// would help
    Explain(explain::Arguments),
    /// Ask whether a topology would have held a recorded load, and multiples of it
    Replay(replay::Arguments),
    /// Compare variants under the same random numbers: what differs, by how much, and how sure
    Compare(compare::Arguments),
    /// Search the greatest load that holds the objectives, or the least equipment
    Capacity(capacity::Arguments),
    /// Run a scenario in all the ways that its `sweep:` block or --vary says, and compare them
    Sweep(sweep::Arguments),
    /// Join the shards of a sweep, as if it had been run in one go
    Merge(merge::Arguments),
    /// Say of a series of numbers of your own where its warm-up ends, and how sure its mean is
    Series(series::Arguments),
    /// Validate a scenario and draw its topology
    Check(check::Arguments),
    /// Print the JSON Schema of scenarios, for an editor, or the reference of every key
    Schema(schema::Arguments),
    /// Show the scenarios that come with deploysim, by topic
    List(list::Arguments),
    /// Write a copy of a scenario that comes with deploysim, to be changed
    New(new::Arguments),
    /// Fill in the report of a study from the manifest of a run
    Describe(describe::Arguments),
    /// Ask and mark the exercises of a course, with numbers of each student's own
    Exercise(exercise::Arguments),
    /// Print what a shell needs to complete commands and options
    Completions(completions::Arguments),
    /// Write the pages of the manual
    Man(man::Arguments),
}

/// Runs the command that the arguments name. The exit status is 0, or 1 if an expectation failed,
/// or 2 if the input is wrong, or 130 if it was interrupted.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            return ExitCode::from(usage(&error).unwrap_or_else(|error| report(&error)));
        }
    };
    let outcome = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Capacity(arguments) => capacity::run(&arguments),
        Command::Sweep(arguments) => sweep::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Series(arguments) => series::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Describe(arguments) => describe::run(&arguments),
        Command::Exercise(arguments) => exercise::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    };
    ExitCode::from(outcome.unwrap_or_else(|error| report(&error)))
}

/// Says what is wrong with the command line, or prints the help or the version that it asks for.
fn usage(error: &clap::Error) -> anyhow::Result<u8> {
    if !error.use_stderr() {
        return terminal::seen(error.print()).map(|()| OK);
    }
    // Without its colours where it repeats what cannot be shown.
    let plain = error.render().to_string();
    match plain.chars().all(is_shown) {
        true => drop(error.print()),
        false => terminal::note(plain.trim_end()),
    }
    Ok(BAD_INPUT)
}

/// Says what went wrong and gives the exit status for it.
fn report(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Faults>() {
        Some(faults) => terminal::faults(faults),
        None => terminal::note(format!("error: {error:#}")),
    }
    BAD_INPUT
}
