//! The clock and the pending events, in the total order of `(time, sequence)`.
//!
//! Four places hold pending events, and all keep that one order:
//! - `next`, room for the one event that is scheduled now, for now, where nothing else is due now:
//!   how most messages over links without delay travel;
//! - `soon`, a queue for what else is scheduled now, for now;
//! - `later`, a heap;
//! - lanes, one for each constant delay: what enters in order leaves in order, so a lane is a queue
//!   of which only the first stands in the heap. A hundred thousand timeouts that never fire cost
//!   the heap one entry.

use std::collections::VecDeque;
use std::marker::PhantomData;

use super::heap::{Entry, Heap};
use crate::units::{Span, Time};

/// A queue for events that are always scheduled the same delay ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lane(u32);

#[derive(Clone, Debug)]
struct Queue {
    delay: Span,
    waiting: VecDeque<Entry>,
}

/// What can be scheduled: whatever a word holds.
pub trait Word: Copy + From<u64> + Into<u64> {}

impl<E: Copy + From<u64> + Into<u64>> Word for E {}

/// The pending events of a run.
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    now: Time,
    scheduled: u64,
    /// Comes before all of `soon`, and is filled only when nothing in `later` is due now.
    next: Option<u64>,
    soon: VecDeque<u64>,
    /// When `later` was last seen to hold nothing for that instant; then it never will again.
    quiet: Time,
    /// An odd sequence marks the first of a lane, whose number is then the payload.
    later: Heap,
    lanes: Vec<Queue>,
    of: PhantomData<E>,
}

impl<E: Word> Default for Agenda<E> {
    fn default() -> Self {
        Agenda::new()
    }
}

impl<E: Word> Agenda<E> {
    /// An empty agenda at time zero.
    pub fn new() -> Agenda<E> {
        Agenda {
            now: Time::ZERO,
            scheduled: 0,
            next: None,
            soon: VecDeque::new(),
            quiet: Time::NEVER,
            later: Heap::new(),
            lanes: Vec::new(),
            of: PhantomData,
        }
    }

