//! The least loaded of a few backends taken at random.

use super::roster::Roster;
use super::{Balancing, Incoming, Setup, TO_THE_LEAST, TieBreak};
use crate::component::kind::Choice;
use crate::document::{At, Count, Problem, record};
use crate::units::Time;

record! {
    /// Among how many the least loaded is taken.
    pub struct PowerOfDSpec {
        /// How many distinct backends are looked at.
        pub d: At<Count> = "2",
    }
}

/// The one with the fewest outstanding among `d` distinct backends, every set of that size being
/// equally likely (power of d choices; Mitzenmacher 2001 draws with replacement instead).
#[derive(Clone, Debug)]
pub(crate) struct PowerOfD {
    tie_break: TieBreak,
    outstanding: Vec<u32>,
    d: usize,
    roster: Roster,
    /// All backends on the list in their order, between choices.
    order: Vec<u32>,
    /// With whom each of the first `d` of the order changed places.
    swapped: Vec<u32>,
}

impl PowerOfD {
    fn of(d: u64, tie_break: TieBreak, count: usize) -> PowerOfD {
        let d = usize::try_from(d).map_or(count, |d| d.min(count));
        PowerOfD {
            tie_break,
            outstanding: vec![0; count],
            d,
            roster: Roster::new(count),
            order: (0..count as u32).collect(),
            swapped: vec![0; d],
        }
    }
}

impl Balancing for PowerOfD {
    type Spec = PowerOfDSpec;
    /// Those that are looked at are chosen by chance.
    const TAKES_TURNS: bool = false;
    const CHOICE: Option<Choice> = TO_THE_LEAST;

    fn new(spec: &PowerOfDSpec, setup: &Setup) -> PowerOfD {
        PowerOfD::of(spec.d.value.get(), setup.tie_break, setup.count())
    }

    fn check(spec: &PowerOfDSpec, backends: Option<u64>) -> Option<Problem> {
        let (d, backends) = (spec.d.value.get(), backends.filter(|&count| count > 0)?);
        let title = format!("{d} distinct backends are more than there are: {backends}");
        let label = "expected a smaller `d`, or more backends or replicas";
        (d > backends).then(|| Problem::new(spec.d.place, title, label))
    }

    fn choose(&mut self, incoming: &Incoming) -> usize {
        let count = self.order.len();
        let mut draws = incoming.draws();
        let mut best = (u32::MAX, usize::MAX);
        for place in 0..self.swapped.len() {
            let with = place + draws.below(count - place);
            self.order.swap(place, with);
            self.swapped[place] = with as u32;
            let candidate = self.order[place] as usize;
            let load = self.outstanding[candidate];
            // They come in random order: to take the first of equals is to take any of them.
            let lower = self.tie_break == TieBreak::Lowest && candidate < best.1;
            if load < best.0 || (load == best.0 && lower) {
                best = (load, candidate);
            }
        }
        // What is drawn for a request must not hang on the requests before.
        for place in (0..self.swapped.len()).rev() {
            self.order.swap(place, self.swapped[place] as usize);
        }
        self.outstanding[best.1] += 1;
        best.1
    }

    /// A backend is asked that was not chosen here.
    fn sent(&mut self, backend: usize) {
        self.outstanding[backend] += 1;
    }

    /// A backend is on the list from now on, or is not.
    fn list(&mut self, backend: usize, listed: bool) {
        self.roster.list(backend, listed);
        self.order = (0..self.roster.len()).map(|place| self.roster.at(place) as u32).collect();
        self.swapped = vec![0; self.d.min(self.roster.len())];
    }

    fn answered(&mut self, backend: usize, _: Time, _: Time) {
        self.outstanding[backend] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_spread, counts, incoming};
    use super::*;

    /// Chooses 30,000 times among backends that always have these outstanding.
    #[track_caller]
    fn check(d: u64, tie_break: TieBreak, outstanding: &[u32], probabilities: &[f64]) {
        let mut power_of_d = PowerOfD::of(d, tie_break, outstanding.len());
        power_of_d.outstanding.copy_from_slice(outstanding);
        let counts = counts(outstanding.len(), |incoming| {
            let chosen = power_of_d.choose(incoming);
            power_of_d.answered(chosen, Time::ZERO, Time::ZERO);
            chosen
        });
        check_spread(&counts, probabilities);
    }

    /// Of n distinct loads the k-th, from 0, is taken with probability C(n-1-k, d-1) / C(n, d).
    #[test]
    fn the_least_of_a_few_distinct_backends_is_taken() {
        check(2, TieBreak::Random, &[3, 0, 2, 1], &[0.0, 3.0 / 6.0, 1.0 / 6.0, 2.0 / 6.0]);
        check(3, TieBreak::Lowest, &[3, 0, 2, 1], &[0.0, 3.0 / 4.0, 0.0, 1.0 / 4.0]);
        check(4, TieBreak::Random, &[3, 0, 2, 1], &[0.0, 1.0, 0.0, 0.0]);
        check(1, TieBreak::Random, &[3, 0, 2, 1], &[0.25; 4]);
    }

    #[test]
    fn ties_are_broken_as_told() {
        check(2, TieBreak::Random, &[4, 4, 4], &[1.0 / 3.0; 3]);
        check(2, TieBreak::Lowest, &[4, 4, 4], &[2.0 / 3.0, 1.0 / 3.0, 0.0]);
        check(3, TieBreak::Random, &[4, 4, 5], &[0.5, 0.5, 0.0]);
    }

    #[test]
    fn backends_off_the_list_are_not_looked_at() {
        let mut power_of_d = PowerOfD::of(2, TieBreak::Random, 3);
        power_of_d.list(1, false);
        let asked_of = counts(3, |incoming| {
            let chosen = power_of_d.choose(incoming);
            power_of_d.answered(chosen, Time::ZERO, Time::ZERO);
            chosen
        });
        check_spread(&asked_of, &[0.5, 0.0, 0.5]);
        power_of_d.list(0, false);
        assert_eq!(power_of_d.choose(&incoming(1)), 2);
        power_of_d.list(1, true);
        assert_eq!(power_of_d.choose(&incoming(2)), 1);
    }

    #[test]
    fn what_was_asked_before_does_not_change_who_is_looked_at() {
        let mut power_of_d = PowerOfD::of(2, TieBreak::Random, 7);
        let alone = power_of_d.choose(&incoming(9));
        power_of_d.answered(alone, Time::ZERO, Time::ZERO);
        for n in 0..50 {
            let chosen = power_of_d.choose(&incoming(n));
            power_of_d.answered(chosen, Time::ZERO, Time::ZERO);
        }
        assert_eq!(power_of_d.choose(&incoming(9)), alone);
    }
}
