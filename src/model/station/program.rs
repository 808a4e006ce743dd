//! What a worker is to do, as instructions: every operation's steps in one list, with jumps where
//! the scenario nests.

use crate::engine::{Lane, Stream};
use crate::model::delay::Delay;
use crate::model::link::{LinkId, SizesId};
use crate::model::node::{Ctx, NodeId, Operation, RequestKey};
use crate::model::replicas::Replicas;
use crate::model::size::Size;
use crate::units::Span;

/// What a worker does next for a request.
#[derive(Clone, Debug)]
pub(in crate::model) enum Step {
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
    /// Start strands that run at the same time, and wait.
    Fork(Fork),
    /// A strand is done.
    Join,
}

/// A call of a step to another component.
#[derive(Clone, Debug)]
pub(in crate::model) struct Call {
    pub(in crate::model) callee: Replicas,
    pub(in crate::model) link: LinkId,
    pub(in crate::model) sizes: SizesId,
    /// `None`: whatever was asked of the caller.
    pub(in crate::model) operation: Option<Operation>,
    pub(in crate::model) salt: u64,
    /// The number of the cache that is asked, if it has several nodes.
    pub(in crate::model) spread: Option<u32>,
    /// If it goes wrong the request goes on all the same.
    pub(in crate::model) lenient: bool,
    pub(in crate::model) timeout: Option<Span>,
    pub(in crate::model) patience: Option<Lane>,
}

impl Call {
    /// Which instance is asked on behalf of `key`.
    #[inline(always)]
    pub(super) fn asks(&self, key: RequestKey, stream: Stream, ctx: &mut Ctx) -> NodeId {
        match self.spread {
            None => self.callee.pick(stream),
            Some(cache) => self.callee.nth(ctx.node_of(key, cache)),
        }
    }
}

/// Places to go on at, by chance.
#[derive(Clone, Debug)]
pub(in crate::model) struct Branch {
    /// Up to which uniform number each is taken, ascending, and where it begins.
    pub(in crate::model) arms: Box<[(f64, u32)]>,
    /// Where to go on when none is taken.
    pub(in crate::model) otherwise: u32,
    pub(in crate::model) salt: u64,
}

impl Branch {
    pub(super) fn choose(&self, stream: Stream) -> u32 {
        let drawn = stream.beside(self.salt).draws().unit();
        let taken = self.arms.iter().find(|(up_to, _)| drawn < *up_to);
        taken.map_or(self.otherwise, |&(_, begins)| begins)
    }
}

/// Strands that run at the same time.
#[derive(Clone, Debug)]
pub(in crate::model) struct Fork {
    /// For each strand, the step before its first.
    pub(in crate::model) strands: Box<[u32]>,
    /// How many must be done before the request goes on.
    pub(in crate::model) wait: u32,
    /// Where it then goes on.
    pub(in crate::model) after: u32,
    pub(in crate::model) salt: u64,
}

/// All that a station can do.
#[derive(Clone, Debug)]
pub(in crate::model) struct Program {
    /// All steps of all operations; each operation's end with [`Step::Done`].
    pub(in crate::model) steps: Vec<Step>,
    /// Where each operation's steps begin.
    pub(in crate::model) entry: Vec<Option<u32>>,
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
                call.patience = call.timeout.map(|timeout| ctx.lane(timeout));
            }
        }
    }
}
