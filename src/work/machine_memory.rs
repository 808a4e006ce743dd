//! The memory of a machine, which instances on it take of.

use super::MEMORY_USED_UP;
use crate::message::{Event, NodeId};
use crate::runtime::Ctx;
use crate::units::Span;

/// An instance that takes of the memory of its machine, as the scenario says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occupant {
    pub(crate) node: NodeId,
    /// What it takes without any request (bytes).
    pub(crate) idle: u64,
    /// Whether it takes more with requests, so that it may be killed for it.
    pub(crate) grows: bool,
    /// It is there from the start, and does not stand by until it joins.
    pub(crate) there: bool,
}

/// The memory of a machine.
#[derive(Debug)]
pub(super) struct MachineMemory {
    /// The machine.
    node: NodeId,
    limit: u64,
    used: u64,
    occupants: Vec<(Occupant, Taken)>,
}

/// What an instance has at present.
#[derive(Clone, Copy, Default, Debug)]
struct Taken {
    bytes: u64,
    /// The system is about to kill it.
    doomed: bool,
}

impl MachineMemory {
    pub(super) fn new(node: NodeId, limit: u64, occupants: &[Occupant]) -> MachineMemory {
        let start = |occupant: &Occupant| {
            let bytes = if occupant.there { occupant.idle } else { 0 };
            (*occupant, Taken { bytes, doomed: false })
        };
        let occupants: Vec<_> = occupants.iter().map(start).collect();
        let used = occupants.iter().map(|(_, taken)| taken.bytes).sum();
        MachineMemory { node, limit, used, occupants }
    }

    /// How much there is (bytes).
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// What is in use without any request (bytes).
    pub(super) fn idle(&self) -> u64 {
        self.occupants.iter().map(|(occupant, _)| occupant.idle).sum()
    }

    /// An instance takes so much more. Where there is not so much, the system kills the one that
    /// has most of those that take more with requests: another one at this instant, or this one,
    /// and then the answer is no.
    pub(super) fn take(&mut self, guest: usize, bytes: u64, ctx: &mut Ctx) -> bool {
        let doomed = self.occupants.iter().any(|(_, taken)| taken.doomed);
        if self.used.saturating_add(bytes) > self.limit && !doomed {
            let victim = self.greatest(guest, bytes);
            self.count_kill(ctx);
            if victim == guest {
                return false;
            }
            let (occupant, taken) = &mut self.occupants[victim];
            taken.doomed = true;
            ctx.agenda.schedule(Span::ZERO, Event::Alarm(occupant.node, MEMORY_USED_UP));
        }
        self.set(guest, self.occupants[guest].1.bytes.saturating_add(bytes), ctx);
        true
    }

    /// Which of those that grow has most, if `asking` had so much more; of equals the last.
    fn greatest(&self, asking: usize, bytes: u64) -> usize {
        let all = self.occupants.iter().enumerate();
        let growing = all.filter(|(_, (occupant, _))| occupant.grows);
        let would_have = |(index, (_, taken)): &(usize, &(Occupant, Taken))| {
            taken.bytes + if *index == asking { bytes } else { 0 }
        };
        growing.max_by_key(would_have).map_or(asking, |(index, _)| index)
    }

    fn count_kill(&self, ctx: &mut Ctx) {
        if let Some(memory) = &mut ctx.recorder().meter(self.node).memory {
            memory.kills += 1;
        }
    }

    pub(super) fn give_back(&mut self, guest: usize, bytes: u64, ctx: &mut Ctx) {
        self.set(guest, self.occupants[guest].1.bytes.saturating_sub(bytes), ctx);
    }

    /// Whether the system is about to kill an instance.
    pub(super) fn dooms(&self, guest: usize) -> bool {
        self.occupants[guest].1.doomed
    }

    /// An instance is gone or down.
    pub(super) fn leave(&mut self, guest: usize, ctx: &mut Ctx) {
        self.occupants[guest].1.doomed = false;
        self.set(guest, 0, ctx);
    }

    /// An instance is there again.
    pub(super) fn come_back(&mut self, guest: usize, ctx: &mut Ctx) {
        self.set(guest, self.occupants[guest].0.idle, ctx);
    }

    fn set(&mut self, guest: usize, bytes: u64, ctx: &mut Ctx) {
        let taken = &mut self.occupants[guest].1;
        self.used = self.used - taken.bytes + bytes;
        taken.bytes = bytes;
        self.account(ctx);
    }

    /// Tells how much is in use.
    pub(super) fn account(&self, ctx: &mut Ctx) {
        let now = ctx.now();
        if let Some(memory) = &mut ctx.recorder().meter(self.node).memory {
            memory.used.set(now, self.used);
        }
    }
}
