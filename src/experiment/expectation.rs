//! Expectations, decided with the confidence interval.

use crate::measure::{Recorder, Unit};
use crate::scenario::{Expectation, Scenario, Side};
use crate::stats::{Estimate, t_quantile};

use super::asked::Asked;
use super::results::{Decision, Verdict};

/// An expectation is decided with this confidence.
const CONFIDENCE: f64 = 0.95;
/// More replications than this would decide nothing that matters.
const MOST: f64 = 1e5;

/// Decides each expectation of the scenario on these replications.
pub(super) fn decide(scenario: &Scenario, runs: &[Recorder]) -> Vec<Verdict> {
    let expectations = scenario.expectations.iter();
    expectations
        .map(|expectation| {
            let figure = &expectation.figure;
            let mut asked = Asked::new(scenario, figure);
            asked.read(runs);
            let found = asked.estimate(CONFIDENCE);
            let holds = decision(&found, expectation);
            let undecided = holds == Decision::Undecided;
            Verdict {
                expectation: expectation.text.clone(),
                found: written(found, figure.metric.unit),
                holds,
                more: if undecided { more(&found, expectation.bound) } else { None },
            }
        })
        .collect()
}

/// Whether the whole interval is on one side of the bound.
pub(super) fn decision(estimate: &Estimate, expectation: &Expectation) -> Decision {
    if estimate.mean.is_nan() {
        return Decision::Undecided;
    }
    let (low, high) = (estimate.low(), estimate.high());
    let bound = expectation.bound;
    let (holds, fails) = match expectation.side {
        Side::Below => (high <= bound, low > bound),
        Side::Above => (low >= bound, high < bound),
    };
    match (holds, fails) {
        (true, _) => Decision::Holds,
        (false, true) => Decision::Fails,
        (false, false) => Decision::Undecided,
    }
}

/// About how many more replications would decide: as many as make the half-width less than the
/// distance from the bound, if mean and spread stay what they are.
fn more(estimate: &Estimate, bound: f64) -> Option<usize> {
    let half_width = estimate.half_width?;
    let n = estimate.n as f64;
    let spread = half_width * libm::sqrt(n) / t_quantile(estimate.n - 1, 0.975);
    let ratio = spread / (estimate.mean - bound).abs();
    let mut needed = estimate.n;
    // Student's t depends on the number that is sought: a few turns settle that.
    for _ in 0..4 {
        let t = t_quantile(needed - 1, 0.975);
        let next = libm::ceil(t * t * ratio * ratio);
        if next.is_nan() || next >= MOST {
            return None;
        }
        needed = (next as usize).max(estimate.n + 1);
    }
    Some(needed - estimate.n)
}

/// A figure as it is told.
pub(super) fn written(estimate: Estimate, unit: Unit) -> String {
    let value = |value: f64| unit.write(value);
    match estimate.half_width {
        _ if estimate.mean.is_nan() => "nothing to measure".to_owned(),
        Some(half) => format!("{} ± {}", value(estimate.mean), value(half)),
        None => value(estimate.mean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replications_that_are_missing_make_the_interval_half_as_wide_where_it_must_be() {
        // Ten values of standard deviation 1: half-width 0.715. At a distance of 0.36, t = 2.04.
        let estimate = Estimate { mean: 0.36, half_width: Some(0.715_36), n: 10 };
        let found = more(&estimate, 0.0).unwrap();
        assert!((22..=24).contains(&found), "{found}");
        let one = Estimate { mean: 1.0, half_width: None, n: 1 };
        assert_eq!(more(&one, 0.0), None);
        assert_eq!(more(&Estimate { mean: 0.0, ..estimate }, 0.0), None, "too close to tell");
    }
}
