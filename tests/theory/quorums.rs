//! Databases of which every copy takes writes: how long enough copies take to answer, what reads of
//! some of them miss, and how often writes of several copies conflict.

use deploysim::experiment::Results;

use crate::case::{Case, at};

const WARS: &str = "Bailis et al. 2012 (WARS), by Monte Carlo";
const WARS_EXP: &str = "exact: WARS with exponential times, by quadrature";
const ORDER: &str = "order statistics: F^-1(Beta^-1(p; k, n - k + 1))";
const BINOMIAL: &str = "binomial tails";
const CONCURRENT: &str =
    "exact: 1 - exp(-lambda_B (d_AB + d_BA)); pairs lambda_A lambda_B (d_AB + d_BA)";
const BIRTHDAY: &str = "n (n - 1) / 2 M";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(EXPONENTIAL.map(exponential));
    cases.extend(SEEN.map(seen));
    cases.extend(TAILS.map(tail));
    cases.extend(LOGNORMAL.map(|(n, k, mean, quantiles)| {
        let law = "lognormal(mean=6.885638821679786ms, cv=0.9468267419675849)";
        fastest("QUORUM-LN", law, (n, k), mean, quantiles)
    }));
    cases.extend(PARETO.map(|(n, k, mean, quantiles)| {
        fastest("QUORUM-PARETO", "pareto(shape=2.2, minimum=2ms)", (n, k), mean, quantiles)
    }));
    cases.extend(AVAILABLE.map(available));
    cases.push(one_row());
    cases.push(many_rows());
    cases.push(identifiers());
    cases
}

fn measure(name: &'static str) -> impl Fn(&Results) -> f64 {
    move |r| {
        let figure = at(r, "main").measures.get(name);
        figure.unwrap_or_else(|| panic!("it has {name}")).estimate.mean
    }
}

/// A database that does nothing but what is said, asked for these steps.
fn scenario(rate: f64, steps: &str, database: &str, way: &str) -> String {
    format!(
        "
catalog: {{rows: {{keys: 1M, popularity: uniform}}}}
clients:
  users:
    arrivals: poisson({rate}/s)
    target: app
    timeout: none
    requests: {{get: {{keys: rows}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{steps}]}}}}}}
  main:
    database:
      cores: 1000
      connections: unlimited
      {database}
links: {{main -> main: {{there: 0, back: {way}}}}}
"
    )
}

/// Three copies behind a coordinator: a write takes `write` there and is on its way back for `way`;
/// so long a read is on its way as well, each way.
fn wars(rate: f64, steps: &str, [read, write]: [u32; 2], [takes, way]: [&str; 2]) -> String {
    let mode = format!("{{quorum: {{write: {write}, read: {read}, coordinator: apart}}}}");
    let database = format!(
        "read: {way}\n      write: 0\n      replication: {{factor: 3, replay: '{takes}', \
         resend: 100s, mode: {mode}}}"
    );
    scenario(rate, steps, &database, way)
}

/// After how many milliseconds a read begins, and how probably it does not see the write.
const EXPONENTIAL: [(u32, f64); 5] = [
    (0, 0.513_094_580_477_390_6),
    (5, 0.311_207_594_191_928_6),
    (10, 0.188_756_947_534_118_12),
    (20, 0.069_439_800_376_078_64),
    (40, 0.009_397_655_051_790_446),
];

fn exponential((after, unseen): (u32, f64)) -> Case {
    let steps = format!("{{write: main}}, {{sleep: {after}ms}}, {{read: main}}");
    let yaml = wars(200.0, &steps, [1, 1], ["exp(10ms)", "exp(2ms)"]);
    Case::new(format!("PBS-EXP t={after}"), "a read of one of three copies after a write", WARS_EXP)
        .run(yaml, 1.0, 400.0)
        .prob("own write unseen", unseen, measure("own_writes_missed"))
}

const SSD: &str = "mixture(91.22% pareto(shape=10, minimum=0.235ms), 8.78% exp(0.602409639ms))";
const DISK: &str = "mixture(38% pareto(shape=1.51, minimum=1.05ms), 62% exp(5.464480874ms))";

