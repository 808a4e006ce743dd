//! A station that is one of several copies of a database: it sends its writes to the others, or
//! takes them and applies them, and lets reads wait until it has what they must see.
//!
//! What the primary sends are questions of its own accord, of which each is answered when the copy
//! has the writes. What goes wrong is sent again, as a stream is taken up again where it broke.

use crate::engine::{Lane, Stream};
use crate::message::{
    Attempt, AttemptKey, LinkId, Operation, Outcome, Question, Reply, Request, SizesId,
};
use crate::replication::{Group, GroupId, Told};
use crate::runtime::{Condition, Ctx};
use crate::tracing::Part;
use crate::units::Span;

use super::program::Instruction;
use super::worker::Progress;
use super::{GAVE_UP, RESEND, Station};

/// The step before those with which a write of another copy is taken, before those with which one
/// is applied, and before those with which a read of another copy is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) take: u32,
    pub(crate) apply: u32,
    pub(crate) look_up: u32,
}

/// A station as one of the copies of a database.
#[derive(Debug)]
pub(crate) struct Membership {
    pub(crate) group: GroupId,
    pub(crate) copy: u32,
    /// How the others are asked.
    pub(crate) link: LinkId,
    pub(crate) sizes: SizesId,
    /// After how long without an answer they are asked again.
    pub(crate) resend: Span,
    /// The steps before those with which others' writes and reads are answered.
    pub(crate) parts: Parts,
    /// Tells what is drawn for the sending to a copy, and for applying there, from a write's other
    /// draws.
    pub(crate) salt: u64,
    lane: Option<Lane>,
    /// Whether it looks again later who is behind, and whether a write has waited for long enough.
    resends: bool,
    armed: bool,
}

impl Membership {
    pub(crate) fn new(
        (group, copy): (GroupId, u32),
        (link, sizes): (LinkId, SizesId),
        resend: Span,
        parts: Parts,
        salt: u64,
    ) -> Membership {
        let (lane, resends, armed) = (None, false, false);
        Membership { group, copy, link, sizes, resend, parts, salt, lane, resends, armed }
    }
}

/// Fails a write at a copy that is not the primary, or no longer.
#[derive(Debug)]
pub(crate) struct Lead;

impl Instruction for Lead {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        let leads = ctx.replication().group(group).leads(copy);
        refuse_unless(leads, key, ctx)
    }
}

/// Fails a write that other copies have not taken, or whose copy is the primary no longer.
#[derive(Debug)]
pub(crate) struct Confirm;

impl Instruction for Confirm {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        let leads = ctx.replication().group(group).leads(copy);
        let failed = ctx.replication().has_failed(key);
        refuse_unless(leads && !failed, key, ctx)
    }
}

/// Commits a write, sends it to the other copies, and waits for them if it has to.
#[derive(Debug)]
pub(crate) struct Replicate;

impl Instruction for Replicate {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group: id, copy: me, .. } = station.membership();
        let mut replication = ctx.replication();
        let group = replication.group(id);
        let may = group.leads(me) && !group.is_full();
        if let Some(failed) = refuse_unless(may, key, ctx) {
            return Some(failed);
        }
        let attempt = *ctx.attempt(key);
        let (position, waits) = ctx.replication().commit((id, me), key, &attempt);
        let others = ctx.replication().group(id).told_by(me);
        for copy in others {
            if ctx.replication().group(id).sends_at_once(me, copy) {
                let told = Told { position, all: false, copy };
                station.send(told.tag(), copy, (attempt.stream, Some(key)), ctx);
            }
        }
        if !waits {
            return None;
        }
        ctx.tracing().waits(key, Part::Io);
        station.arm_patience(ctx);
        Some(station.while_waiting())
    }
}

/// A copy has got writes: it says so, and begins to apply them.
#[derive(Debug)]
pub(crate) struct Receive;

impl Instruction for Receive {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let message = std::mem::replace(&mut ctx.attempt(key).request.parent, AttemptKey::NONE);
        station.has_received(message, ctx);
        None
    }
}

/// A copy has applied a write.
#[derive(Debug)]
pub(crate) struct Applied;

impl Instruction for Applied {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        let tag = ctx.attempt(key).tag;
        let Told { position, .. } = ctx.replication().group(group).told(tag);
        ctx.replication().apply(group, copy, position);
        station.answer_settled(ctx);
        station.let_reads_go_on(ctx);
        station.take_over(ctx);
        station.begin_to_apply(ctx);
        None
    }
}

/// Lets a read wait until this copy has what it must see.
#[derive(Debug)]
pub(crate) struct CatchUp;

impl Instruction for CatchUp {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        if ctx.replication().group(group).refuses_reads() {
            return refuse_unless(false, key, ctx);
        }
        let parent = ctx.attempt(key).request.parent;
        if !ctx.replication().waits(group, copy, key, parent) {
            return None;
        }
        ctx.attempt(key).visit.since = ctx.now();
        ctx.tracing().waits(key, Part::Io);
        Some(station.while_waiting())
    }
}

