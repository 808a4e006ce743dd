//! What a component may do while something happens to it. Components meet only through requests.

use crate::engine::{Agenda, Key, Lane, Slab, Stream};
use crate::measure::{Meter, Recorder};
use crate::message::{Ending, Event, NodeId, Outcome, Phase, Question, Request, RequestKey, Visit};
use crate::network::Links;
use crate::objects::Content;
use crate::session::Sessions;
use crate::tracing::Watch;
use crate::units::{Span, Time};

/// All that a component may do.
pub(crate) struct Ctx<'a> {
    pub(crate) me: NodeId,
    pub(crate) agenda: &'a mut Agenda<Event>,
    pub(crate) shared: &'a mut Shared,
}

/// What the components of a run share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) requests: Slab<Request>,
    pub(crate) links: Links,
    pub(crate) recorder: Recorder,
    /// Requests present whose caller has given up.
    pub(crate) abandoned: usize,
    /// Whoever wants to know what becomes of single requests.
    pub(crate) watch: Option<Box<Watch>>,
    /// What requests are about, if they are about anything.
    pub(crate) content: Option<Box<Content>>,
    /// What is known of users from one request to the next, if anything is.
    pub(crate) sessions: Option<Box<Sessions>>,
}

impl Ctx<'_> {
    /// The simulated time.
    #[inline]
    pub(crate) fn now(&self) -> Time {
        self.agenda.now()
    }

    /// This component's own number.
    #[inline]
    pub(crate) fn me(&self) -> NodeId {
        self.me
    }

    /// The figures of the run.
    #[inline]
    pub(crate) fn recorder(&mut self) -> &mut Recorder {
        &mut self.shared.recorder
    }

    /// This component's figures.
    #[inline]
    pub(crate) fn meter(&mut self) -> &mut Meter {
        self.shared.recorder.meter(self.me)
    }

    /// How many requests another component has, as it would report itself.
    pub(crate) fn present_at(&self, node: NodeId) -> u64 {
        self.shared.recorder.meters()[node.0 as usize].present.value()
    }

    /// A request that this component is working on.
    #[inline]
    pub(crate) fn request(&mut self, key: RequestKey) -> &mut Request {
        &mut self.shared.requests[key]
    }

    /// Asks a question. Always in line: a question handed over in memory stalls the processor.
    #[inline(always)]
    pub(crate) fn ask(&mut self, question: Question) -> RequestKey {
        let key = self.put(question, Phase::Outward);
        if let Some(sessions) = &mut self.shared.sessions {
            let (whose, now) = ((self.me, question.user), self.agenda.now());
            sessions.carry((question.parent, key), whose, now, &mut self.shared.recorder);
        }
        let link = self.shared.links.get(question.link);
        link.there.send(self.agenda, question.stream, key, Event::Arrive);
        if let Some(lane) = question.patience {
            self.agenda.schedule_in(lane, Event::Expire(key));
        }
        key
    }

    /// Asks a question whose answer is known already: it comes at once, and nothing is sent.
    pub(crate) fn recall(&mut self, question: Question) -> RequestKey {
        let key = self.put(question, Phase::Homeward);
        self.agenda.schedule(Span::ZERO, Event::Answer(key));
        key
    }

    #[inline(always)]
    fn put(&mut self, question: Question, phase: Phase) -> RequestKey {
        let key = self.shared.requests.insert_with(|| Request {
            caller: self.me,
            callee: question.callee,
            parent: question.parent,
            link: question.link,
            sizes: question.sizes,
            tries: 0,
            kind: question.kind,
            operation: question.operation,
            user: question.user,
            tag: question.tag,
            stream: question.stream,
            sent: self.agenda.now(),
            ending: Ending::from(Outcome::Ok),
            abandoned: false,
            phase,
            place: 0,
            visit: Visit::NEW,
        });
        if self.shared.watch.is_some() {
            self.note_question(key, false);
        }
        if self.shared.content.is_some() {
            self.shared.carry(question.parent, key);
        }
        key
    }

    /// Answers a request that this component was asked. Nobody hears it if the caller has given up.
    #[inline(never)]
    pub(crate) fn answer(&mut self, key: RequestKey, outcome: Outcome) {
        self.answer_in_line(key, outcome);
    }

    /// The same where most requests are answered.
    #[inline(always)]
    pub(crate) fn answer_in_line(&mut self, key: RequestKey, outcome: Outcome) {
        let now = self.agenda.now();
        if self.shared.content.is_some() && outcome == Outcome::Ok {
            self.shared.compare(key, now);
        }
        let wanted = self.shared.abandoned == 0 || self.is_wanted(key);
        let request = &mut self.shared.requests[key];
        request.ending = Ending::from(outcome);
        request.phase = Phase::Homeward;
        request.visit.since = now;
        self.shared.recorder.leave(now, self.me, &request.visit, outcome, wanted);
        if let Some(watch) = &mut self.shared.watch {
            watch.answered(key, !request.abandoned, now);
        }
        if request.abandoned {
            self.shared.abandoned -= 1;
            self.shared.requests.remove(key);
        } else {
            let (stream, link) = (request.stream, request.link);
            let link = self.shared.links.get(link);
            link.back.send(self.agenda, stream, key, Event::Answer);
        }
    }

    /// Answers whether this component is up, which is no visit.
    #[inline(never)]
    pub(crate) fn answer_check(&mut self, key: RequestKey, outcome: Outcome) {
        let request = &mut self.shared.requests[key];
        request.ending = Ending::from(outcome);
        request.phase = Phase::Homeward;
        self.shared.recorder.checked(self.agenda.now(), self.me, request.visit.arrived);
        if request.abandoned {
            self.shared.abandoned -= 1;
            self.shared.requests.remove(key);
        } else {
            let link = self.shared.links.get(request.link);
            link.back.send(self.agenda, request.stream, key, Event::Answer);
        }
    }

    /// Starts a strand of a request that this component works on: it resumes at once, at the step
    /// after `before`. Only its component knows of it; see [`Ctx::end_strand`].
    pub(crate) fn start_strand(
        &mut self,
        parent: RequestKey,
        stream: Stream,
        tag: u32,
        before: u32,
    ) -> RequestKey {
        let whole = *self.request(parent);
        let visit = Visit { step: before, arrived: self.now(), ..Visit::NEW };
        let phase = Phase::Strand;
        let key = self.shared.requests.insert_with(|| Request {
            caller: whole.callee,
            parent,
            tag,
            stream,
            abandoned: false,
            phase,
            visit,
            ..whole
        });
        self.note_question(key, true);
        if self.shared.content.is_some() {
            self.shared.carry(parent, key);
        }
        self.pause(key, Span::ZERO);
        key
    }

    /// Starts a task on behalf of a request that this component works on, for which nobody waits:
    /// a strand of its own, which may outlive the request.
    pub(crate) fn start_task(&mut self, of: RequestKey, stream: Stream, before: u32) {
        let task = self.start_strand(of, stream, 0, before);
        self.request(task).parent = Key::NONE;
        self.fetch_anew(task);
    }

    /// A strand is over; returns whether nobody waited for it any more.
    pub(crate) fn end_strand(&mut self, key: RequestKey) -> bool {
        let Request { abandoned, parent, .. } = *self.request(key);
        if let Some(watch) = &mut self.shared.watch {
            watch.over(key, self.agenda.now());
        }
        if !abandoned && !parent.is_none() {
            self.shared.hand_over(key, parent);
        }
        self.shared.requests.remove(key);
        self.shared.abandoned -= usize::from(abandoned);
        abandoned
    }

    /// Nobody waits for a strand any more, if it is not over.
    pub(crate) fn abandon_strand(&mut self, key: RequestKey) {
        if let Some(strand) = self.shared.requests.get_mut(key) {
            strand.abandoned = true;
            self.shared.abandoned += 1;
        }
    }

    /// Whether somebody still waits for the outcome of this request: neither its caller nor the
    /// caller of any request above it has given up.
    fn is_wanted(&self, mut key: RequestKey) -> bool {
        while let Some(request) = self.shared.requests.get(key) {
            if request.abandoned {
                return false;
            }
            key = request.parent;
        }
        true
    }

    /// All that this component is working on fails, and nobody is left here to hear an answer:
    /// calls made for it are abandoned, and pauses end unnoticed. Takes time in the number of all
    /// requests in flight.
    pub(crate) fn fail_all(&mut self) {
        let me = self.me;
        let requests = &self.shared.requests;
        let here = |key: RequestKey, phase: Phase| {
            requests.get(key).is_some_and(|r| r.callee == me && r.phase == phase)
        };
        let visit = |key: &RequestKey| here(*key, Phase::Visiting);
        let strand = |key: &RequestKey| here(*key, Phase::Strand);
        let failed: Vec<RequestKey> = requests.keys().filter(visit).collect();
        let strands: Vec<RequestKey> = requests.keys().filter(strand).collect();
        let called = |key: &RequestKey| {
            let asked = |call: &Request| visit(&call.parent) || strand(&call.parent);
            !strand(key) && requests.get(*key).is_some_and(|call| !call.abandoned && asked(call))
        };
        let calls: Vec<RequestKey> = requests.keys().filter(called).collect();
        for call in calls {
            self.request(call).abandoned = true;
            self.shared.abandoned += 1;
            self.shared.note_given_up(call, self.agenda.now());
        }
        for key in failed {
            self.answer(key, Outcome::Failed(me));
        }
        for strand in strands {
            self.end_strand(strand);
        }
    }

    /// Lets `on_resume` be called for this request `delay` from now.
    #[inline]
    pub(crate) fn pause(&mut self, key: RequestKey, delay: Span) {
        self.agenda.schedule(delay, Event::Resume(key));
    }

    /// Lets `on_alarm` be called `delay` from now.
    #[inline]
    pub(crate) fn alarm(&mut self, delay: Span, tag: u32) {
        self.agenda.schedule(delay, Event::Alarm(self.me, tag));
    }

    /// The lane for a constant delay, such as a timeout.
    pub(crate) fn lane(&mut self, delay: Span) -> Lane {
        self.agenda.lane(delay)
    }
}
