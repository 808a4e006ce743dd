//! The writes of a primary: committed, sent to the other copies, and answered when enough of them
//! have it.

use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::AttemptKey;
use crate::units::{Span, Time};

use super::conflicts::Fate;
use super::group::{Group, Waiting, bit};
use super::log::{Entry, Position, Write};
use super::meter::Count;

/// What a message from the primary to a copy tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Told {
    pub(crate) position: Position,
    /// Not of this write alone, but of all that the copy lacks up to it.
    pub(crate) all: bool,
    /// Whom it is for.
    pub(crate) copy: u32,
}

impl Told {
    /// It in a word.
    pub(crate) fn tag(self) -> u32 {
        let position = self.position as u32;
        (position << 1 | u32::from(self.all)).wrapping_mul(TAGS) | self.copy
    }
}

/// How many writes a message tells apart, as bits, and how many copies. One bit tells whether it is
/// about a read.
const TOLD_APART: u32 = 24;
pub(super) const COPIES_TOLD_APART: u32 = 64;
pub(super) const READS: u32 = COPIES_TOLD_APART;
pub(super) const TAGS: u32 = 2 * COPIES_TOLD_APART;

impl Group {
    /// Whether as many writes are kept as may be.
    pub(crate) fn is_full(&self) -> bool {
        self.log.len() as u64 >= self.keep
    }

    /// A copy commits a write of `key`. Returns whether it waits for other copies.
    pub(super) fn commit(
        &mut self,
        origin: u32,
        write: Write,
        fate: Fate,
        key: AttemptKey,
        recorder: &mut Recorder,
    ) -> (Position, bool) {
        let has = if self.is_apart() { 0 } else { bit(origin) };
        let position = self.log.append(write, origin, has);
        self.count(origin, Count::Writes, 1_u64, recorder);
        for copy in self.told_by(origin) {
            self.copies[copy as usize].lacks += 1;
            self.tell_lacking(copy, write.at, recorder);
        }
        let waits = self.needed > 0 && !self.fell_back;
        if let Some(entry) = self.log.get_mut(position) {
            (entry.clashed, entry.void, entry.rejected) = (fate.clashed, fate.void, fate.rejected);
            entry.acknowledged = !waits;
        }
        if waits {
            self.waiting.push_back(Waiting {
                position,
                key,
                since: write.at,
                origin,
                acked: 0,
                failed: 0,
                rejected: fate.rejected,
            });
        } else if fate.rejected {
            self.count(origin, Count::Lost, 1_u64, recorder);
        }
        (position, waits)
    }

    /// All that a copy lacks and `me` has is to be sent to it: returns up to which write, if that
    /// is any.
    pub(crate) fn resends(&mut self, me: u32, copy: u32) -> Option<Position> {
        let end = self.log.end();
        let from = self.copies[copy as usize].applied;
        let lacks =
            |(_, entry): (_, &mut Entry)| entry.received & bit(copy) == 0 && entry.is_sent_by(me);
        let lacks = self.log.from(from).any(lacks);
        // What is committed from now on follows it.
        self.copies[me as usize].owes &= !bit(copy);
        lacks.then(|| end - 1)
    }

    /// A message of `me` to a copy went wrong, or so it seems. Returns whether the copy lacks what
    /// that told.
    pub(crate) fn falls_behind(&mut self, me: u32, Told { position, copy, .. }: Told) -> bool {
        let lacks = |entry: &Entry| entry.received & bit(copy) == 0;
        let behind = self.log.get(position).is_some_and(lacks);
        if behind {
            self.copies[me as usize].owes |= bit(copy);
        }
        behind
    }

    /// Whether `me` is to send a copy all that it lacks, before anything else.
    pub(crate) fn is_behind(&self, me: u32, copy: u32) -> bool {
        self.copies[me as usize].owes & bit(copy) != 0
    }

