//! Policies that go round: each backend in its turn.

use super::roster::Roster;

/// Each in turn.
#[derive(Clone, Debug)]
pub(super) struct RoundRobin {
    roster: Roster,
    /// The place on the list whose turn it is.
    turn: usize,
}

impl RoundRobin {
    pub(super) fn new(count: usize) -> RoundRobin {
        RoundRobin { roster: Roster::new(count), turn: 0 }
    }

    #[inline]
    pub(super) fn next(&mut self) -> usize {
        let chosen = self.turn;
        self.turn = if chosen + 1 == self.roster.len() { 0 } else { chosen + 1 };
        self.roster.at(chosen)
    }

    /// A backend is on the list from now on, or is not; whose turn it is does not change, if he is.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        let whose = if self.roster.len() == 0 { backend } else { self.roster.at(self.turn) };
        self.roster.list(backend, listed);
        self.turn = self.roster.from(whose);
    }
}

/// Each in turn, as many in a row as its weight.
#[derive(Clone, Debug)]
pub(super) struct WeightedRoundRobin {
    weights: Vec<u32>,
    turns: RoundRobin,
    /// Whose turn it is, and how many he has yet to have of it.
    whose: usize,
    left: u32,
}

impl WeightedRoundRobin {
    pub(super) fn new(weights: Vec<u32>) -> WeightedRoundRobin {
        WeightedRoundRobin { turns: RoundRobin::new(weights.len()), weights, whose: 0, left: 0 }
    }

    pub(super) fn next(&mut self) -> usize {
        if self.left == 0 {
            self.whose = self.turns.next();
            self.left = self.weights[self.whose];
        }
        self.left -= 1;
        self.whose
    }

    /// A backend is on the list from now on, or is not, and then has the rest of its turn no more.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        self.turns.list(backend, listed);
        if !listed && self.whose == backend {
            self.left = 0;
        }
    }
}

/// Each as often as its weight and as evenly as may be. Everybody gains their weight, the richest
/// is taken, the first of equals, and pays the sum of all weights.
#[derive(Clone, Debug)]
pub(super) struct SmoothRoundRobin {
    /// Weight and wealth.
    accounts: Vec<(i64, i64)>,
    /// Who of them is on the list, and the sum of their weights.
    listed: Vec<bool>,
    total: i64,
}

impl SmoothRoundRobin {
    pub(super) fn new(weights: &[u32]) -> SmoothRoundRobin {
        let accounts: Vec<_> = weights.iter().map(|&weight| (i64::from(weight), 0)).collect();
        let (total, listed) =
            (accounts.iter().map(|(weight, _)| weight).sum(), vec![true; weights.len()]);
        SmoothRoundRobin { total, listed, accounts }
    }

    pub(super) fn next(&mut self) -> usize {
        let (mut richest, mut most) = (0, i64::MIN);
        let accounts = self.accounts.iter_mut().zip(&self.listed).enumerate();
        for (index, ((weight, wealth), _)) in accounts.filter(|(_, (_, listed))| **listed) {
            *wealth += *weight;
            if *wealth > most {
                (richest, most) = (index, *wealth);
            }
        }
        self.accounts[richest].1 -= self.total;
        richest
    }

    /// A backend is on the list from now on, and begins with nothing, or is not.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        let (weight, wealth) = &mut self.accounts[backend];
        *wealth = 0;
        if self.listed[backend] != listed {
            self.total += if listed { *weight } else { -*weight };
            self.listed[backend] = listed;
        }
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

    #[test]
    fn whoever_is_off_the_list_has_no_turn() {
        let mut turns = RoundRobin::new(4);
        check(|| turns.next(), &[0, 1]);
        turns.list(2, false);
        check(|| turns.next(), &[3, 0, 1, 3, 0]);
        turns.list(2, true);
        check(|| turns.next(), &[1, 2, 3, 0]);
        let mut turns = WeightedRoundRobin::new(vec![3, 1, 2]);
        check(|| turns.next(), &[0]);
        turns.list(0, false);
        check(|| turns.next(), &[1, 2, 2, 1, 2]);
        let mut turns = SmoothRoundRobin::new(&[5, 1, 1]);
        turns.list(0, false);
        check(|| turns.next(), &[1, 2, 1, 2]);
        turns.list(0, true);
        let mut counts = [0; 3];
        (0..14).for_each(|_| counts[turns.next()] += 1);
        assert_eq!(counts, [10, 2, 2]);
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
