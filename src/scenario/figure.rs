//! One figure of a run, as it is asked for: `p99(GET /product)`, `utilisation(main)`,
//! `error_rate(shoppers) during 4min..5min`.

use crate::component::ComponentSpec;
use crate::deployment::Deployment;
use crate::document::{At, Choice, Node, Place, Problem, Problems, quoted};
use crate::units::{Quantity, Span};

use super::links::pipes;
use super::metric::Metric;

/// A metric and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What is measured.
    pub metric: Metric,
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
    /// Reads the figure that is `text`, a part of the scalar `node`. An error is whether a problem
    /// was reported: that brackets do not match is left to whoever knows what was expected.
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
        let metric = Metric::ALL.iter().copied().find(|metric| metric.to_string() == name);
        let Some(metric) = metric else {
            let known: Vec<&str> = Metric::TAGS.iter().map(|tag| tag.text).collect();
            problems.unknown(place, "metric", name, &known);
            return Err(true);
        };
        let subject = subject
            .filter(|subject| !subject.is_empty())
            .map(|subject| At { value: subject.to_owned(), place: part(node, subject) });
        Ok(Figure { metric, subject, during, place })
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
        let metric = self.metric;
        self.check_window(duration, problems);
        match &self.subject {
            None if metric.of_component() => {
                let title = format!("the {metric} of what?");
                let label = format!("expected a component: {metric}(app)");
                problems.push(Problem::new(self.place, title, label));
            }
            None if metric == Metric::StaleRate && deployment.catalog.is_empty() => {
                let label = "expected a `catalog`, and requests with `keys` of it";
                problems.push(Problem::new(self.place, "nothing has versions", label));
            }
            None => self.check_users(deployment, problems),
            Some(subject) if metric.of_component() => {
                self.check_component(subject, deployment, declared, problems);
            }
            Some(subject) if !is_sent(deployment, &subject.value) => {
                let known = subjects(deployment);
                problems.unknown(subject.place, "request type", &subject.value, &known);
            }
            Some(_) => self.check_users(deployment, problems),
        }
    }

    /// Reports figures of what users have for themselves where they have nothing.
    fn check_users(&self, deployment: &Deployment, problems: &mut Problems) {
        let meant = || match &self.subject {
            None => (0..named(deployment).count()).collect(),
            Some(subject) => kinds(deployment, &subject.value),
        };
        let (title, label) = if self.metric.of_browser() && !deployment.browses(&meant()) {
            ("none of these users has a cache", "expected clients with a `browser_cache`")
        } else if self.metric == Metric::LeakRate && !deployment.tells_users_apart() {
            ("no answer is for one user alone", "expected a `catalog` with `per_user: true`")
        } else {
            return;
        };
        problems.push(Problem::new(self.place, title, label));
    }

    fn check_component(
        &self,
        subject: &At<String>,
        deployment: &Deployment,
        declared: &[String],
        problems: &mut Problems,
    ) {
        let name = &subject.value;
        if !declared.contains(name) {
            let pipes = pipes(deployment);
            if !pipes.contains(name) {
                let known: Vec<&str> = declared.iter().chain(&pipes).map(String::as_str).collect();
                problems.unknown(subject.place, "component", name, &known);
            }
        } else if self.metric.of_cache()
            && deployment.topology.get(name).is_some_and(|spec| spec.cache().is_none())
        {
            let title = format!("{} has no cache", quoted(name));
            let label = "expected a cache, or a server with a `cache` of its own";
            problems.push(Problem::new(subject.place, title, label));
        } else if self.metric == Metric::Leaks
            && let Some(cache) = deployment.topology.get(name).and_then(ComponentSpec::cache)
            && !cache.goes_by_the_header()
        {
            let title = format!("{} tells users apart", quoted(name));
            problems.push(Problem::new(
                subject.place,
                title,
                "expected a cache with `ttl: header`",
            ));
        } else if self.metric.of_sessions()
            && deployment.topology.get(name).is_some_and(|spec| !has_sessions(spec))
        {
            let title = format!("{} has no sessions", quoted(name));
            problems.push(Problem::new(subject.place, title, "expected a server with `sessions`"));
        } else if self.metric == Metric::Utilisation
            && let Some(label) = deployment.topology.get(name).and_then(endless)
        {
            let title = format!("{} has nothing that can run out", quoted(name));
            problems.push(Problem::new(subject.place, title, label));
        }
    }

    fn check_window(&self, duration: Span, problems: &mut Problems) {
        let Some(At { value: During { from, to }, place }) = self.during else { return };
        let (title, label) = if !self.metric.over_time() {
            let title = format!("the {} is not told over time", self.metric);
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
}

impl During {
    fn parse(text: &str) -> Option<During> {
        let (from, to) = text.split_once("..")?;
        Some(During { from: Span::parse(from.trim())?, to: Span::parse(to.trim())? })
    }
}

/// Where `inner`, a part of the text of the scalar `node`, stands.
pub(super) fn part(node: &Node, inner: &str) -> Place {
    let Some(text) = node.text() else { return node.place };
    let start = inner.as_ptr() as usize - text.as_ptr() as usize;
    node.part(start..start + inner.len())
}

/// The request types that `subject` means, counted over all clients in their order: those of this
/// name whoever sends them, those of a client by its name, or one of one client (`bots/GET /`).
pub fn kinds(deployment: &Deployment, subject: &str) -> Vec<usize> {
    let mut ways = MEANINGS.iter().map(|means| {
        let all = named(deployment).enumerate();
        let found = all.filter(|(_, (client, name))| means(subject, client, name));
        found.map(|(kind, _)| kind).collect::<Vec<usize>>()
    });
    ways.find(|found| !found.is_empty()).unwrap_or_default()
}

/// Whether `subject` means a request type at all.
pub(super) fn is_sent(deployment: &Deployment, subject: &str) -> bool {
    let means = |client, name| MEANINGS.iter().any(|means| means(subject, client, name));
    named(deployment).any(|(client, name)| means(client, name))
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
fn named(deployment: &Deployment) -> impl Iterator<Item = (&str, &str)> {
    let clients = deployment.clients.names().zip(deployment.request_names());
    clients.flat_map(|(client, names)| names.into_iter().map(move |name| (client, name)))
}

/// What may stand in brackets, for a message: the clients only where there are several.
pub(super) fn subjects(deployment: &Deployment) -> Vec<&str> {
    let clients = deployment.clients.names();
    let several = clients.len() > 1;
    let types = named(deployment).map(|(_, name)| name);
    types.chain(clients.filter(|_| several)).collect()
}

fn has_sessions(spec: &ComponentSpec) -> bool {
    matches!(spec, ComponentSpec::Server(server) if server.sessions.is_some())
}

/// What would give a component something that can run out, if it has nothing.
fn endless(spec: &ComponentSpec) -> Option<&'static str> {
    match spec {
        ComponentSpec::LoadBalancer(balancer) if !balancer.has_capacity() => {
            Some("expected a load balancer with a `cost` or a limit of `connections`")
        }
        ComponentSpec::External(external) if external.concurrency.is_none() => {
            Some("expected an external service with a limit of `concurrency`")
        }
        _ => None,
    }
}
