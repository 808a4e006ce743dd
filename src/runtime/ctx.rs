//! What a component may do while something happens to it. Components meet only through requests.

use crate::column::{Moment, Scene};
use crate::engine::{Agenda, Lane, Slab};
use crate::measure::{Meter, Recorder};
use crate::message::{
    Attempt, AttemptKey, Ending, Event, NodeId, Outcome, Phase, Question, Reply, Visit,
};
use crate::network::Links;
use crate::objects::ObjectView;
use crate::replication::{Replication, ReplicationView};
use crate::session::SessionView;
use crate::tracing::{Part, TraceView};
use crate::transaction::{TransactionView, Transactions};
use crate::units::{Bytes, Span, Time};

use super::columns::Columns;
use super::fleet::{Condition, Fleet};
use super::hops::Hops;
use super::hung::Held;
use super::interference::Interferences;

/// All that a component may do.
pub(crate) struct Ctx<'a> {
    pub(crate) me: NodeId,
    pub(crate) agenda: &'a mut Agenda<Event>,
    pub(crate) shared: &'a mut Shared,
}

/// What the components of a run share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) attempts: Slab<Attempt>,
    pub(crate) links: Links,
    pub(crate) recorder: Recorder,
    /// Requests present whose caller has given up.
    pub(crate) abandoned: usize,
    /// What stands beside requests.
    pub(super) columns: Columns,
    /// Databases with several copies, if there are any.
    pub(super) replication: Option<Box<Replication>>,
    /// Transactions, if there are any.
    pub(super) transactions: Option<Box<Transactions>>,
    /// Who is up.
    pub(super) fleet: Fleet,
    /// The balancers that requests have passed in their slots.
    pub(super) hops: Hops,
    /// What has just been passed on, over no delay, or [`Key::NONE`].
    pub(super) passed: AttemptKey,
    /// What is done to messages on their way.
    pub(super) interferences: Interferences,
    /// What has happened to components that hang, in its order.
    pub(super) held: Vec<(NodeId, Held)>,
}

