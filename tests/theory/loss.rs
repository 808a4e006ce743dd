//! Bounded queues that turn requests away, requests that leave the queue, and clients that give up.

use crate::case::{Case, at, poisson, server, transient, utilisation};

const BIRTH_DEATH: &str = "Kleinrock I ch. 3: birth and death; who arrives sees the stationary \
                           state (PASTA)";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        erlang_b("ERLB-10 exp", "M/M/10/10", "exp(100ms)"),
        erlang_b("ERLB-10 lognormal", "M/G/10/10, lognormal", "lognormal(mean=100ms, cv=2)"),
        mm1k_10_80(),
        mm1k_10_120(),
        mm1k_5_100(),
        mmck_4_20_95(),
        zombie(),
        erlang_a(),
        deterministic_patience(),
    ]
}

/// Ten workers without a queue, held by something that is not a core.
fn erlang_b(id: &'static str, title: &'static str, holding: &str) -> Case {
    let yaml = poisson(80.0, "app")
        + &server("workers: 10, queue: {limit: 0}", &format!("io: \"{holding}\""));
    Case::new(id, title, "Erlang 1917: Erlang B; Sevastyanov 1957: insensitive")
        .run(yaml, 30.0, 1_000.0)
        .prob("P(turned away)", 0.121_661_064_252_951_5, |r| r.total.error_rate.mean)
        .prob("P(no worker free)", 0.121_661_064_252_951_5, |r| {
            at(r, "app").measures.estimate("exhausted_share").mean
        })
        .mean("mean workers held", 7.026_711_485_976_388, |r| {
            10.0 * utilisation(r, "app", "workers")
        })
}

/// What is known of a station with room for a few.
struct Bounded {
    turned_away: f64,
    throughput: f64,
    latency: f64,
    p99: f64,
    present: f64,
    utilisation: f64,
}

fn bounded(case: Case, expected: &Bounded) -> Case {
    case.prob("P(turned away)", expected.turned_away, |r| r.total.error_rate.mean)
        .mean("throughput [1/s]", expected.throughput, |r| r.total.throughput.mean)
        .mean("mean latency [s]", expected.latency, |r| r.total.mean_latency.mean)
        .latency_quantile(0.99, expected.p99)
        .mean("mean in system", expected.present, |r| at(r, "app").present.mean)
        .mean("utilisation", expected.utilisation, |r| utilisation(r, "app", "cpu"))
}

fn room(cores: u64, waiting: u64, work: &str) -> String {
    let equipment = format!("cores: {cores}, workers: {cores}, queue: {{limit: {waiting}}}");
    server(&equipment, &format!("cpu: \"{work}\""))
}

fn mm1k_10_80() -> Case {
    let case = Case::new("MM1K-10-80", "M/M/1/10", BIRTH_DEATH).run(
        poisson(80.0, "app") + &room(1, 9, "exp(10ms)"),
        12.0,
        2_000.0,
    );
    bounded(
        case,
        &Bounded {
            turned_away: 0.023_492_857_579_905_466,
            throughput: 78.120_571_393_607_56,
            latency: 0.037_970_975_039_832_77,
            p99: 0.136_970_093_732_079_02,
            present: 2.966_314_266_484_147,
            utilisation: 0.781_205_713_936_075_6,
        },
    )
}

fn mm1k_10_120() -> Case {
    let case = Case::new("MM1K-10-120", "M/M/1/10, overloaded", BIRTH_DEATH).run(
        poisson(120.0, "app") + &room(1, 9, "exp(10ms)"),
        12.0,
        600.0,
    );
    bounded(
        case,
        &Bounded {
            turned_away: 0.192_586_495_126_805_65,
            throughput: 96.889_620_584_783_32,
            latency: 0.069_261_378_441_429_49,
            p99: 0.166_675_307_141_830_4,
            present: 6.710_708_678_369_194,
            utilisation: 0.968_896_205_847_833_2,
        },
    )
}

