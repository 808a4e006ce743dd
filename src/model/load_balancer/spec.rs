//! What a scenario says of a load balancer.

use crate::document::{At, Count, Limit, Name, record};
use crate::model::delay::Delay;
use crate::model::station::QueueSpec;

use super::policy::{Policy, TieBreak};

record! {
    /// Passes each request on to one of several backends.
    pub struct LoadBalancerSpec {
        /// How many there are side by side, each with its own cores and connections and its own
        /// knowledge. Whoever asks a replicated balancer asks one of them at random.
        pub replicas: Count = "1",
        /// How it chooses.
        pub policy: Policy = "least_connections",
        /// Which of several equally good backends it takes, where its policy leaves more than one.
        pub tie_break: TieBreak = "random",
        /// The components that it passes requests on to; of a replicated one, every replica.
        pub backends: Vec<BackendSpec>,
        /// Processor time that a request costs the balancer itself.
        pub cost: Delay = "0",
        /// Processor cores for that cost, first come, first served.
        pub cores: Count = "1",
        /// How many requests may be on their way through it at once, from arrival to answer; the
        /// others wait in `queue`.
        pub connections: Limit = "unlimited",
        /// Where requests wait for a connection.
        pub queue: QueueSpec = "{}",
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
    /// Whether requests cost it processor time.
    pub fn has_cost(&self) -> bool {
        self.cost != Delay::NONE
    }

    /// Whether it has anything that can run out.
    pub fn has_capacity(&self) -> bool {
        self.has_cost() || self.connections.get().is_some()
    }
}