impl Shared {
    /// Something has happened to an attempt.
    #[inline]
    pub(super) fn tell(&mut self, moment: Moment, key: AttemptKey, now: Time) {
        if self.columns.want(moment) {
            self.tell_columns(moment, key, now);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_columns(&mut self, moment: Moment, key: AttemptKey, now: Time) {
        let Shared { columns, attempts, links, recorder, .. } = self;
        columns.tell(moment, key, Scene { now, attempts, links, recorder });
    }

    /// What the caller of an attempt learns when it gives up.
    #[inline]
    pub(super) fn reply(&self, attempt: &Attempt) -> Reply {
        Reply { tag: self.hops.tag(attempt), ..attempt.reply() }
    }

    /// An attempt reaches its callee, which is returned.
    #[inline(always)]
    pub(super) fn arrive(&mut self, key: AttemptKey, now: Time) -> NodeId {
        let attempt = &mut self.attempts[key];
        let callee = attempt.callee;
        attempt.phase = Phase::Visiting;
        attempt.visit.arrived = now;
        self.recorder.meter(callee).enter(now);
        self.tell(Moment::Arrived, key, now);
        callee
    }

    /// Nothing more will come of an attempt: its message is lost, or its callee has died without a
    /// word. Its caller waits in vain, if it still waits.
    pub(super) fn lose(&mut self, key: AttemptKey, now: Time) {
        let attempt = &mut self.attempts[key];
        attempt.phase = Phase::Lost;
        if attempt.abandoned {
            self.free(key, now);
        }
    }

    /// The caller of an attempt gives it up.
    pub(super) fn give_up(&mut self, key: AttemptKey, now: Time) {
        let attempt = &mut self.attempts[key];
        attempt.abandoned = true;
        let lost = attempt.phase == Phase::Lost;
        self.abandoned += 1;
        self.tell(Moment::GivenUp, key, now);
        if lost {
            self.free(key, now);
        }
    }

    /// Nobody waits for a lost attempt any more.
    #[cold]
    fn free(&mut self, key: AttemptKey, now: Time) {
        self.tell(Moment::Ended, key, now);
        self.abandoned -= 1;
        self.attempts.remove(key);
    }

    /// Puts the message of an attempt on its channel, for the first time or again, or sends it over
    /// a link that is only a delay, unless that is cut.
    #[cold]
    #[inline(never)]
    pub(super) fn transmit(&mut self, key: AttemptKey, agenda: &mut Agenda<Event>) {
        let attempt = &self.attempts[key];
        let Attempt { caller, callee, phase, .. } = *attempt;
        let (from, to) = if phase.way() == 0 { (caller, callee) } else { (callee, caller) };
        let later = self.interferences.impact(attempt, from, to);
        if !self.links.is_channel(attempt) {
            return match later {
                None => self.lose(key, agenda.now()),
                Some(later) => self.links.forward(key, attempt, later, agenda),
            };
        }
        let size = self.message_size(key);
        let Shared { links, attempts, recorder, .. } = self;
        links.transmit((key, size, later), attempts, recorder, agenda);
    }

    /// How large the message of an attempt is that is on its way.
    #[inline(never)]
    pub(super) fn message_size(&self, key: AttemptKey) -> Bytes {
        self.size(key, self.attempts[key].phase.way())
    }

    /// How large the question of an attempt is, way 0, or its answer, way 1: what it carries, and
    /// the cookies of a question.
    pub(crate) fn size(&self, key: AttemptKey, way: usize) -> Bytes {
        let attempt = &self.attempts[key];
        let Columns { objects, sessions, .. } = &self.columns;
        let of_object = |payload: &_| match objects {
            Some(objects) => objects.size(way, key, payload),
            None => unreachable!("a scenario is checked for objects of no catalog"),
        };
        let whole = || self.links.size(way, attempt, of_object);
        if way == 0 {
            let cookies = sessions.as_ref().map_or(Bytes(0), |sessions| sessions.cookies(key));
            return Bytes(whole().0 + cookies.0);
        }
        let short =
            objects.as_ref().and_then(|it| it.short_answer(key, attempt.request.request_type));
        short.unwrap_or_else(whole)
    }
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

    /// What requests are about.
    #[inline]
    pub(crate) fn objects(&mut self) -> ObjectView<'_> {
        let Shared { columns, recorder, .. } = &mut *self.shared;
        let (content, now) = (columns.objects.as_deref_mut(), self.agenda.now());
        ObjectView { content, recorder, now }
    }

    /// The copies of databases.
    pub(crate) fn replication(&mut self) -> ReplicationView<'_> {
        let Shared { columns, recorder, replication, .. } = &mut *self.shared;
        let (content, now) = (columns.objects.as_deref_mut(), self.agenda.now());
        let replication = replication.as_deref_mut().expect("only copies of databases ask");
        ReplicationView { replication, content, recorder, now }
    }

