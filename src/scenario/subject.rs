//! Whom the brackets of a figure name: request types, a component, some of its instances, a link.

use crate::component::ComponentSpec;
use crate::deployment::Deployment;
use crate::document::{At, Name, Problem, Problems, quoted};
use crate::placement::{PlaceName, Selector};
use crate::work::MachineSpec;

use super::links::pipes;
use super::places::report_unknown;

/// What brackets name.
pub(super) enum Named<'a> {
    Component(usize, &'a ComponentSpec, Which),
    Link,
    /// Machines, by their number among what has figures, all of them or one.
    Machine(usize, &'a MachineSpec, Which),
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

/// The component, some of its instances, the link that messages share, or the machines, of this
/// name.
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
    let machine = deployment.equipped_named(&selector.name.value);
    if let Some(machine) = machine.filter(|_| selector.at.is_none()) {
        let which = selector.index.map_or(Which::All, Which::One);
        return Some(Named::Machine(machine.component, machine.spec, which));
    }
    component(&selector.name.value, &|component| match (selector.index, &selector.at) {
        (Some(index), _) => Some(Which::One(index)),
        (None, Some(at)) => {
            deployment.places.find(&at.value)?;
            Some(Which::At(deployment.instances_at(component, &selector)))
        }
        (None, None) => Some(Which::All),
    })
}

/// `GET / @ us-east`: the requests, if any are named, and the place.
fn split_place(subject: &str) -> (Option<&str>, &str) {
    match subject.rsplit_once('@') {
        Some((name, place)) => (Some(name.trim_end()), place.trim()),
        None => (None, subject),
    }
}

/// Reports that `subject` is nothing of which the figure `figure` is: a component that is not
/// there, or a place that is none, or all that is at a place.
pub(super) fn report_unnamed(
    figure: &str,
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
        None if deployment.places.area(&name.value, selector.index).is_some() => {
            let title = format!("the {figure} of what at {}?", quoted(&selector.to_string()));
            let label = format!("expected a component there: {figure}(app@{selector})");
            problems.push(Problem::new(subject.place, title, label));
        }
        // One that could not be read has been reported.
        None if known.contains(&name.value.as_str()) => {}
        None => problems.unknown(name.place, "component", &name.value, known),
    }
}

/// Reports requests that no client sends, or none at a place.
pub(super) fn report_unsent(subject: &Name, deployment: &Deployment, problems: &mut Problems) {
    let At { value: text, place } = subject;
    let part = |inner: &str| {
        let start = inner.as_ptr() as usize - text.as_ptr() as usize;
        place.part(text, start..start + inner.len())
    };
    let (types, at) = split_place(text);
    let sent = types.is_none_or(|types| !types_of(deployment, types).is_empty());
    let value = PlaceName::parse(at);
    let known = value.as_ref().is_some_and(|at| deployment.places.find(at).is_some());
    match (types, value) {
        (Some(types), _) if known && !sent => {
            problems.unknown(part(types), "request type", types, &subjects(deployment));
        }
        (Some(types), _) if known => {
            let title = format!("{} is sent from elsewhere", quoted(types));
            problems.push(Problem::new(part(at), title, "no client that sends it is there"));
        }
        (None, _) if known => {
            let title = format!("nothing is sent from {}", quoted(at));
            problems.push(Problem::new(*place, title, "no client is there"));
        }
        (Some(_), Some(value)) if sent => {
            report_unknown(&deployment.places, &At { value, place: part(at) }, problems);
        }
        _ => problems.unknown(*place, "request type", text, &subjects(deployment)),
    }
}

/// The request types that `subject` means, counted over all clients in their order: those of this
/// name whichever client sends them, those of a client by its name, or one of one client (`bots/GET
/// /`); of these, those of clients at a place (`GET / @ us-east`), or all of clients there
/// (`us-east`).
pub fn kinds(deployment: &Deployment, subject: &str) -> Vec<usize> {
    let whole = types_of(deployment, subject);
    let (types, place) = split_place(subject);
    let area = || deployment.places.find(&PlaceName::parse(place)?);
    let Some(area) = Some(()).filter(|()| whole.is_empty()).and_then(|()| area()) else {
        return whole;
    };
    let at = |client| area.contains(deployment.position_of_client(client));
    let there = of_clients(deployment, at);
    let all = types.map_or_else(|| (0..there.len()).collect(), |of| types_of(deployment, of));
    all.into_iter().filter(|&of| there[of]).collect()
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
fn subjects(deployment: &Deployment) -> Vec<&str> {
    let clients = deployment.clients.names();
    let several = clients.len() > 1;
    let types = all_types(deployment).map(|(_, name)| name);
    types.chain(clients.filter(|_| several)).collect()
}
