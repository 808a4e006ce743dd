//! Reads from a database and waits.

use super::{Ask, Demand, StepKind, What};
use crate::document::Name;

/// Reads from a database and waits.
pub(super) struct Read;

impl StepKind for Read {
    type Spec = Name;

    fn demand(_: &Name) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(to: &Name) -> Option<Ask<'_>> {
        Some(Ask { to, what: What::Data("read"), timeout: None })
    }
}
