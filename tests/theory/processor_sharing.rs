//! Processor sharing: mean latencies depend on the distribution of work through its mean alone.

use crate::case::{Case, at, poisson, server, transient, utilisation};

const SOURCE: &str = "Kleinrock II ch. 4; Sakata, Noguchi and Oizumi 1971: E[T | S = x] = x/(1-rho) \
                      for any distribution of work";
const COHEN: &str = "Cohen 1979: E[T | S = x] = x E[T]/E[S] whatever the cores, of M/M/4 here";
const HEAVY: &str = "lognormal work of squared coefficient of variation 4 is heavy-tailed";
/// Squared coefficient of variation 10.
const HYPER_10: &str = "hyperexp(mean=10ms, cv=3.1622776601683795)";
const BURSTY: &str = "hyperexponential work of squared coefficient of variation 5 or 10 is bursty";
const MIX: &str = "a few expensive requests make the load bursty";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        exponential(),
        constant(),
        lognormal(),
        mix("PS1-MIX", "M/G/1-PS, three works", (1.0, 2_500.0), (SOURCE, 5.0)),
        mix("PS4-MIX", "M/G/4-PS, three works", (4.0, 300.0), (COHEN, 1.745_540_589_734_255_7)),
        four_cores("PS4-LN", "M/G/4-PS, lognormal", "lognormal(mean=10ms, cv=2)", 1_000.0, HEAVY),
        four_cores("PS4-H2", "M/G/4-PS, hyperexponential", HYPER_10, 1_500.0, BURSTY),
        limited("LPS1-1", (70.0, 1, 1), 7_000.0, 0.08, 0.7),
        limited("LPS1-4", (70.0, 1, 4), 4_000.0, 0.047_516_357_736_005_44, 0.259_596_633_858_035_9),
        limited("LPS2-8", (150.0, 2, 8), 3_600.0, 0.026_696_105_749_773_2, 0.126_936_801_931_349_2),
    ]
}

fn shared(arrivals: f64, cores: u64, work: &str) -> String {
    let equipment = format!("cores: {cores}, workers: unlimited");
    poisson(arrivals, "app") + &server(&equipment, &format!("cpu: \"{work}\""))
}

fn one_core(id: &'static str, title: &'static str, work: &str, measured: f64) -> Case {
    let warmup = 4.0 * transient(80.0, 0.01, 1.0);
    Case::new(id, title, SOURCE)
        .run(shared(80.0, 1, work), warmup, measured)
        .mean("mean sojourn [s]", 0.05, |r| at(r, "app").sojourn.mean)
        .mean("mean in system", 4.0, |r| at(r, "app").present.mean)
        .mean("utilisation", 0.8, |r| utilisation(r, "app", "cpu"))
}

fn exponential() -> Case {
    one_core("PS1-EXP", "M/M/1-PS", "exp(10ms)", 13_000.0)
        .mean("mean square sojourn [s^2]", 0.008_333_333_333_333_337, |r| {
            let sojourn = &at(r, "app").sojourns;
            sojourn.variance() + sojourn.mean() * sojourn.mean()
        })
        .coarse("a second moment scatters far more than a mean")
        .sojourn_quantile("app", 0.5, 0.023_516_870_484_143_977)
        .sojourn_quantile("app", 0.95, 0.187_481_113_118_002_72)
        .sojourn_quantile("app", 0.99, 0.369_409_892_357_183_36)
}

fn constant() -> Case {
    one_core("PS1-DET", "M/D/1-PS", "10ms", 4_500.0)
}

fn lognormal() -> Case {
    let mut case = one_core("PS1-LN", "M/G/1-PS, lognormal", "lognormal(mean=10ms, cv=2)", 4_000.0);
    for metric in &mut case.metrics {
        metric.resolve_coarsely(HEAVY);
    }
    case
}

/// Three kinds of requests, of constant work: each is slowed down by the same factor.
fn mix(
    id: &'static str,
    title: &'static str,
    (cores, measured): (f64, f64),
    (source, slowdown): (&'static str, f64),
) -> Case {
    let rate = 80.0 * cores;
    let yaml = format!(
        "
clients:
  users:
    arrivals: poisson({rate}/s)
    target: app
    timeout: none
    requests: {{small: {{weight: 8}}, middle: {{weight: 10}}, large: {{weight: 2}}}}
topology:
  app:
    server:
      cores: {cores}
      workers: unlimited
      endpoints: {{small: [{{cpu: 3ms}}], middle: [{{cpu: 10ms}}], large: [{{cpu: 38ms}}]}}
"
    );
    let warmup = 4.0 * transient(rate, 0.01, cores);
    let mut case = Case::new(id, title, source).run(yaml, warmup, measured);
    for (kind, work) in [0.003, 0.01, 0.038].into_iter().enumerate() {
        let name = format!("latency / work of {} ms", work * 1e3);
        case = case
            .mean(&name, slowdown, move |r| r.requests[kind].mean_latency.mean / work)
            .coarse(MIX);
    }
    case
}

fn four_cores(
    id: &'static str,
    title: &'static str,
    work: &str,
    measured: f64,
    why_coarse: &'static str,
) -> Case {
    let source = "Kelly 1979 ch. 3: as many requests present as in M/M/4, for any distribution";
    Case::new(id, title, source)
        .run(shared(320.0, 4, work), 4.0 * transient(320.0, 0.01, 4.0), measured)
        .mean("mean sojourn [s]", 0.017_455_405_897_342_558, |r| at(r, "app").sojourn.mean)
        .coarse(why_coarse)
        .mean("mean in system", 5.585_729_887_149_618, |r| at(r, "app").present.mean)
        .coarse(why_coarse)
        .mean("utilisation", 0.8, |r| utilisation(r, "app", "cpu"))
}

/// So many threads share the cores and the other requests wait for one of them, under this rate.
fn limited(
    id: &'static str,
    (arrivals, cores, workers): (f64, u64, u64),
    measured: f64,
    sojourn: f64,
    all_busy: f64,
) -> Case {
    let source = "Avi-Itzhak and Halfin 1988: limited processor sharing; numerical solution of the \
                  chain of the number present and the slow ones among those served";
    // Squared coefficient of variation 5.
    let work = "cpu: \"hyperexp(mean=10ms, cv=2.23606797749979)\"";
    let equipment = format!("cores: {cores}, workers: {workers}, queue: {{limit: unlimited}}");
    let yaml = poisson(arrivals, "app") + &server(&equipment, work);
    let warmup = 5.0 * transient(arrivals, 0.01, cores as f64);
    Case::new(id, "limited processor sharing, hyperexponential", source)
        .run(yaml, warmup, measured)
        .mean("mean sojourn [s]", sojourn, |r| at(r, "app").sojourn.mean)
        .coarse(BURSTY)
        .prob("P(wait > 0)", all_busy, |r| at(r, "app").wait_share.mean)
        .coarse(BURSTY)
}