/// Reads what this copy has of the request's object.
#[derive(Debug)]
pub(crate) struct ReadCopy;

impl Instruction for ReadCopy {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        let attempt = ctx.attempt(key);
        let asked = (attempt.request.user, attempt.sent);
        ctx.replication().read(group, copy, key, asked);
        None
    }
}

/// Fails a request unless it may go on.
pub(super) fn refuse_unless(may: bool, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
    if may {
        return None;
    }
    let me = ctx.me();
    ctx.answer(key, Outcome::Failed(me));
    Some(Progress::Done)
}

impl Station {
    /// The same as one of the copies of a database.
    pub(crate) fn with_copies(self, membership: Option<Membership>) -> Station {
        Station { membership: membership.map(Box::new), ..self }
    }

    pub(super) fn membership(&self) -> &Membership {
        self.membership.as_ref().expect("only a copy of a database is told what copies do")
    }

    fn membership_mut(&mut self) -> &mut Membership {
        self.membership.as_mut().expect("only a copy of a database is told what copies do")
    }

    /// The run begins.
    pub(super) fn start_copy(&mut self, ctx: &mut Ctx) {
        if let Some(membership) = &mut self.membership {
            membership.lane = Some(ctx.lane(membership.resend));
            ctx.replication().start(membership.group, membership.copy);
        }
    }

    // Those that take writes.

    /// Sends a message to a copy; about the object of a request, if it is on behalf of one.
    pub(super) fn send(
        &mut self,
        tag: u32,
        copy: u32,
        (stream, of): (Stream, Option<AttemptKey>),
        ctx: &mut Ctx,
    ) {
        let &Membership { group, link, sizes, lane, salt, .. } = self.membership();
        let request = Request {
            parent: AttemptKey::NONE,
            user: 0,
            request_type: Request::NO_TYPE,
            operation: Operation::REPLICATE,
        };
        let callee = ctx.replication().group(group).node(copy);
        let object = of.map(|key| ctx.objects().object(key));
        let asked = ctx.ask(Question {
            request,
            callee,
            link,
            sizes,
            tag,
            stream: stream.at(salt).at(u64::from(copy)),
            timeout_lane: lane,
        });
        if let Some(object) = object {
            ctx.objects().is_about(asked, object);
        }
    }

    /// A copy has answered a message, or has not in time.
    #[cold]
    #[inline(never)]
    pub(super) fn on_copy_answer(&mut self, answered: &Reply, has_it: bool, ctx: &mut Ctx) {
        let &Membership { group: id, copy: me, .. } = self.membership();
        let is_up = ctx.condition() == Condition::Up;
        let mut replication = ctx.replication();
        let group = replication.group(id);
        if !is_up || !group.sends(me) {
            return;
        }
        if Group::is_about_a_read(answered.tag) {
            return self.on_read_answer(answered.tag, has_it, ctx);
        }
        let told = group.told(answered.tag);
        if !has_it {
            let behind = group.falls_behind(me, told);
            if let Some(key) = replication.refused(id, me, told) {
                ctx.pause(key, Span::ZERO);
            }
            if behind {
                self.arm_resend(ctx);
            }
            return;
        }
        replication.acked(id, me, told);
        while let Some(key) = ctx.replication().released(id, me) {
            ctx.pause(key, Span::ZERO);
        }
    }

    /// Sends a copy all that it lacks, if it lacks anything.
    fn resend(&mut self, copy: u32, ctx: &mut Ctx) {
        let &Membership { group, copy: me, .. } = self.membership();
        if let Some(position) = ctx.replication().group(group).resends(me, copy) {
            self.tell_by_itself(Told { position, all: true, copy }, ctx);
        }
    }

    /// Sends a copy a write, or all up to it, on behalf of no request.
    pub(super) fn tell_by_itself(&mut self, told: Told, ctx: &mut Ctx) {
        let group = self.membership().group;
        let stream = ctx.replication().group(group).stream(told.position);
        self.send(told.tag(), told.copy, (stream, None), ctx);
    }

    fn arm_resend(&mut self, ctx: &mut Ctx) {
        let membership = self.membership_mut();
        if !std::mem::replace(&mut membership.resends, true) {
            ctx.alarm(membership.resend, RESEND);
        }
    }

    /// Sends all that are behind what they lack.
    pub(super) fn resend_all(&mut self, ctx: &mut Ctx) {
        let Some(membership) = &mut self.membership else { return };
        membership.resends = false;
        if ctx.condition() != Condition::Up {
            return;
        }
        let &mut Membership { group: id, copy: me, .. } = &mut **membership;
        let others = ctx.replication().group(id).told_by(me);
        for copy in others {
            let mut replication = ctx.replication();
            let group = replication.group(id);
            if group.sends(me) && group.is_behind(me, copy) {
                self.resend(copy, ctx);
            }
        }
    }

