//! Where the start of a run stops to matter: MSER-5 (White, Cobb and Spratt 2000).

const BATCH: usize = 5;

/// How much of the start of a series to leave out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// Batches of five to leave out.
    pub batches: usize,
    /// Observations to leave out: five times as many.
    pub observations: usize,
    /// The least marginal standard error, squared, that decided it.
    pub statistic: f64,
    /// The mean of what is kept, up to the last whole batch; not-a-number if there is none.
    pub mean: f64,
    /// Whether the best point lies inside the first half. If not, the series is too short to tell.
    pub converged: bool,
}

/// Finds the truncation point d, of at most half the batches, where the squared error of the mean
/// of the batches kept, `sum((z - mean)²) / kept²`, is least; the earliest of equal ones. Takes one
/// pass, from the end.
pub fn mser5(series: &[f64]) -> Truncation {
    let whole = series.len() / BATCH;
    let latest = whole / 2;
    let mut best = Truncation {
        batches: 0,
        observations: 0,
        statistic: f64::INFINITY,
        mean: f64::NAN,
        converged: false,
    };
    let (mut mean, mut squares) = (0.0, 0.0);
    for batches in (0..whole).rev() {
        let batch = &series[batches * BATCH..(batches + 1) * BATCH];
        let value = batch.iter().sum::<f64>() / BATCH as f64;
        let kept = (whole - batches) as f64;
        let delta = value - mean;
        mean += delta / kept;
        squares += delta * (value - mean);
        let statistic = squares / (kept * kept);
        if batches <= latest && statistic <= best.statistic {
            let observations = batches * BATCH;
            best = Truncation { batches, observations, statistic, mean, converged: true };
        }
    }
    best.converged &= best.batches < latest;
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference series: an exponential decline from 13 to 3 under a saw-tooth of height 1.
    fn reference(n: u64, tau: f64) -> Vec<f64> {
        let value = |t: u64| {
            let saw = (7_919 * t % 1_009) as f64 / 1_009.0;
            3.0 + 10.0 * libm::exp(-(t as f64) / tau) + saw
        };
        (0..n).map(value).collect()
    }

    #[test]
    fn the_reference_series_is_cut_at_batch_47() {
        let found = mser5(&reference(5_000, 50.0));
        assert_eq!((found.batches, found.observations, found.converged), (47, 235, true));
        assert!((found.mean / 3.500_495_874_157_141_3 - 1.0).abs() < 1e-9);
        assert!((found.statistic / 8.459_540_603_958_263e-6 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_pass_finds_what_the_definition_says() {
        let series = reference(404, 30.0);
        let z: Vec<f64> = series.chunks_exact(5).map(|b| b.iter().sum::<f64>() / 5.0).collect();
        let statistic = |d: usize| {
            let kept = (z.len() - d) as f64;
            let mean = z[d..].iter().sum::<f64>() / kept;
            z[d..].iter().map(|z| (z - mean) * (z - mean)).sum::<f64>() / (kept * kept)
        };
        let least = (0..=z.len() / 2).min_by(|&a, &b| statistic(a).total_cmp(&statistic(b)));
        assert_eq!(Some(mser5(&series).batches), least);
    }

    #[test]
    fn a_series_that_never_settles_does_not_converge() {
        let found = mser5(&reference(500, 300.0));
        assert_eq!((found.batches, found.converged), (50, false));
    }

    #[test]
    fn a_constant_series_is_kept_whole_and_a_short_one_is_not_judged() {
        let found = mser5(&[2.0; 100]);
        assert_eq!((found.batches, found.mean, found.statistic), (0, 2.0, 0.0));
        assert!(found.converged);
        let short = mser5(&[1.0; 4]);
        assert!(short.mean.is_nan() && !short.converged && short.observations == 0);
        assert!(!mser5(&[1.0; 9]).converged);
    }
}
