//! Drawing from distributions, each sample from a stream of its own as in a run. A million measured
//! values cost no more steps than a few: what they cost is the memory that is not at hand.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deploysim::engine::{Dist, FAMILIES, Stream};

const MILLION: u64 = 1_000_000;

fn family(name: &str, values: &[f64]) -> Dist {
    let family = FAMILIES.iter().find(|family| family.name == name).expect("a known family");
    (family.make)(values).expect("valid parameters")
}

/// So many values as an exponential distribution makes them.
fn measured(count: u64) -> impl Iterator<Item = f64> {
    let stream = Stream::root(1, 0);
    (0..count).map(move |n| Dist::Exponential(1e6).draw(&mut stream.at(n).draws()))
}

fn subjects() -> Vec<(&'static str, Dist)> {
    let weighted = |count| measured(count).zip(measured(count).skip(1)).collect();
    vec![
        ("const", family("const", &[1e6])),
        ("exp", family("exp", &[1e6])),
        ("empirical 100", Dist::values(measured(100).collect())),
        ("empirical 1M", Dist::values(measured(MILLION).collect())),
        ("empirical 1M, weighted", Dist::weighted_values(weighted(MILLION))),
        ("lognormal", family("lognormal", &[1e6, 2.0])),
        ("normal", family("normal", &[1e6, 1e5])),
        ("gamma 0.5", family("gamma", &[1e6, 0.5])),
        ("gamma 2", family("gamma", &[1e6, 2.0])),
        ("weibull", family("weibull", &[1e6, 0.5])),
        ("hyperexp", family("hyperexp", &[1e6, 2.0])),
        ("pareto", family("pareto", &[2.5, 1e6])),
        ("bounded_pareto", family("bounded_pareto", &[1e6, 1e9, 1.5])),
    ]
}

fn draw(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    group.throughput(Throughput::Elements(1));
    for (name, dist) in subjects() {
        let stream = Stream::root(2, 0);
        let mut n = 0;
        group.bench_function(name, |b| {
            b.iter(|| {
                n += 1;
                black_box(&dist).draw(&mut stream.at(n).draws())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, draw);
criterion_main!(benches);
