//! Transactions: a hot row as a queue, deadlocks, versions that are compared, and two-phase commit.

use deploysim::experiment::Results;

use crate::case::{Case, at};

const HOT: &str = "M/G/infinity in front, so Poisson: Pollaczek-Khinchine W = lambda E[H^2] / \
                   (2 (1 - rho))";
const CHAIN: &str = "own finite Markov chain on the labelled lock states";
const OCC: &str =
    "own finite chain: v -> 1 at rate v mu, v -> v + 1 at rate (N - v) mu; P = E[v]/N";
const FOREIGN: &str = "constant work D: P(ok) = exp(-lambda D); exponential: 1 / (1 + lambda D)";
const ROUNDS: &str =
    "own derivation: decision = 2 d + max_n + C, all done = 4 d + max_n + C + max_n";
const OCCUPANCY: &str = "occupancy: S (1 - (1 - 1/S)^m); two rounds take 2 m E[H_D]";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![hot_row(), saturated_row(), compared(), two_phases(), across_shards()];
    cases.extend([
        deadlocks(4, 0.05, 0.662_790_697_674, 0.639_534_883_721, 2e5),
        deadlocks(10, 0.006_060_606_060_6, 0.833_192_209_991, 0.328_535_139_712, 1.2e6),
    ]);
    cases.extend([
        foreign("constant work", "30ms", 1.822_118_800_391, 0.054_663_564_012),
        foreign("exponential work", "exp(30ms)", 1.6, 0.048),
        limited(),
        careless(),
    ]);
    cases
}

fn figure(of: &'static str, name: &'static str) -> impl Fn(&Results) -> f64 {
    move |r| {
        let figure = at(r, of).measures.get(name);
        figure.unwrap_or_else(|| panic!("it has {name}")).estimate.mean
    }
}

/// Clients, with their requests, whose steps are the endpoints, and a database that takes no time
/// but what is said.
fn scenario(keys: &str, clients: &str, endpoints: &str, database: &str, link: &str) -> String {
    format!(
        "
catalog: {{rows: {{keys: {keys}, popularity: uniform}}}}
clients:
{clients}
topology:
  app: {{server: {{workers: async, endpoints: {{{endpoints}}}}}}}
  main: {{database: {{connections: unlimited, read: 0, write: 0{database}}}}}
links: {{app -> main: {link}}}
"
    )
}

fn client(name: &str, sends: &str, requests: &str) -> String {
    format!("  {name}: {{{sends}, target: app, timeout: none, requests: {{{requests}}}}}\n")
}

const HOLD: &str = "{transaction: {in: main, each: [{io: 2ms}, {io: exp(4ms)}]}}";

fn hot_row() -> Case {
    let requests = "hot: {weight: 30, keys: rows}, cold: {weight: 70}";
    let endpoints = format!(
        "hot: [{{io: exp(3ms)}}, {HOLD}], cold: [{{io: exp(3ms)}}, {{io: 2ms}}, {{io: exp(4ms)}}]"
    );
    let clients = client("users", "arrivals: poisson(400/s)", requests);
    let yaml = scenario("1", &clients, &endpoints, "", "0");
    Case::new("HOTROW-1", "a hot row: 30% of 400 transactions a second hold it for 6 ms", HOT)
        .run(yaml, 20.0, 4_000.0)
        .mean("mean lock wait [s]", 0.011_142_857_143, figure("main", "lock_wait"))
        .prob("P(a lock is waited for)", 0.72, figure("main", "locks_waited"))
        .mean("mean latency of the hot [s]", 0.020_142_857_143, |r| r.requests[0].mean_latency.mean)
        .mean("mean latency [s]", 0.012_342_857_143, |r| r.total.mean_latency.mean)
}

/// As many as can be on the hot row, of which others are 70%.
fn saturated_row() -> Case {
    let clients = client("users", "users: {count: 20, think: 0}", "hot: {keys: rows}");
    let yaml = scenario("1", &clients, &format!("hot: [{HOLD}]"), "", "0");
    Case::new("HOTROW-1 at its limit", "as many transactions as one row lets through", HOT)
        .run(yaml, 20.0, 1_000.0)
        .mean("throughput of the hot row [1/s]", 166.666_666_667, figure("app", "commit_rate"))
        .mean("of all, if it is 30% [1/s]", 555.555_555_556, |r| {
            figure("app", "commit_rate")(r) / 0.3
        })
}

fn deadlocks(rows: u32, deadlock: f64, throughput: f64, waits: f64, measured: f64) -> Case {
    let clients = client("users", "users: {count: 2, think: 0}", "get: {keys: rows}");
    let steps = "get: [{transaction: {in: main, keys: 2, retries: 0, each: [{io: exp(1s)}]}}]";
    let yaml = scenario(&rows.to_string(), &clients, steps, "", "0");
    Case::new(format!("DEADLOCK-{rows}"), "two lock 2 rows each, in random order", CHAIN)
        .run(yaml, 100.0, measured)
        .prob("P(deadlock)", deadlock, figure("app", "deadlock_share"))
        .mean("commits [1/s]", throughput, figure("app", "commit_rate"))
        .mean("share of the time that one waits", waits, figure("main", "lock_waiters"))
}

