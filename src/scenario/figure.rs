//! One figure of a run, as it is asked for: `p99(GET /product)`, `utilisation(app[0])`,
//! `error_rate(shoppers) during 4min..5min`.

use crate::component::ComponentSpec;
use crate::deployment::Deployment;
use crate::deployment::metrics::{BANDWIDTH, WrittenArgument, find, former, link_has, metrics};
use crate::document::{At, Node, Place, Problem, Problems, quoted};
use crate::measure::{
    About, Argument, EndedAs, Form, Metric, Over, Probe, Resource, Statistic, Subject,
};
use crate::units::{Quantity, Span};

use super::calls::edges;
use super::links::pipes;

/// A metric and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What is measured, as written.
    pub name: String,
    /// The metric.
    pub metric: &'static Metric,
    /// The parameter in its name.
    pub parameter: WrittenArgument,
    /// The requests or the component in brackets.
    pub subject: Option<At<String>>,
    /// The part of the run that is looked at; the whole measured time if not given.
    pub during: Option<At<During>>,
    /// Where the metric's name stands.
    pub place: Place,
}

/// A part of the run, from its start on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct During {
    /// Where it begins.
    pub from: Span,
    /// Where it ends.
    pub to: Span,
}

const WINDOW: &str = "expected a part of the run such as 4min..5min";

/// What brackets name.
enum Named<'a> {
    Component(usize, &'a ComponentSpec, Option<u64>),
    Link,
}

impl Figure {
    /// The figure of all requests that is called so.
    ///
    /// # Panics
    /// If no metric is.
    pub(super) fn of_all(name: &str, place: Place) -> Figure {
        let (metric, parameter) = find(name).expect("the metric is declared");
        Figure { name: name.to_owned(), metric, parameter, subject: None, during: None, place }
    }

    /// Reads the figure that is `text`, a part of the scalar `node`. An error is whether a problem
    /// was reported: that brackets do not match is left to the caller, which knows what was
    /// expected.
    pub(super) fn read(node: &Node, text: &str, problems: &mut Problems) -> Result<Figure, bool> {
        // What is within brackets is a name.
        let window = text.rsplit_once(" during ").filter(|(_, window)| !window.contains(')'));
        let (text, during) = match window {
            Some((text, window)) => {
                let window = window.trim();
                let Some(value) = During::parse(window) else {
                    let title = format!("{} is no part of a run", quoted(window));
                    problems.push(Problem::new(part(node, window), title, WINDOW));
                    return Err(true);
                };
                (text, Some(At { value, place: part(node, window) }))
            }
            None => (text, None),
        };
        let (name, subject) = match text.split_once('(') {
            Some((name, rest)) => {
                let subject = rest.trim_end().strip_suffix(')').ok_or(false)?;
                (name.trim(), Some(subject.trim()))
            }
            None => (text.trim(), None),
        };
        let place = part(node, name);
        let Some((metric, parameter)) = find(name) else {
            problems.push(unknown(place, name));
            return Err(true);
        };
        let subject = subject
            .filter(|subject| !subject.is_empty())
            .map(|subject| At { value: subject.to_owned(), place: part(node, subject) });
        Ok(Figure { name: name.to_owned(), metric, parameter, subject, during, place })
    }

    /// Reports what it asks for and the scenario has not. `declared` are the names of all
    /// components, those that could not be read among them.
    pub(super) fn check(
        &self,
        deployment: &Deployment,
        declared: &[String],
        duration: Span,
        problems: &mut Problems,
    ) {
        self.check_window(duration, problems);
        self.check_outcome(deployment, declared, problems);
        match (self.metric.about, &self.subject) {
            (About::Run, None) => {}
            (About::Run, Some(subject)) => {
                let title = format!("{} is of the whole run", self.name);
                problems.push(Problem::new(subject.place, title, "expected no brackets"));
            }
            (About::Requests, _) => self.check_requests(deployment, problems),
            (About::Component, None) => {
                let title = format!("the {} of what?", self.name);
                let label = format!("expected a component: {}(app)", self.name);
                problems.push(Problem::new(self.place, title, label));
            }
            (About::Component, Some(subject)) => {
                self.check_component(subject, deployment, declared, problems);
            }
        }
    }

