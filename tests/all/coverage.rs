//! How often intervals hold the truth: a sample by the simulator itself. The study is
//! `benches/coverage`, and its page `docs/coverage.md`.

use std::path::Path;

use deploysim::scenario::load_text;

/// M/M/1 at 0.8, 50 requests a second: latency is exponential with a mean of 80 ms.
fn queue(seed: u64) -> String {
    format!(
        "seed: {seed}\nduration: 40s\nwarmup: 20s\nreplications: 8\n\
         clients: {{users: {{arrivals: poisson(50/s), target: app, timeout: none, \
         requests: {{get: }}}}}}\n\
         topology:\n  app:\n    server: {{cores: 1, workers: 1, queue: {{limit: unlimited}}, \
         endpoints: {{get: [cpu: exp(16ms)]}}}}\n"
    )
}

/// 30 experiments of 8 replications of 20 s. Of intervals that hold the truth with a probability of
/// 93% fewer than 22 of 30 do so one time in 2,000 (binomial; more than 30 cannot).
#[test]
fn a_sample_of_intervals_holds_the_truth() {
    let mean = 0.08;
    let truth = [mean, mean * libm::log(2.0), mean * libm::log(10.0)];
    let mut held = [0; 3];
    for seed in 1..=30 {
        let scenario = load_text(Path::new("queue.yaml"), &queue(seed), &[]);
        let results = scenario.unwrap_or_else(|faults| panic!("{faults}")).run();
        let figures = &results.total.measures;
        let found = ["mean_latency", "p50", "p90"].map(|name| figures.estimate(name));
        for ((held, found), truth) in held.iter_mut().zip(found).zip(truth) {
            *held += usize::from((found.low()..=found.high()).contains(&truth));
        }
    }
    assert!(held.iter().all(|held| *held >= 22), "{held:?} of 30");
}
