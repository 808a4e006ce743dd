//! Distributions of amounts: durations, sizes, demands. To add one: a variant, its arms in `draw`,
//! `mean` and `variance`, and an entry in [`FAMILIES`], by which it is read and documented.
//!
//! Samples are made by inversion where that is possible: one uniform for one sample, increasing in
//! it, so that common random numbers stay in step and couple as tightly as they can. The
//! exceptions: `Erlang` takes one for each stage, `Mixture` one to choose and then those of what it
//! chose, and `Gamma` two or more (see `gamma.rs`).

mod chance;
mod family;
mod gamma;
mod mixture;
mod pareto;
mod table;
mod truncated;
mod weibull;

use std::sync::Arc;

use super::logarithm::ln;
use super::normal;
use super::random::Draws;

pub(super) use chance::Chances;
pub use family::{FAMILIES, Family, Parameter};
pub use mixture::Mixture;
pub use pareto::BoundedPareto;
pub use table::Table;

/// A distribution over amounts from 0 up, in whatever unit its parameters are given. What is large
/// is shared: a copy costs little.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Uniform from `low` to `high`.
    Uniform {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
    },
    /// Lognormal: the exponential of a normal with mean `mu` and standard deviation `sigma`.
    Lognormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// The sum of `stages` exponentials, each of mean `stage`.
    Erlang {
        /// Number of stages, 1 or more.
        stages: u32,
        /// Mean of each stage.
        stage: f64,
    },
    /// Normal, on condition that it is not negative.
    Normal {
        /// Mean without the condition, 0 or more.
        mean: f64,
        /// Standard deviation without the condition, above 0.
        sd: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape, above 0.
        shape: f64,
        /// Mean over shape.
        scale: f64,
    },
    /// Weibull: P(X > x) = exp(-(x / scale)^shape).
    Weibull {
        /// Scale, above 0.
        scale: f64,
        /// Shape, above 0.
        shape: f64,
    },
    /// Pareto (type I): P(X > x) = (minimum / x)^shape.
    Pareto {
        /// The least value, above 0.
        minimum: f64,
        /// Shape, above 0; the mean is infinite up to 1, the variance up to 2.
        shape: f64,
    },
    /// Pareto, on condition that it is not above a bound.
    BoundedPareto(Arc<BoundedPareto>),
    /// So much more than another.
    Shifted(Arc<(f64, Dist)>),
    /// One of several, by chance.
    Mixture(Arc<Mixture>),
    /// One of a list of values, by chance.
    Table(Arc<Table>),
}

impl Dist {
    /// `by` more than `dist`.
    pub fn shifted(by: f64, dist: Dist) -> Dist {
        match dist {
            Dist::Constant(value) => Dist::Constant(by + value),
            dist => Dist::Shifted(Arc::new((by, dist))),
        }
    }

    /// One of `branches`, each with its weight: finite, not negative, and not all zero.
    pub fn mixture(branches: Vec<(f64, Dist)>) -> Dist {
        Mixture::of(branches)
    }

    /// One of `values`, all equally likely. There is at least one.
    pub fn values(values: Vec<f64>) -> Dist {
        Table::of(values)
    }

    /// One of the values, each with its weight: finite, not negative, and not all zero.
    pub fn weighted_values(entries: Vec<(f64, f64)>) -> Dist {
        Table::weighted(entries)
    }

    /// Draws one value.
    #[inline]
    pub fn draw(&self, draws: &mut Draws) -> f64 {
        match *self {
            Dist::Constant(value) => value,
            Dist::Exponential(mean) => -mean * ln(draws.complement()),
            _ => self.draw_rarer(draws),
        }
    }

