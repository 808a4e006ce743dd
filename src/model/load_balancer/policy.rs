//! How a balancer chooses. To add a policy: a variant here, its arm in [`Chooser::choose`], a test.

use crate::document::choice;
use crate::engine::Draws;

choice! {
    /// How a load balancer chooses a backend.
    pub enum Policy {
        /// Any backend, all equally likely.
        Random = "random",
        /// Each backend in turn.
        RoundRobin = "round_robin",
        /// The backend with the fewest requests that this balancer has sent and not seen answered.
        LeastConnections = "least_connections",
    }
}

choice! {
    /// Which of several equally good backends is taken. Published results hinge on it.
    pub enum TieBreak {
        /// Any of them, all equally likely.
        Random = "random",
        /// The first in the order of the backends.
        Lowest = "lowest",
    }
}

/// A policy with what it remembers.
#[derive(Clone, Debug)]
pub(super) struct Chooser {
    policy: Policy,
    tie_break: TieBreak,
    /// The backend whose turn it is.
    turn: usize,
}

impl Chooser {
    pub(super) fn new(policy: Policy, tie_break: TieBreak) -> Chooser {
        Chooser { policy, tie_break, turn: 0 }
    }

    /// The index of the backend to take; `outstanding` counts each backend's unanswered requests.
    #[inline]
    pub(super) fn choose(&mut self, outstanding: &[u32], draws: impl Fn() -> Draws) -> usize {
        match self.policy {
            Policy::Random => draws().below(outstanding.len()),
            Policy::RoundRobin => {
                let chosen = self.turn;
                self.turn = if chosen + 1 == outstanding.len() { 0 } else { chosen + 1 };
                chosen
            }
            Policy::LeastConnections => self.least(outstanding, draws),
        }
    }

    fn least(&self, outstanding: &[u32], draws: impl Fn() -> Draws) -> usize {
        let mut least = u32::MAX;
        let (mut first, mut tied) = (0, 0);
        for (index, &count) in outstanding.iter().enumerate() {
            if count < least {
                (least, first, tied) = (count, index, 1);
            } else if count == least {
                tied += 1;
            }
        }
        if tied == 1 || self.tie_break == TieBreak::Lowest {
            return first;
        }
        let nth = draws().below(tied);
        let mut ties = outstanding.iter().enumerate().filter(|&(_, &count)| count == least);
        ties.nth(nth).map_or(first, |(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stream;

    #[track_caller]
    fn check(policy: Policy, tie_break: TieBreak, outstanding: &[u32], expect: &[usize]) {
        let mut chooser = Chooser::new(policy, tie_break);
        let chosen: Vec<usize> = (0..expect.len() as u64)
            .map(|i| chooser.choose(outstanding, || Stream::root(1, i).draws()))
            .collect();
        assert_eq!(chosen, expect);
    }

    #[test]
    fn round_robin_takes_each_in_turn() {
        check(Policy::RoundRobin, TieBreak::Random, &[9, 0, 0], &[0, 1, 2, 0, 1]);
    }

    #[test]
    fn least_connections_takes_the_idlest_and_breaks_ties_as_told() {
        check(Policy::LeastConnections, TieBreak::Random, &[2, 1, 3], &[1, 1]);
        check(Policy::LeastConnections, TieBreak::Lowest, &[2, 1, 1], &[1, 1, 1]);
    }

    /// Counts over 30,000 choices among three, each binomial with standard deviation 82; the band
    /// is six of those: a false alarm about once in 10^8.
    #[test]
    fn random_choices_and_random_ties_are_uniform() {
        for policy in [Policy::Random, Policy::LeastConnections] {
            let mut chooser = Chooser::new(policy, TieBreak::Random);
            let mut counts = [0_i32; 3];
            for i in 0..30_000 {
                counts[chooser.choose(&[4, 4, 4], || Stream::root(2, i).draws())] += 1;
            }
            assert!(counts.iter().all(|count| (count - 10_000).abs() < 490), "{counts:?}");
        }
    }
}
