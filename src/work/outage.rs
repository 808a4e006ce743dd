//! When a station crashes, what that does to it, and how it comes back.

use crate::distribution::Delay;
use crate::engine::Stream;
use crate::message::{Operation, Outcome, RequestKey};
use crate::runtime::Ctx;
use crate::units::{Span, Time};

use super::rounds::Rounds;
use super::strands::Strands;
use super::{BACK, CRASH, Station};

/// The crashes that are to come.
#[derive(Clone, Debug)]
pub(crate) enum Outages {
    /// At known times, the next last: when each begins, and when it is over if ever.
    Planned(Vec<(Time, Option<Time>)>),
    /// By chance: how long it is up, how long it is then down if not for good, and how often it
    /// has crashed.
    Random { up: Delay, down: Option<Delay>, stream: Stream, number: u64 },
}

impl Outages {
    /// From now to the next crash, and how long it lasts if not for ever.
    fn next(&mut self, now: Time) -> Option<(Span, Option<Span>)> {
        match self {
            Outages::Planned(planned) => {
                let (begins, ends) = planned.pop()?;
                Some((begins.since(now), ends.map(|ends| ends.since(begins))))
            }
            Outages::Random { up, down, stream, number } => {
                let stream = stream.at(*number);
                *number += 1;
                let lasts = down.as_ref().map(|down| down.draw(stream.named("down")));
                Some((up.draw(stream.named("up")), lasts))
            }
        }
    }
}

impl Station {
    /// Sets the alarm for the next crash, if there is one.
    pub(super) fn await_crash(&mut self, ctx: &mut Ctx) {
        let Some(outages) = &mut self.outages else { return };
        let Some((gap, lasts)) = outages.next(ctx.now()) else { return };
        self.lasts = lasts;
        ctx.alarm(gap, CRASH);
    }

    /// It crashes, as foreseen.
    pub(super) fn go_down(&mut self, ctx: &mut Ctx) {
        if let Some(lasts) = self.lasts {
            ctx.alarm(lasts, BACK);
        }
        self.is_down = true;
        self.die(ctx);
    }

    /// It is up again, with nothing to do and nothing in memory.
    pub(super) fn come_back(&mut self, ctx: &mut Ctx) {
        self.is_down = false;
        self.front().clear();
        self.never_mind_restart();
        self.await_crash(ctx);
    }

    /// All work is lost, and with it what is in memory; nobody is let in.
    pub(super) fn die(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        self.cpu.clear();
        (self.rounds, self.strands) = (Rounds::new(), Strands::default());
        self.pool.clear();
        self.front().close();
        self.renew_workers();
        if let Some(shelf) = &mut self.shelf {
            shelf.forget(ctx);
        }
        ctx.sessions().lose_sessions();
        ctx.meter().lose_work(now);
        ctx.fail_all();
    }

    /// Somebody asks whether it is up: a scenario is checked for all else that no step answers.
    #[inline(never)]
    pub(super) fn be_checked(&mut self, key: RequestKey, ctx: &mut Ctx) {
        debug_assert_eq!(ctx.request(key).operation, Operation::CHECK);
        let (me, now) = (ctx.me(), ctx.now());
        let down = self.is_down || self.restarts_after(now);
        ctx.answer_check(key, if down { Outcome::Failed(me) } else { Outcome::Ok });
    }

    /// Somebody comes whom nobody serves.
    #[inline(never)]
    pub(super) fn find_closed(&mut self, key: RequestKey, ctx: &mut Ctx) {
        if self.is_down {
            let me = ctx.me();
            ctx.answer(key, Outcome::Failed(me));
        } else {
            self.out_of_memory(key, ctx);
        }
    }
}
