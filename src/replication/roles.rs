//! Copies that go down and come back, and one that takes the place of the primary.

use crate::measure::Recorder;
use crate::message::{AttemptKey, NodeId};
use crate::objects::Object;
use crate::units::Time;

use super::group::{Copy, Group, Waiting, all, bit};
use super::log::Entry;
use super::meter::Count;

impl Group {
    /// A copy goes down: what it was applying it begins anew when it is back.
    pub(super) fn goes_down(&mut self, copy: u32, now: Time, recorder: &mut Recorder) {
        let takes_writes = self.conflicts.is_some() || self.primary == copy;
        let Copy { at_work, queue, reads, unanswered, applied, next, broken, .. } =
            &mut self.copies[copy as usize];
        *at_work = 0;
        queue.clear();
        reads.clear();
        unanswered.clear();
        *next = *applied;
        if self.conflicts.is_some() {
            // Its connections are refused, and another is asked at once.
            self.listed &= !bit(copy);
        }
        if takes_writes {
            *broken = now;
            let of_others = |waiting: &Waiting| waiting.origin != copy;
            let before = self.waiting.len();
            self.waiting.retain(of_others);
            let in_doubt = (before - self.waiting.len()) as u64;
            self.count(copy, Count::InDoubt, in_doubt, recorder);
        }
        if self.primary == copy {
            self.failed = self.failed.min(now);
        }
        if let Some(quorum) = &mut self.quorum {
            quorum.drop_those_of(copy);
        }
    }

    /// Whether what `from` sent then does not come, since the connection broke with it.
    pub(crate) fn breaks(&self, from: u32, sent: Time) -> bool {
        sent < self.copies[from as usize].broken
    }

    /// The copy that an instance is.
    pub(crate) fn copy_of(&self, NodeId(node): NodeId) -> u32 {
        node - self.first.0
    }

    /// A copy is back.
    pub(crate) fn comes_back(&mut self, copy: u32) {
        self.listed |= if self.conflicts.is_some() { bit(copy) } else { 0 };
        if self.leads(copy) {
            self.failed = Time::NEVER;
            self.copies[copy as usize].owes = self.bits_told_by(copy);
        }
        if self.has_all_writes(copy) {
            return;
        }
        self.advance(copy, None);
        let Copy { queue, applied, next, .. } = &mut self.copies[copy as usize];
        *next = *applied;
        queue.clear();
        if !self.in_order {
            let has =
                |entry: &Entry| entry.received & bit(copy) != 0 && entry.applied & bit(copy) == 0;
            let come = self.log.from(*applied).filter(|(_, entry)| has(entry));
            queue.extend(come.map(|(at, _)| at));
        }
    }

    /// The primary was seen to fail.
    pub(crate) fn primary_fails(&mut self, now: Time) {
        self.failed = self.failed.min(now);
    }

    /// Of the copies that are up the one that has most writes in its log; of equals the first.
    pub(crate) fn successor(&mut self, is_up: impl Fn(NodeId) -> bool) -> Option<u32> {
        let up: Vec<u32> = self.others(self.primary).filter(|&c| is_up(self.node(c))).collect();
        let mut best: Option<(u32, u64)> = None;
        for copy in up {
            let has = |entry: &Entry| entry.received & bit(copy) != 0;
            let all = self.log.from(0).map(|(_, entry)| has(entry));
            let count = match self.in_order {
                true => all.take_while(|has| *has).count(),
                false => all.filter(|has| *has).count(),
            } as u64;
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((copy, count));
            }
        }
        best.map(|(copy, _)| copy)
    }

    /// A copy becomes the primary. What has not come to it is lost, and `undo` is told of the
    /// object of each of those writes.
    pub(super) fn promote(
        &mut self,
        copy: u32,
        now: Time,
        recorder: &mut Recorder,
        mut undo: impl FnMut(Object),
    ) -> Vec<AttemptKey> {
        let former = self.primary;
        let all = all(self.copies.len());
        let (mut gap, mut lost) = (false, 0_u64);
        for (_, entry) in self.log.from(0) {
            gap = entry.received & bit(copy) == 0 || gap && self.in_order;
            if gap && !entry.void {
                lost += u64::from(entry.acknowledged);
                entry.void = true;
                (entry.received, entry.applied) = (all, all);
                undo(entry.write.object);
            }
        }
        let waiting: Vec<AttemptKey> = self.waiting.drain(..).map(|write| write.key).collect();
        self.count(former, Count::InDoubt, waiting.len() as u64, recorder);
        self.count(former, Count::Lost, lost, recorder);
        (self.primary, self.leads, self.fell_back) = (copy, false, false);
        self.heir = None;
        for copy in 0..self.copies.len() as u32 {
            self.advance(copy, None);
            // Of writes in order those are lacking as well that are done before others.
            let from = if self.in_order { self.copies[copy as usize].applied } else { 0 };
            let unseen = |entry: &Entry| self.in_order || entry.applied & bit(copy) == 0;
            let all = self.log.from(from);
            let lacks = all.filter(|(_, entry)| !entry.void && unseen(entry)).count() as u64;
            self.copies[copy as usize].lacks = lacks;
            self.tell_lacking(copy, now, recorder);
        }
        self.copies[copy as usize].owes = all & !bit(copy);
        self.forget(now);
        waiting
    }

    /// The primary takes no writes from now on: another copy is to take its place when it has all.
    pub(crate) fn hand_over(&mut self, to: u32, now: Time) {
        // Who does not lead has what it has applied.
        self.advance(self.primary, None);
        (self.heir, self.leads) = (Some(to), false);
        self.primary_fails(now);
    }

    /// The copy that is to take the place of the primary when it has all.
    pub(crate) fn heir(&self) -> Option<u32> {
        self.heir
    }

    /// The primary takes writes again: the other copy is down.
    pub(crate) fn keep(&mut self) {
        (self.heir, self.leads, self.failed) = (None, true, Time::NEVER);
    }

    /// Whether a copy is to take the place of the primary, and has all by now.
    pub(crate) fn inherits(&mut self, copy: u32) -> bool {
        let has = |(_, entry): (_, &mut Entry)| entry.void || entry.received & bit(copy) != 0;
        self.heir == Some(copy) && self.log.from(0).all(has)
    }

    /// Whether a copy sends others what they lack: it takes writes, or has taken them and hands
    /// over.
    pub(crate) fn sends(&self, copy: u32) -> bool {
        self.leads(copy) || self.primary == copy && self.heir.is_some()
    }

    /// Whether reads fail, since the primary has failed.
    pub(crate) fn refuses_reads(&self) -> bool {
        self.refuses_reads && self.failed != Time::NEVER
    }

    /// Whether a primary that was chosen has applied all that it had by then, and takes writes from
    /// now on.
    pub(super) fn takes_over(&mut self, copy: u32, now: Time, recorder: &mut Recorder) -> bool {
        if self.primary != copy || self.leads || self.copies[copy as usize].lacks > 0 {
            return false;
        }
        self.leads = true;
        self.count(copy, Count::Failovers, 1_u64, recorder);
        self.count(copy, Count::Outage, now.since(self.failed).nanos(), recorder);
        self.failed = Time::NEVER;
        true
    }
}
