//! Writes to the server's disk and waits.

use super::{Ask, Demand, StepKind, Truth};
use crate::document::{At, Place};
use crate::network::MessageSize;

/// Writes to the server's disk and waits.
pub(super) struct Log;

impl StepKind for Log {
    type Spec = At<MessageSize>;

    const TAKES: Option<(&'static str, Truth)> =
        Some(("what is written to a disk takes its time there", Truth::Longer));

    fn writes(size: &At<MessageSize>) -> Option<Place> {
        Some(size.place)
    }

    fn demand(_: &At<MessageSize>) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(_: &At<MessageSize>) -> Option<Ask<'_>> {
        None
    }
}
