//! Statistics of simulation: what is measured during a run, and how sure many runs make us.

pub mod acceptance;
mod age;
mod batch_means;
mod buckets;
mod estimate;
mod histogram;
mod level;
mod quantile;
pub(crate) mod reading;
mod share;
mod tally;
mod trend;
mod warmup;
mod welch;

#[cfg(test)]
mod random;

pub use age::Age;
pub use batch_means::BatchMeans;
pub use buckets::Buckets;
pub use estimate::{Estimate, Influence, prediction, t_quantile};
pub use histogram::{Bucket, CoarseHistogram, Histogram, LogLinear};
pub use level::Level;
pub use quantile::Pooled;
pub use share::{PartOfWhole, share, share_influence};
pub use tally::Tally;
pub use trend::grows;
pub use warmup::{Truncation, mser5};
pub use welch::{moving_average, widest_window};
