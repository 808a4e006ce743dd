//! What a server does in a transaction: it goes from row to row, starts again where it must, and
//! commits; where rows are on several shards, in two phases, as their coordinator.
//!
//! Rows are asked for and committed on one shard by calls. What is said to several is sent by the
//! server of its own accord and answered when it is done; what goes wrong is said again.

use std::sync::Arc;

use crate::distribution::Delay;
use crate::engine::Lane;
use crate::message::{AttemptKey, LinkId, NodeId, Operation, Outcome, Question, Request, SizesId};
use crate::runtime::{Condition, Ctx};
use crate::tracing::Part;
use crate::transaction::{Manner, Saying, Slot, Vote};
use crate::units::Span;

use super::program::Instruction;
use super::worker::Progress;
use super::{GIVES_UP, SAYS_AGAIN, Station};

/// After how long without an answer a shard is told again to commit, or to forget.
const AGAIN: Span = Span::from_secs(1);
/// After how long without an answer a shard has not promised to commit.
const PROMISE: Span = Span::from_secs(10);

/// A transaction step of a server.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) manner: Manner,
    /// How shards are told things.
    pub(crate) link: LinkId,
    pub(crate) sizes: SizesId,
    /// How long it takes to write down that all shards commit.
    pub(crate) decision: Delay,
    /// How long the database waits for a server that has died without a word.
    pub(crate) keep_alive: Span,
    /// Tells what is drawn for its messages and its decision from other draws.
    pub(crate) salt: u64,
}

/// What a server has of transactions.
#[derive(Debug)]
pub(super) struct Transacting {
    courses: Vec<Arc<Course>>,
    /// Requests that are about to fail, for they have started again as often as they may.
    failing: Vec<AttemptKey>,
    /// It looks again later what shards are to be told.
    looks: bool,
    again: Option<Lane>,
    promise: Option<Lane>,
}

impl Transacting {
    /// Of a server with these steps, if there are any.
    pub(super) fn new(courses: &[Arc<Course>]) -> Option<Box<Transacting>> {
        let (failing, looks, again, promise) = (Vec::new(), false, None, None);
        let courses = courses.to_vec();
        let new = Transacting { courses, failing, looks, again, promise };
        (!new.courses.is_empty()).then(|| Box::new(new))
    }
}

/// Begins the transaction that is this step.
#[derive(Debug)]
pub(super) struct Begin(pub(super) u32);

impl Instruction for Begin {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let course = station.course(self.0);
        let (me, attempt) = (ctx.me(), ctx.attempt(key));
        let of = (attempt.stream, attempt.request.request_type);
        ctx.transactions().begin(key, (me, self.0), &course.manner, of);
        None
    }
}

/// The request is about the row that its transaction is at.
#[derive(Debug)]
pub(super) struct TurnToRow;

impl Instruction for TurnToRow {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        ctx.attempt(key).stream = ctx.transactions().turn_to_row(key);
        None
    }
}

/// The request is about its own object again.
#[derive(Debug)]
pub(super) struct TurnBack;

impl Instruction for TurnBack {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        ctx.attempt(key).stream = ctx.transactions().turn_back(key);
        None
    }
}

/// A row has been read, or locked alone, unless that has ended the transaction: then it starts
/// again at `restart`.
#[derive(Debug)]
pub(super) struct HasRow {
    pub(super) reads: bool,
    pub(super) restart: u32,
}

impl Instruction for HasRow {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        if ctx.transactions().is_broken(key) {
            return station.start_again(key, self.restart, ctx);
        }
        if self.reads {
            ctx.transactions().has_read(key);
        }
        None
    }
}

/// Goes on with the next row at `body`, or with the next step after the last.
#[derive(Debug)]
pub(super) struct NextRow {
    pub(super) body: u32,
}

impl Instruction for NextRow {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        if ctx.transactions().next_row(key) {
            go_to(self.body, key, ctx);
        }
        None
    }
}

