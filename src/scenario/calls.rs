//! Who asks whom: the graph of calls that a deployment makes possible.

use std::collections::BTreeSet;

use crate::deployment::Deployment;

/// Every pair between whom messages go: who asks whom, and the copies of a database among
/// themselves.
pub(crate) fn links(deployment: &Deployment) -> Vec<(String, String)> {
    let mut links = edges(deployment);
    for (name, spec) in deployment.topology.iter() {
        if spec.kind().capabilities().copies.is_some() {
            links.push((name.value.clone(), name.value.clone()));
        }
    }
    links
}

/// Every pair of components of which one asks the other, each once, in the scenario's order.
pub(crate) fn edges(deployment: &Deployment) -> Vec<(String, String)> {
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
        spec.kind().callees().iter().for_each(|to| add(&name.value, &to.value));
    }
    edges
}

/// Every pair of which one asks the other and waits for the answer: who takes a message from a
/// queue does so after the queue has answered.
pub(crate) fn waits_for(deployment: &Deployment) -> Vec<(String, String)> {
    let mut edges = edges(deployment);
    edges.retain(|(from, _)| !deployment.is_queue(from));
    edges
}

/// Whether clients wait for what this component does, as far as who asks whom tells.
pub(crate) fn is_waited_for(deployment: &Deployment, component: &str) -> bool {
    let edges = waits_for(deployment);
    let mut reached: Vec<&str> = deployment.clients.names().collect();
    let mut next = 0;
    while let Some(&from) = reached.get(next) {
        next += 1;
        for (_, to) in edges.iter().filter(|(asker, _)| asker == from) {
            if !reached.contains(&to.as_str()) {
                reached.push(to);
            }
        }
    }
    reached.contains(&component) && !deployment.is_queue(component)
}
