//! `deploysim man`: the pages of the manual, one for each command.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use crate::files::replace;

use super::OK;
use super::folder::writable;
use super::terminal::note;

#[derive(Args)]
pub(super) struct Arguments {
    /// The folder to write them to, such as ~/.local/share/man/man1
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let folder = &arguments.folder;
    let pages = pages()?;
    let count = pages.len();
    let write = || -> anyhow::Result<()> {
        writable(folder)?;
        std::fs::create_dir_all(folder)?;
        pages.iter().try_for_each(|(name, page)| Ok(replace(&folder.join(name), page)?))
    };
    write().with_context(|| format!("cannot write the manual to {}", folder.display()))?;
    note(format!("{count} pages are written to {}", folder.display()));
    Ok(OK)
}

/// The file of each page and what is in it.
fn pages() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut whole = super::Arguments::command();
    whole.build();
    let parts = whole.get_subcommands().filter(|command| command.get_name() != "help").cloned();
    let all: Vec<Command> = parts.chain([whole.clone()]).collect();
    let page = |command: Command| {
        let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
        let mut page = Vec::new();
        Man::new(command).render(&mut page)?;
        Ok((format!("{name}.1"), page))
    };
    all.into_iter().map(page).collect()
}
