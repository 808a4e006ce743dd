//! How long a run is and how it is measured.

use crate::units::Span;

/// How long a run is and how it is measured.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// Length of the run, warm-up included.
    pub duration: Span,
    /// How much of the start is left out of the figures.
    pub warmup: Span,
    /// Into how many windows the rest is cut for time series.
    pub windows: usize,
    /// Whether the series tell request types and components apart, or only count what is in flight.
    pub detail: bool,
    /// Whether each window keeps the latencies that ended in it.
    pub latencies: bool,
}
