//! How many are present over time: the mean, and for how long there were at least so many.
//!
//! The time with at least n present begins where the n-th comes and ends where the number falls
//! below n again. So one sum for each n, less the times of the beginnings and plus the times of the
//! ends, is all that has to be kept: a change takes one addition, and the area under the number is
//! the total over all n.

use crate::units::Time;

/// Numbers from 1 to this have a sum each; greater ones share theirs with their neighbours.
const EXACT: usize = 64;
/// Of the greater numbers, each octave has so many sums.
const PARTS: u64 = 8;

/// A number of those present, with the time that at least so many were.
#[derive(Clone, Debug)]
pub struct Occupancy {
    value: u64,
    /// For the numbers from 1 on: ends less beginnings (ns), modulo 2^64.
    exact: Box<[u64; EXACT]>,
    /// For the numbers above [`EXACT`], part by part: the same summed over the numbers of a part,
    /// modulo 2^128.
    rest: Vec<u128>,
}

/// The time that numbers of one range were reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The least of them.
    pub from: u64,
    /// The greatest.
    pub to: u64,
    /// For how long at least n were present, summed over the numbers n of the range (ns).
    pub time: u128,
}

impl Occupancy {
    /// Nobody is present.
    pub(super) fn new() -> Occupancy {
        Occupancy { value: 0, exact: Box::new([0; EXACT]), rest: Vec::new() }
    }

    /// One more.
    #[inline]
    pub(crate) fn rise(&mut self, now: Time) {
        match self.exact.get_mut(self.value as usize) {
            Some(sum) => *sum = sum.wrapping_sub(now.nanos()),
            None => self.rise_beyond(now),
        }
        self.value += 1;
    }

    /// One less; there must be one.
    #[inline]
    pub(crate) fn fall(&mut self, now: Time) {
        debug_assert!(self.value > 0, "a number of those present is not negative");
        self.value = self.value.wrapping_sub(1);
        match self.exact.get_mut(self.value as usize) {
            Some(sum) => *sum = sum.wrapping_add(now.nanos()),
            None => self.fall_beyond(now),
        }
    }

    #[inline(never)]
    fn rise_beyond(&mut self, now: Time) {
        let sum = self.beyond(self.value + 1);
        *sum = sum.wrapping_sub(u128::from(now.nanos()));
    }

    #[inline(never)]
    fn fall_beyond(&mut self, now: Time) {
        let sum = self.beyond(self.value + 1);
        *sum = sum.wrapping_add(u128::from(now.nanos()));
    }

    fn beyond(&mut self, n: u64) -> &mut u128 {
        let part = part(n);
        if self.rest.len() <= part {
            self.rest.resize(part + 1, 0);
        }
        &mut self.rest[part]
    }

    /// How many are present.
    #[inline]
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// The area under the number since the last reset (ns).
    pub fn area(&self, now: Time) -> u128 {
        self.reached(now).map(|reached| reached.time).sum()
    }

    /// For how long there were so many, for all numbers from 1 that there may have been.
    pub fn reached(&self, now: Time) -> impl Iterator<Item = Reached> + '_ {
        let still = move |from: u64, to: u64| {
            let present = self.value.min(to).saturating_sub(from - 1);
            u128::from(present) * u128::from(now.nanos())
        };
        let exact = (1..).zip(self.exact.iter()).map(move |(n, &sum)| {
            let since = if n <= self.value { now.nanos() } else { 0 };
            Reached { from: n, to: n, time: u128::from(sum.wrapping_add(since)) }
        });
        let rest = self.rest.iter().enumerate().map(move |(part, &sum)| {
            let (from, to) = range(part);
            Reached { from, to, time: sum.wrapping_add(still(from, to)) }
        });
        exact.chain(rest)
    }

    /// For how long there were at least `n`, from 1 (ns); of greater numbers as long as their range
    /// was on average.
    pub fn time_at_least(&self, n: u64, now: Time) -> u128 {
        let mut ranges = self.reached(now).filter(|reached| reached.from <= n && n <= reached.to);
        ranges.next().map_or(0, |reached| reached.time / u128::from(reached.to - reached.from + 1))
    }

    /// Keeps the number and forgets what was.
    pub(super) fn reset(&mut self, now: Time) {
        let value = std::mem::take(&mut self.value);
        *self = Occupancy::new();
        (0..value).for_each(|_| self.rise(now));
    }
}

/// The part of the rest that a number above [`EXACT`] belongs to.
fn part(n: u64) -> usize {
    let above = n - 1;
    let octave = above.ilog2() - EXACT.ilog2();
    let within = (above >> (octave + (EXACT.ilog2() - PARTS.ilog2()))) - PARTS;
    octave as usize * PARTS as usize + within as usize
}

/// The numbers of a part.
fn range(part: usize) -> (u64, u64) {
    let (octave, within) = (part as u64 / PARTS, part as u64 % PARTS);
    let width = (EXACT as u64 / PARTS) << octave;
    let from = ((EXACT as u64) << octave) + within * width + 1;
    (from, from + width - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn parts_tile_the_numbers_above_the_exact_ones() {
        let mut next = EXACT as u64 + 1;
        for index in 0..200 {
            let (from, to) = range(index);
            assert_eq!(from, next);
            assert_eq!((part(from), part(to)), (index, index));
            next = to + 1;
        }
    }

    #[test]
    fn the_time_with_at_least_so_many_is_exact_and_adds_up_to_the_area() {
        let mut present = Occupancy::new();
        (0..100).for_each(|i| present.rise(at(i)));
        (0..98).for_each(|i| present.fall(at(1_000 + i)));
        let reached: Vec<Reached> = present.reached(at(2_000)).collect();
        assert_eq!(reached[0], Reached { from: 1, to: 1, time: 2_000 });
        assert_eq!(reached[1].time, 1_999);
        assert_eq!(reached[2].time, 1_097 - 2, "the third comes at 2 and is the last to go");
        let rises: u128 = (0..100).map(|i| 2_000 - i).sum();
        let falls: u128 = (0..98).map(|i| 1_000 - i).sum();
        assert_eq!(present.area(at(2_000)), rises - falls);
        assert_eq!(present.value(), 2);
    }

    #[test]
    fn a_reset_keeps_the_number_and_starts_the_clock() {
        let mut present = Occupancy::new();
        (0..70).for_each(|_| present.rise(at(5)));
        present.reset(at(100));
        assert_eq!((present.value(), present.area(at(100))), (70, 0));
        present.fall(at(110));
        assert_eq!(present.area(at(120)), 69 * 20 + 10);
    }
}
