//! `deploysim new`: a copy of a scenario that comes with it, to be changed.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::files::replace;

use super::OK;
use super::folder::replaceable;
use super::shipped::shipped;
use super::terminal::note;
use super::which::unknown;

#[derive(Args)]
pub(super) struct Arguments {
    /// A name that `deploysim list` shows
    name: String,
    /// Where to write it; NAME.yaml here if not given
    file: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let Some(found) = shipped(&arguments.name) else { bail!(unknown(&arguments.name)) };
    let file = arguments.file.clone().unwrap_or_else(|| format!("{}.yaml", found.name).into());
    if file.exists() {
        bail!("{} is there already: say another file behind the name", file.display());
    }
    write(&file, &copy(found.text, &file))
        .with_context(|| format!("cannot write {}", file.display()))?;
    note(format!("{0} is written: change it, then `deploysim run {0}`", file.display()));
    Ok(OK)
}

fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    replaceable(file)?;
    Ok(replace(file, text.as_bytes())?)
}

/// The text with what to do with it on top.
fn copy(text: &str, file: &Path) -> String {
    let file = file.display();
    let sweep = match text.contains("\nsweep:") {
        true => format!(
            "#   deploysim sweep {file}      runs it in all the ways that `sweep` below says\n"
        ),
        false => String::new(),
    };
    format!(
        "# Change a number and see what comes of it:\n\
         #   deploysim check {file}      says what is wrong with it, and draws it\n\
         #   deploysim run {file}        runs it, and holds it against `expect`\n\
         #   deploysim explain {file}    says why it behaves so, and what would help\n\
         {sweep}\
         # Every key: deploysim schema --markdown\n\
         \n{text}"
    )
}
