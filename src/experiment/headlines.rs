//! The figures that are shown unasked.

use crate::deployment::metrics::metrics;
use crate::measure::{Headline, Metric};

/// Every figure that is shown unasked: how it is written, its metric, and where it is shown.
pub fn headlines() -> impl Iterator<Item = (String, &'static Metric, &'static Headline)> {
    metrics().flat_map(|metric| metric.told().map(move |(name, of)| (name, metric, of)))
}
