//! Instances on one machine, which share its cores, its memory and its disk: times and counts that
//! can be foretold to the nanosecond.

use deploysim::experiment::Results;
use proptest::prelude::*;
use proptest::sample::select;

use crate::small::small;
use crate::{at, close, count, run, utilisation};

/// Two servers on one machine, each asked by a client of its own at whole seconds, for so many
/// seconds.
fn two(seconds: u64, machine: &str, one: &str, other: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: {seconds}.5s
warmup: 0
replications: 1
machines: {{box: {{{machine}}}}}
clients:
  some: {{arrivals: constant(1/s), target: one, timeout: none, requests: {{get: {{}}}}}}
  others: {{arrivals: constant(1/s), target: other, timeout: none, requests: {{put: {{}}}}}}
topology:
  one: {{server: {{place: box, {one}}}}}
  other: {{server: {{place: box, {other}}}}}
faults: [{faults}]
"
    ))
}

/// How long requests of both kinds take on average (ms), where one is so many jobs of 10 ms at once
/// and the other a single one.
fn shared(machine: &str, one: &str, jobs: u64, other: &str) -> [f64; 2] {
    let jobs =
        format!("endpoints: {{get: [{{parallel: {{copies: {jobs}, steps: [{{cpu: 10ms}}]}}}}]}}");
    let single = "endpoints: {put: [{cpu: 10ms}]}";
    let (one, other) = (format!("{one} {jobs}"), format!("{other} {single}"));
    let results = two(3, machine, &one, &other, "");
    [0, 1].map(|kind| results.requests[kind].mean_latency.mean * 1e3)
}

#[track_caller]
fn take(found: [f64; 2], expected: [f64; 2]) {
    // A third of a core is none in whole nanoseconds.
    let near = |(found, expected): (f64, f64)| (found - expected).abs() < 2e-6;
    assert!(found.into_iter().zip(expected).all(near), "{found:?} for {expected:?}");
}

#[test]
fn every_job_has_as_much_of_the_cores_as_any_other() {
    take(shared("cores: 1", "", 1, ""), [20.0, 20.0]);
    take(shared("cores: 2", "", 1, ""), [10.0, 10.0]);
    take(shared("cores: 2", "", 3, ""), [20.0, 20.0]);
    take(shared("cores: 1, speed: 2", "", 1, ""), [10.0, 10.0]);
    take(shared("cores: 1, speed: 2", "speed: 2,", 1, ""), [5.0, 7.5]);
}

#[test]
fn an_instance_has_no_more_cores_than_it_may() {
    // Three jobs on one core, the other job on the other.
    take(shared("cores: 2", "cores: 1,", 3, ""), [30.0, 10.0]);
    // A limit that is the machine's is none.
    take(shared("cores: 1", "cores: 1,", 3, ""), [40.0, 40.0]);
    // A job that keeps its core until it is done has its part of it; the next then has all.
    let in_turn = "cores: 1, scheduling: run_to_completion,";
    take(shared("cores: 1", in_turn, 2, ""), [30.0, 20.0]);
}

/// What slows the jobs of one instance leaves those of another alone.
#[test]
fn jobs_of_an_instance_slow_one_another_and_no_others() {
    let slowed = "contention: {serial: 100%},";
    take(shared("cores: 3", slowed, 2, ""), [20.0, 10.0]);
    take(shared("cores: 1", slowed, 2, ""), [50.0, 30.0]);
}

/// The cores that are at work are those of the instances together.
#[test]
fn the_work_of_a_machine_is_that_of_all_who_are_on_it() {
    let results = two(
        9,
        "cores: 3",
        "endpoints: {get: [{parallel: {copies: 5, steps: [{cpu: 70ms}]}}]}",
        "cores: 2, endpoints: {put: [{cpu: 40ms}]}",
        "",
    );
    close(utilisation(&results, "box", "cpu") * 3.0 * 9.5, 9.0 * (5.0 * 0.07 + 0.04));
    close(utilisation(&results, "one", "cpu") * 3.0 * 9.5, 9.0 * 5.0 * 0.07);
    close(utilisation(&results, "other", "cpu") * 2.0 * 9.5, 9.0 * 0.04);
}

#[test]
fn what_hangs_or_is_slow_leaves_its_part_of_the_cores_or_keeps_it() {
    let steps = ("endpoints: {get: [{cpu: 200ms}]}", "endpoints: {put: [{cpu: 100ms}]}");
    let times = |fault: &str| {
        let results = two(1, "cores: 1", steps.0, steps.1, fault);
        [0, 1].map(|kind| results.requests[kind].mean_latency.mean * 1e3)
    };
    take(times(""), [300.0, 200.0]);
    // Both have half of the core for 100 ms; then the other alone, which is done 50 ms later.
    take(times("{hang: one, at: 1100ms, for: 100ms}"), [350.0, 150.0]);
    // At a tenth of its speed it still has half of the core for those 100 ms.
    take(times("{slow: one, to: 10%, at: 1100ms, for: 100ms}"), [345.0, 200.0]);
}

