//! Subrequests and tasks: what a component asks of itself, on behalf of a request or of nobody.

use crate::column::Moment;
use crate::engine::{Key, Stream};
use crate::message::{
    Attempt, AttemptKey, Ending, LinkId, Operation, Outcome, Phase, Request, SizesId, Visit,
};
use crate::objects::Object;
use crate::units::Span;

use super::Ctx;

impl Ctx<'_> {
    /// Starts a subrequest of a request that this component works on: it resumes at once, at the
    /// step after `before`. Only its component knows of it; see [`Ctx::end_subrequest`].
    pub(crate) fn start_subrequest(
        &mut self,
        parent: AttemptKey,
        stream: Stream,
        tag: u32,
        before: u32,
    ) -> AttemptKey {
        let whole = *self.attempt(parent);
        let visit = Visit { step: before, arrived: self.now(), ..Visit::NEW };
        let phase = Phase::Subrequest;
        let key = self.shared.attempts.insert_with(|| Attempt {
            request: Request { parent, ..whole.request },
            caller: whole.callee,
            tag,
            stream,
            abandoned: false,
            forwarded: false,
            phase,
            visit,
            ..whole
        });
        self.shared.tell(Moment::Sent, key, self.agenda.now());
        self.pause(key, Span::ZERO);
        key
    }

    /// Starts a task on behalf of a request that this component works on, for which nobody waits:
    /// a subrequest of its own, which may outlive the request.
    pub(crate) fn start_task(&mut self, of: AttemptKey, stream: Stream, before: u32) {
        let task = self.start_subrequest(of, stream, 0, before);
        self.attempt(task).request.parent = Key::NONE;
        self.objects().fetch_anew(task);
    }

    /// Starts a task about an object that no request here has brought. Nobody waits for it.
    pub(crate) fn start_own_task(
        &mut self,
        (request_type, object): (u16, Object),
        stream: Stream,
        tag: u32,
        before: u32,
    ) {
        let now = self.now();
        // As it begins it is of no type: it is no client's request.
        let request = Request {
            parent: Key::NONE,
            user: 0,
            request_type: Request::NO_TYPE,
            operation: Operation::REPLICATE,
        };
        let me = self.me;
        let key = self.shared.attempts.insert_with(|| Attempt {
            request,
            caller: me,
            callee: me,
            link: LinkId(0),
            sizes: SizesId(0),
            tries: 0,
            tag,
            stream,
            sent: now,
            ending: Ending::from(Outcome::Ok),
            abandoned: false,
            forwarded: false,
            phase: Phase::Subrequest,
            place: 0,
            visit: Visit { step: before, arrived: now, ..Visit::NEW },
        });
        self.shared.tell(Moment::Sent, key, now);
        self.attempt(key).request.request_type = request_type;
        self.objects().is_about(key, object);
        self.pause(key, Span::ZERO);
    }

    /// A subrequest is over; returns whether nobody waited for it any more.
    pub(crate) fn end_subrequest(&mut self, key: AttemptKey) -> bool {
        let abandoned = self.attempt(key).abandoned;
        self.shared.tell(Moment::Ended, key, self.agenda.now());
        self.shared.attempts.remove(key);
        self.shared.abandoned -= usize::from(abandoned);
        abandoned
    }

    /// Nobody waits for a subrequest any more, if it is not over.
    pub(crate) fn abandon_subrequest(&mut self, key: AttemptKey) {
        if let Some(subrequest) = self.shared.attempts.get_mut(key) {
            subrequest.abandoned = true;
            self.shared.abandoned += 1;
        }
    }
}
