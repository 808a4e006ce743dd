//! Nodes that leave or join and cannot: who is not there any more, not yet, or already; and nodes
//! that stand by for nothing.

use crate::control::{FaultSpec, MembershipChange};
use crate::deployment::Deployment;
use crate::document::{At, Place, Problem, Problems, quoted};
use crate::message::NodeId;
use crate::placement::Selector;
use crate::units::Span;

/// What happens to instances, and when.
struct Event<'a> {
    at: Span,
    /// `None` of a fault for which they must be there.
    change: Option<MembershipChange>,
    of: &'a At<Selector>,
    nodes: Vec<NodeId>,
}

/// Reports nodes that leave or join and cannot. All faults are sound by themselves.
pub(super) fn check_membership(deployment: &Deployment, problems: &mut Problems) {
    let mut events = events(deployment);
    events.sort_by_key(|event| event.at);
    let mut first = 0;
    for (name, spec) in deployment.topology.iter() {
        let instances = spec.instances() as u32;
        let members = Members::new(first, instances, spec.kind().spares() as u32);
        first += instances;
        members.follow(&name.value, name.place, &events, problems);
    }
}

/// All that leave, join or have a fault by their number, in the order of the scenario.
fn events(deployment: &Deployment) -> Vec<Event<'_>> {
    deployment.faults.iter().filter_map(|fault| event(deployment, fault)).collect()
}

fn event<'a>(deployment: &Deployment, fault: &'a FaultSpec) -> Option<Event<'a>> {
    let (verb, of) = fault.verbs().next()?;
    // All instances of a component are those that are there.
    let named = verb.changes().is_some() || of.value.index.is_some();
    let at = fault.at.as_ref().filter(|_| named)?.value;
    let domains = deployment.fault_domains(&of.value, false).into_iter();
    let nodes = domains.flat_map(|domain| domain.nodes).collect();
    Some(Event { at, change: verb.changes(), of, nodes })
}

/// The instances of one component, and which of them are there.
struct Members {
    first: u32,
    /// Whether each has been there, and whether it is.
    known: Vec<(bool, bool)>,
}

impl Members {
    fn new(first: u32, instances: u32, spares: u32) -> Members {
        let there = |n: u32| n < instances - spares;
        Members { first, known: (0..instances).map(|n| (there(n), there(n))).collect() }
    }

    /// Lets all events happen in their order, up to the first that cannot.
    fn follow(mut self, name: &str, place: Place, events: &[Event], problems: &mut Problems) {
        for event in events {
            let mine = event.nodes.iter().filter_map(|node| node.0.checked_sub(self.first));
            let mine: Vec<u32> = mine.filter(|n| (*n as usize) < self.known.len()).collect();
            if let Some(problem) = mine.iter().find_map(|&n| self.change(name, n, event)) {
                return problems.push(problem);
            }
            if !mine.is_empty() && self.known.iter().all(|(_, is)| !is) {
                let title = format!("no instance of {} is left", quoted(name));
                return problems.push(Problem::new(event.of.place, title, "this is the last"));
            }
        }
        if let Some(spare) = self.known.iter().position(|(was, _)| !was) {
            let title = format!("{name}[{spare}] stands by and never joins");
            let help = format!("faults: [{{join: \"{name}[{spare}]\", at: 4min}}]");
            let problem = Problem::new(place, title, "expected fewer `spares`, or a fault");
            problems.push(problem.help(help));
        }
    }

    fn change(&mut self, name: &str, number: u32, event: &Event) -> Option<Problem> {
        let (was, is) = &mut self.known[number as usize];
        let (one, at) = (format!("{name}[{number}]"), event.at);
        let joins = event.change == Some(MembershipChange::Joins);
        let title = match (joins, *was, *is) {
            (true, true, true) => format!("{one} is there already at {at}"),
            (true, true, false) => format!("{one} has left before {at}, for good"),
            (false, true, false) => format!("{one} has left by {at}"),
            (false, false, _) => format!("{one} has not joined by {at}"),
            _ => {
                (*was, *is) = (true, joins || event.change.is_none());
                return None;
            }
        };
        Some(Problem::new(event.of.place, title, "this cannot be"))
    }
}