    fn check_requests(&self, deployment: &Deployment, problems: &mut Problems) {
        let types = self.types(deployment);
        if types.is_empty()
            && let Some(subject) = &self.subject
        {
            let known = subjects(deployment);
            problems.unknown(subject.place, "request type", &subject.value, &known);
        } else if !deployment.have(&types, self.metric.needs)
            && let Some(needed) = self.metric.needs
        {
            let label = format!("expected {}", needed.expected);
            problems.push(Problem::new(self.place, needed.nowhere, label));
        }
    }

    fn check_component(
        &self,
        subject: &At<String>,
        deployment: &Deployment,
        declared: &[String],
        problems: &mut Problems,
    ) {
        let pipes = pipes(deployment);
        let known: Vec<&str> = declared.iter().chain(&pipes).map(String::as_str).collect();
        let (name, place) = (subject.value.as_str(), subject.place);
        let Some(named) = named(deployment, name) else {
            // One that could not be read has been reported.
            if !known.contains(&split_index(name).0) {
                problems.unknown(place, "component", name, &known);
            }
            return;
        };
        let has = match named {
            Named::Component(_, spec, _) => spec.has(self.metric.needs),
            Named::Link => link_has(self.metric.needs),
        };
        if let Some(needed) = self.metric.needs.filter(|_| !has) {
            let title = format!("{} {}", quoted(name), needed.missing);
            problems.push(Problem::new(place, title, format!("expected {}", needed.expected)));
            return;
        }
        if let Named::Component(_, spec, Some(index)) = named {
            self.check_instance(spec, index, subject, problems);
        }
        self.check_resource(&named, problems);
    }

    fn check_instance(
        &self,
        spec: &ComponentSpec,
        index: u64,
        subject: &At<String>,
        problems: &mut Problems,
    ) {
        let (title, label) = if index >= spec.instances() {
            let (name, _) = split_index(&subject.value);
            let count = spec.instances();
            let title = format!("{} has no instance {index}", quoted(name));
            (title, format!("expected one from {name}[0] to {name}[{}]", count - 1))
        } else if !self.metric.of_instances() {
            let title = format!("the {} is not told of single instances", self.name);
            (title, "expected the component as a whole".to_owned())
        } else {
            return;
        };
        problems.push(Problem::new(subject.place, title, label));
    }

    fn check_resource(&self, named: &Named<'_>, problems: &mut Problems) {
        let (Form::Resource(_), WrittenArgument::Word(word)) = (self.metric.form, &self.parameter)
        else {
            return;
        };
        let may_have = |resource: &Resource| match (named, resource) {
            (Named::Link, resource) => *resource == Resource::Slots,
            (Named::Component(_, spec, _), resource) => spec.has(resource.needs()),
        };
        let known = Resource::ALL.into_iter().filter(may_have);
        let known: Vec<&str> = known.map(|resource| resource.word(slots(named))).collect();
        if !known.contains(&word.as_str()) {
            problems.push(Problem::unknown(self.place, "resource", word, &known));
        }
    }

    fn check_outcome(&self, deployment: &Deployment, declared: &[String], problems: &mut Problems) {
        let (Form::Outcome(_), WrittenArgument::Word(word)) = (self.metric.form, &self.parameter)
        else {
            return;
        };
        if outcome(deployment, word).is_none() {
            let of = |name: &String| [format!("rejected by {name}"), format!("failed at {name}")];
            let plain = ["ok", "stale", "timed out", "in flight at the end"].map(str::to_owned);
            let known: Vec<String> = declared.iter().flat_map(of).chain(plain).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            problems.push(Problem::unknown(self.place, "outcome", word, &known));
        }
    }

    fn check_window(&self, duration: Span, problems: &mut Problems) {
        let Some(At { value: During { from, to }, place }) = self.during else { return };
        let (title, label) = if !self.metric.over_time() {
            let title = format!("the {} is not told over time", self.name);
            (title, "only the whole run has it".to_owned())
        } else if from >= to {
            (format!("{to} is not after {from}"), WINDOW.to_owned())
        } else if to > duration {
            let title = format!("the run is over after {duration}");
            (title, "expected a part of the run".to_owned())
        } else {
            return;
        };
        problems.push(Problem::new(place, title, label));
    }