/// What copies of a deployment take: its name, and the time of a write.
fn published(disk: bool) -> (&'static str, &'static str) {
    if disk { ("PBS-LNKD-DISK", DISK) } else { ("PBS-LNKD-SSD", SSD) }
}

/// Of a deployment with disks or without, and so many copies that answer a read and a write: after
/// how many milliseconds a read begins, how probably it sees the write, and how sure that is.
const SEEN: [(bool, [u32; 2], u32, f64, f64); 16] = [
    (false, [1, 1], 0, 0.973_625_2, 5.33e-5),
    (false, [1, 1], 1, 0.994_992_6, 2.73e-5),
    (false, [1, 1], 5, 0.999_992_7, 7.3e-7),
    (false, [1, 2], 0, 0.978_257_9, 4.06e-5),
    (false, [2, 1], 0, 0.999_412_9, 7.1e-6),
    (false, [2, 2], 0, 1.0, 0.0),
    (true, [1, 1], 0, 0.436_830_8, 1.58e-4),
    (true, [1, 1], 1, 0.583_460_2, 1.44e-4),
    (true, [1, 1], 5, 0.818_162_3, 1.01e-4),
    (true, [1, 1], 10, 0.926_378_7, 9.2e-5),
    (true, [1, 1], 50, 0.998_929_4, 1.03e-5),
    (true, [1, 2], 0, 0.712_724_9, 1.35e-4),
    (true, [2, 1], 0, 0.762_805_5, 1.38e-4),
    (true, [2, 2], 0, 1.0, 0.0),
    (true, [1, 3], 0, 1.0, 0.0),
    (true, [3, 1], 0, 1.0, 0.0),
];

fn seen((disk, [read, write], after, expected, error): (bool, [u32; 2], u32, f64, f64)) -> Case {
    let (name, takes) = published(disk);
    let steps = format!("{{write: main}}, {{sleep: {after}ms}}, {{read: main}}");
    let missed = measure("own_writes_missed");
    Case::new(format!("{name} R={read} W={write} t={after}"), "what a read sees of a write", WARS)
        .run(wars(400.0, &steps, [read, write], [takes, SSD]), 1.0, 100.0)
        .prob("own write seen", expected, move |r| 1.0 - missed(r))
        .simulated(error)
}

/// Of a deployment with disks or without, a read or a write, of so many copies: the 99.9th
/// percentile of its latency (ms). It is known to 10^-5 of the probability.
const TAILS: [(bool, bool, u32, f64); 12] = [
    (false, false, 1, 0.656_006_897),
    (false, false, 2, 1.631_146_085),
    (false, false, 3, 4.112_231_752),
    (false, true, 1, 0.655_136_124),
    (false, true, 2, 1.633_743_366),
    (false, true, 3, 4.109_271_627),
    (true, false, 1, 0.655_447_133),
    (true, false, 2, 1.629_942_332),
    (true, false, 3, 4.116_161_769),
    (true, true, 1, 10.912_534_495),
    (true, true, 2, 20.950_167_571),
    (true, true, 3, 111.530_697_878),
];

fn tail((disk, writes, copies, latency): (bool, bool, u32, f64)) -> Case {
    let (name, takes) = published(disk);
    let (step, what) = if writes { ("write: main", "W") } else { ("read: main", "R") };
    let yaml = wars(1000.0, &format!("{{{step}}}"), [copies; 2], [takes, SSD]);
    Case::new(format!("{name} {what}={copies}"), "how long enough copies take to answer", WARS)
        .run(yaml, 1.0, 40.0)
        .latency_quantile(0.999, latency * 1e-3)
        .simulated(1.1e-5)
}

type Quantiles = [(f64, f64); 2];

