//! One figure of a run, as it is asked for: `p99(GET /product)`, `utilisation(app[0])`,
//! `error_rate(shoppers) during 4min..5min`.

use crate::deployment::Deployment;
use crate::deployment::metrics::{BANDWIDTH, WrittenArgument, find, former, link_has, metrics};
use crate::document::{At, Node, Place, Problem, Problems, listed, quoted};
use crate::measure::{
    About, Argument, EndedAs, Form, Metric, OF_ALL, Over, Probe, Resource, Statistic, Subject,
};
use crate::units::{Quantity, Span};

use super::calls::links;
use super::links::pipes;
use super::places::among;
use super::subject::{Named, Which, kinds, named, report_unnamed, report_unsent};

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
            report_unsent(subject, deployment, problems);
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
        let mut others = pipes(deployment);
        let machines = deployment.equipped().into_iter().map(|machine| machine.name.value.clone());
        others.extend(machines);
        let known: Vec<&str> = declared.iter().chain(&others).map(String::as_str).collect();
        let (name, place) = (subject.value.as_str(), subject.place);
        let Some(named) = named(deployment, subject) else {
            return report_unnamed(&self.name, subject, deployment, &known, problems);
        };
        let has = match named {
            Named::Component(_, spec, _) => spec.has(self.metric.needs),
            Named::Link => link_has(self.metric.needs),
            Named::Machine(_, spec, _) => spec.has(self.metric.needs),
        };
        if let (Named::Machine(..), None) = (&named, self.metric.needs) {
            let title = format!("nobody visits {}", quoted(name));
            let label = format!("expected a component on it: {}(app)", self.name);
            return problems.push(Problem::new(place, title, label));
        }
        if let Some(needed) = self.metric.needs.filter(|_| !has) {
            let title = format!("{} {}", quoted(name), needed.missing);
            problems.push(Problem::new(place, title, format!("expected {}", needed.expected)));
            return;
        }
        let instances = match &named {
            Named::Component(_, spec, which) => Some((spec.instances(), which)),
            Named::Machine(_, spec, which) => Some((spec.count.get(), which)),
            Named::Link => None,
        };
        if let Some((count, which)) = instances {
            self.check_instances(count, which, subject, problems);
        }
        self.check_resource(&named, problems);
    }

    fn check_instances(
        &self,
        count: u64,
        which: &Which,
        subject: &At<String>,
        problems: &mut Problems,
    ) {
        let (title, label) = match which {
            Which::All => return,
            Which::One(index) if *index >= count => {
                let name = subject.value.split('[').next().unwrap_or_default().trim_end();
                let title = format!("{} has no instance {index}", quoted(name));
                (title, among(name, count))
            }
            Which::At(instances) if instances.is_empty() => {
                let title = format!("there is no {}", quoted(&subject.value));
                (title, "no instance of it is at this place".to_owned())
            }
            Which::One(_) if !self.metric.of_one() => {
                let title = format!("the {} is not told of single instances", self.name);
                (title, "expected the component as a whole".to_owned())
            }
            Which::At(_) if !self.metric.of_some() => {
                let title = format!("the {} is not told of some of the instances", self.name);
                (title, "expected the component as a whole".to_owned())
            }
            _ => return,
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
            (Named::Machine(_, spec, _), resource) => spec.has_resource(*resource),
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
        let instances = match probe.subject {
            Subject::Component(component) | Subject::Instances(component, _) => {
                deployment.instances_of(component)
            }
            _ => None,
        };
        match instances {
            Some(count) if probe.metric.statistic == Statistic::BusiestInstance => {
                probe.of_each(usize::try_from(count).unwrap_or(1))
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
        let subject = self.subject.as_ref().filter(|_| self.metric.about == About::Component);
        let named = subject.map(|subject| named(deployment, subject).expect(CHECKED));
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
            (_, WrittenArgument::Duration(span)) => Argument::Duration(*span),
            (_, WrittenArgument::None) => Argument::None,
        };
        let subject = match (self.metric.about, named) {
            (About::Run, _) => Subject::Run,
            (_, Some(Named::Link)) => {
                Subject::Link(subject.map_or_else(String::new, |name| name.value.clone()))
            }
            (_, Some(Named::Component(index, _, which) | Named::Machine(index, _, which))) => {
                match which {
                    Which::All => Subject::Component(index),
                    Which::One(instance) => Subject::Instances(index, vec![instance as usize]),
                    Which::At(all) => {
                        let all = all.into_iter().map(|instance| instance as usize);
                        Subject::Instances(index, all.collect())
                    }
                }
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
    let problem = Problem::unknown(place, "metric", name, &known);
    match problem.help {
        Some(_) => problem,
        // However many there are, what to write instead is said.
        None => problem.help(format!("valid here: {}", listed(&known, "and"))),
    }
}

/// How a metric may be written.
fn example(form: Form) -> String {
    match form {
        Form::Word(word) => word.to_owned(),
        Form::Percentile(stem) => format!("{stem}99"),
        Form::PercentileOfAll(stem) => format!("{stem}99{OF_ALL}"),
        Form::Resource(word) => format!("{word}:cpu"),
        Form::Outcome(word) => format!("{word}:ok"),
        Form::Number(word) => format!("{word}:2"),
        Form::Duration(word) => format!("{word}:1s"),
    }
}

/// What the slots of these are called.
fn slots(named: &Named<'_>) -> &'static str {
    match named {
        Named::Component(_, spec, _) => spec.slots(),
        Named::Link => BANDWIDTH,
        Named::Machine(..) => "",
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
        |name: &&str| links(deployment).iter().any(|(from, to)| format!("{from} -> {to}") == *name);
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
