//! Subrequests: the parts of one request that run at the same time.
//!
//! A subrequest is a request that its station asks of itself: it has a program counter, a stream
//! and calls of its own, but arrives over no link and takes no worker that is held. The request
//! goes on when enough subrequests are done. Those that are then left run on, and nobody wants
//! them.

use crate::message::{Attempt, AttemptKey};
use crate::runtime::Ctx;

use super::program::Fork;

/// A request that waits for its subrequests.
#[derive(Clone, Debug)]
struct Waiting {
    /// Empty where this place is free; its room is used again.
    subrequests: Vec<AttemptKey>,
    /// How many have still to be done, and how many may yet fail.
    missing: u32,
    spare: u32,
}

/// What the end of a subrequest means for its request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// Nothing: others are still waited for, or nobody waits any more.
    InVain,
    /// The request that waited goes on, or fails with the subrequest.
    Decides(AttemptKey),
}

/// All requests at a station that wait for subrequests. Grows to the most ever at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Subrequests {
    waiting: Vec<Waiting>,
    free: Vec<u32>,
}

impl Subrequests {
    /// A request starts subrequests and waits for them.
    pub(super) fn start(&mut self, key: AttemptKey, fork: &Fork, ctx: &mut Ctx) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.waiting.push(Waiting { subrequests: Vec::new(), missing: 0, spare: 0 });
            self.waiting.len() as u32 - 1
        });
        let waiting = &mut self.waiting[index as usize];
        waiting.missing = fork.wait;
        waiting.spare = fork.subrequests.len() as u32 - fork.wait;
        let stream = ctx.attempt(key).stream.at(fork.salt);
        for (number, &before) in fork.subrequests.iter().enumerate() {
            let subrequest = ctx.start_subrequest(key, stream.at(number as u64), index, before);
            waiting.subrequests.push(subrequest);
        }
    }

    /// A subrequest has done its steps.
    pub(super) fn end(&mut self, subrequest: AttemptKey, ctx: &mut Ctx) -> Ended {
        self.finish(subrequest, |waiting| &mut waiting.missing, 1, ctx)
    }

    /// A call of a subrequest went wrong.
    pub(super) fn fail(&mut self, subrequest: AttemptKey, ctx: &mut Ctx) -> Ended {
        self.finish(subrequest, |waiting| &mut waiting.spare, 0, ctx)
    }

    /// A subrequest ends. It decides if what it counts against was down to `last`.
    fn finish(
        &mut self,
        subrequest: AttemptKey,
        counted: fn(&mut Waiting) -> &mut u32,
        last: u32,
        ctx: &mut Ctx,
    ) -> Ended {
        let Attempt { request, tag: index, place, visit, .. } = *ctx.attempt(subrequest);
        let parent = request.parent;
        if parent.is_none() {
            // A task that nobody waits for.
            ctx.end_subrequest(subrequest);
            return Ended::InVain;
        }
        if ctx.end_subrequest(subrequest) {
            ctx.meter().wasted_work += u128::from(visit.used.nanos());
            return Ended::InVain;
        }
        let waiting_visit = &mut ctx.attempt(parent).visit;
        waiting_visit.used += visit.used;
        let waiting = &mut self.waiting[index as usize];
        let left = counted(waiting);
        if *left > last {
            *left -= 1;
            return Ended::InVain;
        }
        // The time of the request is that of the subrequest that decides.
        waiting_visit.away += visit.away;
        waiting_visit.waited += visit.waited;
        ctx.attempt(parent).place = place;
        ctx.tracing().decides(subrequest);
        for other in waiting.subrequests.drain(..).filter(|other| *other != subrequest) {
            ctx.abandon_subrequest(other);
        }
        self.free.push(index);
        Ended::Decides(parent)
    }
}
