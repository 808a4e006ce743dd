//! Policies that draw: one backend by weight, or the least loaded of a few.

use super::policy::{Asked, TieBreak};

/// Any backend, each as likely as its share of the weights.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    /// The weight of each and of all before it.
    cumulative: Vec<usize>,
}

impl Shares {
    pub(super) fn new(weights: &[u32]) -> Shares {
        let mut sum = 0;
        let add = |&weight: &u32| {
            sum += weight as usize;
            sum
        };
        Shares { cumulative: weights.iter().map(add).collect() }
    }

    pub(super) fn choose(&self, asked: &Asked) -> usize {
        let total = self.cumulative[self.cumulative.len() - 1];
        let mark = asked.draws().below(total);
        self.cumulative.partition_point(|&upper| upper <= mark)
    }
}

/// The one with the fewest outstanding among `d` distinct backends, every set of that size being
/// equally likely (power of d choices; Mitzenmacher 2001 draws with replacement instead).
#[derive(Clone, Debug)]
pub(super) struct Sample {
    tie_break: TieBreak,
    outstanding: Vec<u32>,
    /// All backends in their order, between choices.
    order: Vec<u32>,
    /// With whom each of the first `d` of the order changed places.
    swapped: Vec<u32>,
}

impl Sample {
    pub(super) fn new(d: u64, tie_break: TieBreak, count: usize) -> Sample {
        let d = usize::try_from(d).map_or(count, |d| d.min(count));
        Sample {
            tie_break,
            outstanding: vec![0; count],
            order: (0..count as u32).collect(),
            swapped: vec![0; d],
        }
    }

    pub(super) fn choose(&mut self, asked: &Asked) -> usize {
        let count = self.order.len();
        let mut draws = asked.draws();
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

    pub(super) fn answered(&mut self, backend: usize) {
        self.outstanding[backend] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::tests::{asked, check_spread, counts};
    use super::*;

    #[test]
    fn shares_are_those_of_the_weights() {
        let shares = Shares::new(&[5, 2, 3]);
        check_spread(&counts(3, |asked| shares.choose(asked)), &[0.5, 0.2, 0.3]);
    }

    /// Chooses 30,000 times among backends that always have these outstanding.
    #[track_caller]
    fn check(d: u64, tie_break: TieBreak, outstanding: &[u32], probabilities: &[f64]) {
        let mut sample = Sample::new(d, tie_break, outstanding.len());
        sample.outstanding.copy_from_slice(outstanding);
        let counts = counts(outstanding.len(), |asked| {
            let chosen = sample.choose(asked);
            sample.answered(chosen);
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
    fn what_was_asked_before_does_not_change_who_is_looked_at() {
        let mut sample = Sample::new(2, TieBreak::Random, 7);
        let alone = sample.choose(&asked(9));
        sample.answered(alone);
        for n in 0..50 {
            let chosen = sample.choose(&asked(n));
            sample.answered(chosen);
        }
        assert_eq!(sample.choose(&asked(9)), alone);
    }
}
