//! Whether replications of a simulation agree with a value known from theory.
//!
//! Two stages: a metric that fails the first, at 1%, is simulated again with fresh seeds and
//! replications four times as long, and disagrees only if it fails the second, at 0.05%, as well. A
//! right simulator is blamed for a metric with probability 0.01 x 0.0005 = 5e-6, of normal
//! replication means; double that to allow for skewness. A test that could not have seen an error
//! is not passed but not resolved: longer or more replications would be needed.

use super::{Tally, t_quantile};

/// The most that the standard deviation of one replication may be, as a share of the expected mean;
/// above it the means are too skewed for Student's t.
const REPLICATION_SD: f64 = 0.03;

/// What the values of a metric are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Each replication's mean of some quantity.
    Mean,
    /// Each replication's share of something, from 0 to 1.
    Prob,
    /// Each replication's share of observations at or below the expected `p`-quantile; the expected
    /// value is `p` itself.
    Quantile {
        /// The probability, between 0 and 1.
        p: f64,
    },
}

/// What theory says of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// The expected value of each replication's value.
    pub expected: f64,
    /// What the values are.
    pub kind: Kind,
    /// Whether they are heavy-tailed or bursty, so that a coarser resolution must do.
    pub heavy: bool,
    /// A known difference to allow, such as of a numerical solution; usually zero.
    pub allowance: f64,
    /// The standard error of the expected value if that was itself simulated; otherwise zero.
    pub standard_error: f64,
}

/// How often this was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The first simulation; false alarms 1%.
    First,
    /// The repetition after a rejection, four times as long; false alarms 0.05%.
    Second,
}

/// How the comparison came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No disagreement, and a disagreement that matters would have shown.
    Accept,
    /// Too far from the expected value for chance, at this stage.
    Reject,
    /// The values scatter too much for a verdict.
    NotResolved,
}

/// A decision and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// How the comparison came out.
    pub decision: Decision,
    /// Student's t of the difference beyond the allowance; positive if the values are too high.
    pub t: f64,
    /// Half the width of the 95% interval of the mean of the values.
    pub half_width: f64,
    /// The widest half-width that would do.
    pub resolution: f64,
}

impl Kind {
    /// The greatest half-width at which a verdict means something: 0.5% of a mean, 10% of the rare
    /// side of a quantile, 2% of what is heavy-tailed. A probability below 1/2 may be known as well
    /// as the same trials know one of 1/2, for 0.5% of a rare event cannot be reached.
    fn resolution(self, expected: f64, heavy: bool) -> f64 {
        let share = if heavy { 0.02 } else { 0.005 };
        match self {
            Kind::Mean => share * expected.abs(),
            Kind::Prob => share * expected.max(libm::sqrt(expected * (1.0 - expected))),
            Kind::Quantile { p } => 0.1 * (1.0 - p),
        }
    }
}

impl Stage {
    /// The probability of rejecting a right simulator.
    pub const fn alpha(self) -> f64 {
        match self {
            Stage::First => 0.01,
            Stage::Second => 5e-4,
        }
    }
}

