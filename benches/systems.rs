//! Whole systems, each beside the floor of its events. `ratio` compares the two with more care.

mod floor;
mod workload;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use workload::{WORKLOADS, run};

/// Requests in one run.
const REQUESTS: u64 = 200_000;

fn systems(criterion: &mut Criterion) {
    for workload in WORKLOADS {
        let mut group = criterion.benchmark_group(workload.name);
        group.throughput(Throughput::Elements(REQUESTS)).sample_size(10);
        let sojourn = (workload.floor)(10 * REQUESTS, 1);
        assert!((sojourn / workload.sojourn - 1.0).abs() < 0.05, "the floor is the same system");
        group.bench_function("floor", |b| b.iter(|| (workload.floor)(REQUESTS, black_box(1))));
        let scenario = workload.scenario(REQUESTS, 1);
        group.bench_function("program", |b| b.iter(|| run(black_box(&scenario))));
        group.finish();
    }
}

criterion_group!(benches, systems);
criterion_main!(benches);
