use statrs::distribution::{self as exact, ContinuousCDF};

use super::*;
use crate::engine::{Draws, Stream};

type Cdf = Box<dyn Fn(f64) -> f64>;

/// A distribution, P(X <= x) by other means, and up to which power its moments are finite.
struct Example {
    dist: Dist,
    cdf: Cdf,
    moments: f64,
}

fn family(name: &str, values: &[f64]) -> Dist {
    (FAMILIES.iter().find(|family| family.name == name).expect("listed").make)(values)
        .expect("valid")
}

fn example(dist: Dist, cdf: impl Fn(f64) -> f64 + 'static) -> Example {
    Example { dist, cdf: Box::new(cdf), moments: f64::INFINITY }
}

/// Against statrs, whose parameters are given.
fn against(dist: Dist, other: impl ContinuousCDF<f64, f64> + 'static) -> Example {
    example(dist, move |x| other.cdf(x))
}

fn pareto(shape: f64) -> Example {
    let other = exact::Pareto::new(2.0, shape).expect("valid");
    Example { moments: shape, ..against(family("pareto", &[shape, 2.0]), other) }
}

fn bounded(shape: f64) -> Example {
    example(family("bounded_pareto", &[1.0, 50.0, shape]), move |x| {
        let below = |x: f64| 1.0 - libm::pow(x, -shape);
        if x < 1.0 { 0.0 } else { below(x.min(50.0)) / below(50.0) }
    })
}

fn truncated(mean: f64, sd: f64) -> Example {
    let other = exact::Normal::new(mean, sd).expect("valid");
    let zero = other.cdf(0.0);
    example(family("normal", &[mean, sd]), move |x| (other.cdf(x) - zero) / (1.0 - zero))
}

fn gamma(cv: f64) -> Example {
    let shape = 1.0 / (cv * cv);
    let other = exact::Gamma::new(shape, shape / 3.0).expect("valid");
    against(family("gamma", &[3.0, cv]), other)
}

fn weibull(shape: f64) -> Example {
    let dist = family("weibull", &[3.0, shape]);
    let Dist::Weibull { scale, .. } = dist else { panic!("a Weibull distribution") };
    against(dist, exact::Weibull::new(shape, scale).expect("valid"))
}

fn exponential(mean: f64) -> impl Fn(f64) -> f64 {
    move |x: f64| if x < 0.0 { 0.0 } else { 1.0 - libm::exp(-x / mean) }
}

fn mixtures() -> Vec<Example> {
    // Balanced means at squared cv 4, as published.
    let hyper = example(family("hyperexp", &[0.01, 2.0]), |x| {
        let (p, fast, slow) = (0.8872983346207417, 0.005635083268962915, 0.04436491673103709);
        p * exponential(fast)(x) + (1.0 - p) * exponential(slow)(x)
    });
    let pair = vec![(9.0, Dist::Exponential(1.0)), (0.0, Dist::Constant(9.0))];
    let nested = Dist::mixture([pair, vec![(1.0, Dist::Exponential(20.0))]].concat());
    let nested = Dist::mixture(vec![(3.0, Dist::shifted(2.0, nested)), (1.0, Dist::Constant(1.0))]);
    let nested = example(nested, |x| {
        let inner = 0.9 * exponential(1.0)(x - 2.0) + 0.1 * exponential(20.0)(x - 2.0);
        0.75 * inner + if x >= 1.0 { 0.25 } else { 0.0 }
    });
    let shifted = Dist::shifted(2.0, Dist::Exponential(3.0));
    vec![hyper, nested, example(shifted, |x| exponential(3.0)(x - 2.0))]
}

/// Equally likely values, and weights from 1 to 10^6 that would defeat a guide read carelessly.
fn tables() -> Vec<Example> {
    let values: Vec<f64> = (0..1000).map(|i| f64::from(i * i % 997)).collect();
    let (of, n) = (values.clone(), values.len() as f64);
    let equal = example(Dist::values(values), move |x| {
        of.iter().filter(|value| **value <= x).count() as f64 / n
    });
    let weight = |i: i32| if i % 50 == 7 { 1e6 } else { f64::from(i % 3) };
    let total: f64 = (0..500).map(weight).sum();
    let entries = (0..500).rev().map(|i| (weight(i), f64::from(i))).collect();
    let weighted = example(Dist::weighted_values(entries), move |x| {
        (0..500).filter(|i| f64::from(*i) <= x).map(weight).sum::<f64>() / total
    });
    vec![equal, weighted]
}

