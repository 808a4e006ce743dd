//! `deploysim completions`: what a shell needs to complete commands and options.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::{OK, terminal};

#[derive(Args)]
pub(super) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut super::Arguments::command(), "deploysim", &mut script);
    terminal::print(&String::from_utf8(script)?)?;
    Ok(OK)
}
