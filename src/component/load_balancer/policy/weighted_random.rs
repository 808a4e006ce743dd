//! Any backend, each as likely as its share of the weights.

use super::{Balancing, Incoming, Setup};
use crate::component::kind::Choice;

/// Any backend, each as likely as its share of the weights.
#[derive(Clone, Debug)]
pub(crate) struct WeightedRandom {
    /// The weight of each, with whether it is on the list.
    weights: Vec<(u32, bool)>,
    /// The weight of each and of all before it, of those on the list.
    cumulative: Vec<usize>,
}

impl WeightedRandom {
    fn of(weights: &[u32]) -> WeightedRandom {
        let weights = weights.iter().map(|&weight| (weight, true)).collect();
        let mut random = WeightedRandom { weights, cumulative: Vec::new() };
        random.add_up();
        random
    }

    fn add_up(&mut self) {
        let mut sum = 0;
        let add = |&(weight, listed): &(u32, bool)| {
            sum += if listed { weight as usize } else { 0 };
            sum
        };
        self.cumulative = self.weights.iter().map(add).collect();
    }
}

impl Balancing for WeightedRandom {
    type Spec = ();
    const WEIGHS: bool = true;
    const CHOICE: Option<Choice> = None;

    fn new((): &(), setup: &Setup) -> WeightedRandom {
        WeightedRandom::of(&setup.weights())
    }

    fn choose(&mut self, incoming: &Incoming) -> usize {
        let total = self.cumulative[self.cumulative.len() - 1];
        let mark = incoming.draws().below(total);
        self.cumulative.partition_point(|&upper| upper <= mark)
    }

    /// A backend is on the list from now on, or is not.
    fn list(&mut self, backend: usize, listed: bool) {
        self.weights[backend].1 = listed;
        self.add_up();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_spread, counts};
    use super::*;

    #[test]
    fn shares_are_those_of_the_weights() {
        let mut random = WeightedRandom::of(&[5, 2, 3]);
        check_spread(&counts(3, |incoming| random.choose(incoming)), &[0.5, 0.2, 0.3]);
    }

    #[test]
    fn a_backend_off_the_list_has_no_share() {
        let mut random = WeightedRandom::of(&[5, 2, 3]);
        random.list(1, false);
        check_spread(&counts(3, |incoming| random.choose(incoming)), &[5.0 / 8.0, 0.0, 3.0 / 8.0]);
    }
}
