//! In steady state the event loop allocates nothing: memory follows what is in flight.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use allocation_counter::{AllocationInfo, measure};
use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::load_text;

/// Open and closed clients who give up at times, a balancer, both schedulings, both sorts of
/// workers, full queues, delays fixed and drawn.
const SYSTEM: &str = "
warmup: 0s
replications: 1
clients:
  open:
    arrivals: poisson(900/s)
    target: front
    timeout: 40ms
    requests: {GET /page: {weight: 9}, POST /order: {}}
  closed:
    users: {count: 50, think: exp(500ms)}
    target: front
    requests: {GET /page: {}}
topology:
  front: {load_balancer: {policy: least_connections, backends: [app, event-loop]}}
  app:
    server:
      replicas: 3
      cores: 2
      workers: 8
      queue: {limit: 10}
      endpoints:
        GET /page:
          - cpu: exp(3ms)
          - read: main
          - repeat: {times: geometric(2), steps: [cpu: 100us]}
          - parallel: {wait: first, steps: [io: exp(1ms), cpu: exp(200us), call: outside]}
          - branch: [{p: 10%, steps: [sleep: 1ms]}]
        POST /order: [cpu: lognormal(5ms, cv=2), io: 1ms, write: main]
  event-loop:
    server:
      cores: 2
      workers: async
      scheduling: run_to_completion
      endpoints: {\"*\": [cpu: exp(2ms), read: main]}
  outside: {external: {latency: exp(1ms), rate_limit: 500/s}}
  main: {database: {cores: 4, connections: 12, neighbours: {share: 90%}, read: exp(2ms), write: exp(4ms)}}
links: {default: 250us, open -> front: exp(5ms)}
";

/// What a run of so many seconds allocates, from the scenario's text to its results.
fn allocated(system: &str, seconds: u32) -> (AllocationInfo, u64) {
    let text = format!("duration: {seconds}s\n{system}");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    pool.install(|| {
        let mut arrivals = 0;
        let allocated = measure(|| {
            let scenario = load_text(Path::new("steady.yaml"), &text, &[]);
            let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
            let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
            let results = replicate(&scenario, &plan).expect("nobody stops it");
            arrivals = results.total.arrivals;
        });
        (allocated, arrivals)
    })
}

/// A longer run may see a longer queue or a longer latency than ever before, for which something
/// grows, by doubling; but not once for each ten thousand requests more.
#[test]
fn a_longer_run_allocates_no_more() {
    check(SYSTEM, [200, 2_000]);
}

/// The same where servers share the cores and the memory of a machine.
#[test]
fn a_longer_run_on_a_machine_allocates_no_more() {
    let memory = "memory: {per_request: 1MB}";
    let shared = SYSTEM
        .replace("topology:", "machines: {box: {cores: 7, memory: 1GB}}\ntopology:")
        .replace("    server:\n", &format!("    server:\n      place: box\n      {memory}\n"));
    check(&shared, [100, 400]);
}

/// Copies that apply writes, in order and not, reads that wait for them, shards, and a queue with
/// consumers.
const KEPT: &str = "
warmup: 0s
replications: 1
catalog: {rows: {keys: 300}}
clients:
  users:
    arrivals: poisson(950/s)
    population: 1k
    target: app
    timeout: 400ms
    requests: {save: {keys: rows, weight: 30}, read: {keys: rows, weight: 60}, search: {keys: rows}}
topology:
  app:
    server:
      workers: async
      endpoints:
        save: [{write: main}, {read: {from: main, consistency: read_your_writes}}, {send: jobs}]
        read: [{read: {from: main, consistency: {within: 5ms}}}]
        search: [{read: {from: main, shards: all}}]
  main:
    database:
      read: exp(1ms)
      write: exp(1ms)
      reads: any
      shards: 3
      replication: {factor: 3, MODE}
  jobs: {message_queue: {visibility: 300ms, max_receives: 3, partitions: 40, partition_by: user, poison: 1%}}
  worker:
    server: {replicas: 2, consumes: {from: jobs, at_once: 20}, endpoints: {jobs: [io: exp(30ms)]}}
links: {default: 250us, main -> main: exp(2ms)}
";

/// The same of what is kept in several copies, and in a queue.
#[test]
fn a_longer_run_with_copies_and_a_queue_allocates_no_more() {
    for order in ["apply: in_order, appliers: 4", "apply: any_order"] {
        check(&KEPT.replace("MODE", &format!("mode: semi_sync, {order}")), [60, 240]);
    }
    let anywhere = KEPT.replace(", consistency: read_your_writes", "");
    let anywhere = anywhere.replace(", consistency: {within: 5ms}", "");
    for mode in ["{quorum: {read_repair: true}}", "{multi_primary: {clock_skew: 5ms}}"] {
        check(&anywhere.replace("MODE", &format!("mode: {mode}")), [60, 240]);
    }
}

fn check(system: &str, [shorter, longer]: [u32; 2]) {
    let (short, few) = allocated(system, shorter);
    let (long, many) = allocated(system, longer);
    let at_least = u64::from(longer - shorter) * 850;
    assert!(many - few > at_least, "{few} and {many} requests");
    let more = long.count_total - short.count_total.min(long.count_total);
    assert!(more <= 100, "{more} allocations for {} requests more", many - few);
    let peak = long.bytes_max as f64 / short.bytes_max as f64;
    assert!(peak < 1.5, "{} bytes, then {}", short.bytes_max, long.bytes_max);
}

/// What it takes at most to load a text (bytes).
fn memory(text: &str) -> u64 {
    let allocated = measure(|| {
        let _ = load_text(Path::new("large.yaml"), text, &[]);
    });
    allocated.bytes_max
}

#[test]
fn a_text_takes_at_most_a_hundred_times_its_length() {
    for (start, repeated, end) in [
        ("x: [", "1,", "]"),
        ("x: [", "[1],", "]"),
        ("x: [", "{a: 1},", "]"),
        ("x: {", "a: 1,", "}"),
        ("x:\n", "- a\n", ""),
        ("expect: [", "1,", "]"),
        ("sweep: {seed: [", "1,", "]}"),
        ("x: {a: f(", "1,", "1)}"),
    ] {
        let text = [start, &repeated.repeat(400_000 / repeated.len()), end].concat();
        let times = memory(&text) / text.len() as u64;
        assert!(times < 100, "{start}{repeated}…{end}: {times}");
    }
}

/// What anchors and aliases copy is counted before it is copied.
#[test]
fn copies_take_at_most_a_hundred_megabytes() {
    let items = "1,".repeat(100_000);
    let anchors: String = (0..60).map(|n| format!("&a{n} [")).collect();
    let nested = format!("a: {anchors}{items}{}\n", "]".repeat(60));
    let aliases = format!("a: &a [{items}]\nb: [{}]\n", "*a, ".repeat(60));
    for text in [nested, aliases] {
        let most = memory(&text);
        assert!(most < 100_000_000 + 100 * text.len() as u64, "{most}");
    }
}

/// The most bytes ever held by 20 replications with ten request types.
fn peak_with(expectation: &str) -> u64 {
    let types: String = (0..10).map(|i| format!("get {i}: {{}}, ")).collect();
    let text = format!(
        "duration: 60s\nwarmup: 1s\nreplications: 20\nexpect: [{expectation}]\n\
         clients: {{users: {{arrivals: poisson(100/s), target: app, requests: {{{types}}}}}}}\n\
         topology: {{app: {{server: {{cores: 2, endpoints: {{\"*\": [cpu: exp(10ms)]}}}}}}}}\n"
    );
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    pool.install(|| {
        let measured = measure(|| {
            let scenario = load_text(Path::new("types.yaml"), &text, &[]);
            let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
            let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
            drop(replicate(&scenario, &plan).expect("nobody stops it"));
        });
        measured.bytes_max
    })
}

#[test]
fn an_expectation_about_a_part_of_the_run_keeps_what_it_asks_and_no_more() {
    let plain = peak_with("\"p99(get 3) < 1s\"");
    let during = peak_with("\"p99(get 3) during 20s..40s < 1s\"");
    assert!(during < plain + plain / 10, "{plain} bytes without, {during} with");
}
