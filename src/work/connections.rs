//! The connections that an instance has to a database: taken for a call or for a whole request,
//! given back afterwards, waited for when all are taken.

use std::collections::VecDeque;

use crate::distribution::Delay;
use crate::document::{At, Count, choice, record};
use crate::engine::Stream;
use crate::measure::{CountersId, PoolUse};
use crate::message::AttemptKey;
use crate::runtime::Ctx;
use crate::units::{Span, Time};

use super::connection_meter::{CONNECTIONS, Counted};
use super::salt;

record! {
    /// A pool of connections to a database, which each instance of each component that asks it has
    /// for itself.
    #[short = size]
    pub struct ConnectionPoolSpec {
        /// How many connections each instance has at most.
        pub size: At<Count>,
        /// For how long a connection is taken.
        pub held: ConnectionScope = "call",
        /// How long a request waits for one at most; then it fails. For ever if not given.
        pub timeout: Option<At<Span>>,
        /// How long it takes to open one: the first time, and after one was lost because the
        /// database failed.
        pub connect: Delay = "0",
    }
}

choice! {
    /// For how long a connection is taken.
    pub enum ConnectionScope {
        /// For a call, as a pooler does it by statement or by transaction.
        Call = "call",
        /// From a request's first call until it is answered, as a pooler does it by session, and
        /// frameworks that give each request a connection.
        Request = "request",
    }
}

/// The connections of one instance to one database.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) spec: ConnectionPoolSpec,
    open: u64,
    idle: u64,
    /// Who waits, longest first, and until when.
    waiting: VecDeque<(AttemptKey, Time)>,
    /// When somebody looks who has waited long enough.
    armed: Time,
    /// Who has one for the whole request.
    pub(super) holders: Vec<AttemptKey>,
    /// Where its figures are.
    meter: Option<CountersId>,
    /// Tells the time that it takes to open one from what else is drawn for a request.
    salt: u64,
}

/// What becomes of a request that wants a connection.
pub(super) enum Taken {
    /// It has one that is open after so long.
    After(Span),
    /// It waits.
    Waits,
}

impl Connections {
    fn new(spec: &ConnectionPoolSpec, salt: u64) -> Connections {
        Connections {
            spec: spec.clone(),
            open: 0,
            idle: 0,
            waiting: VecDeque::new(),
            armed: Time::ZERO,
            holders: Vec::new(),
            meter: None,
            salt,
        }
    }

    /// The connections to each database through which it is asked.
    pub(super) fn all(specs: &[ConnectionPoolSpec]) -> Vec<Connections> {
        let salt = |pool: u64| salt(&["connect", &pool.to_string()]);
        (0..).zip(specs).map(|(pool, spec)| Connections::new(spec, salt(pool))).collect()
    }

    pub(super) fn holds(&self, key: AttemptKey) -> bool {
        self.spec.held == ConnectionScope::Request && self.holders.contains(&key)
    }

    pub(super) fn take(&mut self, key: AttemptKey, stream: Stream, ctx: &mut Ctx) -> Taken {
        if self.idle == 0 && self.open == self.spec.size.value.get() {
            let patience = self.spec.timeout.as_ref().map(|timeout| timeout.value);
            let now = ctx.now();
            let until = patience.map_or(Time::NEVER, |patience| now + patience);
            self.waiting.push_back((key, until));
            return Taken::Waits;
        }
        Taken::After(self.give(key, stream, ctx))
    }

    /// Gives a connection that is idle, or opens one. Returns how long that takes.
    fn give(&mut self, key: AttemptKey, stream: Stream, ctx: &mut Ctx) -> Span {
        if self.spec.held == ConnectionScope::Request {
            self.holders.push(key);
        }
        self.count(Counted::Taken, 1, ctx);
        let opens = self.idle == 0;
        if opens {
            self.open += 1;
            self.count(Counted::Opened, 1, ctx);
        } else {
            self.idle -= 1;
        }
        let now = ctx.now();
        ctx.meter().pool.iter_mut().for_each(|pool| pool.taken.rise(now));
        if opens { self.spec.connect.draw(stream.beside(self.salt)) } else { Span::ZERO }
    }

    /// A connection is given back, or is `broken`. Returns who has it next, and after how long.
    pub(super) fn give_back(&mut self, broken: bool, ctx: &mut Ctx) -> Option<(AttemptKey, Span)> {
        let now = ctx.now();
        ctx.meter().pool.iter_mut().for_each(|pool| pool.taken.fall(now));
        if broken {
            self.open -= 1;
        } else {
            self.idle += 1;
        }
        self.waiting.pop_front().map(|(key, _)| {
            let attempt = ctx.attempt(key);
            let (waited, stream) = ((now - attempt.visit.since).nanos(), attempt.stream);
            self.count(Counted::Wait, waited, ctx);
            (key, self.give(key, stream, ctx))
        })
    }

    /// Who has waited long enough, if somebody has.
    pub(super) fn impatient(&mut self, ctx: &mut Ctx) -> Option<AttemptKey> {
        let now = ctx.now();
        let &(key, _) = self.waiting.front().filter(|(_, until)| *until <= now)?;
        self.waiting.pop_front();
        self.count(Counted::TimedOut, 1, ctx);
        Some(key)
    }

    /// How long until somebody is to look who has waited long enough, if nobody is about to.
    pub(super) fn arm(&mut self, now: Time) -> Option<Span> {
        let &(_, until) = self.waiting.front()?;
        let idle = self.armed <= now && until < Time::NEVER;
        idle.then(|| {
            self.armed = until;
            until.since(now)
        })
    }

    /// All connections are lost, and nobody waits any more.
    pub(super) fn clear(&mut self) {
        (self.open, self.idle) = (0, 0);
        self.waiting.clear();
        self.holders.clear();
    }

    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        self.meter = Some(ctx.recorder().add_counters(&CONNECTIONS, me.0 as usize));
        let pool: &mut PoolUse = ctx.meter().pool.get_or_insert_default();
        pool.size += self.spec.size.value.get();
    }

    fn count(&self, counted: Counted, more: u64, ctx: &mut Ctx) {
        let id = self.meter.expect("a pool counts from its start on");
        ctx.recorder().counters(id).add(counted, more);
    }
}
