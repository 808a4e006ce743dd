//! Databases with replicas: how far these are behind, what reads of them miss, and what is lost
//! when one takes the place of a primary.

use deploysim::experiment::Results;

use crate::case::{Case, at, transient};

const INFINITE: &str =
    "M/G/infinity: writes that are under way are Poisson with mean lambda E[lag]";
const MM1: &str = "exact: M/M/1 sojourn and number present";
const ERLANG: &str = "Erlang C; Little";
const RESEQUENCED: &str =
    "exact: P(lag - d <= t) = (1 - e^(-t/m)) exp(-lambda m e^(-t/m)), by quadrature";
const OWN: &str = "exact: f (1 - e^(-d/z) + e^(-d/z) (1/z) / (1/z + mu - lambda))";
const ORDER: &str = "the k-th least of n exponential times: m (1/n + ... + 1/(n-k+1))";
const BURKE: &str = "Burke 1956: writes leave the primary as they come; replicas are M/M/1";
const DETECTED: &str =
    "U(0, h) + (k - 1) h + P; what is under way is lost, Poisson (lambda E[lag])";

const SHARDS: &str = "exact: sum of s_i / (mu - lambda s_i), each shard an M/M/1";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        any_order("exp(50ms)", "LAG-1 exponential"),
        any_order("50ms", "LAG-1 constant"),
        one_by_one(),
        in_order(),
        own_reads(),
        shared_replicas(),
        failover(),
        skewed_shards(),
        all_shards(),
    ];
    cases.extend([(4, 320, 0.017_455_405_897), (8, 720, 0.0)].map(parallel));
    cases.extend([1, 2, 3].map(acknowledged));
    cases
}

fn measure(name: &'static str) -> impl Fn(&Results) -> f64 {
    move |r| {
        let figure = at(r, "main").measures.get(name);
        figure.unwrap_or_else(|| panic!("it has {name}")).estimate.mean
    }
}

/// Requests at random, of these steps, for a database that does nothing but what is said.
fn scenario(rate: f64, keys: &str, steps: &str, database: &str, links: &str) -> String {
    format!(
        "
catalog: {{rows: {{keys: {keys}, popularity: uniform}}}}
clients:
  users:
    arrivals: poisson({rate}/s)
    target: app
    timeout: none
    requests: {{get: {{keys: rows}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{steps}]}}}}}}
  main: {{database: {{connections: unlimited, {database}}}}}
links: {{main -> main: {links}}}
"
    )
}

/// Each write is applied after a time of its own, whose mean is 50 ms; then its user reads what it
/// has written, 50 ms later.
fn any_order(lag: &str, id: &'static str) -> Case {
    let database = "read: 0, write: 0, reads: replicas, replication: {factor: 2, replay: 0, \
                    apply: any_order}";
    let steps = "{write: main}, {read: {from: main, consistency: {within: 0s}}}";
    let yaml = scenario(20.0, "100k", steps, database, &format!("{{there: {lag}, back: 0}}"));
    Case::new(id, "each write is applied by itself: 20/s, 50 ms on average", INFINITE)
        .run(yaml, 5.0, 2_000.0)
        .mean("mean writes behind", 1.0, measure("writes_behind"))
        .mean("mean lag [s]", 0.05, measure("replication_lag"))
}

fn one_by_one() -> Case {
    let database = "read: 0, write: 0, cores: 1, replication: {factor: 2, replay: exp(10ms)}";
    let yaml = scenario(60.0, "100k", "{write: main}", database, "0");
    Case::new("LAG-FIFO", "one write after the other is applied, M/M/1", MM1)
        .run(yaml, transient(60.0, 0.01, 1.0), 3_000.0)
        .mean("mean lag [s]", 0.025, measure("replication_lag"))
        .mean("mean writes behind", 1.5, measure("writes_behind"))
}

fn parallel((appliers, rate, lag): (u32, u32, f64)) -> Case {
    let servers = f64::from(appliers);
    let (rate, service) = (f64::from(rate), 0.01);
    let load = rate * service;
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..appliers {
        term *= load / f64::from(n);
        sum += term;
    }
    let all = term * load / servers / (1.0 - load / servers);
    let expected = service + all / (sum + all) * service / (servers - load);
    assert!(lag == 0.0 || (expected / lag - 1.0).abs() < 1e-6, "{expected} for {lag}");
    let database = format!(
        "read: 0, write: 0, cores: {appliers}, replication: {{factor: 2, replay: exp(10ms), \
         apply: any_order, appliers: {appliers}}}"
    );
    let yaml = scenario(rate, "100k", "{write: main}", &database, "0");
    Case::new(format!("REPL-PARALLEL-{appliers}"), "several writes are applied at once", ERLANG)
        .run(yaml, transient(rate, service, servers), 2_000.0)
        .mean("mean lag [s]", expected, measure("replication_lag"))
        .mean("mean writes behind", expected * rate, measure("writes_behind"))
}

/// Writes come after 5 ms and a random time, and are applied in the order of their commits; then
/// their users look for them, 25 ms after they were committed.
fn in_order() -> Case {
    let database = "read: 0, write: 0, reads: replicas, replication: {factor: 2, replay: 0}";
    let steps = "{write: main}, {sleep: 25ms}, {read: main}";
    let delay = "{there: {delay: shifted(5ms, exp(20ms))}, back: 0}";
    let yaml = scenario(200.0, "100k", steps, database, delay);
    Case::new("REPL-INORDER-1", "writes come out of order and are applied in order", RESEQUENCED)
        .run(yaml, 5.0, 1_000.0)
        .mean("mean lag [s]", 0.049_254_209_374, measure("replication_lag"))
        .mean("mean writes behind", 9.850_841_874_8, measure("writes_behind"))
        .prob("own write unseen", 0.854_879_799_365, measure("own_writes_missed"))
}

