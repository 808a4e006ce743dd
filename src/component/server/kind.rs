//! What the house asks of a server.

use crate::component::kind::{
    Call, Caller, Capabilities, Equipped, Kind, Need, Shape, ThroughputBound, Topology,
    immune_cores, immune_members, plural, shares_no_cores,
};
use crate::control::Verb;
use crate::document::{Name, Place, Problem, Problems, listed, nearest, quoted};
use crate::measure::{CAPACITY, CONNECTION_POOL, Feature, MEMORY};
use crate::placement::PlacementGroup;
use crate::session::{SESSION_OPERATIONS, SESSIONS, SessionsSpec};
use crate::step::{
    Ask, DATA_OPERATIONS, Demand, LOCAL, MESSAGE_OPERATION, ReadScope, StepSpec, TransactionSpec,
    What, data_operation,
};
use crate::storage::DiskSpec;
use crate::transaction::TRANSACTIONS;
use crate::work::{FromMachines, Site};

use super::{ServerSpec, Workers, build, check};

impl Kind for ServerSpec {
    fn instances(&self) -> u64 {
        let counts = self.replicas.0.iter().map(|group| group.count.get());
        counts.fold(0, u64::saturating_add)
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        self.placement()
    }

    fn capabilities(&self) -> Capabilities<'_> {
        Capabilities {
            own_cache: self.cache.as_ref().map(|cache| &cache.0.value),
            sessions: self.sessions(),
            pools: Some(&self.pools),
            knows_users: self.reads_by_user(),
            consumes: &self.consumes,
            ..Capabilities::NONE
        }
    }

    fn slots(&self) -> &'static str {
        "workers"
    }

    fn features(&self) -> Vec<&'static Feature> {
        [
            Some(&CAPACITY),
            self.memory.as_ref().map(|_| &MEMORY),
            self.sessions.as_ref().map(|_| &SESSIONS),
            (!self.pools.is_empty()).then_some(&CONNECTION_POOL),
            (!self.transactions().is_empty()).then_some(&TRANSACTIONS),
        ]
        .into_iter()
        .flatten()
        .chain(self.disk.iter().flat_map(DiskSpec::features))
        .collect()
    }

    fn drawing(&self) -> (String, Shape) {
        let groups = self.replicas.0.iter().map(|group| {
            let cores = self.cores_of(group);
            format!("{} x {cores} {}", group.count.get(), plural(cores, "core"))
        });
        (groups.collect::<Vec<_>>().join(", "), Shape::Box)
    }

    fn answers(&self, operation: &str) -> bool {
        self.endpoint(operation).is_some()
    }

    fn report_unanswered(&self, call: &Call, problems: &mut Problems) {
        // That it answers nothing at all is reported already.
        if self.endpoints.is_empty() {
            return;
        }
        let (name, operation) = (&call.to.value, call.operation.as_str());
        let title = format!("{} does not answer {}", quoted(name), quoted(operation));
        problems.describe(call.place, title, |problem| {
            let known: Vec<&str> = self.endpoints.names().collect();
            let label = format!("{} answers {}", quoted(name), listed(&known, "and"));
            let help = match nearest(operation, known.iter().copied()) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => format!("add the endpoint, or `\"*\"` for any other, to {name}"),
            };
            Problem { label, ..problem }.help(help)
        });
    }

    fn endpoints(&self) -> Vec<(&Name, usize)> {
        let endpoints = self.endpoints.iter();
        endpoints.map(|(name, steps)| (name, steps.len() + self.login().len())).collect()
    }

    fn needs_object(&self, operation: &str, topology: &dyn Topology) -> Option<Need> {
        let mut found = None;
        let cached = "here a cache is asked for it";
        // A cache, and a database that does not have all in memory, look for the object itself.
        let looks_for_it = |name: &Name, operation: &str| {
            let found = topology.find(&name.value)?;
            if found.kind.capabilities().entries.is_some() {
                return Some(Need::Step(name.place, cached));
            }
            let need = found.kind.needs_object(operation, topology);
            let why = "here it is read from memory or from a disk";
            (need == Some(Need::Request)).then_some(Need::Step(name.place, why))
        };
        self.walk(operation, &mut |step, _| {
            let Some(Ask { to, what, .. }) = step.asks() else { return };
            let need = match what {
                What::Entry(_) => Need::Step(to.place, cached),
                What::Data { verb, of } => match looks_for_it(to, &operation_of(verb, of)) {
                    Some(need) => need,
                    None => return,
                },
                What::Rows(_) => Need::Step(to.place, "here its row is locked"),
                What::Endpoint { of_object: true, .. } => {
                    Need::Step(to.place, "this call is as large as it")
                }
                What::Message { of_object: true } => {
                    Need::Step(to.place, "this message is as large as it")
                }
                What::Endpoint { .. } | What::Message { .. } => return,
            };
            found = found.or(Some(need));
        });
        found
    }

    fn throughput_bound(&self, operation: &str, _: bool) -> ThroughputBound {
        let (fastest, cores) = self.power();
        let (mut cpu, mut alone) = (0.0, 0.0);
        self.walk(operation, &mut |step, often| match step.demand() {
            Demand::Core(cost) => {
                let cost = cost.mean() / fastest;
                alone += often.in_line * cost;
                cpu += often.times * cost;
            }
            Demand::Time(wait) => {
                alone += often.in_line * wait.mean();
            }
            Demand::Nothing => {}
        });
        let slots = self.workers().map(|(workers, cores)| match workers {
            Workers::Blocking(workers) => workers,
            Workers::Async => Some(cores),
        });
        let slots = slots.min_by_key(|slots| slots.unwrap_or(u64::MAX)).flatten();
        // Who is turned away with all others may come again at once.
        let room =
            if self.memory.is_some() { 0.0 } else { ThroughputBound::room(slots, &self.queue) };
        ThroughputBound { alone, capacity: cores / fastest / cpu, room }
    }

    fn caller(&self) -> Option<&dyn Caller> {
        Some(self)
    }

    fn most_rows(&self, operation: &str) -> Option<(Place, u64)> {
        let mut rows = None;
        self.walk(operation, &mut |step, _| {
            let keys = step.transacts().map(|spec| (spec.keys.place, spec.keys.value.get()));
            rows = keys.filter(|(_, keys)| rows.is_none_or(|(_, most)| most < *keys)).or(rows);
        });
        rows
    }

    fn transactions(&self) -> Vec<&TransactionSpec> {
        self.steps().into_iter().filter_map(StepSpec::transacts).collect()
    }

    fn immunity(&self, verb: Verb) -> Option<&'static str> {
        let members = immune_members(verb);
        members.or_else(|| immune_cores(self.scheduling, verb))
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
        check::check(self, name, topology, problems);
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        build::build(self, name, site);
    }
}

