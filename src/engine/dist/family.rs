//! The distributions that are written with a few numbers, such as `lognormal(mean, cv)`: their
//! names, their parameters and what makes one.

use std::sync::Arc;

use super::{BoundedPareto, Dist, weibull};

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

/// One way to write a distribution, such as `lognormal(mean, cv)`. A name may have several, told
/// apart by their parameters' names; without names, the first is meant.
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

/// Every distribution that a scenario may name by a few numbers.
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
        name: "normal",
        doc: "Normal with this mean and standard deviation, except that values below zero are \
              drawn again: with `sd` beyond a third of `mean` that makes the mean greater.",
        parameters: &[Amount("mean"), Amount("sd")],
        make: normal,
    },
    Family {
        name: "lognormal",
        doc: "Lognormal with this mean and coefficient of variation: how service times often look.",
        parameters: &[Amount("mean"), Number("cv")],
        make: lognormal,
    },
    Family {
        name: "erlang",
        doc: "The sum of `k` exponentials with this mean in all: steadier than `exp`, cv 1/sqrt(k).",
        parameters: &[Number("k"), Amount("mean")],
        make: erlang,
    },
    Family {
        name: "gamma",
        doc: "Gamma with this mean and coefficient of variation: as `erlang` for any cv.",
        parameters: &[Amount("mean"), Number("cv")],
        make: gamma,
    },
    Family {
        name: "weibull",
        doc: "Weibull with this mean and shape: below 1 its tail is heavier than that of `exp`, \
              above 1 it is steadier.",
        parameters: &[Amount("mean"), Number("shape")],
        make: |p| {
            positive("mean", p[0])?;
            within("shape", p[1], 0.1, 100.0)?;
            Ok(Dist::Weibull { scale: weibull::scale(p[0], p[1]), shape: p[1] })
        },
    },
    Family {
        name: "hyperexp",
        doc: "One of two exponentials, a fast and a slow one that each make half of this mean; cv \
              from 1. Other branches: `mixture`.",
        parameters: &[Amount("mean"), Number("cv")],
        make: hyperexponential,
    },
    Family {
        name: "pareto",
        doc: "Pareto: a power law from `minimum` up. The variance is infinite up to shape 2.",
        parameters: &[Number("shape"), Amount("minimum")],
        make: |p| {
            has_a_mean(p[0])?;
            positive("minimum", p[1])?;
            Ok(Dist::Pareto { minimum: p[1], shape: p[0] })
        },
    },
    Family {
        name: "pareto",
        doc: "The same by its mean.",
        parameters: &[Number("shape"), Amount("mean")],
        make: |p| {
            has_a_mean(p[0])?;
            positive("mean", p[1])?;
            Ok(Dist::Pareto { minimum: p[1] * (p[0] - 1.0) / p[0], shape: p[0] })
        },
    },
    Family {
        name: "bounded_pareto",
        doc: "Pareto cut off at `high`, of any shape above 0: heavy-tailed up to there.",
        parameters: &[Amount("low"), Amount("high"), Number("shape")],
        make: |p| {
            positive("low", p[0])?;
            if p[0] >= p[1] {
                return Err("low must be below high".to_owned());
            }
            within("shape", p[2], 0.01, 100.0)?;
            let bounded = BoundedPareto { low: p[0], high: p[1], shape: p[2] };
            Ok(Dist::BoundedPareto(Arc::new(bounded)))
        },
    },
];

fn normal(p: &[f64]) -> Result<Dist, String> {
    let [mean, sd] = [p[0], p[1]];
    Ok(if sd == 0.0 { Dist::Constant(mean) } else { Dist::Normal { mean, sd } })
}

fn lognormal(p: &[f64]) -> Result<Dist, String> {
    positive("mean", p[0])?;
    within("cv", p[1], 0.0, 100.0)?;
    let variance = libm::log1p(p[1] * p[1]);
    Ok(Dist::Lognormal { mu: libm::log(p[0]) - variance / 2.0, sigma: libm::sqrt(variance) })
}

fn erlang(p: &[f64]) -> Result<Dist, String> {
    positive("mean", p[1])?;
    if !(1.0..=1000.0).contains(&p[0]) || libm::floor(p[0]) != p[0] {
        return Err("k must be a whole number from 1 to 1000".to_owned());
    }
    let stages = p[0] as u32;
    Ok(Dist::Erlang { stages, stage: p[1] / p[0] })
}

fn gamma(p: &[f64]) -> Result<Dist, String> {
    let [mean, cv] = [p[0], p[1]];
    positive("mean", mean)?;
    within("cv", cv, 0.0, 100.0)?;
    // Without a millionth of spread there is none, and the shape would have no end.
    if cv < 1e-6 {
        return Ok(Dist::Constant(mean));
    }
    Ok(Dist::Gamma { shape: 1.0 / (cv * cv), scale: mean * cv * cv })
}

/// Two branches of balanced means: p1 m1 = p2 m2. Morse, Queues, Inventories and Maintenance
/// (1958); Allen, Probability, Statistics and Queueing Theory (1990), algorithm 6.2.2.
fn hyperexponential(p: &[f64]) -> Result<Dist, String> {
    let [mean, cv] = [p[0], p[1]];
    positive("mean", mean)?;
    if cv < 1.0 {
        return Err("cv must be at least 1; `gamma` and `erlang` vary less".to_owned());
    }
    within("cv", cv, 1.0, 100.0)?;
    if cv == 1.0 {
        return Ok(Dist::Exponential(mean));
    }
    let root = libm::sqrt((cv * cv - 1.0) / (cv * cv + 1.0));
    let branch = |p: f64| (p, Dist::Exponential(mean / (2.0 * p)));
    Ok(Dist::mixture(vec![branch((1.0 + root) / 2.0), branch((1.0 - root) / 2.0)]))
}

fn positive(name: &str, value: f64) -> Result<(), String> {
    if value > 0.0 { Ok(()) } else { Err(format!("{name} must be above zero")) }
}

fn within(name: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    match (low..=high).contains(&value) {
        true => Ok(()),
        false if low == 0.0 => Err(format!("{name} must be at most {high}")),
        false => Err(format!("{name} must be from {low} to {high}")),
    }
}

fn has_a_mean(shape: f64) -> Result<(), String> {
    if shape > 1.0 {
        return Ok(());
    }
    let why = "shape must be above 1: up to there the mean is infinite, and no run is long enough; \
               `bounded_pareto` takes any shape";
    Err(why.to_owned())
}
