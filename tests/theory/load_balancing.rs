//! A balancer in front of single-core stations, first come first served.

use deploysim::experiment::Results;

use crate::case::{Case, at, poisson, transient};

const SLOW: &str = "its relative error falls slowest near saturation";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![random_4(), round_robin_4(), round_robin_10()];
    cases.extend([
        least_2(),
        least_3(),
        least_4(),
        choices_4(),
        least_work(),
        weighted(),
        own_core(),
        first_available(),
    ]);
    cases.extend(TWO_CHOICES.map(|found| choices_100("LB-P2C-100", 2, found)));
    cases.extend(FIVE_CHOICES.map(|found| choices_100("LB-P5C-100", 5, found)));
    cases
}

fn balanced(arrivals: f64, policy: &str, backends: u64) -> String {
    let topology = format!(
        "topology:
  front: {{load_balancer: {{policy: {policy}, tie_break: random, backends: [app]}}}}
  app:
    server:
      replicas: {backends}
      workers: 1
      queue: {{limit: unlimited}}
      endpoints: {{get: [{{cpu: \"exp(10ms)\"}}]}}
"
    );
    poisson(arrivals, "front") + &topology
}

impl Case {
    fn latency(self, mean: f64) -> Case {
        self.mean("mean latency [s]", mean, |r| r.total.mean_latency.mean)
    }

    fn quantiles(self, p50: f64, p95: f64, p99: f64) -> Case {
        self.latency_quantile(0.5, p50).latency_quantile(0.95, p95).latency_quantile(0.99, p99)
    }

    fn waits(self, expected: f64) -> Case {
        self.prob("P(wait > 0)", expected, |r| at(r, "app").wait_share.mean)
    }

    fn idle_found(self, expected: f64) -> Case {
        self.prob("P(an idle backend)", expected, |r| 1.0 - at(r, "app").wait_share.mean)
    }
}

fn random_4() -> Case {
    Case::new("LB-RAND-4", "random over 4 M/M/1", "a split Poisson process is Poisson")
        .run(balanced(320.0, "random", 4), 11.0, 2_300.0)
        .latency(0.05)
        .quantiles(0.034_657_359_027_997_26, 0.149_786_613_677_699_5, 0.230_258_509_299_404_56)
}

/// Four services that work on as many as come, each filled up to five. The last overflows once in
/// 10^8 requests.
fn first_available() -> Case {
    let service = "external: {latency: \"lognormal(mean=10ms, cv=1.5)\"}";
    let topology = format!(
        "topology:
  front: {{load_balancer: {{policy: {{first_available: 5}}, backends: [a, b, c, d]}}}}
  a: {{{service}}}
  b: {{{service}}}
  c: {{{service}}}
  d: {{{service}}}
"
    );
    let share = |r: &Results, names: &[&str]| {
        let visits = names.iter().map(|name| at(r, name).visits).sum::<u64>();
        visits as f64 / at(r, "front").visits as f64
    };
    let source = "Erlang 1917: Erlang B of the trunks up to there; Sevastyanov 1957: insensitive";
    Case::new("LB-FIRST-5", "first available: overflow from group to group", source)
        .run(poisson(400.0, "front") + &topology, 5.0, 300.0)
        .prob("P(beyond the first)", 0.199_066_874_027_993_78, move |r| 1.0 - share(r, &["a"]))
        .prob("P(beyond the second)", 0.005_307_548_873_895_179, move |r| {
            1.0 - share(r, &["a", "b"])
        })
}

const ERLANG_ARRIVALS: &str = "E_k/M/1: sigma = (k lambda'/(k lambda' + mu(1-sigma)))^k, \
                               T ~ Exp(mu(1-sigma))";

fn round_robin_4() -> Case {
    Case::new("LB-RR-4", "round robin over 4: E4/M/1", ERLANG_ARRIVALS)
        .run(balanced(320.0, "round_robin", 4), 11.0, 1_900.0)
        .latency(0.032_673_836_103_193_465)
        .waits(0.693_944_721_751_768_1)
        .quantiles(0.022_647_777_373_006_3, 0.097_882_065_315_150_2, 0.150_468_575_884_287_83)
}

fn round_robin_10() -> Case {
    Case::new("LB-RR-10", "round robin over 10: E10/M/1", ERLANG_ARRIVALS)
        .run(balanced(900.0, "round_robin", 10), 46.0, 500.0)
        .latency(0.056_602_763_901_053_88)
        .coarse(SLOW)
        .waits(0.823_330_181_941_631_1)
        .quantiles(0.039_234_046_209_915_746, 0.169_566_726_590_743_84, 0.260_665_360_761_656_3)
}

const SHORTEST: &str =
    "numerical solution of the truncated Markov chain of join the shortest queue";

fn least_2() -> Case {
    Case::new("LB-JSQ2-80", "least connections over 2", SHORTEST)
        .run(balanced(160.0, "least_connections", 2), 11.0, 4_500.0)
        .latency(0.029_557_366_176_375_284)
        .idle_found(0.305_835_224_787_763_65)
        .quantiles(0.021_179_140_163_468_54, 0.086_102_529_132_703_32, 0.130_843_977_086_199_77)
}

fn least_3() -> Case {
    Case::new("LB-JSQ3-90", "least connections over 3", SHORTEST)
        .run(balanced(270.0, "least_connections", 3), 46.0, 1_800.0)
        .latency(0.039_824_219_650_660_69)
        .coarse(SLOW)
        .idle_found(0.204_866_729_353_066_05)
        .quantiles(0.028_910_052_798_535_247, 0.114_614_889_992_052_35, 0.174_008_296_550_998_86)
}

fn least_4() -> Case {
    Case::new("LB-JSQ4-80", "least connections over 4", SHORTEST)
        .run(balanced(320.0, "least_connections", 4), 11.0, 1_000.0)
        .latency(0.019_531_342_137_070_914)
        .idle_found(0.451_604_542_373_534_53)
        .quantiles(0.014_245_704_828_505_644, 0.055_990_194_268_425_844, 0.083_763_107_411_717_07)
}

fn choices_4() -> Case {
    Case::new("LB-P2C-4-80", "the better of two out of 4", SHORTEST)
        .run(balanced(320.0, "{power_of_d: {d: 2}}", 4), 11.0, 800.0)
        .latency(0.023_301_575_960_550_578)
}

/// A balancer that lets in as many requests as there are cores, and gives each to an idle one. The
/// rest wait in front of it, and nobody waits where others are idle: each request is served when
/// the backend with the least work left would have served it.
fn least_work() -> Case {
    let topology = "topology:
  front:
    load_balancer:
      {policy: least_connections, backends: [app], connections: 4, queue: {limit: unlimited}}
  app:
    server:
      replicas: 4
      workers: 1
      endpoints: {get: [{cpu: \"hyperexp(mean=10ms, cv=2)\"}]}
";
    let source = "Foss 1980: least work left is one queue for all; M/H2/4 as a quasi-birth-death \
                  process whose phase is the number of quick ones in service";
    let bursty = "hyperexponential work of squared coefficient of variation 4 is bursty";
    Case::new("LB-LWL-4", "one queue for 4, as least work left: M/H2/4", source)
        .run(poisson(320.0, "front") + topology, 4.0 * transient(320.0, 0.01, 4.0), 3_000.0)
        .mean("mean wait [s]", 0.017_176_157_386_085_21, |r| at(r, "front").wait.mean)
        .coarse(bursty)
        .prob("P(wait > 0)", 0.610_180_389_334_005, |r| at(r, "front").wait_share.mean)
}

/// Load, mean sojourn in services and its standard error.
type Simulated = (f64, f64, f64);

const TWO_CHOICES: [Simulated; 6] = [
    (0.5, 1.267_682_100_65, 0.000_177),
    (0.7, 1.620_216_154_545, 0.000_413),
    (0.8, 1.957_879_610_2, 0.000_489),
    (0.9, 2.645_776_417_99, 0.000_985),
    (0.95, 3.460_565_217_86, 0.001_098),
    (0.99, 5.944_965_615_045, 0.005_716),
];

const FIVE_CHOICES: [Simulated; 6] = [
    (0.5, 1.033_969_354_725, 0.000_084),
    (0.7, 1.176_413_838_8, 0.000_128),
    (0.8, 1.341_679_159_04, 0.000_258),
    (0.9, 1.671_509_760_315, 0.000_369),
    (0.95, 2.074_744_653_56, 0.000_696),
    (0.99, 3.486_808_111_19, 0.003_841),
];

/// The best of `d` distinct ones out of 100.
fn choices_100(id: &str, d: u64, (load, sojourn, error): Simulated) -> Case {
    let arrivals = load * 10_000.0;
    let warmup = transient(arrivals, 0.01, 100.0);
    let policy = format!("{{power_of_d: {{d: {d}}}}}");
    let source = "simulations written for this purpose, which agree with the column that \
                  Mitzenmacher 1996 published";
    let measured = match (load, d) {
        (0.99, 2) => 250.0,
        (0.99, _) => 400.0,
        (0.95, 2) => 110.0,
        (0.95, _) => 80.0,
        (0.9, _) => 40.0,
        _ => 15.0,
    };
    let id = format!("{id} at {load}");
    let case = Case::new(id, "the best of a few distinct ones out of 100", source)
        .run(balanced(arrivals, &policy, 100), warmup, measured)
        // By Little's law: of requests followed to their end, the long ones are missing at the end.
        .mean("mean sojourn [s]", 0.01 * sojourn, |r| {
            at(r, "app").present.mean / r.total.arrival_rate.mean
        })
        .simulated(0.01 * error);
    if load > 0.98 { case.coarse(SLOW) } else { case }
}

fn weighted() -> Case {
    let topology = "topology:
  front:
    load_balancer: {policy: weighted_random, backends: [{to: fast, weight: 5}, {to: slow, weight: 3}]}
  fast: {server: {workers: 1, queue: {limit: unlimited}, endpoints: {get: [cpu: exp(10ms)]}}}
  slow:
    server:
      {speed: 0.6, workers: 1, queue: {limit: unlimited}, endpoints: {get: [cpu: exp(10ms)]}}
";
    let sojourn = |name: &'static str| move |r: &Results| at(r, name).sojourn.mean;
    Case::new(
        "LB-WRAND",
        "weighted random over a fast and a slow M/M/1",
        "a split Poisson process is Poisson",
    )
    .run(poisson(150.0, "front") + topology, 200.0, 18_000.0)
    .latency(0.2)
    .coarse(SLOW)
    .mean("mean sojourn at the fast one [s]", 0.16, sojourn("fast"))
    .coarse(SLOW)
    .mean("mean sojourn at the slow one [s]", 0.266_666_666_666_666_66, sojourn("slow"))
    .coarse(SLOW)
}

/// A balancer whose own core every request needs: the bottleneck in front of servers at rest.
fn own_core() -> Case {
    let topology = "topology:
  front: {load_balancer: {cost: exp(10ms), backends: app}}
  app: {server: {replicas: 4, workers: unlimited, endpoints: {get: [io: 20ms]}}}
";
    let utilisation = |r: &Results| crate::case::utilisation(r, "front", "cpu");
    Case::new("LB-OWN", "a balancer of one core as M/M/1", "T ~ Exp(mu - lambda)")
        .run(poisson(80.0, "front") + topology, 11.0, 13_000.0)
        .mean("mean latency [s]", 0.07, |r| r.total.mean_latency.mean)
        .mean("mean wait at the balancer [s]", 0.04, |r| at(r, "front").wait.mean)
        .mean("utilisation of the balancer", 0.8, utilisation)
}
