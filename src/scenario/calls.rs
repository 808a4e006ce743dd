//! Who asks whom for what: the graph of calls that a deployment makes possible.

use std::collections::BTreeSet;

use crate::caching::{CACHE_OPERATIONS, CacheSpec, WritePolicy};
use crate::component::{ComponentSpec, OPERATIONS};
use crate::deployment::Deployment;
use crate::document::{Name, Place};
use crate::session::{SESSION_OPERATIONS, SessionsSpec};
use crate::step::{CacheStep, LOCAL, Often, StepSpec};
use crate::units::Span;

/// One component asking another.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Who is asked.
    pub to: &'a Name,
    /// For what.
    pub operation: String,
    /// Where the scenario says what is asked for.
    pub place: Place,
    /// How long the asker waits, if not for ever.
    pub patience: Option<Span>,
    /// How often, on average.
    pub often: Often,
}

/// What a component asks others when it is asked for `operation`.
pub fn calls<'a>(spec: &'a ComponentSpec, operation: &str) -> Vec<Call<'a>> {
    match spec {
        ComponentSpec::LoadBalancer(balancer) => {
            let pass_on = |to: &'a Name| {
                let operation = operation.to_owned();
                Call { to, operation, place: to.place, patience: None, often: Often::ONCE }
            };
            balancer.backends.iter().map(|backend| pass_on(&backend.to)).collect()
        }
        ComponentSpec::Server(server) => {
            let mut calls = Vec::new();
            if let Some(sessions) = server.sessions_for(operation) {
                calls.extend(of_sessions(sessions));
            }
            server.walk(operation, &mut |step, often| calls.extend(call(step, operation, often)));
            calls
        }
        ComponentSpec::Cache(cache) => cache
            .in_front_of
            .iter()
            .flat_map(|to| behind(cache, to))
            .filter(|call| operation.is_empty() || call.operation == operation)
            .collect(),
        ComponentSpec::Database(_) | ComponentSpec::External(_) => Vec::new(),
    }
}

/// What a cache asks the database behind it, each when it is asked for the same.
fn behind<'a>(cache: &CacheSpec, to: &'a Name) -> [Call<'a>; 2] {
    let perhaps = Often { times: 1.0, in_line: 0.0 };
    let write = match cache.writes() {
        WritePolicy::Through | WritePolicy::Around => Often::ONCE,
        WritePolicy::Behind(_) => perhaps,
    };
    [("read", perhaps), ("write", write)].map(|(operation, often)| {
        let operation = operation.to_owned();
        Call { to, operation, place: to.place, patience: None, often }
    })
}

/// What is asked for the session of a request.
fn of_sessions(sessions: &SessionsSpec) -> impl Iterator<Item = Call<'_>> {
    let [read, write] = SESSION_OPERATIONS;
    let writes = (sessions.grows.0 > 0).then_some(write);
    let asked = [Some(read), writes].into_iter().flatten();
    let to = sessions.store.component();
    to.into_iter().flat_map(move |to| {
        asked.clone().map(move |operation| {
            let (operation, often) = (operation.to_owned(), Often::ONCE);
            Call { to, operation, place: to.place, patience: None, often }
        })
    })
}

fn call<'a>(step: &'a StepSpec, operation: &str, often: Often) -> Option<Call<'a>> {
    let (to, operation, place) = match step {
        StepSpec::Call(call) => match &call.endpoint {
            Some(endpoint) => (&call.to, endpoint.value.as_str(), endpoint.place),
            None => (&call.to, operation, call.to.place),
        },
        StepSpec::Read(to) => (to, "read", to.place),
        StepSpec::Write(to) => (to, "write", to.place),
        StepSpec::Cache(CacheStep { r#in: to, .. }) if to.value != LOCAL => {
            (to, "lookup", to.place)
        }
        StepSpec::Invalidate(to) if to.value != LOCAL => (to, "invalidate", to.place),
        _ => return None,
    };
    let patience = match step {
        StepSpec::Call(call) => call.timeout,
        StepSpec::Cache(cache) => cache.timeout.as_ref().map(|timeout| timeout.value),
        _ => None,
    };
    Some(Call { to, operation: operation.to_owned(), place, patience, often })
}

/// Whether a component answers `operation`.
pub(super) fn answers(spec: &ComponentSpec, operation: &str) -> bool {
    match spec {
        ComponentSpec::LoadBalancer(_) | ComponentSpec::External(_) => true,
        ComponentSpec::Server(server) => server.endpoint(operation).is_some(),
        ComponentSpec::Database(database) => {
            SESSION_OPERATIONS.contains(&operation) || database.cost(operation).is_some()
        }
        ComponentSpec::Cache(cache) => {
            let database = cache.in_front_of.is_some() && OPERATIONS.contains(&operation);
            let sessions = SESSION_OPERATIONS.contains(&operation);
            database || sessions || CACHE_OPERATIONS.contains(&operation)
        }
    }
}

/// Every pair of components of which one asks the other, each once, in the scenario's order.
pub(super) fn edges(deployment: &Deployment) -> Vec<(String, String)> {
    let mut edges: Vec<(String, String)> = Vec::new();
    let mut known = BTreeSet::new();
    let mut add = |from: &str, to: &str| {
        let edge = (from.to_owned(), to.to_owned());
        if known.insert(edge.clone()) {
            edges.push(edge);
        }
    };
    for (name, client) in deployment.clients.iter() {
        add(&name.value, &client.target.value);
    }
    for (name, spec) in deployment.topology.iter() {
        match spec {
            ComponentSpec::Server(server) => {
                for call in
                    server.steps().into_iter().filter_map(|step| call(step, "", Often::ONCE))
                {
                    add(&name.value, &call.to.value);
                }
                let sessions = server.sessions().into_iter().flat_map(of_sessions);
                sessions.for_each(|call| add(&name.value, &call.to.value));
            }
            _ => calls(spec, "").iter().for_each(|call| add(&name.value, &call.to.value)),
        }
    }
    edges
}
