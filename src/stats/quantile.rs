//! How sure a quantile is that replications give together.
//!
//! A quantile of one replication is biased where few of its values lie beyond, and the mean over
//! replications keeps the bias while its interval narrows. So replications are put together. The
//! share of values beyond the quantile is a share as any other (see `share.rs`): its variance over
//! replications says how far the level may be off, and the interval goes from the quantile at the
//! level less that to the one at the level and that (Woodruff 1952; of simulations Heidelberger and
//! Lewis 1984, Nakayama 2014). It is asymmetric, and wider by how far a value may be elsewhere in
//! its bucket of the histogram, so that the resolution is part of it.
//!
//! Where few lie beyond, a variance that is estimated is underestimated just when the tail was: so
//! the distance is taken 1 + r²/4 times as far, r being what share it is of what lies beyond. Where
//! the level reaches 1 there is no upper end: the data do not say how long the tail is. Then the
//! value is not known either, only that it is above the lower end. How often what is said
//! is right is in `docs/coverage.md`.

use super::buckets::{Buckets, Place};
use super::share::{PartOfWhole, reach};
use super::{Estimate, Influence};

/// How much further the level may be off where few values lie beyond: see the module.
const CAUTION: f64 = 0.25;
/// Of one replication: how many values must be expected beyond a quantile to tell it at all.
const FEWEST: f64 = 10.0;
/// Within what a level is exact: 0.07 of 100 values would be the 8th otherwise.
const HAIR: f64 = 4.0 * f64::EPSILON;

/// Durations of replications, each by itself and all together.
#[derive(Clone, Debug, Default)]
pub struct Pooled {
    runs: Vec<Buckets>,
    all: Buckets,
}

impl Pooled {
    /// Adds a replication.
    pub fn push(&mut self, run: Buckets) {
        self.all.merge(&run);
        self.runs.push(run);
    }

    /// The `p`-quantile of all replications together (s). Where it is not known it is not a number,
    /// and the interval says above what it is.
    pub fn quantile(&self, p: f64, confidence: f64) -> Estimate {
        let n = self.runs.iter().filter(|run| run.count() > 0).count();
        if n == 0 {
            return Estimate { n, ..Estimate::point(f64::NAN) };
        }
        let place = self.all.at(self.rank(p));
        let beyond = p.min(1.0 - p) * self.all.count() as f64;
        match self.off(&place, p, confidence) {
            None if beyond < FEWEST => Estimate { n, ..Estimate::point(f64::NAN) },
            None => Estimate { n, ..Estimate::point(place.value) },
            Some(off) => Estimate { n, ..self.between(p, off, place.value) },
        }
    }

    /// What each replication contributes to the `p`-quantile: their mean is the quantile, and their
    /// spread how sure it is (the first term of Bahadur's representation, 1966, with the density
    /// that the 95% interval shows). `None` where the quantile is not known.
    pub fn influence(&self, p: f64) -> Option<Influence> {
        if self.all.count() == 0 {
            return None;
        }
        let place = self.all.at(self.rank(p));
        let off = self.off(&place, p, 0.95)?;
        let found = self.between(p, off, place.value);
        if found.mean.is_nan() {
            return None;
        }
        let level = (p + off).min(1.0) - (p - off).max(0.0);
        let slope = if level > 0.0 { (found.high() - found.low()) / level } else { 0.0 };
        let (n, count) = (self.runs.len() as f64, self.all.count() as f64);
        let one = |run: &Buckets| {
            let more = run.beyond(&place) - (1.0 - p) * run.count() as f64;
            place.value + slope * n * more / count
        };
        let values: Vec<f64> = self.runs.iter().map(one).collect();
        // What lies beyond a rank, which is a whole number, is not quite the share.
        let mean = values.iter().sum::<f64>() / n;
        let values = values.iter().map(|value| value - mean + place.value).collect();
        Some(Influence { values, resolution: place.high - place.low })
    }

    fn rank(&self, p: f64) -> u64 {
        let count = self.all.count();
        (libm::ceil(p * count as f64 * (1.0 - HAIR)) as u64).clamp(1, count)
    }

    /// How far the level of the quantile may be off. `None` with fewer than two replications.
    fn off(&self, place: &Place, p: f64, confidence: f64) -> Option<f64> {
        let part = |run: &Buckets| -> PartOfWhole { [run.beyond(place), run.count() as f64] };
        let parts: Vec<PartOfWhole> = self.runs.iter().map(part).collect();
        let reach = reach(&parts, 1.0 - p, confidence)?;
        let off = libm::sqrt(reach.square * p * (1.0 - p));
        let relative = off / p.min(1.0 - p);
        let cautious = reach.estimated && relative.is_finite();
        Some(if cautious { off * (1.0 + CAUTION * relative * relative) } else { off })
    }

