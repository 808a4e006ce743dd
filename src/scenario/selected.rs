//! What is selected and is not there, or cannot feel what goes wrong with it.

use crate::component::ComponentSpec;
use crate::control::Verb;
use crate::deployment::{Deployment, Named};
use crate::document::{At, Problem, Problems, quoted};
use crate::placement::{Area, PlaceName, Selector};

use super::places::{among, report_unknown};

/// Reports instances that are not there, or cannot feel this; clients can only if that is said.
/// `declared` are the names of all components, those that could not be read among them.
pub(super) fn check_selected(
    deployment: &Deployment,
    declared: &[String],
    (verb, clients): (Verb, bool),
    scope: &At<Selector>,
    problems: &mut Problems,
) {
    let At { value: selector, place } = scope;
    let Some(named) = deployment.named(selector) else {
        return report_unknown_name(scope, deployment, declared, problems);
    };
    let name = selector.name.value.as_str();
    let problem = match named {
        Named::Client(_) if !clients => {
            let title = format!("{} is a client", quoted(name));
            Some(Problem::new(*place, title, "expected a component"))
        }
        Named::Client(_) => numbered(scope, 1),
        Named::Component(component) => {
            let spec = &deployment.topology.0[component].1;
            let unfelt = immunity(spec, verb).map(|why| {
                let title = format!("{} does not feel a `{}`", quoted(name), verb.word());
                Problem::new(*place, title, why)
            });
            unfelt.or_else(|| numbered(scope, spec.instances()))
        }
        Named::Area(area) => at_place(scope, area, verb, deployment),
    };
    match (problem, &selector.at) {
        (Some(problem), _) => problems.push(problem),
        (None, Some(at)) if deployment.places.find(&at.value).is_none() => {
            report_unknown(&deployment.places, at, problems);
        }
        _ if deployment.fault_domains(selector, clients).is_empty() => {
            problems.push(nothing_there(scope));
        }
        _ => {}
    }
}

/// Why a kind of component does not feel this, if it does not.
fn immunity(spec: &ComponentSpec, verb: Verb) -> Option<&'static str> {
    let kind = spec.kind();
    let lacks = verb.needs_backups() && !kind.capabilities().backs_up;
    kind.immunity(verb).or_else(|| lacks.then_some("it has no `backup`"))
}

/// What is wrong with a number, of so many.
fn numbered(scope: &At<Selector>, count: u64) -> Option<Problem> {
    let At { value: selector, place } = scope;
    selector.index.filter(|index| *index >= count)?;
    let title = format!("there is no {}", quoted(&selector.to_string()));
    Some(Problem::new(*place, title, among(&selector.name.value, count)))
}

/// What is wrong with a fault of all that is at a place.
fn at_place(
    scope: &At<Selector>,
    area: Area,
    verb: Verb,
    deployment: &Deployment,
) -> Option<Problem> {
    let At { value: selector, place } = scope;
    let name = &selector.name.value;
    if selector.share.is_some() && !matches!(area, Area::Machine(..)) {
        let title = format!("a share of {}, but of which component there?", quoted(name));
        let label = "expected a component such as 25% of app@us-east";
        return Some(Problem::new(*place, title, label));
    }
    let mut components = deployment.topology.iter().enumerate();
    components.find_map(|(component, (there, spec))| {
        let why = immunity(spec, verb)?;
        let title = format!("{} does not feel a `{}`", quoted(&there.value), verb.word());
        let problem = Problem::new(*place, title, format!("it is there, and {why}"));
        let help = format!("name the components that do, such as `{}: app@{name}`", verb.word());
        deployment.concerns(selector, component).then(|| problem.help(help))
    })
}

/// A selector that selects nothing.
fn nothing_there(scope: &At<Selector>) -> Problem {
    let Selector { name, at, .. } = &scope.value;
    let title = match at {
        Some(at) => format!("no instance of {} is at {}", quoted(&name.value), at.value),
        None => format!("nothing is placed at {}", quoted(&scope.value.to_string())),
    };
    Problem::new(scope.place, title, "this concerns nothing")
}

/// Reports that there is nothing of this name.
fn report_unknown_name(
    scope: &At<Selector>,
    deployment: &Deployment,
    declared: &[String],
    problems: &mut Problems,
) {
    let Selector { name, index, .. } = &scope.value;
    // One that could not be read has been reported.
    if declared.contains(&name.value) {
        return;
    }
    let places = &deployment.places;
    if places.machines.get(&name.value).is_some() {
        let value = PlaceName { name: name.value.clone(), index: *index };
        return report_unknown(places, &At { value, place: scope.place }, problems);
    }
    let places = places.names();
    let known: Vec<&str> = declared.iter().chain(&places).map(String::as_str).collect();
    let what = if places.is_empty() { "component" } else { "component or place" };
    problems.unknown(name.place, what, &name.value, &known);
}
