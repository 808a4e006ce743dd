//! Options that several commands share.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;

use crate::scenario::{Scenario, Warmup};
use crate::units::{Quantity, Span};

/// What may be changed of a scenario from the command line.
#[derive(Args, Clone)]
pub(super) struct Changes {
    /// Change a value of the scenario by its path, such as app.replicas=6; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// Root of all randomness
    #[arg(long)]
    seed: Option<u64>,
    /// How often to repeat the run with other random numbers
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(super) replications: Option<u64>,
    /// Simulated length of each replication, such as 10min
    #[arg(long, value_parser = duration)]
    duration: Option<Span>,
}

fn duration(text: &str) -> Result<Span, String> {
    let span = Span::parse(text).filter(|span| *span > Span::ZERO);
    span.ok_or_else(|| format!("expected {}", Span::EXPECTED))
}

impl Changes {
    /// Applies what has an option of its own.
    pub(super) fn apply(&self, scenario: &mut Scenario) -> anyhow::Result<()> {
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        scenario.replications = self.replications.unwrap_or(scenario.replications);
        if let Some(duration) = self.duration {
            if let Warmup::Given(warmup) = scenario.warmup
                && warmup >= duration
            {
                return Err(anyhow!(
                    "--duration {duration} leaves nothing after the scenario's warm-up of {warmup}; \
                     add --set warmup=auto"
                ));
            }
            scenario.duration = duration;
        }
        Ok(())
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

/// What a command prints.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A summary for people
    Text,
    /// The results as JSON
    Json,
}

impl Output {
    /// The folder for the results of a scenario of this name, below `output/` whatever the name.
    pub(super) fn folder(&self, name: &str, file: &Path) -> PathBuf {
        self.out.clone().unwrap_or_else(|| {
            let stem = file.file_stem().map_or_else(|| name.into(), |stem| stem.to_string_lossy());
            Path::new("output").join(&*stem)
        })
    }
}
