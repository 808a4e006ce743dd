//! Options that several commands share.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::report::{Charts, FileSet};
use crate::scenario::Change;

use super::folder::{Folder, writable};

/// What may be changed of a scenario from the command line.
#[derive(Args, Clone)]
pub(super) struct Changes {
    /// Change a value of the scenario by its path, such as app.replicas=6; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// Root of all randomness
    #[arg(long, allow_hyphen_values = true)]
    seed: Option<String>,
    /// How often to repeat the run with other random numbers
    #[arg(long, allow_hyphen_values = true)]
    replications: Option<String>,
    /// Simulated length of each replication, such as 10min
    #[arg(long, allow_hyphen_values = true)]
    duration: Option<String>,
}

impl Changes {
    /// All of them, in the order in which they apply: an option of its own beats `--set`.
    pub(super) fn all(&self) -> Vec<Change> {
        let sets = self.sets.iter().cloned().map(Change::Set);
        let option = |(key, value): (_, &String)| Change::Option { key, value: value.clone() };
        sets.chain(self.options().map(option)).collect()
    }

    /// The options that are called as a key of the scenario, with what was given for each.
    pub(super) fn options(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let options = [
            ("seed", &self.seed),
            ("replications", &self.replications),
            ("duration", &self.duration),
        ];
        options.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }
}

/// Where results go.
#[derive(Args, Clone)]
pub(super) struct Output {
    /// Folder for the results; output/NAME if not given
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// Whether charts are drawn.
#[derive(Args, Clone, Copy)]
pub(super) struct Drawing {
    /// Draw no charts: figures alone, in far less time where the run is short
    #[arg(long)]
    no_charts: bool,
}

impl Drawing {
    /// Whether the folder of results gets charts.
    pub(super) fn charts(self) -> Charts {
        if self.no_charts { Charts::LeftOut } else { Charts::Drawn }
    }

    /// What the folder of results holds, in a word or two.
    pub(super) fn contents(self) -> &'static str {
        if self.no_charts { "CSV" } else { "charts and CSV" }
    }
}

/// What a command prints.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A summary for people
    Text,
    /// The results as JSON
    Json,
}

impl Output {
    /// The folder for what this command leaves of a scenario of this name, as [`Output::folder`].
    /// Refused if what another command left there has files of the same names.
    pub(super) fn folder_of(
        &self,
        set: &FileSet,
        name: &str,
        file: &Path,
    ) -> anyhow::Result<Folder> {
        free_of_others(self.folder(name, file)?, set)
    }

    /// The folder for the results of a scenario of this name, below `output/` whatever the name.
    pub(super) fn folder(&self, name: &str, file: &Path) -> anyhow::Result<Folder> {
        let stem = file.file_stem().map_or_else(|| name.into(), |stem| stem.to_string_lossy());
        made(&self.path(&stem))
    }

    /// Where results that are called so go.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| Path::new("output").join(name))
    }
}

/// The folder at `path`. That it cannot be made or written is said before a run, not when the
/// results are there.
fn made(path: &Path) -> anyhow::Result<Folder> {
    writable(path)
        .and_then(|()| Folder::new(path))
        .with_context(|| format!("cannot write the results to {}", path.display()))
}

/// The folder at `path`, for what this command leaves: see [`Output::folder_of`].
pub(super) fn folder_at(path: &Path, set: &FileSet) -> anyhow::Result<Folder> {
    free_of_others(made(path)?, set)
}

fn free_of_others(folder: Folder, set: &FileSet) -> anyhow::Result<Folder> {
    let Some((other, name)) = set.conflict(&folder) else { return Ok(folder) };
    bail!(
        "{} holds the results of `deploysim {}`, whose {name} would be overwritten: choose \
         another folder with --out, or remove {}",
        folder.display(),
        other.command,
        other.manifest
    )
}
