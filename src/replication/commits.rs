//! The writes of a primary: committed, sent to the other copies, and answered when enough of them
//! have it.

use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::AttemptKey;
use crate::units::{Span, Time};

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
        (position << 1 | u32::from(self.all)).wrapping_mul(COPIES_TOLD_APART) | self.copy
    }
}

/// How many writes a message tells apart, as bits, and how many copies.
const TOLD_APART: u32 = 25;
const COPIES_TOLD_APART: u32 = 1 << (u32::BITS - TOLD_APART - 1);

impl Group {
    /// Whether as many writes are kept as may be.
    pub(crate) fn is_full(&self) -> bool {
        self.log.len() as u64 >= self.keep
    }

    /// A write of `key` is committed at the primary. Returns whether it waits for replicas.
    pub(super) fn commit(
        &mut self,
        write: Write,
        key: AttemptKey,
        recorder: &mut Recorder,
    ) -> (Position, bool) {
        let position = self.log.append(write, bit(self.primary));
        self.count(self.primary, Count::Writes, 1_u64, recorder);
        for copy in self.others(self.primary) {
            self.copies[copy as usize].lacks += 1;
            self.tell_lacking(copy, write.at, recorder);
        }
        let waits = self.needed > 0 && !self.fell_back;
        if waits {
            self.waiting.push_back(Waiting { position, key, since: write.at, acked: 0 });
        } else if let Some(entry) = self.log.get_mut(position) {
            entry.acknowledged = true;
        }
        (position, waits)
    }

    /// All that a copy lacks is to be sent to it: returns up to which write, if it lacks any.
    pub(crate) fn resends(&mut self, copy: u32) -> Option<Position> {
        let end = self.log.end();
        let from = self.copies[copy as usize].applied;
        let lacks = |(_, entry): (_, &mut Entry)| entry.received & bit(copy) == 0;
        let lacks = self.log.from(from).any(lacks);
        // What is committed from now on follows it.
        self.copies[copy as usize].behind = false;
        lacks.then(|| end - 1)
    }

    /// A message to a copy went wrong, or so it seems. Returns whether it lacks what that told.
    pub(crate) fn falls_behind(&mut self, Told { position, copy, .. }: Told) -> bool {
        let lacks = |entry: &Entry| entry.received & bit(copy) == 0;
        let behind = self.log.get(position).is_some_and(lacks);
        self.copies[copy as usize].behind |= behind;
        behind
    }

    /// Whether a copy is to be sent all that it lacks, before anything else.
    pub(crate) fn is_behind(&self, copy: u32) -> bool {
        self.copies[copy as usize].behind
    }

    /// What a message has told.
    pub(crate) fn told(&self, tag: u32) -> Told {
        Told {
            position: self.log.position(tag / COPIES_TOLD_APART / 2, TOLD_APART),
            all: tag / COPIES_TOLD_APART % 2 == 1,
            copy: tag % COPIES_TOLD_APART,
        }
    }

    /// A copy has a write, or `all` up to it, as the primary hears.
    pub(super) fn acked(&mut self, Told { position, all, copy }: Told) {
        for waiting in &mut self.waiting {
            if waiting.position == position || all && waiting.position < position {
                waiting.acked |= bit(copy);
            }
        }
        if position + 1 == self.log.end() {
            self.fell_back = false;
        }
    }

    /// The next write that enough replicas have; it waits no longer.
    pub(super) fn released(&mut self, now: Time, recorder: &mut Recorder) -> Option<AttemptKey> {
        let needed = self.needed;
        let at = self.waiting.iter().position(|waiting| waiting.acked.count_ones() >= needed)?;
        self.release(at, now, recorder)
    }

    fn release(&mut self, at: usize, now: Time, recorder: &mut Recorder) -> Option<AttemptKey> {
        let Waiting { position, key, since, .. } = self.waiting.remove(at)?;
        if let Some(entry) = self.log.get_mut(position) {
            entry.acknowledged = true;
        }
        self.count(self.primary, Count::Synced, 1_u64, recorder);
        self.count(self.primary, Count::Syncing, (now - since).nanos(), recorder);
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
