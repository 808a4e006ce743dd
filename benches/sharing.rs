//! What one request costs with so many present at one server: processors shared by all, beside
//! processors that run one job to its end.

// A bench reads the clock.
#![allow(clippy::disallowed_methods)]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::load_text;

/// Requests of a run: enough to make nothing of its beginning.
const LEAST: u64 = 500_000;

/// The time of `count` requests at one core, with as many users who never think.
fn requests(scheduling: &str, present: u64, count: u64) -> Duration {
    let requests = count.max(LEAST);
    let text = format!(
        "
duration: {requests}ms
warmup: 0
replications: 1
clients:
  users: {{users: {{count: {present}, think: 0}}, target: app, timeout: none, requests: {{get: {{}}}}}}
topology:
  app: {{server: {{workers: unlimited, scheduling: {scheduling}, endpoints: {{get: [cpu: exp(1ms)]}}}}}}
"
    );
    let scenario = load_text(Path::new("sharing"), &text, &[]);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let results = replicate(&scenario, &Plan { progress: &(), stop: &stop });
    let elapsed = start.elapsed();
    let done = results.expect("nothing stops it").total.arrivals;
    elapsed.mul_f64(count as f64 / done as f64)
}

fn sharing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    for present in [10, 1_000, 10_000, 100_000] {
        for scheduling in ["processor_sharing", "run_to_completion", "preemptive_priority"] {
            group.bench_function(BenchmarkId::new(scheduling, present), |b| {
                b.iter_custom(|count| requests(scheduling, present, count));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, sharing);
criterion_main!(benches);
