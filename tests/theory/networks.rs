//! Open networks of stations: what leaves one station is Poisson at the next.

use crate::case::{Case, at, poisson, transient, utilisation};

const SLOW: &str = "its relative error falls slowest near saturation";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![tandem(), feedback(), jackson(), end_to_end()]
}

/// Mean number of requests that are at a station itself, not at what it calls.
fn present_itself(station: &'static str) -> impl Fn(&deploysim::experiment::Results) -> f64 {
    move |r| at(r, station).answered.mean * at(r, station).own.mean
}

fn tandem() -> Case {
    let topology = "
topology:
  s1:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{cpu: exp(10ms)}, {call: s2}]}
  s2:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{cpu: exp(12.5ms)}, {call: s3}]}
  s3:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{cpu: exp(8.333333ms)}]}
";
    let source = "Burke 1956, Reich 1957: independent sojourns, each Exp(mu_i - lambda)";
    Case::new("TAN3", "three M/M/1 in a row", source)
        .run(poisson(60.0, "s1") + topology, 2.0 * transient(60.0, 0.0125, 1.0), 3_500.0)
        .mean("mean latency [s]", 0.091_666_666_666_666_67, |r| r.total.mean_latency.mean)
        .mean("mean sojourn at s1 [s]", 0.025, |r| at(r, "s1").own.mean)
        .mean("mean sojourn at s2 [s]", 0.05, |r| at(r, "s2").own.mean)
        .coarse(SLOW)
        .mean("mean sojourn at s3 [s]", 0.016_666_666_666_666_666, |r| at(r, "s3").own.mean)
        .latency_quantile(0.5, 0.078_921_320_425_802_12)
        .latency_quantile(0.95, 0.203_867_211_978_641_5)
        .latency_quantile(0.99, 0.285_021_805_189_244_8)
}

/// Two of five requests that were served go back to the end of the queue.
fn feedback() -> Case {
    let topology = "
topology:
  app:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{repeat: {times: geometric(1.6666666666666667), steps: [{cpu: exp(10ms)}]}}]}
";
    let source = "Jackson 1957, Takacs 1963: lambda = gamma/(1 - p), L = rho/(1 - rho)";
    Case::new("FB-1", "M/M/1 with Bernoulli feedback", source)
        .run(poisson(30.0, "app") + topology, 2.0 * transient(50.0, 0.01, 1.0), 3_500.0)
        .mean("mean latency [s]", 0.033_333_333_333_333_33, |r| r.total.mean_latency.mean)
        .mean("mean in system", 1.0, |r| at(r, "app").present.mean)
        .mean("mean visits", 1.666_666_666_666_666_7, |r| {
            utilisation(r, "app", "cpu") / 0.01 / r.total.throughput.mean
        })
        .mean("utilisation", 0.5, |r| utilisation(r, "app", "cpu"))
}

/// Half of all go on from s1 to s2, and three of five from there to s3.
fn jackson() -> Case {
    let topology = "
topology:
  s1:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{cpu: exp(16.666667ms)}, {branch: [{p: 50%, steps: [{call: s2}]}]}]}
  s2:
    server:
      cores: 4
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{cpu: exp(142.857143ms)}, {branch: [{p: 60%, steps: [{call: s3}]}]}]}
  s3:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {get: [{cpu: exp(62.5ms)}]}
";
    let source = "Jackson 1957: product form; each station is an M/M/c of its own";
    let warmup = 2.0 * transient(12.0, 0.0625, 1.0);
    let mut case = Case::new("JACK-WEB", "open Jackson network", source)
        .run(poisson(40.0, "s1") + topology, warmup, 9_000.0)
        .mean("mean latency [s]", 0.224_621_092_516_577_2, |r| r.total.mean_latency.mean);
    for (station, rate, present, busy) in [
        ("s1", 40.0, 2.0, 2.0 / 3.0),
        ("s2", 20.0, 3.984_843_700_663_087_7, 5.0 / 7.0),
        ("s3", 12.0, 3.0, 0.75),
    ] {
        case = case
            .mean(&format!("visits to {station} [1/s]"), rate, |r| at(r, station).answered.mean)
            .mean(&format!("mean number at {station}"), present, present_itself(station))
            .coarse(SLOW)
            .mean(&format!("utilisation of {station}"), busy, |r| utilisation(r, station, "cpu"));
    }
    case
}

/// A constant way to and fro, a balancer, four cores, a cache that knows nine of ten, a database.
fn end_to_end() -> Case {
    let yaml = "
clients:
  users:
    arrivals: poisson(300/s)
    target: front
    timeout: none
    requests: {hit: {weight: 9}, miss: {weight: 1}}
links:
  users -> front: 10ms
topology:
  front: {load_balancer: {policy: random, backends: [app]}}
  app:
    server:
      cores: 4
      scheduling: run_to_completion
      workers: unlimited
      endpoints:
        hit: [{cpu: exp(10ms)}, {io: 0.5ms}]
        miss: [{cpu: exp(10ms)}, {io: 0.5ms}, {read: main}]
  main:
    database:
      {cores: 1, scheduling: run_to_completion, connections: unlimited, read: exp(20ms)}
";
    let source = "Jackson 1957, Kelly 1979: product form; constant delays keep flows Poisson";
    Case::new("E2E-1", "link, balancer, M/M/4, cache, database", source)
        .run(yaml.to_owned(), 2.0 * transient(30.0, 0.02, 1.0), 1_200.0)
        .mean("mean latency [s]", 0.040_594_339_622_641_51, |r| r.total.mean_latency.mean)
        .mean("mean sojourn at app [s]", 0.015_094_339_622_641_51, |r| {
            at(r, "app").own.mean - 0.5e-3
        })
        .mean("mean sojourn at main [s]", 0.05, |r| at(r, "main").sojourn.mean)
        .coarse(SLOW)
        .mean("utilisation of app", 0.75, |r| utilisation(r, "app", "cpu"))
        .mean("utilisation of main", 0.6, |r| utilisation(r, "main", "cpu"))
}