/// Of how many copies how many must answer; the mean (s), and quantiles (s).
const LOGNORMAL: [(u32, u32, f64, Quantiles); 4] = [
    (3, 2, 0.005_772_651_476_063_534, [(0.5, 0.005), (0.99, 0.017_473_341_857_170_16)]),
    (5, 3, 0.005_480_901_430_118_605, [(0.5, 0.005), (0.99, 0.013_592_000_316_532_023)]),
    (
        5,
        4,
        0.008_222_163_728_083_667,
        [(0.5, 0.007_370_614_454_361_692), (0.99, 0.021_837_856_679_170_41)],
    ),
    (
        5,
        5,
        0.014_753_376_298_791_05,
        [(0.5, 0.012_337_407_912_150_35), (0.99, 0.049_946_559_399_172_14)],
    ),
];
const PARETO: [(u32, u32, f64, Quantiles); 3] = [
    (
        3,
        1,
        0.002_357_142_857_142_856_3,
        [(0.5, 0.002_221_470_759_145_452), (0.99, 0.004_018_466_005_130_094)],
    ),
    (
        3,
        2,
        0.003_050_420_168_067_228,
        [(0.5, 0.002_740_701_969_440_247), (0.99, 0.007_245_326_958_601_942_5)],
    ),
    (
        3,
        3,
        0.005_592_436_974_789_915_6,
        [(0.5, 0.004_098_469_985_870_051), (0.99, 0.026_689_080_199_600_514)],
    ),
];

fn fastest(
    name: &str,
    law: &str,
    (copies, needed): (u32, u32),
    mean: f64,
    quantiles: Quantiles,
) -> Case {
    let mode = format!("{{quorum: {{read: {needed}, coordinator: apart}}}}");
    let database = format!(
        "read: 0\n      write: 0\n      replication: {{factor: {copies}, resend: 100s, \
         mode: {mode}}}"
    );
    let mut case =
        Case::new(format!("{name} {needed} of {copies}"), "the k-th fastest of some copies", ORDER)
            .run(scenario(1000.0, "{read: main}", &database, law), 1.0, 100.0)
            .mean("mean latency [s]", mean, |r| r.total.mean_latency.mean);
    if needed == copies && law.starts_with("pareto") {
        case = case.coarse("variances of a power law");
    }
    for (p, quantile) in quantiles {
        case = case.latency_quantile(p, quantile);
    }
    case
}

/// How often a copy is up, in per cent; how many there are, must have a write, and must answer a
/// read; how often each is possible.
const AVAILABLE: [(u32, [u32; 3], [f64; 2]); 5] = [
    (99, [3, 2, 2], [0.999_702, 0.999_702]),
    (99, [3, 3, 1], [0.970_299, 0.999_999]),
    (99, [5, 3, 3], [0.999_990_149_4, 0.999_990_149_4]),
    (97, [5, 4, 2], [0.991_527_947_2, 0.999_996_047_2]),
    (97, [7, 4, 4], [0.999_973_640_6, 0.999_973_640_6]),
];

fn available((up, [copies, write, read], [writes, reads]): (u32, [u32; 3], [f64; 2])) -> Case {
    let mode = format!("{{quorum: {{write: {write}, read: {read}}}}}");
    let fault = |copy| {
        format!("  - {{crash: 'main[{copy}]', every: 'exp({up}s)', for: 'exp({}s)'}}\n", 100 - up)
    };
    let faults: String = (0..copies).map(fault).collect();
    let yaml = format!(
        "
clients:
  readers: {{arrivals: constant(2/s), target: app, timeout: none, requests: {{get: {{}}}}}}
  writers: {{arrivals: constant(2/s), target: app, timeout: none, requests: {{put: {{}}}}}}
topology:
  app: {{server: {{workers: async, endpoints: {{get: [{{read: main}}], put: [{{write: main}}]}}}}}}
  main: {{database: {{read: 0, write: 0, replication: {{factor: {copies}, mode: {mode}}}}}}}
faults:
{faults}"
    );
    let ok = |client: &'static str| {
        move |r: &Results| {
            let found = r.requests.iter().find(|of| of.client == client);
            let found = found.expect("there is such a client");
            1.0 - found.measures.estimate("error_rate").mean
        }
    };
    Case::new(format!("QUORUM-AV {write} and {read} of {copies}"), "copies that fail", BINOMIAL)
        .run(yaml, 500.0, 5_000.0)
        .prob("writes that are possible", writes, ok("writers"))
        .prob("reads that are possible", reads, ok("readers"))
}

