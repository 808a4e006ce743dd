//! What theory assumes, and what happens to its answer where that does not hold.

use crate::component::client::{ArrivalProcess, ClientSpec};
use crate::component::load_balancer::{Policy, Stickiness};
use crate::component::{ComponentSpec, ExternalSpec};
use crate::deployment::Deployment;
use crate::network::Direction;
use crate::session::SessionStore;
use crate::step::StepSpec;
use crate::units::Span;
use crate::work::Scheduling;

use super::flow::Flow;
use super::station::Station;

/// On which side of theory's answer the truth lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    /// The true time is shorter.
    Shorter,
    /// The true time is longer.
    Longer,
    /// The true time may be either.
    Either,
}

/// An assumption that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// What does not hold, in a clause.
    pub what: String,
    /// How the true time differs.
    pub truth: Truth,
}

impl Broken {
    pub(super) fn new(what: impl Into<String>, truth: Truth) -> Broken {
        Broken { what: what.into(), truth }
    }
}

/// What a component does that no formula here knows of.
pub(super) fn rules(spec: &ComponentSpec) -> Vec<Broken> {
    let (queue, scheduling, host) = match spec {
        ComponentSpec::Server(server) => (&server.queue, server.scheduling, &server.neighbours),
        ComponentSpec::Database(database) => {
            (&database.queue, database.scheduling, &database.neighbours)
        }
        ComponentSpec::LoadBalancer(balancer) => {
            (&balancer.queue, Scheduling::RunToCompletion, &None)
        }
        ComponentSpec::External(external) => return outside(external),
        ComponentSpec::Cache(_) => return Vec::new(),
    };
    let mut broken = Vec::new();
    let mut add = |text: &str, truth| broken.push(Broken::new(text, truth));
    if queue.timeout.is_some() {
        add("requests leave the queue when they have waited too long", Truth::Shorter);
    }
    if scheduling == Scheduling::PreemptivePriority {
        add("urgent requests take the core from others", Truth::Either);
    }
    if host.is_some() {
        add("noisy neighbours slow its cores now and then", Truth::Longer);
    }
    if let ComponentSpec::Server(server) = spec {
        let steps = server.steps();
        if steps.iter().any(|step| matches!(step, StepSpec::Branch(_) | StepSpec::Repeat(_))) {
            add("how often a step is done differs between requests", Truth::Longer);
        }
        if server.alike().is_none() {
            add("replicas are not alike", Truth::Either);
        }
        if server.memory.is_some() {
            add("memory bounds how many are worked on", Truth::Longer);
        }
        if server.recycle.is_some() {
            add("workers that are replaced are missing meanwhile", Truth::Longer);
        }
    }
    broken
}

/// What happens to a deployment, and to its users, that no formula here knows of.
pub(super) fn incidents(deployment: &Deployment) -> Vec<Broken> {
    let specs = || deployment.topology.iter().map(|(_, spec)| spec);
    let sticky = |spec: &ComponentSpec| {
        matches!(spec, ComponentSpec::LoadBalancer(balancer)
            if balancer.sticky == Stickiness::Cookie)
    };
    let keeps = |spec: &ComponentSpec| {
        let sessions = match spec {
            ComponentSpec::Server(server) => server.sessions(),
            _ => None,
        };
        sessions.is_some_and(|sessions| sessions.store != SessionStore::None)
    };
    let happens = [
        (!deployment.faults.is_empty(), "components crash", Truth::Either),
        (
            specs().any(sticky),
            "users who stick to a backend do not go to the idlest",
            Truth::Longer,
        ),
        (specs().any(keeps), "who has to log in takes longer", Truth::Longer),
    ];
    let broken = happens.into_iter().filter(|(happens, ..)| *happens);
    broken.map(|(_, what, truth)| Broken::new(what, truth)).collect()
}

/// What makes a visit take another time than its steps one after the other, though nobody waits.
pub(super) fn sums(spec: &ComponentSpec) -> Vec<Broken> {
    let kept = Broken::new("what a cache answers is not asked of others", Truth::Shorter);
    let server = match spec {
        ComponentSpec::Server(server) => server,
        ComponentSpec::Cache(cache) if cache.in_front_of.is_some() => return vec![kept],
        _ => return Vec::new(),
    };
    let steps = server.steps();
    let mut broken = Vec::new();
    if steps.iter().any(|step| matches!(step, StepSpec::Parallel(_))) {
        let text = "what is done at once takes as long as the longest";
        broken.push(Broken::new(text, Truth::Shorter));
    }
    if steps.iter().any(|step| matches!(step, StepSpec::Cache(_))) {
        broken.push(kept);
    }
    if steps.iter().any(|step| matches!(step, StepSpec::IfModified(_))) {
        let text = "what has not changed since a user had it is not made anew";
        broken.push(Broken::new(text, Truth::Shorter));
    }
    broken
}

