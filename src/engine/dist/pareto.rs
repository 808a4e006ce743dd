//! The Pareto distribution, whole and cut off: the exponential of an exponential, of which the
//! second is cut off.

use crate::engine::logarithm::ln;
use crate::engine::random::Draws;

pub(super) fn draw(minimum: f64, shape: f64, draws: &mut Draws) -> f64 {
    minimum * libm::exp(-ln(draws.complement()) / shape)
}

pub(super) fn mean(minimum: f64, shape: f64) -> f64 {
    if shape > 1.0 { minimum * shape / (shape - 1.0) } else { f64::INFINITY }
}

pub(super) fn variance(minimum: f64, shape: f64) -> f64 {
    if shape <= 2.0 {
        return f64::INFINITY;
    }
    minimum * minimum * shape / ((shape - 1.0) * (shape - 1.0) * (shape - 2.0))
}

/// Pareto from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedPareto {
    /// The least value, above 0.
    pub low: f64,
    /// The greatest value, above `low`.
    pub high: f64,
    /// Shape, above 0.
    pub shape: f64,
}

impl BoundedPareto {
    pub(super) fn draw(&self, draws: &mut Draws) -> f64 {
        let BoundedPareto { low, high, shape } = *self;
        let within = -libm::expm1(-shape * libm::log(high / low));
        let exponent = -libm::log1p(-within * draws.unit()) / shape;
        (low * libm::exp(exponent)).min(high)
    }

    /// E[X^k]. With s = ln(x / low), which is exponential of rate `shape` on condition that it is
    /// at most r = ln(high / low): low^k times the integral of e^(ks) over its density. That form
    /// holds for `shape` = k as well, where the usual one divides by zero.
    pub(super) fn moment(&self, k: i32) -> f64 {
        let BoundedPareto { low, high, shape } = *self;
        let r = libm::log(high / low);
        let rate = f64::from(k) - shape;
        let integral = if rate == 0.0 { r } else { libm::expm1(rate * r) / rate };
        low.powi(k) * shape * integral / -libm::expm1(-shape * r)
    }
}
