//! How load balancers are built: whom they know, and by what they tell backends and users apart.

use crate::engine::{Dist, Stream};
use crate::message::{NodeId, Replicas};
use crate::network::{MessageSize, Payload};
use crate::session::Sessions;
use crate::work::{Site, salt};

use super::policy::Backend;
use super::{Knowledge, LoadBalancer, LoadBalancerSpec, Stickiness};

/// How large a health check is, and its answer.
const CHECK_SIZE: Payload = Payload::Drawn(MessageSize(Dist::Constant(200.0)));

/// Gives all replicas of the balancer `name` to the site.
pub(super) fn build(spec: &LoadBalancerSpec, name: &str, site: &mut dyn Site) {
    let sticky = spec.sticky == Stickiness::Cookie;
    let cookie = site.sessions().filter(|_| sticky).map(Sessions::add_balancer);
    for instance in 0..spec.instances() {
        let backends = backends(spec, name, site);
        let knowledge = Knowledge {
            checks: site.sizes(&CHECK_SIZE, &CHECK_SIZE),
            cookie,
            in_slot: site.passes_in_slot(),
            users: site.stream().named("users"),
        };
        let setting = site.setting(name, instance, &spec.queue);
        let balancer = LoadBalancer::new(spec, backends, salt(&[name]), knowledge, setting);
        site.push(Box::new(balancer));
    }
}

/// Every instance that requests may be passed on to.
fn backends(spec: &LoadBalancerSpec, name: &str, site: &mut dyn Site) -> Vec<Backend> {
    let mut backends = Vec::new();
    for backend in &spec.backends {
        let to = &backend.to.value;
        let link = site.link(name, to);
        let weight = u32::try_from(backend.weight.value.get()).expect("weights are checked");
        let timeout = site.timeout(name, to, None);
        // What concerns a backend is the same for all balancers that ask it.
        let places: Stream = site.stream().named("backends").named(to);
        let Replicas { first: NodeId(first), count } = site.replicas(to);
        backends.extend((0..count).map(|replica| {
            let places = places.at(u64::from(replica));
            Backend {
                node: NodeId(first + replica),
                link,
                weight,
                timeout,
                timeout_lane: None,
                places,
            }
        }));
    }
    backends
}
