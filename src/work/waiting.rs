//! Those who wait at a station: how they begin to, and how they leave.

use crate::message::{AttemptKey, Event, Outcome};
use crate::network::Transit;
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::Time;

use super::Station;

/// A newcomer waits for a worker, as long as its queue timeout lasts.
#[inline(always)]
pub(crate) fn line_up(key: AttemptKey, place: u32, queue_timeout: Option<&Transit>, ctx: &mut Ctx) {
    begin_wait(key, Part::Slot, ctx);
    if let Some(queue_timeout) = queue_timeout {
        leave_in_time(key, place, queue_timeout, ctx);
    }
}

#[inline(never)]
fn leave_in_time(key: AttemptKey, place: u32, queue_timeout: &Transit, ctx: &mut Ctx) {
    let attempt = ctx.attempt(key);
    attempt.place = place;
    let stream = attempt.stream;
    queue_timeout.send(ctx.agenda, stream, key, Event::Leave);
}

/// Rejects somebody who waits.
#[inline(never)]
pub(crate) fn turn_away(key: AttemptKey, ctx: &mut Ctx) {
    end_wait(key, ctx);
    reject(key, ctx);
}

/// Rejects a request.
pub(crate) fn reject(key: AttemptKey, ctx: &mut Ctx) {
    let me = ctx.me();
    ctx.answer(key, Outcome::Rejected(me));
}

/// A request begins to wait for a worker or a core.
#[inline(always)]
pub(crate) fn begin_wait(key: AttemptKey, wait: Part, ctx: &mut Ctx) {
    let now = ctx.now();
    ctx.tracing().waits(key, wait);
    ctx.attempt(key).visit.since = now;
    ctx.meter().line_up(now);
}

/// A request has waited long enough.
#[inline(always)]
pub(crate) fn end_wait(key: AttemptKey, ctx: &mut Ctx) {
    let now: Time = ctx.now();
    let visit = &mut ctx.attempt(key).visit;
    visit.waited += now - visit.since;
    ctx.meter().queue.fall(now);
}

impl Station {
    /// Rejects somebody who waits, who may have got a lock.
    #[inline(never)]
    pub(super) fn turn_away(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        turn_away(key, ctx);
        if self.locking.is_some() {
            self.unlock(key, ctx);
        }
    }
}
