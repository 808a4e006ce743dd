//! Where the objects are that caches of several nodes have.

use crate::component::ComponentSpec;
use crate::document::Name;
use crate::engine::Stream;
use crate::objects::Sharding;

use super::Deployment;

/// By component: where the objects are that caches of several nodes have.
pub(super) fn shardings(deployment: &Deployment, stream: Stream) -> Vec<Option<Sharding>> {
    let components = deployment.topology.iter();
    let sharding = |(name, spec): (&Name, &ComponentSpec)| {
        let cache = spec.kind().capabilities().entries.filter(|_| spec.instances() > 1)?;
        let stream = stream.named("spread").named(&name.value);
        Some(Sharding::new(&cache.spread(), cache.nodes() as u32, stream))
    };
    components.map(sharding).collect()
}
