//! Whom the brackets of a figure name: request types, a component, some of its instances, a link.

use crate::component::ComponentSpec;
use crate::deployment::Deployment;
use crate::document::{At, Name, Problem, Problems, quoted};
use crate::placement::{Area, PlaceName, Selector};

use super::links::pipes;
use super::places::report_unknown;

/// What brackets name.
pub(super) enum Named<'a> {
    Component(usize, &'a ComponentSpec, Which),
    Link,
}

/// Which instances of a component brackets name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Which {
    All,
    /// One, which may not be there.
    One(u64),
    /// Those in a place.
    At(Vec<u64>),
}

/// The component, some of its instances, or the link that messages share, of this name.
pub(super) fn named<'a>(deployment: &'a Deployment, name: &Name) -> Option<Named<'a>> {
    let component = |name: &str, which: &dyn Fn(usize) -> Option<Which>| {
        let index = deployment.topology.index(name)?;
        Some(Named::Component(index, &deployment.topology.0[index].1, which(index)?))
    };
    if let Some(whole) = component(&name.value, &|_| Some(Which::All)) {
        return Some(whole);
    }
    if pipes(deployment).contains(&name.value) {
        return Some(Named::Link);
    }
    let selector = Selector::parse(name).filter(|selector| selector.share.is_none())?;
    component(&selector.name.value, &|component| match (selector.index, &selector.at) {
        (Some(index), _) => Some(Which::One(index)),
        (None, Some(at)) => {
            deployment.places.find(&at.value)?;
            Some(Which::At(deployment.instances_at(component, &selector)))
        }
        (None, None) => Some(Which::All),
    })
}

/// `GET / @ us-east`: what is at a place, and the place.
fn split_place<'a>(name: &'a str, deployment: &Deployment) -> Option<(&'a str, Area)> {
    let (name, place) = name.rsplit_once('@')?;
    let area = deployment.places.find(&PlaceName::parse(place.trim())?)?;
    Some((name.trim_end(), area))
}

/// Reports a component that is not there, or a place that it is not at.
pub(super) fn report_unnamed(
    subject: &Name,
    deployment: &Deployment,
    known: &[&str],
    problems: &mut Problems,
) {
    let Some(selector) = Selector::parse(subject) else {
        return problems.unknown(subject.place, "component", &subject.value, known);
    };
    let Selector { name, at, share, .. } = &selector;
    if share.is_some() {
        let label = "expected a component, one instance of it, or those at a place";
        return problems.push(Problem::new(subject.place, "this share has no figures", label));
    }
    match at.as_ref().filter(|_| deployment.topology.get(&name.value).is_some()) {
        Some(at) => report_unknown(&deployment.places, at, problems),
        // One that could not be read has been reported.
        None if known.contains(&name.value.as_str()) => {}
        None => problems.unknown(name.place, "component", &name.value, known),
    }
}

/// Reports requests that nobody sends, or nobody at a place.
pub(super) fn report_unsent(subject: &Name, deployment: &Deployment, problems: &mut Problems) {
    let At { value: text, place } = subject;
    let parts = text.rsplit_once('@').map(|(types, at)| (types.trim_end(), at.trim()));
    let parts = parts.filter(|(types, _)| is_sent(deployment, types));
    let Some((types, at, named)) = parts.and_then(|(t, at)| Some((t, at, PlaceName::parse(at)?)))
    else {
        return problems.unknown(*place, "request type", text, &subjects(deployment));
    };
    let start = at.as_ptr() as usize - text.as_ptr() as usize;
    let at = At { value: named, place: place.part(text, start..start + at.len()) };
    if deployment.places.find(&at.value).is_none() {
        return report_unknown(&deployment.places, &at, problems);
    }
    let title = format!("{} is sent from elsewhere", quoted(types));
    problems.push(Problem::new(at.place, title, "no client that sends it is there"));
}

/// The request types that `subject` means, counted over all clients in their order: those of this
/// name whichever client sends them, those of a client by its name, or one of one client (`bots/GET
/// /`).
///
/// `GET / @ us-east` are those of clients in a place alone.
pub fn kinds(deployment: &Deployment, subject: &str) -> Vec<usize> {
    let whole = types_of(deployment, subject);
    match split_place(subject, deployment).filter(|_| whole.is_empty()) {
        Some((subject, area)) => {
            let there = |client| area.contains(deployment.position_of_client(client));
            let there = of_clients(deployment, there);
            types_of(deployment, subject).into_iter().filter(|&of| there[of]).collect()
        }
        None => whole,
    }
}

/// For each request type, whether its client, by its number, is such.
fn of_clients(deployment: &Deployment, is: impl Fn(usize) -> bool) -> Vec<bool> {
    let types = deployment.request_names().map(|names| names.len()).enumerate();
    types.flat_map(|(client, count)| std::iter::repeat_n(is(client), count)).collect()
}

fn types_of(deployment: &Deployment, subject: &str) -> Vec<usize> {
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
