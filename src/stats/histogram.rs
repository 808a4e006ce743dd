//! A log-linear histogram of durations: each octave is cut into equal buckets, so that the relative
//! error of a quantile is bounded, while the mean and the extremes are exact.
//!
//! *Invariant:* everything kept is an integer, so the result of a merge does not depend on the
//! order or the grouping.

use std::iter::repeat_n;

use super::Buckets;
use crate::units::Span;

const NANOS_PER_SEC: f64 = 1e9;

/// The histogram for results: quantiles within 1/256, 2 KiB an octave, at most 114 KiB.
pub type Histogram = LogLinear<8>;

/// The histogram for one window or component of many: quantiles within 1/64, 512 B an octave.
pub type CoarseHistogram = LogLinear<6>;

/// Counts of durations (ns) in 2^`BITS` buckets per octave; below 2^(`BITS` + 1) ns every value has
/// a bucket of its own. Has the octaves between the extremes only, and grows by whole ones when a
/// value beyond all earlier ones arrives: durations of one kind lie within few, and what goes
/// through all buckets goes through those.
#[derive(Debug)]
pub struct LogLinear<const BITS: u32> {
    /// The index of the first of the counts.
    first: usize,
    counts: Vec<u64>,
    sum: u128,
    min: u64,
    max: u64,
}

/// A bucket that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bucket {
    /// The least value that belongs here (ns).
    pub lower: u64,
    /// The greatest value that belongs here (ns).
    pub upper: u64,
    /// How many values are here; not zero.
    pub count: u64,
}

impl<const BITS: u32> LogLinear<BITS> {
    /// How far a quantile may be from the exact one, as a share of it: the width of a bucket. It is
    /// much closer where values are spread evenly over their bucket.
    pub const RELATIVE_ERROR: f64 = 1.0 / (1_u64 << BITS) as f64;

    /// A histogram of nothing, which takes no memory yet.
    pub const fn new() -> Self {
        LogLinear { first: 0, counts: Vec::new(), sum: 0, min: u64::MAX, max: 0 }
    }

    /// Counts a duration of `nanos` nanoseconds.
    #[inline]
    pub fn record(&mut self, nanos: u64) {
        let index = Self::index(nanos);
        match self.counts.get_mut(index.wrapping_sub(self.first)) {
            Some(count) => *count += 1,
            None => self.grow(index),
        }
        self.sum += u128::from(nanos);
        // Extremes are rare, and a processor that guesses so need not compute them.
        if nanos < self.min {
            self.min = nanos;
        }
        if nanos > self.max {
            self.max = nanos;
        }
    }

    /// Counts a value so many times.
    pub fn record_many(&mut self, nanos: u64, times: u64) {
        let Some(rest) = times.checked_sub(1) else { return };
        self.record(nanos);
        self.counts[Self::index(nanos) - self.first] += rest;
        self.sum += u128::from(nanos) * u128::from(rest);
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        if !other.counts.is_empty() {
            self.cover(other.first);
            self.cover(other.first + other.counts.len() - 1);
            let from = other.first - self.first;
            for (count, more) in self.counts[from..].iter_mut().zip(&other.counts) {
                *count += more;
            }
        }
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// What has been recorded since this was in the state of `before`. The extremes are those of
    /// the buckets, and none beyond those of all values.
    pub fn since(&self, before: &Self) -> Self {
        let mut counts = self.counts.clone();
        // What has been recorded before lies within.
        let from = before.first.saturating_sub(self.first);
        for (now, before) in counts.iter_mut().skip(from).zip(&before.counts) {
            *now -= before;
        }
        let (first, sum) = (self.first, self.sum - before.sum);
        let mut recent = LogLinear { first, counts, sum, ..Self::new() };
        let (first, last) = (recent.buckets().next(), recent.buckets().last());
        if let (Some(first), Some(last)) = (first, last) {
            (recent.min, recent.max) = (first.lower.max(self.min), last.upper.min(self.max));
        }
        recent
    }

    /// Forgets everything but keeps the memory.
    pub fn clear(&mut self) {
        let mut counts = std::mem::take(&mut self.counts);
        counts.fill(0);
        *self = LogLinear { first: self.first, counts, ..Self::new() };
    }

    /// How many values were recorded; added up over all buckets.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The exact sum of all values (ns).
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The mean (s), from the exact sum; not-a-number when empty.
    pub fn mean(&self) -> f64 {
        self.sum as f64 / self.count() as f64 / NANOS_PER_SEC
    }

    /// The unbiased variance (s²), as if the values of a bucket were spread evenly over it: exact
    /// below 2^(`BITS` + 1) ns. Not-a-number with fewer than two values.
    pub fn variance(&self) -> f64 {
        let count = self.count() as f64;
        if count < 2.0 {
            return f64::NAN;
        }
        let mean = self.sum as f64 / count;
        let around = |bucket: Bucket| {
            let values = (bucket.upper - bucket.lower) as f64 + 1.0;
            let away = bucket.lower as f64 + (values - 1.0) / 2.0 - mean;
            bucket.count as f64 * (away * away + (values * values - 1.0) / 12.0)
        };
        let squares: f64 = self.buckets().map(around).sum();
        squares / (count - 1.0) / (NANOS_PER_SEC * NANOS_PER_SEC)
    }

    /// The least value (ns).
    pub fn min(&self) -> Option<u64> {
        (self.min <= self.max).then_some(self.min)
    }

    /// The greatest value (ns).
    pub fn max(&self) -> Option<u64> {
        (self.min <= self.max).then_some(self.max)
    }

    /// The least q with P(X <= q) >= `p` (s), within [`Self::RELATIVE_ERROR`]; `None` when empty.
    /// The extremes, `p` of 0 and 1, are exact.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        debug_assert!((0.0..=1.0).contains(&p), "a probability is from 0 to 1");
        // A hair less, or 0.07 of 100 values would be the 8th.
        let count = self.count();
        let rank = libm::ceil(p * count as f64 * (1.0 - 4.0 * f64::EPSILON)) as u64;
        let nanos = match rank.clamp(1, count.max(1)) {
            _ if count == 0 => return None,
            1 => self.min as f64,
            rank if rank == count => self.max as f64,
            rank => self.value_at(rank).clamp(self.min as f64, self.max as f64),
        };
        Some(nanos / NANOS_PER_SEC)
    }

