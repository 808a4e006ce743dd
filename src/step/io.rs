//! Waits for something that is not a core.

use super::{Ask, Demand, StepKind};
use crate::distribution::Delay;

/// Waits for something that is not a core.
pub(super) struct Io;

impl StepKind for Io {
    type Spec = Delay;

    fn demand(delay: &Delay) -> Demand<'_> {
        Demand::Time(delay)
    }

    fn asks(_: &Delay) -> Option<Ask<'_>> {
        None
    }
}