    fn arm_patience(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        let group = self.membership().group;
        let Some(patience) = ctx.replication().group(group).patience(now) else { return };
        if !std::mem::replace(&mut self.membership_mut().armed, true) {
            ctx.alarm(patience, GAVE_UP);
        }
    }

    /// A write may have waited for replicas for long enough.
    pub(super) fn on_patience(&mut self, ctx: &mut Ctx) {
        let group = self.membership().group;
        self.membership_mut().armed = false;
        while let Some(key) = ctx.replication().gives_up(group) {
            ctx.pause(key, Span::ZERO);
        }
        self.arm_patience(ctx);
    }

    // The others.

    /// A message of the primary has come.
    #[cold]
    #[inline(never)]
    pub(super) fn on_copy_message(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            return ctx.refuse(key);
        }
        let group = self.membership().group;
        let Attempt { sent, caller, tag, .. } = *ctx.attempt(key);
        let mut replication = ctx.replication();
        let group = replication.group(group);
        if group.breaks(group.copy_of(caller), sent) {
            let me = ctx.me();
            return ctx.answer_check(key, Outcome::Failed(me));
        }
        if Group::is_about_a_read(tag) {
            return self.look_up(key, ctx);
        }
        if self.storage.is_none() {
            return self.has_received(key, ctx);
        }
        self.start_part(key, self.membership().parts.take, ctx);
    }

    /// Does what another copy asks for by a message, before that is answered.
    pub(super) fn start_part(&mut self, message: AttemptKey, before: u32, ctx: &mut Ctx) {
        let Attempt { stream, tag, .. } = *ctx.attempt(message);
        ctx.start_subrequest(message, stream, tag, before);
    }

    fn has_received(&mut self, message: AttemptKey, ctx: &mut Ctx) {
        let group = self.membership().group;
        let Attempt { tag, caller, .. } = *ctx.attempt(message);
        let mut replication = ctx.replication();
        let group = replication.group(group);
        let told = group.told(tag);
        let later = group.receive(group.copy_of(caller), told, message);
        if group.rejects(told) {
            let me = ctx.me();
            ctx.answer_check(message, Outcome::Failed(me));
        } else if !later {
            ctx.answer_check(message, Outcome::Ok);
        }
        self.begin_to_apply(ctx);
        self.answer_settled(ctx);
        let &Membership { group, copy, .. } = self.membership();
        if ctx.replication().group(group).inherits(copy) {
            self.be_promoted(ctx);
        }
    }

    /// Begins to apply what it can.
    fn begin_to_apply(&mut self, ctx: &mut Ctx) {
        let &Membership { group, copy, parts, salt, .. } = self.membership();
        while let Some((position, write)) = ctx.replication().begin(group, copy) {
            let of = (write.request_type, write.object);
            let stream = write.stream.at(salt).at(u64::from(copy));
            let tag = Told { position, all: false, copy }.tag();
            ctx.start_own_task(of, stream, tag, parts.apply);
        }
    }

    /// Answers the messages that had to wait for others, or for their writes to be applied.
    fn answer_settled(&mut self, ctx: &mut Ctx) {
        let &Membership { group, copy, .. } = self.membership();
        while let Some(message) = ctx.replication().group(group).settled_message(copy) {
            ctx.answer_check(message, Outcome::Ok);
        }
    }

    fn let_reads_go_on(&mut self, ctx: &mut Ctx) {
        let &Membership { group, copy, .. } = self.membership();
        while let Some(key) = ctx.replication().satisfied(group, copy) {
            let waited = ctx.waited_for_others(key);
            ctx.attempt(key).visit.waited += waited;
            ctx.replication().has_waited(group, copy, waited);
        }
    }

    /// It becomes the primary.
    pub(super) fn be_promoted(&mut self, ctx: &mut Ctx) {
        let &Membership { group, copy, .. } = self.membership();
        for key in ctx.replication().promote(group, copy) {
            ctx.pause(key, Span::ZERO);
        }
        self.take_over(ctx);
        self.begin_to_apply(ctx);
    }

    /// As the primary that was chosen it takes writes, once it has applied all that it had.
    fn take_over(&mut self, ctx: &mut Ctx) {
        let &Membership { group, copy, .. } = self.membership();
        if ctx.replication().takes_over(group, copy) {
            self.let_reads_go_on(ctx);
            self.resend_all(ctx);
        }
    }

    /// It goes down.
    pub(super) fn copy_goes_down(&mut self, ctx: &mut Ctx) {
        if let Some(membership) = &self.membership {
            let &Membership { group, copy, .. } = &**membership;
            ctx.replication().goes_down(group, copy);
        }
    }

    /// It is back.
    pub(super) fn copy_comes_back(&mut self, ctx: &mut Ctx) {
        let Some(membership) = &self.membership else { return };
        let &Membership { group, copy, .. } = &**membership;
        ctx.replication().group(group).comes_back(copy);
        self.begin_to_apply(ctx);
        self.resend_all(ctx);
    }
}
