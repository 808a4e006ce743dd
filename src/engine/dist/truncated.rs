//! The normal distribution on condition that it is not negative. Its parameters are those without
//! the condition; the moments are with it.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::engine::normal;
use crate::engine::random::Draws;

/// By inversion, from the upper tail: there the quantile keeps its digits.
pub(super) fn draw(mean: f64, sd: f64, draws: &mut Draws) -> f64 {
    let upper = not_negative(mean / sd) * draws.complement();
    (mean - sd * normal::quantile(upper)).max(0.0)
}

/// Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1 (1994), sec. 13.10.1.
pub(super) fn mean(mean: f64, sd: f64) -> f64 {
    mean + sd * hazard(mean / sd)
}

/// From the same place.
pub(super) fn variance(mean: f64, sd: f64) -> f64 {
    let (cut, hazard) = (mean / sd, hazard(mean / sd));
    sd * sd * (1.0 - hazard * (cut + hazard))
}

/// P(Z > -cut) of the standard normal.
fn not_negative(cut: f64) -> f64 {
    libm::erfc(-cut * FRAC_1_SQRT_2) / 2.0
}

/// The density at the cut over the probability above it.
fn hazard(cut: f64) -> f64 {
    libm::exp(-cut * cut / 2.0) / libm::sqrt(2.0 * PI) / not_negative(cut)
}
