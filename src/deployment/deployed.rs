//! All that is deployed and all that uses it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::access_log::Trace;
use crate::caching::CACHE_OPERATIONS;
use crate::call::{CallRules, Timeout};
use crate::component::client::{self, ClientSpec, PageSpec, RequestSpec};
use crate::component::{Call, Capabilities, ComponentSpec};
use crate::control::FaultSpec;
use crate::document::{Entries, Name};
use crate::network::{DEFAULT_LINK, LinkSpec, ends};
use crate::objects::{CatalogSpec, ShardsSpec};
use crate::placement::Places;
use crate::session::SESSION_OPERATIONS;
use crate::step::{DATA_OPERATIONS, MESSAGE_OPERATION, ROW_OPERATIONS};
use crate::tracing::Census;
use crate::units::Span;
use crate::work::MachineSpec;

/// How many users there are behind an open client that does not say.
const POPULATION: u64 = 10_000;

/// How long clients wait where a scenario says nothing.
const OF_CLIENTS: Timeout = Timeout(Some(Span::from_secs(30)));

/// All that is deployed and all that uses it, checked.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// What requests ask for.
    pub catalog: Entries<CatalogSpec>,
    /// Who sends requests.
    pub clients: Entries<ClientSpec>,
    /// What answers them.
    pub topology: Entries<ComponentSpec>,
    /// The delays between them.
    pub links: Entries<LinkSpec>,
    /// How callers ask.
    pub calls: Entries<CallRules>,
    /// Where they can be.
    pub places: Places,
    /// What those on them share.
    pub machines: Entries<MachineSpec>,
    /// What goes wrong.
    pub faults: Vec<FaultSpec>,
    /// For each client, its trace if it has one.
    pub traces: Vec<Option<Arc<Trace>>>,
}

impl Deployment {
    /// Everything that may be asked of anything, each once, in the order of the scenario.
    pub fn operations(&self) -> Vec<String> {
        operations(self, &self.request_types())
    }

    /// Whether an instance of this component may crash.
    pub fn crashes(&self, name: &str) -> bool {
        let Some(component) = self.topology.index(name) else { return false };
        let of = |fault: &FaultSpec| {
            fault.crash.as_ref().is_some_and(|scope| self.concerns(&scope.value, component))
        };
        self.faults.iter().any(of)
    }

    /// Whether any user has answers that others have not.
    pub fn tells_users_apart(&self) -> bool {
        self.catalog.iter().any(|(_, catalog)| catalog.per_user.value)
    }

    /// Whether any of these request types, counted over all clients, is of users with caches of
    /// their own.
    pub fn browses(&self, kinds: &[usize]) -> bool {
        let clients = self.clients.iter().zip(self.request_types());
        let of = |((_, client), types): ((_, &ClientSpec), Vec<_>)| {
            std::iter::repeat_n(client.browser_cache.is_some(), types.len())
        };
        let browsers: Vec<bool> = clients.flat_map(of).collect();
        kinds.iter().any(|&kind| browsers[kind])
    }

    /// How many users all clients have together.
    pub fn population(&self) -> u64 {
        (0..self.clients.len()).map(|index| self.users_of(index)).sum()
    }

    /// Counts each client's requests, or those of each of its users.
    pub(super) fn census(&self) -> Census {
        let types = self.request_types();
        let clients = self.clients.iter().zip(&types);
        let of = |((_, client), types): ((_, &ClientSpec), &Vec<_>)| {
            (types.len(), client.users.is_some())
        };
        Census::new(&clients.map(of).collect::<Vec<_>>())
    }

    /// How urgent each of the clients' request types is, by class: 0 is the most urgent.
    pub(super) fn classes(&self) -> Vec<u16> {
        let clients = self.clients.iter().zip(&self.traces);
        let priorities: Vec<u64> = clients
            .flat_map(|((_, client), trace)| match trace {
                Some(trace) => vec![0; trace.types.len()],
                None => client.priorities(),
            })
            .collect();
        let distinct: BTreeSet<u64> = priorities.iter().copied().collect();
        let class = |priority: &u64| distinct.range(..priority).count();
        let class = |priority| u16::try_from(class(priority)).expect("types are checked to be few");
        priorities.iter().map(class).collect()
    }

