//! What theory assumes, and what happens to its answer where that does not hold.

use crate::caching::Ttl;
pub use crate::component::{Broken, Truth};
use crate::component::{Capabilities, ComponentSpec, Priority};
use crate::deployment::Deployment;
use crate::document::Name;
use crate::measure::DISK;
use crate::network::Direction;
use crate::session::SessionStore;
use crate::store::Eviction;

use super::load::Window;
use super::solver::Solver;

/// What happens to a deployment, and to its users, that no formula here knows of.
pub(super) fn incidents(deployment: &Deployment) -> Vec<Broken> {
    let keeps = |can: Capabilities| {
        can.sessions.is_some_and(|sessions| sessions.store != SessionStore::None)
    };
    let happens = [
        (!deployment.faults.is_empty(), "what goes wrong (faults) is left out", Truth::Either),
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

/// What links do to messages that is left out of account.
pub(super) fn links(deployment: &Deployment) -> Option<Broken> {
    let narrow = |way: Direction| way.bandwidth.is_some() || way.loss.0 > 0.0;
    let links = deployment.links.iter();
    let (name, _) =
        links.into_iter().find(|(_, link)| narrow(link.way_there()) || narrow(link.way_back()))?;
    let text = format!("bandwidth and losses of links ({}) are left out", name.value);
    Some(Broken::new(text, Truth::Longer))
}

/// What databases do at their disks, which is left out of account: so those who ask them wait
/// longer too.
pub(super) fn disks(deployment: &Deployment) -> Option<Broken> {
    let mut topology = deployment.topology.iter();
    let on_disk = |(_, spec): &(&Name, &ComponentSpec)| {
        spec.kind().capabilities().keeps_data && spec.has(Some(&DISK))
    };
    let (name, _) = topology.find(on_disk)?;
    let text = format!("the time of databases ({}) at their disks is left out", name.value);
    Some(Broken::new(text, Truth::Longer))
}

/// What clients do before their requests come to any component, in this part of a run.
pub(super) fn clients(deployment: &Deployment, window: Window) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (name, client) in deployment.clients.iter() {
        let name = &name.value;
        if client.browser_cache.is_some() {
            let text = format!("{name} do not ask for what they have in caches of their own");
            broken.push(Broken::new(text, Truth::Shorter));
        }
        let ramp = client.users.as_ref().map(|users| users.ramp);
        if let Some(ramp) = ramp.filter(|&ramp| ramp > window.from) {
            let text = format!("{name} come one after another over {ramp}");
            broken.push(Broken::new(text, Truth::Shorter));
        }
    }
    broken
}

/// Steps at once, of which one asks for what is waited for.
pub(super) fn at_once(solver: &Solver, component: usize) -> Option<Broken> {
    let waits = |&state: &usize| {
        let work = &solver.flow.works[state];
        let mut calls = work.calls.iter().filter(|call| call.at_once && call.extra > 0.0);
        let own = work.at_once && !solver.stations[component].is_idle();
        own || calls.any(|call| !solver.stations[solver.flow.component(call.state)].is_idle())
    };
    let text = "which of what is done at once takes longest is known while nobody waits";
    let found = solver.flow.of[component].iter().any(waits);
    found.then(|| Broken::new(text, Truth::Either))
}

/// Calls that some give up: of an exponential time one in a thousand takes seven times the mean.
pub(super) fn gives_up(solver: &Solver, component: usize) -> Vec<Broken> {
    let mut broken = Vec::new();
    for &state in &solver.flow.of[component] {
        for call in solver.flow.works[state].calls.iter().filter(|call| call.times > 0.0) {
            let time = call.link + solver.times[call.state];
            let Some(timeout) = call.timeout.filter(|timeout| time * 7.0 > timeout.secs()) else {
                continue;
            };
            let callee = solver.flow.component(call.state);
            let callee = &solver.deployment.topology.0[callee].0.value;
            let text = match solver.stations[component].takes_messages {
                true => format!("what {callee} has not done after {timeout} is delivered again"),
                false => format!("it gives up on {callee} after {timeout}"),
            };
            let one = Broken::new(text, Truth::Either);
            if !broken.contains(&one) {
                broken.push(one);
            }
        }
    }
    broken
}

/// The urgent, who are served before others though services differ.
pub(super) fn priorities(solver: &Solver, component: usize) -> Option<Broken> {
    let station = &solver.stations[component];
    let priority = station.priority()?;
    let classes = &solver.classes[component];
    let (first, last) = (classes.first()?, classes.last()?);
    let same = match priority {
        // Who is served first does not matter to the mean where all services are of one kind.
        Priority::Queued => station.serves_one_kind,
        Priority::Preemptive => station.mix.exponential,
    };
    let text = match priority {
        Priority::Queued => "the urgent are served first, and services differ",
        Priority::Preemptive => "urgent requests take the core from others",
    };
    (first != last && !same).then(|| Broken::new(text, Truth::Either))
}

/// What is taken of a cache that is not so, where its hit ratio is not yet known from a run.
/// `fills`: it begins empty and fills meanwhile; `herds`: many miss at once what has expired.
pub(super) fn cache(solver: &Solver, component: usize, [fills, herds]: [bool; 2]) -> Vec<Broken> {
    let can = solver.deployment.topology.0[component].1.kind().capabilities();
    let Some(cache) = can.cache() else { return Vec::new() };
    let by_use = [Eviction::Lru, Eviction::Fifo, Eviction::Random].contains(&cache.eviction);
    let header = cache.ttl.as_ref().is_some_and(|ttl| ttl.value == Ttl::Header);
    let after = |state: &usize| {
        let calls = solver.flow.works[*state].calls.iter();
        let here = |state: usize| solver.flow.component(state) == component;
        calls
            .filter(|call| here(call.state))
            .any(|call| call.missed.is_some_and(|of| of != component))
    };
    let mut callers = solver.callers[component].iter().flat_map(|&caller| &solver.flow.of[caller]);
    let of = [
        (!by_use, "its hit ratio is taken to be that of `lru`", Truth::Either),
        (fills, "it begins empty, and fills while figures are taken", Truth::Longer),
        (herds, "many miss at once what has expired, and fetch it all", Truth::Longer),
        (header, "how long answers may be kept is left out of its hit ratio", Truth::Longer),
        (
            callers.any(after),
            "it is asked only for what another cache does not have",
            Truth::Longer,
        ),
    ];
    let broken = of.into_iter().filter(|(is_broken, ..)| *is_broken);
    broken.map(|(_, what, truth)| Broken::new(what, truth)).collect()
}
