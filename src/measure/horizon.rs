//! How long a run is and how it is measured.

use std::sync::Arc;

use super::Probe;
use crate::units::Span;

/// How long a run is and how it is measured.
#[derive(Clone, Debug)]
pub struct Horizon {
    /// Length of the run, warm-up included.
    pub duration: Span,
    /// How much of the start is left out of the figures.
    pub warmup: Span,
    /// Into how many windows the rest is cut for time series.
    pub windows: usize,
    /// The figures that are asked of each window, or of a part of the run.
    pub probes: Arc<[Probe]>,
}
