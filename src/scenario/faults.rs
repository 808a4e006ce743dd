//! What typed reading cannot see of faults: who is not there or cannot feel them, words that do not
//! belong to them, times that never come, and faults of what is down already.

use std::cmp::Ordering;

use crate::control::{FaultSpec, Known, Verb};
use crate::deployment::Deployment;
use crate::distribution::Delay;
use crate::document::{At, Place, Problem, Problems, quoted};
use crate::message::NodeId;
use crate::placement::Selector;
use crate::units::Span;

use super::calls::links;
use super::membership::check_membership;
use super::selected::check_selected;

/// What is up, or down, for less on average would do nothing else (s).
const SHORTEST: f64 = 1e-3;

/// Reports impossible faults. `declared` are the names of all components, those that could not be
/// read among them; `places` are those of the faults.
pub(super) fn check_faults(
    deployment: &Deployment,
    declared: &[String],
    places: &[Place],
    duration: Span,
    problems: &mut Problems,
) {
    let mut sound: Vec<Concerned> = Vec::new();
    for (fault, &place) in deployment.faults.iter().zip(places) {
        if problems.within(place) {
            continue;
        }
        let Some((verb, scope)) = the_verb(fault, place, problems) else { continue };
        check_words(fault, verb, problems);
        verb.check(fault, scope, &(deployment, declared), problems);
        if !problems.within(place) {
            check_when(fault, (verb, scope), duration, problems);
        }
        if !problems.within(place) {
            let domains = deployment.fault_domains(&scope.value, false).into_iter();
            let this = (fault, domains.flat_map(|domain| domain.nodes).collect());
            let found = sound.iter().find_map(|other| twice(&this, other));
            found.into_iter().for_each(|problem| problems.push(problem));
            sound.push(this);
        }
    }
    if sound.len() == deployment.faults.len() {
        check_membership(deployment, problems);
    }
}

/// What goes wrong, and of whom, if that is one thing.
fn the_verb<'a>(
    fault: &'a FaultSpec,
    place: Place,
    problems: &mut Problems,
) -> Option<(Verb, &'a At<Selector>)> {
    let mut verbs = fault.verbs();
    let Some((verb, scope)) = verbs.next() else {
        let words: Vec<String> = Verb::ALL.iter().map(|of| format!("`{}`", of.word())).collect();
        let (last, others) = words.split_last().expect("something can go wrong");
        let label = format!("expected {} or {last}", others.join(", "));
        problems.push(Problem::new(place, "nothing goes wrong by this fault", label));
        return None;
    };
    if let Some((other, second)) = verbs.next() {
        let title = format!("this fault is a `{}` and a `{}`", verb.word(), other.word());
        let problem = Problem::new(second.place, title, "make two faults of it");
        problems.push(problem.also(scope.place, "the first"));
        return None;
    }
    Some((verb, scope))
}

/// Reports words that do not belong to what goes wrong.
fn check_words(fault: &FaultSpec, verb: Verb, problems: &mut Problems) {
    let own: Vec<&str> = verb.words(fault).into_iter().map(|(word, _)| word).collect();
    for &of in Verb::ALL {
        for (word, place) in of.words(fault).into_iter().filter(|(word, _)| !own.contains(word)) {
            let Some(place) = place else { continue };
            let title = format!("a `{}` has no `{word}`", verb.word());
            let label = format!("this is a word of `{}`", of.word());
            problems.push(Problem::new(place, title, label));
        }
    }
}

impl Known for (&Deployment, &[String]) {
    fn is_client(&self, name: &str) -> bool {
        self.0.clients.index(name).is_some()
    }

    fn is_everything(&self, selector: &Selector) -> bool {
        let domains = self.0.fault_domains(selector, true);
        let nodes: usize = domains.iter().map(|domain| domain.nodes.len()).sum();
        selector.share.is_none() && nodes == self.0.nodes()
    }

