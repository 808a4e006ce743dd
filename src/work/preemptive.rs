//! Cores that the most urgent jobs have: a more urgent one takes a core from a less urgent one,
//! which goes on later where it was.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::Key;
use crate::message::AttemptKey;
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::{Span, Time};

use super::cpu::next_version;
use super::{begin_wait, end_wait};
use crate::queue::Classes;

/// Which of two jobs goes first: the more urgent, and of equals the one that came first.
type Rank = (u16, u64);

/// A job that has a core.
#[derive(Clone, Copy, Debug)]
struct Running {
    rank: Rank,
    key: AttemptKey,
    /// When it is done, if nobody interrupts it.
    until: Time,
}

/// Cores for the most urgent.
#[derive(Debug)]
pub(crate) struct Preemptive {
    cores: usize,
    classes: Classes,
    /// At most one for each core, in no order.
    running: Vec<Running>,
    /// Jobs without a core: the rank, the key's bits, and the work that is left.
    waiting: BinaryHeap<Reverse<(Rank, u64, Span)>>,
    started: u64,
    /// When the pending alarm goes off, and its version: an older one finds nothing.
    armed: Time,
    version: u32,
}

impl Preemptive {
    pub(super) fn new(cores: u64, classes: Classes) -> Preemptive {
        Preemptive {
            cores: usize::try_from(cores).unwrap_or(usize::MAX),
            classes,
            running: Vec::new(),
            waiting: BinaryHeap::new(),
            started: 0,
            armed: Time::NEVER,
            version: 0,
        }
    }

    #[inline(never)]
    pub(super) fn start(&mut self, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        let now = ctx.now();
        self.started += 1;
        let rank = (self.classes[usize::from(ctx.attempt(key).request.request_type)], self.started);
        if self.running.len() < self.cores {
            ctx.meter().core_begins(now);
        } else if let Some(place) = self.less_urgent(rank, now) {
            let Running { rank, key, until } = self.running.swap_remove(place);
            self.waiting.push(Reverse((rank, key.to_bits(), until - now)));
            begin_wait(key, Part::Core, ctx);
        } else {
            self.waiting.push(Reverse((rank, key.to_bits(), demand)));
            begin_wait(key, Part::Core, ctx);
            return;
        }
        self.running.push(Running { rank, key, until: now + demand });
        self.arm(ctx);
    }

    pub(super) fn clear(&mut self) {
        self.running.clear();
        self.waiting.clear();
        self.armed = Time::NEVER;
        self.version = next_version(self.version);
    }

    /// The core of the least urgent job, if it is of a class below `rank`'s. One that is done at
    /// this very instant is not interrupted.
    fn less_urgent(&self, rank: Rank, now: Time) -> Option<usize> {
        let running = self.running.iter().enumerate();
        let unfinished = running.filter(|(_, job)| job.until > now);
        let (place, last) = unfinished.max_by_key(|(_, job)| job.rank)?;
        (last.rank.0 > rank.0).then_some(place)
    }

    /// The alarm of this version went off: returns the next job that is done, if one is.
    pub(super) fn end_turn(&mut self, version: u32, ctx: &mut Ctx) -> Option<AttemptKey> {
        if version != self.version {
            return None;
        }
        let now = ctx.now();
        let (place, until) = self.first_done()?;
        if until > now {
            self.armed = Time::NEVER;
            self.arm(ctx);
            return None;
        }
        let done = self.running.swap_remove(place);
        if let Some(Reverse((rank, bits, left))) = self.waiting.pop() {
            let key = Key::from_bits(bits);
            ctx.tracing().goes_on(key);
            end_wait(key, ctx);
            self.running.push(Running { rank, key, until: now + left });
        } else {
            ctx.meter().core_rests(now);
        }
        if self.first_done().is_none_or(|(_, until)| until > now) {
            self.armed = Time::NEVER;
            self.arm(ctx);
        }
        Some(done.key)
    }

    /// The job that is done first, and when.
    fn first_done(&self) -> Option<(usize, Time)> {
        let running = self.running.iter().enumerate();
        let (place, first) = running.min_by_key(|(_, job)| (job.until, job.rank))?;
        Some((place, first.until))
    }

    /// Sees to it that an alarm goes off when the first job is done, or before.
    fn arm(&mut self, ctx: &mut Ctx) {
        let Some((_, until)) = self.first_done() else { return };
        if until < self.armed {
            self.armed = until;
            self.version = next_version(self.version);
            ctx.alarm(until - ctx.now(), self.version);
        }
    }
}
