//! Uses a core.

use super::{Ask, Demand, StepKind};
use crate::distribution::Delay;

/// Uses a core.
pub(super) struct Cpu;

impl StepKind for Cpu {
    type Spec = Delay;

    fn demand(delay: &Delay) -> Demand<'_> {
        Demand::Core(delay)
    }

    fn asks(_: &Delay) -> Option<Ask<'_>> {
        None
    }
}
