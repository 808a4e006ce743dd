//! Each backend in turn, as many requests in a row as its weight.

use super::round_robin::{IN_TURN, RoundRobin};
use super::{Balancing, Incoming, Setup};
use crate::component::kind::Choice;

/// Each in turn, as many in a row as its weight.
#[derive(Clone, Debug)]
pub(crate) struct WeightedRoundRobin {
    weights: Vec<u32>,
    round_robin: RoundRobin,
    /// Whose turn it is, and how many it has yet to have of it.
    whose: usize,
    left: u32,
}

impl WeightedRoundRobin {
    fn of(weights: Vec<u32>) -> WeightedRoundRobin {
        let round_robin = RoundRobin::of(weights.len());
        WeightedRoundRobin { round_robin, weights, whose: 0, left: 0 }
    }
}

impl Balancing for WeightedRoundRobin {
    type Spec = ();
    const WEIGHS: bool = true;
    const CHOICE: Option<Choice> = IN_TURN;

    fn new((): &(), setup: &Setup) -> WeightedRoundRobin {
        WeightedRoundRobin::of(setup.weights())
    }

    fn choose(&mut self, _: &Incoming) -> usize {
        if self.left == 0 {
            self.whose = self.round_robin.next();
            self.left = self.weights[self.whose];
        }
        self.left -= 1;
        self.whose
    }

    /// A backend is on the list from now on, or is not, and then has the rest of its turn no more.
    fn list(&mut self, backend: usize, listed: bool) {
        self.round_robin.list(backend, listed);
        if !listed && self.whose == backend {
            self.left = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_order;
    use super::*;

    #[test]
    fn each_is_taken_as_often_in_a_row_as_its_weight() {
        let mut turns = WeightedRoundRobin::of(vec![3, 1, 2]);
        check_order(&mut turns, &[0, 0, 0, 1, 2, 2, 0, 0, 0, 1]);
    }

    #[test]
    fn a_backend_off_the_list_has_no_turn() {
        let mut turns = WeightedRoundRobin::of(vec![3, 1, 2]);
        check_order(&mut turns, &[0]);
        turns.list(0, false);
        check_order(&mut turns, &[1, 2, 2, 1, 2]);
    }
}
