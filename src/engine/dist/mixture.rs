//! One of several distributions, by chance.

use std::sync::Arc;

use super::Dist;
use super::chance::Chances;
use crate::engine::random::Draws;

/// Distributions and how often each is drawn from.
#[derive(Debug, PartialEq)]
pub struct Mixture {
    branches: Box<[Dist]>,
    chances: Chances,
}

impl Mixture {
    pub(super) fn of(mut branches: Vec<(f64, Dist)>) -> Dist {
        // What never happens would make an infinite mean not-a-number.
        branches.retain(|(weight, _)| *weight > 0.0);
        let (weights, mut branches): (Vec<f64>, Vec<Dist>) = branches.into_iter().unzip();
        if branches.len() == 1 {
            return branches.remove(0);
        }
        let chances = Chances::new(&weights);
        Dist::Mixture(Arc::new(Mixture { branches: branches.into(), chances }))
    }

    /// The first number chooses, the others are for what it chose.
    pub(super) fn draw(&self, draws: &mut Draws) -> f64 {
        self.branches[self.chances.choose(draws.unit())].draw(draws)
    }

    /// Of the branches that can be chosen.
    pub(super) fn least(&self) -> f64 {
        let weighted = self.chances.probabilities().zip(&self.branches);
        let possible = weighted.filter(|(probability, _)| *probability > 0.0);
        possible.map(|(_, branch)| branch.least()).fold(f64::INFINITY, f64::min)
    }

    pub(super) fn mean(&self) -> f64 {
        self.average(Dist::mean)
    }

    /// Within the branches and between them.
    pub(super) fn variance(&self) -> f64 {
        let mean = self.mean();
        if mean.is_infinite() {
            return f64::INFINITY;
        }
        self.average(|branch| {
            let off = branch.mean() - mean;
            branch.variance() + off * off
        })
    }

    fn average(&self, of: impl Fn(&Dist) -> f64) -> f64 {
        let weighted = self.chances.probabilities().zip(&self.branches);
        weighted.map(|(probability, branch)| probability * of(branch)).sum()
    }
}
