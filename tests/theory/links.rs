//! Links: a pipe that messages share is a single server; a message is sent a geometric number of
//! times.

use crate::case::{Case, at, poisson, server, transient, utilisation};

const PIPE: &str = "users -> app";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![pipe_mm1(), pipe_md1(), pipe_md1k(), loss()]
}

/// Requests of this size, sent at this rate over this link to somebody who answers at once.
fn sent(rate: f64, size: &str, link: &str) -> String {
    let requests = format!("requests: {{get: {{request_size: \"{size}\"}}}}");
    poisson(rate, "app").replace("requests: {get: {}}", &requests)
        + &format!("links: {{users -> app: {link}}}\n")
        + &server("workers: unlimited", "cpu: 0")
}

impl Case {
    fn pipe(self, wait: f64, service: f64, load: f64) -> Case {
        self.mean("mean sojourn [s]", wait + service, |r| at(r, PIPE).sojourn.mean)
            .mean("mean wait [s]", wait, |r| at(r, PIPE).wait.mean)
            .prob("P(wait > 0)", load, |r| at(r, PIPE).wait_share.mean)
            .mean("utilisation", load, |r| utilisation(r, PIPE, "bandwidth"))
            .mean("mean in the pipe", load * (wait + service) / service, |r| {
                at(r, PIPE).present.mean
            })
    }
}

fn pipe_mm1() -> Case {
    let (rate, service, load) = (500.0, 0.001, 0.5);
    let sojourn = 1.0 / (1.0 / service - rate);
    let quantile = |p: f64| -libm::log(1.0 - p) * sojourn;
    Case::new("PIPE-MM1", "a pipe, exponential sizes", "Kleinrock I ch. 3: T ~ Exp(mu - lambda)")
        .run(
            sent(rate, "exp(12.5kB)", "{there: {bandwidth: 100Mbit/s}}"),
            transient(rate, service, 1.0),
            450.0,
        )
        .pipe(load * sojourn, service, load)
        .sojourn_quantile(PIPE, 0.5, quantile(0.5))
        .sojourn_quantile(PIPE, 0.95, quantile(0.95))
        .sojourn_quantile(PIPE, 0.99, quantile(0.99))
}

fn pipe_md1() -> Case {
    let (rate, service) = (80.0, 0.01);
    Case::new("PIPE-MD1", "a pipe, constant sizes", "Erlang 1909: E[W] = rho D/(2(1-rho))")
        .run(
            sent(rate, "12.5kB", "{there: {bandwidth: 10Mbit/s, delay: exp(5ms)}}"),
            transient(rate, service, 1.0),
            9_000.0,
        )
        .pipe(0.02, service, 0.8)
        .wait_quantile(PIPE, 0.5, 0.012_759_398_733_748_501)
        .wait_quantile(PIPE, 0.95, 0.066_203_249_968_407_21)
        .wait_quantile(PIPE, 0.99, 0.103_558_867_919_949_55)
        .mean("mean latency [s]", 0.035, |r| r.total.mean_latency.mean)
}

/// One leaves and one may wait: a departure leaves nobody behind with probability exp(-rho).
fn pipe_md1k() -> Case {
    let load: f64 = 0.8;
    let carried = load / (libm::exp(-load) + load);
    let link = "{there: {bandwidth: 10Mbit/s, buffer: 12.5kB, retransmit: {after: 1ms, tries: 1}}}";
    let source = "Keilson 1966: P(turned away) = 1 - 1/(pi_0 + rho), pi_0 of the embedded chain";
    Case::new("PIPE-MD1-2", "a pipe with room for one more", source)
        .run(sent(80.0, "12.5kB", link), 1.0, 1_000.0)
        .prob("P(dropped)", 1.0 - carried / load, |r| r.total.error_rate.mean)
        .mean("utilisation", carried, |r| utilisation(r, PIPE, "bandwidth"))
}

/// Four tries at most, a fifth of them lost on the way there and a tenth on the way back, and a
/// wait that doubles from 100 ms.
fn loss() -> Case {
    let link = "{there: {loss: 20%}, back: {loss: 10%}, retransmit: {after: 100ms, tries: 4}}";
    let arrives = |loss: f64| 1.0 - loss.powi(4);
    let delay = |loss: f64| -> f64 {
        let waited = |lost: i32| loss.powi(lost) * (1.0 - loss) * 0.1 * (2_f64.powi(lost) - 1.0);
        (0..4).map(waited).sum::<f64>() / arrives(loss)
    };
    let at_once = 0.8 * 0.9 / arrives(0.2) / arrives(0.1);
    let one_wait = (0.8 * 0.9 + 0.16 * 0.9 + 0.8 * 0.09) / arrives(0.2) / arrives(0.1);
    Case::new("LOSS-4", "messages sent again", "the number of tries is geometric")
        .run(sent(100.0, "500B", link), 1.0, 1_000.0)
        .mean("mean latency [s]", delay(0.2) + delay(0.1), |r| r.total.mean_latency.mean)
        .prob("P(lost for good)", 1.0 - arrives(0.2) * arrives(0.1), |r| r.total.error_rate.mean)
        .latency_quantile(at_once, 0.05)
        .latency_quantile(one_wait, 0.15)
}