/// Begins to commit; where rows are on several shards, waits until all have promised to.
#[derive(Debug)]
pub(super) struct BeginCommit {
    pub(super) restart: u32,
}

impl Instruction for BeginCommit {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let (several, slot) = ctx.transactions().begin_commit(key);
        if ctx.transactions().is_broken(key) {
            return station.start_again(key, self.restart, ctx);
        }
        if !several {
            return None;
        }
        ctx.tracing().waits(key, Part::Io);
        station.tell_shards(slot, Saying::Prepare, ctx);
        Some(station.while_waiting())
    }
}

/// All shards have promised to commit, and it is written down that they are to: they are told so,
/// and the request goes on at `after`. With one shard it goes on with the next step.
#[derive(Debug)]
pub(super) struct Decide {
    pub(super) restart: u32,
    pub(super) after: u32,
}

impl Instruction for Decide {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        if ctx.transactions().is_broken(key) {
            return station.start_again(key, self.restart, ctx);
        }
        match ctx.transactions().decide(key) {
            Some(slot) => {
                station.tell_shards(slot, Saying::Commit, ctx);
                go_to(self.after, key, ctx);
            }
            // Which shard that is the first row says.
            None => ctx.attempt(key).stream = ctx.transactions().turn_to_row(key),
        }
        None
    }
}

/// The transaction is over for the request.
#[derive(Debug)]
pub(super) struct End;

impl Instruction for End {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        ctx.transactions().turn_back(key);
        ctx.attempt(key).stream = ctx.transactions().stream(key);
        ctx.transactions().end(key);
        None
    }
}

/// Goes on at this step.
pub(super) fn go_to(step: u32, key: AttemptKey, ctx: &mut Ctx) {
    // One is added to it when the instruction is done.
    ctx.attempt(key).visit.step = step - 1;
}

impl Station {
    fn transacting(&mut self) -> &mut Transacting {
        self.transacting.as_mut().expect("only a server with transactions does their steps")
    }

    fn course(&mut self, step: u32) -> Arc<Course> {
        Arc::clone(&self.transacting().courses[step as usize])
    }

    /// The run begins.
    pub(super) fn start_transactions(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        if let Some(transacting) = &mut self.transacting {
            (transacting.again, transacting.promise) =
                (Some(ctx.lane(AGAIN)), Some(ctx.lane(PROMISE)));
            ctx.transactions().start_server(me);
        }
        self.start_locks(ctx);
    }

    /// A transaction was ended: it starts again, or its request is about to fail.
    fn start_again(&mut self, key: AttemptKey, restart: u32, ctx: &mut Ctx) -> Option<Progress> {
        let step = ctx.transactions().step_of(key);
        let course = self.course(step);
        let (slot, again) = ctx.transactions().start_again(key, &course.manner);
        self.tell_shards(slot, Saying::RollBack, ctx);
        ctx.transactions().settle(slot);
        if again {
            go_to(restart, key, ctx);
            return None;
        }
        self.transacting().failing.push(key);
        ctx.alarm(Span::ZERO, GIVES_UP);
        Some(self.while_waiting())
    }

    /// Requests fail whose transactions have started again as often as they may.
    pub(super) fn give_up_transactions(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        while let Some(key) = self.transacting.as_mut().and_then(|of| of.failing.pop()) {
            if ctx.is_here(key) {
                self.give_up(key, Outcome::Failed(me), ctx);
            }
        }
    }

    /// A request, or a subrequest, goes wrong: so does the transaction that it is in.
    #[cold]
    #[inline(never)]
    pub(super) fn abandon_transaction(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if let Some(slot) = ctx.transactions().abandon(key) {
            self.tell_shards(slot, Saying::RollBack, ctx);
            ctx.transactions().settle(slot);
        }
    }

