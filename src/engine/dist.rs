//! Distributions of amounts: durations, sizes, demands. To add one: a variant, its arms in `draw`,
//! `mean` and `variance`, and an entry in [`FAMILIES`], by which it is read and documented.
//!
//! Samples are made by inversion where that is possible: one uniform for one sample, increasing in
//! it, so that common random numbers stay in step and couple as tightly as they can.

use super::logarithm::ln;
use super::normal;
use super::random::Draws;

/// A distribution over amounts from 0 up, in whatever unit its parameters are given.
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
}

impl Dist {
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
        }
    }

    /// The exact mean.
    pub fn mean(&self) -> f64 {
        match *self {
            Dist::Constant(value) => value,
            Dist::Exponential(mean) => mean,
            Dist::Uniform { low, high } => f64::midpoint(low, high),
            Dist::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Dist::Erlang { stages, stage } => f64::from(stages) * stage,
        }
    }

    /// The exact variance.
    pub fn variance(&self) -> f64 {
        match *self {
            Dist::Constant(_) => 0.0,
            Dist::Exponential(mean) => mean * mean,
            Dist::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Dist::Lognormal { mu, sigma } => {
                libm::expm1(sigma * sigma) * libm::exp(2.0 * mu + sigma * sigma)
            }
            Dist::Erlang { stages, stage } => f64::from(stages) * stage * stage,
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

/// One parameter of a family of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// An amount, in the unit of what is drawn.
    Amount(&'static str),
    /// A plain number.
    Number(&'static str),
}

impl Parameter {
    /// The parameter's name.
    pub fn name(self) -> &'static str {
        match self {
            Parameter::Amount(name) | Parameter::Number(name) => name,
        }
    }
}

/// One way to write a distribution, such as `lognormal(mean, cv)`.
pub struct Family {
    /// The word before the bracket.
    pub name: &'static str,
    /// What it is and what it is good for.
    pub doc: &'static str,
    /// Its parameters, all required, in the order in which they may be given without names.
    pub parameters: &'static [Parameter],
    /// Makes the distribution, or says what is wrong with the parameters.
    pub make: fn(&[f64]) -> Result<Dist, String>,
}

use Parameter::{Amount, Number};

/// Every distribution that a scenario may name.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "const",
        doc: "Always this value. A bare amount means the same.",
        parameters: &[Amount("value")],
        make: |p| Ok(Dist::Constant(p[0])),
    },
    Family {
        name: "exp",
        doc: "Exponential with this mean: memoryless; coefficient of variation 1.",
        parameters: &[Amount("mean")],
        make: |p| {
            positive("mean", p[0])?;
            Ok(Dist::Exponential(p[0]))
        },
    },
    Family {
        name: "uniform",
        doc: "Anything from `low` to `high`, all equally likely.",
        parameters: &[Amount("low"), Amount("high")],
        make: |p| {
            if p[0] > p[1] {
                return Err("low must not be above high".to_owned());
            }
            Ok(Dist::Uniform { low: p[0], high: p[1] })
        },
    },
    Family {
        name: "lognormal",
        doc: "Lognormal with this mean and coefficient of variation: how service times often look.",
        parameters: &[Amount("mean"), Number("cv")],
        make: |p| {
            positive("mean", p[0])?;
            if p[1] > 100.0 {
                return Err("cv must be at most 100".to_owned());
            }
            let variance = libm::log1p(p[1] * p[1]);
            Ok(Dist::Lognormal {
                mu: libm::log(p[0]) - variance / 2.0,
                sigma: libm::sqrt(variance),
            })
        },
    },
    Family {
        name: "erlang",
        doc: "The sum of `k` exponentials with this mean in all: steadier than `exp`, cv 1/sqrt(k).",
        parameters: &[Number("k"), Amount("mean")],
        make: |p| {
            positive("mean", p[1])?;
            if !(1.0..=1000.0).contains(&p[0]) || libm::floor(p[0]) != p[0] {
                return Err("k must be a whole number from 1 to 1000".to_owned());
            }
            let stages = p[0] as u32;
            Ok(Dist::Erlang { stages, stage: p[1] / p[0] })
        },
    },
];

fn positive(name: &str, value: f64) -> Result<(), String> {
    if value > 0.0 { Ok(()) } else { Err(format!("{name} must be above zero")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stream;

    fn examples() -> Vec<Dist> {
        let parameters: &[(&str, &[f64])] = &[
            ("const", &[3.0]),
            ("exp", &[3.0]),
            ("uniform", &[1.0, 4.0]),
            ("lognormal", &[3.0, 2.0]),
            ("lognormal", &[3.0, 0.3]),
            ("erlang", &[1.0, 3.0]),
            ("erlang", &[5.0, 3.0]),
        ];
        assert!(
            FAMILIES.iter().all(|family| parameters.iter().any(|(name, _)| *name == family.name)),
            "every family has an example here"
        );
        let family = |name| FAMILIES.iter().find(|family| family.name == name);
        parameters
            .iter()
            .map(|(name, values)| (family(*name).expect("listed").make)(values).expect("valid"))
            .collect()
    }

    /// Each sample mean and variance lies within 5 standard errors of the exact one: a false alarm
    /// about once in 10^5 runs over fresh seeds. The standard error of the variance is taken from
    /// the sample's own fourth moment.
    #[test]
    fn samples_have_the_exact_mean_and_variance() {
        let n = 400_000;
        for (i, dist) in examples().iter().enumerate() {
            let stream = Stream::root(11, i as u64);
            let sample: Vec<f64> = (0..n).map(|j| dist.draw(&mut stream.at(j).draws())).collect();
            let about = |power: i32| {
                sample.iter().map(|x| (x - dist.mean()).powi(power)).sum::<f64>() / n as f64
            };
            let (shift, variance, fourth) = (about(1), about(2), about(4));
            let error = (dist.variance() / n as f64).sqrt();
            assert!(shift.abs() <= 5.0 * error + 1e-12, "{dist:?}: mean off by {shift}");
            let error = ((fourth - variance * variance) / n as f64).sqrt();
            let off = variance - dist.variance();
            assert!(off.abs() <= 5.0 * error + 1e-12, "{dist:?}: variance off by {off}");
        }
    }

    #[test]
    fn a_mean_and_a_cv_give_that_mean_and_cv() {
        for dist in &examples()[3..5] {
            assert!((dist.mean() - 3.0).abs() < 1e-12);
        }
        assert!((examples()[3].variance() - 36.0).abs() < 1e-9);
        assert!((examples()[6].variance() - 9.0 / 5.0).abs() < 1e-12);
    }

    #[test]
    fn parameters_that_make_no_distribution_are_refused() {
        let refused: &[(&str, &[f64])] = &[
            ("exp", &[0.0]),
            ("uniform", &[2.0, 1.0]),
            ("lognormal", &[0.0, 1.0]),
            ("erlang", &[0.0, 1.0]),
            ("erlang", &[1.5, 1.0]),
        ];
        for (name, values) in refused {
            let family = FAMILIES.iter().find(|family| family.name == *name).expect("listed");
            assert!((family.make)(values).is_err(), "{name}{values:?}");
        }
    }
}
