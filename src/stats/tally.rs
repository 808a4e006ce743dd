//! Mean and variance of values that come one by one (Welford's method: no digits cancel).

/// Count, mean, variance and extremes of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    count: u64,
    mean: f64,
    /// Sum of the squares around the mean.
    squares: f64,
    min: f64,
    max: f64,
}

impl Tally {
    /// A tally of nothing.
    pub const fn new() -> Tally {
        Tally { count: 0, mean: 0.0, squares: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }

    /// Counts `value`.
    #[inline]
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        let delta = value - self.mean;
        self.mean += delta / self.count as f64;
        self.squares += delta * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// Adds all that `other` has counted. In floating point the order of merges can show in the
    /// last digits, so merge in a fixed order.
    pub fn merge(&mut self, other: &Tally) {
        if other.count == 0 {
            return;
        }
        let (n, m) = (self.count as f64, other.count as f64);
        let delta = other.mean - self.mean;
        self.count += other.count;
        self.mean += delta * (m / (n + m));
        self.squares += other.squares + delta * delta * (n * m / (n + m));
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// How many values were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean; not-a-number when empty.
    pub const fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// The unbiased variance; not-a-number with fewer than two values.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { self.squares / (self.count - 1) as f64 }
    }

    /// The least value.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// The greatest value.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }
}

impl Default for Tally {
    fn default() -> Tally {
        Tally::new()
    }
}

impl FromIterator<f64> for Tally {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Tally {
        let mut tally = Tally::new();
        values.into_iter().for_each(|value| tally.add(value));
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Tally {
        values.iter().copied().collect()
    }

    #[test]
    fn mean_and_variance_are_those_of_the_textbook() {
        let tally = of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((tally.count(), tally.mean()), (8, 5.0));
        assert!((tally.variance() - 32.0 / 7.0).abs() < 1e-14);
        assert_eq!((tally.min(), tally.max()), (Some(2.0), Some(9.0)));
    }

    #[test]
    fn a_small_variance_survives_a_large_mean() {
        let tally = of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(tally.variance(), 30.0);
        assert_eq!(of(&[0.1; 1000]).variance(), 0.0);
    }

    #[test]
    fn merged_parts_are_the_whole() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i * i % 37)).collect();
        let mut merged = Tally::new();
        values.chunks(13).for_each(|part| merged.merge(&of(part)));
        let whole = of(&values);
        assert_eq!((merged.count(), merged.min(), merged.max()), (100, whole.min(), whole.max()));
        assert!((merged.mean() / whole.mean() - 1.0).abs() < 1e-14);
        assert!((merged.variance() / whole.variance() - 1.0).abs() < 1e-13);
    }

    #[test]
    fn nothing_has_no_mean_and_one_value_no_variance() {
        assert!(Tally::new().mean().is_nan());
        assert_eq!((Tally::new().min(), Tally::new().max()), (None, None));
        assert_eq!(of(&[3.0]).mean(), 3.0);
        assert!(of(&[3.0]).variance().is_nan());
    }
}
