//! A station whose rows are locked by transactions: who asks for one waits before it takes a
//! connection, so that who has a lock finds one to commit by.

use crate::message::{AttemptKey, Operation, Outcome};
use crate::runtime::{Condition, Ctx};
use crate::tracing::Part;
use crate::transaction::{Asked, Saying};
use crate::units::Span;

use super::program::Instruction;
use super::transaction::go_to;
use super::worker::Progress;
use super::{LOCKED, Station};

/// What a station does for transactions.
#[derive(Clone, Debug)]
pub(crate) struct Locking {
    /// What is asked for with a lock first, and the step where it then begins; the last is a write
    /// outside of any transaction.
    pub(crate) entries: [(Operation, u32); 3],
    /// The step before those by which it promises to commit, and before those by which it then
    /// does.
    pub(crate) prepare: u32,
    pub(crate) install: u32,
}

/// A row is locked: if the transaction has read another version, that ends it.
#[derive(Debug)]
pub(crate) struct Claim;

impl Instruction for Claim {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let me = ctx.me();
        if !ctx.transactions().claims(me, key) {
            station.wake_waiters(ctx);
        }
        None
    }
}

/// Begins to commit what is here alone, if that is still there.
#[derive(Debug)]
pub(crate) struct CommitAlone;

impl Instruction for CommitAlone {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let (me, parent) = (ctx.me(), ctx.attempt(key).request.parent);
        if ctx.transactions().begins_to_commit(me, key, parent) {
            return None;
        }
        ctx.answer(key, Outcome::Failed(me));
        Some(Progress::Done)
    }
}

/// Turns to the next row that is to be written here, or goes on at `after`.
#[derive(Debug)]
pub(crate) struct EachRow {
    pub(crate) after: u32,
    pub(crate) salt: u64,
}

impl Instruction for EachRow {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let me = ctx.me();
        if ctx.transactions().turn_to_unwritten(me, key) {
            let attempt = ctx.attempt(key);
            attempt.stream = attempt.stream.at(self.salt);
        } else {
            go_to(self.after, key, ctx);
        }
        None
    }
}

/// Has promised to commit.
#[derive(Debug)]
pub(crate) struct Promise;

impl Instruction for Promise {
    fn begin(&self, _: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let me = ctx.me();
        ctx.transactions().promise(me, key);
        answer_message(key, ctx);
        None
    }
}

/// Commits what is here, and gives up its locks.
#[derive(Debug)]
pub(crate) struct Install;

impl Instruction for Install {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let me = ctx.me();
        let installed = ctx.transactions().install(me, key);
        station.wake_waiters(ctx);
        if ctx.attempt(key).request.operation == Operation::TRANSACT {
            answer_message(key, ctx);
        } else if !installed {
            // It was told meanwhile to forget it.
            ctx.answer(key, Outcome::Failed(me));
            return Some(Progress::Done);
        }
        None
    }
}

/// A write outside of any transaction is done.
#[derive(Debug)]
pub(crate) struct Unlock;

impl Instruction for Unlock {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        station.unlock(key, ctx);
        None
    }
}

/// Answers the message on whose behalf a part of the station's work was done.
fn answer_message(key: AttemptKey, ctx: &mut Ctx) {
    let message = std::mem::replace(&mut ctx.attempt(key).request.parent, AttemptKey::NONE);
    ctx.answer_check(message, Outcome::Ok);
}

impl Station {
    /// The same with locks.
    pub(crate) fn with_locks(self, locking: Option<Locking>) -> Station {
        Station { locking: locking.map(Box::new), ..self }
    }

    /// The run begins.
    pub(super) fn start_locks(&mut self, ctx: &mut Ctx) {
        if self.locking.is_some() {
            let me = ctx.me();
            ctx.transactions().start_shard(me);
        }
    }

    /// Where what is asked for begins, if a lock is to be got for it first.
    pub(super) fn entry_with_lock(&self, operation: Operation) -> Option<u32> {
        let entries = &self.locking.as_ref()?.entries;
        entries.iter().find(|(of, _)| *of == operation).map(|&(_, entry)| entry)
    }

    /// Something has come for which a lock is to be got.
    pub(super) fn ask_for_lock(&mut self, key: AttemptKey, entry: u32, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            return self.find_closed(key, ctx);
        }
        let (me, now) = (ctx.me(), ctx.now());
        let attempt = ctx.attempt(key);
        attempt.visit.step = entry;
        attempt.visit.since = now;
        let (operation, parent) = (attempt.request.operation, attempt.request.parent);
        let asked = match self.is_alone(operation) {
            true => ctx.transactions().ask_alone(me, key),
            false => ctx.transactions().ask(me, key, parent),
        };
        match asked {
            Asked::Has => self.admit_with_lock(key, ctx),
            Asked::Waits => ctx.tracing().waits(key, Part::Io),
            Asked::Deadlock => {
                ctx.answer(key, Outcome::Ok);
                self.wake_waiters(ctx);
            }
            Asked::Late => ctx.answer(key, Outcome::Failed(me)),
        }
    }

    fn is_alone(&self, operation: Operation) -> bool {
        self.locking.as_ref().is_some_and(|locking| locking.entries[2].0 == operation)
    }

    fn admit_with_lock(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let request_type = ctx.attempt(key).request.request_type;
        self.admit(key, request_type, ctx);
        if !ctx.is_here(key) {
            self.unlock(key, ctx);
        }
    }

    /// A write outside of any transaction is over, well or not.
    #[cold]
    #[inline(never)]
    pub(super) fn unlock(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let me = ctx.me();
        ctx.transactions().ends_alone(me, key);
        self.wake_waiters(ctx);
    }

    /// Those who have got the locks that they waited for are to go on.
    fn wake_waiters(&self, ctx: &mut Ctx) {
        let me = ctx.me();
        if ctx.transactions().is_any_ready(me) {
            ctx.alarm(Span::ZERO, LOCKED);
        }
    }

    /// Those who have got the locks that they waited for go on.
    pub(super) fn on_locked(&mut self, ctx: &mut Ctx) {
        let (me, now) = (ctx.me(), ctx.now());
        while let Some(key) = ctx.transactions().ready(me) {
            if ctx.is_here(key) {
                let visit = &mut ctx.attempt(key).visit;
                visit.waited += now - visit.since;
                self.admit_with_lock(key, ctx);
            }
        }
    }

    /// A server says what is to become of a transaction.
    pub(super) fn on_saying(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            return ctx.refuse(key);
        }
        let (me, attempt) = (ctx.me(), *ctx.attempt(key));
        let message = ctx.transactions().message(attempt.tag, attempt.request.user);
        let parts = self.locking.as_ref().map(|locking| [locking.prepare, locking.install]);
        let (Some(message), Some([prepare, install])) = (message, parts) else {
            return ctx.answer_check(key, Outcome::Failed(me));
        };
        let slot = message.transaction;
        let begins = match message.saying {
            Saying::Prepare => ctx.transactions().works(me, slot).then_some(prepare),
            Saying::Commit => ctx.transactions().hears_commit(me, slot).then_some(install),
            Saying::RollBack => {
                if let Some(waiting) = ctx.transactions().hears_roll_back(me, slot) {
                    ctx.answer(waiting, Outcome::Failed(me));
                }
                self.wake_waiters(ctx);
                None
            }
        };
        let Some(before) = begins else { return ctx.answer_check(key, Outcome::Ok) };
        let part = ctx.start_subrequest(key, attempt.stream, attempt.tag, before);
        ctx.attempt(part).request.request_type = ctx.transactions().works_on(part, slot);
    }
}
