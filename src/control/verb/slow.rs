//! An instance works more slowly.

use super::{Effects, Exclusion, Goes, Ground, Known, Verb, told};
use crate::control::FaultSpec;
use crate::document::{At, Place, Problem, Problems};
use crate::engine::Stream;
use crate::message::Command;
use crate::placement::Selector;

/// An instance works more slowly.
pub(super) struct Slow;

impl Goes for Slow {
    const EXCLUSION: Option<Exclusion> = Some(Exclusion::Slowness);
    const SLOWS: bool = true;

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.slow.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        vec![("to", fault.to.as_ref().map(|to| to.place))]
    }

    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Selector>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        if let Some(to) = fault.to.as_ref().filter(|to| to.value.0 <= 0.0) {
            let label = "expected a share above 0%";
            let problem = Problem::new(to.place, "this is no speed at all", label);
            problems.push(problem.help("what stops altogether is a `hang`"));
        }
        if fault.to.is_none() {
            let title = "to which share of its speed?";
            problems.push(Problem::new(of.place, title, "expected `to: 25%` beside"));
        }
        known.check_selected(verb, of, false, problems);
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        let speed = fault.to.as_ref().map_or(1.0, |to| to.value.0);
        told((Command::Slow(speed), Command::Slow(1.0)), fault, of, ground, stream)
    }
}
