//! An instance fails at once.

use super::{Effects, Exclusion, Goes, Ground, told};
use crate::control::FaultSpec;
use crate::document::{At, Place};
use crate::engine::Stream;
use crate::message::Command;
use crate::placement::Selector;

/// An instance fails at once.
pub(super) struct Crash;

impl Goes for Crash {
    const EXCLUSION: Option<Exclusion> = Some(Exclusion::Absence);

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.crash.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        vec![("warm", fault.warm.as_ref().map(|warm| warm.place))]
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        let warm = fault.warm.as_ref().is_some_and(|warm| warm.value);
        told((Command::Crash { warm }, Command::Restore), fault, of, ground, stream)
    }
}
