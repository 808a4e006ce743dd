//! Policies that go round: each backend in its turn.

/// Each in turn.
#[derive(Clone, Debug)]
pub(super) struct RoundRobin {
    count: usize,
    /// Whose turn it is.
    turn: usize,
}

impl RoundRobin {
    pub(super) fn new(count: usize) -> RoundRobin {
        RoundRobin { count, turn: 0 }
    }

    #[inline]
    pub(super) fn next(&mut self) -> usize {
        let chosen = self.turn;
        self.turn = if chosen + 1 == self.count { 0 } else { chosen + 1 };
        chosen
    }
}

/// Each in turn, as many in a row as its weight.
#[derive(Clone, Debug)]
pub(super) struct WeightedRoundRobin {
    weights: Vec<u32>,
    turn: usize,
    /// How many it has had of this turn.
    had: u32,
}

impl WeightedRoundRobin {
    pub(super) fn new(weights: Vec<u32>) -> WeightedRoundRobin {
        WeightedRoundRobin { weights, turn: 0, had: 0 }
    }

    pub(super) fn next(&mut self) -> usize {
        if self.had == self.weights[self.turn] {
            self.turn = if self.turn + 1 == self.weights.len() { 0 } else { self.turn + 1 };
            self.had = 0;
        }
        self.had += 1;
        self.turn
    }
}

/// Each as often as its weight and as evenly as may be. Everybody gains their weight, the richest
/// is taken, the first of equals, and pays the sum of all weights.
#[derive(Clone, Debug)]
pub(super) struct SmoothRoundRobin {
    /// Weight and wealth.
    accounts: Vec<(i64, i64)>,
    total: i64,
}

impl SmoothRoundRobin {
    pub(super) fn new(weights: &[u32]) -> SmoothRoundRobin {
        let accounts: Vec<_> = weights.iter().map(|&weight| (i64::from(weight), 0)).collect();
        SmoothRoundRobin { total: accounts.iter().map(|(weight, _)| weight).sum(), accounts }
    }

    pub(super) fn next(&mut self) -> usize {
        let (mut richest, mut most) = (0, i64::MIN);
        for (index, (weight, wealth)) in self.accounts.iter_mut().enumerate() {
            *wealth += *weight;
            if *wealth > most {
                (richest, most) = (index, *wealth);
            }
        }
        self.accounts[richest].1 -= self.total;
        richest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(mut next: impl FnMut() -> usize, expect: &[usize]) {
        let chosen: Vec<usize> = expect.iter().map(|_| next()).collect();
        assert_eq!(chosen, expect);
    }

    #[test]
    fn round_robin_takes_each_in_turn() {
        let mut turns = RoundRobin::new(3);
        check(|| turns.next(), &[0, 1, 2, 0, 1]);
    }

    #[test]
    fn weighted_round_robin_takes_each_as_often_in_a_row_as_its_weight() {
        let mut turns = WeightedRoundRobin::new(vec![3, 1, 2]);
        check(|| turns.next(), &[0, 0, 0, 1, 2, 2, 0, 0, 0, 1]);
    }

    /// DET-WRR: of weights 5, 1 and 1, nginx makes a a b a c a a.
    #[test]
    fn smooth_weighted_round_robin_has_the_order_of_nginx() {
        let mut turns = SmoothRoundRobin::new(&[5, 1, 1]);
        check(|| turns.next(), &[0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn smooth_weighted_round_robin_gives_each_its_weight_in_every_round() {
        let weights = [7, 2, 2, 5, 1];
        let mut turns = SmoothRoundRobin::new(&weights);
        for _ in 0..3 {
            let mut counts = [0; 5];
            (0..17).for_each(|_| counts[turns.next()] += 1);
            assert_eq!(counts, weights);
        }
    }
}
