//! What typed reading cannot see of catalogs: too many of them, and objects that are asked for and
//! are not there.

use std::collections::BTreeSet;

use crate::component::{Found, Kind, Need, Topology};
use crate::deployment::Deployment;
use crate::document::{Place, Problem, Problems, quoted};

use super::spec::Declared;

/// The most catalogs.
const MOST_CATALOGS: usize = 1_000;
/// An object that changes more often than this by itself (s) is always another.
const SHORTEST: f64 = 1e-2;

/// Reports impossible catalogs, and requests that ask for no object where one is needed.
pub(super) fn check_catalogs(
    deployment: &Deployment,
    declared: &Declared,
    problems: &mut Problems,
) {
    let mut check = Check { deployment, declared, problems };
    check.catalogs();
    check.keys();
    check.requests();
}

struct Check<'a> {
    deployment: &'a Deployment,
    declared: &'a Declared,
    problems: &'a mut Problems,
}

impl Check<'_> {
    fn report(&mut self, place: Place, title: impl Into<String>, label: impl Into<String>) {
        self.problems.push(Problem::new(place, title, label));
    }

    fn catalogs(&mut self) {
        for (index, (name, catalog)) in self.deployment.catalog.iter().enumerate() {
            if index == MOST_CATALOGS {
                let label = format!("at most {MOST_CATALOGS} are possible");
                self.report(name.place, "too many catalogs", label);
            }
            let changes = catalog.changes.as_ref();
            if let Some(changes) = changes.filter(|changes| changes.value.mean() < SHORTEST) {
                let title = "these objects change more than a hundred times a second";
                self.report(changes.place, title, "expected a mean of at least 10ms");
            }
        }
    }

    /// The catalogs that requests name.
    fn keys(&mut self) {
        for (client, types) in self.deployment.clients.iter().zip(self.deployment.request_types()) {
            let named = types.iter().filter_map(|(request, ..)| client.1.keys_of(request));
            for keys in named {
                let known: Vec<&str> = self.declared.catalogs.iter().map(String::as_str).collect();
                if known.is_empty() {
                    let title = format!("there is no catalog {}", quoted(&keys.value));
                    let problem = Problem::new(keys.place, title, "nothing is in `catalog`");
                    let remedy = format!("add it: catalog: {{{}: {{keys: 10k}}}}", keys.value);
                    self.problems.push(problem.help(remedy));
                } else if !known.contains(&keys.value.as_str()) {
                    self.problems.unknown(keys.place, "catalog", &keys.value, &known);
                }
            }
        }
    }

    /// Requests that ask for no object where one is looked for.
    fn requests(&mut self) {
        let read = self.declared.components.len() == self.deployment.topology.len();
        for ((_, client), types) in
            self.deployment.clients.iter().zip(self.deployment.request_types())
        {
            for (request, ..) in types.iter().filter(|_| read) {
                if let Some(keys) = client.keys_of(request) {
                    self.rows((client.target.value.clone(), request.clone()), &keys.value);
                    continue;
                }
                let title = format!("{} asks for no object", quoted(request));
                let place = client.place_of(request).unwrap_or(client.target.place);
                let topology = &self.deployment.topology;
                let need = |found: Found| found.kind.needs_object(request, topology);
                if topology.find(&client.target.value).and_then(need) == Some(Need::Request) {
                    self.report(place, title, "expected `keys` of a catalog");
                    continue;
                }
                if client.is_about_its_object(request) {
                    self.report(place, title, "expected `keys`, or sizes in bytes");
                    continue;
                }
                let target = (client.target.value.clone(), request.clone());
                if let Some((cause, why)) = needed(topology, target, &mut BTreeSet::new()) {
                    let problem = Problem::new(place, title, "expected `keys` of a catalog");
                    self.problems.push(problem.also(cause, why));
                }
            }
        }
    }
}

impl Check<'_> {
    /// Reports a transaction of more rows than the catalog of its request has.
    fn rows(&mut self, asked: (String, String), catalog: &str) {
        let Some(keys) = self.deployment.catalog.get(catalog).map(|of| &of.keys) else { return };
        let topology = &self.deployment.topology;
        let mut seen = BTreeSet::new();
        let found = search(topology, asked, &mut seen, &mut |kind, operation| {
            kind.most_rows(operation).filter(|(_, rows)| *rows > keys.value.get())
        });
        if let Some((place, rows)) = found {
            let title = format!("a transaction of {rows} rows, each another");
            let label = format!("{} has {} keys", quoted(catalog), keys.value.get());
            self.problems.push(Problem::new(place, title, label).also(keys.place, "said here"));
        }
    }
}

/// Where the object of a request is needed, and what for, if `asked`, a component and an operation,
/// leads there.
fn needed(
    topology: &dyn Topology,
    asked: (String, String),
    seen: &mut BTreeSet<(String, String)>,
) -> Option<(Place, &'static str)> {
    search(topology, asked, seen, &mut |kind, operation| match kind
        .needs_object(operation, topology)
    {
        Some(Need::Step(place, why)) => Some((place, why)),
        _ => None,
    })
}

/// What `find` says first of what is asked, a component and an operation, or of what that leads to.
fn search<T>(
    topology: &dyn Topology,
    asked: (String, String),
    seen: &mut BTreeSet<(String, String)>,
    find: &mut dyn FnMut(&dyn Kind, &str) -> Option<T>,
) -> Option<T> {
    if !seen.insert(asked.clone()) {
        return None;
    }
    let (component, operation) = asked;
    let kind = topology.find(&component)?.kind;
    if let Some(found) = find(kind, &operation) {
        return Some(found);
    }
    let mut calls = kind.calls(&operation).into_iter();
    calls.find_map(|call| search(topology, (call.to.value.clone(), call.operation), seen, find))
}
