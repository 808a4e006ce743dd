//! What a scenario says of an application server: replicas with cores, workers and a queue, and
//! endpoints made of steps.

use crate::caching::CacheSpec;
use crate::document::{
    At, Boxed, Count, Definitions, Entries, MOST_COUNTED, Name, Node, Positive, Problems, Read,
    counted, parsed, record,
};
use crate::placement::{Across, PlaceName, PlacementGroup};
use crate::queue::{ConsumesSpec, QueueSpec};
use crate::session::{SessionStore, SessionsSpec};
use crate::step::{Often, StepSpec};
use crate::storage::{DiskSpec, StorageSpec};
use crate::units::Quantity;
use crate::work::{
    ConnectionPoolSpec, ContentionSpec, Equipment, MemorySpec, NeighboursSpec, RecycleSpec,
    Scheduling,
};

record! {
    /// Application servers that do the same. More than one need a load balancer in front.
    pub struct ServerSpec {
        /// How many there are, each with its own cores, workers and queue. A list where they are
        /// not alike: `[{count: 2, speed: 1}, {count: 1, speed: 0.5, cores: 2}]`.
        pub replicas: ReplicaSpecs = "1",
        /// Where it is: regions, zones or machines, which its instances take in turn.
        pub place: Vec<At<PlaceName>> = "[]",
        /// Where in a region those instances are whose place is the region alone; in its zones in
        /// turn if not given.
        pub across: Option<At<Across>>,
        /// Processor cores of each; 1 if not given, and on a machine with `cores` all of them.
        pub cores: Option<Count>,
        /// How fast a core is: 2 does a step's `cpu` in half the time.
        pub speed: Positive = "1",
        /// How the cores are given to workers that want them.
        pub scheduling: Scheduling = "processor_sharing",
        /// The machine, where it is shared with others who slow this one down.
        pub neighbours: Option<NeighboursSpec>,
        /// How many requests are worked on at once. A number: each holds its worker while it waits
        /// for io or a call. `async`: a worker for each core, free while its request waits.
        pub workers: Workers = "200",
        /// Where requests wait for a worker.
        pub queue: QueueSpec = "{}",
        /// What requests and workers take of the memory of each, and what happens when it is used
        /// up. Never short if not given.
        pub memory: Option<MemorySpec>,
        /// A disk for what steps write.
        pub disk: Option<DiskSpec>,
        /// How work slows where more requests are at work; not at all if not given.
        pub contention: Option<ContentionSpec>,
        /// When workers are replaced by new ones; never if not given.
        pub recycle: Option<RecycleSpec>,
        /// A cache of each replica's own, in its memory: `in: local` in a step.
        pub cache: Option<Boxed<At<CacheSpec>>>,
        /// What it knows of users who have logged in, and where it keeps that.
        pub sessions: Option<Boxed<At<SessionsSpec>>>,
        /// The pools of connections through which databases are asked, by the name of the database.
        /// Without one a connection is there for each call.
        pub pools: Entries<ConnectionPoolSpec> = "{}",
        /// The message queues from which it takes messages: `{from: jobs, at_once: 4}`. What it
        /// does for one is the endpoint of the queue's name.
        pub consumes: Vec<ConsumesSpec> = "[]",
        /// What each request type makes this server do, step by step. `"*"` is any other type.
        pub endpoints: Entries<Vec<StepSpec>>,
    }
}

record! {
    /// ReplicaSpecs that are alike; what is not given is as the server says.
    #[short = count]
    pub struct ReplicaSpec {
        /// How many there are.
        pub count: Count = "1",
        /// Processor cores of each.
        pub cores: Option<Count>,
        /// How fast a core is.
        pub speed: Option<Positive>,
        /// How many requests each works on at once.
        pub workers: Option<Workers>,
        /// Where they are: regions, zones or machines, which they take in turn.
        pub place: Vec<At<PlaceName>> = "[]",
        /// Where in a region those are whose place is the region alone.
        pub across: Option<At<Across>>,
    }
}

/// All replicas, in groups of those that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaSpecs(pub Vec<ReplicaSpec>);

