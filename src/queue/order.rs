//! Those who wait for a worker, and who of them is next.

use std::collections::VecDeque;

use crate::document::choice;
use crate::engine::{Draws, Key};
use crate::message::AttemptKey;

choice! {
    /// Who of those who wait is served next. Nobody who is being served is interrupted.
    pub enum QueueOrder {
        /// The one that came first.
        Fifo = "fifo",
        /// The one that came last.
        Lifo = "lifo",
        /// Any of them, all equally likely.
        Random = "random",
        /// The most urgent, by the `priority` of the request type; of equals the one that came
        /// first.
        Priority = "priority",
    }
}

/// Somebody who waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    pub(super) key: AttemptKey,
    /// It has not been served before.
    pub(super) newcomer: bool,
}

/// Those who wait.
#[derive(Debug)]
pub(super) enum Line {
    /// First come first served, and nobody leaves but to be served.
    Plain(VecDeque<Waiter>),
    /// Any order, and anybody may leave.
    Linked(Box<Linked>),
}

/// No place at all.
pub(super) const NOWHERE: u32 = u32::MAX;

impl Line {
    /// Somebody of this class (0 is the most urgent) joins; returns the place.
    #[inline]
    pub(super) fn push(&mut self, waiter: Waiter, class: u16) -> u32 {
        match self {
            Line::Plain(line) => {
                line.push_back(waiter);
                NOWHERE
            }
            Line::Linked(line) => line.push(waiter, class),
        }
    }

    /// Takes the next one.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Waiter> {
        match self {
            Line::Plain(line) => line.pop_front(),
            Line::Linked(line) => line.pop(),
        }
    }

    /// Nobody waits any more.
    pub(super) fn clear(&mut self) {
        match self {
            Line::Plain(line) => line.clear(),
            Line::Linked(line) => while line.pop().is_some() {},
        }
    }
}

/// A place in the line; in a list of its own class, the oldest first.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// [`Key::NONE`] while nobody stands here.
    waiter: Waiter,
    class: u16,
    /// Its index among the lots, where lots are drawn.
    lot: u32,
    before: u32,
    /// The next younger, or the next free place.
    after: u32,
}

/// The oldest and the youngest of a class.
#[derive(Clone, Copy, Debug)]
struct Ends {
    first: u32,
    last: u32,
}

/// A line in lists, so that leaving costs no more than being next. Grows to the most
/// who ever waited at once.
#[derive(Debug)]
pub(super) struct Linked {
    order: QueueOrder,
    draws: Draws,
    places: Vec<Place>,
    free: u32,
    /// The most urgent first.
    classes: Vec<Ends>,
    /// The places of all who wait, in no order; only where lots are drawn.
    lots: Vec<u32>,
}

impl Linked {
    /// A line of so many classes; `draws` is for the random order.
    pub(super) fn new(order: QueueOrder, classes: usize, draws: Draws) -> Linked {
        Linked {
            order,
            draws,
            places: Vec::new(),
            free: NOWHERE,
            classes: vec![Ends { first: NOWHERE, last: NOWHERE }; classes],
            lots: Vec::new(),
        }
    }

    #[inline(never)]
    fn push(&mut self, waiter: Waiter, class: u16) -> u32 {
        let last = self.classes[usize::from(class)].last;
        let lot = self.lots.len() as u32;
        let entry = Place { waiter, class, lot, before: last, after: NOWHERE };
        let place = self.free;
        let place = if let Some(slot) = self.places.get_mut(place as usize) {
            self.free = slot.after;
            *slot = entry;
            place
        } else {
            self.places.push(entry);
            self.places.len() as u32 - 1
        };
        if let Some(older) = self.places.get_mut(last as usize) {
            older.after = place;
        } else {
            self.classes[usize::from(class)].first = place;
        }
        self.classes[usize::from(class)].last = place;
        if self.order == QueueOrder::Random {
            self.lots.push(place);
        }
        place
    }

    #[inline(never)]
    fn pop(&mut self) -> Option<Waiter> {
        let place = match self.order {
            QueueOrder::Fifo | QueueOrder::Priority => {
                self.classes.iter().map(|ends| ends.first).find(|&place| place != NOWHERE)?
            }
            QueueOrder::Lifo => self.classes[0].last,
            QueueOrder::Random if self.lots.is_empty() => return None,
            QueueOrder::Random => self.lots[self.draws.below(self.lots.len())],
        };
        (place != NOWHERE).then(|| self.take(place))
    }

    /// Takes the one that stands there.
    fn take(&mut self, place: u32) -> Waiter {
        let Place { waiter, class, lot, before, after } = self.places[place as usize];
        let ends = &mut self.classes[usize::from(class)];
        match self.places.get_mut(before as usize) {
            Some(older) => older.after = after,
            None => ends.first = after,
        }
        match self.places.get_mut(after as usize) {
            Some(younger) => younger.before = before,
            None => ends.last = before,
        }
        if self.order == QueueOrder::Random {
            self.lots.swap_remove(lot as usize);
            if let Some(&moved) = self.lots.get(lot as usize) {
                self.places[moved as usize].lot = lot;
            }
        }
        let slot = &mut self.places[place as usize];
        slot.waiter.key = Key::NONE;
        slot.after = self.free;
        self.free = place;
        waiter
    }

