//! Instances that leave for good and instances that join, and when those who ask them learn of it.

use super::{Effects, Ground};
use crate::control::FaultSpec;
use crate::control::faults::Effect;
use crate::document::{At, Place, Problem, Problems};
use crate::engine::Stream;
use crate::message::{Command, NodeId};
use crate::placement::Selector;
use crate::runtime::ControlCtx;
use crate::units::Span;

/// The word for how late those who ask learn of it.
const KNOWN_AFTER: &str = "known_after";

/// How it changes which instances there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MembershipChange {
    /// Those that stood by are there from then on.
    Joins,
    /// They are gone for good.
    Leaves,
}

/// Instances leave or join; those who ask them learn of it at once or when the fault is over.
#[derive(Debug)]
struct Membership {
    nodes: Vec<NodeId>,
    change: MembershipChange,
    at_once: bool,
}

impl Effect for Membership {
    fn set(&self, on: bool, ctx: &mut ControlCtx) {
        let (command, here) = match self.change {
            MembershipChange::Joins => (Command::Join, true),
            MembershipChange::Leaves => (Command::Leave, false),
        };
        for &node in &self.nodes {
            if on {
                ctx.command(node, command);
            }
            if !on || self.at_once {
                ctx.announce(node, here);
            }
        }
    }
}

/// The words that go with it.
pub(super) fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
    vec![(KNOWN_AFTER, fault.known_after.as_ref().map(|after| after.place))]
}

/// Reports words that make no sense beside `leave` and `join`.
pub(super) fn check(fault: &FaultSpec, of: &At<Selector>, word: &str, problems: &mut Problems) {
    let lasts = fault.r#for.as_ref().map(|lasts| ("for", lasts.place));
    let every = fault.every.as_ref().map(|every| ("every", every.place));
    for (other, place) in lasts.into_iter().chain(every) {
        let title = format!("a `{word}` has no `{other}`");
        let help = "an instance leaves once and for good, and joins once; for others, `crash` it";
        let problem = Problem::new(place, title, "it happens once, at a known time");
        problems.push(problem.help(help));
    }
    if of.value.share.is_some() {
        let label = "expected an instance, such as memo[7]";
        problems.push(Problem::new(of.place, format!("a `{word}` of a share"), label));
    }
}

/// What it does, once.
pub(super) fn effects(
    of: &Selector,
    change: MembershipChange,
    fault: &FaultSpec,
    ground: &dyn Ground,
    stream: Stream,
) -> Effects {
    let domains = ground.domains(of, false, stream).into_iter();
    let nodes = domains.flat_map(|domain| domain.nodes).collect();
    vec![(Box::new(Membership { nodes, change, at_once: lasts(fault).is_none() }), stream)]
}

/// How long until those who ask know of it; `None` if they do at once.
pub(super) fn lasts(fault: &FaultSpec) -> Option<Span> {
    let after = fault.known_after.as_ref().map_or(Span::ZERO, |after| after.value);
    (after > Span::ZERO).then_some(after)
}
