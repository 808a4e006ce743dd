//! Requests that ask many at once and wait for all, or for most.

use deploysim::units::Span;

use crate::case::{Case, at, poisson, transient};

const ORDER: &str = "order statistics: E[X_(j:n)] = m (H_n - H_(n-j)), P(max <= x) = F(x)^n";
const SLOW: &str = "its relative error falls slowest near saturation";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![fork_join(), all_of_a_hundred(), most_of_a_hundred()];
    cases.extend(SLOW_LEAVES.map(slow_leaves));
    cases
}

fn fork_join() -> Case {
    let leaf = "{server: {scheduling: run_to_completion, workers: unlimited, \
                endpoints: {get: [{cpu: exp(10ms)}]}}}";
    let topology = format!(
        "
topology:
  root:
    server: {{workers: unlimited, endpoints: {{get: [{{parallel: [{{call: a}}, {{call: b}}]}}]}}}}
  a: {leaf}
  b: {leaf}
"
    );
    let source =
        "Flatto and Hahn 1984, Nelson and Tantawi 1988: E[T] = (12 - rho)/8 / (mu - lambda)";
    Case::new("FJ2-70", "fork and join over two M/M/1", source)
        .run(poisson(70.0, "root") + &topology, 2.0 * transient(70.0, 0.01, 1.0), 2_500.0)
        .mean("mean latency [s]", 0.047_083_333_333_333_34, |r| r.total.mean_latency.mean)
        .mean("mean sojourn at a leaf [s]", 0.033_333_333_333_333_33, |r| at(r, "a").sojourn.mean)
        .coarse(SLOW)
}

/// A root that does `step` a hundred times at once, without any queue.
fn hundred(wait: &str) -> String {
    let leaves = format!("{{parallel: {{copies: 100, wait: {wait}, steps: [{{io: exp(10ms)}}]}}}}");
    poisson(100.0, "root")
        + &format!(
            "topology: {{root: {{server: {{workers: unlimited, endpoints: {{get: [{leaves}]}}}}}}}}\n"
        )
}

fn all_of_a_hundred() -> Case {
    Case::new("FAN-EXP-100", "all of 100 exponential leaves", ORDER)
        .run(hundred("all"), 1.0, 100.0)
        .mean("mean latency [s]", 0.051_873_775_176_396_21, |r| r.total.mean_latency.mean)
        .mean("variance [s^2]", 0.000_163_498_390_018_489_22, |r| r.total.histogram.variance())
        .coarse("a second moment scatters far more than a mean")
        .latency_quantile(0.5, 0.049_751_468_405_858_03)
        .latency_quantile(0.95, 0.075_756_218_905_396_51)
        .latency_quantile(0.99, 0.092_053_696_642_316_58)
}

fn most_of_a_hundred() -> Case {
    Case::new("FAN-EXP-100 k=95", "95 of 100 exponential leaves", ORDER)
        .run(hundred("95"), 1.0, 20.0)
        .mean("mean latency [s]", 0.029_040_441_843_062_873, |r| r.total.mean_latency.mean)
}

/// Leaves, the share of them that is slow (%), the share of requests that meet one, and how many of
/// these are sent a second.
type Leaves = (u64, f64, f64, f64);

const SLOW_LEAVES: [Leaves; 3] = [
    (100, 1.0, 0.633_967_658_726_770_9, 40.0),
    (1_000, 0.1, 0.632_304_575_229_036_3, 4.0),
    (2_000, 0.01, 0.181_277_434_734_450_46, 7.0),
];

/// A slow leaf takes 20 ms and the others no time to speak of. (The seconds of the paper would
/// leave many of the slow ones, and only those, in flight at the end.)
fn slow_leaves((leaves, slow, expected, rate): Leaves) -> Case {
    let topology = format!(
        "
topology:
  root:
    server:
      workers: unlimited
      endpoints:
        get:
          - parallel:
              copies: {leaves}
              steps: [{{branch: [{{p: {slow}%, steps: [{{io: 20ms}}]}}, {{steps: [{{io: 10us}}]}}]}}]
"
    );
    let source = "Dean and Barroso 2013, The Tail at Scale: 1 - (1 - p)^n";
    let case = Case::new(format!("FAN-63 n={leaves}"), "some leaf of many is slow", source)
        .run(poisson(rate, "root") + &topology, 3.0, 100.0)
        .prob("P(latency > 10 ms)", expected, |r| {
            1.0 - r.total.histogram.share_at_most(Span::from_millis(10))
        });
    if leaves > 100 {
        case.coarse("a request of so many leaves is as long a run as hundreds")
    } else {
        case
    }
}
