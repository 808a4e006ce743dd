//! The three systems that are timed, each as a scenario and as a floor.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use deploysim::experiment::{Plan, Results, replicate};
use deploysim::scenario::{Scenario, load_text};

use crate::floor;

/// One system.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// Requests per simulated second.
    pub(crate) rate: f64,
    /// The mean sojourn by theory, or by simulations far longer than these [ms].
    pub(crate) sojourn: f64,
    /// Of so many requests and a seed, the mean sojourn [ms].
    pub(crate) floor: fn(u64, u64) -> f64,
    /// Clients and topology.
    system: &'static str,
}

/// An M/M/1 queue; ten of them in turn behind a balancer; a balancer, servers and a database.
pub(crate) const WORKLOADS: [Workload; 3] = [
    Workload {
        name: "W1",
        rate: 80.0,
        sojourn: 50.0,
        floor: floor::single,
        system: "
clients:
  users: {arrivals: poisson(80/s), target: app, requests: {get: {weight: 1}}, timeout: none}
topology:
  app:
    server:
      workers: 1
      queue: {limit: unlimited}
      endpoints: {get: [cpu: exp(10ms)]}
",
    },
    Workload {
        name: "W2",
        rate: 800.0,
        sojourn: 29.22,
        floor: floor::farm,
        system: "
clients:
  users: {arrivals: poisson(800/s), target: front, requests: {get: {weight: 1}}, timeout: none}
topology:
  front:
    load_balancer: {policy: round_robin, backends: [app]}
  app:
    server:
      replicas: 10
      workers: 1
      queue: {limit: unlimited}
      endpoints: {get: [cpu: exp(10ms)]}
",
    },
    Workload {
        name: "W3",
        rate: 840.0,
        sojourn: 22.89,
        floor: floor::tiers,
        system: "
clients:
  users: {arrivals: poisson(840/s), target: front, requests: {get: {weight: 1}}, timeout: none}
topology:
  front:
    load_balancer: {policy: round_robin, backends: [app]}
  app:
    server:
      replicas: 3
      cores: 4
      scheduling: run_to_completion
      workers: unlimited
      queue: {limit: unlimited}
      endpoints: {get: [cpu: exp(10ms), read: main]}
  main:
    database: {cores: 8, connections: 8, queue: {limit: unlimited}, read: exp(5ms)}
links: {default: 1ms}
",
    },
];

impl Workload {
    /// The scenario with about so many requests in each replication.
    pub(crate) fn scenario(&self, requests: u64, replications: u64) -> Scenario {
        let Workload { name, system, .. } = self;
        let duration = requests as f64 / self.rate;
        let text = format!(
            "name: {name}\nduration: {duration}s\nwarmup: {}s\nreplications: {replications}\n{system}",
            duration / 100.0,
        );
        load_text(Path::new(name), &text, &[]).unwrap_or_else(|faults| panic!("{faults}"))
    }
}

/// Runs a scenario as the program does.
pub(crate) fn run(scenario: &Scenario) -> Results {
    let stop = AtomicBool::new(false);
    replicate(scenario, &Plan { progress: &(), stop: &stop }).expect("nothing stops it")
}
