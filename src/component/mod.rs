//! The kinds of component. Beside what each does stands what a scenario says of it, its `Spec`, and
//! all that the rest of the house asks of it, as a `Kind`.
//!
//! *Invariant:* a component never imports another; they meet only through requests.
//!
//! It is public for tests, and may change with any version.

mod cache;
pub mod client;
mod database;
mod external;
mod kind;
pub mod load_balancer;
mod message_queue;
mod object_store;
mod server;

pub use database::DatabaseSpec;
pub use external::ExternalSpec;
pub use kind::{Broken, Truth};
pub(crate) use kind::{Call, Capabilities, Capacity, Choice, Kind, Need, Shape, ThroughputBound};
pub(crate) use kind::{Found, Plan, Priority, Topology, Visit};
pub use message_queue::{ConsumedQueue, MESSAGE_METRICS};
pub use object_store::{ObjectStoreSpec, STORE_METRICS};
pub use server::{ReplicaSpec, ReplicaSpecs, ServerSpec, Workers};

use std::collections::BTreeSet;

use crate::caching::CacheSpec;
use crate::document::{Entries, variant};
use crate::queue::Consumer;
use load_balancer::LoadBalancerSpec;

/// Declares the kinds: each with the word of the scenario for it and its spec.
macro_rules! kinds {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $kind_doc:literal])* $kind:ident($spec:ty) = $word:literal,)*
        }
    ) => {
        variant! {
            $(#[doc = $doc])*
            pub enum $name {
                $($(#[doc = $kind_doc])* $kind($spec) = $word,)*
            }
        }

        impl $name {
            /// The word of the scenario for its kind.
            pub fn word(&self) -> &'static str {
                match self {
                    $($name::$kind(_) => $word,)*
                }
            }

            /// The same, to be changed.
            pub(crate) fn kind_mut(&mut self) -> &mut dyn Kind {
                match self {
                    $($name::$kind(spec) => spec,)*
                }
            }

            /// All that can be asked of it.
            pub(crate) fn kind(&self) -> &dyn Kind {
                match self {
                    $($name::$kind(spec) => spec,)*
                }
            }
        }
    };
}

kinds! {
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
        /// An object store, such as S3.
        ObjectStore(ObjectStoreSpec) = "object_store",
        /// A message queue.
        MessageQueue(ConsumedQueue) = "message_queue",
    }
}

impl ComponentSpec {
    /// How many identical instances there are.
    pub fn instances(&self) -> u64 {
        self.kind().instances()
    }

    /// The cache that it is, or that is in it.
    pub fn cache(&self) -> Option<&CacheSpec> {
        self.kind().capabilities().cache()
    }
}

/// Tells each component from which others take messages who they are.
pub(crate) fn introduce_consumers(topology: &mut Entries<ComponentSpec>) {
    let mut found = Vec::new();
    for (name, spec) in topology.iter() {
        for consumes in spec.kind().capabilities().consumes {
            let at_once = consumes.at_once.value.get();
            let (name, from, instances) = (name.clone(), consumes.from.clone(), spec.instances());
            found.push(Consumer { name, from, instances, at_once });
        }
    }
    for consumer in found {
        let queue = topology.0.iter_mut().find(|(name, _)| name.value == consumer.from.value);
        if let Some(consumers) = queue.and_then(|(_, spec)| spec.kind_mut().consumers_mut()) {
            consumers.push(consumer);
        }
    }
}

/// Tells each component that transactions name that they do.
pub(crate) fn introduce_transactions(topology: &mut Entries<ComponentSpec>) {
    let specs = topology.iter().flat_map(|(_, spec)| spec.kind().transactions());
    let named: BTreeSet<String> = specs.map(|spec| spec.r#in.value.clone()).collect();
    for (_, spec) in topology.0.iter_mut().filter(|(name, _)| named.contains(&name.value)) {
        spec.kind_mut().take_transactions();
    }
}

impl Topology for Entries<ComponentSpec> {
    fn find(&self, name: &str) -> Option<Found<'_>> {
        self.get(name).map(|spec| Found { word: spec.word(), kind: spec.kind() })
    }
}
