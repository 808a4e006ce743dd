//! Speed as a ratio that a busy machine does not spoil: program and floor take turns on one core,
//! and processor time is compared. See the README beside this file.

// A bench reads the clock.
#![allow(clippy::disallowed_methods)]

mod floor;
mod workload;

use std::fs;
use std::path::Path;
use std::time::Instant;

use deploysim::scenario::{Scenario, load_text};
use workload::{WORKLOADS, Workload, run};

const ROUNDS: u64 = 15;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => on_threads(1, || WORKLOADS.iter().for_each(ratio)),
        ["memory", "shards", keys] => {
            let results = on_threads(1, || run(&shards(keys)));
            println!("{keys} keys, {} requests measured, {}", results.total.arrivals, peak());
        }
        ["memory", name, requests] => memory(name, requests),
        ["cores"] => cores(),
        _ => {
            eprintln!("usage: ratio [memory <W1|W2|W3> <requests> | memory shards <keys> | cores]")
        }
    }
}

/// Floor and program by turns, the median of the rounds' ratios, and the ratio of the quickest round
/// of each, which is the one that others disturbed least.
fn ratio(workload: &Workload) {
    // About half a second of the floor.
    let requests = if workload.name == "W3" { 1_000_000 } else { 6_000_000 };
    let scenario = workload.scenario(requests, 1);
    let mut rounds = Vec::new();
    let mut sojourns = [0.0; 2];
    for round in 0..ROUNDS {
        let (floor_time, floor) = timed(|| (workload.floor)(requests, round));
        let (program_time, results) = timed(|| run(&scenario));
        sojourns = [floor, results.total.mean_latency.mean * 1e3];
        rounds.push([floor_time, program_time]);
    }
    let speed = |which: usize| {
        let each = rounds.iter().map(|times| requests as f64 / times[which] / 1e6);
        sorted(each)[rounds.len() / 2]
    };
    let ratios = sorted(rounds.iter().map(|[floor, program]| floor / program));
    let quickest = |which: usize| {
        rounds.iter().map(|times| times[which]).min_by(f64::total_cmp).expect("there are rounds")
    };
    println!(
        "{}: floor {:.2}M/s, program {:.2}M/s, ratio {:.3} ({:.3} to {:.3}), of the quickest \
         {:.3}; mean sojourn {:.2} and {:.2} ms for {}",
        workload.name,
        speed(0),
        speed(1),
        ratios[ratios.len() / 2],
        ratios[0],
        ratios[ratios.len() - 1],
        quickest(0) / quickest(1),
        sojourns[0],
        sojourns[1],
        workload.sojourn,
    );
}

/// One run in a process of its own, and the most memory that it ever had.
fn memory(name: &str, requests: &str) {
    let workload = WORKLOADS.iter().find(|workload| workload.name == name).expect("W1, W2 or W3");
    let requests = requests.parse().expect("a number of requests");
    let results = on_threads(1, || run(&workload.scenario(requests, 1)));
    println!("{name}, {} requests measured, {}", results.total.arrivals, peak());
}

/// 64 shards of 3 copies, with so many rows, a million users and 5,000 requests a second.
fn shards(keys: &str) -> Scenario {
    let yaml = format!(
        "
duration: 30s
warmup: 1s
replications: 1
catalog: {{rows: {{keys: {keys}, popularity: zipf(0.9)}}}}
clients:
  users:
    arrivals: poisson(5000/s)
    population: 1M
    target: app
    timeout: 2s
    requests: {{get: {{keys: rows, weight: 4}}, put: {{keys: rows}}}}
topology:
  app:
    server:
      workers: async
      endpoints:
        get: [{{read: {{from: main, consistency: read_your_writes}}}}]
        put: [{{write: main}}]
  main:
    database: {{reads: any, shards: 64, replication: 3}}
links: {{default: 0, main -> main: 2ms}}
"
    );
    load_text(Path::new("shards.yaml"), &yaml, &[]).expect("it is sound")
}

/// The most memory that this process ever had.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says what it has used");
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    peak.unwrap_or("VmHWM: unknown").to_owned()
}

/// Replications on one core and on two, by turns, in wall time.
fn cores() {
    for workload in &WORKLOADS {
        let scenario = workload.scenario(500_000, 8);
        let wall = |threads| {
            on_threads(threads, || {
                let start = Instant::now();
                run(&scenario);
                start.elapsed().as_secs_f64()
            })
        };
        let speedups = sorted((0..ROUNDS).map(|_| wall(1) / wall(2)));
        println!(
            "{}: two cores {:.2} times one ({:.2} to {:.2})",
            workload.name,
            speedups[speedups.len() / 2],
            speedups[0],
            speedups[speedups.len() - 1],
        );
    }
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads can be started").install(work)
}

/// The processor time of this thread that `work` took [s].
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = processor_time();
    let result = work();
    (processor_time() - start, result)
}

/// Processor time of this thread [s]; the scheduler brings it up to date every few milliseconds.
fn processor_time() -> f64 {
    let read = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps schedstat");
    let nanos = read.split(' ').next().and_then(|field| field.parse::<f64>().ok());
    nanos.expect("it begins with a number") * 1e-9
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
