//! Statistics of simulation: what is measured during a run, and how sure many runs make us.

pub mod acceptance;
mod batch_means;
mod estimate;
mod histogram;
mod level;
pub(crate) mod reading;
mod tally;
mod trend;
mod warmup;

#[cfg(test)]
mod random;

pub use batch_means::BatchMeans;
pub use estimate::{Estimate, t_quantile};
pub use histogram::{Bucket, CoarseHistogram, Histogram, LogLinear};
pub use level::Level;
pub use tally::Tally;
pub use trend::grows;
pub use warmup::{Truncation, mser5};
