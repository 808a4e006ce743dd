//! What a cache has answered for and its database does not have yet.
//!
//! A write that is answered first leaves a task behind, which rests, writes to the database and
//! ends. *Invariant:* each write that was answered so is one of those that rest, of those that are
//! on their way, one that the database has, or is counted as lost.

use std::collections::VecDeque;

use crate::engine::Stream;
use crate::message::AttemptKey;
use crate::objects::{Found, Object, Truth};
use crate::runtime::Ctx;
use crate::store::{Capacity, Eviction, Store};
use crate::tracing::Part;
use crate::units::{Span, Time};

use super::Cache;
use super::expiry::Over;
use super::meter::Count;
use super::spec::FlushSpec;

/// What has become of a write that is to be answered at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Accepted {
    /// It needs a task that writes it to the database.
    Alone,
    /// It goes with another of the same object.
    Merged,
    /// There is no room for it.
    Full,
}

/// Whether a write reached the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Written {
    /// It did, or there is nothing to be done about it.
    Settled,
    /// It did not, and is to be tried again.
    Not,
}

/// The newest of some writes of one object, which go to the database as one.
#[derive(Clone, Copy, Debug)]
struct Unwritten {
    object: Object,
    version: u32,
    /// When the first of them was answered.
    since: Time,
    /// How many they are.
    writes: u64,
    /// The task that writes them, once it rests.
    task: AttemptKey,
}

/// All that is unwritten.
pub(super) struct WriteBehind {
    after: Span,
    at_once: usize,
    limit: usize,
    /// What rests, by object.
    resting: Store<Unwritten>,
    /// The objects of those in their order, each with when its rest is over.
    order: VecDeque<(Time, Object)>,
    /// What is on its way, and whether the cache has forgotten it since. Few.
    under_way: Vec<(Unwritten, bool)>,
}

impl WriteBehind {
    pub(super) fn new(flush: &FlushSpec, stream: Stream) -> WriteBehind {
        let small = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        WriteBehind {
            after: flush.after.value,
            at_once: small(flush.at_once.get()),
            limit: small(flush.limit.get()),
            resting: Store::new(Capacity::Unlimited, Eviction::Fifo, stream),
            order: VecDeque::new(),
            under_way: Vec::new(),
        }
    }

    /// The newest version of an object that is unwritten, and since when.
    fn find(&self, object: Object) -> Option<(u32, Time)> {
        let under_way = self.under_way.iter().filter(|(one, gone)| one.object == object && !gone);
        let under_way = under_way.map(|(one, _)| (one.version, one.since)).max();
        let resting = self.resting.peek(object.number());
        resting.map(|one| (one.version, one.since)).or(under_way)
    }

    fn rest(&mut self, one: Unwritten, now: Time) -> Time {
        let over = now + self.after;
        self.resting.insert(one.object.number(), 0, one);
        self.order.push_back((over, one.object));
        over
    }

    /// Takes the next whose rest is over, if as many may be on their way.
    fn take(&mut self, now: Time) -> Option<Unwritten> {
        let &(over, object) = self.order.front()?;
        let next = *self.resting.peek(object.number()).expect("what is in order rests");
        if over > now || next.task.is_none() || self.under_way.len() >= self.at_once {
            return None;
        }
        self.order.pop_front();
        self.resting.remove(object.number());
        self.under_way.push((next, false));
        Some(next)
    }
}

impl Cache {
    /// The newest version of an object that the database does not have yet, and since when.
    pub(super) fn unwritten(&self, object: Object) -> Option<(u32, Time)> {
        self.write_behind.as_ref().and_then(|write_behind| write_behind.find(object))
    }

    /// Looks for an object among what is unwritten, where its entry is gone.
    pub(super) fn hit_unwritten(&mut self, key: AttemptKey, ctx: &mut Ctx) -> bool {
        let (now, object) = (ctx.now(), ctx.objects().object(key));
        let Some((version, since)) = self.unwritten(object) else { return false };
        let copied = ctx.objects().just_made(key, version);
        let truth = ctx.objects().has_read(key, copied, Found::Hit);
        let meter = self.meter(ctx);
        meter.add(Count::Hits, 1_u64);
        meter.add(Count::Stale, truth == Truth::Stale);
        meter.add(Count::Age, (now - since).nanos());
        true
    }

