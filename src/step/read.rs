//! Reads from a database and waits.

use super::{Ask, Demand, StepKind, What};
use crate::call::Consistency;
use crate::document::{At, Name, record};

record! {
    /// A read from a database.
    #[short = from]
    pub struct ReadSpec {
        /// The database.
        pub from: Name,
        /// What it must see, where the database has replicas.
        pub consistency: At<Consistency> = "eventual",
    }
}

/// Reads from a database and waits.
pub(super) struct Read;

impl StepKind for Read {
    type Spec = ReadSpec;

    fn consistency(spec: &ReadSpec) -> Option<&At<Consistency>> {
        Some(&spec.consistency)
    }

    fn demand(_: &ReadSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(spec: &ReadSpec) -> Option<Ask<'_>> {
        Some(Ask { to: &spec.from, what: What::Data("read"), timeout: None })
    }
}
