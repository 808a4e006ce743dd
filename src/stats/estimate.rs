//! A mean over replications and how sure it is (Student's t).
//!
//! *Invariant:* the same values in the same order give the same bits on every platform; so the
//! quantile of Student's t is computed here, with `libm` alone.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI};

use super::Tally;

const CONFIDENCE: f64 = 0.95;

/// A mean with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean; not-a-number if there was no value, or if too little was seen to know it.
    pub mean: f64,
    /// How far the further end of the confidence interval is from the mean; `None` with fewer than
    /// two values, and where there is no end.
    pub half_width: Option<f64>,
    /// The ends of the interval where they are not equally far from the mean.
    pub ends: Option<[f64; 2]>,
    /// How many values there were.
    pub n: usize,
}

/// What each replication contributes to a figure of all of them together.
#[derive(Clone, Debug, PartialEq)]
pub struct Influence {
    /// A value for each: their mean is the figure, their spread how sure it is.
    pub values: Vec<f64>,
    /// How far the figure may be off besides, in its unit.
    pub resolution: f64,
}

impl Estimate {
    /// The mean of one value per replication with its 95% interval. Not-a-number stands for "this
    /// replication has no such value" and is left out.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Estimate {
        Estimate::with_confidence(values, CONFIDENCE)
    }

    /// The same with an interval of another `confidence`, between 0 and 1.
    pub fn with_confidence(values: impl IntoIterator<Item = f64>, confidence: f64) -> Estimate {
        let tally: Tally = values.into_iter().filter(|value| !value.is_nan()).collect();
        let n = tally.count() as usize;
        let half_width = (n >= 2).then(|| {
            let t = t_quantile(n - 1, 0.5 + confidence / 2.0);
            t * libm::sqrt(tally.variance() / n as f64)
        });
        Estimate { mean: tally.mean(), half_width, ends: None, n }
    }

    /// A number that is known and not estimated.
    pub const fn exact(value: f64) -> Estimate {
        Estimate { half_width: Some(0.0), ..Estimate::point(value) }
    }

    /// A number of which nobody knows how sure it is.
    pub const fn point(value: f64) -> Estimate {
        Estimate { mean: value, half_width: None, ends: None, n: 1 }
    }

    /// A number with the ends of its interval. It may be not-a-number where only one end is known.
    pub fn between(mean: f64, ends: [f64; 2]) -> Estimate {
        let [low, high] = ends;
        let further = (mean - low).max(high - mean);
        let half_width = further.is_finite().then_some(further);
        Estimate { mean, half_width, ends: Some(ends), n: 1 }
    }

    /// The lower end of the interval; minus infinity where nothing is known of its width.
    pub fn low(&self) -> f64 {
        let even = || self.half_width.map_or(f64::NEG_INFINITY, |width| self.mean - width);
        self.ends.map_or_else(even, |[low, _]| low)
    }

    /// The upper end of the interval; infinity where nothing is known of its width.
    pub fn high(&self) -> f64 {
        let even = || self.half_width.map_or(f64::INFINITY, |width| self.mean + width);
        self.ends.map_or_else(even, |[_, high]| high)
    }

    /// The value above which the figure is, where that is all that is known of it.
    pub fn known_above(&self) -> Option<f64> {
        let above = self.ends.filter(|[_, high]| self.mean.is_nan() && high.is_infinite());
        above.map(|[low, _]| low)
    }

    /// The half-width as a share of the mean; infinite around a mean of zero.
    pub fn relative_half_width(&self) -> Option<f64> {
        self.half_width.map(|width| if width == 0.0 { 0.0 } else { width / self.mean.abs() })
    }
}

/// Where the next value will be, with this confidence, if it comes as these did and all are normal:
/// their mean give or take t s sqrt(1 + 1/n) (Hahn and Meeker, Statistical Intervals, 4.7). `None`
/// of fewer than two. Not-a-number is left out.
pub fn prediction(values: impl IntoIterator<Item = f64>, confidence: f64) -> Option<[f64; 2]> {
    let mean = Estimate::with_confidence(values, confidence);
    // t s / sqrt(n) is known.
    let reach = mean.half_width? * libm::sqrt(mean.n as f64 + 1.0);
    Some([mean.mean - reach, mean.mean + reach])
}

