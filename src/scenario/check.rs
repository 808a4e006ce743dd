//! What typed reading cannot see: references, cycles, ranges that depend on one another. All
//! problems are collected.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::{Call, ComponentSpec};
use crate::deployment::Deployment;
use crate::document::{At, Count, Name, Place, Problem, Problems, quoted};
use crate::network::{DEFAULT_LINK, ends};
use crate::placement::Selector;
use crate::units::Span;

use super::calls::{edges, links};
use super::catalogs::check_catalogs;
use super::clients::check_clients;
use super::expectation::Expectation;
use super::http::check_http;
use super::links::check_links;
use super::places::{check_places, names};
use super::spec::{Declared, Warmup};

/// The most replications: the figures of each are kept until the end.
const MOST_REPLICATIONS: u64 = 10_000;
/// The most request types of all clients.
const MOST_TYPES: usize = 10_000;

/// Reports everything that is wrong with a deployment.
pub(super) fn check(deployment: &Deployment, declared: &Declared, problems: &mut Problems) {
    let components = &declared.components;
    let mut check = Check { deployment, declared: components, problems };
    check.emptiness();
    check.names();
    check.clients();
    check_clients(deployment, check.problems);
    check.components();
    check.pairs("link", deployment.links.iter().map(|(name, _)| name));
    check.pairs("call", deployment.calls.iter().map(|(name, _)| name));
    deployment.calls.iter().for_each(|(_, rules)| rules.check(check.problems));
    check.requests();
    check_links(deployment, problems);
    check_places(deployment, problems);
    check_catalogs(deployment, declared, problems);
    check_http(deployment, problems);
}

/// Reports a run that would measure nothing.
pub(super) fn check_run(
    duration: Option<&At<Span>>,
    warmup: Option<&At<Warmup>>,
    default: Span,
    problems: &mut Problems,
) {
    if let Some(duration) = duration
        && duration.value == Span::ZERO
    {
        let label = "nothing would happen";
        problems.push(Problem::new(duration.place, "the duration is zero", label));
        return;
    }
    let whole = duration.map_or(default, |duration| duration.value);
    if let Some(At { value: Warmup::Given(warmup), place }) = warmup
        && *warmup >= whole
    {
        let title = format!("the warm-up ({warmup}) leaves nothing of the duration ({whole})");
        let problem = Problem::new(*place, title, "shorten `warmup` or lengthen `duration`");
        problems.push(match duration {
            Some(duration) => problem.also(duration.place, "the duration"),
            None => problem,
        });
    }
}

/// Reports replications that would not fit in memory.
pub(super) fn check_replications(replications: &At<Count>, problems: &mut Problems) {
    let count = replications.value.get();
    if count > MOST_REPLICATIONS {
        let label = format!("at most {MOST_REPLICATIONS} are possible");
        problems.push(Problem::new(replications.place, format!("{count} replications"), label));
    }
}

/// Reports expectations about what does not exist.
pub(super) fn check_expectations(
    deployment: &Deployment,
    declared: &[String],
    expectations: &[Expectation],
    duration: Span,
    problems: &mut Problems,
) {
    for expectation in expectations {
        expectation.figure.check(deployment, declared, duration, problems);
    }
}

/// Whether a name stands for itself where instances are selected.
fn is_plain(name: &Name) -> bool {
    Selector::parse(name).is_some_and(|selector| selector.name.value == name.value)
}

/// The longest chain of calls.
pub(super) const DEEPEST: usize = 100;

struct Check<'a> {
    deployment: &'a Deployment,
    declared: &'a [String],
    problems: &'a mut Problems,
}

impl<'a> Check<'a> {
    fn report(&mut self, place: Place, title: impl Into<String>, label: impl Into<String>) {
        self.problems.push(Problem::new(place, title, label));
    }

    fn emptiness(&mut self) {
        let deployment = self.deployment;
        if self.declared.is_empty()
            && let Some((_, client)) = deployment.clients.0.first()
        {
            let label = "expected at least one component in `topology`";
            self.report(client.target.place, "nothing is deployed", label);
        }
        if deployment.clients.is_empty()
            && let Some((name, _)) = deployment.topology.0.first()
        {
            let label = "expected at least one client in `clients`";
            self.report(name.place, "nobody sends requests", label);
        }
    }

    fn names(&mut self) {
        let mut known: BTreeMap<&str, (Place, &str)> = BTreeMap::new();
        for (name, what) in names(self.deployment) {
            let special = name.value == DEFAULT_LINK || name.value.contains("->");
            if special {
                self.report(name.place, "this name means something to `links`", "another name");
            } else if !is_plain(name) {
                self.report(name.place, "this name means something to `faults`", "another name");
            }
            let (first, before) = *known.entry(&name.value).or_insert((name.place, what));
            if before != what {
                let title = format!("{} is a {before} and a {what}", quoted(&name.value));
                let problem = Problem::new(name.place, title, "every name is for one thing");
                self.problems.push(problem.also(first, format!("the {before}")));
            }
        }
    }