    /// Whether anything of a user is known from one request to the next.
    pub fn remembers_users(&self) -> bool {
        self.any_can(|can| can.sticks || can.sessions.is_some())
    }

    /// How many instances a call asks at once: one, but where it asks all shards.
    pub(crate) fn instances_asked(&self, call: &Call) -> u64 {
        let spec = self.topology.get(&call.to.value).filter(|_| call.all_shards);
        spec.and_then(|spec| spec.kind().capabilities().shards).map_or(1, ShardsSpec::shards)
    }

    /// How many connections to a database all pools may have together.
    pub fn pooled_connections(&self, database: &str) -> u64 {
        let pooled = self.topology.iter().map(|(_, caller)| {
            let pools = caller.kind().capabilities().pools;
            let size = pools.and_then(|pools| pools.get(database));
            size.map_or(0, |pool| pool.size.value.get().saturating_mul(caller.instances()))
        });
        pooled.fold(0, u64::saturating_add)
    }

    /// How much memory the connections take that pools have to each instance of a component, if
    /// they are shared alike among those (bytes).
    pub fn memory_of_connections(&self, component: usize) -> u64 {
        let (name, spec) = &self.topology.0[component];
        let each = spec.kind().memory_of_a_connection();
        let slots = spec.kind().capacity().and_then(|capacity| capacity.slots);
        let pooled = self.pooled_connections(&name.value).div_ceil(spec.instances().max(1));
        each.saturating_mul(slots.map_or(pooled, |slots| pooled.min(slots)))
    }

    /// What an instance takes of the memory of its machine without any request, and what each
    /// request takes (bytes).
    pub fn memory_of(&self, component: usize, instance: u64) -> [u64; 2] {
        let [idle, each] = self.topology.0[component].1.kind().memory_of(instance);
        [idle.saturating_add(self.memory_of_connections(component)), each]
    }

    /// Whether any component has such capabilities.
    pub(crate) fn any_can(&self, has: impl Fn(Capabilities) -> bool) -> bool {
        self.topology.iter().any(|(_, spec)| has(spec.kind().capabilities()))
    }

    /// Whether this is a component that takes messages.
    pub fn is_queue(&self, name: &str) -> bool {
        let spec = self.topology.get(name);
        spec.is_some_and(|spec| spec.kind().capabilities().takes_messages)
    }

    /// How many users there are behind a client, which is known by its number.
    pub fn users_of(&self, index: usize) -> u64 {
        let (_, client) = &self.clients.0[index];
        let population = client.population.as_ref().map(|population| population.value.get());
        let users = client.users.as_ref().map(|users| users.count.get());
        users.or(population).or_else(|| self.recorded_users(index)).unwrap_or(POPULATION)
    }

    /// How many users there are behind a client as its trace tells, unless the scenario says it.
    pub fn recorded_users(&self, index: usize) -> Option<u64> {
        let (_, client) = &self.clients.0[index];
        let replay = client.trace.as_ref().filter(|_| client.population.is_none())?;
        self.traces[index].as_ref()?.replayed_users(replay.scale.get())
    }

    /// What holds of the calls that `from` makes of `to`.
    pub fn rules(&self, from: &str, to: &str) -> CallRules {
        let mut named = self.calls.iter().filter(|(name, _)| ends(&name.value) == Some((from, to)));
        let named = named.next().map_or(CallRules::NONE, |(_, rules)| rules.clone());
        self.calls.get(DEFAULT_LINK).map_or(named.clone(), |usual| named.or(usual))
    }