/// The `p`-quantile, 0.5 <= `p` < 1, of the normal distribution.
pub(super) fn normal_quantile(p: f64) -> f64 {
    let central = 2.0 * p - 1.0;
    // As of Student's t: the probability is concave.
    let mut z = 0.0;
    loop {
        let density = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * libm::exp(-z * z / 2.0);
        let next = z + (central - libm::erf(z * FRAC_1_SQRT_2)) / density;
        if next > z * (1.0 + 1e-14) {
            z = next;
        } else {
            return z;
        }
    }
}

/// The `p`-quantile, 0 < `p` < 1, of Student's t with `df` degrees of freedom, `df` >= 1; to about
/// twelve digits for tails down to 1e-4. The time it takes grows with `df`.
pub fn t_quantile(df: usize, p: f64) -> f64 {
    assert!(df > 0, "Student's t has at least one degree of freedom");
    assert!(0.0 < p && p < 1.0, "a quantile is of a probability between 0 and 1");
    let central = (2.0 * p - 1.0).abs();
    // To the right of zero the probability is concave, so Newton's method started there never
    // overshoots: it stops rising when the last digit is reached.
    let mut t = 0.0;
    loop {
        let (probability, density) = t_central(df, t);
        let next = t + (central - probability) / density;
        if next > t * (1.0 + 1e-14) {
            t = next;
        } else {
            return if p < 0.5 { -t } else { t };
        }
    }
}

