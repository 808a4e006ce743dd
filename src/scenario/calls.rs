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
