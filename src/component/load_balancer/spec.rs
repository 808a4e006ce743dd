//! What a scenario says of a load balancer.

use crate::distribution::Delay;
use crate::document::{At, Count, Limit, Name, choice, record};
use crate::placement::{Across, GroupSpec, PlaceName};
use crate::queue::QueueSpec;

use super::health::HealthCheckSpec;
use super::policy::{Policy, TieBreak};

record! {
    /// Passes each request on to one of several backends.
    pub struct LoadBalancerSpec {
        /// How many there are side by side, each with its own cores and connections and its own
        /// knowledge. A caller of a replicated balancer asks one of them at random. A list
        /// where they are in different places: `[{count: 2, place: us-east}, 1]`.
        pub replicas: Vec<GroupSpec> = "1",
        /// Where it is: regions, zones or machines, which its instances take in turn.
        pub place: Vec<At<PlaceName>> = "[]",
        /// Where in a region those instances are whose place is the region alone; in its zones in
        /// turn if not given.
        pub across: Option<At<Across>>,
        /// How it chooses.
        pub policy: Policy = "least_connections",
        /// Which of several equally good backends it takes, where its policy leaves more than one.
        /// If not given: `round_robin` where the policy heeds weights, as nginx does, else
        /// `random`.
        pub tie_break: Option<At<TieBreak>>,
        /// The components that it passes requests on to; of a replicated one, every replica.
        pub backends: Vec<BackendSpec>,
        /// Whether a user is sent to the same backend each time.
        pub sticky: Stickiness = "none",
        /// How it finds out which backends are up, and passes over those that are not. Without it,
        /// backends that are down get their share of the requests all the same.
        pub health_check: Option<HealthCheckSpec>,
        /// Processor time that a request costs the balancer itself.
        pub cost: Delay = "0",
        /// Processor cores for that cost, first come, first served; 1 if not given, and on a
        /// machine with `cores` all of them.
        pub cores: Option<Count>,
        /// How many requests may be on their way through it at once, from arrival to answer; the
        /// others wait in `queue`.
        pub connections: Limit = "unlimited",
        /// Where requests wait for a connection.
        pub queue: QueueSpec = "{}",
    }
}

choice! {
    /// Whether a user is sent to the same backend each time.
    pub enum Stickiness {
        /// Each request goes where the policy has it.
        None = "none",
        /// A good answer brings a cookie that names the backend, to which the user's next requests
        /// go. Only if that is off the list of a `health_check` the policy finds another.
        Cookie = "cookie",
    }
}

record! {
    /// A component that a load balancer passes requests on to.
    #[short = to]
    pub struct BackendSpec {
        /// The component; of a replicated one, every replica.
        pub to: Name,
        /// How much each replica is given relative to the others, by policies that weigh.
        pub weight: At<Count> = "1",
    }
}

impl LoadBalancerSpec {
    /// How many there are side by side.
    pub fn instances(&self) -> u64 {
        GroupSpec::count_all(&self.replicas)
    }

    /// Processor cores of each.
    pub fn cores(&self) -> u64 {
        self.cores.map_or(1, Count::get)
    }

    /// Whether requests cost it processor time.
    pub fn has_cost(&self) -> bool {
        self.cost != Delay::NONE
    }

    /// Whether it has anything that can run out.
    pub fn has_capacity(&self) -> bool {
        self.has_cost() || self.connections.get().is_some()
    }
}