impl Read for ReplicaSpecs {
    fn read(node: &Node, problems: &mut Problems) -> Option<ReplicaSpecs> {
        Vec::read(node, problems).map(ReplicaSpecs)
    }

    fn stand_in() -> Option<ReplicaSpecs> {
        Some(ReplicaSpecs(Vec::new()))
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        Vec::<ReplicaSpec>::schema(definitions)
    }
}

/// How many workers, and whether they wait with their request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// Held while the request waits; `None` without a limit.
    Blocking(Option<u64>),
    /// Free while the request waits; one for each core.
    Async,
}

const WORKERS: &str = "a number of workers such as 16, `unlimited`, or `async`";

impl Read for Workers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Workers> {
        let parse = |text: &str| match text {
            "async" => Some(Workers::Async),
            "unlimited" => Some(Workers::Blocking(None)),
            _ => u64::parse(text).filter(|&count| count > 0).map(|n| Workers::Blocking(Some(n))),
        };
        let workers = parsed(node, WORKERS, parse, problems)?;
        if let Workers::Blocking(Some(count)) = workers {
            counted(node, count, Some("unlimited"), problems)?;
        }
        Some(workers)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "workers",
            "anyOf": [
                { "enum": ["async", "unlimited"] },
                { "type": "integer", "minimum": 1, "maximum": MOST_COUNTED },
                { "type": "string", "pattern": <u64 as Quantity>::PATTERN },
            ],
        })
    }
}

impl ServerSpec {
    /// Whether all replicas are as the server says, wherever they are.
    pub fn alike(&self) -> bool {
        let groups = &self.replicas.0;
        let own = |group: &ReplicaSpec| {
            group.cores.is_some() || group.speed.is_some() || group.workers.is_some()
        };
        !groups.iter().any(own)
    }

    /// How many replicas there are, if that is all that is said of them.
    pub fn count(&self) -> Option<u64> {
        match &self.replicas.0[..] {
            [group] if self.alike() && group.place.is_empty() && group.across.is_none() => {
                Some(group.count.get())
            }
            _ => None,
        }
    }