    /// Out of line, so that the common ones stay small where they are drawn.
    #[inline(never)]
    fn draw_rarer(&self, draws: &mut Draws) -> f64 {
        match *self {
            Dist::Constant(_) | Dist::Exponential(_) => unreachable!("drawn in line"),
            Dist::Uniform { low, high } => low + (high - low) * draws.unit(),
            Dist::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal::quantile(draws.unit())),
            Dist::Erlang { stages, stage } => {
                (0..stages).map(|_| -stage * ln(draws.complement())).sum()
            }
            Dist::Normal { mean, sd } => truncated::draw(mean, sd, draws),
            Dist::Gamma { shape, scale } => scale * gamma::draw(shape, draws),
            Dist::Weibull { scale, shape } => weibull::draw(scale, shape, draws),
            Dist::Pareto { minimum, shape } => pareto::draw(minimum, shape, draws),
            Dist::BoundedPareto(ref bounded) => bounded.draw(draws),
            Dist::Shifted(ref shifted) => shifted.0 + shifted.1.draw(draws),
            Dist::Mixture(ref mixture) => mixture.draw(draws),
            Dist::Table(ref table) => table.draw(draws),
        }
    }

    /// The least value, or what all values are above.
    pub fn least(&self) -> f64 {
        match *self {
            Dist::Constant(value) => value,
            Dist::Uniform { low, .. } => low,
            Dist::Pareto { minimum, .. } => minimum,
            Dist::BoundedPareto(ref bounded) => bounded.low,
            Dist::Shifted(ref shifted) => shifted.0 + shifted.1.least(),
            Dist::Mixture(ref mixture) => mixture.least(),
            Dist::Table(ref table) => table.least(),
            Dist::Exponential(_)
            | Dist::Lognormal { .. }
            | Dist::Erlang { .. }
            | Dist::Normal { .. }
            | Dist::Gamma { .. }
            | Dist::Weibull { .. } => 0.0,
        }
    }

    /// The exact mean; infinite if there is none.
    pub fn mean(&self) -> f64 {
        match *self {
            Dist::Constant(value) => value,
            Dist::Exponential(mean) => mean,
            Dist::Uniform { low, high } => f64::midpoint(low, high),
            Dist::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Dist::Erlang { stages, stage } => f64::from(stages) * stage,
            Dist::Normal { mean, sd } => truncated::mean(mean, sd),
            Dist::Gamma { shape, scale } => shape * scale,
            Dist::Weibull { scale, shape } => weibull::mean(scale, shape),
            Dist::Pareto { minimum, shape } => pareto::mean(minimum, shape),
            Dist::BoundedPareto(ref bounded) => bounded.moment(1),
            Dist::Shifted(ref shifted) => shifted.0 + shifted.1.mean(),
            Dist::Mixture(ref mixture) => mixture.mean(),
            Dist::Table(ref table) => table.mean(),
        }
    }

    /// The exact variance; infinite if there is none.
    pub fn variance(&self) -> f64 {
        match *self {
            Dist::Constant(_) => 0.0,
            Dist::Exponential(mean) => mean * mean,
            Dist::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Dist::Lognormal { mu, sigma } => {
                libm::expm1(sigma * sigma) * libm::exp(2.0 * mu + sigma * sigma)
            }
            Dist::Erlang { stages, stage } => f64::from(stages) * stage * stage,
            Dist::Normal { mean, sd } => truncated::variance(mean, sd),
            Dist::Gamma { shape, scale } => shape * scale * scale,
            Dist::Weibull { scale, shape } => weibull::variance(scale, shape),
            Dist::Pareto { minimum, shape } => pareto::variance(minimum, shape),
            Dist::BoundedPareto(ref bounded) => {
                bounded.moment(2) - bounded.moment(1) * bounded.moment(1)
            }
            Dist::Shifted(ref shifted) => shifted.1.variance(),
            Dist::Mixture(ref mixture) => mixture.variance(),
            Dist::Table(ref table) => table.variance(),
        }
    }

    /// The mean, if it is exponential.
    pub fn exponential(&self) -> Option<f64> {
        match *self {
            Dist::Exponential(mean) => Some(mean),
            Dist::Erlang { stages: 1, stage } => Some(stage),
            Dist::Gamma { shape, scale } | Dist::Weibull { shape, scale } if shape == 1.0 => {
                Some(scale)
            }
            _ => None,
        }
    }

    /// The value itself, if it never varies.
    pub fn constant(&self) -> Option<f64> {
        match *self {
            Dist::Constant(value) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
