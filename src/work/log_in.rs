//! Steps about the sessions of users: looked for, made and kept by a server, and held by a cache.

use crate::message::{AttemptKey, Outcome};
use crate::runtime::Ctx;
use crate::session::Finding;

use super::Station;
use super::program::Step;
use super::worker::Progress;

impl Station {
    /// Does a step about sessions. Returns what has become of the request if it does not go on.
    pub(super) fn use_session(
        &mut self,
        key: AttemptKey,
        step: u32,
        ctx: &mut Ctx,
    ) -> Option<Progress> {
        match self.program.steps[step as usize] {
            Step::FindSession { known } => match ctx.sessions().find_session(key) {
                Finding::Known | Finding::Intruder => ctx.attempt(key).visit.step = known,
                Finding::Unknown => {}
                Finding::Unmasked => {
                    let me = ctx.me();
                    ctx.answer(key, Outcome::Rejected(me));
                    return Some(Progress::Done);
                }
            },
            Step::LogIn => ctx.sessions().log_in(key),
            Step::GrowSession => ctx.sessions().grow_session(key),
            Step::RecallSession => {
                if let Some(cache) = &mut self.cache {
                    cache.look_up_session(key, ctx);
                }
            }
            Step::KeepSession => {
                if let Some(cache) = &mut self.cache {
                    cache.keep_session(key, ctx);
                }
                self.set_alarm(ctx);
            }
            _ => unreachable!("no other step is about sessions"),
        }
        None
    }
}
