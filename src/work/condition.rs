//! What is done to a station from outside, what that does to it, and how it comes back.

use crate::message::{AttemptKey, Command, Operation, Outcome};
use crate::runtime::{Condition, Ctx};
use crate::units::{Span, Time};

use super::connections::Connections;
use super::loops::Loops;
use super::subrequests::Subrequests;
use super::{RESTARTED, Station};

/// What decides how fast the cores of a station are, 1 being all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speed {
    /// What the neighbours leave.
    pub(super) neighbours: f64,
    /// What a fault leaves.
    pub(super) fault: f64,
    /// Whether it hangs.
    pub(super) hangs: bool,
}

impl Speed {
    pub(super) const FULL: Speed = Speed { neighbours: 1.0, fault: 1.0, hangs: false };

    fn product(self) -> f64 {
        if self.hangs { 0.0 } else { self.neighbours * self.fault }
    }
}

impl Station {
    /// Something is done to it; its condition shows that already.
    pub(super) fn obey(&mut self, command: Command, ctx: &mut Ctx) {
        let now = ctx.now();
        match command {
            Command::Crash { warm } if self.is_cache => self.cache_goes_down(!warm, ctx),
            Command::Leave if self.is_cache => {
                self.cache_goes_down(true, ctx);
                self.host.iter().for_each(|host| host.leave(ctx));
                ctx.meter().withdraw(now);
            }
            Command::Join => {
                self.host.iter().for_each(|host| host.come_back(ctx));
                ctx.meter().provide(now);
            }
            Command::Restore if self.is_cache => self.restore_cache(ctx),
            Command::Crash { .. } | Command::Leave => {
                self.die(ctx);
                ctx.fail_all();
            }
            Command::Silence => {
                if self.is_cache {
                    self.cache_goes_down(true, ctx);
                }
                self.die(ctx);
                ctx.lose_all();
            }
            Command::Restore => self.recover(ctx),
            Command::ReturnTo(to) => self.return_to(to, ctx),
            Command::Promote => self.be_promoted(ctx),
            Command::Hang | Command::GoOn => {
                self.speed.hangs = command == Command::Hang;
                self.apply_speed(ctx);
            }
            Command::Slow(speed) => {
                self.speed.fault = speed;
                self.apply_speed(ctx);
            }
        }
    }

    /// The speed of the cores has changed.
    pub(super) fn apply_speed(&mut self, ctx: &mut Ctx) {
        if self.varies {
            self.cpu.set_speed(self.speed.product(), ctx);
        }
    }

    /// A cache goes down, and perhaps forgets everything. It is found out by the steps that use
    /// what it remembers.
    fn cache_goes_down(&mut self, empty: bool, ctx: &mut Ctx) {
        if let Some(cache) = &mut self.cache {
            cache.change(empty, ctx);
        }
        self.set_alarm(ctx);
    }

    fn restore_cache(&mut self, ctx: &mut Ctx) {
        self.come_back(ctx);
        self.cache_goes_down(false, ctx);
    }

    /// It is up again, once what its disk has been told is in order.
    fn recover(&mut self, ctx: &mut Ctx) {
        let found = self.storage.as_mut().map(|storage| storage.recover(ctx));
        self.set_storage_alarms(found.map(|(_, dues)| dues), ctx);
        match found {
            Some((replay, _)) if replay > Span::ZERO => self.start_anew(replay, ctx),
            _ => self.come_back(ctx),
        }
    }

    /// It goes down, and is up again once it is as it was at `to`.
    fn return_to(&mut self, to: Time, ctx: &mut Ctx) {
        self.die(ctx);
        ctx.fail_all();
        let found = self.storage.as_mut().map(|storage| storage.return_to(to, ctx));
        self.set_storage_alarms(found.map(|(_, dues)| dues), ctx);
        self.start_anew(found.map_or(Span::ZERO, |(takes, _)| takes), ctx);
    }

    /// It is down, and will be up again in so long.
    pub(super) fn start_anew(&mut self, takes: Span, ctx: &mut Ctx) {
        self.back = ctx.now() + takes;
        ctx.alarm(takes, RESTARTED);
        ctx.set_condition(Condition::Starting);
    }

    /// It has started anew, unless it has gone down again meanwhile.
    pub(super) fn restart(&mut self, ctx: &mut Ctx) {
        if self.back == ctx.now() && ctx.condition() == Condition::Starting {
            ctx.set_condition(Condition::Up);
            self.come_back(ctx);
        }
    }

    /// It is up again, with nothing to do and nothing in memory.
    pub(super) fn come_back(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        ctx.meter().provide(now);
        self.storage.iter_mut().for_each(|storage| storage.is_up(ctx));
        self.host.iter().for_each(|host| host.come_back(ctx));
        self.front().open();
        self.copy_comes_back(ctx);
        self.transactions_come_back(ctx);
    }

    /// All work is lost, and with it what is in memory; nobody is let in.
    pub(super) fn die(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        self.cpu.clear(ctx);
        self.host.iter().for_each(|host| host.leave(ctx));
        self.storage.iter_mut().for_each(|storage| storage.clear(now));
        self.connections.iter_mut().for_each(Connections::clear);
        self.copy_goes_down(ctx);
        self.transactions_go_down(ctx);
        (self.loops, self.subrequests) = (Loops::new(), Subrequests::default());
        self.pool.clear();
        self.front().close();
        self.renew_workers();
        if let Some(cache) = self.cache.as_mut().filter(|_| !self.is_cache) {
            cache.forget(ctx);
        }
        ctx.sessions().lose_sessions();
        ctx.meter().lose_work(now);
    }

    /// Something is asked that no step answers: a scenario is checked for all that is not asked of
    /// their own accord.
    #[inline(never)]
    pub(super) fn on_internal(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let operation = ctx.attempt(key).request.operation;
        if let Some(entry) = self.entry_with_lock(operation) {
            return self.ask_for_lock(key, entry, ctx);
        }
        if operation == Operation::TRANSACT {
            return self.on_saying(key, ctx);
        }
        if operation == Operation::REPLICATE {
            return self.on_copy_message(key, ctx);
        }
        debug_assert_eq!(operation, Operation::CHECK);
        match ctx.condition() {
            Condition::Up => ctx.answer_check(key, Outcome::Ok),
            _ => ctx.refuse(key),
        }
    }

    /// Somebody comes whom nobody serves.
    #[inline(never)]
    pub(super) fn find_closed(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        match ctx.condition() {
            Condition::Up => self.kill(ctx),
            Condition::Starting => super::reject(key, ctx),
            _ => ctx.refuse(key),
        }
    }
}
