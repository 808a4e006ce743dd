//! Does the same several times.

use super::check::{check_rounds, nothing};
use super::{Ask, Demand, StepKind, StepSpec, Structure};
use crate::distribution::Size;
use crate::document::{At, Problems, record};

record! {
    /// The same several times, each time with demands of its own.
    pub struct RepeatSpec {
        /// How often.
        pub times: At<Size>,
        /// What is repeated.
        pub steps: At<Vec<StepSpec>>,
    }
}

/// Does the same several times.
pub(super) struct Repeat;

impl StepKind for Repeat {
    type Spec = RepeatSpec;

    fn structure(repeat: &RepeatSpec) -> Structure<'_> {
        Structure::Repeated(&repeat.times.value, &repeat.steps.value)
    }

    fn check(repeat: &RepeatSpec, rounds: f64, problems: &mut Problems) {
        if repeat.steps.value.is_empty() {
            problems.push(nothing(repeat.steps.place));
        }
        check_rounds(repeat.times.place, rounds.max(1.0) * repeat.times.value.mean(), problems);
    }

    fn demand(_: &RepeatSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(_: &RepeatSpec) -> Option<Ask<'_>> {
        None
    }
}
