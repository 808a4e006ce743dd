//! What a distribution may be over: durations, sizes.

use crate::units::{Bytes, LONGEST, Quantity, Span};

/// A kind of amount.
pub(crate) struct Measure {
    /// Reads one, in the unit in which it is drawn.
    pub(super) parse: fn(&str) -> Option<f64>,
    /// What one looks like.
    pub(super) expected: &'static str,
    /// What one that may vary looks like.
    pub(crate) varied: &'static str,
    /// How its units are written.
    pub(super) units: &'static str,
    /// The greatest that may be stated.
    pub(super) most: f64,
}

/// Durations, in nanoseconds.
pub(crate) const DURATIONS: Measure = Measure {
    parse: |text| Span::parse(text).map(|span| span.nanos() as f64),
    expected: Span::EXPECTED,
    varied: "a duration such as 3ms, or a distribution such as exp(3ms)",
    units: "ns, us, ms, s, min, h or d",
    most: LONGEST.nanos() as f64,
};

/// Sizes, in bytes.
pub(crate) const SIZES: Measure = Measure {
    parse: |text| Bytes::parse(text).map(|size| size.0 as f64).filter(|&size| size <= SIZES.most),
    expected: Bytes::EXPECTED,
    varied: "a size such as 20KiB, or a distribution such as exp(20KiB)",
    units: "B, kB, MB, GB, TB, KiB, MiB, GiB or TiB",
    // Whole numbers are exact up to here.
    most: (1_u64 << 53) as f64,
};

impl Measure {
    /// What it is called: `a duration`.
    pub(super) fn name(&self) -> &'static str {
        self.expected.split(" such as ").next().unwrap_or(self.expected)
    }
}