    /// The simulated time.
    #[inline]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Pending events.
    pub fn len(&self) -> usize {
        // Of each lane that holds anything, the first is counted in the heap already.
        let behind = |queue: &Queue| queue.waiting.len().saturating_sub(1);
        let now = usize::from(self.next.is_some()) + self.soon.len();
        now + self.later.len() + self.lanes.iter().map(behind).sum::<usize>()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything that is pending.
    pub fn clear(&mut self) {
        self.next = None;
        self.soon.clear();
        self.later = Heap::new();
        self.lanes.iter_mut().for_each(|lane| lane.waiting.clear());
    }

    /// Lets `event` happen `delay` from now. In line, so that what becomes a word is known there.
    #[inline(always)]
    pub fn schedule(&mut self, delay: Span, event: E) {
        self.schedule_word(delay, event.into());
    }

    fn schedule_word(&mut self, delay: Span, event: u64) {
        if delay == Span::ZERO {
            self.schedule_word_now(event);
        } else {
            let entry = self.entry(delay, event);
            self.later.push(entry);
        }
    }

    /// Lets `event` happen now, after all that is scheduled for now.
    #[inline(always)]
    pub fn schedule_now(&mut self, event: E) {
        self.schedule_word_now(event.into());
    }

    /// It follows whatever the heap still holds for now, since that was scheduled before now.
    #[inline]
    fn schedule_word_now(&mut self, event: u64) {
        if self.next.is_none() && self.soon.is_empty() && !self.is_due() {
            self.next = Some(event);
        } else {
            self.soon.push_back(event);
        }
    }

    /// Whether the heap holds anything for now.
    #[inline]
    fn is_due(&mut self) -> bool {
        if self.quiet == self.now {
            return false;
        }
        let due = self.later.is_due(self.now.nanos());
        self.quiet = if due { Time::NEVER } else { self.now };
        due
    }

    /// The lane for `delay`; the same one each time it is asked for.
    pub fn lane(&mut self, delay: Span) -> Lane {
        let known = self.lanes.iter().position(|queue| queue.delay == delay);
        let index = known.unwrap_or_else(|| {
            self.lanes.push(Queue { delay, waiting: VecDeque::new() });
            self.lanes.len() - 1
        });
        Lane(u32::try_from(index).expect("there are fewer lanes than links"))
    }

    /// Lets `event` happen the lane's delay from now: as [`Agenda::schedule`], in constant time.
    #[inline(always)]
    pub fn schedule_in(&mut self, lane: Lane, event: E) {
        self.schedule_word_in(lane, event.into());
    }

    /// How far ahead a lane is.
    pub fn delay(&self, lane: Lane) -> Span {
        self.lanes[lane.0 as usize].delay
    }

    fn schedule_word_in(&mut self, lane: Lane, event: u64) {
        let delay = self.lanes[lane.0 as usize].delay;
        if delay == Span::ZERO {
            self.schedule_word_now(event);
            return;
        }
        let entry = self.entry(delay, event);
        let waiting = &mut self.lanes[lane.0 as usize].waiting;
        if waiting.is_empty() {
            self.later.push(first_of(lane, entry));
        }
        waiting.push_back(entry);
    }

    /// Takes the next event if it happens at `end` or before, and moves the clock to it; moves the
    /// clock to `end` otherwise.
    #[inline]
    pub(super) fn next_until(&mut self, end: Time) -> Option<E> {
        if let Some(event) = self.next.take() {
            return Some(event.into());
        }
        if !self.soon.is_empty() && !self.is_due() {
            return self.soon.pop_front().map(E::from);
        }
        match self.later.peek() {
            Some(&first) if first.time <= end.nanos() => {
                self.now = Time::from_nanos(first.time);
                self.later.pop();
                let is_lane = first.sequence % 2 == 1;
                Some(E::from(if is_lane { self.advance(first.payload) } else { first.payload }))
            }
            _ => {
                self.now = self.now.max(end);
                None
            }
        }
    }

    /// Takes the first of a lane and puts the next in its place in the heap.
    #[inline]
    fn advance(&mut self, lane: u64) -> u64 {
        let waiting = &mut self.lanes[lane as usize].waiting;
        let first = waiting.pop_front().expect("a lane in the heap has a first event");
        if let Some(&entry) = waiting.front() {
            self.later.push(first_of(Lane(lane as u32), entry));
        }
        first.payload
    }

    #[inline]
    fn entry(&mut self, delay: Span, payload: u64) -> Entry {
        self.scheduled += 2;
        let time = (self.now + delay).nanos();
        Entry { time, sequence: self.scheduled, payload }
    }
}

/// What stands in the heap for the first of a lane.
#[inline]
fn first_of(lane: Lane, entry: Entry) -> Entry {
    Entry { sequence: entry.sequence + 1, payload: u64::from(lane.0), ..entry }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_scheduled_for_now_follows_what_was_already_due() {
        let mut agenda = Agenda::new();
        agenda.schedule(Span::from_nanos(5), 1_u64);
        agenda.schedule(Span::from_nanos(5), 2);
        assert_eq!(agenda.next_until(Time::NEVER), Some(1));
        agenda.schedule(Span::ZERO, 3);
        assert_eq!(agenda.next_until(Time::NEVER), Some(2));
        assert_eq!(agenda.next_until(Time::NEVER), Some(3));
        assert_eq!(agenda.next_until(Time::from_nanos(9)), None);
        assert_eq!(agenda.now(), Time::from_nanos(9));
    }

    proptest! {
        /// The reference is a sorted map of (time, sequence); lanes and the queue for now must
        /// not show.
        #[test]
        fn the_order_is_time_then_sequence_whatever_the_place(
            steps in prop::collection::vec((0_u64..4, any::<bool>(), 0_usize..3), 1..300),
        ) {
            let mut agenda = Agenda::new();
            let mut reference = BTreeMap::new();
            let mut now = Time::ZERO;
            for (sequence, (delay, in_lane, takes)) in (0_u64..).zip(steps) {
                let delay = Span::from_nanos(delay);
                if in_lane {
                    let lane = agenda.lane(delay);
                    agenda.schedule_in(lane, sequence);
                } else {
                    agenda.schedule(delay, sequence);
                }
                reference.insert((now + delay, sequence), sequence);
                prop_assert_eq!(agenda.len(), reference.len());
                for _ in 0..takes {
                    let expect = reference.pop_first();
                    if let Some(((time, _), event)) = expect {
                        prop_assert_eq!(agenda.next_until(Time::NEVER), Some(event));
                        now = time;
                        prop_assert_eq!(agenda.now(), now);
                    }
                }
            }
        }
    }
}
