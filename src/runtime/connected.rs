//! What a component knows of those with whom it has a connection that stays: whether they are up,
//! and when that changes.

use crate::engine::Agenda;
use crate::message::{AttemptKey, Event, NodeId, Phase};
use crate::units::Span;

use super::{Condition, Ctx, Shared};

impl Shared {
    /// The condition of an instance may have changed: those who watch it look.
    pub(super) fn tell_watchers(&self, node: NodeId, agenda: &mut Agenda<Event>) {
        for (watcher, alarm) in self.fleet.watchers(node) {
            agenda.schedule(Span::ZERO, Event::Alarm(watcher, alarm));
        }
    }
}

impl Ctx<'_> {
    /// Lets this alarm go off whenever the condition of another instance may have changed.
    pub(crate) fn watch(&mut self, node: NodeId, alarm: u32) {
        let me = self.me;
        self.shared.fleet.watch(node, me, alarm);
    }

    /// Whether another instance is up, as the connection with it tells.
    pub(crate) fn is_up(&self, node: NodeId) -> bool {
        self.shared.fleet.condition(node) == Condition::Up
    }

    /// Gives up a question of this component if nothing more can come of it. Returns whether it
    /// did.
    pub(crate) fn give_up_lost(&mut self, key: AttemptKey) -> bool {
        let attempt = self.shared.attempts.get(key);
        let lost = attempt.is_some_and(|attempt| attempt.phase == Phase::Lost);
        if lost {
            self.shared.give_up(key, self.agenda.now());
        }
        lost
    }
}
