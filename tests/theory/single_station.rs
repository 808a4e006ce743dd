//! One station, first come first served: Poisson arrivals, exponential, constant and other work.

use crate::case::{Case, at, poisson, server, transient, utilisation};

const ERLANG_C: &str = "Erlang 1917; Kleinrock I sec. 3.5. B = Erlang B, C = B/(1-rho(1-B)), \
                        E[W] = C/(c mu - lambda), P(W>t) = C exp(-(c mu - lambda)t)";
const POLLACZEK: &str = "Pollaczek 1930, Khinchine 1932: E[W] = lambda E[S^2]/(2(1-rho)); quantiles \
                         from the geometric sum of residual works, by FFT";
const SLOW: &str = "its relative error falls slowest near saturation";
const SQUARE: &str = "a second moment scatters far more than a mean";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        mm1("MM1-80", 80.0, 0.01, 12_000.0),
        mm1("MM1-50", 500.0, 0.001, 450.0),
        mmc_2_70(),
        mmc_4_80(),
        mmc_16_90(),
        mmc_64_95(),
        md1_80(),
        mdc_4_80(),
        mg1_lognormal(),
        mg1_pareto(),
        mg1_pareto_heavy(),
        mg1_hyperexponential(),
    ]
}

/// A station of as many workers as cores, with room for all.
fn fcfs(arrivals: f64, cores: u64, work: &str) -> String {
    let equipment = format!("cores: {cores}, workers: {cores}, queue: {{limit: unlimited}}");
    poisson(arrivals, "app") + &server(&equipment, &format!("cpu: \"{work}\""))
}

impl Case {
    fn sojourn(self, expected: f64) -> Case {
        self.mean("mean sojourn [s]", expected, |r| at(r, "app").sojourn.mean)
    }

    fn wait(self, expected: f64) -> Case {
        self.mean("mean wait [s]", expected, |r| at(r, "app").wait.mean)
    }

    fn wait_at_all(self, expected: f64) -> Case {
        self.prob("P(wait > 0)", expected, |r| at(r, "app").wait_share.mean)
    }

    fn busy(self, expected: f64) -> Case {
        self.mean("utilisation", expected, |r| utilisation(r, "app", "cpu"))
    }

    fn queue(self, expected: f64) -> Case {
        self.mean("mean in queue", expected, |r| at(r, "app").queue.mean)
    }
}

/// The sojourn is exponential of rate mu - lambda.
fn mm1(id: &'static str, arrivals: f64, service: f64, measured: f64) -> Case {
    let load = arrivals * service;
    let sojourn = 1.0 / (1.0 / service - arrivals);
    let quantile = |p: f64| -libm::log(1.0 - p) * sojourn;
    let work = format!("exp({service}s)");
    Case::new(id, "M/M/1", "Kleinrock I ch. 3: T ~ Exp(mu - lambda)")
        .run(fcfs(arrivals, 1, &work), transient(arrivals, service, 1.0), measured)
        .sojourn(sojourn)
        .wait(load * sojourn)
        .wait_at_all(load)
        .busy(load)
        .mean("mean in system", load / (1.0 - load), |r| at(r, "app").present.mean)
        .mean("mean square sojourn [s^2]", 2.0 * sojourn * sojourn, |r| {
            let sojourn = &at(r, "app").sojourns;
            sojourn.variance() + sojourn.mean() * sojourn.mean()
        })
        .coarse(SQUARE)
        .sojourn_quantile("app", 0.5, quantile(0.5))
        .sojourn_quantile("app", 0.95, quantile(0.95))
        .sojourn_quantile("app", 0.99, quantile(0.99))
        .sojourn_quantile("app", 0.999, quantile(0.999))
}