fn compared() -> Case {
    let clients = client("users", "users: {count: 8, think: 0}", "get: {keys: rows}");
    let steps = "get: [{transaction: {in: main, isolation: optimistic, retries: 100000, \
                 each: [{io: exp(10ms)}]}}]";
    let yaml = scenario("1", &clients, steps, "", "0");
    Case::new("OCC-CLOSED-8", "eight compare versions of one row, and start again", OCC)
        .run(yaml, 5.0, 500.0)
        .prob("P(a try commits)", 0.308_164_699_963, |r| 1.0 - figure("app", "conflict_share")(r))
        .mean("tries for a commit", 3.245_018_005_371, |r| {
            figure("app", "transactions")(r) / figure("app", "commits")(r)
        })
        .mean("commits [1/s]", 246.531_759_970_47, figure("app", "commit_rate"))
        .mean("gain over one after the other", 2.465_317_599_705, |r| {
            figure("app", "commit_rate")(r) / 100.0
        })
}

/// One user writes a row that others write 20 times a second.
fn against_others(isolation: &str, retries: u32, work: &str) -> String {
    let mut clients = client("user", "users: {count: 1, think: 0}", "get: {keys: rows}");
    clients += &client("others", "arrivals: poisson(20/s)", "put: {keys: rows}");
    let steps = format!(
        "get: [{{transaction: {{in: main, isolation: {isolation}, retries: {retries}, \
         each: [{{io: {work}}}]}}}}], put: [{{write: main}}]"
    );
    scenario("1", &clients, &steps, "", "0")
}

fn foreign(name: &'static str, work: &str, tries: f64, time: f64) -> Case {
    let yaml = against_others("optimistic", 100_000, work);
    Case::new(format!("OCC-OPEN-1, {name}"), "a row that others write too, until it works", FOREIGN)
        .run(yaml, 5.0, 1_000.0)
        .mean("tries for a commit", tries, |r| {
            figure("app", "transactions")(r) / figure("app", "commits")(r)
        })
        .mean("mean time until it works [s]", time, |r| r.requests[0].mean_latency.mean)
}

fn limited() -> Case {
    let yaml = against_others("optimistic", 2, "30ms");
    Case::new("OCC-OPEN-1, three tries", "a row that others write too, three times", FOREIGN)
        .run(yaml, 5.0, 4_000.0)
        .prob("P(it gives up)", 0.091_848_839_233, |r| {
            let failed = figure("app", "transactions_failed")(r);
            failed / (failed + figure("app", "commits")(r))
        })
}

fn careless() -> Case {
    let yaml = against_others("read_committed", 0, "30ms");
    Case::new("OCC-OPEN-1, careless", "a row that others write too, written over", FOREIGN)
        .run(yaml, 5.0, 1_000.0)
        .prob("P(an update is lost)", 0.451_188_363_906, |r| {
            figure("main", "lost_updates")(r) / figure("app", "commits")(r)
        })
}

/// Each of three rows on a shard of its own, and never two transactions at once.
fn two_phases() -> Case {
    let clients = client("user", "users: {count: 1, think: 1s}", "get: {keys: rows}");
    let steps = "get: [{transaction: {in: main, keys: 3, order: sorted, decision: exp(2ms)}}]";
    let database =
        ", shards: {count: 3, by: range}, transactions: {prepare: exp(4ms), commit: exp(3ms)}";
    let yaml = scenario("3", &clients, steps, database, "1ms");
    // The three rows are read before, in 6 ms; they are locked for 6, 4 and 2 ms until the shards
    // are asked to prepare.
    Case::new("TWOPC-1", "two-phase commit on three shards, 1 ms away", ROUNDS)
        .run(yaml, 10.0, 10_000.0)
        .mean("mean time until it is decided [s]", 0.011_333_333_333, figure("app", "commit_time"))
        .latency_quantile(0.5, 0.010_366_911_730 + 0.006)
        .latency_quantile(0.99, 0.027_541_002_182 + 0.006)
        .mean("mean time until all have it [s]", 0.018_833_333_333, figure("app", "settle_time"))
        .mean("mean lock time after that [s]", 0.014_333_333_333, |r| {
            figure("main", "lock_hold")(r) - 0.004
        })
        .mean("mean time in doubt [s]", 0.007_333_333_333, figure("main", "in_doubt_time"))
}

/// Three rows each, anywhere on eight shards. What one shard has alone is committed in one round,
/// of the two that are told of.
fn across_shards() -> Case {
    let clients = client("users", "arrivals: poisson(1k/s)", "get: {keys: rows}");
    let steps = "get: [{transaction: {in: main, keys: 3, order: sorted}}]";
    let database = ", shards: 8, transactions: {prepare: exp(10ms), commit: exp(10ms)}";
    let yaml = scenario("1M", &clients, steps, database, "0");
    let single = |r: &Results| 1.0 - figure("app", "across_shards")(r);
    Case::new("XSHARD-1", "transactions of three rows on eight shards", OCCUPANCY)
        .run(yaml, 2.0, 500.0)
        .mean("mean number of shards", 2.640_625, figure("app", "shards_per_transaction"))
        .prob("P(one shard)", 0.015_625, single)
        .prob("P(three shards)", 0.656_25, move |r| {
            figure("app", "shards_per_transaction")(r) - 2.0 + single(r)
        })
        .mean("two rounds of 10 ms [s]", 0.034_218_75, move |r| {
            figure("app", "settle_time")(r) + single(r) * 0.01
        })
}
