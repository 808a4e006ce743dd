//! Where the objects are that caches of several nodes have, and databases of several shards.

use crate::component::{Capabilities, ComponentSpec};
use crate::document::Name;
use crate::engine::Stream;
use crate::objects::Sharding;

use super::Deployment;

/// By component: where its objects are, if it has several parts.
pub(super) fn shardings(deployment: &Deployment, stream: Stream) -> Vec<Option<Sharding>> {
    let components = deployment.topology.iter();
    let sharding = |(name, spec): (&Name, &ComponentSpec)| {
        let stream = stream.named("spread").named(&name.value);
        let Capabilities { entries, shards, .. } = spec.kind().capabilities();
        if let Some(shards) = shards {
            return Some(Sharding::of_shards(shards, stream));
        }
        let cache = entries.filter(|_| spec.instances() > 1)?;
        Some(Sharding::new(&cache.spread(), cache.nodes() as u32, stream))
    };
    components.map(sharding).collect()
}
