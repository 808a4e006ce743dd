//! How sure a share is: how often something happened, of how often it could.
//!
//! The share is that of all replications together (a ratio estimator), and its variance that of
//! the residuals `part - share x whole` over replications (Cochran, Sampling Techniques, 6.3).
//! Student's t over those few residuals is too sure where little was seen: of nothing seen it would
//! be certain that there is nothing. So the variance is never taken for less than that of
//! independent trials, and the interval is Wilson's (1927) with the number of trials that would
//! vary as much. Where the replications vary more than independent trials, their variance is an
//! estimate and Student's t makes up for that; otherwise it is known, and the normal distribution
//! does.
//!
//! What happens in bursts so rare that no replication, or only one or two, met one is known less
//! well than this says: nothing in the data tells.

use super::estimate::normal_quantile;
use super::{Estimate, Influence, t_quantile};

/// What happened and how often it could have, in a replication.
pub type PartOfWhole = [f64; 2];

/// The share of all replications together with its interval, which may be asymmetric. Not-a-number
/// where it could never have happened; without an interval where it could in one replication only.
pub fn share(parts: &[PartOfWhole], confidence: f64) -> Estimate {
    let n = met(parts);
    let share = total(parts);
    let Some(Reach { square: reach, .. }) = reach(parts, share, confidence) else {
        return Estimate { n, ..Estimate::point(share) };
    };
    let middle = (share + reach / 2.0) / (1.0 + reach);
    let half = libm::sqrt(reach * share * (1.0 - share) + reach * reach / 4.0) / (1.0 + reach);
    let (low, high) = ((middle - half).max(0.0), (middle + half).min(1.0));
    Estimate { n, ..Estimate::between(share, [low.min(share), high.max(share)]) }
}

/// What each replication contributes: their mean is the share, and their spread how sure it is. If
/// nothing was seen there is no spread, and the share may be off by what a 99.9% interval says.
pub fn share_influence(parts: &[PartOfWhole]) -> Influence {
    let (share, n) = (total(parts), parts.len() as f64);
    let whole: f64 = parts.iter().map(|[_, whole]| whole).sum();
    let one = |[part, all]: &PartOfWhole| share + n * (part - share * all) / whole;
    let unseen = share == 0.0 || share == 1.0;
    let bound = unseen.then(|| self::share(parts, 0.999).half_width).flatten();
    Influence { values: parts.iter().map(one).collect(), resolution: bound.unwrap_or(0.0) }
}

/// In how many replications it could have happened.
fn met(parts: &[PartOfWhole]) -> usize {
    parts.iter().filter(|[_, whole]| *whole > 0.0).count()
}

fn total(parts: &[PartOfWhole]) -> f64 {
    let add = |[part, whole]: PartOfWhole, next: &PartOfWhole| [part + next[0], whole + next[1]];
    let [part, whole] = parts.iter().fold([0.0; 2], add);
    if whole > 0.0 { part / whole } else { f64::NAN }
}

/// How far a share may be off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// The square of the half-width of the plain interval, as a share of `share x (1 - share)`:
    /// z²/n of n independent trials.
    pub(super) square: f64,
    /// Whether it is more than that of independent trials, and so is estimated.
    pub(super) estimated: bool,
}

/// How far a share may be off; `None` with fewer than two replications.
pub(super) fn reach(parts: &[PartOfWhole], share: f64, confidence: f64) -> Option<Reach> {
    let n = met(parts);
    if n < 2 {
        return None;
    }
    let trials: f64 = parts.iter().map(|[_, whole]| whole).sum();
    let residual = |[part, whole]: &PartOfWhole| (part - share * whole) * (part - share * whole);
    let squares: f64 = parts.iter().map(residual).sum();
    let between = n as f64 / (n as f64 - 1.0) * squares / trials;
    let independent = share * (1.0 - share);
    let side = 0.5 + confidence / 2.0;
    let estimated = between > independent && independent > 0.0;
    let (times, excess) = if estimated {
        (t_quantile(n - 1, side), between / independent)
    } else {
        (normal_quantile(side), 1.0)
    };
    Some(Reach { square: times * times * excess / trials, estimated })
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    #[test]
    fn nothing_seen_is_not_nothing() {
        // Wilson: z²/(n + z²) of 338 trials in ten replications.
        let found = share(&[[0.0, 33.8]; 10], 0.95);
        assert_eq!((found.mean, found.low(), found.n), (0.0, 0.0, 10));
        assert!((found.high() - 3.841_459 / 341.841_459).abs() < 1e-8, "{found:?}");
        assert_eq!(found.half_width, Some(found.high()));
        let all = share(&[[33.8, 33.8]; 10], 0.95);
        assert_eq!((all.mean, all.high()), (1.0, 1.0));
        assert!((all.low() - (1.0 - found.high())).abs() < 1e-12);
    }

    #[test]
    fn the_interval_is_wilsons_where_trials_are_independent() {
        // 2 of 10 twice, less spread than chance makes. Wilson of 4 of 20: 8.07% to 41.60%.
        let found = share(&[[2.0, 10.0], [2.0, 10.0]], 0.95);
        assert!((found.low() - 0.080_658).abs() < 1e-5, "{found:?}");
        assert!((found.high() - 0.416_016).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn what_comes_in_bursts_is_as_sure_as_replications_agree() {
        let parts: Vec<PartOfWhole> = [90.0, 100.0, 120.0, 80.0, 110.0].map(|n| [n, 1e6]).into();
        let found = share(&parts, 0.95);
        // t = 2.776445 with 4 degrees of freedom, s² = 250.
        let half = 2.776_445 * libm::sqrt(250.0 / 5.0) / 1e6;
        assert!((found.half_width.expect("it is known") / half - 1.0).abs() < 0.15, "{found:?}");
        assert!(found.high() - found.mean > found.mean - found.low());
    }

    #[test]
    fn without_trials_there_is_no_share_and_one_replication_has_no_interval() {
        assert!(share(&[[0.0; 2]; 3], 0.95).mean.is_nan());
        let one = share(&[[1.0, 4.0], [0.0, 0.0]], 0.95);
        assert_eq!((one.mean, one.half_width, one.n), (0.25, None, 1));
    }

    /// 4,000 experiments each: an interval that holds the truth with a probability of 92% or 98%
    /// fails this one time in a thousand (binomial: standard deviation 0.43 and 0.22 points).
    #[test]
    fn shares_near_zero_are_covered() {
        for (expected, n) in [(0.3, 5), (0.6, 10), (1.5, 5), (9.0, 10), (50.0, 30)] {
            let mut random = Random::new(9);
            let trials = 1_000.0 * expected;
            let covers = |_: &usize| {
                let parts: Vec<PartOfWhole> =
                    (0..n).map(|_| [f64::from(poisson(&mut random, expected)), trials]).collect();
                let found = share(&parts, 0.95);
                (found.low()..=found.high()).contains(&0.001)
            };
            let covered = (0..4_000).filter(covers).count();
            assert!((3_735..=3_948).contains(&covered), "{covered} of 4000: {expected}, {n}");
        }
    }

    fn poisson(random: &mut Random, mean: f64) -> u32 {
        let mut at = random.exponential();
        let mut count = 0;
        while at < mean {
            count += 1;
            at += random.exponential();
        }
        count
    }
}
