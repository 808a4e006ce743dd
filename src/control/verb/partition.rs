//! Messages between instances are lost.

use super::{Effects, Exclusion, Goes, Ground, Known, Verb, check_instances};
use crate::control::faults::Interferes;
use crate::control::{FaultSpec, Scope, Way};
use crate::document::{At, Place, Problems};
use crate::engine::Stream;
use crate::message::{LinkId, NodeId, Request};
use crate::runtime::Interference;
use crate::units::Span;

/// Messages between instances are lost.
pub(super) struct Partition;

impl Goes for Partition {
    const EXCLUSION: Option<Exclusion> = None;

    fn of(fault: &FaultSpec) -> Option<&At<Scope>> {
        fault.partition.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        let from = fault.from.as_ref().map(|from| from.place);
        vec![("from", from), ("way", fault.way.as_ref().map(|way| way.place))]
    }

    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Scope>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        check_instances(verb, of, true, known, problems);
        fault.from.iter().for_each(|from| check_instances(verb, from, true, known, problems));
    }

    fn effects(fault: &FaultSpec, of: &Scope, ground: &mut dyn Ground, stream: Stream) -> Effects {
        let side = |scope: &Scope| {
            let mut side = vec![false; ground.count()];
            let nodes = ground.instances(scope, stream);
            nodes.iter().for_each(|(_, node)| side[node.0 as usize] = true);
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

    fn impact(&self, _: &Request, from: NodeId, to: NodeId) -> Option<Span> {
        let is_at = |side: usize, node: NodeId| self.sides[side][node.0 as usize];
        let there = self.ways[0] && is_at(0, from) && is_at(1, to);
        let back = self.ways[1] && is_at(1, from) && is_at(0, to);
        (!there && !back).then_some(Span::ZERO)
    }
}
