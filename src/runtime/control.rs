//! What acts on instances from outside: it sets alarms of its own, and tells instances what to do.

use crate::engine::Agenda;
use crate::message::{Command, Event, NodeId};
use crate::units::{Span, Time};

use super::interference::Interferences;

/// Something that acts on instances from outside, such as the faults of a scenario.
pub(crate) trait Controller {
    /// The run begins, before any instance knows of it.
    fn on_start(&mut self, ctx: &mut ControlCtx);

    /// An alarm that this controller set goes off.
    fn on_alarm(&mut self, tag: u32, ctx: &mut ControlCtx);
}

/// All that a controller may do.
pub(crate) struct ControlCtx<'a> {
    /// Which of the controllers this is.
    pub(super) controller: u8,
    pub(super) agenda: &'a mut Agenda<Event>,
    pub(super) interferences: &'a mut Interferences,
    /// What instances are told as soon as the controller is done.
    pub(super) commands: &'a mut Vec<(NodeId, Command)>,
}

impl ControlCtx<'_> {
    /// The simulated time.
    pub(crate) fn now(&self) -> Time {
        self.agenda.now()
    }

    /// Lets `on_alarm` be called `delay` from now.
    pub(crate) fn alarm(&mut self, delay: Span, tag: u32) {
        self.agenda.schedule(delay, Event::Control(self.controller, tag));
    }

    /// Tells an instance what to do, at this moment.
    pub(crate) fn command(&mut self, node: NodeId, command: Command) {
        self.commands.push((node, command));
    }

    /// What is done to messages begins or is over.
    pub(crate) fn interfere(&mut self, number: usize, on: bool) {
        self.interferences.set(number, on);
    }
}
