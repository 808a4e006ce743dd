//! What typed reading cannot see of catalogs and caches: objects that are asked for and are not
//! there, caches that are none, times that come to nothing.

use std::collections::BTreeSet;

use crate::caching::{CacheSpec, Ttl};
use crate::component::{ComponentSpec, OPERATIONS, ServerSpec};
use crate::deployment::Deployment;
use crate::document::{At, Name, Place, Problem, Problems, quoted};
use crate::objects::NodesSpec;
use crate::step::{CacheStep, LOCAL, Often, StepSpec};
use crate::units::Span;

use super::calls::calls;
use super::spec::Declared;

/// The most catalogs.
const MOST_CATALOGS: usize = 1_000;
/// An object that changes more often than this by itself (s) is always another.
const SHORTEST: f64 = 1e-2;
/// The most nodes of one cache, changes of them, and places that they have on a ring.
const MOST_NODES: u64 = 1_000;
const MOST_CHANGES: u64 = 100;
const MOST_PLACES: u64 = 1_000_000;
/// How deep looks into caches nest at most.
const DEEPEST: usize = 4;

/// Reports impossible catalogs and caches.
pub(super) fn check_caches(deployment: &Deployment, declared: &Declared, problems: &mut Problems) {
    let mut check = Check { deployment, declared, problems };
    check.catalogs();
    check.keys();
    for (name, spec) in deployment.topology.iter() {
        match spec {
            ComponentSpec::Cache(cache) => {
                check.cache(name.place, cache);
                check.cores(name.place, cache);
                check.database(cache);
                check.nodes(&cache.nodes);
            }
            ComponentSpec::Server(server) => check.server(name, server),
            _ => {}
        }
    }
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

    fn cache(&mut self, place: Place, cache: &CacheSpec) {
        let ttl = cache.ttl.as_ref().filter(|ttl| ttl.value == Ttl::For(Span::ZERO));
        let zero = |time: &&At<Span>| time.value == Span::ZERO;
        let negative = cache.negative_ttl.as_ref().filter(zero);
        let lease = Some(&cache.lease).filter(zero);
        for (place, title) in [
            (ttl.map(|ttl| ttl.place), "what is kept is of no use at once"),
            (negative.map(|ttl| ttl.place), "what is kept is of no use at once"),
            (lease.map(|lease| lease.place), "a fetch is given up at once"),
        ] {
            if let Some(place) = place {
                self.report(place, title, "expected a duration above zero");
            }
        }
        let about_ttl = [
            ("jitter", cache.jitter.0 > 0.0),
            ("sliding", cache.sliding),
            ("stale_while_revalidate", cache.stale_while_revalidate > Span::ZERO),
        ];
        if let (None, Some((key, _))) = (&cache.ttl, about_ttl.iter().find(|(_, given)| *given)) {
            let title = format!("`{key}` says something of a TTL, and there is none");
            self.report(place, title, format!("expected a `ttl`, or no `{key}`"));
        }
    }

    fn cores(&mut self, place: Place, cache: &CacheSpec) {
        if cache.cores.is_some() && cache.cost.is_none() {
            let label = "expected a `cost`, or no `cores`";
            self.report(place, "nothing keeps the cores of this cache busy", label);
        }
    }

    /// The nodes of a cache.
    fn nodes(&mut self, nodes: &NodesSpec) {
        let mut left = nodes.count.value.get();
        let all = nodes.instances();
        let most = [
            (all, MOST_NODES, "nodes of a cache, those that are added among them"),
            (nodes.changes.len() as u64, MOST_CHANGES, "changes of the nodes of a cache"),
            (all.saturating_mul(nodes.virtual_nodes.get()), MOST_PLACES, "places on a ring"),
        ];
        for (count, most, what) in most.into_iter().filter(|(count, most, _)| count > most) {
            let label = format!("at most {most} are possible");
            self.report(nodes.count.place, format!("{count} {what}"), label);
        }
        let mut before = Span::ZERO;
        for change in &nodes.changes {
            let place = change.at.place;
            if change.lose == 0 && change.add == 0 {
                self.report(place, "this changes nothing", "expected nodes to `lose` or to `add`");
            } else if change.lose >= left {
                let label = format!("expected fewer to `lose`: there are {left}");
                self.report(place, "no node of this cache is left", label);
                return;
            } else if change.at.value < before {
                self.report(place, "this is before the last change", "give them in their order");
            }
            before = change.at.value;
            left = (left - change.lose).saturating_add(change.add);
        }
    }

    /// What stands behind a cache.
    fn database(&mut self, cache: &CacheSpec) {
        let Some(behind) = &cache.in_front_of else {
            if let Some(writes) = &cache.writes {
                let title = "this says something of a database behind, and there is none";
                self.report(writes.place, title, "expected `in_front_of`, or no `writes`");
            }
            return;
        };
        let spec = self.deployment.topology.get(&behind.value);
        if let Some(spec) = spec.filter(|spec| !matches!(spec, ComponentSpec::Database(_))) {
            let title = format!("{} is no database", quoted(&behind.value));
            let label = format!("this is a {}", spec.kind().replace('_', " "));
            self.report(behind.place, title, label);
        }
    }

    /// A server's own cache, and the caches that its steps name.
    fn server(&mut self, name: &Name, server: &ServerSpec) {
        if let Some(At { value: cache, place }) = server.cache.as_ref().map(|cache| &*cache.0) {
            self.cache(*place, cache);
            let given = [
                ("latency", cache.latency.is_some()),
                ("cost", cache.cost.is_some()),
                ("cores", cache.cores.is_some()),
                ("connections", cache.connections.is_some()),
                ("queue", cache.queue.is_some()),
                ("in_front_of", cache.in_front_of.is_some()),
                ("nodes", cache.nodes.instances() > 1),
                ("writes", cache.writes.is_some()),
            ];
            for (key, _) in given.iter().filter(|(_, given)| *given) {
                let title = format!("a server's own cache has no `{key}`");
                self.report(*place, title, "it is memory of the server, asked at once");
            }
        }
        for step in server.endpoints.iter().flat_map(|(_, steps)| steps).chain(server.login()) {
            if let Some(deep) = too_deep(step, DEEPEST) {
                let label = format!("at most {DEEPEST} are possible");
                self.report(deep, "too many looks one within another", label);
            }
        }
        for step in server.steps() {
            match step {
                StepSpec::Cache(CacheStep { r#in, timeout, .. }) => {
                    self.named(name, server, r#in);
                    if let Some(timeout) = timeout.as_ref().filter(|it| it.value == Span::ZERO) {
                        let label = "expected a `timeout` above zero, or none";
                        self.report(timeout.place, "this look gives up at once", label);
                    }
                }
                StepSpec::Invalidate(cache) => self.named(name, server, cache),
                _ => {}
            }
        }
    }

    fn named(&mut self, name: &Name, server: &ServerSpec, cache: &Name) {
        if cache.value == LOCAL {
            if server.cache.is_none() {
                let title = format!("{} has no cache of its own", quoted(&name.value));
                let problem = Problem::new(cache.place, title, "expected a cache's name");
                let remedy = "give it one: cache: {capacity: 10k entries}";
                self.problems.push(problem.help(remedy));
            }
            return;
        }
        let Some(spec) = self.deployment.topology.get(&cache.value) else { return };
        if !matches!(spec, ComponentSpec::Cache(_)) {
            let title = format!("{} is no cache", quoted(&cache.value));
            let label = format!("this is a {}", spec.kind().replace('_', " "));
            self.report(cache.place, title, label);
        }
    }

    /// Requests that ask for no object where one is looked for.
    fn requests(&mut self) {
        let read = self.declared.components.len() == self.deployment.topology.len();
        for ((_, client), types) in
            self.deployment.clients.iter().zip(self.deployment.request_types())
        {
            for (request, ..) in types.iter().filter(|_| read) {
                if client.keys_of(request).is_some() {
                    continue;
                }
                let title = format!("{} asks for no object", quoted(request));
                let place = client.place_of(request).unwrap_or(client.target.place);
                let cache = self.deployment.topology.get(&client.target.value);
                if matches!(cache, Some(ComponentSpec::Cache(cache)) if cache.in_front_of.is_some())
                    && OPERATIONS.contains(&request.as_str())
                {
                    self.report(place, title, "expected `keys` of a catalog");
                    continue;
                }
                if client.is_about_its_object(request) {
                    self.report(place, title, "expected `keys`, or sizes in bytes");
                    continue;
                }
                let target = (client.target.value.clone(), request.clone());
                if let Some((cause, why)) = looks(self.deployment, target, &mut BTreeSet::new()) {
                    let problem = Problem::new(place, title, "expected `keys` of a catalog");
                    self.problems.push(problem.also(cause, why));
                }
            }
        }
    }
}

/// Where looks into caches nest deeper than `most` in a step.
fn too_deep(step: &StepSpec, most: usize) -> Option<Place> {
    let mut found = None;
    step.walk(Often::ONCE, &mut |step, _| {
        let StepSpec::Cache(cache) = step else { return };
        let inside = || match most {
            0 => Some(cache.r#in.place),
            _ => cache.miss.iter().find_map(|step| too_deep(step, most - 1)),
        };
        found = found.or_else(inside);
    });
    found
}

/// Where the object of a request is needed, and what for, if `asked`, a component and an operation,
/// leads there.
fn looks(
    deployment: &Deployment,
    asked: (String, String),
    seen: &mut BTreeSet<(String, String)>,
) -> Option<(Place, &'static str)> {
    if !seen.insert(asked.clone()) {
        return None;
    }
    let (component, operation) = asked;
    let spec = deployment.topology.get(&component)?;
    let mut found = None;
    let is_cache =
        |name: &Name| matches!(deployment.topology.get(&name.value), Some(ComponentSpec::Cache(_)));
    if let ComponentSpec::Server(server) = spec {
        server.walk(&operation, &mut |step, _| match step {
            StepSpec::Cache(CacheStep { r#in: cache, .. }) | StepSpec::Invalidate(cache) => {
                found = found.or(Some((cache.place, "here a cache is asked for it")));
            }
            StepSpec::Read(cache) | StepSpec::Write(cache) if is_cache(cache) => {
                found = found.or(Some((cache.place, "here a cache is asked for it")));
            }
            StepSpec::Call(call) if call.is_about_its_object() => {
                found = found.or(Some((call.to.place, "this call is as large as it")));
            }
            _ => {}
        });
    }
    found.or_else(|| {
        let mut calls = calls(spec, &operation).into_iter();
        calls.find_map(|call| looks(deployment, (call.to.value.clone(), call.operation), seen))
    })
}
