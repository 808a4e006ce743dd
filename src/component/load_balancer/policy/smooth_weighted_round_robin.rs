//! Each backend as often as its weight and as evenly as may be: the order of nginx.

use super::round_robin::IN_TURN;
use super::{Balancing, Incoming, Setup};
use crate::component::kind::Choice;

/// Each as often as its weight and as evenly as may be. Everybody gains their weight, the richest
/// is taken, the first of equals, and pays the sum of all weights.
#[derive(Clone, Debug)]
pub(crate) struct SmoothWeightedRoundRobin {
    /// Weight and wealth.
    accounts: Vec<(i64, i64)>,
    /// Who of them is on the list, and the sum of their weights.
    listed: Vec<bool>,
    total: i64,
}

impl SmoothWeightedRoundRobin {
    fn of(weights: &[u32]) -> SmoothWeightedRoundRobin {
        let accounts: Vec<_> = weights.iter().map(|&weight| (i64::from(weight), 0)).collect();
        let (total, listed) =
            (accounts.iter().map(|(weight, _)| weight).sum(), vec![true; weights.len()]);
        SmoothWeightedRoundRobin { total, listed, accounts }
    }
}

impl Balancing for SmoothWeightedRoundRobin {
    type Spec = ();
    const WEIGHS: bool = true;
    const CHOICE: Option<Choice> = IN_TURN;

    fn new((): &(), setup: &Setup) -> SmoothWeightedRoundRobin {
        SmoothWeightedRoundRobin::of(&setup.weights())
    }

    fn choose(&mut self, _: &Incoming) -> usize {
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
    fn list(&mut self, backend: usize, listed: bool) {
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
    use super::super::tests::{check_order, incoming};
    use super::*;

    /// DET-WRR: of weights 5, 1 and 1, nginx makes a a b a c a a.
    #[test]
    fn the_order_is_that_of_nginx() {
        let mut turns = SmoothWeightedRoundRobin::of(&[5, 1, 1]);
        check_order(&mut turns, &[0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn each_has_its_weight_in_every_round() {
        let weights = [7, 2, 2, 5, 1];
        let mut turns = SmoothWeightedRoundRobin::of(&weights);
        for _ in 0..3 {
            let mut counts = [0; 5];
            (0..17).for_each(|_| counts[turns.choose(&incoming(0))] += 1);
            assert_eq!(counts, weights);
        }
    }

    #[test]
    fn a_backend_off_the_list_has_no_turn() {
        let mut turns = SmoothWeightedRoundRobin::of(&[5, 1, 1]);
        turns.list(0, false);
        check_order(&mut turns, &[1, 2, 1, 2]);
        turns.list(0, true);
        let mut counts = [0; 3];
        (0..14).for_each(|_| counts[turns.choose(&incoming(0))] += 1);
        assert_eq!(counts, [10, 2, 2]);
    }
}
