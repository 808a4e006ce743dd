//! `deploysim merge`: the shards of a sweep become one, as if it had been run in one go.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;

use crate::experiment::Shard;
use crate::experiment::checkpoint::{self, Reading, Shards};

use super::options::{Drawing, Output};

#[derive(Args)]
pub(super) struct Arguments {
    /// The folders of all shards, in any order, or a folder that they all are in
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let mut folders = Vec::new();
    for folder in &arguments.folders {
        let within = within(folder)?;
        folders.extend(if within.is_empty() { vec![folder.clone()] } else { within });
    }
    let mut shards = Shards::default();
    for folder in &folders {
        let shard = open(folder)?;
        let version = &shard.header.version;
        if version != env!("CARGO_PKG_VERSION") {
            bail!(
                "a shard is of version {version}, and this is version {}",
                env!("CARGO_PKG_VERSION")
            );
        }
        shards.add(shard).map_err(|why| anyhow!(why))?;
    }
    let header = shards.whole().map_err(|why| anyhow!(why))?;
    let file = header.manifest["scenario"]["file"].as_str().unwrap_or(&header.name).to_owned();
    let folder = crate::cli::sweep::folder(&arguments.output, Path::new(&file), None)?;
    if folders.iter().any(|shard| **shard == *folder) {
        bail!("{} is the folder of a shard: choose another with --out", folder.display());
    }
    shards
        .write(&header, &folder)
        .with_context(|| format!("cannot write the results to {}", folder.display()))?;
    super::sweep::report(&folder, arguments.drawing, &arguments.output)
}

/// The folders of shards that a folder has in it, in their order.
pub(super) fn within(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    // What is no folder is said where its journal is looked for.
    for entry in folder.read_dir().into_iter().flatten() {
        let name = entry.with_context(|| format!("cannot read {}", folder.display()))?.file_name();
        found.extend(name.to_str().and_then(Shard::of_folder));
    }
    found.sort_by_key(|shard| (shard.count, shard.index));
    Ok(found.into_iter().map(|shard| folder.join(shard.folder())).collect())
}

fn open(folder: &Path) -> anyhow::Result<Reading> {
    let path = folder.join(checkpoint::NAME);
    match Reading::of(&path) {
        Ok(Some(reading)) => Ok(reading),
        Ok(None) => Err(anyhow!("{} has no whole line: run the shard again", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(anyhow!(
            "{} has no shard of a sweep: there is no {}",
            folder.display(),
            checkpoint::NAME
        )),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
