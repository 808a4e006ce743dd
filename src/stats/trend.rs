//! Whether a backlog still grows at the end of the runs, so that no mean of it has a meaning.
//!
//! The rule: the later half of each replication is cut into ten to nineteen equal batches, and the
//! steps from batch to batch, of all replications together, are put to a one-sided t-test at 1%.
//! Besides, the growth over that half must be a tenth of the mean level or more.
//!
//! Why it holds although windows are not independent: if the windows are long against the memory of
//! the system, steps follow each other in opposite directions, add up to next to nothing, and the
//! test is far on the safe side. If they are short, the backlog looks like a random walk whose
//! steps are independent, except that averaging over windows makes the steps 2/3 as variable as
//! the walk; hence the factor 3/2. A stationary M/M/1 looks the same backwards in time, so that
//! its steps are not skewed.
//!
//! False alarms: for a stationary M/M/1 at a load of 0.9 at most 1% of experiments, whatever the
//! window; measured 0.4% with one replication of 20 windows, each 1/36 of the relaxation time, and
//! none of 2 000 with windows of 1/4 of it or more. Detection, at a load of 1.05 from empty: 96%
//! with one replication of 39 000 service times, all of 200 with five replications of 9 800. The
//! rule cannot tell from overload a load that rises, nor a warm-up that is not over.

use super::{Tally, t_quantile};

/// Fewest batches in half a replication, if it has as many windows.
const BATCHES: usize = 10;
/// Fewest steps to judge by.
const STEPS: u64 = 5;
/// Probability of an alarm without growth, nominally.
const ALPHA: f64 = 0.01;
/// Least growth over half a replication that matters, as a share of the mean level.
const GROWTH: f64 = 0.1;
/// Variance of the steps of a random walk over that of the steps of its window means.
const AVERAGING: f64 = 1.5;

/// Whether the mean backlog per window, a series per replication, still grows in the later half.
/// `None` if there are too few windows to tell: one replication needs eleven, several less each.
pub fn grows(per_replication: &[Vec<f64>]) -> Option<bool> {
    let mut steps = Tally::new();
    let mut levels = Tally::new();
    for windows in per_replication {
        let half = &windows[windows.len() / 2..];
        let mut later = None;
        // From the end backwards: what does not fill a batch is the earliest.
        for batch in half.rchunks_exact((half.len() / BATCHES).max(1)) {
            let mean = batch.iter().sum::<f64>() / batch.len() as f64;
            levels.add(mean);
            if let Some(later) = later.replace(mean) {
                steps.add(later - mean);
            }
        }
    }
    if steps.count() < STEPS {
        return None;
    }
    let n = steps.count() as f64;
    let error = libm::sqrt(AVERAGING * steps.variance() / n);
    let significant = steps.mean() > t_quantile(steps.count() as usize - 1, 1.0 - ALPHA) * error;
    let growth = steps.mean() * n / per_replication.len() as f64;
    Some(significant && growth >= GROWTH * levels.mean())
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    /// Mean number in an M/M/1 queue per window, seen at the ticks of the sum of both rates: each
    /// tick is an arrival or a (possibly idle) departure, a Lindley recursion in steps of one.
    fn windows(random: &mut Random, load: f64, start: u64, count: usize, ticks: u64) -> Vec<f64> {
        let arrival = (load / (1.0 + load) * u64::MAX as f64) as u64;
        let mut number = start;
        let mut window = || {
            let mut area = 0;
            for _ in 0..ticks {
                let arrives = random.bits() < arrival;
                number = if arrives { number + 1 } else { number.saturating_sub(1) };
                area += number;
            }
            area as f64 / ticks as f64
        };
        (0..count).map(|_| window()).collect()
    }

    /// The number in a stationary M/M/1 queue is geometric.
    fn stationary(random: &mut Random, load: f64) -> u64 {
        (libm::log(random.uniform()) / libm::log(load)) as u64
    }

    fn alarms(replications: usize, count: usize, ticks: u64, runs: u64) -> usize {
        let run = |seed: &u64| {
            let mut random = Random::new(*seed);
            let mut replicate = |_| {
                let start = stationary(&mut random, 0.9);
                windows(&mut random, 0.9, start, count, ticks)
            };
            grows(&(0..replications).map(&mut replicate).collect::<Vec<_>>()) == Some(true)
        };
        (0..runs).filter(run).count()
    }

    #[test]
    fn a_stationary_queue_seldom_raises_the_alarm() {
        // The relaxation time at a load of 0.9 is 722 ticks.
        for (replications, count, ticks, runs) in [
            (1, 20, 20, 2_000),
            (1, 60, 70, 1_000),
            (5, 20, 70, 1_000),
            (5, 20, 700, 400),
            (1, 20, 7_000, 200),
        ] {
            let alarms = alarms(replications, count, ticks, runs);
            assert!(alarms as u64 * 100 <= runs, "{alarms} of {runs}, {ticks} ticks a window");
        }
    }

    #[test]
    fn an_overloaded_queue_raises_the_alarm() {
        for (replications, ticks, at_least) in [(1, 2_000, 180), (5, 500, 196)] {
            let grown = |seed: &u64| {
                let mut random = Random::new(*seed);
                let mut replicate = |_| windows(&mut random, 1.05, 0, 40, ticks);
                grows(&(0..replications).map(&mut replicate).collect::<Vec<_>>()) == Some(true)
            };
            let detected = (0..200).filter(grown).count();
            assert!(detected >= at_least, "{replications} replications: {detected} of 200");
        }
    }

    #[test]
    fn growth_without_noise_is_seen_and_a_level_or_a_decline_is_not() {
        let line = |slope: f64| vec![(0..40).map(|i| 100.0 + slope * f64::from(i)).collect()];
        assert_eq!(grows(&line(1.0)), Some(true));
        assert_eq!(grows(&line(0.0)), Some(false));
        assert_eq!(grows(&line(-1.0)), Some(false));
        // Sure, but only 2% of the level.
        assert_eq!(grows(&line(0.1)), Some(false));
    }

    #[test]
    fn too_few_windows_are_not_judged() {
        assert_eq!(grows(&[]), None);
        assert_eq!(grows(&[vec![1.0; 10]]), None);
        assert_eq!(grows(&[vec![1.0; 11]]), Some(false));
        assert_eq!(grows(&[vec![], vec![1.0]]), None);
        assert_eq!(grows(&vec![vec![0.0; 4]; 5]), Some(false));
    }
}
