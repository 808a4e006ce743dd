//! What can be said of numbers that somebody else's simulation or measurement gave: where their
//! warm-up ends, and how sure their mean is.

use crate::stats::{BatchMeans, Estimate, Tally, Truncation, moving_average, mser5, widest_window};

/// Neighbours on each side of Welch's moving average, as a share of the values, if none are asked.
const USUAL_WINDOW: usize = 20;

/// A series with what is known of its mean.
#[derive(Clone, Debug)]
pub struct Replication {
    /// What it is called.
    pub name: String,
    /// How many values it has.
    pub values: usize,
    /// The mean of all values.
    pub whole: Mean,
    /// The mean without the warm-up, where it is known where that ends.
    pub kept: Option<Mean>,
}

/// A mean by batch means.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    /// The mean with its 95% interval; `n` is the number of batches.
    pub estimate: Estimate,
    /// Values in a batch.
    pub batch_length: u64,
    /// How much each batch resembles the next, from -1 to 1.
    pub correlation: Option<f64>,
}

/// What is known of replications of one series.
#[derive(Clone, Debug)]
pub struct OutputAnalysis {
    /// Each by itself.
    pub replications: Vec<Replication>,
    /// The mean over the replications of each value, as far as all of them go.
    pub averages: Vec<f64>,
    /// Where the warm-up of that mean ends.
    pub truncation: Truncation,
    /// Neighbours on each side of Welch's moving average.
    pub window: usize,
    /// Welch's moving average of that mean.
    pub welch: Vec<f64>,
    /// The mean of what is kept, over the means of several replications (Student's t).
    pub overall: Option<Estimate>,
}

/// Analyses replications of one series by their names. The window is at most a quarter of the
/// values of the shortest, as [`longest_window`] says; a twentieth if none is given.
pub fn analyse(series: &[(String, Vec<f64>)], window: Option<usize>) -> OutputAnalysis {
    let values = shortest(series);
    let across = |i| series.iter().map(|(_, numbers)| numbers[i]).collect::<Tally>().mean();
    let averages: Vec<f64> = (0..values).map(across).collect();
    let truncation = mser5(&averages);
    let usual = (values / USUAL_WINDOW).max(1);
    let window = window.unwrap_or(usual).min(widest_window(values));
    let replications: Vec<_> = series.iter().map(|(name, all)| of(name, all, truncation)).collect();
    let kept = replications.iter().filter_map(|one| Some(one.kept?.estimate.mean));
    let overall = (truncation.converged && series.len() > 1).then(|| Estimate::of(kept));
    let welch = moving_average(&averages, window);
    OutputAnalysis { replications, averages, truncation, window, welch, overall }
}

/// The widest window of Welch's moving average of these replications.
pub fn longest_window(series: &[(String, Vec<f64>)]) -> usize {
    widest_window(shortest(series))
}

fn shortest(series: &[(String, Vec<f64>)]) -> usize {
    series.iter().map(|(_, numbers)| numbers.len()).min().unwrap_or(0)
}

fn of(name: &str, all: &[f64], truncation: Truncation) -> Replication {
    let kept = truncation.converged.then(|| mean(&all[truncation.observations..]));
    Replication { name: name.to_owned(), values: all.len(), whole: mean(all), kept }
}

fn mean(values: &[f64]) -> Mean {
    let batches: BatchMeans = values.iter().copied().collect();
    let (estimate, correlation) = (batches.estimate(), batches.correlation());
    Mean { estimate, batch_length: batches.length(), correlation }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 40 values of 9 and then 160 that go from 4 to 6 and back.
    fn settling() -> Vec<f64> {
        (0..200).map(|i| if i < 40 { 9.0 } else { 4.0 + 2.0 * f64::from(i % 2) }).collect()
    }

    #[test]
    fn what_is_kept_is_what_follows_the_warm_up() {
        let found = analyse(&[("a".to_owned(), settling())], None);
        assert_eq!((found.truncation.observations, found.truncation.converged), (40, true));
        assert_eq!((found.window, found.welch.len()), (10, 190));
        let one = &found.replications[0];
        assert_eq!((one.whole.estimate.mean, one.whole.batch_length), (5.8, 8));
        let kept = one.kept.expect("the warm-up is found");
        assert_eq!((kept.estimate.mean, kept.estimate.half_width), (5.0, Some(0.0)));
        assert!(found.overall.is_none());
    }

    /// By hand: the means 5 and 6 have a standard error of 0.5, and t for one degree of freedom is
    /// 12.7062.
    #[test]
    fn several_replications_are_put_together() {
        let higher = settling().iter().map(|value| value + 1.0).chain([7.0; 5]).collect();
        let found = analyse(&[("a".to_owned(), settling()), ("b".to_owned(), higher)], Some(99));
        assert_eq!((found.averages.len(), found.averages[0], found.window), (200, 9.5, 50));
        let overall = found.overall.expect("two replications");
        let b = found.replications[1].kept.expect("the warm-up is found").estimate.mean;
        assert!((b - (6.0 * 160.0 + 7.0 * 5.0) / 165.0).abs() < 1e-12);
        let half_width = overall.half_width.expect("two replications");
        assert!((half_width - 12.7062 * (b - 5.0) / 2.0).abs() < 1e-4);
    }

    #[test]
    fn of_few_values_little_is_said() {
        let found = analyse(&[("a".to_owned(), vec![3.0])], None);
        assert!(!found.truncation.converged && found.replications[0].kept.is_none());
        assert_eq!((found.window, &found.welch[..]), (0, &[3.0][..]));
        assert!(found.replications[0].whole.estimate.half_width.is_none());
    }
}
