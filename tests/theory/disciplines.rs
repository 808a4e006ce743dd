//! Who is next: first come, last come, by lot, or the most urgent, with and without interruption.

use crate::case::{Case, at, poisson, server, transient};

const KINGMAN: &str = "Kingman 1962, Takacs 1963: the mean wait is the same; E[W^2] of first come, \
                       times 1/(1-rho) last come and times 2/(2-rho) by lot";
const COBHAM: &str = "Cobham 1954; Kleinrock II ch. 3: with W0 = (l1+l2)/mu^2 and s1 = l1/mu, \
                      W1 = W0/(1-s1), W2 = W0/((1-s1)(1-rho))";
const SQUARE: &str = "a second moment scatters far more than a mean";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![fifo(), lifo(), random(), cobham(), preemptive()]
}

fn order(id: &'static str, title: &'static str, order: &str, measured: f64) -> Case {
    let queue = format!("workers: 1, queue: {{limit: unlimited, order: {order}}}");
    let yaml = poisson(80.0, "app") + &server(&queue, "cpu: exp(10ms)");
    Case::new(id, title, KINGMAN).run(yaml, transient(80.0, 0.01, 1.0), measured).mean(
        "mean wait [s]",
        0.04,
        |r| at(r, "app").wait.mean,
    )
}

fn square(case: Case, expected: f64) -> Case {
    let square = |r: &deploysim::experiment::Results| {
        let wait = &at(r, "app").waits;
        wait.variance() + wait.mean() * wait.mean()
    };
    case.mean("mean square wait [s^2]", expected, square).coarse(SQUARE)
}

fn fifo() -> Case {
    let case = order("DISC-80 fifo", "M/M/1, first come first served", "fifo", 14_000.0);
    square(case, 0.004).wait_quantile("app", 0.99, 0.219_101_331_733_694_06)
}

fn lifo() -> Case {
    let case = order("DISC-80 lifo", "M/M/1, last come first served", "lifo", 34_000.0);
    square(case, 0.02).wait_quantile("app", 0.95, 0.180_063_315_425_569_3).wait_quantile(
        "app",
        0.99,
        0.619_762_187_397_530_5,
    )
}

fn random() -> Case {
    let case = order("DISC-80 random", "M/M/1, served in random order", "random", 14_000.0);
    square(case, 0.02 / 3.0)
}

/// Urgent requests, 30 a second, and others, 50 a second, at one server equipped so.
fn classes(id: &'static str, title: &'static str, source: &'static str, equipment: &str) -> Case {
    let yaml = format!(
        "
clients:
  users:
    arrivals: poisson(80/s)
    target: app
    timeout: none
    requests: {{urgent: {{weight: 3}}, other: {{weight: 5, priority: 1}}}}
topology: {{app: {{server: {{{equipment}, endpoints: {{\"*\": [{{cpu: exp(10ms)}}]}}}}}}}}
"
    );
    Case::new(id, title, source).run(yaml, transient(80.0, 0.01, 1.0), 14_000.0)
}

/// Latency is a wait by Cobham's formula and 10 ms of work.
fn cobham() -> Case {
    let queue = "workers: 1, queue: {limit: unlimited, order: priority}";
    classes("PRIO-1 queue", "M/M/1, two priorities", COBHAM, queue)
        .mean("mean latency, urgent [s]", 0.011_428_571_428_571_43 + 0.01, |r| {
            r.requests[0].mean_latency.mean
        })
        .mean("mean latency, other [s]", 0.057_142_857_142_857_16 + 0.01, |r| {
            r.requests[1].mean_latency.mean
        })
}

fn preemptive() -> Case {
    let source = "Kleinrock II ch. 3: T1 = 1/(mu-l1), T2 = (1/mu)/(1-s1) + W0/((1-s1)(1-rho))";
    let cpu = "workers: unlimited, scheduling: preemptive_priority";
    classes("PRIO-1 cores", "M/M/1, two priorities, preemptive resume", source, cpu)
        .mean("mean latency, urgent [s]", 0.014_285_714_285_714_287, |r| {
            r.requests[0].mean_latency.mean
        })
        .mean("mean latency, other [s]", 0.071_428_571_428_571_45, |r| {
            r.requests[1].mean_latency.mean
        })
}
