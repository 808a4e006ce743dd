//! Writes to a database and waits.

use super::{Ask, Demand, StepKind, What};
use crate::document::{Name, record};

record! {
    /// A write to a database.
    #[short = to]
    pub struct WriteSpec {
        /// The database.
        pub to: Name,
        /// Which part of the row, where rows are `split`; the whole row if not given.
        pub part: Option<Name>,
    }
}

/// Writes to a database and waits.
pub(super) struct Write;

impl StepKind for Write {
    type Spec = WriteSpec;

    fn demand(_: &WriteSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(spec: &WriteSpec) -> Option<Ask<'_>> {
        let what = What::Data { verb: "write", of: spec.part.as_ref() };
        Some(Ask { to: &spec.to, what, timeout: None })
    }
}
