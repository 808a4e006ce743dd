//! What a worker is to do, as instructions: every operation's steps in one list, with jumps where
//! the scenario nests.

use std::fmt;
use std::sync::Arc;

use crate::distribution::Delay;
use crate::distribution::Size;
use crate::engine::{Lane, Stream};
use crate::message::{AttemptKey, LinkId, NodeId, Operation, Replicas, SizesId};
use crate::replication::{Access, GroupId};
use crate::runtime::Ctx;
use crate::units::Span;

use super::Station;
use super::transaction::Course;
use super::worker::Progress;

/// What a worker does next for a request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Use a processor for a random time, divided by the station's speed.
    Cpu { cost: Delay, salt: u64 },
    /// Wait for something that is not a processor.
    Io { delay: Delay, salt: u64 },
    /// Ask another component and wait for the answer.
    Call(Call),
    /// Read the request's object where it is kept for good.
    Load,
    /// Write it there.
    Commit,
    /// Look into this station's own cache, and perhaps wait for what another fetches.
    LookUp,
    /// Keep in it what was read.
    Fill,
    /// Remove from it what was written.
    Remove,
    /// Keep in it what was written.
    Renew,
    /// Answer for what is written, which goes to the database later: with the next step, unless
    /// there is a write of the same object to go with, or no room.
    Accept { merged: u32, full: u32 },
    /// Rest until the write is to go to the database.
    Rest,
    /// The database has it, or not: then it is tried again.
    Written { again: u32 },
    /// Go on by what the cache that was last asked has found; if nothing, with the next step.
    Recall { hit: u32, refresh: u32 },
    /// Go on elsewhere if the client has what was read.
    IfModified { otherwise: u32 },
    /// Start a task that nobody waits for, with the next step as its first, and go on elsewhere.
    Spawn { after: u32, salt: u64 },
    /// Look for the session of the request's user; where there is one go on at `known`, otherwise
    /// with the next step.
    FindSession { known: u32 },
    /// The user has logged in.
    LogIn,
    /// The request has added to its user's session.
    GrowSession,
    /// Look for the session that a server asks this cache for.
    RecallSession,
    /// Keep it.
    KeepSession,
    /// Answer well.
    Done,
    /// Go on at one of several places, by chance.
    Branch(Branch),
    /// Go on elsewhere.
    Jump(u32),
    /// Begin the first of several rounds of the steps that follow.
    Repeat { times: Size, salt: u64 },
    /// Begin the next round at `body`, or go on after the last.
    Again { body: u32, salt: u64 },
    /// Start subrequests that run at the same time, and wait.
    Fork(Fork),
    /// A subrequest is done.
    Join,
    /// What a module of its own does.
    Own(Arc<dyn Instruction>),
}

/// A step that a module of its own does.
pub(crate) trait Instruction: fmt::Debug + Send + Sync {
    /// Does it. Returns what has become of the request, if it does not go on at once; the next step
    /// is done when its pause is over.
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress>;
}

/// A call of a step to another component.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) callee: Replicas,
    pub(crate) link: LinkId,
    pub(crate) sizes: SizesId,
    /// `None`: whatever was asked of the caller.
    pub(crate) operation: Option<Operation>,
    pub(crate) salt: u64,
    /// How one of several instances is chosen.
    pub(crate) among: Among,
    /// If it goes wrong the request goes on all the same.
    pub(crate) lenient: bool,
    /// The pool of which it takes a connection.
    pub(crate) pool: Option<usize>,
    pub(crate) timeout: Option<Span>,
    pub(crate) timeout_lane: Option<Lane>,
}

impl Call {
    /// Which instance is asked on behalf of `key`.
    #[inline(always)]
    pub(super) fn asks(&self, key: AttemptKey, stream: Stream, ctx: &mut Ctx) -> NodeId {
        match &self.among {
            Among::Any => self.callee.pick(stream),
            Among::Nodes(cache) => self.callee.nth(ctx.objects().node_of(key, *cache)),
            Among::Nth(nth) => self.callee.nth(*nth),
            Among::Copies(group, access) => choose_copy(group, access, key, stream, ctx),
        }
    }
}

#[cold]
#[inline(never)]
fn choose_copy(
    &(first, sharding): &(GroupId, Option<u32>),
    access: &Access,
    key: AttemptKey,
    stream: Stream,
    ctx: &mut Ctx,
) -> NodeId {
    let shard = sharding.map_or(0, |component| ctx.objects().node_of(key, component));
    let group = first.nth(shard);
    let (me, user) = (ctx.me(), ctx.attempt(key).request.user);
    ctx.replication().choose(group, access, (key, user), me, stream)
}

/// How one of several instances of a callee is chosen.
#[derive(Clone, Debug)]
pub(crate) enum Among {
    /// Each is as likely as another, if there are several.
    Any,
    /// The node of a cache, or the shard of a database, that the request's object is on: the
    /// component of this number.
    Nodes(u32),
    /// The instance of this number.
    Nth(u32),
    /// A copy of a database; of the shard that the object is on if it has several, being the
    /// component of this number.
    Copies((GroupId, Option<u32>), Access),
}

impl Among {
    /// The same within one shard of a database.
    pub(super) fn of_shard(self, shard: u32) -> Among {
        match self {
            Among::Any | Among::Nodes(_) | Among::Nth(_) => Among::Nth(shard),
            Among::Copies((first, _), access) => Among::Copies((first.nth(shard), None), access),
        }
    }
}

/// Places to go on at, by chance.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    /// Up to which uniform number each is taken, ascending, and where it begins.
    pub(crate) arms: Box<[(f64, u32)]>,
    /// Where to go on when none is taken.
    pub(crate) otherwise: u32,
    pub(crate) salt: u64,
}

impl Branch {
    pub(super) fn choose(&self, stream: Stream) -> u32 {
        let drawn = stream.beside(self.salt).draws().unit();
        let taken = self.arms.iter().find(|(up_to, _)| drawn < *up_to);
        taken.map_or(self.otherwise, |&(_, begins)| begins)
    }
}

/// Subrequests that run at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Fork {
    /// For each subrequest, the step before its first.
    pub(crate) subrequests: Box<[u32]>,
    /// How many must be done before the request goes on.
    pub(crate) wait: u32,
    /// Where it then goes on.
    pub(crate) after: u32,
    pub(crate) salt: u64,
}

/// All that a station can do.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// All steps of all operations; each operation's end with [`Step::Done`].
    pub(crate) steps: Vec<Step>,
    /// Where each operation's steps begin.
    pub(crate) entry: Vec<Option<u32>>,
    /// Its transactions.
    pub(super) courses: Vec<Arc<Course>>,
}

impl Program {
    /// Whether one request may have several jobs at once.
    pub(super) fn forks(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Fork(_) | Step::Spawn { .. }))
    }

    /// Finds the lanes of the calls' timeouts.
    pub(super) fn find_lanes(&mut self, ctx: &mut Ctx) {
        for step in &mut self.steps {
            if let Step::Call(call) = step {
                call.timeout_lane = call.timeout.map(|timeout| ctx.lane(timeout));
            }
        }
    }
}
