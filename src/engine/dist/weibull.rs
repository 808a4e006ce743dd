//! The Weibull distribution: a power of an exponential.

use crate::engine::logarithm::ln;
use crate::engine::random::Draws;

pub(super) fn draw(scale: f64, shape: f64, draws: &mut Draws) -> f64 {
    scale * libm::pow(-ln(draws.complement()), 1.0 / shape)
}

/// The scale that gives this mean.
pub(super) fn scale(mean: f64, shape: f64) -> f64 {
    mean / moment(1.0, shape)
}

pub(super) fn mean(scale: f64, shape: f64) -> f64 {
    scale * moment(1.0, shape)
}

pub(super) fn variance(scale: f64, shape: f64) -> f64 {
    let first = moment(1.0, shape);
    scale * scale * (moment(2.0, shape) - first * first)
}

/// E[X^k] at scale 1.
fn moment(k: f64, shape: f64) -> f64 {
    libm::tgamma(1.0 + k / shape)
}
