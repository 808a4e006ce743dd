//! What is told of a run on its way, and may end it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Told how far a run has come, once a window of its time series.
pub trait Watch {
    /// This share of the run has passed since it was last told. Returns whether the run goes on.
    fn goes_on(&self, share: f64) -> bool;
}

/// A run goes on until the flag is set.
impl Watch for AtomicBool {
    fn goes_on(&self, _share: f64) -> bool {
        !self.load(Ordering::Relaxed)
    }
}
