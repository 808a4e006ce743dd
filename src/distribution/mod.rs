//! A random duration: the cost of a step, a think time, the delay of a link.

mod empirical;
mod form;
mod measure;
mod read;
mod size;

use crate::document::{Definitions, Node, Problems, Read, scalar};
use crate::engine::{Dist, Stream};
use crate::units::{LONGEST, Span};

pub(crate) use measure::{DURATIONS, Measure, SIZES};
use read::{Reader, ways};
pub use size::Size;

/// A distribution over durations, in nanoseconds inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay(pub Dist);

impl Delay {
    /// No delay.
    pub const NONE: Delay = Delay(Dist::Constant(0.0));

    /// A duration of this distribution \[ns\].
    pub(crate) const fn of(nanos: Dist) -> Delay {
        Delay(nanos)
    }

    /// Draws one duration from `stream`, rounded to a nanosecond.
    #[inline]
    pub fn draw(&self, stream: Stream) -> Span {
        let nanos = match self.0 {
            Dist::Constant(nanos) => nanos,
            ref dist => dist.draw(&mut stream.draws()),
        };
        to_span(nanos)
    }

    /// The shortest duration, or what all are longer than.
    pub fn least(&self) -> Span {
        to_span(self.0.least())
    }

    /// The mean (s).
    pub fn mean(&self) -> f64 {
        self.0.mean() * 1e-9
    }
}

/// The nearest duration to this many nanoseconds, but no longer than a scenario may state: a heavy
/// tail has no end, the clock has one. Nothing draws below zero.
#[inline]
pub(crate) fn to_span(nanos: f64) -> Span {
    // Beyond this, numbers have no fraction: a sum is rounded to its whole part, which then stands
    // in its lowest bits. Half the work of a cast.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    if nanos < WHOLE / 2.0 {
        Span::from_nanos((nanos + WHOLE).to_bits() - WHOLE.to_bits())
    } else {
        Span::from_nanos(nanos as u64).min(LONGEST)
    }
}

impl Read for Delay {
    fn read(node: &Node, problems: &mut Problems) -> Option<Delay> {
        read_dist(&DURATIONS, node, problems).map(Delay)
    }

    fn stand_in() -> Option<Delay> {
        Some(Delay::NONE)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "duration or distribution",
            "description": format!("A duration, fixed or drawn. {}", spelled_out()),
            "type": ["string", "integer"],
        })
    }
}

/// Reads a distribution over amounts of one kind, such as durations.
pub(crate) fn read_dist(
    measure: &'static Measure,
    node: &Node,
    problems: &mut Problems,
) -> Option<Dist> {
    let text = scalar(node, measure.varied, problems)?;
    Reader::new(measure, node, problems).dist(text, 0)
}

/// Every way to write a distribution, for a schema.
pub(crate) fn spelled_out() -> String {
    let lines: Vec<String> =
        ways().map(|(signature, doc)| format!("`{signature}`: {doc}")).collect();
    lines.join(" ")
}
