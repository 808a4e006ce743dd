//! What a copy does with the writes of the primary: they come, are applied, and reads see them.

use crate::measure::Recorder;
use crate::message::AttemptKey;
use crate::objects::Object;
use crate::units::{Span, Time};

use super::commits::Told;
use super::group::{Copy, Group, all, bit};
use super::log::{Entry, Position, Write};
use super::meter::Count;
use super::spec::Acknowledgement;

impl Group {
    /// A write, or all up to it, has come to a copy by this message. Returns whether that is
    /// answered later.
    pub(crate) fn receive(&mut self, from: u32, told: Told, message: AttemptKey) -> bool {
        let Told { position, all, copy } = told;
        let first = if all { self.copies[copy as usize].applied } else { position };
        let Copy { queue, received, .. } = &mut self.copies[copy as usize];
        for (at, entry) in self.log.from(first).take_while(|(at, _)| *at <= position) {
            let sent = !all || entry.is_sent_by(from);
            if sent && entry.received & bit(copy) == 0 {
                entry.received |= bit(copy);
                if !self.in_order {
                    queue.push_back(at);
                }
            }
        }
        *received = self.log.first().max(*received);
        while self.log.get(*received).is_some_and(|entry| entry.received & bit(copy) != 0) {
            *received += 1;
        }
        let later = !self.is_settled(told);
        if later {
            self.copies[copy as usize].unanswered.push((told, message));
        }
        later
    }

    /// The next message that can be answered by now.
    pub(crate) fn settled_message(&mut self, copy: u32) -> Option<AttemptKey> {
        let unanswered = &self.copies[copy as usize].unanswered;
        let at = unanswered.iter().position(|&(told, _)| self.is_settled(told))?;
        Some(self.copies[copy as usize].unanswered.remove(at).1)
    }

    /// Whether a copy can say that it has what a message has told. Where writes are applied in
    /// order, one without those before it is none.
    fn is_settled(&self, told: Told) -> bool {
        match self.acknowledge {
            Acknowledgement::Applied => self.has_applied(told),
            Acknowledgement::Received if self.in_order => {
                told.position < self.copies[told.copy as usize].received
            }
            Acknowledgement::Received => true,
        }
    }

    fn has_applied(&self, Told { position, all, copy }: Told) -> bool {
        let before = position < self.copies[copy as usize].applied;
        let one = || self.log.get(position).is_none_or(|entry| entry.applied & bit(copy) != 0);
        before || !all && !self.in_order && one()
    }

    /// The next write that a copy begins to apply, if it can begin with one now.
    pub(super) fn begin(&mut self, copy: u32) -> Option<(Position, Write)> {
        let Copy { next, queue, at_work, applied, .. } = &mut self.copies[copy as usize];
        if *at_work >= self.appliers {
            return None;
        }
        let position = if self.in_order {
            *next = (*next).max(*applied);
            while self.log.get(*next).is_some_and(|entry| entry.applied & bit(copy) != 0) {
                *next += 1;
            }
            self.log.get(*next).filter(|entry| entry.received & bit(copy) != 0)?;
            *next += 1;
            *next - 1
        } else {
            loop {
                let first = queue.pop_front()?;
                let entry = self.log.get(first);
                if entry.is_some_and(|entry| entry.applied & bit(copy) == 0) {
                    break first;
                }
            }
        };
        *at_work += 1;
        Some((position, self.log.get(position)?.write.of_catalog()))
    }

    /// A copy has applied a write.
    pub(super) fn apply(
        &mut self,
        copy: u32,
        position: Position,
        now: Time,
        recorder: &mut Recorder,
    ) {
        self.copies[copy as usize].at_work -= 1;
        if let Some(entry) = self.log.get_mut(position)
            && entry.applied & bit(copy) == 0
        {
            entry.applied |= bit(copy);
            let (since, object) = (entry.write.at, entry.write.object);
            if !self.in_order {
                self.sees_one(copy, now - since, recorder);
            }
            self.sees_row(copy, object);
        }
        self.advance(copy, Some((now, recorder)));
        self.forget(now);
    }

