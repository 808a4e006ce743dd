//! The steps that take a connection and give it back, and what becomes of one whose request goes
//! wrong.

use crate::message::{AttemptKey, Outcome};
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::Span;

use super::connections::{ConnectionScope, Taken};
use super::program::{Instruction, Step};
use super::worker::Progress;
use super::{POOLS, Station, begin_wait, end_wait};

/// Takes a connection, or waits for one.
#[derive(Debug)]
pub(super) struct Take(pub(super) usize);

impl Instruction for Take {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let pool = &mut station.connections[self.0];
        if pool.holds(key) {
            return None;
        }
        let stream = ctx.attempt(key).stream;
        match pool.take(key, stream, ctx) {
            Taken::After(Span::ZERO) => return None,
            Taken::After(opens) => ctx.pause_for_io(key, opens),
            Taken::Waits => {
                begin_wait(key, Part::Slot, ctx);
                station.arm_pool(self.0, ctx);
            }
        }
        Some(station.while_waiting())
    }
}

/// Gives the connection of a call back.
#[derive(Debug)]
pub(super) struct GiveBack(pub(super) usize);

impl Instruction for GiveBack {
    fn begin(&self, station: &mut Station, _: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        if station.connections[self.0].spec.held == ConnectionScope::Call {
            station.give_back(self.0, false, ctx);
        }
        None
    }
}

/// Gives all connections back that the request has.
#[derive(Debug)]
pub(super) struct GiveAllBack;

impl Instruction for GiveAllBack {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        station.give_all_back(key, None, ctx);
        None
    }
}

impl Station {
    fn give_back(&mut self, pool: usize, broken: bool, ctx: &mut Ctx) {
        if let Some((next, opens)) = self.connections[pool].give_back(broken, ctx) {
            end_wait(next, ctx);
            ctx.tracing().waits(next, Part::Io);
            ctx.pause(next, opens);
        }
    }

    /// A request is over: gives back what it has for as long as it is there, of which that to
    /// `broken` is lost.
    fn give_all_back(&mut self, key: AttemptKey, broken: Option<usize>, ctx: &mut Ctx) {
        for pool in 0..self.connections.len() {
            let holders = &mut self.connections[pool].holders;
            if let Some(at) = holders.iter().position(|&holder| holder == key) {
                holders.swap_remove(at);
                self.give_back(pool, broken == Some(pool), ctx);
            }
        }
    }

    /// A request, or a subrequest, goes wrong: its connections are given back. One whose call
    /// failed is lost.
    #[inline(never)]
    pub(super) fn drop_connections(&mut self, key: AttemptKey, outcome: Outcome, ctx: &mut Ctx) {
        let step = ctx.attempt(key).visit.step;
        let called = match &self.program.steps[step as usize] {
            Step::Call(call) => call.pool,
            _ => None,
        };
        let broken = matches!(outcome, Outcome::Failed(_));
        if let Some(pool) =
            called.filter(|&pool| self.connections[pool].spec.held == ConnectionScope::Call)
        {
            self.give_back(pool, broken, ctx);
        }
        self.give_all_back(key, called.filter(|_| broken), ctx);
    }

    fn arm_pool(&mut self, pool: usize, ctx: &mut Ctx) {
        if let Some(due) = self.connections[pool].arm(ctx.now()) {
            ctx.alarm(due, POOLS + pool as u32);
        }
    }

    /// Somebody may have waited for a connection for long enough.
    pub(super) fn on_pool_alarm(&mut self, pool: usize, ctx: &mut Ctx) {
        while let Some(key) = self.connections[pool].impatient(ctx) {
            end_wait(key, ctx);
            let me = ctx.me();
            self.give_up(key, Outcome::Failed(me), ctx);
        }
        self.arm_pool(pool, ctx);
    }
}
