//! Strands: the parts of one request that run at the same time.
//!
//! A strand is a request that its station asks of itself: it has a program counter, a stream and
//! calls of its own, but arrives over no link and takes no worker that is held. The request goes on
//! when enough strands are done. Those that are then left run on, and nobody wants them.

use crate::message::{Request, RequestKey};
use crate::runtime::Ctx;

use super::program::Fork;

/// A request that waits for its strands.
#[derive(Clone, Debug)]
struct Waiting {
    /// Empty where this place is free; its room is used again.
    strands: Vec<RequestKey>,
    /// How many have still to be done, and how many may yet fail.
    missing: u32,
    spare: u32,
}

/// What the end of a strand means for its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// Nothing: others are still waited for, or nobody waits any more.
    InVain,
    /// The request that waited goes on, or fails with the strand.
    Decides(RequestKey),
}

/// All requests at a station that wait for strands. Grows to the most ever at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Strands {
    waiting: Vec<Waiting>,
    free: Vec<u32>,
}

impl Strands {
    /// A request starts strands and waits for them.
    pub(super) fn start(&mut self, key: RequestKey, fork: &Fork, ctx: &mut Ctx) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.waiting.push(Waiting { strands: Vec::new(), missing: 0, spare: 0 });
            self.waiting.len() as u32 - 1
        });
        let waiting = &mut self.waiting[index as usize];
        waiting.missing = fork.wait;
        waiting.spare = fork.strands.len() as u32 - fork.wait;
        let stream = ctx.request(key).stream.at(fork.salt);
        for (number, &before) in fork.strands.iter().enumerate() {
            let strand = ctx.start_strand(key, stream.at(number as u64), index, before);
            waiting.strands.push(strand);
        }
    }

    /// A strand has done its steps.
    pub(super) fn end(&mut self, strand: RequestKey, ctx: &mut Ctx) -> Ended {
        self.finish(strand, |waiting| &mut waiting.missing, 1, ctx)
    }

    /// A call of a strand went wrong.
    pub(super) fn fail(&mut self, strand: RequestKey, ctx: &mut Ctx) -> Ended {
        self.finish(strand, |waiting| &mut waiting.spare, 0, ctx)
    }

    /// A strand ends. It decides if what it counts against was down to `last`.
    fn finish(
        &mut self,
        strand: RequestKey,
        counted: fn(&mut Waiting) -> &mut u32,
        last: u32,
        ctx: &mut Ctx,
    ) -> Ended {
        let Request { parent, tag: index, place, visit, .. } = *ctx.request(strand);
        if parent.is_none() {
            // A task that nobody waits for.
            ctx.end_strand(strand);
            return Ended::InVain;
        }
        if ctx.end_strand(strand) {
            ctx.meter().wasted_work += u128::from(visit.used.nanos());
            return Ended::InVain;
        }
        let waiting_visit = &mut ctx.request(parent).visit;
        waiting_visit.used += visit.used;
        let waiting = &mut self.waiting[index as usize];
        let left = counted(waiting);
        if *left > last {
            *left -= 1;
            return Ended::InVain;
        }
        // The time of the request is that of the strand that decides.
        waiting_visit.away += visit.away;
        waiting_visit.waited += visit.waited;
        ctx.request(parent).place = place;
        ctx.tracing().decides(strand);
        for other in waiting.strands.drain(..).filter(|other| *other != strand) {
            ctx.abandon_strand(other);
        }
        self.free.push(index);
        Ended::Decides(parent)
    }
}
