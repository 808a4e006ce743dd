//! Messages between instances are lost.

use super::{Effects, Exclusion, Goes, Ground, Known, Verb};
use crate::control::faults::Interferes;
use crate::control::{FaultSpec, Way};
use crate::document::{At, Place, Problem, Problems, quoted};
use crate::engine::Stream;
use crate::message::{Attempt, LinkId, NodeId};
use crate::placement::Selector;
use crate::runtime::Interference;
use crate::units::Span;

/// Messages between instances are lost.
pub(super) struct Partition;

impl Goes for Partition {
    const EXCLUSION: Option<Exclusion> = None;

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.partition.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        let from = fault.from.as_ref().map(|from| from.place);
        vec![("from", from), ("way", fault.way.as_ref().map(|way| way.place))]
    }

    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Selector>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        known.check_selected(verb, of, true, problems);
        match &fault.from {
            Some(from) => known.check_selected(verb, from, true, problems),
            None if known.is_everything(&of.value) => {
                let title = format!("everything is at {}", quoted(&of.value.to_string()));
                let label = "there is nothing to part it from";
                problems.push(Problem::new(of.place, title, label));
            }
            None => {}
        }
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        let side = |scope: &Selector| {
            let mut side = vec![false; ground.count()];
            let domains = ground.domains(scope, true, stream);
            let nodes = domains.iter().flat_map(|domain| &domain.nodes);
            nodes.for_each(|node| side[node.0 as usize] = true);
            side
        };
        let inner = side(of);
        let outer = match &fault.from {
            Some(from) => side(&from.value),
            None => inner.iter().map(|inside| !inside).collect(),
        };
        let ways = match fault.way.as_ref().map_or(Way::Both, |way| way.value) {
            Way::Both => [true, true],
            Way::Out => [true, false],
            Way::In => [false, true],
        };
        let number = ground.interfere(Box::new(Cut { sides: [inner, outer], ways }));
        vec![(Box::new(Interferes(number)), stream.at(0))]
    }
}

/// Between whom no message passes.
#[derive(Debug)]
struct Cut {
    /// By instance: whether it is on the one side, and on the other.
    sides: [Vec<bool>; 2],
    /// Whether messages are lost that go from the one side to the other, and that come from there.
    ways: [bool; 2],
}

impl Interference for Cut {
    fn concerns(&self, _: LinkId) -> bool {
        true
    }

    fn impact(&self, _: &Attempt, from: NodeId, to: NodeId) -> Option<Span> {
        let is_at = |side: usize, node: NodeId| self.sides[side][node.0 as usize];
        let there = self.ways[0] && is_at(0, from) && is_at(1, to);
        let back = self.ways[1] && is_at(1, from) && is_at(0, to);
        (!there && !back).then_some(Span::ZERO)
    }
}