    /// The transactions and their locks.
    pub(crate) fn transactions(&mut self) -> TransactionView<'_> {
        let Shared { columns, recorder, transactions, .. } = &mut *self.shared;
        let (content, now) = (columns.objects.as_deref_mut(), self.agenda.now());
        let transactions = transactions.as_deref_mut().expect("only what has transactions asks");
        TransactionView { transactions, content, recorder, now }
    }

    /// What is known of users here.
    #[inline]
    pub(crate) fn sessions(&mut self) -> SessionView<'_> {
        let Shared { columns, attempts, recorder, .. } = &mut *self.shared;
        let (sessions, now) = (columns.sessions.as_deref_mut(), self.agenda.now());
        SessionView { sessions, attempts, recorder, me: self.me, now }
    }

    /// What is told of single requests.
    #[inline]
    pub(crate) fn tracing(&mut self) -> TraceView<'_> {
        let now = self.agenda.now();
        TraceView { tracing: self.shared.columns.tracing.as_deref_mut(), now }
    }

    /// An attempt that this component is working on.
    #[inline]
    pub(crate) fn attempt(&mut self, key: AttemptKey) -> &mut Attempt {
        &mut self.shared.attempts[key]
    }

    /// Asks a question. Always in line: a question handed over in memory stalls the processor.
    #[inline(always)]
    pub(crate) fn ask(&mut self, question: Question) -> AttemptKey {
        let key = self.put(question, Phase::Outward);
        let link = self.shared.links.get(question.link);
        link.there.send(self.agenda, question.stream, key, Event::Arrive);
        if let Some(lane) = question.timeout_lane {
            self.agenda.schedule_in(lane, Event::Expire(key));
        }
        key
    }

    /// Asks a question whose answer is known already: it comes at once, and nothing is sent.
    pub(crate) fn recall(&mut self, question: Question) -> AttemptKey {
        let key = self.put(question, Phase::Homeward);
        self.agenda.schedule(Span::ZERO, Event::Answer(key));
        key
    }

    #[inline(always)]
    fn put(&mut self, question: Question, phase: Phase) -> AttemptKey {
        let key = self.shared.attempts.insert_with(|| Attempt {
            request: question.request,
            caller: self.me,
            callee: question.callee,
            link: question.link,
            sizes: question.sizes,
            tries: 0,
            tag: question.tag,
            stream: question.stream,
            sent: self.agenda.now(),
            ending: Ending::from(Outcome::Ok),
            abandoned: false,
            forwarded: false,
            phase,
            place: 0,
            visit: Visit::NEW,
        });
        self.shared.tell(Moment::Sent, key, self.agenda.now());
        key
    }

    /// Answers a request that this component was asked. Nobody hears it if the caller has given up.
    #[inline(never)]
    pub(crate) fn answer(&mut self, key: AttemptKey, outcome: Outcome) {
        self.answer_in_line(key, outcome);
    }

    /// The same where most requests are answered.
    #[inline(always)]
    pub(crate) fn answer_in_line(&mut self, key: AttemptKey, outcome: Outcome) {
        let now = self.agenda.now();
        let wanted = self.shared.abandoned == 0 || self.is_wanted(key);
        let attempt = &mut self.shared.attempts[key];
        attempt.ending = Ending::from(outcome);
        attempt.phase = Phase::Homeward;
        attempt.visit.since = now;
        self.shared.recorder.leave(now, self.me, &attempt.visit, outcome, wanted);
        let Attempt { abandoned, forwarded, stream, link, .. } = *attempt;
        self.shared.tell(Moment::Answered, key, now);
        // Balancers on its way are told, even if the caller has given up.
        if abandoned && !forwarded {
            self.shared.abandoned -= 1;
            self.shared.attempts.remove(key);
        } else {
            let link = self.shared.links.get(link);
            link.back.send(self.agenda, stream, key, Event::Answer);
        }
    }

    /// Answers whether this component is up, which is no visit.
    #[inline(never)]
    pub(crate) fn answer_check(&mut self, key: AttemptKey, outcome: Outcome) {
        let attempt = &mut self.shared.attempts[key];
        attempt.ending = Ending::from(outcome);
        attempt.phase = Phase::Homeward;
        self.shared.recorder.checked(self.agenda.now(), self.me, attempt.visit.arrived);
        if attempt.abandoned {
            self.shared.abandoned -= 1;
            self.shared.attempts.remove(key);
        } else {
            let link = self.shared.links.get(attempt.link);
            link.back.send(self.agenda, attempt.stream, key, Event::Answer);
        }
    }

    /// Whether somebody still waits for the outcome of this request: neither its caller nor the
    /// caller of any request above it has given up.
    pub(super) fn is_wanted(&self, mut key: AttemptKey) -> bool {
        while let Some(attempt) = self.shared.attempts.get(key) {
            if attempt.abandoned {
                return false;
            }
            key = attempt.request.parent;
        }
        true
    }

    /// All that this component is working on fails, and nobody is left here to hear an answer:
    /// calls made for it are abandoned, and pauses end unnoticed. Takes time in the number of all
    /// requests in flight.
    pub(crate) fn fail_all(&mut self) {
        let me = self.me;
        for key in self.give_up_all() {
            if self.attempt(key).request.operation.is_internal() {
                self.answer_check(key, Outcome::Failed(me));
            } else {
                self.answer(key, Outcome::Failed(me));
            }
        }
        self.end_subrequests();
    }

    /// The same, but those who asked hear nothing.
    pub(crate) fn lose_all(&mut self) {
        for key in self.give_up_all() {
            self.lose(key);
        }
        self.end_subrequests();
    }

    /// The caller of a request hears nothing.
    pub(crate) fn lose(&mut self, key: AttemptKey) {
        let (me, now) = (self.me, self.agenda.now());
        let arrived = self.attempt(key).visit.arrived;
        self.shared.recorder.checked(now, me, arrived);
        // As far as its caller can tell, the answer is on its way.
        self.tracing().waits(key, Part::Network);
        self.shared.lose(key, now);
    }

    /// Refuses a request, or a check, as the condition of this component has it: of one that has
    /// died without a word nothing is heard.
    #[cold]
    pub(crate) fn refuse(&mut self, key: AttemptKey) {
        let me = self.me;
        if self.condition() == Condition::Silent {
            self.lose(key);
        } else if self.attempt(key).request.operation.is_internal() {
            self.answer_check(key, Outcome::Failed(me));
        } else {
            self.answer(key, Outcome::Failed(me));
        }
    }

    /// Abandons the calls that this component has made. Returns what it is working on.
    fn give_up_all(&mut self) -> Vec<AttemptKey> {
        let me = self.me;
        let attempts = &self.shared.attempts;
        let here = |key: AttemptKey| {
            let found = attempts.get(key).filter(|attempt| attempt.callee == me);
            found.is_some_and(|r| matches!(r.phase, Phase::Visiting | Phase::Subrequest))
        };
        let called = |key: &AttemptKey| {
            let subrequest = |call: &Attempt| call.callee == me && call.phase == Phase::Subrequest;
            let call =
                |call: &Attempt| !call.abandoned && !subrequest(call) && here(call.request.parent);
            attempts.get(*key).is_some_and(call)
        };
        let calls: Vec<AttemptKey> = attempts.keys().filter(called).collect();
        let is_visit = |key: &AttemptKey| {
            attempts.get(*key).is_some_and(|r| r.callee == me && r.phase == Phase::Visiting)
        };
        let visits = attempts.keys().filter(is_visit).collect();
        for call in calls {
            self.shared.give_up(call, self.agenda.now());
        }
        visits
    }

    fn end_subrequests(&mut self) {
        let me = self.me;
        let attempts = &self.shared.attempts;
        let is_subrequest = |key: &AttemptKey| {
            attempts.get(*key).is_some_and(|r| r.callee == me && r.phase == Phase::Subrequest)
        };
        let subrequests: Vec<AttemptKey> = attempts.keys().filter(is_subrequest).collect();
        for subrequest in subrequests {
            self.end_subrequest(subrequest);
        }
    }

    /// The condition of this component.
    pub(crate) fn condition(&self) -> Condition {
        self.shared.fleet.condition(self.me)
    }

    /// This component starts anew, or has started.
    pub(crate) fn set_condition(&mut self, condition: Condition) {
        self.shared.fleet.set_condition(self.me, condition);
        self.shared.tell_watchers(self.me, self.agenda);
    }

    /// A request that waited at this component for what another was fetching goes on. Returns how
    /// long it has waited.
    pub(crate) fn waited_for_others(&mut self, key: AttemptKey) -> Span {
        let waited = self.now() - self.attempt(key).visit.since;
        self.pause(key, Span::ZERO);
        waited
    }

    /// Whether a request is still at work at its component.
    pub(crate) fn is_here(&self, key: AttemptKey) -> bool {
        let here = |phase| matches!(phase, Phase::Visiting | Phase::Subrequest);
        self.shared.attempts.get(key).is_some_and(|attempt| here(attempt.phase))
    }

    /// Lets `on_resume` be called for this request `delay` from now.
    #[inline]
    pub(crate) fn pause(&mut self, key: AttemptKey, delay: Span) {
        self.agenda.schedule(delay, Event::Resume(key));
    }

    /// Pauses for something that is no core.
    #[inline(never)]
    pub(crate) fn pause_for_io(&mut self, key: AttemptKey, delay: Span) {
        self.tracing().waits(key, Part::Io);
        self.pause(key, delay);
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