    fn check_selected(
        &self,
        verb: Verb,
        of: &At<Selector>,
        clients: bool,
        problems: &mut Problems,
    ) {
        check_selected(self.0, self.1, (verb, clients), of, problems);
    }

    fn components(&self) -> Vec<&str> {
        self.1.iter().map(String::as_str).collect()
    }

    fn links(&self) -> Vec<(String, String)> {
        links(self.0)
    }
}

/// Reports times that never come or come to nothing.
fn check_when(
    fault: &FaultSpec,
    (verb, scope): (Verb, &At<Selector>),
    duration: Span,
    problems: &mut Problems,
) {
    let FaultSpec { at, every, r#for: lasts, .. } = fault;
    let word = verb.word();
    let short = |time: &At<Delay>| time.value.mean() < SHORTEST;
    let random = |time: &At<Delay>| time.value.0.constant().is_none();
    let problem = match (at, every, lasts) {
        (None, None, _) => {
            let title = format!("when is this {word} of {}?", quoted(&scope.value.to_string()));
            Problem::new(scope.place, title, "expected `at: 4min` or `every: exp(30d)` beside")
        }
        (Some(at), Some(every), _) => {
            let problem = Problem::new(every.place, "this fault has two times", "leave one out");
            problem.also(at.place, "the other")
        }
        (Some(at), None, _) if at.value >= duration => {
            let title = format!("the run is over before {} ({duration})", at.value);
            Problem::new(at.place, title, "expected a time within the run")
        }
        (Some(at), None, Some(lasts)) if random(lasts) => {
            let label = "expected a duration, or `every` in place of `at`";
            let title = format!("a {word} at a known time lasts a known time");
            Problem::new(lasts.place, title, label).also(at.place, "the known time")
        }
        (_, Some(every), _) if short(every) => {
            let title = "this fault comes more than a thousand times a second";
            Problem::new(every.place, title, "expected a mean of at least 1ms")
        }
        (_, _, Some(lasts)) if short(lasts) => {
            let label = "expected a duration of at least 1ms";
            Problem::new(lasts.place, format!("this {word} is over at once"), label)
        }
        _ => return,
    };
    problems.push(problem);
}

/// A fault with the instances that it may concern, in their order.
type Concerned<'a> = (&'a FaultSpec, Vec<NodeId>);

/// What is wrong with a fault beside another before it: that both are of one instance at one time.
fn twice((fault, nodes): &Concerned, (other, others): &Concerned) -> Option<Problem> {
    let ((verb, one), (before, two)) = (fault.verbs().next()?, other.verbs().next()?);
    let apart = verb.exclusion().is_none() || verb.exclusion() != before.exclusion();
    if apart || !meet(nodes, others) {
        return None;
    }
    let name = &one.value;
    let title = if fault.every.is_some() || other.every.is_some() {
        format!("{name} has this fault by chance, and another as well")
    } else if overlap(fault, other)? {
        format!("{name} has this fault while it has another")
    } else {
        return None;
    };
    Some(Problem::new(one.place, title, "this is the second fault").also(two.place, "the first"))
}

/// Whether two ordered lists have an instance in common.
fn meet(mut one: &[NodeId], mut other: &[NodeId]) -> bool {
    while let ([first, rest @ ..], [second, others @ ..]) = (one, other) {
        match first.cmp(second) {
            Ordering::Equal => return true,
            Ordering::Less => one = rest,
            Ordering::Greater => other = others,
        }
    }
    false
}

fn overlap(fault: &FaultSpec, other: &FaultSpec) -> Option<bool> {
    let from = |fault: &FaultSpec| Some(fault.at.as_ref()?.value.secs());
    let lasts = |fault: &FaultSpec| fault.r#for.as_ref().map(|lasts| lasts.value.mean());
    let to = |fault| Some(from(fault)? + lasts(fault).unwrap_or(f64::INFINITY));
    Some(from(fault)? < to(other)? && from(other)? < to(fault)?)
}
