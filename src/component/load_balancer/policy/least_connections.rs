//! The backend with the fewest requests outstanding, as this balancer counts them, for its weight
//! if weights count.

use super::ties::Ties;
use super::{Balancing, Incoming, OFF_THE_LIST, Setup, TO_THE_LEAST, TieBreak};
use crate::component::kind::Choice;
use crate::engine::Tournament;
use crate::units::Time;

/// The fewest requests sent and not seen answered, for each backend's weight.
#[derive(Clone, Debug)]
pub(crate) struct LeastConnections<const WEIGHS: bool> {
    ties: Ties,
    outstanding: Vec<u32>,
    /// The weight of each; 0 of those that are off the list.
    weights: Vec<u32>,
    stated: Vec<u32>,
    tournament: Tournament,
}

impl<const WEIGHS: bool> LeastConnections<WEIGHS> {
    fn of(weights: Vec<u32>, tie_break: TieBreak) -> Self {
        let count = weights.len();
        let (outstanding, tournament) = (vec![0; count], Tournament::new(count));
        let ties = Ties::new(tie_break, &weights);
        LeastConnections { ties, outstanding, stated: weights.clone(), weights, tournament }
    }

    /// Quotients of numbers below 2^26 are equal in floating point only where they are equal, and
    /// numbers from 0 up are in the order of their bits.
    #[inline]
    fn play(&mut self, backend: usize) {
        let weight = self.weights[backend];
        let share = f64::from(self.outstanding[backend]) / f64::from(weight);
        self.tournament.set(backend, if weight == 0 { OFF_THE_LIST } else { share.to_bits() });
    }
}

impl<const WEIGHS: bool> Balancing for LeastConnections<WEIGHS> {
    type Spec = ();
    const WEIGHS: bool = WEIGHS;
    const CHOICE: Option<Choice> = TO_THE_LEAST;

    fn new((): &(), setup: &Setup) -> Self {
        let weights = if WEIGHS { setup.weights() } else { vec![1; setup.count()] };
        LeastConnections::of(weights, setup.tie_break)
    }

    #[inline]
    fn choose(&mut self, incoming: &Incoming) -> usize {
        let chosen = self.ties.least(&self.tournament, incoming);
        self.sent(chosen);
        chosen
    }

    /// A request is sent to a backend, be it chosen here or not.
    #[inline]
    fn sent(&mut self, backend: usize) {
        self.outstanding[backend] += 1;
        self.play(backend);
    }

    /// A backend is on the list from now on, or is not.
    fn list(&mut self, backend: usize, listed: bool) {
        self.weights[backend] = if listed { self.stated[backend] } else { 0 };
        self.play(backend);
    }

    #[inline]
    fn answered(&mut self, backend: usize, _: Time, _: Time) {
        self.outstanding[backend] -= 1;
        self.play(backend);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_spread, counts, incoming};
    use super::*;

    type Least = LeastConnections<true>;

    #[track_caller]
    fn check(tie_break: TieBreak, weights: &[u32], outstanding: &[u32], expect: &[usize]) {
        let mut least = Least::of(weights.to_vec(), tie_break);
        for (backend, &count) in outstanding.iter().enumerate() {
            least.outstanding[backend] = count;
            least.play(backend);
        }
        let chosen: Vec<usize> =
            (0..expect.len()).map(|n| least.choose(&incoming(n as u32))).collect();
        assert_eq!(chosen, expect);
    }

    #[test]
    fn the_idlest_is_taken_and_then_counted() {
        check(TieBreak::Random, &[1; 3], &[2, 0, 4], &[1, 1]);
        check(TieBreak::Lowest, &[1; 3], &[2, 1, 1], &[1, 2, 0, 1, 2]);
    }

    #[test]
    fn the_fewest_for_the_weight_is_taken() {
        check(TieBreak::Lowest, &[3, 1], &[0, 0], &[0, 1, 0, 0, 0, 1, 0, 0]);
        // 7/21 and 1/3 are the same.
        check(TieBreak::Lowest, &[3, 21, 3], &[1, 7, 2], &[0, 1]);
    }

    /// As nginx's `least_conn` of weights 3 and 1 where nothing is outstanding.
    #[test]
    fn ties_are_broken_by_weighted_round_robin() {
        let mut least = Least::of(vec![3, 1], TieBreak::RoundRobin);
        let one = |n| {
            let chosen = least.choose(&incoming(n));
            least.answered(chosen, Time::ZERO, Time::ZERO);
            chosen
        };
        assert_eq!((0..8).map(one).collect::<Vec<_>>(), [0, 0, 1, 0, 0, 0, 1, 0]);
        // One that has no equal is taken out of turn.
        check(TieBreak::RoundRobin, &[3, 1, 1], &[6, 1, 1], &[1, 2, 0, 2, 1]);
    }

    #[test]
    fn ties_are_broken_evenly() {
        let mut least = Least::of(vec![1; 3], TieBreak::Random);
        let counts = counts(3, |incoming| {
            let chosen = least.choose(incoming);
            least.answered(chosen, Time::ZERO, Time::ZERO);
            chosen
        });
        check_spread(&counts, &[1.0 / 3.0; 3]);
    }

    #[test]
    fn a_backend_off_the_list_is_not_the_least() {
        let mut least = Least::of(vec![1, 3, 1], TieBreak::Lowest);
        least.list(0, false);
        let chosen: Vec<usize> = (0..5).map(|n| least.choose(&incoming(n))).collect();
        assert_eq!(chosen, [1, 2, 1, 1, 1]);
        least.list(0, true);
        assert_eq!(least.choose(&incoming(5)), 0);
    }
}