    /// The interval between the levels that are `off` so much.
    fn between(&self, p: f64, off: f64, value: f64) -> Estimate {
        let count = self.all.count();
        let lower = libm::floor((p - off).max(0.0) * count as f64) as u64;
        let low = if lower == 0 { 0.0 } else { self.all.at(lower).low.min(value) };
        if off >= 1.0 - p {
            return Estimate::between(f64::NAN, [low, f64::INFINITY]);
        }
        let upper = libm::ceil((p + off) * count as f64 * (1.0 - HAIR)) as u64;
        let high = self.all.at(upper.clamp(1, count)).high.max(value);
        Estimate::between(value, [low, high])
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::super::{CoarseHistogram, Histogram};
    use super::*;

    fn pooled(runs: &[Vec<u64>]) -> Pooled {
        let mut pooled = Pooled::default();
        for run in runs {
            let mut histogram = Histogram::new();
            run.iter().for_each(|&value| histogram.record(value));
            pooled.push(histogram.all_buckets());
        }
        pooled
    }

    fn exponential(random: &mut Random, n: usize) -> Vec<u64> {
        (0..n).map(|_| (1e9 * random.exponential()) as u64).collect()
    }

    #[test]
    fn the_quantile_is_that_of_all_values_and_not_the_mean_of_quantiles() {
        // Three in four replications take 100 ns, ten of a hundred 300 ns in the others.
        let runs: Vec<Vec<u64>> = (0..400)
            .map(|i| {
                if i % 4 > 0 { vec![100; 100] } else { [[100; 90].as_slice(), &[300; 10]].concat() }
            })
            .collect();
        let share = |p| pooled(&runs).quantile(p, 0.95);
        let median = share(0.5);
        assert_eq!((median.mean, median.half_width, median.n), (100e-9, Some(0.0), 400));
        // The mean of the replications' own would be 150 ns.
        assert_eq!((share(0.95).mean, share(0.95).high()), (100e-9, 100e-9));
        assert_eq!((share(0.99).mean, share(0.99).low()), (300e-9, 300e-9));
        let alone = pooled(&[vec![100; 90], vec![100; 90], vec![300; 20]]).quantile(0.95, 0.95);
        assert!(alone.mean.is_nan(), "one replication alone has them: {alone:?}");
    }

    /// Short replications of exponential values: p99 = ln 100. Beyond it lie 0.5 of each. 1,000
    /// experiments: one that holds the truth with 95% gives 915 or less, or 983 or more, one time
    /// in 100,000 (standard deviation 6.9).
    #[test]
    fn the_interval_holds_the_truth_where_replications_are_short() {
        let mut random = Random::new(4);
        let (mut covered, mut known, mut values) = (0, 0, 0.0);
        for _ in 0..1_000 {
            let runs: Vec<Vec<u64>> = (0..60).map(|_| exponential(&mut random, 50)).collect();
            let found = pooled(&runs).quantile(0.99, 0.95);
            covered += usize::from((found.low()..=found.high()).contains(&libm::log(100.0)));
            if !found.mean.is_nan() {
                known += 1;
                values += found.mean;
            }
        }
        assert!((916..=982).contains(&covered), "{covered}");
        assert!(known > 990, "{known}");
        assert!((values / f64::from(known) / libm::log(100.0) - 1.0).abs() < 0.01);
    }

    #[test]
    fn the_resolution_of_the_histogram_is_in_the_interval() {
        // All in one bucket, which is 0.4% wide, but above the value that is asked for.
        let runs = vec![(0..10_000).map(|i| 151_200_000 + i * 9).collect::<Vec<u64>>(); 10];
        let found = pooled(&runs).quantile(0.9, 0.95);
        assert!(found.low() <= 0.151_281 && found.high() >= 0.151_281, "{found:?}");
        assert!(found.half_width < Some(0.0006));
        let same = pooled(&vec![vec![151_200_000; 1_000]; 10]).quantile(0.9, 0.95);
        assert_eq!((same.mean, same.half_width), (0.1512, Some(0.0)));
    }

    #[test]
    fn what_cannot_be_known_is_not_told() {
        let mut random = Random::new(5);
        let runs: Vec<Vec<u64>> = (0..10).map(|_| exponential(&mut random, 50)).collect();
        let found = pooled(&runs).quantile(0.999, 0.95);
        assert!(found.mean.is_nan() && found.half_width.is_none());
        assert!(found.low() > 2.0 && found.high() == f64::INFINITY, "{found:?}");
        assert!(pooled(&runs).influence(0.999).is_none());
        let one = pooled(&runs[..1]);
        assert!(one.quantile(0.99, 0.95).mean.is_nan());
        assert!(one.quantile(0.5, 0.95).half_width.is_none() && one.quantile(0.5, 0.95).mean > 0.0);
        assert!(Pooled::default().quantile(0.5, 0.95).mean.is_nan());
        assert!(pooled(&[vec![], vec![]]).quantile(0.5, 0.95).mean.is_nan());
        let longest = pooled(&runs).quantile(1.0, 0.95);
        assert!(longest.mean.is_nan() && longest.low() > 3.0, "more may come: {longest:?}");
    }

    #[test]
    fn influences_say_what_the_interval_says() {
        let mut random = Random::new(6);
        let runs: Vec<Vec<u64>> = (0..30).map(|_| exponential(&mut random, 1_000)).collect();
        let (all, p) = (pooled(&runs), 0.95);
        let found = all.quantile(p, 0.95);
        let influence = all.influence(p).expect("it is known");
        let estimate = Estimate::of(influence.values);
        assert!((estimate.mean / found.mean - 1.0).abs() < 1e-9);
        let ratio = estimate.half_width.zip(found.half_width).map(|(a, b)| a / b);
        assert!(ratio.is_some_and(|ratio| (0.7..1.3).contains(&ratio)), "{ratio:?}");
        assert!(influence.resolution >= 0.0 && influence.resolution < 3.0 / 256.0);
    }

    #[test]
    fn coarse_histograms_do_as_well() {
        let mut coarse = CoarseHistogram::new();
        (1..=1_000_u64).for_each(|i| coarse.record(i * 1_000_000));
        let mut pooled = Pooled::default();
        (0..3).for_each(|_| pooled.push(coarse.all_buckets()));
        let found = pooled.quantile(0.9, 0.95);
        assert!((found.mean - 0.9).abs() < 0.9 / 64.0 && found.low() < 0.9 && 0.9 < found.high());
    }
}
