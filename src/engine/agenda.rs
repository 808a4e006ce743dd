//! The clock and the pending events, in the total order of `(time, sequence)`.
//!
//! Three places hold pending events, and all three keep that one order:
//! - `soon`, a queue for what is scheduled now, for now;
//! - `later`, a heap;
//! - lanes, one for each constant delay: what enters in order leaves in order, so a lane is a queue
//!   of which only the first stands in the heap. A hundred thousand timeouts that never fire cost
//!   the heap one entry.

use std::collections::VecDeque;

use super::heap::{Entry, Heap};
use crate::units::{Span, Time};

/// A queue for events that are always scheduled the same delay ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lane(u32);

#[derive(Clone, Copy, Debug)]
enum Pending<E> {
    Event(E),
    /// The first event of a lane.
    First(Lane),
}

#[derive(Clone, Debug)]
struct Queue<E> {
    delay: Span,
    waiting: VecDeque<(u128, E)>,
}

/// The pending events of a run.
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    now: Time,
    scheduled: u64,
    soon: VecDeque<E>,
    later: Heap<Pending<E>>,
    lanes: Vec<Queue<E>>,
}

impl<E: Copy> Default for Agenda<E> {
    fn default() -> Self {
        Agenda::new()
    }
}

impl<E: Copy> Agenda<E> {
    /// An empty agenda at time zero.
    pub fn new() -> Agenda<E> {
        Agenda {
            now: Time::ZERO,
            scheduled: 0,
            soon: VecDeque::new(),
            later: Heap::new(),
            lanes: Vec::new(),
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
        let behind = |queue: &Queue<E>| queue.waiting.len().saturating_sub(1);
        self.soon.len() + self.later.len() + self.lanes.iter().map(behind).sum::<usize>()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything that is pending.
    pub fn clear(&mut self) {
        self.soon.clear();
        self.later = Heap::new();
        self.lanes.iter_mut().for_each(|lane| lane.waiting.clear());
    }

    /// Lets `event` happen `delay` from now.
    #[inline]
    pub fn schedule(&mut self, delay: Span, event: E) {
        if delay == Span::ZERO {
            // It follows whatever the heap still holds for now, since that was scheduled before
            // now.
            self.soon.push_back(event);
        } else {
            let key = self.next_key(delay);
            self.later.push(Entry { key, payload: Pending::Event(event) });
        }
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
    #[inline]
    pub fn schedule_in(&mut self, lane: Lane, event: E) {
        let delay = self.lanes[lane.0 as usize].delay;
        if delay == Span::ZERO {
            self.soon.push_back(event);
            return;
        }
        let key = self.next_key(delay);
        let waiting = &mut self.lanes[lane.0 as usize].waiting;
        if waiting.is_empty() {
            self.later.push(Entry { key, payload: Pending::First(lane) });
        }
        waiting.push_back((key, event));
    }

    /// Takes the next event if it happens at `end` or before, and moves the clock to it; moves the
    /// clock to `end` otherwise.
    #[inline]
    pub(super) fn next_until(&mut self, end: Time) -> Option<E> {
        match self.later.peek() {
            Some(key) if self.soon.is_empty() || time_of(key) == self.now => {
                if time_of(key) > end {
                    self.now = end;
                    return None;
                }
                self.now = time_of(key);
                match self.later.pop() {
                    Some(Pending::Event(event)) => Some(event),
                    Some(Pending::First(lane)) => Some(self.advance(lane)),
                    None => unreachable!("a peek has seen it"),
                }
            }
            Some(_) => self.soon.pop_front(),
            None => {
                let event = self.soon.pop_front();
                if event.is_none() {
                    self.now = self.now.max(end);
                }
                event
            }
        }
    }

    /// Takes the first of `lane` and puts the next in its place in the heap.
    #[inline]
    fn advance(&mut self, lane: Lane) -> E {
        let waiting = &mut self.lanes[lane.0 as usize].waiting;
        let (_, event) = waiting.pop_front().expect("a lane in the heap has a first event");
        if let Some(&(key, _)) = waiting.front() {
            self.later.push(Entry { key, payload: Pending::First(lane) });
        }
        event
    }

    #[inline]
    fn next_key(&mut self, delay: Span) -> u128 {
        self.scheduled += 1;
        u128::from((self.now + delay).nanos()) << 64 | u128::from(self.scheduled)
    }
}

#[inline]
fn time_of(key: u128) -> Time {
    Time::from_nanos((key >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_scheduled_for_now_follows_what_was_already_due() {
        let mut agenda = Agenda::new();
        agenda.schedule(Span::from_nanos(5), 'a');
        agenda.schedule(Span::from_nanos(5), 'b');
        assert_eq!(agenda.next_until(Time::NEVER), Some('a'));
        agenda.schedule(Span::ZERO, 'c');
        assert_eq!(agenda.next_until(Time::NEVER), Some('b'));
        assert_eq!(agenda.next_until(Time::NEVER), Some('c'));
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
            for (sequence, (delay, in_lane, takes)) in steps.into_iter().enumerate() {
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
