//! `deploysim check`: validate a scenario and draw its topology.

use std::path::PathBuf;

use clap::Args;

use crate::scenario::{Change, dot, load, mermaid, sweep};

use super::OK;
use super::terminal::{note, print};

#[derive(Args)]
pub(super) struct Arguments {
    /// The scenario
    scenario: PathBuf,
    /// Change a value of the scenario by its path, such as app.replicas=6; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    sets: Vec<String>,
    /// The language of the drawing
    #[arg(long, value_enum, default_value_t = Drawing::Mermaid)]
    draw: Drawing,
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum Drawing {
    /// Mermaid, as GitHub and many editors show it
    Mermaid,
    /// Graphviz
    Dot,
    /// Both, Mermaid first
    Both,
    /// No drawing
    None,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let changes: Vec<Change> = arguments.sets.iter().cloned().map(Change::Set).collect();
    let scenario = load(&arguments.scenario, &changes)?;
    let deployment = &scenario.deployment;
    match arguments.draw {
        Drawing::Mermaid => print(&mermaid(deployment))?,
        Drawing::Dot => print(&dot(deployment))?,
        Drawing::Both => print(&format!("{}\n{}", mermaid(deployment), dot(deployment)))?,
        Drawing::None => {}
    }
    let cells = match scenario.axes.len() {
        0 => String::new(),
        _ => {
            format!(" in the {} cells of its sweep", sweep(&arguments.scenario, &changes)?.cells())
        }
    };
    note(format!("{}: no problems found{cells}", arguments.scenario.display()));
    super::run::notes(&scenario);
    Ok(OK)
}
