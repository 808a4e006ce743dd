//! The statistics themselves, on series whose properties are known.

use deploysim::engine::Stream;
use deploysim::stats::acceptance::{Decision, Kind, Reference, Stage, judge};
use deploysim::stats::{Estimate, mser5};
use rayon::prelude::*;

/// MSER-1: a decline from 13 to 3 under a saw-tooth is cut at batch 47.
#[test]
fn mser5_cuts_the_reference_series_where_it_should() {
    let value = |t: u64| {
        let saw = (7_919 * t % 1_009) as f64 / 1_009.0;
        3.0 + 10.0 * libm::exp(-(t as f64) / 50.0) + saw
    };
    let series: Vec<f64> = (0..5_000).map(value).collect();
    let found = mser5(&series);
    assert_eq!((found.batches, found.observations), (47, 235));
    assert!((found.mean / 3.500_495_874_157_141_3 - 1.0).abs() < 1e-9);
    assert!((found.statistic / 8.459_540_603_958_263e-6 - 1.0).abs() < 1e-9);
    let whole = series.iter().sum::<f64>() / 5_000.0;
    assert!((whole / 3.600_614_829_842_330_6 - 1.0).abs() < 1e-9);
}

const FACTOR: f64 = 0.9;
/// Values in a series; the memory of a series is ten of them.
const LENGTH: usize = 1_000;

/// A stationary AR(1) series, x' = 0.9 x + normal.
fn autoregressive(stream: Stream) -> Vec<f64> {
    let mut draws = stream.draws();
    let mut normal = || {
        let (radius, angle) = (1.0 - draws.unit(), draws.unit());
        libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(std::f64::consts::TAU * angle)
    };
    let mut x = normal() / libm::sqrt(1.0 - FACTOR * FACTOR);
    let mut next = || {
        x = FACTOR * x + normal();
        x
    };
    (0..LENGTH).map(|_| next()).collect()
}

/// METH-AR1: values that resemble each other make an interval for independent ones hold a third of
/// the time instead of nineteen times of twenty. Hence replications.
#[test]
fn intervals_of_dependent_values_cover_as_little_as_theory_says() {
    let series_each = if cfg!(debug_assertions) { 40 } else { 4_000 };
    let replication = |replication| {
        let (mut square, mut mean_square, mut covered) = (0.0, 0.0, 0.0);
        for series in 0..series_each {
            let values = autoregressive(Stream::root(1, replication).at(series));
            square += values.iter().map(|x| x * x).sum::<f64>() / LENGTH as f64;
            let estimate = Estimate::of(values);
            mean_square += estimate.mean * estimate.mean * LENGTH as f64;
            covered += f64::from(u8::from((estimate.low()..estimate.high()).contains(&0.0)));
        }
        [square, mean_square, covered].map(|sum| sum / series_each as f64)
    };
    let replications: Vec<[f64; 3]> = (0..30).into_par_iter().map(replication).collect();
    let [variance, of_the_mean, coverage] =
        [0, 1, 2].map(|of| replications.iter().map(|figures| figures[of]).collect::<Vec<f64>>());
    // n Var(mean) of n values is below its limit of 100 by 2 f / (n (1 - f)^2 (1 - f^2)).
    let limit = 100.0 - 2.0 * FACTOR / (LENGTH as f64 * 0.01 * 0.19);
    check(&variance, 1.0 / 0.19, Kind::Mean, 0.0);
    check(&of_the_mean, limit, Kind::Mean, 0.0);
    // The expected coverage is that of endless series.
    check(&coverage, 0.347_040_659_963_440_36, Kind::Prob, 0.003);
}

#[track_caller]
fn check(values: &[f64], expected: f64, kind: Kind, allowance: f64) {
    let reference = Reference { expected, kind, heavy: true, allowance, standard_error: 0.0 };
    let verdict = judge(values, &reference, Stage::First);
    let short = cfg!(debug_assertions) && verdict.t.abs() < 2.756;
    assert!(verdict.decision == Decision::Accept || short, "{verdict:?}");
}
