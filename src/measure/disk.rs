//! What is in use of a disk.

use std::collections::VecDeque;

use crate::units::Time;

/// For how long something is in use. When each use begins and ends is known before it does: what is
/// over is kept as a sum, the rest one by one.
#[derive(Clone, Debug, Default)]
struct Uses {
    /// What is over (ns).
    past: u128,
    /// What is not, in the order in which it begins.
    pending: VecDeque<(Time, Time)>,
}

impl Uses {
    /// It is in use from `begin` until `end`; no use that is yet to be told begins before.
    fn add(&mut self, now: Time, begin: Time, end: Time) {
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

/// Something of which there is so much.
#[derive(Clone, Debug)]
pub struct Limited {
    /// How much there is.
    pub limit: u64,
    /// How much of it a use takes.
    each: u64,
    uses: Uses,
}

impl Limited {
    /// Of which each use takes one.
    pub(crate) fn one_each(limit: u64) -> Limited {
        Limited { limit, each: 1, uses: Uses::default() }
    }

    /// Of which each use takes all.
    pub(crate) fn all_each(limit: u64) -> Limited {
        Limited { limit, each: limit, uses: Uses::default() }
    }

    /// It is in use from `begin` until `end`; no use that is yet to be told begins before.
    pub(crate) fn add(&mut self, now: Time, begin: Time, end: Time) {
        self.uses.add(now, begin, end);
    }

    /// The area under what is in use (level x ns).
    pub(super) fn area(&self, now: Time) -> u128 {
        self.uses.area(now) * u128::from(self.each)
    }
}

/// What is in use of a disk.
#[derive(Clone, Debug, Default)]
pub struct DiskUse {
    /// How many operations there may be at once, and those there are; `None` without a limit.
    pub at_once: Option<Limited>,
    /// How many may begin in a second, and when none can because one has just begun.
    pub iops: Option<Limited>,
    /// How many bytes a second may flow, and when they do; `None` where they flow while no other
    /// operation can be at work.
    pub throughput: Option<Limited>,
    /// A log of which one write is written after the other; `None` where those that come meanwhile
    /// are written together, so that how long it is written does not grow with how many come.
    pub log: Option<Limited>,
    /// There are more operations a second while credits last.
    pub on_credits: bool,
}

impl DiskUse {
    /// What there is so much of, in the order of the fields.
    pub(crate) fn parts(&mut self) -> [Option<&mut Limited>; 4] {
        let [at_once, iops] = [&mut self.at_once, &mut self.iops];
        let [throughput, log] = [&mut self.throughput, &mut self.log];
        [at_once.as_mut(), iops.as_mut(), throughput.as_mut(), log.as_mut()]
    }

    pub(super) fn reset(&mut self, now: Time) {
        self.parts().into_iter().flatten().for_each(|part| part.uses.reset(now));
    }

    /// Nothing is at work any more.
    pub(super) fn clear(&mut self, now: Time) {
        self.parts().into_iter().flatten().for_each(|part| part.uses.clear(now));
    }
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
