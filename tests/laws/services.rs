//! Services outside and shared machines: when they answer, and what they turn away, to the request.

use deploysim::experiment::Results;

use crate::{at, close, count, run, utilisation};

/// Users who all send a first request after a second, and think a second after each answer.
fn users(count: u64, duration: &str, topology: &str) -> Results {
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: 1
clients: {{users: {{users: {{count: {count}, think: 1s}}, target: api, requests: {{get: {{}}}}}}}}
topology:
  api: {topology}
"
    ))
}

#[test]
fn a_service_that_is_down_fails_what_comes_meanwhile() {
    let faults = "faults: [{crash: api, at: 2s, for: 3s}, {crash: api, at: 6.5s, for: 1s}]";
    let api = &format!("{{external: {{latency: 100ms}}}}\n{faults}");
    // Sent at 1 and 2.1, 3.1, 4.1 in vain, and at 5.1, 6.2, and 7.3 in vain.
    let results = users(1, "8s", api);
    assert_eq!((count(&results, "ok"), count(&results, "failed at api")), (3, 4));
    close(results.total.mean_latency.mean, 0.1);
}

#[test]
fn no_more_are_worked_on_at_once_than_a_service_takes() {
    let results = users(10, "1.5s", "{external: {latency: 100ms, concurrency: 4}}");
    assert_eq!((count(&results, "ok"), count(&results, "rejected by api")), (4, 6));
    close(utilisation(&results, "api", "concurrency"), 0.1 / 1.5);
    assert_eq!(at(&results, "api").rejected, 6);
}

#[test]
fn a_burst_passes_and_then_one_for_each_token() {
    let limit = "rate_limit: {rate: 0.4/s, burst: 3}";
    // Two tokens come in until the second time that the three ask: at 2.5 s.
    let results = users(5, "3s", &format!("{{external: {{latency: 1ms, {limit}}}}}"));
    // At 1 s three pass. The two others ask again at 2 s, in vain; the three at 2.001 s too.
    assert_eq!(count(&results, "ok"), 3);
    let results = users(5, "3.5s", &format!("{{external: {{latency: 600ms, {limit}}}}}"));
    // The three ask again at 2.6 s, and one has the token of 2.5 s.
    assert_eq!((count(&results, "ok"), count(&results, "rejected by api")), (4, 8));
}

#[test]
fn errors_come_as_late_as_answers_and_as_often_as_is_said() {
    let results = users(1, "4.4s", "{external: {latency: 100ms, error_rate: 100%}}");
    assert_eq!((count(&results, "ok"), count(&results, "failed at api")), (0, 4));
    let results = users(100, "100s", "{external: {latency: 1ms, error_rate: 2%}}");
    let n = results.total.arrivals as f64;
    let off = (count(&results, "failed at api") as f64 - 0.02 * n).abs();
    // Six standard errors: false alarms two in 10^9.
    assert!(off < 6.0 * (n * 0.02 * 0.98).sqrt(), "{off}");
}

#[test]
fn a_slowed_core_goes_on_with_its_job() {
    for scheduling in ["processor_sharing", "run_to_completion"] {
        let server = |share: &str, cpu: &str, more: &str| {
            format!(
                "{{server: {{scheduling: {scheduling}, workers: 9, {more}
                   neighbours: {{share: {share}, quiet: 1.5s, noisy: 1s}},
                   endpoints: {{get: [{{cpu: {cpu}}}]}}}}}}"
            )
        };
        // Half a second is done by 1.5 s, half a second more by 2.5 s, and the rest by 3 s.
        let results = users(1, "3.9s", &server("50%", "1.5s", ""));
        close(results.total.mean_latency.mean, 2.0);
        close(utilisation(&results, "api", "cpu"), 2.0 / 3.9);
        let results = users(1, "3.9s", &server("0", "1s", ""));
        close(results.total.mean_latency.mean, 2.0);
        let results = users(1, "3.9s", &server("0", "1s", "speed: 2,"));
        close(results.total.mean_latency.mean, 0.5);
        // Of two seconds of work, one is done by 1.5 s on both cores, and one at half speed.
        let results = users(4, "2.9s", &server("50%", "500ms", "cores: 2,"));
        assert_eq!(count(&results, "ok"), 4);
        let mean = if scheduling == "processor_sharing" { 1.5 } else { 1.0 };
        close(results.total.mean_latency.mean, mean);
    }
}

/// The neighbours of each instance are their own, and the same in every run of the same seed.
#[test]
fn instances_have_neighbours_of_their_own() {
    let results = run("
duration: 400s
warmup: 0
replications: 1
clients: {users: {arrivals: poisson(1/s), target: front, requests: {get: {}}}}
topology:
  front: {load_balancer: {backends: [app]}}
  app:
    server:
      replicas: 2
      neighbours: {share: 1%, noisy: exp(1s), quiet: exp(1s)}
      endpoints: {get: [{cpu: 100ms}]}
");
    let cpu = &at(&results, "app").resources[0];
    assert!(cpu.busiest.mean > cpu.utilisation.mean);
}