#[test]
fn a_machine_that_crashes_takes_all_on_it_down() {
    let steps = ("endpoints: {get: [{cpu: 1ms}]}", "endpoints: {put: [{cpu: 1ms}]}");
    let results = two(9, "cores: 4", steps.0, steps.1, "{crash: box, at: 2500ms, for: 3s}");
    assert_eq!((count(&results, "failed at one"), count(&results, "failed at other")), (3, 3));
    let cores = at(&results, "box").resources.iter().find(|of| of.name == "cpu");
    close(cores.expect("it has cores").capacity, 4.0 * 6.5 / 9.5);
    let alone = two(9, "cores: 4", steps.0, steps.1, "{crash: one, at: 2500ms, for: 3s}");
    assert_eq!((count(&alone, "failed at one"), count(&alone, "failed at other")), (3, 0));
}

/// Two writes of 1 MB at the same time, at 100 MB/s: the second waits for the first.
#[test]
fn a_disk_does_one_thing_after_the_other_for_all_on_its_machine() {
    let writes = |step: &str| format!("disk: machine, endpoints: {{{step}: [{{log: 1MB}}]}}");
    let results = two(4, "disk: plain", &writes("get"), &writes("put"), "");
    close(results.requests[0].mean_latency.mean, 0.010);
    close(results.requests[1].mean_latency.mean, 0.020);
    close(utilisation(&results, "box", "disk"), 8.0 * 0.010 / 4.5);
    let told = |of: &str, figure: &str| at(&results, of).measures.estimate(figure).mean;
    close(told("one", "disk_writes") + told("other", "disk_writes"), told("box", "disk_writes"));
    close(told("box", "disk_writes"), 8.0 / 4.5);
    close(told("box", "disk_wait"), 0.005);
    // What a crash leaves at the disk keeps it at work.
    let crash = "{crash: one, at: 1001ms, for: 1ms}";
    let results = two(1, "disk: plain", &writes("get"), &writes("put"), crash);
    assert_eq!(count(&results, "failed at one"), 1);
    close(results.requests[1].mean_latency.mean, 0.020);
}

/// Each holds a megabyte for 400 ms for each of its jobs, of which the machine has so many.
#[test]
fn when_no_memory_is_left_the_one_with_most_is_killed() {
    let server = |per_request: &str, step: &str, jobs: u64| {
        format!(
            "memory: {{per_request: {per_request}, restart: 100ms}}, \
             endpoints: {{{step}: [{{parallel: {{copies: {jobs}, steps: [{{io: 400ms}}]}}}}]}}"
        )
    };
    let ends = |memory: &str| {
        let (one, other) = (server("3MB", "get", 1), server("2MB", "put", 1));
        let results = two(4, &format!("memory: {memory}"), &one, &other, "");
        let kills = |of: &str| at(&results, of).killed.unwrap_or(0);
        (kills("one"), kills("other"), results.total.outcomes[0].count)
    };
    // Room for both; for one of them, and then the one that has most is killed, whichever of them asks.
    assert_eq!(ends("5MB"), (0, 0, 8));
    assert_eq!(ends("4MB"), (4, 0, 4));
}

/// Small scenarios on machines, which are of use to a server, its database and its balancer.
fn on_machines() -> impl Strategy<Value = (String, u64)> {
    let machine = select(vec!["cores: 4", "cores: 4, count: 2, speed: 0.5", "cores: 3, speed: 2"]);
    let scheduling = select(vec!["processor_sharing", "run_to_completion"]);
    let faults = select(vec![
        "[]",
        "[{crash: 'box[0]', at: 2s, for: 300ms}]",
        "[{hang: main, at: 2s, for: 200ms}, {slow: app, to: 30%, at: 3s, for: 500ms}]",
        "[{silence: box, every: exp(1s), for: exp(200ms)}]",
        "[{hang: box, at: 1500ms, for: 300ms}, {crash: app, at: 3s, for: 100ms}]",
    ]);
    (small(), machine, scheduling, faults).prop_map(|(small, machine, scheduling, faults)| {
        let yaml = small.yaml(scheduling);
        let memory = if yaml.contains("memory:") { ", memory: 9MB" } else { "" };
        let yaml = yaml
            .replace("topology:", &format!("machines: {{box: {{{machine}{memory}}}}}\ntopology:"))
            .replace("backends: [app]", "place: box, backends: [app]")
            .replace("  app:\n    server:\n", "  app:\n    server:\n      place: box\n")
            .replace("database: {cores: 2,", "database: {place: box, cores: 2,");
        (format!("{yaml}faults: {faults}\n"), small.queue)
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 60 } else { 300 },
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Whatever is on a machine and happens to it: what must add up does, and its cores are at work
    /// for nobody but those on it.
    #[test]
    fn what_must_add_up_does_on_machines((yaml, queue) in on_machines()) {
        let results = run(&yaml);
        crate::any_scenario::holds(&results, queue)?;
        let used = |name: &str| {
            let cpu = at(&results, name).resources.iter().find(|of| of.name == "cpu");
            cpu.map_or(0.0, |cpu| cpu.utilisation.mean * cpu.capacity)
        };
        let guests: f64 = ["front", "app", "main"].map(used).iter().sum();
        // What is away for a while has its utilisation of the rest.
        let all_up = results.components.iter().all(|of| of.killed.unwrap_or(0) == 0);
        let steady = all_up && yaml.ends_with("faults: []\n");
        prop_assert!(!steady || (guests - used("box")).abs() < 1e-6, "{guests} {}", used("box"));
    }
}
