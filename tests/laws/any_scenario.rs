//! What holds whatever the scenario.

use deploysim::experiment::Results;
use proptest::prelude::*;

use crate::small::{SCHEDULING, small};
use crate::{at, run, utilisation};

/// What holds in every run, whatever the scenario.
pub(crate) fn holds(results: &Results, queue: u64) -> Result<(), TestCaseError> {
    for request in results.requests.iter().chain([&results.total]) {
        let outcomes: u64 = request.outcomes.iter().map(|outcome| outcome.count).sum();
        prop_assert_eq!(outcomes, request.arrivals);
        prop_assert_eq!(request.histogram.count(), request.outcomes[0].count);
    }
    let total: u64 = results.requests.iter().map(|request| request.arrivals).sum();
    prop_assert_eq!(total, results.total.arrivals);
    for component in &results.components {
        for resource in &component.resources {
            prop_assert!(resource.utilisation.mean <= 1.0 + 1e-12);
            prop_assert!(resource.busiest.mean <= 1.0 + 1e-12);
            // Where instances were down, one may be the busiest in each replication and none in all.
            let always_there = resource.capacity.fract() == 0.0;
            let most = resource.busiest.mean + 1e-12;
            prop_assert!(!always_there || resource.utilisation.mean <= most);
        }
        prop_assert!(component.wasted <= component.visits);
        prop_assert_eq!(component.waits.count(), component.sojourns.count());
        prop_assert!(component.waits.sum() <= component.sojourns.sum());
    }
    // Those who wait for one of three connections, and one with a connection but without a core.
    prop_assert!(at(results, "main").queue_max <= queue + 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 60 } else { 300 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Under debug assertions each run checks Little's law, the utilisation law and that nothing is
    /// lost, exactly.
    #[test]
    fn what_must_add_up_does(small in small()) {
        for scheduling in SCHEDULING {
            holds(&run(&small.yaml(scheduling)), small.queue)?;
        }
    }

    /// With room for all and nobody giving up, the order of service does not change how long a
    /// core is busy.
    #[test]
    fn sharing_and_queueing_do_the_same_work(
        rate in 10_u64..90,
        cores in 1_u64..4,
        seed in any::<u32>(),
        cpu in prop::sample::select(vec!["10ms", "exp(10ms)", "lognormal(mean=10ms, cv=2)"]),
    ) {
        let yaml = |scheduling: &str| format!("
seed: {seed}
duration: 30s
warmup: 0
replications: 1
clients: {{users: {{arrivals: poisson({rate}/s), target: app, timeout: none, requests: {{get: {{}}}}}}}}
topology:
  app:
    server:
      cores: {cores}
      scheduling: {scheduling}
      workers: unlimited
      queue: {{limit: unlimited}}
      endpoints: {{get: [{{cpu: \"{cpu}\"}}]}}
");
        let shared = run(&yaml("processor_sharing"));
        let queued = run(&yaml("run_to_completion"));
        prop_assert_eq!(shared.total.arrivals, queued.total.arrivals);
        let busy = |results: &Results| utilisation(results, "app", "cpu") * cores as f64 * 30.0;
        let (one, other) = (busy(&shared), busy(&queued));
        // A nanosecond of rounding for each turn; with several cores also what is left at the end.
        let slack = shared.total.arrivals as f64 * 3e-9;
        let unfinished = if cores == 1 { 0.0 } else { 1.0 };
        prop_assert!((one - other).abs() <= slack + unfinished, "{one} {other}");
    }
}
