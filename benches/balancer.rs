//! Picking the backend with the fewest connections, ties at random: the tournament beside a scan of
//! all. One round is a choice, a request sent and another answered.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deploysim::engine::{Draws, Stream, Tournament};

/// Counts of outstanding requests, of which there are as many as backends.
struct Counts {
    of: Vec<u64>,
    /// The backends of those in flight, answered in any order.
    in_flight: Vec<usize>,
    draws: Draws,
}

impl Counts {
    fn new(backends: usize) -> Counts {
        let draws = Stream::root(1, 0).draws();
        Counts { of: vec![1; backends], in_flight: (0..backends).collect(), draws }
    }

    /// Replaces one in flight by one at `chosen`; returns the backend that has answered.
    fn replace(&mut self, chosen: usize) -> usize {
        let place = self.draws.below(self.in_flight.len());
        let answered = std::mem::replace(&mut self.in_flight[place], chosen);
        self.of[chosen] += 1;
        self.of[answered] -= 1;
        answered
    }
}

/// The least, then any of those that have it.
fn scan(counts: &mut Counts) -> usize {
    let least = *counts.of.iter().min().expect("there are backends");
    let tied = counts.of.iter().filter(|&&count| count == least).count();
    let nth = counts.draws.below(tied);
    let mut ties = counts.of.iter().enumerate().filter(|&(_, &count)| count == least);
    ties.nth(nth).map_or(0, |(index, _)| index)
}

fn pick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("least of");
    group.throughput(Throughput::Elements(1));
    for backends in [10, 100, 1_000, 10_000] {
        let mut counts = Counts::new(backends);
        let mut tournament = Tournament::new(backends);
        (0..backends).for_each(|backend| tournament.set(backend, 1));
        let mut draws = Stream::root(2, 0).draws();
        group.bench_function(BenchmarkId::new("tournament", backends), |b| {
            b.iter(|| {
                let chosen = tournament.any(|| Stream::root(draws.bits(), 0).draws());
                let answered = counts.replace(black_box(chosen));
                tournament.set(chosen, counts.of[chosen]);
                tournament.set(answered, counts.of[answered]);
            });
        });
        let mut counts = Counts::new(backends);
        group.bench_function(BenchmarkId::new("scan", backends), |b| {
            b.iter(|| {
                let chosen = scan(&mut counts);
                counts.replace(black_box(chosen));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, pick);
criterion_main!(benches);