    /// Whether `me` sends a copy what is committed now: where one leads, not before what the copy
    /// lacks besides.
    pub(crate) fn sends_at_once(&self, me: u32, copy: u32) -> bool {
        self.conflicts.is_some() || !self.is_behind(me, copy)
    }

    /// What a message has told.
    pub(crate) fn told(&self, tag: u32) -> Told {
        Told {
            position: self.log.position(tag / TAGS / 2, TOLD_APART),
            all: tag / TAGS % 2 == 1,
            copy: tag % COPIES_TOLD_APART,
        }
    }

    /// Whether a copy that has got a write does not take it.
    pub(crate) fn rejects(&self, Told { position, all, .. }: Told) -> bool {
        !all && self.log.get(position).is_some_and(|entry| entry.rejected)
    }

    /// Whether a message is about a read.
    pub(crate) fn is_about_a_read(tag: u32) -> bool {
        tag & READS != 0
    }

    /// A copy has a write, or `all` up to it, as `me` hears who sent that.
    pub(super) fn acked(&mut self, me: u32, Told { position, all, copy }: Told) {
        for waiting in self.waiting.iter_mut().filter(|waiting| waiting.origin == me) {
            if waiting.position == position || all && waiting.position < position {
                waiting.acked |= bit(copy);
            }
        }
        if position + 1 == self.log.end() {
            self.fell_back = false;
        }
    }

    /// A copy has not taken a write, as `me` hears who sent it. Returns the request that fails by
    /// that: the write is rejected, or too few copies are left that can have it.
    pub(super) fn refused(
        &mut self,
        me: u32,
        Told { position, all, copy }: Told,
    ) -> Option<AttemptKey> {
        let could = self.bits_told_by(me);
        let (needed, together) = (self.needed, self.quorum.is_some());
        let of_this = |waiting: &Waiting| waiting.origin == me && waiting.position == position;
        let at = self.waiting.iter().position(of_this).filter(|_| !all)?;
        let waiting = &mut self.waiting[at];
        waiting.failed |= bit(copy);
        let left = (could & !waiting.failed | waiting.acked).count_ones();
        let fails = waiting.rejected || together && left < needed;
        fails.then(|| self.waiting.remove(at)).flatten().map(|waiting| waiting.key)
    }

    /// The next write of `me` that enough other copies have; it waits no longer.
    pub(super) fn released(
        &mut self,
        me: u32,
        now: Time,
        recorder: &mut Recorder,
    ) -> Option<AttemptKey> {
        let needed = self.needed;
        let enough =
            |waiting: &Waiting| waiting.origin == me && waiting.acked.count_ones() >= needed;
        let at = self.waiting.iter().position(enough)?;
        self.release(at, now, recorder)
    }

    fn release(&mut self, at: usize, now: Time, recorder: &mut Recorder) -> Option<AttemptKey> {
        let Waiting { position, key, since, origin, .. } = self.waiting.remove(at)?;
        if let Some(entry) = self.log.get_mut(position) {
            entry.acknowledged = true;
        }
        self.count(origin, Count::Synced, 1_u64, recorder);
        self.count(origin, Count::Syncing, (now - since).nanos(), recorder);
        Some(key)
    }

    /// How long until the write that has waited longest waits no longer, if it ever does not.
    pub(crate) fn patience(&self, now: Time) -> Option<Span> {
        let first = self.waiting.front()?;
        Some((first.since + self.patience?).since(now))
    }

    /// If a write has waited long enough, none waits any more: returns one after the other.
    pub(super) fn gives_up(&mut self, now: Time, recorder: &mut Recorder) -> Option<AttemptKey> {
        if !self.fell_back {
            if self.patience(now)? > Span::ZERO {
                return None;
            }
            self.fell_back = true;
            self.count(self.primary, Count::FallBacks, 1_u64, recorder);
        }
        self.release(0, now, recorder)
    }

    /// What is random about sending a write again.
    pub(crate) fn stream(&self, position: Position) -> Stream {
        self.log.get(position).map_or(Stream::root(0, 0), |entry| entry.write.stream)
    }
}