    fn clients(&mut self) {
        if self.deployment.request_types().iter().map(Vec::len).sum::<usize>() > MOST_TYPES
            && let Some((name, _)) = self.deployment.clients.0.last()
        {
            let label = format!("at most {MOST_TYPES} are possible");
            self.report(name.place, "too many request types in all", label);
        }
        for (_, client) in self.deployment.clients.iter() {
            self.target(&client.target, false);
        }
    }

    fn components(&mut self) {
        let topology = &self.deployment.topology;
        for (name, spec) in topology.iter() {
            let kind = spec.kind();
            kind.check(name, topology, self.problems);
            for consumes in kind.capabilities().consumes {
                self.target(&consumes.from, true);
            }
            for callee in kind.callees() {
                let chooses = |spec: &ComponentSpec| kind.chooses_among(spec.kind());
                self.target(callee, topology.get(&callee.value).is_some_and(chooses));
            }
        }
    }

    /// Something is to be asked by this name.
    fn target(&mut self, name: &Name, balanced: bool) {
        let topology = &self.deployment.topology;
        let Some(spec) = topology.get(&name.value) else {
            if self.declared.is_empty() {
                return;
            }
            let known: Vec<&str> = self.declared.iter().map(String::as_str).collect();
            if !known.contains(&name.value.as_str()) {
                self.problems.unknown(name.place, "component", &name.value, &known);
            }
            return;
        };
        let may_be_any = spec.kind().capabilities().is_any;
        if spec.instances() > 1 && !balanced && !may_be_any {
            let title = format!("{} has {} replicas", quoted(&name.value), spec.instances());
            let problem = Problem::new(name.place, title, "which of them is meant?");
            let remedy = match spec.kind().capabilities().keeps_data {
                true => "let a server ask it: its steps know what they read and write".to_owned(),
                false => format!(
                    "put a load balancer in front: front: {{load_balancer: {{backends: {}}}}}",
                    name.value
                ),
            };
            self.problems.push(problem.help(remedy));
        }
    }

    /// Reports names of links or calls, as `what` says, that are of no component asking another.
    fn pairs(&mut self, what: &str, pairs: impl Iterator<Item = &'a Name>) {
        let deployment = self.deployment;
        let clients = deployment.clients.names();
        let known: Vec<&str> = clients.chain(self.declared.iter().map(String::as_str)).collect();
        let names: BTreeSet<&str> = known.iter().copied().collect();
        let edges = if what == "link" { links(deployment) } else { edges(deployment) };
        let edges: BTreeSet<(&str, &str)> = edges.iter().map(|(a, b)| (&**a, &**b)).collect();
        for name in pairs {
            let Some((from, to)) = ends(&name.value) else {
                if name.value != DEFAULT_LINK {
                    let title = format!("{} is not a {what}", quoted(&name.value));
                    self.report(name.place, title, "expected `default`, or two names: `a -> b`");
                }
                continue;
            };
            for end in [from, to] {
                if !names.contains(end) {
                    self.problems.unknown(name.place, "component", end, &known);
                }
            }
            let used = edges.contains(&(from, to));
            let read = self.declared.len() == deployment.topology.len();
            if read && names.contains(from) && names.contains(to) && !used {
                let title = format!("{} never asks {}", quoted(from), quoted(to));
                self.report(
                    name.place,
                    title,
                    format!("a {what} runs from who asks to who is asked"),
                );
            }
        }
    }

    /// Follows every request of every client through the calls that it causes.
    fn requests(&mut self) {
        for ((_, client), types) in
            self.deployment.clients.iter().zip(self.deployment.request_types())
        {
            for (operation, ..) in types {
                let place = client.place_of(&operation).unwrap_or(client.target.place);
                let to = &client.target;
                let call = Call { place, ..Call::new(to, &operation) };
                self.follow(&call, &mut Vec::new(), &mut BTreeSet::new());
            }
        }
    }

    fn follow(
        &mut self,
        call: &Call<'a>,
        path: &mut Vec<(String, String)>,
        done: &mut BTreeSet<(String, String)>,
    ) {
        let state = (call.to.value.clone(), call.operation.clone());
        let Some(spec) = self.deployment.topology.get(&call.to.value) else { return };
        if let Some(start) = path.iter().position(|known| *known == state) {
            let names: Vec<&str> = path[start..].iter().map(|(name, _)| name.as_str()).collect();
            let title = format!("a cycle of calls: {} -> {}", names.join(" -> "), state.0);
            self.report(call.place, title, "this call closes it; it would never end");
            return;
        }
        if path.len() == DEEPEST {
            let title = format!("calls nest more than {DEEPEST} deep");
            self.report(call.place, title, "this call is the last that is possible");
            return;
        }
        let kind = spec.kind();
        if !kind.answers(&call.operation) {
            if !call.checked {
                kind.report_unanswered(call, self.problems);
            }
            return;
        }
        if !done.insert(state.clone()) {
            return;
        }
        path.push(state);
        for next in kind.calls(&call.operation) {
            // What is passed on is what was asked.
            let checked = next.checked || call.checked && kind.forwards().is_some();
            self.follow(&Call { checked, ..next }, path, done);
        }
        path.pop();
    }
}
