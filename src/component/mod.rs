//! The kinds of component. Beside what each does stands what a scenario says of it, its `Spec`.
//!
//! *Invariant:* a component never imports another; they meet only through requests.
//!
//! It is public for tests, and may change with any version.

mod cache;
pub mod client;
mod database;
mod external;
pub mod load_balancer;
mod server;

pub use database::{DatabaseSpec, OPERATIONS};
pub(crate) use external::External;
pub use external::ExternalSpec;
pub use server::{ReplicaSpec, ReplicaSpecs, ServerSpec, Workers};

use crate::caching::CacheSpec;
use crate::document::variant;
use load_balancer::LoadBalancerSpec;

variant! {
    /// A component: the key says what it is.
    pub enum ComponentSpec {
        /// Passes each request on to one of several backends.
        LoadBalancer(LoadBalancerSpec) = "load_balancer",
        /// Application servers.
        Server(ServerSpec) = "server",
        /// A database.
        Database(DatabaseSpec) = "database",
        /// A cache.
        Cache(CacheSpec) = "cache",
        /// A service of somebody else.
        External(ExternalSpec) = "external",
    }
}

impl ComponentSpec {
    /// The word of the scenario for what this is.
    pub fn kind(&self) -> &'static str {
        match self {
            ComponentSpec::LoadBalancer(_) => "load_balancer",
            ComponentSpec::Server(_) => "server",
            ComponentSpec::Database(_) => "database",
            ComponentSpec::Cache(_) => "cache",
            ComponentSpec::External(_) => "external",
        }
    }

    /// The cache that it is, or that is in it.
    pub fn cache(&self) -> Option<&CacheSpec> {
        match self {
            ComponentSpec::Cache(cache) => Some(cache),
            ComponentSpec::Server(server) => server.cache.as_ref().map(|cache| &cache.0.value),
            _ => None,
        }
    }

    /// How many identical instances there are.
    pub fn instances(&self) -> u64 {
        match self {
            ComponentSpec::Server(server) => server.instances(),
            ComponentSpec::LoadBalancer(balancer) => balancer.replicas.get(),
            ComponentSpec::Database(_) | ComponentSpec::External(_) => 1,
            ComponentSpec::Cache(cache) => cache.nodes.instances(),
        }
    }
}
