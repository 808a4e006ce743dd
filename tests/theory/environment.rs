//! What is around a station: neighbours who slow it down, limits of what it takes.

use crate::case::{Case, at, poisson, server, transient, utilisation};

const CYCLES: &str = "its correlation lasts for many cycles of the environment";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let neighbour = Environment {
        arrivals: 50.0,
        host: "{share: 40%, noisy: exp(10s), quiet: exp(30s)}",
        // 34.5 in system would take 30 replications of 222,000 s until one scatters by less than
        // 3%, by the variance that the generator tells: ten times as long.
        means: None,
        nonempty: 0.648_894_092_831_498_3,
        measured: 22_000.0,
    };
    let fickle = Environment {
        arrivals: 50.0,
        host: "{share: 40%, noisy: exp(1s), quiet: exp(3s)}",
        means: Some((5.327_411_502_970_159, 0.106_548_230_059_403_18)),
        nonempty: 0.642_013_532_465_350_8,
        measured: 25_000.0,
    };
    let breakdowns = Environment {
        arrivals: 60.0,
        host: "{share: 0, noisy: exp(0.5s), quiet: exp(10s)}",
        means: Some((5.563_706_563_706_294, 0.092_728_442_728_438_23)),
        nonempty: 0.647_050_691_244_236_6,
        measured: 60_000.0,
    };
    let line = "workers: 1";
    let shared = "workers: unlimited";
    vec![
        neighbour.case("ENV-1", "M/M/1-PS with a noisy neighbour", shared),
        fickle.case("ENV-1 x10", "M/M/1-PS with a neighbour ten times as fickle", shared),
        breakdowns.case("ENV-BRK", "M/M/1 with breakdowns", line),
        token_bucket(),
        object_store(),
        disk("DISK-MD1", "M/D/1 at a disk", "{throughput: 20MB/s}", (0.02, 4_000.0)),
        disk(
            "DISK-MG1",
            "M/G/1 at a disk",
            "{latency: exp(8ms), throughput: 100MB/s}",
            (0.0328, 6_000.0),
        ),
    ]
}

struct Environment {
    arrivals: f64,
    host: &'static str,
    /// Mean number in system, and mean latency (s).
    means: Option<(f64, f64)>,
    nonempty: f64,
    measured: f64,
}

impl Environment {
    /// An exponential server on that host. The number present does not depend on the order of
    /// service.
    fn case(&self, id: &str, title: &'static str, workers: &str) -> Case {
        let Environment { arrivals, host, means, nonempty, measured } = *self;
        let app = format!(
            "
topology:
  app:
    server:
      {workers}
      queue: {{limit: unlimited}}
      neighbours: {host}
      endpoints: {{get: [{{cpu: exp(10ms)}}]}}
"
        );
        let source = "Neuts 1981 ch. 6: M/M/1 in a random environment; White and Christie 1958";
        let case = Case::new(id, title, source)
            .run(poisson(arrivals, "app") + &app, 500.0, measured)
            .prob("P(not empty)", nonempty, |r| utilisation(r, "app", "cpu"));
        let Some((present, latency)) = means else { return case };
        case.mean("mean in system", present, |r| at(r, "app").present.mean)
            .coarse(CYCLES)
            .mean("mean latency [s]", latency, |r| r.total.mean_latency.mean)
            .coarse(CYCLES)
    }
}

fn token_bucket() -> Case {
    let topology = "
topology:
  api: {external: {latency: exp(20ms), rate_limit: {rate: 100/s, burst: 10}}}
";
    let source = "chain embedded at refills: X' = min(b, (X - A)^+ + 1), A Poisson";
    Case::new("TB-1", "token bucket under Poisson arrivals", source)
        .run(poisson(90.0, "api") + topology, 5.0, 1_200.0)
        .prob("P(turned away)", 0.014_807_668_107_256_882, |r| r.total.error_rate.mean)
        .mean("throughput [1/s]", 88.667_309_870_346_88, |r| r.total.throughput.mean)
}

/// Ten prefixes that hold one token each, which comes in at known times: of a prefix the first
/// that comes between two of them passes.
fn object_store() -> Case {
    let topology = "
topology:
  store:
    object_store: {latency: exp(20ms), requests: {rate: 10/s, burst: 1}, prefixes: 10}
";
    let passing = 100.0 * (1.0 - libm::exp(-1.2));
    // 500 B of the question and 10 KiB of the answer at 85 MB/s.
    let time = 0.020 + 10_740.0 / 85e6;
    Case::new("OBJ-1", "object store: M/G/inf behind ten limits", "1 - exp(-x) pass of x; Little")
        .run(poisson(120.0, "store") + topology, 5.0, 1_200.0)
        .prob("P(turned away)", 1.0 - passing / 120.0, |r| r.total.error_rate.mean)
        .mean("mean in system", passing * time, |r| at(r, "store").present.mean)
}

/// Writes of 200 kB, each of which takes 10 ms on average; workers never run out.
fn disk(id: &'static str, title: &'static str, disk: &str, (wait, measured): (f64, f64)) -> Case {
    let equipment = format!("workers: unlimited, disk: {disk}");
    let yaml = poisson(80.0, "app") + &server(&equipment, "log: 200kB");
    Case::new(id, title, "Pollaczek-Khinchine")
        .run(yaml, transient(80.0, 0.01, 1.0), measured)
        .mean("mean latency [s]", 0.01 + wait, |r| r.total.mean_latency.mean)
        .mean("utilisation of the disk", 0.8, |r| utilisation(r, "app", "disk"))
}
