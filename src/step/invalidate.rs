//! Removes the object from a cache and waits.

use super::{Ask, Demand, StepKind, What};
use crate::document::Name;

/// Removes the object from a cache and waits.
pub(super) struct Invalidate;

impl StepKind for Invalidate {
    type Spec = Name;

    fn demand(_: &Name) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(to: &Name) -> Option<Ask<'_>> {
        Some(Ask { to, what: What::Entry("invalidate"), timeout: None })
    }
}
