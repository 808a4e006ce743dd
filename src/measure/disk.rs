//! What is in use of a disk.

use std::collections::VecDeque;

use crate::units::Time;

/// For how long something is in use. When each use begins and ends is known before it does: what is
/// over is kept as a sum, the rest one by one.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// What is over (ns).
    past: u128,
    /// What is not, in the order in which it begins.
    pending: VecDeque<(Time, Time)>,
}

impl Uses {
    /// It is in use from `begin` until `end`; no use that is yet to be told begins before.
    pub(crate) fn add(&mut self, now: Time, begin: Time, end: Time) {
        while let Some(&(from, until)) = self.pending.front().filter(|(_, until)| *until <= now) {
            self.past += u128::from((until - from).nanos());
            self.pending.pop_front();
        }
        self.pending.push_back((begin, end));
    }

    /// For how long it has been in use (ns); uses at the same time add up.
    fn area(&self, now: Time) -> u128 {
        let done =
            |&(from, until): &(Time, Time)| u128::from((until.min(now) - from.min(now)).nanos());
        self.past + self.pending.iter().map(done).sum::<u128>()
    }

    /// Figures start now.
    fn reset(&mut self, now: Time) {
        self.past = 0;
        for (from, until) in &mut self.pending {
            (*from, *until) = ((*from).max(now), (*until).max(now));
        }
    }

    /// Nothing is in use any more.
    fn clear(&mut self, now: Time) {
        self.past = self.area(now);
        self.pending.clear();
    }
}

/// What is in use of a disk.
#[derive(Clone, Debug, Default)]
pub struct DiskUse {
    /// How many operations there may be at once, and those there are; `None` without a limit.
    pub at_once: Option<(u64, Uses)>,
    /// How many may begin in a second, and when none can because one has just begun.
    pub iops: Option<(u64, Uses)>,
    /// How many bytes a second may flow, and when they do; `None` where they flow while no other
    /// operation can be at work.
    pub throughput: Option<(u64, Uses)>,
}

impl DiskUse {
    fn parts(&mut self) -> impl Iterator<Item = &mut Uses> {
        let parts = [&mut self.at_once, &mut self.iops, &mut self.throughput];
        parts.into_iter().flatten().map(|(_, uses)| uses)
    }

    pub(super) fn reset(&mut self, now: Time) {
        self.parts().for_each(|uses| uses.reset(now));
    }

    /// Nothing is at work any more.
    pub(super) fn clear(&mut self, now: Time) {
        self.parts().for_each(|uses| uses.clear(now));
    }
}

/// The area under what is in use of what there is so much of (level x ns).
pub(super) fn area(part: Option<&(u64, Uses)>, each: bool, now: Time) -> u128 {
    part.map_or(0, |(limit, uses)| uses.area(now) * if each { 1 } else { u128::from(*limit) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_add_up_as_far_as_they_have_come() {
        let at = Time::from_nanos;
        let mut uses = Uses::default();
        uses.add(at(0), at(0), at(10));
        uses.add(at(0), at(4), at(30));
        assert_eq!([4, 6, 20, 40].map(|now| uses.area(at(now))), [4, 8, 26, 36]);
        uses.reset(at(6));
        assert_eq!([6, 20].map(|now| uses.area(at(now))), [0, 18]);
        uses.add(at(20), at(30), at(50));
        uses.clear(at(40));
        assert_eq!([40, 60].map(|now| uses.area(at(now))), [38, 38]);
    }
}