fn examples() -> Vec<Example> {
    let erlang = |stages: u32| {
        let other = exact::Erlang::new(u64::from(stages), f64::from(stages) / 3.0);
        against(family("erlang", &[f64::from(stages), 3.0]), other.expect("valid"))
    };
    let lognormal = |cv: f64| {
        let variance = libm::log1p(cv * cv);
        let other = exact::LogNormal::new(libm::log(3.0) - variance / 2.0, variance.sqrt());
        against(family("lognormal", &[3.0, cv]), other.expect("valid"))
    };
    let mut examples = vec![
        example(family("const", &[3.0]), |x| if x >= 3.0 { 1.0 } else { 0.0 }),
        example(family("exp", &[3.0]), exponential(3.0)),
        against(family("uniform", &[1.0, 4.0]), exact::Uniform::new(1.0, 4.0).expect("valid")),
        lognormal(2.0),
        lognormal(0.3),
        erlang(1),
        erlang(5),
    ];
    examples.extend([(0.0, 1.0), (3.0, 0.5), (3.0, 4.0)].map(|(mean, sd)| truncated(mean, sd)));
    examples.extend([0.1, 0.7, 1.0, 2.0].map(gamma));
    examples.extend([0.5, 1.0, 4.0].map(weibull));
    examples.extend([1.2, 2.5, 4.5, 12.0].map(pareto));
    examples.extend([0.5, 1.0, 1.5, 2.0].map(bounded));
    examples.extend(mixtures());
    examples.extend(tables());
    examples
}

/// The place of each variant in the list of them. A new one does not compile until it is here, and
/// the test below fails until it has an example.
fn variant(dist: &Dist) -> usize {
    match dist {
        Dist::Constant(_) => 0,
        Dist::Exponential(_) => 1,
        Dist::Uniform { .. } => 2,
        Dist::Lognormal { .. } => 3,
        Dist::Erlang { .. } => 4,
        Dist::Normal { .. } => 5,
        Dist::Gamma { .. } => 6,
        Dist::Weibull { .. } => 7,
        Dist::Pareto { .. } => 8,
        Dist::BoundedPareto(_) => 9,
        Dist::Shifted(_) => 10,
        Dist::Mixture(_) => 11,
        Dist::Table(_) => 12,
    }
}

#[test]
fn every_variant_has_an_example() {
    let mut found: Vec<usize> = examples().iter().map(|example| variant(&example.dist)).collect();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found, (0..=12).collect::<Vec<_>>());
}

fn sample(dist: &Dist, seed: u64, n: u64) -> Vec<f64> {
    let stream = Stream::root(seed, 0);
    (0..n).map(|j| dist.draw(&mut stream.at(j).draws())).collect()
}

/// Each sample mean and variance lies within 5 standard errors of the exact one: a false alarm
/// about once in 10^5 runs over fresh seeds. The standard error of the variance is taken from the
/// sample's own fourth moment. Where the variance is infinite the mean has no standard error, and
/// where the fourth moment is, the variance has none; their quantiles are held below.
#[test]
fn samples_have_the_exact_mean_and_variance() {
    let n = 400_000;
    for (i, Example { dist, moments, .. }) in examples().iter().enumerate() {
        let sample = sample(dist, 11 + i as u64, n);
        let about = |power: i32| {
            sample.iter().map(|x| (x - dist.mean()).powi(power)).sum::<f64>() / n as f64
        };
        let (shift, variance, fourth) = (about(1), about(2), about(4));
        let error = (dist.variance() / n as f64).sqrt();
        assert!(shift.abs() <= 5.0 * error + 1e-12, "{dist:?}: mean off by {shift}");
        assert_eq!(dist.variance().is_finite(), *moments > 2.0, "{dist:?}");
        if *moments > 4.0 {
            let error = ((fourth - variance * variance) / n as f64).sqrt();
            let off = variance - dist.variance();
            assert!(off.abs() <= 5.0 * error + 1e-12, "{dist:?}: variance off by {off}");
        }
    }
}