    /// Takes `key` out of the line, if it still stands at `place` as a newcomer: it may have been
    /// served meanwhile, and stand there again.
    pub(super) fn leave(&mut self, place: u32, key: AttemptKey) -> bool {
        let waiter = self.places.get(place as usize).map(|slot| slot.waiter);
        let found = waiter.is_some_and(|waiter| waiter.newcomer && waiter.key == key);
        if found {
            self.take(place);
        }
        found
    }

    /// Takes the newcomer who has waited longest of the least urgent, unless all are more urgent
    /// than `class`.
    pub(super) fn take_oldest(&mut self, class: u16) -> Option<AttemptKey> {
        for ends in self.classes[usize::from(class)..].iter().rev() {
            let mut place = ends.first;
            while let Some(slot) = self.places.get(place as usize) {
                if slot.waiter.newcomer {
                    return Some(self.take(place).key);
                }
                place = slot.after;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stream;

    fn key(number: u64) -> AttemptKey {
        Key::from_bits(number)
    }

    /// A line in which these wait, of the classes beside them, in the order of their coming.
    fn line(order: QueueOrder, waiting: &[(u64, u16)]) -> Linked {
        let mut line = Linked::new(order, 3, Stream::root(1, 0).draws());
        for &(number, class) in waiting {
            line.push(Waiter { key: key(number), newcomer: true }, class);
        }
        line
    }

    fn drain(line: &mut Linked) -> Vec<u64> {
        std::iter::from_fn(|| line.pop()).map(|waiter| waiter.key.to_bits()).collect()
    }

    #[test]
    fn each_order_serves_in_its_order() {
        let alike = [(1, 0), (2, 0), (3, 0)];
        assert_eq!(drain(&mut line(QueueOrder::Fifo, &alike)), [1, 2, 3]);
        assert_eq!(drain(&mut line(QueueOrder::Lifo, &alike)), [3, 2, 1]);
        let classes = [(1, 2), (2, 1), (3, 0), (4, 1), (5, 0)];
        assert_eq!(drain(&mut line(QueueOrder::Priority, &classes)), [3, 5, 2, 4, 1]);
    }

    #[test]
    fn one_that_leaves_is_missed_by_no_other() {
        let alike = [(1, 0), (2, 0), (3, 0), (4, 0)];
        for (order, rest) in [(QueueOrder::Fifo, [1, 3, 5]), (QueueOrder::Lifo, [5, 3, 1])] {
            let mut line = line(order, &alike);
            assert!(line.leave(1, key(2)) && !line.leave(1, key(2)), "one leaves once");
            assert!(line.leave(3, key(4)) && !line.leave(0, key(9)));
            assert_eq!(line.push(Waiter { key: key(5), newcomer: true }, 0), 3, "used again");
            assert_eq!(drain(&mut line), rest);
            assert!(drain(&mut line).is_empty());
        }
    }

    #[test]
    fn the_oldest_newcomer_of_the_least_urgent_makes_room() {
        let mut line = line(QueueOrder::Priority, &[(1, 0), (2, 1), (3, 1)]);
        line.push(Waiter { key: key(4), newcomer: false }, 2);
        assert!(!line.leave(3, key(4)), "it has been served before");
        assert_eq!(line.take_oldest(2), None, "all newcomers are more urgent");
        assert_eq!(line.take_oldest(0), Some(key(2)));
        assert_eq!(line.take_oldest(1), Some(key(3)));
        assert_eq!(line.take_oldest(1), None);
        assert_eq!(line.take_oldest(0), Some(key(1)));
        assert_eq!(drain(&mut line), [4]);
    }

    /// Who of four comes out first, over 40,000 lines, and who second after one has left: each
    /// count is binomial with a standard deviation of 87 and 94; the bands are six of those, a
    /// false alarm about once in 10^8.
    #[test]
    fn lots_are_drawn_evenly_among_those_who_wait() {
        let mut line = line(QueueOrder::Random, &[]);
        let (mut first, mut second) = ([0_i32; 4], [0_i32; 4]);
        for _ in 0..40_000 {
            let places: Vec<u32> = (0..4)
                .map(|number| line.push(Waiter { key: key(number), newcomer: true }, 0))
                .collect();
            first[line.pop().expect("four wait").key.to_bits() as usize] += 1;
            let left = line.leave(places[2], key(2));
            let next = line.pop().expect("two or three wait").key.to_bits() as usize;
            second[next] += i32::from(left);
            while line.pop().is_some() {}
        }
        assert!(first.iter().all(|count| (count - 10_000).abs() < 522), "{first:?}");
        let others = [second[0], second[1], second[3]];
        assert!(second[2] == 0 && others.iter().all(|n| (n - 10_000).abs() < 564), "{second:?}");
    }
}
