//! Runs of scenarios: many of them, in parallel, and how sure they make us.
//!
//! *Invariant:* nothing here prints, and the number of threads shows in no result: replications are
//! merged in their order.

pub mod cells;
mod expectation;
pub mod explain;
pub mod journal;
pub mod measure;
mod replicate;
pub mod results;
mod schedule;
mod shard;
mod stability;
mod summary;
mod warmup;

pub use replicate::{Plan, Progress, replicate};
pub use results::Results;
pub use schedule::{Sink, run_cells};
pub use shard::Shard;