impl Equipped for ServerSpec {
    fn settle(&mut self, machines: &FromMachines) -> bool {
        let says_nothing = self.cores.is_none();
        self.cores = self.cores.or(machines.cores);
        if let Some(memory) = &mut self.memory {
            memory.limit = memory.limit.take().or(machines.memory.clone());
        }
        says_nothing
    }

    fn shares_no_cores(&self) -> Option<&'static str> {
        shares_no_cores(self.scheduling, self.neighbours.as_ref())
    }

    fn disk(&self) -> Option<&DiskSpec> {
        self.disk.as_ref()
    }

    fn most_cores(&self, instance: u64) -> Option<u64> {
        self.group_of(instance).map(|group| self.cores_of(group))
    }

    fn memory_of(&self, instance: u64) -> [u64; 2] {
        let group = self.group_of(instance);
        let found = self.memory.as_ref().zip(group);
        found.map_or([0; 2], |(memory, group)| memory.needs(self.slots_of(group)))
    }
}

impl ServerSpec {
    /// Whether what a read must see depends on its user.
    fn reads_by_user(&self) -> bool {
        let mut reads = self.steps().into_iter().filter_map(StepSpec::reads);
        reads.any(|read| read.consistency.value.is_of_user())
    }
}

impl Caller for ServerSpec {
    fn calls<'a>(&'a self, operation: &str) -> Vec<Call<'a>> {
        let sessions = self.sessions_for(operation);
        let mut calls: Vec<Call> = sessions.into_iter().flat_map(of_sessions).collect();
        self.walk(operation, &mut |step, often| {
            let own = call(step, operation).into_iter().chain(of_rows(step));
            calls.extend(own.map(|call| Call { often, ..call }));
        });
        calls
    }

    fn callees(&self) -> Vec<&Name> {
        let steps = self.steps().into_iter();
        let steps = steps.flat_map(|step| call(step, "").into_iter().chain(of_rows(step)));
        let sessions = self.sessions().into_iter().flat_map(of_sessions);
        steps.chain(sessions).map(|call| call.to).collect()
    }

    fn asks_for(&self) -> Vec<String> {
        let asks = self.steps().into_iter().filter_map(StepSpec::asks);
        let named = asks.filter_map(|ask| match ask.what {
            What::Endpoint { name, .. } => name.map(|name| name.value.clone()),
            What::Data { verb, of } => Some(operation_of(verb, of)),
            What::Rows(_) | What::Entry(_) | What::Message { .. } => None,
        });
        named.collect()
    }

    /// Which node of a cache is meant, the object says; which shard of a database too, and which
    /// copy what is asked.
    fn chooses_among(&self, callee: &dyn Kind) -> bool {
        let capabilities = callee.capabilities();
        let Capabilities { entries, shards, copies, .. } = capabilities;
        entries.is_some() || shards.is_some() || copies.is_some()
    }

    fn forwards(&self) -> Option<Vec<u64>> {
        None
    }
}