    /// Moves the position of a copy past all that it has applied, and tells of each write that
    /// reads come to see by that.
    pub(super) fn advance(&mut self, copy: u32, mut told: Option<(Time, &mut Recorder)>) {
        let mut at = self.copies[copy as usize].applied.max(self.log.first());
        while let Some(&Entry { applied, write, void, .. }) = self.log.get(at)
            && applied & bit(copy) != 0
        {
            if let Some((now, recorder)) = told.as_mut().filter(|_| self.in_order && !void) {
                self.sees_one(copy, *now - write.at, recorder);
            }
            at += 1;
        }
        self.copies[copy as usize].applied = at;
        if let Some((now, recorder)) = told {
            self.tell_lacking(copy, now, recorder);
        }
    }

    fn sees_one(&mut self, copy: u32, lag: Span, recorder: &mut Recorder) {
        self.copies[copy as usize].lacks -= 1;
        self.count(copy, Count::Applied, 1_u64, recorder);
        self.count(copy, Count::Lag, lag.nanos(), recorder);
        recorder.visits_at(self.node(copy)).lags.record(lag.nanos());
    }

    /// A copy sees a row that another has added, if it is one.
    fn sees_row(&mut self, copy: u32, object: Object) {
        let conflicts = self.conflicts.as_mut().filter(|_| object.is_row());
        if let Some(identifiers) = conflicts.and_then(|of| of.identifiers.as_mut()) {
            identifiers.see(copy, object);
        }
    }

    pub(super) fn forget(&mut self, now: Time) {
        let kept = self.conflicts.as_ref().map_or(Span::ZERO, |conflicts| conflicts.kept);
        let before = Time::from_nanos(now.nanos().saturating_sub(kept.nanos()));
        while self.log.forget(all(self.copies.len()), before) {}
    }

    // Reads.

    /// Whether a copy has all writes up to a time.
    pub(super) fn has_all(&self, copy: u32, up_to: Time) -> bool {
        let missing = self.log.get(self.copies[copy as usize].applied.max(self.log.first()));
        self.has_all_writes(copy) || missing.is_none_or(|entry| entry.write.at > up_to)
    }

    /// Up to when a read of a copy may have seen something.
    pub(super) fn seen(&self, copy: u32, now: Time) -> Time {
        let missing = self.log.get(self.copies[copy as usize].applied.max(self.log.first()));
        match missing {
            Some(entry) if self.in_order && !self.has_all_writes(copy) => {
                Time::from_nanos(entry.write.at.nanos().saturating_sub(1))
            }
            _ => now,
        }
    }

    /// A read waits until a copy has all writes up to a time.
    pub(super) fn wait(&mut self, copy: u32, up_to: Time, key: AttemptKey) {
        self.copies[copy as usize].reads.push((up_to, key));
    }

    /// The next read that waits at a copy and need not any longer.
    pub(super) fn satisfied(&mut self, copy: u32) -> Option<AttemptKey> {
        let reads = &self.copies[copy as usize].reads;
        let at = reads.iter().position(|&(up_to, _)| self.has_all(copy, up_to))?;
        Some(self.copies[copy as usize].reads.remove(at).1)
    }

    /// The version of an object that a copy has, if not the primary's, and whether it misses a
    /// write of this user before that time.
    pub(super) fn version(
        &self,
        copy: u32,
        object: Object,
        (user, before): (u32, Time),
    ) -> (Option<u32>, bool) {
        if self.has_all_writes(copy) {
            return (None, false);
        }
        let applied = self.copies[copy as usize].applied;
        let sees = |at: Position, entry: &Entry| {
            if self.in_order { at < applied } else { entry.applied & bit(copy) != 0 }
        };
        let mut own = false;
        let version = self.log.version(object, sees, |write| {
            own |= write.user == user && write.at <= before;
        });
        (version, own)
    }
}