    /// The share of values at most `x`, as if spread evenly over their bucket; not-a-number when
    /// empty.
    pub fn share_at_most(&self, x: Span) -> f64 {
        let x = x.nanos();
        let mut below = 0.0;
        for bucket in self.buckets().take_while(|bucket| bucket.lower <= x) {
            let (lower, upper) = (bucket.lower.max(self.min), bucket.upper.min(self.max));
            let values = (upper - lower) as f64 + 1.0;
            let covered = (x.min(upper) as f64 - lower as f64 + 1.0).max(0.0);
            below += bucket.count as f64 * (covered / values);
        }
        below / self.count() as f64
    }

    /// By how much the values are above `x`, summed over those that are (ns), as if spread evenly
    /// over their bucket.
    pub fn excess(&self, x: Span) -> f64 {
        let x = x.nanos() as f64;
        let of = |bucket: Bucket| {
            let (lower, upper) = (bucket.lower.max(self.min), bucket.upper.min(self.max));
            let (lower, upper) = (lower as f64, upper as f64);
            let each = match (lower + upper) / 2.0 - x {
                middle if lower >= x => middle,
                _ if upper <= x => 0.0,
                _ => (upper - x) * (upper - x) / (2.0 * (upper - lower)),
            };
            bucket.count as f64 * each
        };
        self.buckets().map(of).sum()
    }

