//! Arrivals that are not Poisson: even, renewal, bursty, in batches, of a rate that changes.

use deploysim::experiment::Results;

use crate::case::{Case, at, open, server, transient, utilisation};

const G_M_1: &str = "Kleinrock I ch. 6: sigma = A*(mu(1-sigma)), T ~ Exp(mu(1-sigma))";
const BURSTY: &str = "bursts make what comes in one of them alike";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![dm1(), e3m1(), mmpp(), batches(), sine()]
}

/// One server of exponential work of 10 ms, first come first served.
fn station(arrivals: &str) -> String {
    let equipment = "workers: 1, queue: {limit: unlimited}";
    open(arrivals, "app") + &server(equipment, "cpu: \"exp(10ms)\"")
}

impl Case {
    fn station_means(self, sojourn: f64, waits: f64) -> Case {
        self.mean("mean sojourn [s]", sojourn, |r| at(r, "app").sojourn.mean).prob(
            "P(wait > 0)",
            waits,
            |r| at(r, "app").wait_share.mean,
        )
    }
}

fn dm1() -> Case {
    Case::new("DM1-80", "D/M/1", G_M_1)
        .run(station("constant(80/s)"), transient(80.0, 0.01, 1.0), 10_000.0)
        .station_means(0.026_927_308_399_198_963, 0.628_629_796_496_946_5)
        .mean("mean wait [s]", 0.016_927_308_399_198_96, |r| at(r, "app").wait.mean)
        .sojourn_quantile("app", 0.5, 0.018_664_587_896_972_895)
        .sojourn_quantile("app", 0.95, 0.080_667_006_811_421_76)
        .sojourn_quantile("app", 0.99, 0.124_004_837_828_897_76)
}

fn e3m1() -> Case {
    let mean = 1.0 / 90.0;
    Case::new("E3M1-90", "E3/M/1", G_M_1)
        .run(
            station(&format!("renewal(erlang(k=3, mean={mean:.9}s))")),
            transient(90.0, 0.01, 1.0),
            27_000.0,
        )
        .station_means(0.067_847_243_882_391_8, 0.852_610_077_760_354_4)
        .mean("mean wait [s]", 0.057_847_243_882_391_8, |r| at(r, "app").wait.mean)
        .sojourn_quantile("app", 0.5, 0.047_028_125_805_842_87)
        .sojourn_quantile("app", 0.95, 0.203_252_178_170_169_6)
        .sojourn_quantile("app", 0.99, 0.312_448_104_728_653_6)
}

fn mmpp() -> Case {
    let source = "Neuts 1981; Fischer and Meier-Hellstern 1993: a quasi-birth-death process, by \
                  logarithmic reduction";
    Case::new("MMPP-1", "MMPP/M/1, overloaded now and then", source)
        .run(station("{mmpp: [{rate: 40/s, for: 1s}, {rate: 120/s, for: 500ms}]}"), 120.0, 22_000.0)
        .mean("arrivals [1/s]", 66.666_666_666_666_66, |r| r.total.arrival_rate.mean)
        .mean("mean sojourn [s]", 0.129_775_903_700_394_55, |r| at(r, "app").sojourn.mean)
        .coarse(BURSTY)
        .prob("P(wait > 0)", 0.780_224_096_299_603, |r| at(r, "app").wait_share.mean)
        .mean("mean in system", 8.651_726_913_359_635, |r| at(r, "app").present.mean)
        .coarse(BURSTY)
        .mean("utilisation", 0.666_666_666_666_666_5, |r| utilisation(r, "app", "cpu"))
        .sojourn_quantile("app", 0.5, 0.062_860_998_301_313_32)
        .sojourn_quantile("app", 0.95, 0.469_587_932_493_220_56)
        .sojourn_quantile("app", 0.99, 0.755_517_752_967_720_2)
}

fn batches() -> Case {
    let yaml = station("poisson(15/s)").replace("target:", "batch: geometric(4)\n    target:");
    let source = "Gross and Harris sec. 3.1: L = (rho + (lambda/mu) E[X^2])/(2(1-rho))";
    Case::new("MX-M1", "M^X/M/1, geometric batches", source)
        .run(yaml, 5.0 * transient(60.0, 0.01, 1.0), 12_000.0)
        .mean("mean sojourn [s]", 0.1, |r| at(r, "app").sojourn.mean)
        .mean("mean in system", 6.0, |r| at(r, "app").present.mean)
}

/// Counts by ten minutes of an hour. A run of 100 minutes has its time series by the minute.
fn sine() -> Case {
    const COUNTS: [(&str, f64); 6] = [
        ("arrivals, minutes 0 to 10", 77_188.733_853_924_7),
        ("arrivals, minutes 10 to 20", 94_377.467_707_849_4),
        ("arrivals, minutes 20 to 30", 77_188.733_853_924_68),
        ("arrivals, minutes 30 to 40", 42_811.266_146_075_286),
        ("arrivals, minutes 40 to 50", 25_622.532_292_150_616),
        ("arrivals, minutes 50 to 60", 42_811.266_146_075_31),
    ];
    let yaml = open("wave(mean=100/s, amplitude=60/s, period=1h)", "app")
        + &server("workers: unlimited", "io: 1ms");
    let source = "the integral of the rate: Lambda = lambda t + (A/g)(cos ga - cos gb)";
    let case = Case::new("NHPP-1", "Poisson arrivals at the rate of a sine", source);
    let case = case.run(yaml, 0.0, 6_000.0);
    COUNTS.iter().enumerate().fold(case, |case, (tenth, &(name, expected))| {
        case.mean(name, expected, move |results| count(results, tenth))
    })
}

/// Requests that arrived in ten minutes.
fn count(results: &Results, tenth: usize) -> f64 {
    let rates = results.series.requests[0].of("arrival_rate");
    let minutes = &rates[10 * tenth..10 * (tenth + 1)];
    minutes.iter().map(|rate| rate.mean).sum::<f64>() * results.series.window.secs()
}
