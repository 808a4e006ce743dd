//! How sure one long run makes us: an interval from the means of long batches, for values each of
//! which resembles the one before it.

use super::{Estimate, Tally, t_quantile};

/// Fewest batches behind an interval; twice as many are joined in pairs.
const BATCHES: usize = 20;

/// The mean of a series as it comes, kept as 20 to 39 batches of equal, doubling length.
///
/// The interval holds its 95% once a batch is long against the memory of the series, for an AR(1)
/// with factor f at least 50 / (1 - f) values; [`BatchMeans::correlation`] shows if it is not.
#[derive(Clone, Debug)]
pub struct BatchMeans {
    /// The sums of the whole batches.
    sums: Vec<f64>,
    /// Values in a batch.
    length: u64,
    /// The sum and the number of the values in the batch under way.
    partial: (f64, u64),
}

impl BatchMeans {
    /// A series without a value yet.
    pub fn new() -> BatchMeans {
        BatchMeans { sums: Vec::with_capacity(2 * BATCHES), length: 1, partial: (0.0, 0) }
    }

    /// Takes the next value of the series.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.partial.0 += value;
        self.partial.1 += 1;
        if self.partial.1 == self.length {
            self.close_batch();
        }
    }

    /// The mean of all values with its 95% interval; `n` is the number of batches. Without 20
    /// batches there is no interval.
    pub fn estimate(&self) -> Estimate {
        let n = self.sums.len();
        let values = n as u64 * self.length + self.partial.1;
        let mean = (self.sums.iter().sum::<f64>() + self.partial.0) / values as f64;
        let half_width = (n >= BATCHES).then(|| {
            let means: Tally = self.means().collect();
            t_quantile(n - 1, 0.975) * libm::sqrt(means.variance() / n as f64)
        });
        Estimate { half_width, n, ..Estimate::point(mean) }
    }

    /// How much the mean of a batch resembles that of the next, from -1 to 1; `None` without 20
    /// batches. Around zero, give or take 0.4, when the batches are long enough; far above it, the
    /// interval is too narrow.
    pub fn correlation(&self) -> Option<f64> {
        let means: Tally = self.means().collect();
        let squares = means.variance() * (self.sums.len() as f64 - 1.0);
        if self.sums.len() < BATCHES || squares == 0.0 {
            return None;
        }
        let around = |value: f64| value - means.mean();
        let next = self.means().skip(1);
        Some(self.means().zip(next).map(|(a, b)| around(a) * around(b)).sum::<f64>() / squares)
    }

    /// How many values are in a batch.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn means(&self) -> impl Iterator<Item = f64> + '_ {
        self.sums.iter().map(|sum| sum / self.length as f64)
    }

    fn close_batch(&mut self) {
        self.sums.push(self.partial.0);
        self.partial = (0.0, 0);
        if self.sums.len() == 2 * BATCHES {
            for batch in 0..BATCHES {
                self.sums[batch] = self.sums[2 * batch] + self.sums[2 * batch + 1];
            }
            self.sums.truncate(BATCHES);
            self.length *= 2;
        }
    }
}

impl Default for BatchMeans {
    fn default() -> BatchMeans {
        BatchMeans::new()
    }
}

impl FromIterator<f64> for BatchMeans {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> BatchMeans {
        let mut series = BatchMeans::new();
        values.into_iter().for_each(|value| series.add(value));
        series
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    /// A stationary AR(1) series: x' = f x + normal.
    fn autoregressive(random: &mut Random, f: f64) -> impl Iterator<Item = f64> + '_ {
        let mut x = random.normal() / libm::sqrt(1.0 - f * f);
        std::iter::repeat_with(move || {
            x = f * x + random.normal();
            x
        })
    }

    fn covers_zero(estimate: &Estimate) -> bool {
        estimate.low() <= 0.0 && 0.0 <= estimate.high()
    }

    #[test]
    fn the_interval_covers_the_mean_of_an_autocorrelated_series() {
        // 20 batches or more of 512 = 51 / (1 - 0.9) values.
        let (mut batch_means, mut naive, mut variance) = (0, 0, 0.0);
        for seed in 0..1_000 {
            let mut random = Random::new(seed);
            let series: Vec<f64> = autoregressive(&mut random, 0.9).take(20 * 512).collect();
            let estimate = series.iter().copied().collect::<BatchMeans>().estimate();
            assert_eq!(estimate.n, 20);
            variance += estimate.mean * estimate.mean * series.len() as f64 / 1_000.0;
            batch_means += usize::from(covers_zero(&estimate));
            naive += usize::from(covers_zero(&Estimate::of(series)));
        }
        assert!((930..=970).contains(&batch_means), "{batch_means} of 1000");
        // Exactly 0.347 of intervals that take the values for independent.
        assert!((300..=395).contains(&naive), "{naive} of 1000");
        // The asymptotic variance is 100; its estimate has a standard error of 4.5.
        assert!((80.0..120.0).contains(&variance), "{variance}");
    }

    #[test]
    fn batches_find_the_asymptotic_variance_of_the_wait_at_half_load() {
        // M/M/1 at rho = 0.5, service mean 1: n Var(mean wait) tends to 29 (Whitt 1989).
        let mut found = Tally::new();
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let mut wait = 0.0;
            let mut next = || {
                let change = random.exponential() - 2.0 * random.exponential();
                wait = f64::max(wait + change, 0.0);
                wait
            };
            let series: BatchMeans = std::iter::repeat_with(&mut next).take(20_480).collect();
            let means: Tally = series.means().collect();
            found.add(means.variance() * series.length as f64);
        }
        // The batch length, 1024, takes about 2% off.
        assert!((25.0..32.0).contains(&found.mean()), "{}", found.mean());
    }

    #[test]
    fn the_correlation_shows_batches_that_are_too_short() {
        let correlations = |values: usize| -> Tally {
            let of_seed = |seed| {
                let mut random = Random::new(seed);
                let series: BatchMeans = autoregressive(&mut random, 0.99).take(values).collect();
                series.correlation().unwrap()
            };
            (0..100).map(of_seed).collect()
        };
        assert!(correlations(20 * 16).mean() > 0.5);
        assert!(correlations(20 * 4_096).mean().abs() < 0.1);
    }

    #[test]
    fn the_mean_is_that_of_all_values_whatever_the_batches() {
        for n in [1_u32, 19, 39, 40, 41, 1_000, 12_345] {
            let estimate = (1..=n).map(f64::from).collect::<BatchMeans>().estimate();
            assert_eq!(estimate.mean, f64::from(n + 1) / 2.0);
            assert_eq!(estimate.half_width.is_some(), n >= 20);
        }
        assert!(BatchMeans::new().estimate().mean.is_nan());
        assert_eq!(BatchMeans::new().correlation(), None);
    }
}
