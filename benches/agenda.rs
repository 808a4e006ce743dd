//! The hold model: take the earliest event and schedule one an exponential time later, with so many
//! pending. Beside the agenda, the standard library's heap.

// A bench reads the clock.
#![allow(clippy::disallowed_methods)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deploysim::engine::{self, Agenda, Dist, Draws, Model, Stream};
use deploysim::units::{Span, Time};

/// Simulated time between two events, whatever number is pending [ns].
const GAP: u64 = 1_000_000;

/// Delays that keep the events [`GAP`] apart with this many pending.
struct Delays {
    dist: Dist,
    draws: Draws,
}

impl Delays {
    fn new(pending: u64) -> Delays {
        let dist = Dist::Exponential((pending * GAP) as f64);
        Delays { dist, draws: Stream::root(1, pending).draws() }
    }

    fn next(&mut self) -> u64 {
        self.dist.draw(&mut self.draws) as u64
    }
}

impl Model for Delays {
    type Event = u64;

    fn handle(&mut self, event: u64, agenda: &mut Agenda<u64>) {
        agenda.schedule(Span::from_nanos(self.next()), event);
    }
}

fn filled_agenda(pending: u64, delays: &mut Delays) -> Agenda<u64> {
    let mut agenda = Agenda::new();
    (0..pending).for_each(|event| delays.handle(event, &mut agenda));
    agenda
}

/// The time of `count` events. The agenda stops at a time and not at a count, so the count is met
/// on average only; the difference is taken out.
fn hold_agenda(agenda: &mut Agenda<u64>, delays: &mut Delays, count: u64) -> Duration {
    let end: Time = agenda.now() + Span::from_nanos(count * GAP);
    let start = Instant::now();
    let happened = engine::run(delays, agenda, end);
    start.elapsed().mul_f64(count as f64 / happened.max(1) as f64)
}

type Heap = BinaryHeap<Reverse<(u64, u64, u64)>>;

fn hold_heap(heap: &mut Heap, delays: &mut Delays, count: u64) -> Duration {
    let mut sequence = heap.len() as u64;
    let start = Instant::now();
    for _ in 0..count {
        let Reverse((now, _, event)) = heap.pop().expect("as many pending as ever");
        sequence += 1;
        heap.push(Reverse((now + delays.next(), sequence, event)));
    }
    start.elapsed()
}

fn hold(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hold");
    group.throughput(Throughput::Elements(1));
    for pending in [10, 1_000, 100_000, 1_000_000] {
        let mut delays = Delays::new(pending);
        let mut agenda = filled_agenda(pending, &mut delays);
        group.bench_function(BenchmarkId::new("agenda", pending), |b| {
            b.iter_custom(|count| hold_agenda(&mut agenda, &mut delays, count));
        });
        let mut heap: Heap = (0..pending).map(|n| Reverse((delays.next(), n, n))).collect();
        group.bench_function(BenchmarkId::new("BinaryHeap", pending), |b| {
            b.iter_custom(|count| hold_heap(&mut heap, &mut delays, count));
        });
    }
    group.finish();
}

criterion_group!(benches, hold);
criterion_main!(benches);