    /// How long component `from` waits for an answer of `to`, where it says itself that it waits
    /// as long as `own`.
    pub fn timeout(&self, from: &str, to: &str, own: Option<Timeout>) -> Timeout {
        self.rules(from, to).gives_up(own, Timeout::NONE)
    }

    /// What is said of the link by which `from` asks `to`.
    pub fn link(&self, from: &str, to: &str) -> Option<&LinkSpec> {
        let mut named = self.links.iter().filter(|(name, _)| ends(&name.value) == Some((from, to)));
        named.next().map(|(_, spec)| spec).or_else(|| self.links.get(DEFAULT_LINK))
    }

    /// For each client, the names and weights of its request types with their timeouts.
    pub fn request_types(&self) -> Vec<Vec<(String, f64, Timeout)>> {
        let clients = self.clients.iter().zip(&self.traces);
        let types = clients.map(|((name, client), trace)| {
            let rules = self.rules(&name.value, &client.target.value);
            types_of(client, &rules, trace.as_deref())
        });
        types.collect()
    }

    /// For each client, the names of its request types.
    pub fn request_names(&self) -> impl Iterator<Item = Vec<&str>> {
        let clients = self.clients.iter().zip(&self.traces);
        clients.map(|((_, client), trace)| match (trace, &client.journey, &client.requests) {
            (Some(trace), ..) => trace.types.iter().map(String::as_str).collect(),
            (None, Some(pages), _) => pages.names().collect(),
            (None, None, requests) => requests.iter().flat_map(Entries::names).collect(),
        })
    }
}

fn types_of(
    client: &ClientSpec,
    rules: &CallRules,
    trace: Option<&Trace>,
) -> Vec<(String, f64, Timeout)> {
    let waits = |own: Option<Timeout>| rules.gives_up(own.or(client.timeout), OF_CLIENTS);
    if let Some(trace) = trace {
        return trace.types.iter().map(|name| (name.clone(), 1.0, waits(None))).collect();
    }
    if let Some(pages) = &client.journey {
        let visits = client::possible_visits(pages).unwrap_or_else(|| vec![1.0; pages.len()]);
        let of = |((name, page), visits): ((&Name, &PageSpec), f64)| {
            (name.value.clone(), visits, waits(page.timeout))
        };
        return pages.iter().zip(visits).map(of).collect();
    }
    let of = |(name, spec): (&Name, &RequestSpec)| {
        (name.value.clone(), spec.weight, waits(spec.timeout))
    };
    client.requests.iter().flat_map(Entries::iter).map(of).collect()
}

/// Everything that may be asked of anything, each once, in the order of the scenario.
fn operations(deployment: &Deployment, types: &[Vec<(String, f64, Timeout)>]) -> Vec<String> {
    let asked = types.iter().flatten().map(|(name, ..)| name.as_str());
    let called = deployment.topology.iter().flat_map(|(_, spec)| spec.kind().asks_for());
    let called: Vec<String> = called.collect();
    let called = called.iter().map(String::as_str);
    let mut operations: Vec<String> = Vec::new();
    let caches = deployment.any_can(|can| can.entries.is_some());
    let of_caches = CACHE_OPERATIONS.into_iter().filter(|_| caches);
    let sessions = deployment.any_can(|can| can.sessions.is_some());
    let of_sessions = SESSION_OPERATIONS.into_iter().filter(|_| sessions);
    let messages = deployment.any_can(|can| can.takes_messages);
    let of_queues = std::iter::once(MESSAGE_OPERATION).filter(|_| messages);
    let transactions = deployment.any_can(|can| can.transactions.is_some());
    let of_rows = ROW_OPERATIONS.into_iter().filter(|_| transactions);
    let called = called.chain(of_sessions).chain(of_queues).chain(of_rows);
    for name in DATA_OPERATIONS.into_iter().chain(of_caches).chain(asked).chain(called) {
        if !operations.iter().any(|known| known == name) {
            operations.push(name.to_owned());
        }
    }
    operations
}