    /// The buckets that hold something, lowest first.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(index, &count)| {
            let (lower, upper) = Self::bounds(self.first + index);
            Bucket { lower, upper, count }
        })
    }

    /// The same, to be kept.
    pub fn all_buckets(&self) -> Buckets {
        Buckets::of(self.buckets(), self.min, self.max)
    }

    /// The `rank`-th value (ns), the first being 1, as if all were spread evenly over their bucket:
    /// its middle would be the same in every replication, as if there were no doubt about it.
    fn value_at(&self, rank: u64) -> f64 {
        let mut seen = 0;
        let reached = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        let index = reached.expect("the counts add up to at least the rank");
        let (count, (lower, upper)) = (self.counts[index], Self::bounds(self.first + index));
        let within = (rank + count - seen) as f64 - 0.5;
        lower as f64 + (upper - lower) as f64 * (within / count as f64)
    }

    /// The bucket of a value. A floating-point number that holds it exactly has the index in its
    /// exponent and the first bits of its mantissa; to find the highest bit of an integer takes
    /// processors without an instruction of its own for it much longer.
    #[inline]
    fn index(nanos: u64) -> usize {
        if nanos.wrapping_sub(1 << BITS) >= (1 << 53) - (1 << BITS) {
            return Self::index_of_any(nanos);
        }
        let octave = u64::from(1023 + BITS - 1) << BITS;
        // As a signed number it is converted by one instruction.
        (((nanos as i64 as f64).to_bits() >> (52 - BITS)) - octave) as usize
    }

    #[cold]
    fn index_of_any(nanos: u64) -> usize {
        let shift = 63 - BITS - (nanos | 1 << BITS).leading_zeros();
        // Both terms fit: there are at most 65 octaves of 2^BITS buckets.
        ((shift as usize) << BITS) + (nanos >> shift) as usize
    }

    /// The least and the greatest value of a bucket (ns).
    fn bounds(index: usize) -> (u64, u64) {
        let shift = (index >> BITS).saturating_sub(1);
        let lower = ((index - (shift << BITS)) as u64) << shift;
        (lower, lower + ((1 << shift) - 1))
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, index: usize) {
        self.cover(index);
        self.counts[index - self.first] += 1;
    }

    /// Makes room for the octave of a bucket.
    fn cover(&mut self, index: usize) {
        let octave = index >> BITS << BITS;
        if self.counts.is_empty() {
            self.first = octave;
        }
        let missing = self.first.saturating_sub(octave);
        self.counts.splice(..0, repeat_n(0, missing));
        self.first -= missing;
        let length = octave + (1 << BITS) - self.first;
        self.counts.resize(length.max(self.counts.len()), 0);
    }
}

impl<const BITS: u32> Clone for LogLinear<BITS> {
    fn clone(&self) -> Self {
        LogLinear { counts: self.counts.clone(), ..*self }
    }

    fn clone_from(&mut self, source: &Self) {
        let mut counts = std::mem::take(&mut self.counts);
        counts.clone_from(&source.counts);
        *self = LogLinear { counts, ..*source };
    }
}

impl<const BITS: u32> Default for LogLinear<BITS> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    fn of<const BITS: u32>(values: &[u64]) -> LogLinear<BITS> {
        let mut histogram = LogLinear::new();
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    /// Values over 30 octaves, as latencies are.
    fn spread(n: usize, seed: u64) -> Vec<u64> {
        let mut random = Random::new(seed);
        (0..n).map(|_| libm::exp2(30.0 * random.uniform()) as u64).collect()
    }

    #[track_caller]
    fn quantiles_are_within_the_bound<const BITS: u32>() {
        let mut values = spread(20_000, 1);
        let histogram = of::<BITS>(&values);
        values.sort_unstable();
        for p in [0.0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0] {
            let rank = libm::ceil(p * 20_000.0 - 1e-6).max(1.0) as usize;
            let exact = values[rank - 1] as f64 * 1e-9;
            let found = histogram.quantile(p).unwrap();
            let error = (found - exact).abs() / exact;
            assert!(error <= LogLinear::<BITS>::RELATIVE_ERROR, "p {p}: {found} for {exact}");
        }
    }

    #[test]
    fn quantiles_are_within_the_stated_error() {
        const { assert!(Histogram::RELATIVE_ERROR <= 1.0 / 256.0) };
        const { assert!(CoarseHistogram::RELATIVE_ERROR <= 1.0 / 64.0) };
        quantiles_are_within_the_bound::<8>();
        quantiles_are_within_the_bound::<6>();
    }

    #[test]
    fn buckets_tile_the_whole_range_and_hold_their_values() {
        let last = Histogram::index(u64::MAX);
        assert_eq!(Histogram::bounds(0), (0, 0));
        assert_eq!(Histogram::bounds(last).1, u64::MAX);
        for index in 0..last {
            let (lower, upper) = Histogram::bounds(index);
            assert_eq!(Histogram::bounds(index + 1).0, upper + 1);
            assert_eq!((Histogram::index(lower), Histogram::index(upper)), (index, index));
            assert_eq!(Histogram::index_of_any(lower), index);
            assert_eq!(Histogram::index_of_any(upper), index);
            assert!(index >= 512 || lower == upper, "small values are exact");
        }
    }

    #[test]
    fn quantiles_of_small_values_are_exact_and_follow_the_convention() {
        let histogram = of::<8>(&(1..=100).collect::<Vec<_>>());
        for (p, nanos) in [(0.0, 1.0), (0.07, 7.0), (0.071, 8.0), (0.5, 50.0), (0.99, 99.0)] {
            assert_eq!(histogram.quantile(p), Some(nanos / 1e9), "{p}");
        }
        assert_eq!(histogram.quantile(1.0), Some(100.0 / 1e9));
        assert_eq!(of::<8>(&[123_456_789]).quantile(0.5), Some(123_456_789.0 / 1e9));
    }

