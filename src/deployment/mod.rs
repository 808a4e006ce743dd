//! A deployment: all that is deployed and all that uses it, and the runs made of it.
//!
//! *Invariant:* nothing here can fail: what a scenario says has been checked before.

mod build;
pub mod metrics;

pub use crate::component::ComponentSpec;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::access_log::Trace;
use crate::component::client::{self, ClientSpec, PageSpec, RequestSpec, Timeout};
use crate::component::load_balancer::Stickiness;
use crate::control::FaultSpec;
use crate::document::{Entries, Name};
use crate::engine::Stream;
use crate::measure::{Horizon, Recorder};
use crate::network::{DEFAULT_LINK, LinkSpec, ends};
use crate::objects::CatalogSpec;
use crate::tracing::{Anatomy, Census, Fate, Fates, Journal, MOST_FATES, Reader, Sample, Wanted};
use crate::units::Span;

/// Runs a deployment to the horizon and returns what was recorded; `None` if `stop` was set
/// meanwhile. `stream` is all the randomness that the run has.
///
/// # Panics
/// If the deployment has not been checked.
pub fn simulate(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
) -> Option<Recorder> {
    build::build(deployment, horizon, stream, stop).run()
}

/// Runs a deployment as [`simulate`] does and returns where the time of its requests went. A
/// request counts as slow from the threshold of its type on; the last threshold is for all types
/// together.
///
/// # Panics
/// If the deployment has not been checked.
pub fn dissect(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
    thresholds: &[Span],
) -> Option<Anatomy> {
    let world = build::build(deployment, horizon, stream, stop);
    let anatomy = Anatomy::new(world.component_of().to_vec(), thresholds);
    let (_, reader) = world.watched(Reader::Anatomy(anatomy), deployment.census())?;
    let Reader::Anatomy(anatomy) = reader else { unreachable!("{STAYS}") };
    Some(anatomy)
}

/// Runs a deployment as [`simulate`] does and returns what was recorded with the journals of the
/// requests that are wanted, the first of them first.
///
/// # Panics
/// If the deployment has not been checked.
pub fn follow(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
    wanted: Wanted,
) -> Option<(Recorder, Vec<Journal>)> {
    let world = build::build(deployment, horizon, stream, stop);
    let reader = Reader::Sample(Sample::new(wanted));
    let (recorder, reader) = world.watched(reader, deployment.census())?;
    let Reader::Sample(sample) = reader else { unreachable!("{STAYS}") };
    Some((recorder, sample.kept()))
}

/// Runs a deployment as [`simulate`] does and returns what became of the requests sent after the
/// warm-up, of at most [`MOST_FATES`], in the order of their identities.
///
/// # Panics
/// If the deployment has not been checked.
pub fn fates(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
) -> Option<Vec<Fate>> {
    let world = build::build(deployment, horizon, stream, stop);
    let reader = Reader::Fates(Fates::new(MOST_FATES));
    let (_, reader) = world.watched(reader, deployment.census())?;
    let Reader::Fates(fates) = reader else { unreachable!("{STAYS}") };
    Some(fates.kept())
}

/// How many users there are behind an open client that does not say.
const POPULATION: u64 = 10_000;

/// Why a reader is found again as it was given.
const STAYS: &str = "whoever reads the journals of a run is the same at its end";

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
    /// What goes wrong.
    pub faults: Vec<FaultSpec>,
    /// For each client, its trace if it has one.
    pub traces: Vec<Option<Arc<Trace>>>,
}

impl Deployment {
    /// Everything that may be asked of anything, each once, in the order of the scenario.
    pub fn operations(&self) -> Vec<String> {
        build::operations(self, &self.request_types())
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
        build::population(self)
    }

    /// Counts each client's requests, or those of each of its users.
    fn census(&self) -> Census {
        let types = self.request_types();
        let clients = self.clients.iter().zip(&types);
        let of = |((_, client), types): ((_, &ClientSpec), &Vec<_>)| {
            (types.len(), client.users.is_some())
        };
        Census::new(&clients.map(of).collect::<Vec<_>>())
    }

    /// How urgent each of the clients' request types is, by class: 0 is the most urgent.
    fn classes(&self) -> Vec<u16> {
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
        self.topology.iter().any(|(_, spec)| match spec {
            ComponentSpec::LoadBalancer(balancer) => balancer.sticky == Stickiness::Cookie,
            ComponentSpec::Server(server) => server.sessions.is_some(),
            _ => false,
        })
    }

    /// How many users there are behind a client.
    pub fn users_of(client: &ClientSpec) -> u64 {
        let population = client.population.as_ref().map(|population| population.value.get());
        let users = client.users.as_ref().map(|users| users.count.get());
        users.or(population).unwrap_or(POPULATION)
    }

    /// What is said of the link by which `from` asks `to`.
    pub fn link(&self, from: &str, to: &str) -> Option<&LinkSpec> {
        let mut named = self.links.iter().filter(|(name, _)| ends(&name.value) == Some((from, to)));
        named.next().map(|(_, spec)| spec).or_else(|| self.links.get(DEFAULT_LINK))
    }

    /// For each client, the names and weights of its request types with their timeouts.
    pub fn request_types(&self) -> Vec<Vec<(String, f64, Timeout)>> {
        let clients = self.clients.iter().zip(&self.traces);
        clients.map(|((_, client), trace)| types_of(client, trace.as_deref())).collect()
    }
}

fn types_of(client: &ClientSpec, trace: Option<&Trace>) -> Vec<(String, f64, Timeout)> {
    if let Some(trace) = trace {
        return trace.types.iter().map(|name| (name.clone(), 1.0, client.timeout)).collect();
    }
    if let Some(pages) = &client.journey {
        let visits = client::possible_visits(pages).unwrap_or_else(|| vec![1.0; pages.len()]);
        let of = |((name, page), visits): ((&Name, &PageSpec), f64)| {
            (name.value.clone(), visits, page.timeout.unwrap_or(client.timeout))
        };
        return pages.iter().zip(visits).map(of).collect();
    }
    let of = |(name, spec): (&Name, &RequestSpec)| {
        (name.value.clone(), spec.weight, spec.timeout.unwrap_or(client.timeout))
    };
    client.requests.iter().flat_map(Entries::iter).map(of).collect()
}
