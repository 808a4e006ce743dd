//! A database returns to how it was at an earlier time, by its backups.

use super::{Effects, Exclusion, Goes, Ground, Known, Verb};
use crate::control::FaultSpec;
use crate::control::faults::Effect;
use crate::document::{At, Place, Problem, Problems};
use crate::engine::Stream;
use crate::message::{Command, NodeId};
use crate::placement::Selector;
use crate::runtime::ControlCtx;
use crate::units::{Span, Time};

/// A database returns to how it was at an earlier time, by its backups.
pub(super) struct Restore;

/// Instances are told to return to how they were.
#[derive(Debug)]
struct Returns {
    nodes: Vec<NodeId>,
    to: Time,
}

impl Effect for Returns {
    fn set(&self, on: bool, ctx: &mut ControlCtx) {
        for &node in self.nodes.iter().filter(|_| on) {
            ctx.command(node, Command::ReturnTo(self.to));
        }
    }
}

impl Goes for Restore {
    const EXCLUSION: Option<Exclusion> = None;
    const NEEDS_BACKUPS: bool = true;

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.restore.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        vec![("back_to", fault.back_to.as_ref().map(|to| to.place))]
    }

    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Selector>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        let lasts = fault.r#for.as_ref().map(|lasts| ("for", lasts.place));
        let every = fault.every.as_ref().map(|every| ("every", every.place));
        for (other, place) in lasts.into_iter().chain(every) {
            let title = format!("a `restore` has no `{other}`");
            let label = "it begins at a known time, and how long it takes is found out";
            problems.push(Problem::new(place, title, label));
        }
        match (&fault.back_to, &fault.at) {
            (None, _) => {
                let title = "back to which time?";
                problems.push(Problem::new(of.place, title, "expected `back_to: 10min` beside"));
            }
            (Some(to), Some(at)) if to.value > at.value => {
                let label = format!("expected a time up to {}", at.value);
                problems.push(Problem::new(to.place, "back to a time that is yet to come", label));
            }
            _ => {}
        }
        known.check_selected(verb, of, false, problems);
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        let domains = ground.domains(of, false, stream).into_iter();
        let nodes = domains.flat_map(|domain| domain.nodes).collect();
        let to = Time::ZERO + fault.back_to.as_ref().map_or(Span::ZERO, |to| to.value);
        vec![(Box::new(Returns { nodes, to }), stream)]
    }
}
