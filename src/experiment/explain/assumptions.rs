//! What theory assumes, and what happens to its answer where that does not hold.

use crate::component::client::{ArrivalProcess, ClientSpec};
pub use crate::component::{Broken, Truth};
use crate::component::{Capabilities, Choice};
use crate::deployment::Deployment;
use crate::network::Direction;
use crate::session::SessionStore;
use crate::units::Span;

use super::flow::Flow;
use super::station::Station;

/// What happens to a deployment, and to its users, that no formula here knows of.
pub(super) fn incidents(deployment: &Deployment) -> Vec<Broken> {
    let keeps = |can: Capabilities| {
        can.sessions.is_some_and(|sessions| sessions.store != SessionStore::None)
    };
    let happens = [
        (!deployment.faults.is_empty(), "components crash", Truth::Either),
        (
            deployment.any_can(|can| can.sticks),
            "users who stick to a backend do not go to the idlest",
            Truth::Longer,
        ),
        (deployment.any_can(keeps), "who has to log in takes longer", Truth::Longer),
    ];
    let broken = happens.into_iter().filter(|(happens, ..)| *happens);
    broken.map(|(_, what, truth)| Broken::new(what, truth)).collect()
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
    for request in flow.types.iter().filter(|request| request.target.0 == component) {
        let (name, client) = &deployment.clients.0[request.client];
        sent(&name.value, client).into_iter().for_each(&mut add);
    }
    for state in &flow.order {
        let calls = &flow.works[state].calls;
        if !calls.iter().any(|call| call.state.0 == component) {
            continue;
        }
        let (name, spec) = &deployment.topology.0[state.0];
        if !stations[state.0].forwards {
            stations[state.0].departures(&name.value).into_iter().for_each(&mut add);
            continue;
        }
        let single = calls.len() == 1 && stations[component].instances == 1;
        let floor = stations[component].in_one_queue();
        let choice = spec.kind().choice().filter(|_| !single);
        choice.map(|choice| chosen(&name.value, choice, floor)).into_iter().for_each(&mut add);
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

/// How the choices of `balancer` differ from random ones; `floor` is the wait if all stood in one
/// queue.
fn chosen(balancer: &str, choice: Choice, floor: Option<f64>) -> Broken {
    let floor = floor.filter(|_| choice.at_best_one_queue).map_or(String::new(), |wait| {
        format!(" (one queue for all: {} of waiting)", Span::from_secs_f64(wait))
    });
    Broken::new(format!("{balancer} {}{floor}", choice.how), choice.truth)
}