    /// The request types that are meant, counted over all clients.
    fn types(&self, deployment: &Deployment) -> Vec<usize> {
        match &self.subject {
            Some(subject) => kinds(deployment, &subject.value),
            None => (0..deployment.request_types().iter().map(Vec::len).sum()).collect(),
        }
    }

    /// What is asked of a run; of each instance what is told of the busiest.
    ///
    /// # Panics
    /// If it has not been checked.
    pub fn probes(&self, deployment: &Deployment) -> Vec<Probe> {
        let probe = self.probe(deployment);
        let component = match probe.subject {
            Subject::Component(component, None) => deployment.topology.iter().nth(component),
            _ => None,
        };
        match component {
            Some((_, spec)) if probe.metric.statistic == Statistic::BusiestInstance => {
                probe.of_each(usize::try_from(spec.instances()).unwrap_or(1))
            }
            _ => vec![probe],
        }
    }

    /// How many requests that the figure is about were sent, those of all clients where it is
    /// about a component, and the longest latency of those answered, which is not-a-number where
    /// none was; for a part of the run, at which rates they ended in it unanswered and answered.
    pub fn answers(&self, deployment: &Deployment) -> [Probe; 2] {
        let names = match self.during {
            Some(_) => ["failure_rate", "throughput"],
            None => ["arrivals", "max_latency"],
        };
        names.map(|name| {
            let of_requests = self.metric.about == About::Requests;
            let subject = self.subject.clone().filter(|_| of_requests);
            let during = self.during.clone();
            let asked = Figure { subject, during, ..Figure::of_all(name, self.place) };
            asked.probe(deployment)
        })
    }

    fn probe(&self, deployment: &Deployment) -> Probe {
        const CHECKED: &str = "figures are checked before they are asked";
        let name = self.subject.as_ref().map_or("", |subject| subject.value.as_str());
        let named = (self.metric.about == About::Component)
            .then(|| named(deployment, name).expect(CHECKED));
        let argument = match (self.metric.form, &self.parameter) {
            (Form::Resource(_), WrittenArgument::Word(word)) => {
                let slots = named.as_ref().map_or("", slots);
                Argument::Resource(resource(slots, word).expect(CHECKED))
            }
            (_, WrittenArgument::Word(word)) => {
                Argument::Ended(outcome(deployment, word).expect(CHECKED))
            }
            (_, WrittenArgument::Quantile(p)) => Argument::Quantile(*p),
            (_, WrittenArgument::Number(n)) => Argument::Number(*n),
            (_, WrittenArgument::None) => Argument::None,
        };
        let subject = match (self.metric.about, named) {
            (About::Run, _) => Subject::Run,
            (_, Some(Named::Link)) => Subject::Link(name.to_owned()),
            (_, Some(Named::Component(index, _, instance))) => {
                Subject::Component(index, instance.map(|index| index as usize))
            }
            (_, None) => Subject::Requests(self.types(deployment)),
        };
        let during = self.during.as_ref().map(|during| during.value);
        let over = during.map_or(Over::Run, |During { from, to }| Over::Part(from, to));
        Probe { metric: self.metric, argument, subject, over }
    }
}

impl During {
    fn parse(text: &str) -> Option<During> {
        let (from, to) = text.split_once("..")?;
        Some(During { from: Span::parse(from.trim())?, to: Span::parse(to.trim())? })
    }
}

/// A name that no metric has.
fn unknown(place: Place, name: &str) -> Problem {
    if let Some(new) = former(name) {
        let title = format!("{} is called {new} now", quoted(name));
        return Problem::new(place, title, format!("expected {new}"));
    }
    let known: Vec<String> = metrics().map(|metric| example(metric.form)).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Problem::unknown(place, "metric", name, &known)
}

/// How a metric may be written.
fn example(form: Form) -> String {
    match form {
        Form::Word(word) => word.to_owned(),
        Form::Percentile(stem) => format!("{stem}99"),
        Form::Resource(word) => format!("{word}:cpu"),
        Form::Outcome(word) => format!("{word}:ok"),
        Form::Number(word) => format!("{word}:2"),
    }
}

