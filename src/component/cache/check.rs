//! What is wrong with a cache by itself: cores without work, nodes that are not there, no database
//! behind it.

use crate::caching::CacheSpec;
use crate::component::kind::Topology;
use crate::document::{Name, Problem, Problems, quoted};
use crate::objects::NodesSpec;
use crate::units::Span;

/// The most nodes of one cache, changes of them, and places that they have on a ring.
const MOST_NODES: u64 = 1_000;
const MOST_CHANGES: u64 = 100;
const MOST_PLACES: u64 = 1_000_000;

/// Reports what is wrong with the cache `name`.
pub(super) fn check(
    spec: &CacheSpec,
    name: &Name,
    topology: &dyn Topology,
    problems: &mut Problems,
) {
    spec.queue.iter().for_each(|queue| queue.check(name, problems));
    spec.check_entries(name.place, problems);
    if spec.cores.is_some() && spec.cost.is_none() {
        let (title, label) =
            ("nothing keeps the cores of this cache busy", "expected a `cost`, or no `cores`");
        problems.push(Problem::new(name.place, title, label));
    }
    check_database(spec, topology, problems);
    check_nodes(&spec.nodes, problems);
}

/// Reports what stands behind a cache and is no database.
fn check_database(spec: &CacheSpec, topology: &dyn Topology, problems: &mut Problems) {
    let Some(behind) = &spec.in_front_of else {
        if let Some(writes) = &spec.writes {
            let title = "this says something of a database behind, and there is none";
            let label = "expected `in_front_of`, or no `writes`";
            problems.push(Problem::new(writes.place, title, label));
        }
        return;
    };
    let found = topology.find(&behind.value);
    if let Some(found) = found.filter(|found| !found.kind.capabilities().keeps_data) {
        let title = format!("{} is no database", quoted(&behind.value));
        problems.push(Problem::new(behind.place, title, found.label()));
    }
}

/// Reports too many nodes, and changes of them that cannot be.
fn check_nodes(nodes: &NodesSpec, problems: &mut Problems) {
    let all = nodes.instances();
    let most = [
        (all, MOST_NODES, "nodes of a cache, those that are added among them"),
        (nodes.changes.len() as u64, MOST_CHANGES, "changes of the nodes of a cache"),
        (all.saturating_mul(nodes.virtual_nodes.get()), MOST_PLACES, "places on a ring"),
    ];
    for (count, most, what) in most.into_iter().filter(|(count, most, _)| count > most) {
        let label = format!("at most {most} are possible");
        problems.push(Problem::new(nodes.count.place, format!("{count} {what}"), label));
    }
    check_changes(nodes, problems);
}

fn check_changes(nodes: &NodesSpec, problems: &mut Problems) {
    let mut left = nodes.count.value.get();
    let mut before = Span::ZERO;
    for change in &nodes.changes {
        let place = change.at.place;
        if change.lose == 0 && change.add == 0 {
            let label = "expected nodes to `lose` or to `add`";
            problems.push(Problem::new(place, "this changes nothing", label));
        } else if change.lose >= left {
            let label = format!("expected fewer to `lose`: there are {left}");
            problems.push(Problem::new(place, "no node of this cache is left", label));
            return;
        } else if change.at.value < before {
            let label = "give them in their order";
            problems.push(Problem::new(place, "this is before the last change", label));
        }
        before = change.at.value;
        left = (left - change.lose).saturating_add(change.add);
    }
}