fn mmc_2_70() -> Case {
    Case::new("MMC-2-70", "M/M/2", ERLANG_C)
        .run(fcfs(140.0, 2, "exp(10ms)"), transient(140.0, 0.01, 2.0), 5_500.0)
        .sojourn(0.019_607_843_137_254_9)
        .wait(0.009_607_843_137_254_901)
        .wait_at_all(0.576_470_588_235_294_1)
        .busy(0.7)
        .queue(1.345_098_039_215_686_2)
        .wait_quantile("app", 0.99, 0.067_572_320_460_14)
        .sojourn_quantile("app", 0.5, 0.014_511_449_668_161_633)
        .sojourn_quantile("app", 0.95, 0.055_455_292_213_525_07)
        .sojourn_quantile("app", 0.99, 0.082_655_764_953_924_56)
}

fn mmc_4_80() -> Case {
    Case::new("MMC-4-80", "M/M/4", ERLANG_C)
        .run(fcfs(320.0, 4, "exp(10ms)"), transient(320.0, 0.01, 4.0), 1_500.0)
        .sojourn(0.017_455_405_897_342_558)
        .wait(0.007_455_405_897_342_557)
        .coarse(SLOW)
        .wait_at_all(0.596_432_471_787_404_6)
        .busy(0.8)
        .queue(2.385_729_887_149_618)
        .coarse(SLOW)
        .wait_quantile("app", 0.99, 0.051_104_761_684_225_064)
        .sojourn_quantile("app", 0.5, 0.013_461_990_538_193_1)
        .sojourn_quantile("app", 0.95, 0.047_380_194_960_365_25)
        .sojourn_quantile("app", 0.99, 0.068_932_037_488_830_17)
}

/// The mean wait is left to the mean sojourn: by itself it would take four times as long.
fn mmc_16_90() -> Case {
    Case::new("MMC-16-90", "M/M/16", ERLANG_C)
        .run(fcfs(720.0, 16, "exp(20ms)"), transient(720.0, 0.02, 16.0), 1_300.0)
        .sojourn(0.027_391_792_423_404_872)
        .wait_at_all(0.591_343_393_872_389_8)
        .busy(0.9)
        .wait_quantile("app", 0.99, 0.050_997_647_429_694_89)
        .sojourn_quantile("app", 0.5, 0.021_560_195_461_900_02)
        .sojourn_quantile("app", 0.95, 0.072_470_869_662_208_9)
        .sojourn_quantile("app", 0.99, 0.105_396_692_021_688_2)
}

/// As [`mmc_16_90`]; so is the tail of the wait left to that of the sojourn.
fn mmc_64_95() -> Case {
    Case::new("MMC-64-95", "M/M/64", ERLANG_C)
        .run(fcfs(1_216.0, 64, "exp(50ms)"), transient(1_216.0, 0.05, 64.0), 1_000.0)
        .sojourn(0.059_187_670_811_093_47)
        .wait_at_all(0.588_010_931_909_981_9)
        .coarse(SLOW)
        .busy(0.95)
        .sojourn_quantile("app", 0.5, 0.045_024_949_070_993_15)
        .sojourn_quantile("app", 0.95, 0.161_621_562_785_462_97)
        .sojourn_quantile("app", 0.99, 0.242_101_812_663_379_02)
}

fn md1_80() -> Case {
    let source = "Erlang 1909: E[W] = rho D/(2(1-rho)); the series for P(W <= t)";
    Case::new("MD1-80", "M/D/1", source)
        .run(fcfs(80.0, 1, "10ms"), transient(80.0, 0.01, 1.0), 9_000.0)
        .sojourn(0.03)
        .wait(0.02)
        .wait_at_all(0.8)
        .mean("mean square wait [s^2]", 0.000_533_333_333_333_333_3 + 0.0004, |r| {
            let wait = &at(r, "app").waits;
            wait.variance() + wait.mean() * wait.mean()
        })
        .coarse(SQUARE)
        .wait_quantile("app", 0.5, 0.012_759_398_733_748_501)
        .wait_quantile("app", 0.95, 0.066_203_249_968_407_21)
        .wait_quantile("app", 0.99, 0.103_558_867_919_949_55)
        .sojourn_quantile("app", 0.5, 0.022_759_398_733_748_5)
        .sojourn_quantile("app", 0.95, 0.076_203_249_968_407_2)
        .sojourn_quantile("app", 0.99, 0.113_558_867_919_949_54)
}

