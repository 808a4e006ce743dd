//! What the house asks of a load balancer.

use crate::component::kind::{
    Broken, Call, Caller, Capabilities, Capacity, Choice, Equipped, Grown, Kind, Need, Plan, Shape,
    Theory, ThroughputBound, Topology, Visit, broken_by_queue, immune_members,
};
use crate::control::Verb;
use crate::document::{Name, Problems};
use crate::measure::{CAPACITY, Feature};
use crate::placement::PlacementGroup;
use crate::session::Cookies;
use crate::storage::DiskSpec;
use crate::work::{FromMachines, Scheduling, Site};

use super::{LoadBalancerSpec, Stickiness, build, check};

impl Kind for LoadBalancerSpec {
    fn instances(&self) -> u64 {
        self.instances()
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        PlacementGroup::each(self.replicas.iter().map(Into::into), &self.place, &self.across)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        Capabilities {
            cookies: Cookies::PassedOn,
            sticks: self.sticky == Stickiness::Cookie,
            knows_users: self.policy.knows_users(),
            is_any: true,
            check_timeout: self.health_check.as_ref().map(|check| check.timeout.clone()),
            ..Capabilities::NONE
        }
    }

    fn slots(&self) -> &'static str {
        "connections"
    }

    fn features(&self) -> Vec<&'static Feature> {
        self.has_capacity().then_some(&CAPACITY).into_iter().collect()
    }

    fn drawing(&self) -> (String, Shape) {
        let (replicas, policy) = (self.instances(), self.policy.word());
        let many = if replicas == 1 { String::new() } else { format!("{replicas} x ") };
        (many + policy, Shape::Hexagon)
    }

    /// What its backends do not answer is theirs to say.
    fn answers(&self, _: &str) -> bool {
        true
    }

    fn endpoints(&self) -> Vec<(&Name, usize)> {
        Vec::new()
    }

    fn needs_object(&self, _: &str, _: &dyn Topology) -> Option<Need> {
        None
    }

    fn throughput_bound(&self, _: &str, _: bool) -> ThroughputBound {
        ThroughputBound::NOTHING
    }

    fn caller(&self) -> Option<&dyn Caller> {
        Some(self)
    }

    fn immunity(&self, verb: Verb) -> Option<&'static str> {
        let members = immune_members(verb);
        members.or_else(|| (verb == Verb::Slow).then_some("its cores cannot lose their speed"))
    }

    fn spares(&self) -> u64 {
        0
    }

    fn equipped(&self) -> Option<&dyn Equipped> {
        Some(self)
    }

    fn equipped_mut(&mut self) -> Option<&mut dyn Equipped> {
        Some(self)
    }

    fn check(&self, name: &Name, topology: &dyn Topology, problems: &mut Problems) {
        check::check(name, self, topology, problems);
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        build::build(self, name, site);
    }
}

impl Equipped for LoadBalancerSpec {
    fn settle(&mut self, machines: &FromMachines) -> bool {
        let says_nothing = self.cores.is_none();
        self.cores = self.cores.or(machines.cores);
        says_nothing
    }

    fn shares_no_cores(&self) -> Option<&'static str> {
        None
    }

    fn disk(&self) -> Option<&DiskSpec> {
        None
    }

    fn most_cores(&self, _: u64) -> Option<u64> {
        self.has_cost().then(|| self.cores())
    }

    fn memory_of(&self, _: u64) -> [u64; 2] {
        [0; 2]
    }
}

impl Caller for LoadBalancerSpec {
    fn calls<'a>(&'a self, operation: &str) -> Vec<Call<'a>> {
        self.backends.iter().map(|backend| Call::new(&backend.to, operation)).collect()
    }

    fn callees(&self) -> Vec<&Name> {
        self.backends.iter().map(|backend| &backend.to).collect()
    }

    fn asks_for(&self) -> Vec<String> {
        Vec::new()
    }

    /// Which copy of a database is the primary it does not know, nor which shard has what.
    fn chooses_among(&self, callee: &dyn Kind) -> bool {
        let capabilities = callee.capabilities();
        capabilities.copies.is_none() && capabilities.shards.is_none()
    }

    fn forwards(&self) -> Option<Vec<u64>> {
        let weighs = self.policy.weighs();
        let weights = self.backends.iter().map(|backend| backend.weight.value.get());
        Some(weights.map(|weight| if weighs { weight } else { 1 }).collect())
    }
}

impl Theory for LoadBalancerSpec {
    fn capacity(&self) -> Option<Capacity> {
        let (cores, slots) = (self.cores(), self.connections.get());
        let capacity = Capacity::new(cores, slots, Scheduling::RunToCompletion, &self.queue);
        self.has_capacity().then_some(Capacity { works: self.has_cost(), ..capacity })
    }

    fn visit(&self, _: &str) -> Visit<'_> {
        Visit::of(Plan::core(self.has_cost().then_some(&self.cost)))
    }

    fn rules(&self) -> Vec<Broken> {
        broken_by_queue(&self.queue)
    }

    fn sums(&self) -> Vec<Broken> {
        Vec::new()
    }

    fn choice(&self) -> Option<Choice> {
        self.policy.choice()
    }

    fn grown(&self) -> Vec<Grown> {
        let cores = self.has_cost().then(|| Grown::one(&["cores"], self.cores()));
        let slots = self.connections.get().map(|slots| Grown::some("connections", slots));
        cores.into_iter().chain(slots).collect()
    }
}