/// What a step asks a database for.
fn operation_of(verb: &str, of: Option<&Name>) -> String {
    data_operation(verb, of.map(|of| of.value.as_str()))
}

/// What is asked for the session of a request.
pub(super) fn of_sessions(sessions: &SessionsSpec) -> impl Iterator<Item = Call<'_>> {
    let [read, write] = SESSION_OPERATIONS;
    let writes = (sessions.grows.0 > 0).then_some(write);
    let asked = [Some(read), writes].into_iter().flatten();
    let to = sessions.store.component();
    to.into_iter().flat_map(move |to| {
        asked.clone().map(move |operation| Call { checked: true, ..Call::new(to, operation) })
    })
}

/// The call that a step is, if it is one, made for `operation`.
pub(super) fn call<'a>(step: &'a StepSpec, operation: &str) -> Option<Call<'a>> {
    let Ask { to, what, timeout } = step.asks()?;
    Some(match what {
        What::Endpoint { name: Some(name), .. } => {
            Call { timeout, place: name.place, ..Call::new(to, &name.value) }
        }
        What::Endpoint { name: None, .. } => Call { timeout, ..Call::new(to, operation) },
        What::Data { verb, of } => {
            let all_shards = step.reads().is_some_and(|read| read.shards.value == ReadScope::All);
            let place = of.map_or(to.place, |of| of.place);
            Call { timeout, all_shards, place, ..Call::new(to, &operation_of(verb, of)) }
        }
        What::Message { .. } => Call { timeout, checked: true, ..Call::new(to, MESSAGE_OPERATION) },
        What::Rows(_) => return None,
        What::Entry(_) if to.value == LOCAL => return None,
        What::Entry(operation) => Call { timeout, checked: true, ..Call::new(to, operation) },
    })
}

/// What a step asks for its rows, if it is a transaction: each is read, and written at the end.
pub(super) fn of_rows(step: &StepSpec) -> impl Iterator<Item = Call<'_>> {
    step.asks().into_iter().flat_map(|Ask { to, what, timeout }| {
        let rows = if let What::Rows(rows) = what { rows } else { 0 };
        let each = (0..rows).flat_map(|_| DATA_OPERATIONS);
        each.map(move |of| Call { timeout, checked: true, ..Call::new(to, of) })
    })
}
