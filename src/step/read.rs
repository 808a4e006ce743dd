//! Reads from a database and waits.

use super::{Ask, Demand, StepKind, What};
use crate::call::Consistency;
use crate::document::{At, Name, choice, record};

record! {
    /// A read from a database.
    #[short = from]
    pub struct ReadSpec {
        /// The database.
        pub from: Name,
        /// What it must see, where the database has replicas.
        pub consistency: At<Consistency> = "eventual",
        /// Which of its shards are asked, where it has some.
        pub shards: At<ReadScope> = "own",
    }
}

choice! {
    /// Which shards are asked for a read.
    pub enum ReadScope {
        /// The one that the request's object is on.
        Own = "own",
        /// All of them at once: the read takes as long as the slowest.
        All = "all",
    }
}

/// Reads from a database and waits.
pub(super) struct Read;

impl StepKind for Read {
    type Spec = ReadSpec;

    fn reads(spec: &ReadSpec) -> Option<&ReadSpec> {
        Some(spec)
    }

    fn demand(_: &ReadSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(spec: &ReadSpec) -> Option<Ask<'_>> {
        Some(Ask { to: &spec.from, what: What::Data("read"), timeout: None })
    }
}
