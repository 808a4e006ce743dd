//! What happens to a station beside its work: workers are replaced, and a server that runs out of
//! memory is killed and starts anew.

use crate::engine::Stream;
use crate::message::AttemptKey;
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::Span;

use super::cpu::VERSIONS;
use super::machine::Host;
use super::memory::{MemoryPolicy, MemorySpec};
use super::recycle::Recycling;
use super::{Equipment, Progress, Station, begin_wait, end_wait};
use crate::queue::{Classes, Pool};

/// The tag of the alarm for workers that have started.
pub(super) const STARTED: u32 = VERSIONS;

/// What limits how many are let in, and what happens then.
pub(super) struct Upkeep {
    /// Where memory limits how many are let in and workers do not: let in first, then given a
    /// worker.
    gate: Option<Pool>,
    /// Workers that are replaced after a while.
    recycling: Option<Recycling>,
    /// How long the server is away after it was killed.
    restart: Span,
}

impl Equipment {
    /// How many requests fit into memory, if memory is what limits them.
    fn fits(&self) -> Option<u64> {
        self.memory.as_ref().and_then(|memory| memory.requests(self.slots))
    }

    /// How many workers can work at once.
    pub(super) fn hands(&self) -> Option<u64> {
        match self.fits() {
            Some(fits) if self.blocking => Some(self.slots.map_or(fits, |slots| slots.min(fits))),
            _ => self.slots,
        }
    }

    /// The workers with the queue of those let in.
    pub(super) fn pool(&self, classes: &Classes, stream: Stream) -> Pool {
        let hands = self.hands();
        let pool = Pool::new(hands, &self.queue, classes, stream);
        pool.fatal(self.blocking && self.kills() && hands != self.slots)
    }

    fn kills(&self) -> bool {
        self.memory.as_ref().is_some_and(|memory| memory.full == MemoryPolicy::Kill)
    }

    pub(super) fn upkeep(&self, classes: &Classes, stream: Stream) -> Option<Box<Upkeep>> {
        if self.memory.is_none() && self.recycle.is_none() {
            return None;
        }
        let gate = self.fits().filter(|_| !self.blocking).map(|fits| {
            let pool = Pool::new(Some(fits), &self.queue, classes, stream.named("gate"));
            pool.fatal(self.kills())
        });
        let recycling = self.recycle.as_ref().map(|spec| {
            let workers = self.hands().expect("workers without a limit are checked to be kept");
            Recycling::new(spec, workers, stream)
        });
        let restart = self.memory.as_ref().map_or(Span::ZERO, |memory: &MemorySpec| memory.restart);
        Some(Box::new(Upkeep { gate, recycling, restart }))
    }
}

impl Station {
    /// A request has memory from now on, unless the machine has not so much and the system kills
    /// this server.
    fn take_memory(&self, ctx: &mut Ctx) -> bool {
        let now = ctx.now();
        let Some(memory) = &mut ctx.meter().memory else { return true };
        memory.take(now);
        let each = memory.each;
        self.host.as_ref().is_none_or(|host| host.take_memory(each, ctx))
    }

    /// A request was answered, and no other takes its place.
    fn give_memory_back(&self, ctx: &mut Ctx) {
        let now = ctx.now();
        let Some(memory) = &mut ctx.meter().memory else { return };
        memory.give_back(now);
        let each = memory.each;
        self.host.iter().for_each(|host| host.give_memory_back(each, ctx));
    }

    /// The system kills it, for another has wanted memory of which the machine has none left.
    pub(super) fn be_killed(&mut self, ctx: &mut Ctx) {
        if self.host.as_ref().is_some_and(Host::dooms) {
            self.kill(ctx);
        }
    }

    /// A request that was let in asks for a worker.
    #[inline(never)]
    pub(super) fn enter(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let request_type = ctx.attempt(key).request.request_type;
        if self.pool.take_again(key, request_type) {
            self.wake(key, ctx);
        } else {
            begin_wait(key, Part::Slot, ctx);
        }
    }

    /// A newcomer that was let in has a worker at once, or asks for one.
    #[inline(never)]
    pub(super) fn seat(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if !self.take_memory(ctx) {
            return self.kill(ctx);
        }
        if self.upkeep.as_ref().is_some_and(|upkeep| upkeep.gate.is_some()) {
            self.enter(key, ctx);
        } else {
            self.wake(key, ctx);
        }
    }

