//! Looks into a cache, and does something else where that has not the object.

use super::{Ask, Demand, StepKind, StepSpec, Structure, What};
use crate::call::Timeout;
use crate::document::{Name, record};

record! {
    /// A look into a cache, for the object that the request asks for.
    #[short = r#in]
    pub struct CacheStep {
        /// The cache that is asked; `local` is the server's own.
        pub r#in: Name,
        /// What is done where it does not have the object, such as to read it from a database; what
        /// was read then fills the cache. What is done without reading makes the newest version.
        pub miss: Vec<StepSpec> = "[]",
        /// Whether the request waits until the cache is filled.
        pub await_fill: bool = "false",
        /// How long to wait for the cache, before going on as if it did not have the object; as
        /// `calls` say if not given, and for ever if they say nothing.
        pub timeout: Option<Timeout>,
    }
}

/// Looks into a cache, and does something else where that has not the object.
pub(super) struct Cache;

impl StepKind for Cache {
    type Spec = CacheStep;

    fn structure(cache: &CacheStep) -> Structure<'_> {
        Structure::Missed(&cache.r#in, &cache.miss, cache.await_fill)
    }

    fn demand(_: &CacheStep) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(cache: &CacheStep) -> Option<Ask<'_>> {
        Some(Ask { to: &cache.r#in, what: What::Entry("lookup"), timeout: cache.timeout })
    }
}
