//! Waits for nothing at all.

use super::{Ask, Demand, StepKind};
use crate::distribution::Delay;

/// Waits for nothing at all.
pub(super) struct Sleep;

impl StepKind for Sleep {
    type Spec = Delay;

    fn demand(delay: &Delay) -> Demand<'_> {
        Demand::Time(delay)
    }

    fn asks(_: &Delay) -> Option<Ask<'_>> {
        None
    }
}
