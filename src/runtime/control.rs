//! What acts on instances from outside: it sets alarms of its own, and tells instances what to do.

use crate::engine::Agenda;
use crate::message::{Command, Event, NodeId};
use crate::units::{Span, Time};

use super::fleet::Fleet;
use super::interference::Interferences;
use super::{Condition, Shared};
use crate::replication::{Group, GroupId, Replication};

/// Something that acts on instances from outside, such as the faults of a scenario.
pub(crate) trait Controller {
    /// The run begins, before any instance knows of it.
    fn on_start(&mut self, ctx: &mut ControlCtx);

    /// An alarm that this controller set goes off.
    fn on_alarm(&mut self, tag: u32, ctx: &mut ControlCtx);
}

/// What a controller has to say of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notice {
    /// What it has to do.
    Command(Command),
    /// Whether it is there, as those learn who ask it.
    Announced(bool),
}

/// All that a controller may do.
pub(crate) struct ControlCtx<'a> {
    /// Which of the controllers this is.
    pub(super) controller: u8,
    pub(super) agenda: &'a mut Agenda<Event>,
    pub(super) interferences: &'a mut Interferences,
    pub(super) fleet: &'a Fleet,
    pub(super) replication: Option<&'a mut Replication>,
    /// What is told as soon as the controller is done, with whom it concerns.
    pub(super) notices: &'a mut Vec<(NodeId, Notice)>,
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

    /// Whether an instance is up.
    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.fleet.condition(node) == Condition::Up
    }

    /// A database that has several copies.
    pub(crate) fn replicated(&mut self, group: GroupId) -> &mut Group {
        self.replication.as_mut().expect("only copies of databases are watched").group(group)
    }

    /// The copy of a database that is up and has most of what its primary had.
    pub(crate) fn successor(&mut self, group: GroupId) -> Option<NodeId> {
        let fleet = self.fleet;
        let group = self.replicated(group);
        let copy = group.successor(|node| fleet.condition(node) == Condition::Up)?;
        Some(group.node(copy))
    }

    /// Tells an instance what to do, at this moment.
    pub(crate) fn command(&mut self, node: NodeId, command: Command) {
        self.notices.push((node, Notice::Command(command)));
    }

    /// Tells those who ask an instance that it is there, or that it is gone.
    pub(crate) fn announce(&mut self, node: NodeId, here: bool) {
        self.notices.push((node, Notice::Announced(here)));
    }

    /// What is done to messages begins or is over.
    pub(crate) fn interfere(&mut self, number: usize, on: bool) {
        self.interferences.set(number, on);
    }
}

impl Shared {
    /// Those who ask an instance learn that it is there, or that it is gone.
    pub(super) fn announce(&mut self, node: NodeId, here: bool) {
        let component = self.recorder.component_of()[node.0 as usize] as usize;
        let first = self.recorder.nodes_of(component).start;
        if let Some(objects) = &mut self.columns.objects {
            objects.list(component, node.0 - first as u32, here);
        }
    }
}