/// Kolmogorov and Smirnov: the share of the sample up to any x is within d of P(X <= x), but for
/// one time in a million with each distribution over fresh seeds. That bound, 2 exp(-2 n d^2), is
/// Massart's (Annals of Probability 18, 1990); it holds for every n, and where values repeat.
#[test]
fn samples_follow_the_exact_distribution() {
    let n = 200_000;
    let d = (libm::log(2.0 / 1e-6) / (2.0 * n as f64)).sqrt();
    for (i, Example { dist, cdf, .. }) in examples().iter().enumerate() {
        let mut sample = sample(dist, 101 + i as u64, n);
        sample.sort_by(f64::total_cmp);
        let mut below = 0;
        while below < sample.len() {
            let x = sample[below];
            let up_to = below + sample[below..].partition_point(|other| *other == x);
            let just_below = x - (x.abs() * 1e-9).max(1e-300);
            for (count, exact) in [(below, cdf(just_below)), (up_to, cdf(x))] {
                let share = count as f64 / n as f64;
                assert!((share - exact).abs() <= d, "{dist:?} at {x}: {share} for {exact}");
            }
            below = up_to;
        }
    }
}

/// By inversion: one number for one sample, and a greater one never gives less.
#[test]
fn common_random_numbers_couple() {
    let streams: Vec<Stream> = (0..2_000).map(|j| Stream::root(5, 0).at(j)).collect();
    for Example { dist, .. } in examples() {
        use Dist::{Constant, Erlang, Gamma, Mixture, Shifted};
        if matches!(dist, Constant(_) | Erlang { .. } | Gamma { .. } | Mixture(_) | Shifted(_)) {
            continue;
        }
        let mut pairs = Vec::new();
        for stream in &streams {
            let (mut draws, mut beside) = (stream.draws(), stream.draws());
            pairs.push((beside.unit(), dist.draw(&mut draws)));
            assert_eq!(draws.bits(), beside.bits(), "{dist:?} takes one number");
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(pairs.is_sorted_by(|a, b| a.1 <= b.1), "{dist:?} increases");
    }
}

/// The gamma distribution is the exception: twice the mean is twice each sample all the same, and
/// of a cv a little different the samples are nearly the same.
#[test]
fn gamma_samples_couple_nearly() {
    let [one, double, other] =
        [[3.0, 0.7], [6.0, 0.7], [3.0, 0.72]].map(|p| sample(&family("gamma", &p), 3, 10_000));
    assert!(one.iter().zip(&double).all(|(a, b)| (b / a - 2.0).abs() < 1e-12));
    let product =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - 3.0) * (b - 3.0)).sum() };
    let root = libm::sqrt(product(&one, &one) * product(&other, &other));
    let correlation = product(&one, &other) / root;
    assert!(correlation > 0.99, "{correlation}");
}

