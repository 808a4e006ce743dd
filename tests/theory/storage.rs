//! What is kept on a disk, and work that slows with the number at work.

use crate::case::{Case, at, poisson, transient, utilisation};

const KING: &str = "exact: sum of p_i int p_i e^(-p_i t) P(fewer than C others by t) dt; King 1971";
/// An operation takes D; n ~ Poisson(x) come meanwhile, x = lambda D, and go together. A busy
/// period has e^x operations, so that it is busy with probability x e^x / (1 + x e^x); who comes
/// then waits for half of one.
const GROUPS: &str = "renewal: busy x e^x / (1 + x e^x); x + e^-x writes to an operation";
const BIRTH_DEATH: &str = "birth and death: p(n) from the rates of n; Little";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![buffer(), groups(0.5), groups(2.0), one_by_one(), contention(), pool()]
}

fn measure(name: &'static str) -> impl Fn(&deploysim::experiment::Results) -> f64 {
    move |r| {
        let figure = at(r, "main").measures.get(name);
        figure.expect("a database on a disk has it").estimate.mean
    }
}

fn writes(rate: f64, database: &str) -> String {
    let app = "
topology:
  app: {server: {workers: unlimited, endpoints: {get: [{write: main}]}}}
";
    let clients = poisson(rate, "app");
    format!("{clients}{app}  main: {{database: {{connections: unlimited, {database}}}}}\n")
}

fn buffer() -> Case {
    let yaml = "
catalog: {things: {keys: 1000, popularity: zipf(0.8), size: 1kB}}
clients:
  users: {arrivals: constant(1k/s), target: app, timeout: none, requests: {get: {keys: things}}}
topology:
  app: {server: {workers: unlimited, endpoints: {get: [{read: main}]}}}
  main: {database: {read: 0, disk: local, buffer: 800KiB}}
";
    Case::new("LRU-1000-100 buffer", "buffer hits of 100 pages under a Zipf law", KING)
        .run(yaml.to_owned(), 10.0, 30.0)
        .prob("hit ratio", 0.377_796_38, measure("buffer_hit_ratio"))
}

/// Operations of 10 ms, in which x writes come on average.
fn groups(x: f64) -> Case {
    let database = "write: 0, disk: {latency: 10ms, throughput: 1000GB/s}";
    let busy = x * libm::exp(x) / (1.0 + x * libm::exp(x));
    Case::new(format!("GROUP-{x}"), "group commit, an operation of 10 ms", GROUPS)
        .run(writes(x / 0.01, database), 5.0, 2_000.0 / x)
        .mean("mean latency [s]", 0.01 + busy * 0.005, |r| r.total.mean_latency.mean)
        .mean("writes to an operation", x + libm::exp(-x), measure("commits_per_sync"))
        .mean("utilisation of the disk", busy, measure("utilisation:disk"))
}

fn one_by_one() -> Case {
    let database = "write: 0, log: {group: 1}, disk: {latency: 10ms, throughput: 1000GB/s}";
    Case::new("COMMIT-MD1", "a log without group commit is M/D/1", "Pollaczek-Khinchine")
        .run(writes(80.0, database), transient(80.0, 0.01, 1.0), 4_000.0)
        .mean("mean latency [s]", 0.03, |r| r.total.mean_latency.mean)
}

/// Two cores and six connections, of which those at work take 1 + 10% (n - 1) as long.
fn contention() -> Case {
    let (arrivals, service, cores, connections) = (95.0, 0.01, 2.0_f64, 6.0_f64);
    let rate = |n: f64| {
        let at_work = n.min(connections);
        at_work.min(cores) / service / (1.0 + 0.1 * (at_work - 1.0))
    };
    let (mut p, mut total, mut present) = (1.0, 1.0, 0.0);
    for n in 1..100_000 {
        p *= arrivals / rate(f64::from(n));
        total += p;
        present += p * f64::from(n);
    }
    let database = "cores: 2, connections: 6, queue: {limit: unlimited}, write: exp(10ms), \
                    contention: {serial: 10%}";
    let yaml = writes(arrivals, database).replace("connections: unlimited, ", "");
    Case::new("CONTENTION-2-6", "two cores, six at work who slow one another", BIRTH_DEATH)
        .run(yaml, 40.0, 5_000.0)
        .mean("mean in system", present / total, |r| at(r, "main").present.mean)
        .mean("mean latency [s]", present / total / arrivals, |r| r.total.mean_latency.mean)
        .prob("P(empty)", 1.0 / total, |r| {
            let mut present = at(r, "main").present_at_least.iter();
            present.find(|of| of.from == 1).map_or(1.0, |of| 1.0 - of.share.mean)
        })
}

/// Calls that a database serves at once, through four connections: M/M/4 at 80%.
fn pool() -> Case {
    let (arrivals, service, servers) = (320.0, 0.01, 4.0_f64);
    let load: f64 = arrivals * service;
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..4 {
        term *= load / f64::from(n);
        sum += term;
    }
    let all = term * load / servers / (1.0 - load / servers);
    let waits = all / (sum + all);
    let wait = waits * service / (servers - load);
    let yaml = "
topology:
  app: {server: {workers: unlimited, pools: {main: 4}, endpoints: {get: [{read: main}]}}}
  main: {database: {cores: 64, read: exp(10ms)}}
";
    Case::new("POOL-4-80", "a pool of four connections is M/M/4", "Erlang C")
        .run(poisson(arrivals, "app") + yaml, transient(arrivals, service, servers), 2_000.0)
        .mean("mean latency [s]", wait + service, |r| r.total.mean_latency.mean)
        .mean("mean wait for a connection [s]", wait, |r| {
            at(r, "app").measures.get("pool_wait").expect("it has a pool").estimate.mean
        })
        .coarse("it is less than half of the latency, and known as surely in seconds")
        .mean("utilisation of the pool", load / servers, |r| utilisation(r, "app", "pool"))
}
