//! The topology as a drawing: Mermaid and Graphviz DOT.

use std::fmt::Write;

use crate::component::Shape;
use crate::deployment::Deployment;

use super::calls::edges;

/// The topology as a Mermaid flowchart.
pub fn mermaid(deployment: &Deployment) -> String {
    let mut text = String::from("flowchart LR\n");
    for (id, (label, shape)) in nodes(deployment).into_iter().enumerate() {
        let label = mermaid_label(&label);
        let (open, close) = match shape {
            Shape::Round => ("([", "])"),
            Shape::Hexagon => ("{{", "}}"),
            Shape::Box => ("[", "]"),
            Shape::Cylinder => ("[(", ")]"),
            Shape::Parallelogram => ("[/", "/]"),
            Shape::Module => ("[[", "]]"),
        };
        let _ = writeln!(text, "    n{id}{open}\"{label}\"{close}");
    }
    for (from, to) in numbered(deployment) {
        let _ = writeln!(text, "    n{from} --> n{to}");
    }
    text
}

/// A label for Mermaid, which takes it for HTML and Markdown: what may mean something there is
/// written as its code.
fn mermaid_label(label: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " -./:,@()·×–→%".contains(c) || !c.is_ascii();
    let mut text = String::new();
    for c in label.chars() {
        match c {
            '\n' => text.push_str("<br/>"),
            '"' => text.push_str("#quot;"),
            c if is_plain(c) => text.push(c),
            c => text.push_str(&format!("#{};", u32::from(c))),
        }
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
            Shape::Round => "ellipse",
            Shape::Hexagon => "hexagon",
            Shape::Box => "box",
            Shape::Cylinder => "cylinder",
            Shape::Parallelogram => "parallelogram",
            Shape::Module => "component",
        };
        let _ = writeln!(text, "    n{id} [label=\"{label}\", shape={shape}];");
    }
    for (from, to) in numbered(deployment) {
        let _ = writeln!(text, "    n{from} -> n{to};");
    }
    text.push_str("}\n");
    text
}

/// Clients first, then components, each with what is written in its box.
fn nodes(deployment: &Deployment) -> Vec<(String, Shape)> {
    let clients = deployment.clients.names().map(|name| (name.to_owned(), Shape::Round));
    let components = deployment.topology.iter().map(|(name, spec)| {
        let (line, shape) = spec.kind().drawing();
        (format!("{}\n{line}", name.value), shape)
    });
    clients.chain(components).collect()
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