/// P(|T| <= `t`) and its derivative by `t`: the finite series for a whole number of degrees of
/// freedom (Abramowitz and Stegun 26.7.3 and 26.7.4).
fn t_central(df: usize, t: f64) -> (f64, f64) {
    let n = df as f64;
    let angle = libm::atan(t / libm::sqrt(n));
    let cos2 = n / (n + t * t);
    let (cos, sin) = (libm::sqrt(cos2), t / libm::sqrt(n + t * t));
    let odd = df % 2 == 1;
    let (mut power, mut term) = if odd { (1, FRAC_2_PI * cos) } else { (0, 1.0) };
    let mut probability = if odd { FRAC_2_PI * angle } else { 0.0 };
    // By the angle; from two degrees of freedom on, the last term of the series gives it.
    let mut density = FRAC_2_PI;
    while power + 2 <= df {
        probability += sin * term;
        density = (n - 1.0) * term * cos;
        term *= cos2 * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    (probability, density * cos2 / libm::sqrt(n))
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn quantiles_of_students_t_are_those_of_the_tables() {
        for (df, p, t) in [
            (1, 0.975, 12.706_204_736_175),
            (2, 0.975, 4.302_652_729_749),
            (9, 0.975, 2.262_157_162_798),
            (29, 0.025, -2.045_229_642_133),
            (29, 0.5, 0.0),
        ] {
            assert!((t_quantile(df, p) - t).abs() < 1e-11, "{df} {p}");
        }
        assert!(t_quantile(1, 1e-300) < -1e15, "and the search ends");
        assert!((t_quantile(29, 0.995) - 2.756_386).abs() < 5e-7);
        assert!((t_quantile(29, 0.999_75) - 3.918).abs() < 5e-4);
    }

    #[test]
    fn quantiles_of_students_t_agree_with_another_implementation() {
        for df in (1..60).chain([100, 999, 10_000]) {
            let oracle = StudentsT::new(0.0, 1.0, df as f64).unwrap();
            for p in [1e-4, 0.01, 0.3, 0.6, 0.9, 0.975, 0.999, 0.999_95] {
                let probability = oracle.cdf(t_quantile(df, p));
                assert!((probability - p).abs() < 1e-11, "{df} {p} {probability}");
            }
        }
    }

    #[test]
    fn the_interval_is_that_of_the_textbook() {
        let estimate = Estimate::of([1.0, f64::NAN, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!((estimate.mean, estimate.n), (3.0, 5));
        // t = 2.776445105 with 4 degrees of freedom, s^2 = 2.5.
        assert!((estimate.half_width.unwrap() - 1.963_243_161_47).abs() < 1e-10);
        assert!((estimate.low() - 1.036_756_838_53).abs() < 1e-10);
        assert!((estimate.high() - 4.963_243_161_47).abs() < 1e-10);
        assert!((estimate.relative_half_width().unwrap() - 0.654_414_387_16).abs() < 1e-10);
        let wider = Estimate::with_confidence([1.0, 2.0, 3.0, 4.0, 5.0], 0.99);
        assert!((wider.half_width.unwrap() - 4.604_094_871_35 * 0.5_f64.sqrt()).abs() < 1e-10);
    }

    #[test]
    fn too_few_values_have_no_interval() {
        let one = Estimate::of([7.0]);
        assert_eq!(one, Estimate::point(7.0));
        assert_eq!((one.low(), one.high()), (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(one.relative_half_width(), None);
        let none = Estimate::of([f64::NAN]);
        assert!(none.mean.is_nan() && none.half_width.is_none() && none.n == 0);
        let exact = Estimate::exact(0.3);
        assert_eq!((exact.low(), exact.high(), exact.n), (0.3, 0.3, 1));
        assert_eq!(Estimate::of([0.1; 9]).half_width, Some(0.0));
    }

    #[test]
    fn an_interval_may_be_asymmetric_or_open() {
        let found = Estimate::between(3.0, [2.0, 7.0]);
        assert_eq!((found.half_width, found.low(), found.high()), (Some(4.0), 2.0, 7.0));
        assert_eq!(found.known_above(), None);
        let above = Estimate::between(f64::NAN, [2.0, f64::INFINITY]);
        assert_eq!((above.half_width, above.known_above()), (None, Some(2.0)));
        assert_eq!(Estimate::point(f64::NAN).known_above(), None);
    }

    #[test]
    fn the_next_value_is_where_it_is_predicted() {
        // t = 2.776445 with 4 degrees of freedom, s^2 = 2.5: 2.776445 sqrt(2.5 x 1.2).
        let [low, high] = prediction([1.0, 2.0, f64::NAN, 3.0, 4.0, 5.0], 0.95).expect("five");
        assert!((high - 3.0 - 4.808_944).abs() < 1e-5 && (low + high - 6.0).abs() < 1e-12);
        assert_eq!(prediction([1.0], 0.95), None);
        let mut random = Random::new(12);
        let covers = |_: &usize| {
            let all: Vec<f64> = (0..6).map(|_| random.normal()).collect();
            let [low, high] = prediction(all[..5].iter().copied(), 0.95).expect("five");
            (low..high).contains(&all[5])
        };
        // Binomial: 19 000 expected, standard deviation 31.
        let covered = (0..20_000).filter(covers).count();
        assert!((18_860..=19_140).contains(&covered), "{covered}");
    }

    #[test]
    fn quantiles_of_the_normal_distribution_are_those_of_the_tables() {
        for (p, z) in [(0.5, 0.0), (0.95, 1.644_853_627), (0.975, 1.959_963_985)] {
            assert!((normal_quantile(p) - z).abs() < 1e-9, "{p}");
        }
        assert!((normal_quantile(1.0 - 1e-6) - 4.753_424).abs() < 1e-5);
    }

    #[test]
    fn nineteen_of_twenty_intervals_cover_the_mean() {
        let mut random = Random::new(11);
        let covers = |_: &usize| {
            let estimate = Estimate::of((0..5).map(|_| 10.0 + random.normal()));
            (estimate.low()..estimate.high()).contains(&10.0)
        };
        let covered = (0..20_000).filter(covers).count();
        // Binomial: 19 000 expected, standard deviation 31.
        assert!((18_860..=19_140).contains(&covered), "{covered}");
    }
}
