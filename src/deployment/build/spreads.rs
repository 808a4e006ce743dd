//! Where the objects are that caches of several nodes have.

use crate::component::ComponentSpec;
use crate::document::Name;
use crate::engine::Stream;
use crate::objects::Spread;

use super::Deployment;

/// By component: where the objects are that caches of several nodes have.
pub(super) fn spreads(deployment: &Deployment, stream: Stream) -> Vec<Option<Spread>> {
    let components = deployment.topology.iter();
    let spread = |(name, spec): (&Name, &ComponentSpec)| {
        let cache = spec.kind().capabilities().entries.filter(|_| spec.instances() > 1)?;
        Some(Spread::new(&cache.nodes, stream.named("spread").named(&name.value)))
    };
    components.map(spread).collect()
}
