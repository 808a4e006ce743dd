//! What the house asks of a cache.

use crate::caching::{CACHE_OPERATIONS, CacheSpec, WritePolicy};
use crate::component::kind::{
    Broken, Call, Caller, Capabilities, Capacity, Choice, Equipped, Grown, Kind, Need, Plan, Shape,
    Theory, ThroughputBound, Topology, Truth, Visit, broken_by_queue,
};
use crate::control::Verb;
use crate::document::{Name, Problem, Problems, quoted};
use crate::measure::{CAPACITY, Feature};
use crate::placement::PlacementGroup;
use crate::session::SESSION_OPERATIONS;
use crate::step::{DATA_OPERATIONS, Often};
use crate::storage::DiskSpec;
use crate::work::{Equipment, FromMachines, Site};

use super::{build, check};

impl Kind for CacheSpec {
    fn instances(&self) -> u64 {
        self.all_nodes()
    }

    fn spares(&self) -> u64 {
        self.spares.value
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        let groups = self.replicas.value.iter().map(Into::into);
        let spares = (self.spares.value, &[][..], None);
        PlacementGroup::each(groups.chain([spares]), &self.place, &self.across)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        Capabilities { entries: Some(self), ..Capabilities::NONE }
    }

    fn slots(&self) -> &'static str {
        "connections"
    }

    fn features(&self) -> Vec<&'static Feature> {
        vec![&CAPACITY]
    }

    fn drawing(&self) -> (String, Shape) {
        let nodes = self.nodes();
        let nodes = if nodes > 1 { format!("{nodes} x ") } else { String::new() };
        (format!("{nodes}{}, {}", self.eviction, self.capacity), Shape::Parallelogram)
    }

    fn answers(&self, operation: &str) -> bool {
        let database = self.in_front_of.is_some() && DATA_OPERATIONS.contains(&operation);
        let sessions = SESSION_OPERATIONS.contains(&operation);
        database || sessions || CACHE_OPERATIONS.contains(&operation)
    }

    fn report_unanswered(&self, call: &Call, problems: &mut Problems) {
        let name = &call.to.value;
        let (title, label, help) = if DATA_OPERATIONS.contains(&call.operation.as_str()) {
            (
                format!("{} is in front of no database", quoted(name)),
                "expected a database",
                format!("or let the cache ask one: {name}: {{cache: {{in_front_of: …}}}}"),
            )
        } else {
            (
                format!("{} is a cache", quoted(name)),
                "it is asked by a step of a server",
                format!("in a step, write `cache: {{in: {name}, miss: […]}}`"),
            )
        };
        problems.push(Problem::new(call.place, title, label).help(help));
    }

    fn endpoints(&self) -> Vec<(&Name, usize)> {
        Vec::new()
    }

    fn needs_object(&self, operation: &str, _: &dyn Topology) -> Option<Need> {
        let reads = self.in_front_of.is_some() && DATA_OPERATIONS.contains(&operation);
        reads.then_some(Need::Request)
    }

    fn throughput_bound(&self, _: &str, may_fail: bool) -> ThroughputBound {
        // What is down answers at once.
        if may_fail {
            ThroughputBound::NOTHING
        } else {
            ThroughputBound::delay(self.latency().mean())
        }
    }

    /// Each of what it asks the database behind it, when it is asked for the same.
    fn caller(&self) -> Option<&dyn Caller> {
        Some(self)
    }

    fn immunity(&self, verb: Verb) -> Option<&'static str> {
        let idle = verb == Verb::Slow && self.cost.is_none();
        idle.then_some("without a `cost` it does nothing that takes a core")
    }

    fn equipped(&self) -> Option<&dyn Equipped> {
        Some(self)
    }

    fn equipped_mut(&mut self) -> Option<&mut dyn Equipped> {
        Some(self)
    }

    fn check(&self, name: &Name, topology: &dyn Topology, problems: &mut Problems) {
        check::check(self, name, topology, problems);
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        build::build(self, name, site);
    }
}

impl Equipped for CacheSpec {
    fn settle(&mut self, machines: &FromMachines) -> bool {
        let says_nothing = self.cores.is_none() && self.cost.is_some();
        if says_nothing {
            self.cores = machines.cores;
        }
        says_nothing
    }

    fn shares_no_cores(&self) -> Option<&'static str> {
        None
    }

    fn disk(&self) -> Option<&DiskSpec> {
        None
    }

    fn most_cores(&self, _: u64) -> Option<u64> {
        Some(self.equipment().cores).filter(|&cores| cores > 0)
    }

    fn memory_of(&self, _: u64) -> [u64; 2] {
        [self.capacity.bytes(), 0]
    }
}

impl Caller for CacheSpec {
    fn calls<'a>(&'a self, operation: &str) -> Vec<Call<'a>> {
        let Some(to) = &self.in_front_of else { return Vec::new() };
        let perhaps = Often { times: 1.0, in_line: 0.0 };
        let write = match self.writes() {
            WritePolicy::Through | WritePolicy::Around => Often::ONCE,
            WritePolicy::Behind(_) => perhaps,
        };
        let asked = DATA_OPERATIONS.into_iter().zip([perhaps, write]);
        let asked = asked.filter(|(asked, _)| *asked == operation);
        asked.map(|(asked, often)| Call { often, checked: true, ..Call::new(to, asked) }).collect()
    }

    fn callees(&self) -> Vec<&Name> {
        self.in_front_of.iter().collect()
    }

    fn asks_for(&self) -> Vec<String> {
        Vec::new()
    }

    fn chooses_among(&self, callee: &dyn Kind) -> bool {
        let capabilities = callee.capabilities();
        capabilities.copies.is_some() || capabilities.shards.is_some()
    }

    fn forwards(&self) -> Option<Vec<u64>> {
        None
    }
}

impl Theory for CacheSpec {
    fn capacity(&self) -> Option<Capacity> {
        let Equipment { cores, scheduling, slots, queue, .. } = self.equipment();
        let works = self.cost.is_some();
        Some(Capacity { works, ..Capacity::new(cores.max(1), slots, scheduling, &queue) })
    }

    /// What is asked of the database behind it comes after its own time; how often, the hit ratio
    /// says of reads.
    fn visit(&self, operation: &str) -> Visit<'_> {
        let asked = self.calls(operation).into_iter().map(Plan::Ask);
        let asked = Box::new(Plan::Serial(asked.collect()));
        let [read, _] = DATA_OPERATIONS;
        let asked = match self.writes() {
            _ if operation == read => Plan::Missed(None, asked),
            WritePolicy::Behind(_) => Plan::Aside(asked),
            WritePolicy::Through | WritePolicy::Around => *asked,
        };
        let own = [Plan::core(self.cost.as_ref()), Plan::Time(self.latency())];
        Visit::of(Plan::Serial(own.into_iter().chain([asked]).collect()))
    }

    fn rules(&self) -> Vec<Broken> {
        broken_by_queue(&self.queue())
    }

    fn sums(&self) -> Vec<Broken> {
        let waits = self.coalesce.then(|| {
            let text = "who misses what another is fetching waits for that";
            Broken::new(text, Truth::Longer)
        });
        let behind = matches!(self.writes(), WritePolicy::Behind(_)).then(|| {
            let text = "several writes to one object, of which nobody has waited for any, are one";
            Broken::new(text, Truth::Shorter)
        });
        waits.into_iter().chain(behind).collect()
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        Vec::new()
    }
}
