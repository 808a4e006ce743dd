//! When something will be over: the earliest is known, and one alarm is set for it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::units::Time;

/// What will be over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Over {
    /// An entry's time.
    Entry(u64),
    /// The time of a fetch.
    Fetch(u64),
    /// The time for which a write rests before the database gets it.
    Rest,
}

/// What will be over when, in its order.
#[derive(Clone, Debug, Default)]
pub(super) struct Expiry {
    heap: BinaryHeap<Reverse<(Time, Over)>>,
    /// When the next alarm goes off, if one is set.
    armed: Option<Time>,
}

impl Expiry {
    pub(super) fn push(&mut self, at: Time, what: Over) {
        self.heap.push(Reverse((at, what)));
    }

    /// Something that is over by now.
    pub(super) fn pop(&mut self, now: Time) -> Option<(Time, Over)> {
        if self.heap.peek().is_none_or(|Reverse((at, _))| *at > now) {
            return None;
        }
        self.heap.pop().map(|Reverse(first)| first)
    }

    /// An alarm went off.
    pub(super) fn went_off(&mut self, now: Time) {
        self.armed = self.armed.filter(|&armed| armed > now);
    }

    /// For when an alarm is to be set, if none is that is as early.
    pub(super) fn arm(&mut self) -> Option<Time> {
        let Reverse((first, _)) = *self.heap.peek()?;
        if self.armed.is_some_and(|armed| armed <= first) {
            return None;
        }
        self.armed = Some(first);
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alarm_is_set_for_the_earliest_of_all() {
        let at = Time::from_nanos;
        let mut expiry = Expiry::default();
        assert_eq!(expiry.arm(), None);
        expiry.push(at(20), Over::Entry(1));
        assert_eq!(expiry.arm(), Some(at(20)));
        expiry.push(at(30), Over::Entry(2));
        assert_eq!(expiry.arm(), None);
        expiry.push(at(10), Over::Fetch(3));
        assert_eq!(expiry.arm(), Some(at(10)));
        expiry.went_off(at(10));
        assert_eq!(expiry.pop(at(10)), Some((at(10), Over::Fetch(3))));
        assert_eq!(expiry.pop(at(10)), None);
        assert_eq!(expiry.arm(), Some(at(20)));
        expiry.went_off(at(20));
        assert_eq!(expiry.pop(at(25)), Some((at(20), Over::Entry(1))));
        assert_eq!(expiry.pop(at(25)), None);
    }
}
