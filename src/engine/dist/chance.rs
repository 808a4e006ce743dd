//! A choice by weight in constant time: Chen and Asau's guide table.

/// Weights of the indices from 0.
#[derive(Debug, PartialEq)]
pub(in crate::engine) struct Chances {
    /// Up to where each index is chosen; the last is 1.
    ends: Box<[f64]>,
    /// Of each of so many equal parts from 0 to 1, the index that is chosen at its start.
    guide: Box<[u32]>,
}

impl Chances {
    /// The weights are finite and above zero, and there is at least one.
    pub(in crate::engine) fn new(weights: &[f64]) -> Chances {
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let running = weights.iter().map(|weight| {
            sum += weight;
            sum / total
        });
        let mut ends: Box<[f64]> = running.collect();
        ends[weights.len() - 1] = 1.0;
        let mut index = 0;
        let start = |part: usize| {
            let start = part as f64 / ends.len() as f64;
            while ends[index] <= start {
                index += 1;
            }
            u32::try_from(index).expect("fewer than 2^32 weights fit in memory")
        };
        let guide = (0..ends.len()).map(start).collect();
        Chances { ends, guide }
    }

    /// The index that `unit`, from 0 to below 1, chooses; increasing in it. Whatever the weights,
    /// two steps on average: Chen and Asau, On Generating Random Variates from an Empirical
    /// Distribution, AIIE Transactions 6 (1974). An alias table is no faster and not increasing.
    pub(in crate::engine) fn choose(&self, unit: f64) -> usize {
        let part = (unit * self.guide.len() as f64) as usize;
        let mut index = self.guide[part.min(self.guide.len() - 1)] as usize;
        while self.ends[index] <= unit {
            index += 1;
        }
        index
    }

    /// The probability of each index.
    pub(super) fn probabilities(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.ends.len()).map(|index| self.probability(index))
    }
    /// How many weights there are.
    pub(in crate::engine) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The probability of one index.
    pub(in crate::engine) fn probability(&self, index: usize) -> f64 {
        self.ends[index] - index.checked_sub(1).map_or(0.0, |before| self.ends[before])
    }
}