/// Compares one value per independent replication with the reference.
pub fn judge(values: &[f64], reference: &Reference, stage: Stage) -> Verdict {
    let Reference { expected, kind, heavy, allowance, standard_error } = *reference;
    let resolution = kind.resolution(expected, heavy);
    let n = values.len();
    if n < 2 {
        let (t, half_width) = (f64::NAN, f64::INFINITY);
        return Verdict { decision: Decision::NotResolved, t, half_width, resolution };
    }
    let tally: Tally = values.iter().copied().collect();
    let variance_of_mean = tally.variance() / n as f64;
    let half_width = t_quantile(n - 1, 0.975) * libm::sqrt(variance_of_mean);
    let difference = tally.mean() - expected;
    let excess = (difference.abs() - allowance).max(0.0);
    // Without a difference there is nothing to divide, not even by zero.
    let error = libm::sqrt(variance_of_mean + standard_error * standard_error);
    let t = if excess == 0.0 { 0.0 } else { libm::copysign(excess / error, difference) };

    let skewed =
        kind == Kind::Mean && libm::sqrt(tally.variance()) > REPLICATION_SD * expected.abs();
    // Written so that a value which is not a number resolves nothing.
    let resolved = half_width <= resolution && !skewed;
    let decision = match t.abs() <= t_quantile(n - 1, 1.0 - stage.alpha() / 2.0) {
        _ if !resolved => Decision::NotResolved,
        true => Decision::Accept,
        false => Decision::Reject,
    };
    Verdict { decision, t, half_width, resolution }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    const MEAN: Reference = Reference {
        expected: 1.0,
        kind: Kind::Mean,
        heavy: false,
        allowance: 0.0,
        standard_error: 0.0,
    };

    /// Thirty replications around `mean` whose standard deviation is `sd`.
    fn normal(random: &mut Random, mean: f64, sd: f64) -> Vec<f64> {
        (0..30).map(|_| mean + sd * random.normal()).collect()
    }

    /// Thirty values with exactly this mean and, but for a factor 30/29, this variance.
    fn spread(mean: f64, sd: f64) -> Vec<f64> {
        (0..30).map(|i| if i % 2 == 0 { mean - sd } else { mean + sd }).collect()
    }

    #[track_caller]
    fn check(values: &[f64], reference: Reference, expect: Decision) {
        let verdict = judge(values, &reference, Stage::First);
        assert_eq!(verdict.decision, expect, "{verdict:?}");
    }

    #[test]
    fn false_alarms_are_as_stated() {
        // Binomial with a standard deviation of 14 and of 6.3: four and a half of them, 1e-5.
        for (stage, runs, expected, band) in
            [(Stage::First, 20_000, 200, 64), (Stage::Second, 80_000, 40, 29)]
        {
            let mut random = Random::new(5);
            let rejected = |_: &usize| {
                let values = normal(&mut random, 1.0, 0.008);
                judge(&values, &MEAN, stage).decision == Decision::Reject
            };
            let alarms = (0..runs).filter(rejected).count();
            assert!(alarms.abs_diff(expected) <= band, "{alarms} of {runs} at {stage:?}");
        }
    }

    #[test]
    fn a_standard_error_of_the_reference_is_part_of_the_error() {
        let reference = Reference { standard_error: 0.002, ..MEAN };
        let mut random = Random::new(6);
        let rejected = |_: &usize| {
            let simulated = 1.0 + 0.002 * random.normal();
            let reference = Reference { expected: simulated, ..reference };
            let values = normal(&mut random, 1.0, 0.004);
            judge(&values, &reference, Stage::First).decision == Decision::Reject
        };
        // The reference is normal but t has 29 degrees of freedom, so fewer than 200.
        let alarms = (0..20_000).filter(rejected).count();
        assert!((90..=200).contains(&alarms), "{alarms}");
    }

    #[test]
    fn a_bias_that_matters_is_found() {
        let mut random = Random::new(7);
        let rejected = |_: &usize| {
            let values = normal(&mut random, 1.013, 0.01);
            judge(&values, &MEAN, Stage::Second).decision == Decision::Reject
        };
        assert!((0..1_000).filter(rejected).count() >= 990);
    }

    #[test]
    fn the_limit_of_the_first_stage_is_that_of_the_tables() {
        // The standard error is 0.01 / sqrt(29); t is 2.756 at 1%.
        let limit = 2.756_386 * 0.01 / 29.0_f64.sqrt();
        check(&spread(1.0 + 0.999 * limit, 0.01), MEAN, Decision::Accept);
        check(&spread(1.0 + 1.001 * limit, 0.01), MEAN, Decision::Reject);
        check(&spread(1.0 - 1.001 * limit, 0.01), MEAN, Decision::Reject);
        let allowing = Reference { allowance: 0.01, ..MEAN };
        check(&spread(1.01 + 0.999 * limit, 0.01), allowing, Decision::Accept);
        check(&spread(1.01 + 1.001 * limit, 0.01), allowing, Decision::Reject);
        let values = spread(1.0 - limit, 0.01);
        assert!((judge(&values, &MEAN, Stage::First).t + 2.756_386).abs() < 1e-9);
        assert_eq!(judge(&values, &MEAN, Stage::Second).decision, Decision::Accept);
    }

    #[test]
    fn what_scatters_too_much_is_not_resolved() {
        // The half-width is 0.38 standard deviations: 0.5% allows 1.3%.
        check(&spread(1.0, 0.013), MEAN, Decision::Accept);
        check(&spread(1.0, 0.014), MEAN, Decision::NotResolved);
        check(&spread(5.0, 0.5), MEAN, Decision::NotResolved);
        let heavy = Reference { heavy: true, ..MEAN };
        check(&spread(1.0, 0.029), heavy, Decision::Accept);
        check(&spread(1.0, 0.031), heavy, Decision::NotResolved);
        let quantile = Reference { expected: 0.99, kind: Kind::Quantile { p: 0.99 }, ..MEAN };
        check(&spread(0.99, 0.0026), quantile, Decision::Accept);
        check(&spread(0.99, 0.0027), quantile, Decision::NotResolved);
        let rare = Reference { expected: 0.01, kind: Kind::Prob, ..MEAN };
        check(&spread(0.01, 0.0013), rare, Decision::Accept);
        check(&spread(0.01, 0.0014), rare, Decision::NotResolved);
        check(&[1.0], MEAN, Decision::NotResolved);
        check(&[1.0, f64::NAN, 1.0], MEAN, Decision::NotResolved);
    }

    #[test]
    fn values_without_scatter_are_compared_exactly() {
        check(&[1.0; 30], MEAN, Decision::Accept);
        check(&[1.000_001; 30], MEAN, Decision::Reject);
    }
}
