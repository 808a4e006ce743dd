//! Closed systems: a fixed number of users, thinking or waiting.

use crate::case::{Case, at, server, users, utilisation};

const MVA: &str = "Buzen 1973; Reiser and Lavenberg 1980: exact mean value analysis";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![machine_repair()];
    cases.extend(MVA_1.iter().map(interactive));
    cases.extend(MVA_NOZ.iter().map(batch));
    cases
}

/// Ten machines, one repairer: a user is a machine, thinking is running.
fn machine_repair() -> Case {
    let yaml = users(10, "exp(100s)", "app") + &server("workers: 1", "cpu: \"exp(10s)\"");
    Case::new("MREP-10-1", "M/M/1//10, machine repair", "finite-source birth and death")
        .run(yaml, 5_000.0, 1_100_000.0)
        .mean("mean down", 2.145_823_431_073_472_5, |r| at(r, "app").present.mean)
        .mean("mean share up", 0.785_417_656_892_652_7, |r| 1.0 - at(r, "app").present.mean / 10.0)
        .mean("failures [1/s]", 0.078_541_765_689_265_28, |r| r.total.throughput.mean)
        .mean("mean time down [s]", 27.320_794_385_537_393, |r| r.total.mean_latency.mean)
        .prob("P(all up)", 0.214_582_343_107_347_42, |r| 1.0 - utilisation(r, "app", "cpu"))
}

/// Users, throughput (1/s), latency (s), measured (s).
type Population = (u64, f64, f64, f64);

const MVA_1: [Population; 11] = [
    (1, 0.952_380_952_380_952_3, 0.05, 8_000.0),
    (2, 1.902_518_572_205_109_4, 0.051_238_095_238_095_305, 5_000.0),
    (5, 4.737_840_212_782_125, 0.055_333_184_625_053_32, 2_000.0),
    (10, 9.400_763_847_598_789, 0.063_743_347_042_407_8, 2_000.0),
    (20, 18.342_304_252_594_843, 0.090_375_545_219_224_31, 1_800.0),
    (30, 26.189_278_566_112_684, 0.145_506_926_594_692_66, 3_000.0),
    (34, 28.717_142_259_421_443, 0.183_961_819_489_380_84, 3_500.0),
    (40, 31.463_424_582_044_06, 0.271_317_427_500_492_15, 3_500.0),
    (50, 33.169_184_609_739_474, 0.507_423_248_062_555_3, 3_500.0),
    (75, 33.333_321_393_640_25, 1.250_000_805_929_572, 3_000.0),
    (100, 33.333_333_332_860_31, 2.000_000_000_042_571_7, 3_000.0),
];

const MVA_NOZ: [Population; 6] = [
    (1, 37.037_037_037_037_03, 0.027, 150.0),
    (2, 54.108_216_432_865_73, 0.036_962_962_962_962_96, 150.0),
    (4, 69.136_822_853_927_26, 0.057_856_288_948_238_58, 150.0),
    (8, 78.473_745_892_031_76, 0.101_944_923_223_198_92, 150.0),
    (16, 82.408_271_064_886_95, 0.194_155_268_557_956_48, 500.0),
    (32, 83.285_794_182_955_16, 0.384_219_185_443_619_8, 500.0),
];

fn interactive(population: &Population) -> Case {
    let id = format!("MVA-1 N={}", population.0);
    let case = Case::new(id, "think 1 s, then 20 ms and 30 ms", MVA);
    closed(case, population, "exp(1s)", &[20, 30])
}

fn batch(population: &Population) -> Case {
    let id = format!("MVA-NOZ N={}", population.0);
    let case = Case::new(id, "no thinking, 10 ms, 12 ms and 5 ms", MVA);
    closed(case, population, "0", &[10, 12, 5])
}

fn closed(case: Case, population: &Population, think: &str, works: &[u64]) -> Case {
    let &(count, throughput, latency, measured) = population;
    let yaml = users(count, think, "s1") + &tandem(works);
    case.run(yaml, 100.0, measured)
        .mean("throughput [1/s]", throughput, |r| r.total.throughput.mean)
        .mean("mean latency [s]", latency, |r| r.total.mean_latency.mean)
}

/// Single-core stations in a row, first come first served, that hold nothing but their core.
fn tandem(works: &[u64]) -> String {
    let mut yaml = "topology:\n".to_owned();
    for (index, work) in works.iter().enumerate() {
        let next = if index + 1 < works.len() {
            format!(", {{call: s{}}}", index + 2)
        } else {
            String::new()
        };
        yaml += &format!(
            "  s{}:
    server:
      scheduling: run_to_completion
      workers: unlimited
      endpoints: {{get: [{{cpu: \"exp({work}ms)\"}}{next}]}}
",
            index + 1
        );
    }
    yaml
}
