//! A station that is one of several copies of a database: it sends its writes to the others, or
//! takes them and applies them, and lets reads wait until it has what they must see.
//!
//! What the primary sends are questions of its own accord, of which each is answered when the copy
//! has the writes. What goes wrong is sent again, as a stream is taken up again where it broke.

use crate::engine::Lane;
use crate::message::{AttemptKey, LinkId, Operation, Outcome, Question, Reply, Request, SizesId};
use crate::replication::{GroupId, Told};
use crate::runtime::{Condition, Ctx};
use crate::tracing::Part;
use crate::units::Span;

use super::program::Instruction;
use super::worker::Progress;
use super::{GAVE_UP, RESEND, Station};

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
    /// The step before those with which a write is taken, and before those with which one is
    /// applied.
    pub(crate) take: u32,
    pub(crate) apply: u32,
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
        [take, apply]: [u32; 2],
        salt: u64,
    ) -> Membership {
        let (lane, resends, armed) = (None, false, false);
        Membership { group, copy, link, sizes, resend, take, apply, salt, lane, resends, armed }
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
        let (position, waits) = ctx.replication().commit(id, key, &attempt);
        let others = ctx.replication().group(id).others(me);
        for copy in others {
            if !ctx.replication().group(id).is_behind(copy) {
                station.send(Told { position, all: false, copy }, Some(key), ctx);
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
fn refuse_unless(may: bool, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
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

    fn membership(&self) -> &Membership {
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

    // The primary.

    /// Sends something to a copy; of one write, on behalf of the request that wrote it.
    fn send(&mut self, told: Told, of: Option<AttemptKey>, ctx: &mut Ctx) {
        let &Membership { group, link, sizes, lane, salt, .. } = self.membership();
        let stream = match of {
            Some(key) => ctx.attempt(key).stream,
            None => ctx.replication().group(group).stream(told.position),
        };
        let request = Request {
            parent: AttemptKey::NONE,
            user: 0,
            request_type: Request::NO_TYPE,
            operation: Operation::REPLICATE,
        };
        let callee = ctx.replication().group(group).node(told.copy);
        let object = of.map(|key| ctx.objects().object(key));
        let asked = ctx.ask(Question {
            request,
            callee,
            link,
            sizes,
            tag: told.tag(),
            stream: stream.at(salt).at(u64::from(told.copy)),
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
        if !is_up || !group.leads(me) {
            return;
        }
        let told = group.told(answered.tag);
        if !has_it {
            if group.falls_behind(told) {
                self.arm_resend(ctx);
            }
            return;
        }
        replication.acked(id, told);
        while let Some(key) = ctx.replication().released(id) {
            ctx.pause(key, Span::ZERO);
        }
    }

    /// Sends a copy all that it lacks, if it lacks anything.
    fn resend(&mut self, copy: u32, ctx: &mut Ctx) {
        let group = self.membership().group;
        if let Some(position) = ctx.replication().group(group).resends(copy) {
            self.send(Told { position, all: true, copy }, None, ctx);
        }
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
        let others = ctx.replication().group(id).others(me);
        for copy in others {
            let mut replication = ctx.replication();
            let group = replication.group(id);
            if group.leads(me) && group.is_behind(copy) {
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
        let (group, sent) = (self.membership().group, ctx.attempt(key).sent);
        if ctx.replication().group(group).breaks(sent) {
            let me = ctx.me();
            return ctx.answer_check(key, Outcome::Failed(me));
        }
        if self.storage.is_none() {
            return self.has_received(key, ctx);
        }
        let (take, attempt) = (self.membership().take, *ctx.attempt(key));
        ctx.start_subrequest(key, attempt.stream, attempt.tag, take);
    }

    fn has_received(&mut self, message: AttemptKey, ctx: &mut Ctx) {
        let group = self.membership().group;
        let told = ctx.attempt(message).tag;
        let mut replication = ctx.replication();
        let told = replication.group(group).told(told);
        let later = replication.group(group).receive(told, message);
        if !later {
            ctx.answer_check(message, Outcome::Ok);
        }
        self.begin_to_apply(ctx);
        self.answer_settled(ctx);
    }

    /// Begins to apply what it can.
    fn begin_to_apply(&mut self, ctx: &mut Ctx) {
        let &Membership { group, copy, apply, salt, .. } = self.membership();
        while let Some((position, write)) = ctx.replication().begin(group, copy) {
            let of = (write.request_type, write.object);
            let stream = write.stream.at(salt).at(u64::from(copy));
            let tag = Told { position, all: false, copy }.tag();
            ctx.start_own_task(of, stream, tag, apply);
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
