//! The topology as a drawing: Mermaid and Graphviz DOT.

use std::fmt::Write;

use crate::component::ComponentSpec;
use crate::deployment::Deployment;

use super::calls::edges;

/// The topology as a Mermaid flowchart.
pub fn mermaid(deployment: &Deployment) -> String {
    let mut text = String::from("flowchart LR\n");
    for (id, (label, shape)) in nodes(deployment).into_iter().enumerate() {
        let label = label.replace('"', "#quot;").replace('\n', "<br/>");
        let (open, close) = match shape {
            Shape::Client => ("([", "])"),
            Shape::Balancer => ("{{", "}}"),
            Shape::Server => ("[", "]"),
            Shape::Database => ("[(", ")]"),
            Shape::Cache => ("[/", "/]"),
            Shape::External => ("[[", "]]"),
        };
        let _ = writeln!(text, "    n{id}{open}\"{label}\"{close}");
    }
    for (from, to) in numbered(deployment) {
        let _ = writeln!(text, "    n{from} --> n{to}");
    }
    text
}

/// The topology in the language of Graphviz.
pub fn dot(deployment: &Deployment) -> String {
    let mut text =
        String::from("digraph topology {\n    rankdir=LR;\n    node [fontname=\"sans-serif\"];\n");
    for (id, (label, shape)) in nodes(deployment).into_iter().enumerate() {
        let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let shape = match shape {
            Shape::Client => "ellipse",
            Shape::Balancer => "hexagon",
            Shape::Server => "box",
            Shape::Database => "cylinder",
            Shape::Cache => "parallelogram",
            Shape::External => "component",
        };
        let _ = writeln!(text, "    n{id} [label=\"{label}\", shape={shape}];");
    }
    for (from, to) in numbered(deployment) {
        let _ = writeln!(text, "    n{from} -> n{to};");
    }
    text.push_str("}\n");
    text
}

#[derive(Clone, Copy)]
enum Shape {
    Client,
    Balancer,
    Server,
    Database,
    Cache,
    External,
}

/// Clients first, then components, each with what is written in its box.
fn nodes(deployment: &Deployment) -> Vec<(String, Shape)> {
    let clients = deployment.clients.names().map(|name| (name.to_owned(), Shape::Client));
    let components = deployment.topology.iter().map(|(name, spec)| {
        let (line, shape) = match spec {
            ComponentSpec::LoadBalancer(balancer) => {
                let (replicas, policy) = (balancer.replicas.get(), balancer.policy.word());
                let many = if replicas == 1 { String::new() } else { format!("{replicas} x ") };
                (many + policy, Shape::Balancer)
            }
            ComponentSpec::Server(server) => {
                let groups = server.replicas.0.iter().map(|group| {
                    let cores = group.cores.unwrap_or(server.cores).get();
                    format!("{} x {cores} {}", group.count.get(), plural(cores, "core"))
                });
                (groups.collect::<Vec<_>>().join(", "), Shape::Server)
            }
            ComponentSpec::Database(database) => {
                let cores = database.cores.get();
                (format!("{cores} {}", plural(cores, "core")), Shape::Database)
            }
            ComponentSpec::Cache(cache) => {
                let nodes = cache.nodes.count.value.get();
                let nodes = if nodes > 1 { format!("{nodes} x ") } else { String::new() };
                (format!("{nodes}{}, {}", cache.eviction, cache.capacity), Shape::Cache)
            }
            ComponentSpec::External(_) => ("external".to_owned(), Shape::External),
        };
        (format!("{}\n{line}", name.value), shape)
    });
    clients.chain(components).collect()
}

fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

fn numbered(deployment: &Deployment) -> Vec<(usize, usize)> {
    let clients = deployment.clients.len();
    let number = |name: &str| {
        let client = deployment.clients.index(name);
        client.or_else(|| deployment.topology.index(name).map(|index| clients + index))
    };
    let edges = edges(deployment);
    edges.iter().filter_map(|(from, to)| Some((number(from)?, number(to)?))).collect()
}
