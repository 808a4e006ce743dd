//! Runs of scenarios: many of them, in parallel, and how sure they make us.
//!
//! *Invariant:* nothing here prints, and the number of threads shows in no result: replications are
//! merged in their order.

pub mod capacity;
pub mod cells;
#[cfg(feature = "files")]
pub mod checkpoint;
pub mod compare;
mod deadlock;
mod expectation;
pub mod explain;
pub mod findings;
pub mod headlines;
mod incidents;
mod limit;
pub mod measure;
pub mod output_analysis;
pub mod paired;
mod part;
mod precision;
mod replicate;
pub mod results;
mod schedule;
pub mod search;
mod series;
mod shard;
mod stability;
mod summary;
mod target;
pub mod traced;
mod warmup;

pub use precision::replicate_until;
pub use replicate::{Plan, Progress, replicate};
pub use results::Results;
pub use schedule::{Sink, run_cells};
pub use shard::Shard;
