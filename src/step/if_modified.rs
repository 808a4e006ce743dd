//! Does something unless the client has what was read before.

use super::check::nothing;
use super::{Ask, Demand, StepKind, StepSpec, Structure, Truth};
use crate::document::{At, Problems};

/// Does something unless the client has what was read before.
pub(super) struct IfModified;

impl StepKind for IfModified {
    type Spec = At<Vec<StepSpec>>;

    const TAKES: Option<(&'static str, Truth)> =
        Some(("what has not changed since a user had it is not made anew", Truth::Shorter));

    fn structure(steps: &At<Vec<StepSpec>>) -> Structure<'_> {
        Structure::Modified(&steps.value)
    }

    fn check(steps: &At<Vec<StepSpec>>, _: f64, problems: &mut Problems) {
        if steps.value.is_empty() {
            problems.push(nothing(steps.place));
        }
    }

    fn demand(_: &At<Vec<StepSpec>>) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(_: &At<Vec<StepSpec>>) -> Option<Ask<'_>> {
        None
    }
}