/// The component, or the link that messages share, of this name.
fn named<'a>(deployment: &'a Deployment, name: &str) -> Option<Named<'a>> {
    let component = |name: &str, index| {
        let place = deployment.topology.names().position(|known| known == name)?;
        Some(Named::Component(place, deployment.topology.get(name)?, index))
    };
    let (first, index) = split_index(name);
    component(name, None)
        .or_else(|| component(first, Some(index?)))
        .or_else(|| pipes(deployment).iter().any(|pipe| pipe == name).then_some(Named::Link))
}

/// `app[0]`: the component and the number of the instance.
fn split_index(name: &str) -> (&str, Option<u64>) {
    let parts = name.strip_suffix(']').and_then(|rest| rest.split_once('['));
    match parts.and_then(|(name, index)| Some((name.trim_end(), index.trim().parse().ok()?))) {
        Some((name, index)) => (name, Some(index)),
        None => (name, None),
    }
}

/// What the slots of these are called.
fn slots(named: &Named<'_>) -> &'static str {
    match named {
        Named::Component(_, spec, _) => spec.slots(),
        Named::Link => BANDWIDTH,
    }
}

fn resource(slots: &'static str, word: &str) -> Option<Resource> {
    Resource::ALL.into_iter().find(|resource| resource.word(slots) == word)
}

/// The way to end that is told so.
fn outcome(deployment: &Deployment, word: &str) -> Option<EndedAs> {
    let component = |name| deployment.topology.names().position(|known| known == name);
    let after = |words| word.strip_prefix(words);
    let link =
        |name: &&str| edges(deployment).iter().any(|(from, to)| format!("{from} -> {to}") == *name);
    match word {
        "ok" => Some(EndedAs::Ok),
        "stale" => Some(EndedAs::Stale),
        "timed out" => Some(EndedAs::TimedOut),
        "in flight at the end" => Some(EndedAs::InFlight),
        _ => (after("rejected by ").and_then(component).map(EndedAs::RejectedBy))
            .or_else(|| after("failed at ").and_then(component).map(EndedAs::FailedAt))
            .or_else(|| {
                after("lost on ").filter(link).map(|name| EndedAs::LostOn(name.to_owned()))
            }),
    }
}

/// Where `inner`, a part of the text of the scalar `node`, stands.
pub(super) fn part(node: &Node, inner: &str) -> Place {
    let Some(text) = node.text() else { return node.place };
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    node.part(start..start + inner.len())
}

/// The request types that `subject` means, counted over all clients in their order: those of this
/// name whichever client sends them, those of a client by its name, or one of one client (`bots/GET
/// /`).
pub fn kinds(deployment: &Deployment, subject: &str) -> Vec<usize> {
    let mut ways = MEANINGS.iter().map(|means| {
        let all = all_types(deployment).enumerate();
        let found = all.filter(|(_, (client, name))| means(subject, client, name));
        found.map(|(kind, _)| kind).collect::<Vec<usize>>()
    });
    ways.find(|found| !found.is_empty()).unwrap_or_default()
}

/// Whether `subject` means a request type at all.
pub(super) fn is_sent(deployment: &Deployment, subject: &str) -> bool {
    let means = |client, name| MEANINGS.iter().any(|means| means(subject, client, name));
    all_types(deployment).any(|(client, name)| means(client, name))
}

/// How a subject may mean the request type of a client, the first before the others.
const MEANINGS: [fn(&str, &str, &str) -> bool; 3] = [
    |subject, _, name| name == subject,
    |subject, client, name| {
        let rest = subject.strip_prefix(client).and_then(|rest| rest.strip_prefix('/'));
        rest == Some(name)
    },
    |subject, client, _| client == subject,
];

/// Client and name of each request type.
fn all_types(deployment: &Deployment) -> impl Iterator<Item = (&str, &str)> {
    let clients = deployment.clients.names().zip(deployment.request_names());
    clients.flat_map(|(client, names)| names.into_iter().map(move |name| (client, name)))
}

/// What may stand in brackets, for a message: the clients only where there are several.
pub(super) fn subjects(deployment: &Deployment) -> Vec<&str> {
    let clients = deployment.clients.names();
    let several = clients.len() > 1;
    let types = all_types(deployment).map(|(_, name)| name);
    types.chain(clients.filter(|_| several)).collect()
}