fn mm1k_5_100() -> Case {
    let case = Case::new("MM1K-5-100", "M/M/1/5, full load", BIRTH_DEATH).run(
        poisson(200.0, "app") + &room(1, 4, "exp(5ms)"),
        6.0,
        400.0,
    );
    bounded(
        case,
        &Bounded {
            turned_away: 1.0 / 6.0,
            throughput: 500.0 / 3.0,
            latency: 0.015,
            p99: 0.048_872_903_429_069_484,
            present: 2.5,
            utilisation: 5.0 / 6.0,
        },
    )
}

fn mmck_4_20_95() -> Case {
    let case = Case::new("MMCK-4-20-95", "M/M/4/20", BIRTH_DEATH).run(
        poisson(380.0, "app") + &room(4, 16, "exp(10ms)"),
        12.0,
        900.0,
    );
    bounded(
        case,
        &Bounded {
            turned_away: 0.031_272_918_679_516_204,
            throughput: 368.116_290_901_783_8,
            latency: 0.025_239_695_966_711_245,
            p99: 0.073_596_129_386_400_13,
            present: 9.291_143_262_754_456,
            utilisation: 0.920_290_727_254_459_6,
        },
    )
}

/// Clients give up after 100 ms; the server works on.
fn zombie() -> Case {
    let yaml = poisson(80.0, "app").replace("timeout: none", "timeout: 100ms")
        + &server("workers: 1, queue: {limit: unlimited}", "cpu: \"exp(10ms)\"");
    let source =
        "elementary: P(T > tau) = exp(-(mu - lambda) tau); wasted lambda E[S; W + S > tau]";
    Case::new("ZOMBIE-1", "M/M/1, clients give up, work goes on", source)
        .run(yaml, transient(80.0, 0.01, 1.0), 5_000.0)
        .prob("P(client gives up)", 0.135_335_283_236_612_7, |r| r.total.error_rate.mean)
        .mean("utilisation", 0.8, |r| utilisation(r, "app", "cpu"))
        .prob("wasted share of capacity", 0.135_326_203_250_660_2, |r| {
            at(r, "app").wasted_share.mean * utilisation(r, "app", "cpu")
        })
}

/// The share of arrivals that do not have a worker at once, whether they get one or not.
fn wait_at_all(results: &deploysim::experiment::Results) -> f64 {
    let left = results.total.error_rate.mean;
    left + (1.0 - left) * at(results, "app").wait_share.mean
}

fn erlang_a() -> Case {
    let queue = "queue: {limit: unlimited, timeout: exp(500ms)}";
    let equipment = format!("cores: 10, workers: 10, {queue}");
    let yaml = poisson(110.0, "app") + &server(&equipment, "cpu: exp(100ms)");
    let source = "Palm 1946; Garnett, Mandelbaum and Reiman 2002: birth and death";
    Case::new("ERLA-10", "M/M/10+M, overloaded", source)
        .run(yaml, 30.0, 6_000.0)
        .prob("P(leaves the queue)", 0.123_258_845_904_771_46, |r| r.total.error_rate.mean)
        .prob("P(wait > 0)", 0.857_993_600_928_629_3, wait_at_all)
        .mean("mean in queue", 6.779_236_524_762_43, |r| at(r, "app").queue.mean)
        .mean("throughput [1/s]", 96.441_526_950_475_14, |r| r.total.throughput.mean)
}

fn deterministic_patience() -> Case {
    let queue = "queue: {limit: unlimited, timeout: 50ms}";
    let yaml = poisson(120.0, "app") + &server(&format!("workers: 1, {queue}"), "cpu: exp(10ms)");
    let source = "Barrer 1957; Baccelli and Hebuterne 1981: the density of the virtual wait";
    Case::new("MMCD-1", "M/M/1+D, overloaded", source)
        .run(yaml, 12.0, 600.0)
        .prob("P(leaves the queue)", 0.223_855_421_877_399_37, |r| r.total.error_rate.mean)
        .prob("P(wait > 0)", 0.931_373_493_747_120_8, wait_at_all)
        .mean("mean wait of the served [s]", 0.026_525_923_721_149_41, |r| at(r, "app").wait.mean)
        .mean("throughput [1/s]", 93.137_349_374_712_07, |r| r.total.throughput.mean)
}