/// Two primaries that write rows 5 and 3 times a second, or more often.
fn two_primaries(rates: [u32; 2], keys: &str, lag: &str) -> String {
    let [first, second] = rates;
    format!(
        "
regions: {{a: {{}}, b: {{}}}}
catalog: {{rows: {keys}}}
clients:
  one: {{arrivals: poisson({first}/s), target: app1, timeout: none, requests: {{put: {{keys: rows}}}}}}
  other: {{arrivals: poisson({second}/s), target: app2, timeout: none, requests: {{put: {{keys: rows}}}}}}
topology:
  app1: {{server: {{place: a, workers: async, endpoints: {{put: [{{write: main}}]}}}}}}
  app2: {{server: {{place: b, workers: async, endpoints: {{put: [{{write: main}}]}}}}}}
  main:
    database:
      place: [a, b]
      cores: 1000
      connections: unlimited
      read: 0
      write: 0
      reads: nearest
      replication: {{factor: 2, mode: multi_primary}}
links: {{main -> main: {lag}}}
"
    )
}

/// Pairs that conflict for each write.
fn pairs(r: &Results) -> f64 {
    measure("conflicting_pairs")(r) / measure("committed_writes")(r)
}

fn one_row() -> Case {
    let (first, second) = (0.381_216_608_193_859_16, 0.550_671_035_882_778_4);
    let both = (5.0 * first + 3.0 * second) / 8.0;
    let yaml = two_primaries([5, 3], "{keys: 1, popularity: uniform}", "80ms");
    Case::new("CONC-1", "two primaries write one row, 80 ms apart", CONCURRENT)
        .run(yaml, 5.0, 5_000.0)
        .prob("a write conflicts", both, measure("conflicting_writes"))
        .mean("pairs that conflict, a write", 2.4 / 8.0, pairs)
}

fn many_rows() -> Case {
    let sum: f64 = (1..=1000).map(|rank| 1.0 / f64::from(rank)).sum();
    let of_rank = |rank: u32| 1.0 / f64::from(rank) / sum;
    let conflicts = |others: f64| -> f64 {
        let one = |share: f64| share * (1.0 - libm::exp(-others * share * 0.2));
        (1..=1000).map(of_rank).map(one).sum()
    };
    assert!((conflicts(30.0) - 0.134_805_430_801_745_98).abs() < 1e-12);
    let both = (50.0 * conflicts(30.0) + 30.0 * conflicts(50.0)) / 80.0;
    let yaml = two_primaries([50, 30], "{keys: 1000, popularity: zipf(1)}", "100ms");
    Case::new("CONC-ZIPF", "two primaries write a thousand rows, 100 ms apart", CONCURRENT)
        .run(yaml, 5.0, 1_500.0)
        .prob("a write conflicts", both, measure("conflicting_writes"))
        .mean("pairs that conflict, a write", 8.801_719_701_184_275 / 80.0, pairs)
}

/// 60,000 rows with random identifiers of 20 bits.
fn identifiers() -> Case {
    let yaml = "
clients: {users: {arrivals: constant(1000/s), target: app, timeout: none, requests: {put: {}}}}
topology:
  app: {server: {workers: async, endpoints: {put: [{write: main}]}}}
  main:
    database:
      write: 0
      replication: {factor: 2, mode: {multi_primary: {identifiers: {random: 20}}}}
";
    let share = |r: &Results| {
        let rows = measure("committed_writes")(r);
        measure("conflicting_pairs")(r) / (rows * (rows - 1.0) / 2.0) * f64::from(1 << 20)
    };
    Case::new("ID-BIRTHDAY 20 bits", "rows with the same random identifier", BIRTHDAY)
        .run(yaml.to_owned(), 0.0, 60.0)
        .mean("pairs with the same, of 2^-20 of all", 1.0, share)
        .coarse("pairs are Poisson: 1,700 vary by 2%")
}
