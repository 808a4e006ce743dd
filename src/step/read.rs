//! Reads from a database and waits.

use super::{Ask, Demand, StepKind, What};
use crate::call::Consistency;
use crate::document::{At, Name, Problem, Problems, choice, record};

record! {
    /// A read from a database.
    #[short = from]
    pub struct ReadSpec {
        /// The database.
        pub from: Name,
        /// Which of its queries; the row of the request's object if not given.
        pub query: Option<Name>,
        /// Which part of the row, where rows are `split`; the whole row if not given.
        pub part: Option<Name>,
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

    fn check(spec: &ReadSpec, _: f64, problems: &mut Problems) {
        if let (Some(query), Some(part)) = (&spec.query, &spec.part) {
            let label = "a query says itself which part it is about: expected one of both";
            let problem = Problem::new(part.place, "a query and a part", label);
            problems.push(problem.also(query.place, "the query"));
        }
    }

    fn demand(_: &ReadSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(spec: &ReadSpec) -> Option<Ask<'_>> {
        let of = spec.query.as_ref().or(spec.part.as_ref());
        Some(Ask { to: &spec.from, what: What::Data { verb: "read", of }, timeout: None })
    }
}
