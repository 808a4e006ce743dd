//! What one deploysim tells another that it has a task done by, on this machine or elsewhere.

use std::path::PathBuf;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// The variable that holds it, as JSON.
const VARIABLE: &str = "DEPLOYSIM_TASK";

/// A task: its scenario comes on standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    /// The scenario as it was asked for.
    pub(super) file: String,
    /// What messages call it, and where files that it names are found from.
    pub(super) path: PathBuf,
    /// Of a shard: the digest of the whole sweep, whose cells need not be checked again.
    pub(super) digest: Option<String>,
    /// Of a shard: the digest of what its own cells must be.
    pub(super) mark: Option<String>,
    /// Of a search: the replications to make.
    pub(super) portion: Option<Portion>,
}

/// Replications at a value of a search.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Portion {
    /// The value as its bits: JSON has not all digits.
    pub(super) value: u64,
    /// The digest of the scenario with it.
    pub(super) digest: String,
    /// What figures leave out of the start [ns].
    pub(super) warmup: u64,
    /// The first replication, and the one behind the last.
    pub(super) numbers: [u64; 2],
}

/// The task that this process is started for, if it is.
pub(super) fn given() -> anyhow::Result<Option<Task>> {
    let Some(text) = std::env::var_os(VARIABLE) else { return Ok(None) };
    let task = serde_json::from_str(&text.to_string_lossy());
    task.map(Some).with_context(|| format!("{VARIABLE} holds no task: unset it"))
}