    fn write_behind(&mut self) -> &mut WriteBehind {
        self.write_behind.as_mut().expect("only who writes behind is told to")
    }

    /// Answers for what a request writes, if there is room.
    pub(crate) fn accept(&mut self, key: AttemptKey, ctx: &mut Ctx) -> Accepted {
        let now = ctx.now();
        let object = ctx.objects().object(key);
        let write_behind = self.write_behind();
        let full = write_behind.resting.len() + write_behind.under_way.len() >= write_behind.limit;
        let accepted = match write_behind.resting.peek_mut(object.number()) {
            Some(resting) => {
                resting.version = ctx.objects().accept(key);
                resting.writes += 1;
                Accepted::Merged
            }
            None if full => return Accepted::Full,
            None => {
                let (version, task) = (ctx.objects().accept(key), AttemptKey::NONE);
                let one = Unwritten { object, version, since: now, writes: 1, task };
                let over = write_behind.rest(one, now);
                self.expiry.push(over, Over::Rest);
                Accepted::Alone
            }
        };
        self.renew(key, ctx);
        accepted
    }

    /// A task rests until it is to write. One whose write is lost meanwhile goes on at once, and
    /// finds nothing.
    pub(crate) fn rest(&mut self, task: AttemptKey, ctx: &mut Ctx) {
        let now = ctx.now();
        let object = ctx.objects().object(task);
        ctx.attempt(task).visit.since = now;
        ctx.tracing().waits(task, Part::Io);
        let resting = self.write_behind().resting.peek_mut(object.number());
        match resting.filter(|resting| resting.task.is_none()) {
            Some(resting) => {
                resting.task = task;
                self.flush(ctx);
            }
            None => resume(task, Found::Miss, ctx),
        }
    }

    /// Lets those write whose rest is over.
    pub(super) fn flush(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        if self.down {
            return;
        }
        while let Some(next) =
            self.write_behind.as_mut().and_then(|write_behind| write_behind.take(now))
        {
            ctx.objects().write_late(next.task, next.version);
            resume(next.task, Found::Hit, ctx);
        }
    }

    /// The database has answered a task.
    pub(crate) fn written(&mut self, task: AttemptKey, ctx: &mut Ctx) -> Written {
        let now = ctx.now();
        let failed = ctx.objects().what_was_found(task) == Found::Miss;
        let write_behind = self.write_behind();
        let place = write_behind.under_way.iter().position(|(one, _)| one.task == task);
        let place = place.expect("a task that writes is under way");
        let (one, gone) = write_behind.under_way.swap_remove(place);
        let mut settled = Written::Settled;
        if failed && gone {
            self.meter(ctx).add(Count::LostWrites, one.writes);
            ctx.objects().lose(one.object);
        } else if failed && let Some(newer) = write_behind.resting.peek_mut(one.object.number()) {
            newer.writes += one.writes;
        } else if failed {
            let over = write_behind.rest(Unwritten { task: AttemptKey::NONE, ..one }, now);
            self.expiry.push(over, Over::Rest);
            settled = Written::Not;
        }
        self.flush(ctx);
        settled
    }

    /// All that is unwritten is lost, but for what is on its way.
    pub(super) fn forget_unwritten(&mut self, ctx: &mut Ctx) {
        let Some(write_behind) = &mut self.write_behind else { return };
        write_behind.under_way.iter_mut().for_each(|(_, gone)| *gone = true);
        let mut lost = 0;
        for (_, object) in write_behind.order.drain(..) {
            let one = write_behind.resting.remove(object.number()).expect("what is in order rests");
            lost += one.writes;
            ctx.objects().lose(object);
            if !one.task.is_none() {
                resume(one.task, Found::Miss, ctx);
            }
        }
        self.meter(ctx).add(Count::LostWrites, lost);
    }
}

/// A task that rested goes on.
fn resume(task: AttemptKey, found: Found, ctx: &mut Ctx) {
    ctx.objects().found(task, found);
    ctx.waited_for_others(task);
}