    /// A request takes over the worker that has been idle longest.
    fn wake(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if let Some(recycling) = self.recycling() {
            ctx.attempt(key).place = recycling.take();
        }
        self.begin(key, ctx);
    }

    fn recycling(&mut self) -> Option<&mut Recycling> {
        self.upkeep.as_mut()?.recycling.as_mut()
    }

    /// As [`Station::work`], where more happens to workers than work.
    #[inline(never)]
    pub(super) fn work_and_keep_up(&mut self, mut key: AttemptKey, ctx: &mut Ctx) {
        loop {
            let worker = ctx.attempt(key).place;
            let done = match self.follow(key, ctx) {
                Progress::Held => return,
                Progress::Waiting => false,
                Progress::Done => true,
            };
            let Some(next) = self.free(worker, done, ctx) else { return };
            key = next;
        }
    }

    /// A worker is free, `done` with its request or not: returns the request that it takes over.
    #[inline(never)]
    pub(super) fn free(&mut self, worker: u32, done: bool, ctx: &mut Ctx) -> Option<AttemptKey> {
        let now = ctx.now();
        if done && self.retires(worker, ctx) {
            ctx.meter().slots.fall(now);
            if self.equipment.blocking {
                self.give_memory_back(ctx);
            }
            self.let_in(ctx);
            return None;
        }
        if done && let Some(next) = self.next_in(ctx) {
            let request_type = ctx.attempt(next).request.request_type;
            self.pool.wait_again(next, request_type);
        }
        let Some(next) = self.pool.hand_over() else {
            ctx.meter().slots.fall(now);
            if self.equipment.blocking {
                self.give_memory_back(ctx);
            }
            if let Some(recycling) = self.recycling() {
                recycling.rest(worker);
            }
            return None;
        };
        end_wait(next, ctx);
        if self.recycling().is_some() {
            ctx.attempt(next).place = worker;
        }
        Some(next)
    }

    /// A request has been answered by this worker. Returns whether that was the worker's last.
    fn retires(&mut self, worker: u32, ctx: &mut Ctx) -> bool {
        let now = ctx.now();
        let Some(recycling) = self.recycling() else { return false };
        let Some(ready) = recycling.served(worker, now) else { return false };
        ctx.alarm(ready - now, STARTED);
        true
    }

    /// A request that was let in has been answered: returns the one that is let in next.
    fn next_in(&mut self, ctx: &mut Ctx) -> Option<AttemptKey> {
        let next = self.upkeep.as_mut()?.gate.as_mut()?.hand_over();
        if next.is_none() {
            self.give_memory_back(ctx);
        }
        next
    }

    /// A request was answered whose worker does not go on: the one that is let in next asks for
    /// another.
    #[inline(never)]
    pub(super) fn let_in(&mut self, ctx: &mut Ctx) {
        if let Some(next) = self.next_in(ctx) {
            end_wait(next, ctx);
            self.enter(next, ctx);
        }
    }

    /// Workers that have started take up work.
    pub(super) fn start_workers(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        while let Some(worker) = self.recycling().and_then(|recycling| recycling.started(now)) {
            if let Some(next) = self.pool.hand_over() {
                end_wait(next, ctx);
                ctx.attempt(next).place = worker;
                if self.equipment.blocking && !self.take_memory(ctx) {
                    return self.kill(ctx);
                }
                self.begin(next, ctx);
            } else if let Some(recycling) = self.recycling() {
                recycling.rest(worker);
            }
        }
    }

    /// No memory is left: the server is killed, with all that it was working on, and starts anew.
    #[inline(never)]
    pub(super) fn kill(&mut self, ctx: &mut Ctx) {
        let Some(upkeep) = &mut self.upkeep else { return };
        let restart = upkeep.restart;
        self.start_anew(restart, ctx);
        if let Some(memory) = &mut ctx.meter().memory {
            memory.kills += 1;
        }
        self.die(ctx);
        ctx.fail_all();
    }

    /// All workers are as if they had just been started.
    pub(super) fn renew_workers(&mut self) {
        if let Some(recycling) = self.recycling() {
            recycling.renew();
        }
    }

    /// Where newcomers are let in.
    pub(super) fn front(&mut self) -> &mut Pool {
        let gate = self.upkeep.as_mut().and_then(|upkeep| upkeep.gate.as_mut());
        gate.unwrap_or(&mut self.pool)
    }
}
