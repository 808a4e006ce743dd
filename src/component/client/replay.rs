//! Arrivals replayed from a trace: at the recorded times, spread within what the trace tells, and
//! multiplied, sped up or repeated as the scenario asks.

use std::sync::Arc;

use crate::access_log::Trace;
use crate::engine::Stream;
use crate::runtime::Ctx;
use crate::units::{Span, Time};

use super::{Sender, TraceSpec};

/// The alarm by which the reading of the trace goes on; the others send one request each.
const NEXT: u32 = u32::MAX;

/// One request that is to be sent within its entry's spread.
#[derive(Clone, Copy)]
struct Planned {
    request_type: u32,
    user: u32,
    stream: Stream,
}

/// A trace on its way through a run.
pub(super) struct Replay {
    trace: Arc<Trace>,
    scale: f64,
    speed: f64,
    repeat: bool,
    /// Over how long added requests are spread, if the scenario says so.
    over: Option<Span>,
    stream: Stream,
    /// The next entry of the trace, and how often the whole has been through.
    next: usize,
    round: u64,
    /// Requests whose alarms are set, in slots used again.
    planned: Vec<Planned>,
    free: Vec<u32>,
}

impl Replay {
    pub(super) fn new(spec: &TraceSpec, trace: Arc<Trace>, stream: Stream) -> Replay {
        Replay {
            trace,
            scale: spec.scale.get(),
            speed: spec.speed.get(),
            repeat: spec.r#loop,
            over: spec.over,
            stream: stream.named("trace"),
            next: 0,
            round: 0,
            planned: Vec::new(),
            free: Vec::new(),
        }
    }

    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        self.schedule_next(ctx);
    }

    pub(super) fn on_alarm(&mut self, tag: u32, sender: &Sender, ctx: &mut Ctx) {
        if tag == NEXT {
            self.plan_entry(ctx);
            self.schedule_next(ctx);
        } else {
            let planned = self.planned[tag as usize];
            self.free.push(tag);
            let Planned { request_type, user, stream } = planned;
            sender.send(request_type as usize, stream, stream, user, ctx);
        }
    }

    /// Sets the alarm for the next entry of the trace, if there is one.
    fn schedule_next(&mut self, ctx: &mut Ctx) {
        if self.next == self.trace.arrivals.len() {
            if !self.repeat {
                return;
            }
            self.next = 0;
            self.round += 1;
        }
        let rounds = self.trace.length.nanos() as f64 * self.round as f64;
        let at = (rounds + self.trace.arrivals[self.next].at.nanos() as f64) / self.speed;
        let at = Time::from_nanos((at + 0.5) as u64);
        ctx.alarm(at.since(ctx.now()), NEXT);
    }

    /// Plans the requests of the entry that has come up. The recorded ones happen within what the
    /// trace tells of their time; those that `scale` adds come from other users, until the next
    /// recorded request, so that the rate at each time is multiplied.
    fn plan_entry(&mut self, ctx: &mut Ctx) {
        let entry = self.trace.arrivals[self.next];
        let played = |span: Span| span.times(1.0 / self.speed);
        let lasts = played(entry.lasts);
        let room = || played(self.trace.room(self.next));
        let extra_spread = self.over.map_or_else(room, |over| over.max(lasts));
        let stream = self.stream.at(self.round).at(self.next as u64);
        self.next += 1;
        let recorded = u64::from(entry.count);
        let wanted = recorded as f64 * self.scale;
        // What is left of a whole request is one request by that chance.
        let whole = libm::floor(wanted);
        let rest = stream.at(u64::MAX).draws().unit() < wanted - whole;
        let count = whole as u64 + u64::from(rest);
        for copy in 0..count {
            let request = stream.at(copy);
            let spread = if copy < recorded { lasts } else { extra_spread };
            let offset = spread.times(request.at(super::TYPE).draws().unit());
            let (request_type, user) = (entry.request_type, self.user(entry.user, copy));
            let tag = self.keep(Planned { request_type, user, stream: request });
            ctx.alarm(offset, tag);
        }
    }

    /// Who sends this copy of a request: each copy is from another user.
    fn user(&self, recorded: u32, copy: u64) -> u32 {
        let known = u64::from(self.trace.users.unwrap_or(1).max(1));
        let users = self.trace.replayed_users(self.scale).unwrap_or(1).max(1);
        ((u64::from(recorded) + copy * known) % users) as u32
    }

    fn keep(&mut self, planned: Planned) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.planned[slot as usize] = planned;
            return slot;
        }
        self.planned.push(planned);
        u32::try_from(self.planned.len() - 1).expect("fewer than 2^32 requests planned at once")
    }
}