#[test]
fn moments_are_those_of_the_textbook() {
    let check = |dist: Dist, mean: f64, variance: f64| {
        let close =
            |found: f64, expected: f64| found == expected || (found / expected - 1.0).abs() < 1e-9;
        let found = (dist.mean(), dist.variance());
        assert!(close(found.0, mean) && close(found.1, variance), "{dist:?}: {found:?}");
    };
    check(family("lognormal", &[3.0, 2.0]), 3.0, 36.0);
    check(family("lognormal", &[3.0, 0.3]), 3.0, 0.81);
    check(family("erlang", &[5.0, 3.0]), 3.0, 9.0 / 5.0);
    check(family("gamma", &[3.0, 2.0]), 3.0, 36.0);
    check(family("gamma", &[3.0, 0.0]), 3.0, 0.0);
    check(family("hyperexp", &[3.0, 2.0]), 3.0, 36.0);
    check(family("hyperexp", &[3.0, 1.0]), 3.0, 9.0);
    check(family("weibull", &[3.0, 1.0]), 3.0, 9.0);
    check(family("weibull", &[3.0, 0.5]), 3.0, 45.0);
    // The half normal distribution, and one that is hardly cut.
    let half = (2.0 / std::f64::consts::PI).sqrt();
    check(family("normal", &[0.0, 1.0]), half, 1.0 - 2.0 / std::f64::consts::PI);
    check(family("normal", &[10.0, 1.0]), 10.0, 1.0);
    // Squared cv 1/(a(a-2)).
    let minimum = 0.007777777777777778;
    check(family("pareto", &[4.5, minimum]), 0.01, 0.0001 / (4.5 * 2.5));
    check(family("pareto", &[1.5, 2.0]), 6.0, f64::INFINITY);
    check(Dist::Pareto { minimum: 1.0, shape: 1.0 }, f64::INFINITY, f64::INFINITY);
    // ln(h/l) l h/(h-l), and l h less the square of it; the limit of great shapes is the bound.
    let mean = 2.0 * libm::log(2.0);
    check(family("bounded_pareto", &[1.0, 2.0, 1.0]), mean, 2.0 - mean * mean);
    check(Dist::weighted_values(vec![(3.0, 1.0), (1.0, 5.0)]), 2.0, 3.0);
    check(Dist::values(vec![5.0, 1.0, 1.0, 1.0]), 2.0, 3.0);
    check(Dist::values(vec![4.0]), 4.0, 0.0);
    let infinite = Dist::Pareto { minimum: 1.0, shape: 0.5 };
    let mixture = vec![(1.0, infinite), (1.0, Dist::Constant(1.0))];
    check(Dist::mixture(mixture), f64::INFINITY, f64::INFINITY);
}

/// The mean gives the same distribution as the minimum that belongs to it.
#[test]
fn a_pareto_by_its_mean_has_that_mean() {
    let by_mean = FAMILIES.iter().filter(|family| family.name == "pareto").nth(1).expect("two");
    let dist = (by_mean.make)(&[2.5, 10.0]).expect("valid");
    assert_eq!(dist, Dist::Pareto { minimum: 6.0, shape: 2.5 });
    assert!((dist.mean() - 10.0).abs() < 1e-12);
}

#[test]
fn the_least_and_the_greatest_numbers_give_amounts() {
    let mut all = examples();
    all.push(gamma(100.0));
    all.push(weibull(0.1));
    for Example { dist, .. } in all {
        for bits in [0, u64::MAX] {
            let mut draws = Draws::giving(bits);
            assert_eq!(draws.clone().bits(), bits);
            let value = dist.draw(&mut draws);
            assert!(value >= 0.0 && value.is_finite(), "{dist:?}: {value}");
        }
    }
}

/// It stands in every step of every station, and lies in the way of every event.
#[test]
fn a_distribution_stays_small() {
    assert!(size_of::<Dist>() <= 24);
}

#[test]
fn parameters_that_make_no_distribution_are_refused() {
    let refused: &[(&str, &[f64])] = &[
        ("exp", &[0.0]),
        ("uniform", &[2.0, 1.0]),
        ("lognormal", &[0.0, 1.0]),
        ("lognormal", &[1.0, 101.0]),
        ("erlang", &[0.0, 1.0]),
        ("erlang", &[1.5, 1.0]),
        ("gamma", &[0.0, 1.0]),
        ("gamma", &[1.0, 101.0]),
        ("weibull", &[1.0, 0.0]),
        ("weibull", &[0.0, 1.0]),
        ("hyperexp", &[1.0, 0.9]),
        ("hyperexp", &[0.0, 2.0]),
        ("pareto", &[1.0, 1.0]),
        ("pareto", &[2.0, 0.0]),
        ("bounded_pareto", &[0.0, 1.0, 1.0]),
        ("bounded_pareto", &[2.0, 2.0, 1.0]),
        ("bounded_pareto", &[1.0, 2.0, 0.0]),
    ];
    for (name, values) in refused {
        let family = FAMILIES.iter().find(|family| family.name == *name).expect("listed");
        assert!((family.make)(values).is_err(), "{name}{values:?}");
    }
}
