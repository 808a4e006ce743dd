//! The way from an empty system to the stationary one.
//!
//! The number present at one instant is what a run shows that is measured for no more than 100 ns.

use crate::case::{Case, at, poisson, server};

const MOMENT: f64 = 100e-9;
/// Right after the start more is needed: a request is there or it is not.
const RUNS: u64 = 2_200;
const RUNS_AT_ONCE: u64 = 3_000;

/// Mean number in an M/M/1 of load 0.8 that starts empty, by time (s): service takes 10 ms.
const PRESENT: [(f64, f64); 7] = [
    (0.01, 0.551_551_858_273_487),
    (0.05, 1.469_460_827_785_540_3),
    (0.1, 2.030_281_563_578_981_3),
    (0.2, 2.647_634_923_957_663),
    (0.5, 3.405_038_977_998_299_5),
    (1.0, 3.791_872_692_584_338),
    (2.0, 3.962_982_277_226_587_2),
];

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    PRESENT.iter().map(|&(time, present)| after(time, present)).collect()
}

fn after(time: f64, present: f64) -> Case {
    let yaml = poisson(80.0, "app")
        + &server("workers: 1, queue: {limit: unlimited}", "cpu: \"exp(10ms)\"");
    let source = "Kleinrock I sec. 2.7: exponential of the generator";
    let case = Case::new(format!("MM1-TRANS t={time}"), "M/M/1 from empty", source)
        .run(yaml, time, MOMENT)
        .mean("mean in system", present, |r| at(r, "app").present.mean)
        .coarse("every observation takes a run of its own");
    let ensemble = if time < 0.05 { RUNS_AT_ONCE } else { RUNS };
    Case { ensemble, ..case }
}
