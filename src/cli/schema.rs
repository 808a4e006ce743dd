//! `deploysim schema`: the scenario language for editors and for people.

use clap::Args;

use crate::scenario::{reference, schema};

use super::{OK, terminal};

#[derive(Args)]
pub(super) struct Arguments {
    /// Print the reference of every key as Markdown instead
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    if arguments.markdown {
        terminal::print(&reference())?;
    } else {
        terminal::print_json(&schema())?;
    }
    Ok(OK)
}
