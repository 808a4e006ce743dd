//! The contract between components and the world: what can happen to a component, and all that it
//! may do. Components meet only through requests.
//!
//! A *request* is one question over one link; it has a caller, a callee and maybe a parent, the
//! request on whose behalf it is asked. *Invariant:* a slot is freed exactly once: when the answer
//! reaches the caller or their connection has failed, or when the callee answers and the caller has
//! given up by then. Work for callers who left goes on to its end.

use crate::engine::{Agenda, Key, Lane, Slab, Stream};
use crate::units::{Span, Time};

use super::content::Content;
use super::event::Event;
use super::link::{LinkId, Links, SizesId};
pub(super) use super::outcome::Ending;
pub use super::outcome::Outcome;
use super::recorder::{Meter, Recorder};
use super::session::Sessions;
use super::watch::Watch;

/// One component instance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// What is asked of a component, such as `GET /product` or `read`: an index into the scenario's
/// table of operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Operation(pub(super) u16);

impl Operation {
    /// Whether it is up, which whoever is up answers at once.
    pub(super) const CHECK: Operation = Operation(u16::MAX);
}

/// Finds a request in flight.
pub(super) type RequestKey = Key<Request>;

/// Where a request is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// On the link to the callee.
    Outward,
    /// At the callee.
    Visiting,
    /// On the link back.
    Homeward,
    /// On no way at all: a strand of the request that its parent is.
    Strand,
}

/// One question over one link. With what its slot needs it takes 128 bytes, which is two lines of a
/// processor's cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// Who asked.
    pub(super) caller: NodeId,
    /// Who is asked.
    pub(super) callee: NodeId,
    /// The request on whose behalf this one is asked, or [`Key::NONE`].
    pub(super) parent: RequestKey,
    /// Over which link.
    pub(super) link: LinkId,
    /// How large its messages are.
    pub(super) sizes: SizesId,
    /// How often the message that is on its way has been lost.
    pub(super) tries: u16,
    /// The client's request type that started it all: an index over all types of all clients.
    pub(super) kind: u16,
    /// What is asked.
    pub(super) operation: Operation,
    /// Who of all clients' users started it all; 0 where nobody wants to know.
    pub(super) user: u32,
    /// Whatever the caller wants to find again when the answer comes.
    pub(super) tag: u32,
    /// All that is random about this request is drawn from here.
    pub(super) stream: Stream,
    /// When it was asked.
    pub(super) sent: Time,
    /// How it ended; known once it is answered.
    pub(super) ending: Ending,
    /// The caller has given up waiting.
    pub(super) abandoned: bool,
    pub(super) phase: Phase,
    /// At its callee: its place in the queue, where it may leave it, or its worker.
    pub(super) place: u32,
    /// What the callee remembers of it.
    pub(super) visit: Visit,
}

/// What a callee remembers of a request that it is working on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// When it arrived at the callee.
    pub(super) arrived: Time,
    /// When the present wait or call began; once it is answered, when that was.
    pub(super) since: Time,
    /// Time spent waiting for a worker, a connection or a core so far.
    pub(super) waited: Span,
    /// Time spent on calls to other components so far.
    pub(super) away: Span,
    /// Processor time of the present step.
    pub(super) demand: Span,
    /// Processor time used by the steps before.
    pub(super) used: Span,
    /// The present step.
    pub(super) step: u32,
    /// The innermost repetition that it is in.
    pub(super) repetition: u32,
}

const _: () = assert!(size_of::<Request>() == 120);

impl Visit {
    /// It is in no repetition.
    pub(super) const NO_REPETITION: u32 = u32::MAX;

    pub(super) const NEW: Visit = Visit {
        arrived: Time::ZERO,
        since: Time::ZERO,
        waited: Span::ZERO,
        away: Span::ZERO,
        demand: Span::ZERO,
        used: Span::ZERO,
        step: 0,
        repetition: Visit::NO_REPETITION,
    };
}

/// A question to be asked; see [`Ctx::ask`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// Whom to ask.
    pub(super) callee: NodeId,
    /// Over which link.
    pub(super) link: LinkId,
    /// How large its messages are.
    pub(super) sizes: SizesId,
    /// On whose behalf, or [`Key::NONE`].
    pub(super) parent: RequestKey,
    /// The client's request type that started it all.
    pub(super) kind: u16,
    /// What to ask.
    pub(super) operation: Operation,
    /// Who of all clients' users started it all; 0 where nobody wants to know.
    pub(super) user: u32,
    /// Handed back with the answer.
    pub(super) tag: u32,
    /// Where the request's randomness comes from.
    pub(super) stream: Stream,
    /// How long to wait for the answer: a lane of the agenda.
    pub(super) patience: Option<Lane>,
}

/// What a caller learns when its request is answered, or when it gives up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    /// The request on whose behalf it was asked, or [`Key::NONE`].
    pub(super) parent: RequestKey,
    /// What the caller wanted to find again.
    pub(super) tag: u32,
    /// The client's request type that started it all.
    pub(super) kind: u16,
    /// When it was asked.
    pub(super) sent: Time,
}

impl Request {
    /// The type of what no client has started.
    pub(super) const NO_KIND: u16 = u16::MAX;

