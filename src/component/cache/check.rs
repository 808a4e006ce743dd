//! What is wrong with a cache by itself: cores without work, nodes that are not there, no database
//! behind it.

use crate::caching::{CacheSpec, FlushSpec, WritePolicy};
use crate::component::kind::Topology;
use crate::document::{Name, Problem, Problems, quoted};
use crate::placement::check_instances;
use crate::units::Span;

/// The least time from a write to the next try of it.
const LEAST: Span = Span::from_millis(1);
/// The most nodes of one cache, and places that they have on a ring.
const MOST_NODES: u64 = 1_000;
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
    check_flush(spec, problems);
    check_instances(spec.nodes(), name, problems);
    check_nodes(spec, problems);
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

/// Reports writes that go to the database, and are tried again if that refuses them, at once.
fn check_flush(spec: &CacheSpec, problems: &mut Problems) {
    if let WritePolicy::Behind(FlushSpec { after, .. }) = spec.writes()
        && after.value < LEAST
    {
        let title = "what the database refuses would be tried again at once";
        let label = format!("expected {LEAST} or more");
        problems.push(Problem::new(after.place, title, label));
    }
}

/// Reports too many nodes, or too many places of them on a ring.
fn check_nodes(spec: &CacheSpec, problems: &mut Problems) {
    let all = spec.all_nodes();
    let spares = if spec.spares.value > 0 { ", those that stand by among them" } else { "" };
    let most = [
        (all, MOST_NODES, format!("nodes of a cache{spares}")),
        (spec.spread().places(all), MOST_PLACES, "places on a ring".to_owned()),
    ];
    for (count, most, what) in most.into_iter().filter(|(count, most, _)| count > most) {
        let label = format!("at most {most} are possible");
        problems.push(Problem::new(spec.replicas.place, format!("{count} {what}"), label));
    }
}