    /// Tells something to all shards that have something of a transaction.
    fn tell_shards(&mut self, slot: Slot, saying: Saying, ctx: &mut Ctx) {
        let mut from = 0;
        while let Some((index, node)) = ctx.transactions().next_shard(slot, from) {
            self.tell_shard(slot, node, saying, ctx);
            from = index + 1;
        }
    }

    fn tell_shard(&mut self, slot: Slot, to: NodeId, saying: Saying, ctx: &mut Ctx) {
        let step = ctx.transactions().step(slot);
        let course = self.course(step);
        let (tag, user) = ctx.transactions().say(slot, to, saying);
        let stream = ctx.transactions().next_stream(slot).at(course.salt);
        let lane = match saying {
            Saying::Prepare => self.transacting().promise,
            Saying::Commit | Saying::RollBack => self.transacting().again,
        };
        let request = Request {
            parent: AttemptKey::NONE,
            user,
            request_type: Request::NO_TYPE,
            operation: Operation::TRANSACT,
        };
        ctx.ask(Question {
            request,
            callee: to,
            link: course.link,
            sizes: course.sizes,
            tag,
            stream: stream.at(u64::from(to.0)),
            timeout_lane: lane,
        });
    }

    /// A shard has answered, or has not in time.
    #[cold]
    #[inline(never)]
    pub(super) fn on_shard_answer(&mut self, number: u32, ctx: &mut Ctx) {
        let (message, done) = ctx.transactions().heard(number);
        let slot = message.transaction;
        if message.saying != Saying::Prepare {
            if !done {
                self.look_again(AGAIN, ctx);
            }
            return ctx.transactions().settle(slot);
        }
        match ctx.transactions().vote(slot, done) {
            Vote::Missing => {}
            Vote::RollBack(key) => ctx.pause(key, Span::ZERO),
            Vote::Commit(key) => {
                let step = ctx.transactions().step(slot);
                let course = self.course(step);
                let stream = ctx.attempt(key).stream;
                ctx.pause(key, course.decision.draw(stream.beside(course.salt)));
            }
        }
        // What is left of it is told with all others.
        if ctx.transactions().is_left(slot) {
            self.look_again(Span::ZERO, ctx);
            ctx.transactions().settle(slot);
        }
    }

    fn look_again(&mut self, after: Span, ctx: &mut Ctx) {
        let transacting = self.transacting();
        if !std::mem::replace(&mut transacting.looks, true) {
            ctx.alarm(after, SAYS_AGAIN);
        }
    }

    /// Tells shards again what they are still to do.
    pub(super) fn say_again(&mut self, ctx: &mut Ctx) {
        let Some(transacting) = &mut self.transacting else { return };
        transacting.looks = false;
        let (me, is_up) = (ctx.me(), ctx.condition() == Condition::Up);
        let mut from = 0;
        while let Some((slot, saying)) = ctx.transactions().to_be_told(me, is_up, from) {
            self.tell_shards(slot, saying, ctx);
            ctx.transactions().settle(slot);
            from = slot + 1;
        }
    }

    /// It goes down. The database hears of that when its connections break: at once of a crash.
    pub(super) fn transactions_go_down(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        if self.locking.is_some() {
            ctx.transactions().shard_goes_down(me);
        }
        let Some(transacting) = &mut self.transacting else { return };
        transacting.failing.clear();
        let keep_alive = transacting.courses.iter().map(|course| course.keep_alive).max();
        ctx.transactions().server_goes_down(me);
        if ctx.condition() == Condition::Silent {
            ctx.alarm(keep_alive.unwrap_or(Span::ZERO), SAYS_AGAIN);
        } else {
            self.say_again(ctx);
        }
    }

    /// It is back.
    pub(super) fn transactions_come_back(&mut self, ctx: &mut Ctx) {
        if self.transacting.is_some() {
            let me = ctx.me();
            ctx.transactions().server_comes_back(me);
            self.say_again(ctx);
        }
    }
}