    /// What its caller learns of it.
    #[inline]
    pub(super) fn reply(&self) -> Reply {
        let Request { parent, tag, kind, sent, .. } = *self;
        Reply { parent, tag, kind, sent }
    }
}

/// What can happen to a component. A method that a component does not write says that this never
/// happens to it.
pub(super) trait Node {
    /// The run begins.
    fn on_start(&mut self, _: &mut Ctx) {}

    /// A request has arrived and wants an answer.
    fn on_request(&mut self, _: RequestKey, _: &mut Ctx) {
        unreachable!("this component is asked nothing");
    }

    /// A pause taken for this request is over.
    fn on_resume(&mut self, _: RequestKey, _: &mut Ctx) {
        unreachable!("this component takes no pauses");
    }

    /// The patience that this component lent a request has ended; the request may have been
    /// answered meanwhile.
    fn on_impatience(&mut self, _: RequestKey, _: &mut Ctx) {
        unreachable!("whoever waits at this component is patient");
    }

    /// A request that this component asked has been answered; its slot is free again. The outcome,
    /// which has just been written, comes by itself: copied with the rest it would have to wait
    /// until it has reached the cache.
    fn on_answer(&mut self, _: &Reply, _: Outcome, _: &mut Ctx) {
        unreachable!("this component asks nothing");
    }

    /// A request that this component asked has not been answered in time; it is abandoned.
    fn on_timeout(&mut self, _: &Reply, _: &mut Ctx) {
        unreachable!("this component is patient");
    }

    /// An alarm that this component set goes off.
    fn on_alarm(&mut self, _tag: u32, _: &mut Ctx) {
        unreachable!("this component sets no alarms");
    }
}

/// All that a component may do.
pub(super) struct Ctx<'a> {
    pub(super) me: NodeId,
    pub(super) agenda: &'a mut Agenda<Event>,
    pub(super) shared: &'a mut Shared,
}

/// What the components of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) requests: Slab<Request>,
    pub(super) links: Links,
    pub(super) recorder: Recorder,
    /// Requests present whose caller has given up.
    pub(super) abandoned: usize,
    /// Whoever wants to know what becomes of single requests.
    pub(super) watch: Option<Box<Watch>>,
    /// What requests are about, if they are about anything.
    pub(super) content: Option<Box<Content>>,
    /// What is known of users from one request to the next, if anything is.
    pub(super) sessions: Option<Box<Sessions>>,
}

impl Ctx<'_> {
    /// The simulated time.
    #[inline]
    pub(super) fn now(&self) -> Time {
        self.agenda.now()
    }

    /// This component's own number.
    #[inline]
    pub(super) fn me(&self) -> NodeId {
        self.me
    }

    /// The figures of the run.
    #[inline]
    pub(super) fn recorder(&mut self) -> &mut Recorder {
        &mut self.shared.recorder
    }

    /// This component's figures.
    #[inline]
    pub(super) fn meter(&mut self) -> &mut Meter {
        self.shared.recorder.meter(self.me)
    }

    /// How many requests another component has, as it would report itself.
    pub(super) fn present_at(&self, node: NodeId) -> u64 {
        self.shared.recorder.meters()[node.0 as usize].present.value()
    }

    /// A request that this component is working on.
    #[inline]
    pub(super) fn request(&mut self, key: RequestKey) -> &mut Request {
        &mut self.shared.requests[key]
    }

    /// Asks a question. Always in line: a question handed over in memory stalls the processor.
    #[inline(always)]
    pub(super) fn ask(&mut self, question: Question) -> RequestKey {
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
    pub(super) fn recall(&mut self, question: Question) -> RequestKey {
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
    pub(super) fn answer(&mut self, key: RequestKey, outcome: Outcome) {
        self.answer_in_line(key, outcome);
    }

    /// The same where most requests are answered.
    #[inline(always)]
    pub(super) fn answer_in_line(&mut self, key: RequestKey, outcome: Outcome) {
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
    pub(super) fn answer_check(&mut self, key: RequestKey, outcome: Outcome) {
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
    pub(super) fn start_strand(
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
    pub(super) fn start_task(&mut self, of: RequestKey, stream: Stream, before: u32) {
        let task = self.start_strand(of, stream, 0, before);
        self.request(task).parent = Key::NONE;
        self.fetch_anew(task);
    }

    /// A strand is over; returns whether nobody waited for it any more.
    pub(super) fn end_strand(&mut self, key: RequestKey) -> bool {
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
    pub(super) fn abandon_strand(&mut self, key: RequestKey) {
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
    pub(super) fn fail_all(&mut self) {
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
    pub(super) fn pause(&mut self, key: RequestKey, delay: Span) {
        self.agenda.schedule(delay, Event::Resume(key));
    }

    /// Lets `on_alarm` be called `delay` from now.
    #[inline]
    pub(super) fn alarm(&mut self, delay: Span, tag: u32) {
        self.agenda.schedule(delay, Event::Alarm(self.me, tag));
    }

    /// The lane for a constant delay, such as a timeout.
    pub(super) fn lane(&mut self, delay: Span) -> Lane {
        self.agenda.lane(delay)
    }
}
