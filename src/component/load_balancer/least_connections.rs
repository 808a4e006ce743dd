//! Policies that take whoever has the least: requests outstanding, as this balancer counts them, or
//! load by the last report.

use std::collections::VecDeque;

use crate::engine::Tournament;

use super::policy::{Incoming, TieBreak};

/// Breaks the tie among the least.
#[inline]
pub(super) fn least(tournament: &Tournament, tie_break: TieBreak, incoming: &Incoming) -> usize {
    match tie_break {
        TieBreak::Random => tournament.any(|| incoming.draws()),
        TieBreak::Lowest => tournament.first(),
    }
}

/// The fewest requests sent and not seen answered, for each backend's weight.
#[derive(Clone, Debug)]
pub(super) struct LeastConnections {
    tie_break: TieBreak,
    outstanding: Vec<u32>,
    /// The weight of each; 0 of those that are off the list.
    weights: Vec<u32>,
    stated: Vec<u32>,
    tournament: Tournament,
}

/// The key of whoever is off the list: after all others.
pub(super) const OFF_THE_LIST: u64 = u64::MAX - 1;

impl LeastConnections {
    pub(super) fn new(weights: Vec<u32>, tie_break: TieBreak) -> LeastConnections {
        let count = weights.len();
        let (outstanding, tournament) = (vec![0; count], Tournament::new(count));
        LeastConnections { tie_break, outstanding, stated: weights.clone(), weights, tournament }
    }

    #[inline]
    pub(super) fn choose(&mut self, incoming: &Incoming) -> usize {
        let chosen = least(&self.tournament, self.tie_break, incoming);
        self.sent(chosen);
        chosen
    }

    /// A request is sent to a backend, be it chosen here or not.
    #[inline]
    pub(super) fn sent(&mut self, backend: usize) {
        self.outstanding[backend] += 1;
        self.play(backend);
    }

    /// A backend is on the list from now on, or is not.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        self.weights[backend] = if listed { self.stated[backend] } else { 0 };
        self.play(backend);
    }

    #[inline]
    pub(super) fn answered(&mut self, backend: usize) {
        self.outstanding[backend] -= 1;
        self.play(backend);
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

/// The least load by the last report.
#[derive(Clone, Debug)]
pub(super) struct LeastReported {
    tie_break: TieBreak,
    tournament: Tournament,
    /// The load of each by its last report, and whether it is on the list.
    loads: Vec<(u64, bool)>,
    /// Reports that have been sent and not received, with whom they are from.
    on_the_way: VecDeque<(u32, u64)>,
}

impl LeastReported {
    pub(super) fn new(tie_break: TieBreak, count: usize) -> LeastReported {
        let (tournament, on_the_way) = (Tournament::new(count), VecDeque::new());
        LeastReported { tie_break, tournament, loads: vec![(0, true); count], on_the_way }
    }

    pub(super) fn choose(&self, incoming: &Incoming) -> usize {
        least(&self.tournament, self.tie_break, incoming)
    }

    /// A backend sends a report. All take the same time to arrive.
    pub(super) fn send(&mut self, backend: u32, load: u64) {
        self.on_the_way.push_back((backend, load));
    }

    /// The first report on its way arrives.
    pub(super) fn receive(&mut self) {
        if let Some((backend, load)) = self.on_the_way.pop_front() {
            self.loads[backend as usize].0 = load;
            self.play(backend as usize);
        }
    }

    /// A backend is on the list from now on, or is not.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        self.loads[backend].1 = listed;
        self.play(backend);
    }

    fn play(&mut self, backend: usize) {
        let (load, listed) = self.loads[backend];
        self.tournament.set(backend, if listed { load } else { OFF_THE_LIST });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::load_balancer::policy::tests::{check_spread, counts, incoming};

    #[track_caller]
    fn check(tie_break: TieBreak, weights: &[u32], outstanding: &[u32], expect: &[usize]) {
        let mut least = LeastConnections::new(weights.to_vec(), tie_break);
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

    #[test]
    fn ties_are_broken_evenly() {
        let mut least = LeastConnections::new(vec![1; 3], TieBreak::Random);
        let counts = counts(3, |incoming| {
            let chosen = least.choose(incoming);
            least.answered(chosen);
            chosen
        });
        check_spread(&counts, &[1.0 / 3.0; 3]);
    }

    #[test]
    fn whoever_is_off_the_list_is_not_the_least() {
        let mut least = LeastConnections::new(vec![1, 3, 1], TieBreak::Lowest);
        least.list(0, false);
        let chosen: Vec<usize> = (0..5).map(|n| least.choose(&incoming(n))).collect();
        assert_eq!(chosen, [1, 2, 1, 1, 1]);
        least.list(0, true);
        assert_eq!(least.choose(&incoming(5)), 0);
        let mut least = LeastReported::new(TieBreak::Lowest, 2);
        least.list(0, false);
        least.send(1, 9);
        least.receive();
        assert_eq!(least.choose(&incoming(6)), 1);
        least.list(0, true);
        assert_eq!(least.choose(&incoming(7)), 0);
    }

    #[test]
    fn a_report_counts_from_when_it_arrives_and_what_is_sent_does_not() {
        let mut least = LeastReported::new(TieBreak::Lowest, 2);
        least.send(0, 5);
        assert_eq!(least.choose(&incoming(0)), 0);
        least.receive();
        assert_eq!([least.choose(&incoming(1)), least.choose(&incoming(2))], [1, 1]);
    }
}
