//! In what a figure is counted, how it is read from a scenario and how it is told.

use crate::stats::Estimate;
use crate::stats::reading::{self, Reading};
use crate::units::{Bytes, Quantity, Rate, Share, Span};

/// In what a figure is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Durations.
    Seconds,
    /// Events per second.
    PerSecond,
    /// Shares of one.
    Share,
    /// Bytes.
    Bytes,
    /// A plain number of these.
    Number(&'static str),
}

impl Unit {
    /// As tables write it: `s`, `1/s`, `share`, `bytes`, `requests`.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::PerSecond => "1/s",
            Unit::Share => "share",
            Unit::Bytes => "bytes",
            Unit::Number(of) => of,
        }
    }

    /// The number that a scenario writes in this unit: seconds, per second, a share, bytes.
    pub fn parse(self, text: &str) -> Option<f64> {
        match self {
            Unit::Seconds => Span::parse(text).map(Span::secs),
            Unit::PerSecond => Rate::parse(text).map(|rate| rate.0),
            Unit::Share => Share::parse(text).map(|share| share.0),
            Unit::Bytes => f64::parse(text).or(Bytes::parse(text).map(|bytes| bytes.0 as f64)),
            Unit::Number(_) => f64::parse(text),
        }
    }

    /// What a scenario must write.
    pub fn expected(self) -> &'static str {
        match self {
            Unit::Seconds => Span::EXPECTED,
            Unit::PerSecond => Rate::EXPECTED,
            Unit::Share => Share::EXPECTED,
            Unit::Bytes => Bytes::EXPECTED,
            Unit::Number(_) => f64::EXPECTED,
        }
    }

    /// An estimate as it is told: `60.3 ms` and `± 0.1`, `30/s`, `5%`.
    pub(crate) fn read(self, estimate: &Estimate) -> Reading {
        match self {
            Unit::Seconds => reading::seconds(estimate),
            Unit::PerSecond => reading::with_unit(estimate, "/s"),
            Unit::Share => reading::percent(estimate),
            Unit::Bytes | Unit::Number(_) => reading::plain(estimate),
        }
    }
}