fn mdc_4_80() -> Case {
    let source = "Crommelin 1932; Franx 2001: numerical solution of the embedded chain";
    Case::new("MDC-4-80", "M/D/4", source)
        .run(fcfs(320.0, 4, "10ms"), transient(320.0, 0.01, 4.0), 4_000.0)
        .wait(0.003_860_949_308_469_164_5)
        .wait_at_all(0.578_282_015_456_754_4)
        .wait_quantile("app", 0.5, 0.001_372_415_565_445_226)
        .wait_quantile("app", 0.95, 0.015_204_953_913_952_306)
        .wait_quantile("app", 0.99, 0.024_545_844_074_078_758)
}

fn mg1_lognormal() -> Case {
    let heavy = "lognormal work of squared coefficient of variation 4 is heavy-tailed";
    let warmup = 5.0 * transient(70.0, 0.01, 1.0);
    Case::new("MG1-LN4", "M/G/1, lognormal", POLLACZEK)
        .run(fcfs(70.0, 1, "lognormal(mean=10ms, cv=2)"), warmup, 15_000.0)
        .sojourn(0.068_333_333_333_333_3)
        .coarse(heavy)
        .wait(0.058_333_333_333_333_3)
        .coarse(heavy)
        .wait_at_all(0.7)
        .wait_quantile("app", 0.5, 0.015_716)
        .wait_quantile("app", 0.95, 0.252_253)
        .wait_quantile("app", 0.99, 0.513_206)
        .sojourn_quantile("app", 0.5, 0.027_797)
        .sojourn_quantile("app", 0.95, 0.265_714)
        .sojourn_quantile("app", 0.99, 0.526_883)
}

/// The fourth moment of the work is finite, and so is the variance of the wait, but not that of its
/// square.
fn mg1_pareto() -> Case {
    Case::new("MG1-PAR45", "M/G/1, Pareto of shape 4.5", POLLACZEK)
        .run(fcfs(80.0, 1, "pareto(shape=4.5, mean=10ms)"), transient(80.0, 0.01, 1.0), 12_000.0)
        .sojourn(0.031_777_777_777_777_79)
        .wait(0.021_777_777_777_777_785)
        .wait_at_all(0.8)
        .wait_quantile("app", 0.5, 0.013_491_5)
        .wait_quantile("app", 0.95, 0.073_313)
        .wait_quantile("app", 0.99, 0.115_602_5)
        .sojourn_quantile("app", 0.5, 0.023_635)
        .sojourn_quantile("app", 0.95, 0.083_526)
        .sojourn_quantile("app", 0.99, 0.125_827)
}

/// The variance of the wait is infinite: no t can be told of its mean.
fn mg1_pareto_heavy() -> Case {
    Case::new("MG1-PAR25", "M/G/1, Pareto of shape 2.5", "Kleinrock I ch. 5: P(W > 0) = rho")
        .run(fcfs(70.0, 1, "pareto(shape=2.5, mean=10ms)"), 100.0, 1_000.0)
        .wait_at_all(0.7)
}

/// The mean square of the wait is left to its quantiles: by itself it would take thrice as long.
fn mg1_hyperexponential() -> Case {
    let bursty = "hyperexponential work of squared coefficient of variation 4 is bursty";
    let warmup = 5.0 * transient(80.0, 0.01, 1.0);
    Case::new("MG1-H2-4", "M/G/1, hyperexponential", POLLACZEK)
        .run(fcfs(80.0, 1, "hyperexp(mean=10ms, cv=2)"), warmup, 13_000.0)
        .sojourn(0.11)
        .coarse(bursty)
        .wait(0.1)
        .coarse(bursty)
        .wait_at_all(0.8)
        .wait_quantile("app", 0.5, 0.048_089)
        .wait_quantile("app", 0.95, 0.372_964)
        .wait_quantile("app", 0.99, 0.600_127)
        .sojourn_quantile("app", 0.5, 0.060_022)
        .sojourn_quantile("app", 0.95, 0.384_941)
        .sojourn_quantile("app", 0.99, 0.612_104)
}
