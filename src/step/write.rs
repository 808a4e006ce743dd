//! Writes to a database and waits.

use super::{Ask, Demand, StepKind, What};
use crate::document::Name;

/// Writes to a database and waits.
pub(super) struct Write;

impl StepKind for Write {
    type Spec = Name;

    fn demand(_: &Name) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(to: &Name) -> Option<Ask<'_>> {
        Some(Ask { to, what: What::Data("write"), timeout: None })
    }
}
