//! An instance answers nothing until it goes on.

use super::{Effects, Exclusion, Goes, Ground, told};
use crate::control::{FaultSpec, Scope};
use crate::document::At;
use crate::engine::Stream;
use crate::message::Command;

/// An instance answers nothing until it goes on.
pub(super) struct Hang;

impl Goes for Hang {
    const EXCLUSION: Option<Exclusion> = Some(Exclusion::Absence);
    const SLOWS: bool = true;

    fn of(fault: &FaultSpec) -> Option<&At<Scope>> {
        fault.hang.as_ref()
    }

    fn effects(fault: &FaultSpec, of: &Scope, ground: &mut dyn Ground, stream: Stream) -> Effects {
        told((Command::Hang, Command::GoOn), fault, of, ground, stream)
    }
}