fn own_reads() -> Case {
    let database = "read: 0, write: 0, cores: 1, reads: any, \
                    replication: {factor: 4, replay: exp(10ms)}";
    let steps = "{write: main}, {sleep: exp(200ms)}, {read: main}";
    let yaml = scenario(80.0, "100k", steps, database, "{there: 5ms, back: 0}");
    Case::new("REPL-RYW-1", "users look for what they have written, 3/4 at a replica", OWN)
        .run(yaml, 20.0, 6_000.0)
        .prob("own write unseen", 0.164_814_052_783, measure("own_writes_missed"))
        .mean("mean lag [s]", 0.055, measure("replication_lag"))
}

/// A write waits for so many of three replicas, each of which has it after 10 ms and a random time.
fn acknowledged(acks: u32) -> Case {
    let expected: f64 = (0..acks).map(|k| 5e-3 / f64::from(3 - k)).sum::<f64>() + 10e-3;
    let database = format!(
        "read: 0, write: 0, cores: 1000, replication: {{factor: 4, replay: exp(5ms), \
         apply: any_order, acknowledge: applied, mode: semi_sync, acks: {acks}}}"
    );
    let yaml = scenario(20.0, "100k", "{write: main}", &database, "5ms");
    Case::new(format!("ACKS-{acks}-3"), "a write waits for some of three replicas", ORDER)
        .run(yaml, 5.0, 1_000.0)
        .mean("mean latency [s]", expected, |r| r.total.mean_latency.mean)
        .mean("mean wait [s]", expected, measure("sync_wait"))
}

/// 300 reads a second of three replicas that apply 40 writes a second besides.
fn shared_replicas() -> Case {
    let database = "cores: 1, scheduling: run_to_completion, read: exp(6.25ms), \
                    write: exp(6.25ms), reads: replicas, replication: {factor: 4, \
                    apply: any_order}";
    let yaml = "
clients:
  readers: {arrivals: poisson(300/s), target: app, timeout: none, requests: {get: {}}}
  writers: {arrivals: poisson(40/s), target: app, timeout: none, requests: {put: {}}}
topology:
  app: {server: {workers: async, endpoints: {get: [{read: main}], put: [{write: main}]}}}
  main: {database: {connections: unlimited, DATABASE}}
";
    let latency = |client: &'static str| {
        move |r: &Results| {
            let mut types = r.requests.iter();
            let found = types.find(|of| of.client == client);
            found.expect("there is such a client").mean_latency.mean
        }
    };
    Case::new("DB-REPL", "three replicas share reads and apply all writes", BURKE)
        .run(yaml.replace("DATABASE", database), transient(140.0, 0.00625, 1.0), 6_000.0)
        .mean("mean read latency [s]", 0.05, latency("readers"))
        .mean("mean write latency [s]", 0.01 / 1.2, latency("writers"))
        .mean("mean lag [s]", 0.05, measure("replication_lag"))
}

/// A read that asks eight shards, on many cores.
fn all_shards() -> Case {
    let database = "cores: 1000, read: exp(10ms), shards: 8";
    let yaml = scenario(20.0, "1k", "{read: {from: main, shards: all}}", database, "0");
    let expected: f64 = (1..=8).map(|k| 0.01 / f64::from(k)).sum();
    Case::new("SCATTER-8", "a read waits for the slowest of eight shards", ORDER)
        .run(yaml.replace("links: {main -> main: 0}\n", ""), 5.0, 1_000.0)
        .mean("mean latency [s]", expected, |r| r.total.mean_latency.mean)
}

/// Four shards have 4, 3, 2 and 1 of ten keys that are asked for alike.
fn skewed_shards() -> Case {
    let by = "directory: [{from: 0, shard: 0}, {from: 4, shard: 1}, {from: 7, shard: 2}, \
              {from: 9, shard: 3}]";
    let database = format!(
        "cores: 1, scheduling: run_to_completion, read: exp(10ms), shards: {{count: 4, by: {{{by}}}}}"
    );
    let yaml = scenario(200.0, "10", "{read: main}", &database, "0");
    let yaml = yaml.replace("links: {main -> main: 0}\n", "");
    Case::new("SHARD-SKEW", "shards with 40, 30, 20 and 10% of the requests", SHARDS)
        .run(yaml, transient(80.0, 0.01, 1.0), 3_000.0)
        .mean("mean latency [s]", 0.032_083_333_333, |r| r.total.mean_latency.mean)
        .mean("use of the busiest", 0.8, |r| {
            let resources = &at(r, "main").resources;
            resources.iter().find(|of| of.name == "cpu").expect("it has cores").busiest.mean
        })
}

/// Three copies take turns as the primary; each crashes now and then, for long enough to be
/// replaced.
fn failover() -> Case {
    let database = "read: 0, write: 0, replication: {factor: 3, replay: 0, resend: 5s}, \
                    failover: {every: 5s, misses: 3, promote: 10s}";
    let yaml = scenario(5.0, "100k", "{write: main}", database, "{there: 2s, back: 0}");
    let yaml = yaml + "faults: [{crash: main, every: exp(3000s), for: 30s}]\n";
    Case::new("FAILOVER-1", "a replica takes the place of a primary that fails", DETECTED)
        .run(yaml, 5.0, 400_000.0)
        .mean("mean time without a primary [s]", 22.5, measure("write_outage"))
        .mean("mean writes lost", 10.0, |r| measure("lost_commits")(r) / measure("failovers")(r))
        .coarse("a run has some hundred failovers")
}