    /// Where each group of replicas is: what it does not say itself is as the server says.
    pub(crate) fn placement<'a>(&'a self) -> Vec<PlacementGroup<'a>> {
        let of = |group: &'a ReplicaSpec| {
            (group.count.get(), group.place.as_slice(), group.across.as_ref())
        };
        PlacementGroup::each(self.replicas.0.iter().map(of), &self.place, &self.across)
    }

    /// Processor cores of each replica, where no group says otherwise.
    pub fn cores(&self) -> u64 {
        self.cores.map_or(1, Count::get)
    }

    /// Processor cores of each replica of a group.
    pub(super) fn cores_of(&self, group: &ReplicaSpec) -> u64 {
        group.cores.or(self.cores).map_or(1, Count::get)
    }

    /// Each replica's workers, with the cores that they share, by group.
    pub fn workers(&self) -> impl Iterator<Item = (Workers, u64)> {
        let groups = self.replicas.0.iter();
        groups.map(|group| (group.workers.unwrap_or(self.workers), self.cores_of(group)))
    }

    /// The speed of the fastest core, and the speeds of the cores of all replicas together.
    pub fn power(&self) -> (f64, f64) {
        self.replicas.0.iter().fold((0.0, 0.0), |(fastest, all): (f64, f64), group| {
            let speed = group.speed.unwrap_or(self.speed).get();
            let cores = self.cores_of(group) as f64;
            (fastest.max(speed), all + group.count.get() as f64 * cores * speed)
        })
    }

    /// The equipment of each replica.
    pub(crate) fn equipment(&self) -> impl Iterator<Item = Equipment> {
        let groups = self.replicas.0.iter();
        groups.flat_map(|group| (0..group.count.get()).map(|_| self.replica(group)))
    }

    /// The group that an instance is of.
    pub(super) fn group_of(&self, instance: u64) -> Option<&ReplicaSpec> {
        let mut before = 0_u64;
        self.replicas.0.iter().find(|group| {
            before = before.saturating_add(group.count.get());
            instance < before
        })
    }

    /// How many workers each replica of a group has; `None` without a limit.
    pub(super) fn slots_of(&self, group: &ReplicaSpec) -> Option<u64> {
        match group.workers.unwrap_or(self.workers) {
            Workers::Blocking(count) => count,
            Workers::Async => Some(self.cores_of(group)),
        }
    }

    fn replica(&self, group: &ReplicaSpec) -> Equipment {
        let cores = self.cores_of(group);
        let blocking = group.workers.unwrap_or(self.workers) != Workers::Async;
        Equipment {
            cores,
            speed: group.speed.unwrap_or(self.speed).get(),
            scheduling: self.scheduling,
            neighbours: self.neighbours.clone(),
            slots: self.slots_of(group),
            blocking,
            queue: self.queue.clone(),
            memory: self.memory.clone(),
            recycle: self.recycle.clone(),
            storage: self.disk.clone().map(StorageSpec::of_disk),
            contention: self.contention.clone(),
            pools: self.pools.iter().map(|(_, pool)| pool.clone()).collect(),
        }
    }

    /// How many messages each replica has at once, if it does nothing else than to take them.
    pub(super) fn takes_alone(&self) -> Option<u64> {
        match (&self.consumes[..], &self.endpoints.0[..]) {
            ([consumes], [(name, _)]) if name.value == consumes.from.value => {
                Some(consumes.at_once.value.get())
            }
            _ => None,
        }
    }

    /// What it keeps of its users, if anything.
    pub fn sessions(&self) -> Option<&SessionsSpec> {
        self.sessions.as_ref().map(|sessions| &sessions.0.value)
    }

    /// What it keeps of its users, if this endpoint needs that: a job does not.
    pub(super) fn sessions_of(&self, endpoint: &str) -> Option<&SessionsSpec> {
        let is_job = self.consumes.iter().any(|consumes| consumes.from.value == endpoint);
        self.sessions().filter(|sessions| !is_job && sessions.needed_by(endpoint))
    }

    /// The steps by which its users log in.
    pub fn login(&self) -> &[StepSpec] {
        self.sessions().map_or(&[], |sessions| &sessions.login)
    }

    /// Every step of every endpoint and of the login, those within others too.
    pub fn steps(&self) -> Vec<&StepSpec> {
        let mut steps = Vec::new();
        let endpoints = self.endpoints.iter().flat_map(|(_, steps)| steps);
        for step in endpoints.chain(self.login()) {
            step.walk(Often::ONCE, &mut |step, _| steps.push(step));
        }
        steps
    }

    /// The endpoint that answers `operation`.
    pub fn endpoint(&self, operation: &str) -> Option<&[StepSpec]> {
        self.answering(operation).map(|(_, steps)| &steps[..])
    }

    fn answering(&self, operation: &str) -> Option<&(Name, Vec<StepSpec>)> {
        let named = self.endpoints.0.iter().find(|(name, _)| name.value == operation);
        named.or_else(|| self.endpoints.0.iter().find(|(name, _)| name.value == "*"))
    }

    /// What it keeps of its users, if `operation` needs that.
    pub fn sessions_for(&self, operation: &str) -> Option<&SessionsSpec> {
        let (endpoint, _) = self.answering(operation)?;
        self.sessions_of(&endpoint.value)
    }

    /// Shows `see` every step of the endpoint that answers `operation`, and of the login that it
    /// may need; how often that is done is known only where it always is.
    pub fn walk<'a>(&'a self, operation: &str, see: &mut dyn FnMut(&'a StepSpec, Often)) {
        if let Some(sessions) = self.sessions_for(operation) {
            let always = sessions.store == SessionStore::None;
            let often = if always { Often::ONCE } else { Often { times: 0.0, in_line: 0.0 } };
            sessions.login.iter().for_each(|step| step.walk(often, see));
        }
        let steps = self.endpoint(operation).unwrap_or_default();
        steps.iter().for_each(|step| step.walk(Often::ONCE, see));
    }
}
