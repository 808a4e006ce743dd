//! `deploysim check`: validate a scenario and draw its topology.

use clap::Args;

use crate::scenario::{Change, dot, mermaid, sweep};

use super::OK;
use super::terminal::{note, print};
use super::which::Which;

#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: Which,
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
    let text = arguments.which.text()?;
    let scenario = text.load(&changes)?;
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
            format!(" in the {} cells of its sweep", sweep(&text, &changes)?.cells())
        }
    };
    note(format!("{}: no problems found{cells}", arguments.which.as_given()));
    super::run::notes(&scenario);
    Ok(OK)
}
