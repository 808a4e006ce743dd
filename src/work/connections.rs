//! The connections that an instance has to a database: taken for a call or for a whole request,
//! given back afterwards, waited for when all are taken.

use std::collections::VecDeque;

use crate::distribution::Delay;
use crate::document::{At, Count, choice, record};
use crate::engine::Stream;
use crate::measure::Unit::{Number, PerSecond, Seconds};
use crate::measure::{CONNECTION_POOL, CountersId, Family, Owner, PoolUse, Reading, Term, metrics};
use crate::message::{AttemptKey, Outcome};
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::{Span, Time};

use super::program::{Instruction, Step};
use super::worker::Progress;
use super::{POOLS, Station, begin_wait, end_wait, salt};

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
    spec: ConnectionPoolSpec,
    open: u64,
    idle: u64,
    /// Who waits, longest first, and until when.
    waiting: VecDeque<(AttemptKey, Time)>,
    /// When somebody looks who has waited long enough.
    armed: Time,
    /// Who has one for the whole request.
    holders: Vec<AttemptKey>,
    /// Where its figures are.
    meter: Option<CountersId>,
    /// Tells the time that it takes to open one from what else is drawn for a request.
    salt: u64,
}

/// What becomes of a request that wants a connection.
enum Taken {
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

    fn holds(&self, key: AttemptKey) -> bool {
        self.spec.held == ConnectionScope::Request && self.holders.contains(&key)
    }

    fn take(&mut self, key: AttemptKey, stream: Stream, ctx: &mut Ctx) -> Taken {
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
    fn give_back(&mut self, broken: bool, ctx: &mut Ctx) -> Option<(AttemptKey, Span)> {
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
    fn impatient(&mut self, ctx: &mut Ctx) -> Option<AttemptKey> {
        let now = ctx.now();
        let &(key, _) = self.waiting.front().filter(|(_, until)| *until <= now)?;
        self.waiting.pop_front();
        self.count(Counted::TimedOut, 1, ctx);
        Some(key)
    }

    /// How long until somebody is to look who has waited long enough, if nobody is about to.
    fn arm(&mut self, now: Time) -> Option<Span> {
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

/// Takes a connection, or waits for one.
#[derive(Debug)]
pub(super) struct Take(pub(super) usize);

impl Instruction for Take {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let pool = &mut station.connections[self.0];
        if pool.holds(key) {
            return None;
        }
        let stream = ctx.attempt(key).stream;
        match pool.take(key, stream, ctx) {
            Taken::After(Span::ZERO) => return None,
            Taken::After(opens) => ctx.pause_for_io(key, opens),
            Taken::Waits => {
                begin_wait(key, Part::Slot, ctx);
                station.arm_pool(self.0, ctx);
            }
        }
        Some(station.while_waiting())
    }
}

/// Gives the connection of a call back.
#[derive(Debug)]
pub(super) struct GiveBack(pub(super) usize);

impl Instruction for GiveBack {
    fn begin(&self, station: &mut Station, _: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        if station.connections[self.0].spec.held == ConnectionScope::Call {
            station.give_back(self.0, false, ctx);
        }
        None
    }
}

/// Gives all connections back that the request has.
#[derive(Debug)]
pub(super) struct GiveAllBack;

impl Instruction for GiveAllBack {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        station.give_all_back(key, None, ctx);
        None
    }
}

impl Station {
    fn give_back(&mut self, pool: usize, broken: bool, ctx: &mut Ctx) {
        if let Some((next, opens)) = self.connections[pool].give_back(broken, ctx) {
            end_wait(next, ctx);
            ctx.tracing().waits(next, Part::Io);
            ctx.pause(next, opens);
        }
    }

    /// A request is over: gives back what it has for as long as it is there, of which that to
    /// `broken` is lost.
    fn give_all_back(&mut self, key: AttemptKey, broken: Option<usize>, ctx: &mut Ctx) {
        for pool in 0..self.connections.len() {
            let holders = &mut self.connections[pool].holders;
            if let Some(at) = holders.iter().position(|&holder| holder == key) {
                holders.swap_remove(at);
                self.give_back(pool, broken == Some(pool), ctx);
            }
        }
    }

    /// A request, or a subrequest, goes wrong: its connections are given back. One whose call
    /// failed is lost.
    #[inline(never)]
    pub(super) fn drop_connections(&mut self, key: AttemptKey, outcome: Outcome, ctx: &mut Ctx) {
        let step = ctx.attempt(key).visit.step;
        let called = match &self.program.steps[step as usize] {
            Step::Call(call) => call.pool,
            _ => None,
        };
        let broken = matches!(outcome, Outcome::Failed(_));
        if let Some(pool) =
            called.filter(|&pool| self.connections[pool].spec.held == ConnectionScope::Call)
        {
            self.give_back(pool, broken, ctx);
        }
        self.give_all_back(key, called.filter(|_| broken), ctx);
    }

    fn arm_pool(&mut self, pool: usize, ctx: &mut Ctx) {
        if let Some(due) = self.connections[pool].arm(ctx.now()) {
            ctx.alarm(due, POOLS + pool as u32);
        }
    }

    /// Somebody may have waited for a connection for long enough.
    pub(super) fn on_pool_alarm(&mut self, pool: usize, ctx: &mut Ctx) {
        while let Some(key) = self.connections[pool].impatient(ctx) {
            end_wait(key, ctx);
            let me = ctx.me();
            self.give_up(key, Outcome::Failed(me), ctx);
        }
        self.arm_pool(pool, ctx);
    }
}

/// What pools count.
#[derive(Clone, Copy, Debug)]
enum Counted {
    /// Connections taken.
    Taken,
    /// Connections opened.
    Opened,
    /// How long those waited who got one after a wait, summed (ns).
    Wait,
    /// Requests that had waited long enough.
    TimedOut,
}

impl From<Counted> for usize {
    fn from(counted: Counted) -> usize {
        counted as usize
    }
}

static CONNECTIONS: Family = Family {
    name: "connection pool",
    owner: Owner::Instance,
    counts: Counted::TimedOut as usize + 1,
    levels: 0,
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&CONNECTIONS, |pool, _| pool.count(Counted::$count))
    };
}

metrics! {
    /// The metrics of pools of connections.
    pub static CONNECTION_METRICS of Component;

    /// Mean time that it takes until there is a connection to be taken.
    Word("pool_wait") needs CONNECTION_POOL, Seconds, Mean, over time:
        Reading::Time(count!(Wait), count!(Taken));
    /// Requests that waited for a connection for too long.
    Word("pool_timeouts") needs CONNECTION_POOL, Number("requests"), Sum:
        Reading::Count(count!(TimedOut));
    /// Connections opened per second.
    Word("connections_opened") needs CONNECTION_POOL, PerSecond, Mean:
        Reading::Rate(count!(Opened));
}
