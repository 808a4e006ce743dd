//! How durations are spread: the buckets of a histogram that hold something, and no others.

use serde::{Deserialize, Serialize};

use super::Bucket;

const NANOS_PER_SEC: f64 = 1e9;

/// The buckets of a histogram that hold something, lowest first, with the exact extremes (ns).
/// Takes 24 bytes a bucket, whatever the resolution of the histogram.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Buckets {
    list: Vec<Bucket>,
    count: u64,
    min: u64,
    max: u64,
}

impl Buckets {
    /// Nothing.
    pub const fn new() -> Buckets {
        Buckets { list: Vec::new(), count: 0, min: u64::MAX, max: 0 }
    }

    /// These buckets, lowest first, of a histogram with these extremes.
    pub(super) fn of(buckets: impl Iterator<Item = Bucket>, min: u64, max: u64) -> Buckets {
        let list: Vec<Bucket> = buckets.collect();
        let count = list.iter().map(|bucket| bucket.count).sum();
        Buckets { list, count, min, max }
    }

    /// How many values there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds all values of `other`, of a histogram of the same resolution.
    pub fn merge(&mut self, other: &Buckets) {
        let mut merged = Vec::with_capacity(self.list.len().max(other.list.len()));
        let (mut mine, mut others) = (self.list.iter().peekable(), other.list.iter().peekable());
        loop {
            let next = match (mine.peek(), others.peek()) {
                (Some(a), Some(b)) if a.lower == b.lower => {
                    let count = a.count + b.count;
                    others.next();
                    mine.next().map(|bucket| Bucket { count, ..*bucket })
                }
                (Some(a), Some(b)) if a.lower > b.lower => others.next().copied(),
                (Some(_), _) => mine.next().copied(),
                (None, _) => others.next().copied(),
            };
            let Some(next) = next else { break };
            merged.push(next);
        }
        self.list = merged;
        self.count += other.count;
        (self.min, self.max) = (self.min.min(other.min), self.max.max(other.max));
    }

    /// Where the `rank`-th value is, the first being 1; `rank` is from 1 to the count.
    pub(super) fn at(&self, rank: u64) -> Place {
        let mut seen = 0;
        let reached = self.list.iter().position(|bucket| {
            seen += bucket.count;
            seen >= rank
        });
        let index = reached.expect("the counts add up to at least the rank");
        let bucket = self.list[index];
        let within = (rank + bucket.count - seen) as f64 - 0.5;
        let (low, high) = self.reached(&bucket);
        let value = match rank {
            1 => self.min as f64,
            rank if rank == self.count => self.max as f64,
            _ => low + (high - low) * (within / bucket.count as f64),
        };
        let off = self.roughness(index) * (high - low);
        let seconds = |nanos: f64| nanos / NANOS_PER_SEC;
        Place {
            value: seconds(value),
            low: seconds(low.max(value - off)),
            high: seconds(high.min(value + off)),
            above: (seen - rank) as f64 / bucket.count as f64,
            bucket,
        }
    }

    /// The least and the greatest value that a bucket can hold (ns).
    fn reached(&self, bucket: &Bucket) -> (f64, f64) {
        (bucket.lower.max(self.min) as f64, bucket.upper.min(self.max) as f64)
    }

    /// By what share of its width a value may be elsewhere in its bucket than if all were spread
    /// evenly: by how much more than by chance (two standard deviations of counts) the density of
    /// the bucket differs from those beside it, at most 1. Where density is smooth, values are
    /// spread evenly; where a single value or an end is, they are not.
    fn roughness(&self, index: usize) -> f64 {
        let density = |bucket: &Bucket| {
            let (low, high) = self.reached(bucket);
            let (count, width) = (bucket.count as f64, high - low + 1.0);
            (count / width, count / (width * width))
        };
        let bucket = &self.list[index];
        let (here, variance) = density(bucket);
        let differs = |other: Option<&Bucket>| {
            let (there, more) = other.map_or((0.0, 0.0), density);
            (there - here).abs() - 2.0 * libm::sqrt(variance + more)
        };
        let before = index.checked_sub(1).map(|index| &self.list[index]);
        let before = before.filter(|before| before.upper + 1 == bucket.lower);
        let after = self.list.get(index + 1).filter(|after| bucket.upper + 1 == after.lower);
        (differs(before).max(differs(after)) / here).clamp(0.0, 1.0)
    }

    /// How many values lie beyond a place: those of the buckets above, and of its own bucket the
    /// same share as of all.
    pub(super) fn beyond(&self, place: &Place) -> f64 {
        let first = self.list.partition_point(|bucket| bucket.lower < place.bucket.lower);
        let beyond = |bucket: &Bucket| {
            let share = if bucket.lower == place.bucket.lower { place.above } else { 1.0 };
            bucket.count as f64 * share
        };
        self.list[first..].iter().map(beyond).sum()
    }
}

impl Default for Buckets {
    fn default() -> Buckets {
        Buckets::new()
    }
}

/// Where a value of some rank is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The value (s), as if those of its bucket were spread evenly between what it can hold.
    pub(super) value: f64,
    /// The least that it can be in its bucket (s).
    pub(super) low: f64,
    /// The most that it can be in its bucket (s).
    pub(super) high: f64,
    /// The share of its bucket with a higher rank.
    above: f64,
    bucket: Bucket,
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::super::{Histogram, LogLinear};
    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = LogLinear::new();
        values.iter().for_each(|&value| histogram.record(value));
        histogram
    }

    #[test]
    fn merged_buckets_are_those_of_the_merged_histogram() {
        let mut random = Random::new(3);
        let values: Vec<u64> =
            (0..3_000).map(|_| libm::exp2(30.0 * random.uniform()) as u64).collect();
        let mut merged = Buckets::new();
        values.chunks(700).for_each(|part| merged.merge(&of(part).all_buckets()));
        let whole = of(&values);
        assert_eq!(merged, whole.all_buckets());
        for p in [0.5, 0.99, 1.0] {
            let place = merged.at(libm::ceil(p * 3_000.0 - 1e-6) as u64);
            let exact = whole.quantile(p).expect("there are values");
            assert!((place.value / exact - 1.0).abs() < 1.0 / 256.0, "{p}");
            assert!(place.low <= place.value && place.value <= place.high);
            let beyond = values.iter().filter(|&&v| v as f64 / 1e9 > place.value).count();
            assert!((merged.beyond(&place) - beyond as f64).abs() < 3.0, "{p}");
        }
    }
}
