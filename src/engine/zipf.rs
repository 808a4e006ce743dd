//! Zipf's law over ranks: the k-th most wanted of n is drawn with a probability proportional to
//! k^-s. Constant time and 48 bytes, however many ranks.

use super::logarithm::ln;
use super::random::Draws;

/// Zipf's law over ranks from 1.
///
/// By rejection-inversion: Hormann and Derflinger, Rejection-Inversion to Generate Variates from
/// Monotone Discrete Distributions, ACM TOMACS 6 (1996). The integral of x^-s is inverted, which is
/// a histogram's outline but for the corners; what falls into one is drawn again, with a
/// probability below 0.12 (and mostly far below). A candidate increases with its number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Zipf {
    ranks: f64,
    exponent: f64,
    /// Between what values of the integral candidates are drawn.
    low: f64,
    high: f64,
    /// A candidate is right without a closer look if it is at most so far below its rank.
    sure: f64,
    /// Sum of all k^-s.
    total: f64,
}

impl Zipf {
    /// `ranks` is 1 or more and `exponent` above 0.
    pub(super) fn new(ranks: u64, exponent: f64) -> Zipf {
        let ranks = ranks as f64;
        let low = integral(1.5, exponent) - 1.0;
        let high = integral(ranks + 0.5, exponent);
        let sure = 2.0 - inverse(integral(2.5, exponent) - weight(2.0, exponent), exponent);
        Zipf { ranks, exponent, low, high, sure, total: total(ranks, exponent) }
    }

    pub(super) fn draw(&self, draws: &mut Draws) -> u64 {
        loop {
            let area = self.low + (self.high - self.low) * draws.unit();
            let x = inverse(area, self.exponent);
            let rank = libm::floor(x + 0.5).clamp(1.0, self.ranks);
            let outside =
                || area < integral(rank + 0.5, self.exponent) - weight(rank, self.exponent);
            if rank - x <= self.sure || !outside() {
                return rank as u64;
            }
        }
    }

    pub(super) fn ranks(&self) -> u64 {
        self.ranks as u64
    }

    pub(super) fn probability(&self, rank: u64) -> f64 {
        weight(rank as f64, self.exponent) / self.total
    }
}

/// x^-s.
fn weight(x: f64, exponent: f64) -> f64 {
    libm::exp(-exponent * ln(x))
}

/// The integral of t^-s from 1 to x, for s near 1 as well.
fn integral(x: f64, exponent: f64) -> f64 {
    let log = ln(x);
    let power = (1.0 - exponent) * log;
    if power == 0.0 { log } else { log * libm::expm1(power) / power }
}

/// The x up to which [`integral`] is `area`.
fn inverse(area: f64, exponent: f64) -> f64 {
    // Rounding must not take it beyond the pole.
    let power = (area * (1.0 - exponent)).max(-1.0);
    libm::exp(if power == 0.0 { area } else { area * libm::log1p(power) / power })
}

/// The sum of k^-s up to n: the first terms, and the formula of Euler and Maclaurin for the rest,
/// of which what is left out is below 1e-15 of the sum.
fn total(ranks: f64, exponent: f64) -> f64 {
    const FIRST: f64 = 100.0;
    let sum_to = |end: f64| {
        let ranks = std::iter::successors(Some(end), |rank| (*rank > 1.0).then_some(rank - 1.0));
        ranks.map(|rank| weight(rank, exponent)).sum::<f64>()
    };
    if ranks <= FIRST {
        return sum_to(ranks);
    }
    let slope = |x: f64| -exponent * weight(x, exponent) / x;
    let third = |x: f64| slope(x) * (exponent + 1.0) * (exponent + 2.0) / (x * x);
    let (from, to) = (FIRST, ranks);
    sum_to(FIRST)
        + (integral(to, exponent) - integral(from, exponent))
        + (weight(to, exponent) - weight(from, exponent)) / 2.0
        + (slope(to) - slope(from)) / 12.0
        - (third(to) - third(from)) / 720.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_all_weights_is_as_exact_as_adding_them_up() {
        for exponent in [0.1, 0.5, 0.8, 1.0, 1.000_001, 1.2, 2.0, 5.0] {
            for ranks in [1, 2, 99, 100, 101, 1_000, 100_000] {
                let sum: f64 = (1..=ranks).rev().map(|k| weight(f64::from(k), exponent)).sum();
                let error = total(f64::from(ranks), exponent) / sum - 1.0;
                assert!(error.abs() < 2e-13, "{ranks} {exponent}: {error:e}");
            }
        }
        // H(10^7), from its asymptotic expansion.
        let harmonic = libm::log(1e7) + 0.577_215_664_901_532_9 + 0.5e-7;
        assert!((total(1e7, 1.0) / harmonic - 1.0).abs() < 1e-14);
    }

    #[test]
    fn few_candidates_are_drawn_again() {
        for exponent in [0.01, 0.5, 0.8, 1.0, 1.2, 2.0, 3.0, 10.0] {
            for ranks in [1, 2, 3, 10, 1_000, 10_000_000] {
                // The area under the histogram over the area from which candidates are drawn.
                let zipf = Zipf::new(ranks, exponent);
                let accepted = zipf.total / (zipf.high - zipf.low);
                assert!((0.88..=1.0 + 1e-12).contains(&accepted), "{ranks} {exponent} {accepted}");
            }
        }
    }
}
