//! Instances leave for good, with all that they remember.

use super::membership::{self, MembershipChange};
use super::{Effects, Exclusion, Goes, Ground, Known, Verb};
use crate::control::FaultSpec;
use crate::document::{At, Place, Problems};
use crate::engine::Stream;
use crate::placement::Selector;

/// Instances leave for good, with all that they remember.
pub(super) struct Leave;

impl Goes for Leave {
    const EXCLUSION: Option<Exclusion> = None;
    const CHANGES: Option<MembershipChange> = Some(MembershipChange::Leaves);

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.leave.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        membership::words(fault)
    }

    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Selector>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        known.check_selected(verb, of, false, problems);
        membership::check(fault, of, verb.word(), problems);
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        membership::effects(of, MembershipChange::Leaves, fault, ground, stream)
    }
}
