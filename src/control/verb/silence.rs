//! An instance answers nothing and forgets all.

use super::{Effects, Exclusion, Goes, Ground, told};
use crate::control::FaultSpec;
use crate::document::At;
use crate::engine::Stream;
use crate::message::Command;
use crate::placement::Selector;

/// An instance answers nothing and forgets all.
pub(super) struct Silence;

impl Goes for Silence {
    const EXCLUSION: Option<Exclusion> = Some(Exclusion::Absence);

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.silence.as_ref()
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        told((Command::Silence, Command::Restore), fault, of, ground, stream)
    }
}