    #[test]
    fn the_mean_and_the_extremes_are_exact() {
        let histogram = of::<8>(&[2_000_000_000, 4_000_000_000, 9_000_000_000]);
        assert_eq!((histogram.count(), histogram.sum()), (3, 15_000_000_000));
        assert_eq!((histogram.min(), histogram.max()), (Some(2_000_000_000), Some(9_000_000_000)));
        assert_eq!(histogram.mean(), 5.0);
    }

    #[test]
    fn the_variance_is_exact_for_small_values_and_close_for_large_ones() {
        let small: Vec<_> = (1..=100).collect();
        assert!((of::<8>(&small).variance() / (100.0 * 101.0 / 12.0 * 1e-18) - 1.0).abs() < 1e-12);
        assert!(of::<8>(&[7]).variance().is_nan());
        let values = spread(20_000, 4);
        let mean = values.iter().map(|&v| v as f64 * 1e-9).sum::<f64>() / 20_000.0;
        let squares = values.iter().map(|&v| v as f64 * 1e-9 - mean).map(|d| d * d);
        let exact = squares.sum::<f64>() / 19_999.0;
        assert!((of::<8>(&values).variance() / exact - 1.0).abs() < 1e-4);
        assert!((of::<6>(&values).variance() / exact - 1.0).abs() < 1e-3);
    }

    #[test]
    fn merging_is_exact_in_any_order() {
        let values = spread(3_000, 2);
        let whole = of::<8>(&values);
        let parts: Vec<_> = values.chunks(700).map(of::<8>).collect();
        let mut forward = Histogram::new();
        parts.iter().for_each(|part| forward.merge(part));
        let mut backward = Histogram::new();
        parts.iter().rev().for_each(|part| backward.merge(part));
        for merged in [forward, backward] {
            assert!(merged.buckets().eq(whole.buckets()));
            assert_eq!((merged.count(), merged.sum()), (whole.count(), whole.sum()));
            assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
        }
    }

    #[test]
    fn what_is_recorded_since_is_what_a_histogram_of_its_own_would_hold() {
        let values = spread(2_000, 5);
        let (first, rest) = values.split_at(700);
        let (before, recent) = (of::<8>(first), of::<8>(rest));
        let since = of::<8>(&values).since(&before);
        assert!(since.buckets().eq(recent.buckets()));
        assert_eq!((since.count(), since.sum()), (recent.count(), recent.sum()));
        let near =
            |a: Option<u64>, b: Option<u64>| a.unwrap().abs_diff(b.unwrap()) <= b.unwrap() / 256;
        assert!(near(since.min(), recent.min()) && near(since.max(), recent.max()));
        assert_eq!(since.since(&since).quantile(0.5), None);
    }

    #[test]
    fn a_share_is_exact_for_small_values_and_interpolated_for_large_ones() {
        let small = of::<8>(&(1..=100).collect::<Vec<_>>());
        assert_eq!(small.share_at_most(Span::from_nanos(25)), 0.25);
        assert_eq!(small.share_at_most(Span::ZERO), 0.0);
        // One bucket of 16 values, from 1024 to 1039, of the coarse one is full.
        let large = of::<5>(&(1_024..1_056).collect::<Vec<_>>());
        assert_eq!(large.share_at_most(Span::from_nanos(1_031)), 0.25);
        assert_eq!(large.share_at_most(Span::from_nanos(1_055)), 1.0);
        assert_eq!(large.share_at_most(Span::from_secs(1)), 1.0);
        assert_eq!(large.share_at_most(Span::from_nanos(1_023)), 0.0);
    }

    #[test]
    fn an_empty_histogram_has_no_quantiles_and_clearing_empties_it() {
        let mut histogram = of::<8>(&spread(100, 3));
        let buckets = histogram.counts.len();
        histogram.clear();
        assert_eq!(histogram.counts.len(), buckets);
        assert_eq!((histogram.count(), histogram.sum(), histogram.buckets().count()), (0, 0, 0));
        assert_eq!((histogram.min(), histogram.max(), histogram.quantile(0.5)), (None, None, None));
        assert!(histogram.mean().is_nan());
        assert!(histogram.share_at_most(Span::from_secs(1)).is_nan());
        histogram.record(5);
        assert_eq!(histogram.quantile(0.5), Some(5e-9));
    }
}
