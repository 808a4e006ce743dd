//! Steps about objects and what is remembered of them.

use std::sync::Arc;

use crate::caching::{Accepted, Written};
use crate::message::{AttemptKey, Outcome, Phase};
use crate::objects::Found;
use crate::runtime::Ctx;

use super::program::Step;
use super::worker::Progress;
use super::{REMEMBER, Station};

impl Station {
    /// Does the present step of a request, which is one about objects or of a module's own. Returns
    /// what has become of the request if it cannot go on at once.
    #[inline(never)]
    pub(super) fn remember(&mut self, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let attempt = ctx.attempt(key);
        let step = attempt.visit.step;
        if let Step::Own(own) = &self.program.steps[step as usize] {
            let progress = Arc::clone(own).begin(self, key, ctx);
            if progress.is_none() {
                ctx.attempt(key).visit.step += 1;
            }
            return progress;
        }
        attempt.visit.step += 1;
        match self.program.steps[step as usize] {
            Step::Load => ctx.objects().read_stored(key),
            Step::Commit => {
                ctx.objects().commit(key);
            }
            Step::Recall { hit, refresh } => match ctx.objects().what_was_found(key) {
                Found::Miss | Found::Unasked => {}
                Found::Hit => ctx.attempt(key).visit.step = hit,
                Found::Refresh => ctx.attempt(key).visit.step = refresh,
            },
            Step::IfModified { otherwise } => {
                if ctx.objects().is_unmodified(key) {
                    ctx.attempt(key).visit.step = otherwise;
                }
            }
            Step::Spawn { after, salt } => {
                let attempt = ctx.attempt(key);
                attempt.visit.step = after;
                let stream = attempt.stream.at(salt);
                ctx.start_task(key, stream, step);
            }
            Step::FindSession { .. } | Step::LogIn | Step::GrowSession => {
                return self.use_session(key, step, ctx);
            }
            Step::RecallSession | Step::KeepSession => return self.use_session(key, step, ctx),
            _ => return self.use_cache(key, step, ctx),
        }
        None
    }

    fn use_cache(&mut self, key: AttemptKey, step: u32, ctx: &mut Ctx) -> Option<Progress> {
        let cache = self.cache.as_mut().expect("only who has a cache is told to use it");
        let task = ctx.attempt(key).phase == Phase::Subrequest;
        if cache.is_down() && !task {
            let me = ctx.me();
            ctx.answer(key, Outcome::Failed(me));
            return Some(Progress::Done);
        }
        match self.program.steps[step as usize] {
            Step::Rest => {
                cache.rest(key, ctx);
                self.set_alarm(ctx);
                ctx.attempt(key).visit.step = step;
                return Some(self.while_waiting());
            }
            Step::Written { again } => {
                if cache.written(key, ctx) == Written::Not {
                    ctx.attempt(key).visit.step = again;
                }
                self.set_alarm(ctx);
            }
            // A subrequest has no answer of its own to give: it goes on as if nothing had been
            // found.
            _ if cache.is_down() => ctx.objects().found(key, Found::Miss),
            Step::Accept { merged, full } => {
                match cache.accept(key, ctx) {
                    Accepted::Alone => {}
                    Accepted::Merged => ctx.attempt(key).visit.step = merged,
                    Accepted::Full => ctx.attempt(key).visit.step = full,
                }
                self.set_alarm(ctx);
            }
            Step::Renew => {
                cache.renew(key, ctx);
                self.set_alarm(ctx);
            }
            Step::LookUp => {
                let waits = cache.look_up(key, ctx);
                self.set_alarm(ctx);
                if waits {
                    // It goes on at the step after the one that it is at.
                    ctx.attempt(key).visit.step = step;
                    return Some(self.while_waiting());
                }
            }
            Step::Fill => {
                cache.fill(key, ctx);
                self.set_alarm(ctx);
            }
            Step::Remove => cache.remove(key, ctx),
            _ => unreachable!("no other step is about objects"),
        }
        None
    }

    /// Something that is remembered may be over.
    pub(super) fn on_cache_alarm(&mut self, ctx: &mut Ctx) {
        if let Some(cache) = &mut self.cache {
            cache.on_alarm(ctx);
        }
        self.set_alarm(ctx);
    }

    pub(super) fn set_alarm(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        if let Some(at) = self.cache.as_mut().and_then(|cache| cache.arm()) {
            ctx.alarm(at.since(now), REMEMBER);
        }
    }

    /// A call of this request went wrong. Returns whether it was to a cache, without which the
    /// request goes on as if nothing had been found.
    pub(super) fn does_without(&self, key: AttemptKey, ctx: &mut Ctx) -> bool {
        let step = ctx.attempt(key).visit.step;
        let Step::Call(call) = &self.program.steps[step as usize] else { return false };
        if call.lenient {
            ctx.objects().found(key, Found::Miss);
        }
        call.lenient
    }
}
