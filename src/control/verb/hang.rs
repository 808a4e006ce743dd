//! An instance answers nothing until it goes on.

use super::{Effects, Exclusion, Goes, Ground, told};
use crate::control::FaultSpec;
use crate::document::At;
use crate::engine::Stream;
use crate::message::Command;
use crate::placement::Selector;

/// An instance answers nothing until it goes on.
pub(super) struct Hang;

impl Goes for Hang {
    const EXCLUSION: Option<Exclusion> = Some(Exclusion::Absence);
    const SLOWS: bool = true;

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.hang.as_ref()
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        told((Command::Hang, Command::GoOn), fault, of, ground, stream)
    }
}
