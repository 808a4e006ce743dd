//! `deploysim merge`: the shards of a sweep become one, as if it had been run in one go.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::Args;

use crate::experiment::Shard;
use crate::experiment::checkpoint::{self, Finished, Reading};

use super::options::{Drawing, Output};

#[derive(Args)]
pub(super) struct Arguments {
    /// The folders of all shards, in any order
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let shards = arguments.folders.iter().map(|folder| open(folder));
    let shards: Vec<Reading> = shards.collect::<anyhow::Result<_>>()?;
    for reading in &shards {
        let version = &reading.header.version;
        if version != env!("CARGO_PKG_VERSION") {
            bail!(
                "a shard is of version {version}, and this is version {}",
                env!("CARGO_PKG_VERSION")
            );
        }
    }
    let mut finished = Finished::of(shards).map_err(|why| anyhow!(why))?;
    let header = finished.header();
    let file = header.manifest["scenario"]["file"].as_str().unwrap_or(&header.name).to_owned();
    let folder = crate::cli::sweep::folder(&arguments.output, Path::new(&file), Shard::WHOLE)?;
    if arguments.folders.iter().any(|shard| **shard == *folder) {
        bail!("{} is the folder of a shard: choose another with --out", folder.display());
    }
    std::fs::create_dir_all(&*folder)
        .and_then(|()| finished.write(&folder))
        .with_context(|| format!("cannot write the results to {}", folder.display()))?;
    super::sweep::report(&mut finished, &folder, arguments.drawing, &arguments.output)
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
