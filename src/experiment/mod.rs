//! Runs of scenarios: many of them, in parallel, and how sure they make us.
//!
//! *Invariant:* nothing here prints, and the number of threads shows in no result: replications are
//! merged in their order.

mod asked;
pub mod capacity;
pub mod cells;
pub mod compare;
pub mod contrast;
mod expectation;
pub mod explain;
#[cfg(feature = "files")]
pub mod journal;
pub mod measure;
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
pub mod traced;
mod warmup;

pub use precision::replicate_until;
pub use replicate::{Plan, Progress, replicate};
pub use results::Results;
pub use schedule::{Sink, run_cells};
pub use shard::Shard;
