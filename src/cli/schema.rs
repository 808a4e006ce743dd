//! `deploysim schema`: the scenario language for editors and for people.

use std::io::Write;

use clap::Args;

use crate::scenario::{reference, schema};

use super::OK;

#[derive(Args)]
pub(super) struct Arguments {
    /// Print the reference of every key as Markdown instead
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let mut stdout = std::io::stdout().lock();
    if arguments.markdown {
        stdout.write_all(reference().as_bytes())?;
    } else {
        serde_json::to_writer_pretty(&mut stdout, &schema())?;
        writeln!(stdout)?;
    }
    Ok(OK)
}