/// What no formula here knows of a service of somebody else.
fn outside(external: &ExternalSpec) -> Vec<Broken> {
    let limits = external.rate_limit.is_some() || external.concurrency.is_some();
    let fails = external.error_rate.0 > 0.0;
    let text = "some requests are turned away or fail";
    (limits || fails).then(|| Broken::new(text, Truth::Shorter)).into_iter().collect()
}

/// What keeps requests from coming to a component as a Poisson process.
pub(super) fn arrivals(
    deployment: &Deployment,
    flow: &Flow,
    stations: &[Station],
    component: usize,
) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut add = |one: Broken| {
        if !broken.contains(&one) {
            broken.push(one);
        }
    };
    for kind in flow.kinds.iter().filter(|kind| kind.target.0 == component) {
        let (name, client) = &deployment.clients.0[kind.client];
        sent(&name.value, client).into_iter().for_each(&mut add);
    }
    for state in &flow.order {
        let calls = &flow.works[state].calls;
        if !calls.iter().any(|call| call.state.0 == component) {
            continue;
        }
        let (name, spec) = &deployment.topology.0[state.0];
        match spec {
            ComponentSpec::LoadBalancer(balancer) => {
                let single = calls.len() == 1 && stations[component].instances == 1;
                let floor = stations[component].in_one_queue();
                let one = chosen(&name.value, &balancer.policy, floor);
                one.into_iter().filter(|_| !single).for_each(&mut add);
            }
            _ => stations[state.0].departures(&name.value).into_iter().for_each(&mut add),
        }
    }
    broken
}

/// What keeps the requests of a client from being a Poisson process.
fn sent(name: &str, client: &ClientSpec) -> Vec<Broken> {
    let (how, truth) = match client.arrivals.as_ref().map(|arrivals| &arrivals.0) {
        None if client.trace.is_some() => ("as recorded, not at random", Truth::Either),
        None | Some(ArrivalProcess::Poisson(_)) => ("", Truth::Either),
        Some(ArrivalProcess::Constant(_)) => ("at equal intervals, not at random", Truth::Shorter),
        Some(ArrivalProcess::Renewal(_)) => {
            ("at intervals of their own distribution", Truth::Either)
        }
        Some(ArrivalProcess::Mmpp(_)) => ("in bursts, not at one rate", Truth::Longer),
        Some(_) => ("at a rate that changes with time, of which this is the mean", Truth::Longer),
    };
    let mut broken = Vec::new();
    if !how.is_empty() {
        broken.push(Broken::new(format!("{name} send {how}"), truth));
    }
    if client.browser_cache.is_some() {
        let text = format!("{name} do not ask for what they have in caches of their own");
        broken.push(Broken::new(text, Truth::Shorter));
    }
    if client.batch.is_some() {
        broken.push(Broken::new(format!("{name} send several at once"), Truth::Longer));
    }
    if client.journey.is_some() && client.users.is_none() {
        let text = format!("{name} come back for one page after another");
        broken.push(Broken::new(text, Truth::Either));
    }
    broken
}

/// What links do to messages that is left out of account.
pub(super) fn links(deployment: &Deployment) -> Option<Broken> {
    let narrow = |way: Direction| way.bandwidth.is_some() || way.loss.0 > 0.0;
    let links = deployment.links.iter();
    let (name, _) =
        links.into_iter().find(|(_, link)| narrow(link.way_there()) || narrow(link.way_back()))?;
    let text = format!("bandwidth and losses of links ({}) are left out", name.value);
    Some(Broken::new(text, Truth::Longer))
}

/// How a policy's choices differ from random ones; `floor` is the wait if all stood in one queue.
fn chosen(balancer: &str, policy: &Policy, floor: Option<f64>) -> Option<Broken> {
    let floor = floor.map_or(String::new(), |wait| {
        format!(" (one queue for all: {} of waiting)", Span::from_secs_f64(wait))
    });
    let (how, truth) = match policy {
        Policy::Random | Policy::WeightedRandom => return None,
        Policy::RoundRobin | Policy::WeightedRoundRobin | Policy::SmoothWeightedRoundRobin => {
            let how = "sends to each in turn, so that arrivals are more regular than Poisson";
            (format!("{how}{floor}"), Truth::Shorter)
        }
        Policy::LeastConnections
        | Policy::WeightedLeastConnections
        | Policy::PowerOfD(_)
        | Policy::LeastResponseTime(_) => {
            (format!("sends to whoever has least to do, not at random{floor}"), Truth::Shorter)
        }
        Policy::LeastReportedLoad(_) => {
            ("goes by reports, which a herd may follow".to_owned(), Truth::Either)
        }
        Policy::SourceHash | Policy::ConsistentHash(_) => {
            ("sends a user always to the same, so that loads differ".to_owned(), Truth::Longer)
        }
    };
    Some(Broken::new(format!("{balancer} {how}"), truth))
}
