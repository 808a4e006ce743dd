//! Lesson 3: balancing.

use super::answer::Unit;
use super::exercise::{BY_FORMULA, Exercise, Formula, Lesson, Mistake, OPEN, Tolerance};
use super::numbers::{Numbers, Parameter};
use super::theory::{better_of_two, time_in_mg1, time_in_mmc};

pub(super) const LESSON: Lesson =
    Lesson { title: "Balancing", exercises: &[UNEVEN_SERVERS, TWO_CHOICES, OLD_NEWS] };

const SERVICE: Parameter =
    Parameter { name: "service", meaning: "mean service time (ms)", values: &[5.0, 10.0, 20.0] };

/// The mean service time (s).
fn service(n: &Numbers) -> f64 {
    n.get("service") / 1e3
}

/// The mean time (s) at the fast and at the slow one, each with half of the requests.
fn fast_and_slow(n: &Numbers) -> [f64; 2] {
    let rate = n.get("arrivals") / 2.0;
    [1.0, 2.0].map(|times| time_in_mg1(rate, times * service(n), 1.0))
}

const UNEVEN_SERVERS: Exercise = Exercise {
    name: "uneven-servers",
    title: "Half of the requests go to a server that is half as fast: how long do they take?",
    parameters: &[
        SERVICE,
        Parameter {
            name: "load",
            meaning: "load of the slow server (%)",
            values: &[60.0, 70.0, 80.0],
        },
    ],
    derived: &[
        ("arrivals", |n| n.get("load") * 10.0 / n.get("service")),
        ("slow", |n| 2.0 * n.get("service")),
        ("duration", |n| n.get("service") * 300.0),
    ],
    question: "<arrivals> requests a second come at random (a Poisson process) to a balancer that \
               sends each to one of two servers at random, with equal chances. Each server works \
               on one at a time, with work that is exponentially distributed: one needs <service> \
               ms on average, the other, which is half as fast, <slow> ms. How long is a request \
               in the system, on average over all?",
    unit: Unit::Time,
    expected: |n| fast_and_slow(n).iter().sum::<f64>() / 2.0,
    limit: None,
    source: "A Poisson process that is split at random is two Poisson processes, so that each \
             server is M/M/1. Kleinrock, Queueing Systems I (1975), sections 2.4 and 3.2.",
    tolerance: BY_FORMULA,
    mistakes: &[
        Mistake {
            name: "Two servers of the mean speed",
            value: |n| time_in_mg1(n.get("arrivals") / 2.0, 1.5 * service(n), 1.0),
            explanation: "this is as if both needed the mean of the two service times. The queue \
                          in front of the slow one grows by more than that of the fast one \
                          shrinks.",
        },
        Mistake {
            name: "The fast server alone",
            value: |n| fast_and_slow(n)[0],
            explanation: "half of the requests go to the slow server.",
        },
        Mistake {
            name: "The slow server alone",
            value: |n| fast_and_slow(n)[1],
            explanation: "half of the requests go to the fast server.",
        },
        Mistake {
            name: "The service times alone",
            value: |n| 1.5 * service(n),
            explanation: "this is the mean of the two service times. There is a queue in front of \
                          each server, too.",
        },
    ],
    hints: &[
        "Each server has half of the arrivals. What is the load of each?",
        "Find the mean time at each by M/M/1, then the mean over the requests: half of them each.",
    ],
    worked: "Each server has half of <arrivals> a second. The slow one has a load of <load>%, the \
             fast one half of that. T = s / (1 - load) for each, <service> ms and <slow> ms of \
             work, and the mean of the two is <expected>.",
    scenario: &[
        OPEN,
        "    target: front

topology:
  front:
    load_balancer: {policy: random, backends: [fast, slow]}
  fast:
    server: {workers: 1, queue: {limit: unlimited}, endpoints: {get: [{cpu: exp(<service>ms)}]}}
  slow:
    server: {workers: 1, queue: {limit: unlimited}, endpoints: {get: [{cpu: exp(<slow>ms)}]}}
",
    ],
};

/// Mean times in service times where the better of two distinct servers of a hundred is chosen, by
/// load in percent: the simulations behind LB-P2C-100 in `docs/validation.md`.
const OF_A_HUNDRED: [(f64, f64); 4] =
    [(50.0, 1.267_682), (80.0, 1.957_880), (90.0, 2.645_776), (99.0, 5.944_966)];

fn of_a_hundred(n: &Numbers) -> f64 {
    service(n) * tabled(&OF_A_HUNDRED, n.get("load"))
}

/// The value that stands in the table behind a key.
fn tabled(table: &[(f64, f64)], key: f64) -> f64 {
    let found = table.iter().find(|(known, _)| known.to_bits() == key.to_bits());
    found.expect("the table has all values of the parameter, which a test holds").1
}

/// The mean time (s) where each request goes to any server.
fn at_random(n: &Numbers) -> f64 {
    time_in_mg1(n.get("load") / 100.0 / service(n), service(n), 1.0)
}

const SERVICE_ALONE: Mistake = Mistake {
    name: "The service time alone",
    value: service,
    explanation: "this is without queues. At a load of <load>% requests wait under every policy.",
};

const AT_RANDOM: Mistake = Mistake {
    name: "Any server at random",
    value: at_random,
    explanation: "this is s / (1 - load), where each request goes to any server whatever is there. \
                  The question is about a balancer that looks first.",
};

const TWO_CHOICES: Exercise = Exercise {
    name: "two-choices",
    title: "A hundred servers, and each request goes to the better of two: how long does it take?",
    parameters: &[
        SERVICE,
        Parameter {
            name: "load",
            meaning: "load of each server (%)",
            values: &[50.0, 80.0, 90.0, 99.0],
        },
    ],
    derived: &[
        ("arrivals", |n| n.get("load") * 1e3 / n.get("service")),
        // Near saturation the queues take long to fill.
        ("warmup", |n| n.get("service") * if n.get("load") > 98.0 { 4.0 } else { 0.5 }),
        ("duration", |n| n.get("service") * if n.get("load") > 98.0 { 12.0 } else { 3.0 }),
    ],
    question: "<arrivals> requests a second come at random (a Poisson process) to a balancer in \
               front of 100 equal servers, so that each has a load of <load>%. Each works on one \
               at a time, <service> ms on average and exponentially distributed. For each request \
               the balancer chooses two servers at random and sends it to the one with fewer \
               requests. How long is a request in the system, on average? (The limit for very many \
               servers, and the value for a hundred, both count as right.)",
    expected: of_a_hundred,
    limit: Some(|n| service(n) * better_of_two(n.get("load") / 100.0)),
    source: "Limit: the sum over i of load^(2^i - 2) service times, by Vvedenskaya, Dobrushin and \
             Karpelevich (1996) and Mitzenmacher (1996); a hundred servers: simulations within \
             0.1%, LB-P2C-100 in docs/validation.md.",
    tolerance: Tolerance {
        right: 0.02,
        close: 0.06,
        why: "all between the limit and the value for a hundred servers is right, which are 0.2% \
              apart at a load of 50% and 9% at 99%; a run of the scenario is within 2% of the \
              latter, at 99% within 6%",
    },
    mistakes: &[
        AT_RANDOM,
        SERVICE_ALONE,
        Mistake {
            name: "The wait alone",
            value: |n| of_a_hundred(n) - service(n),
            explanation: "this is the time in the queue. The time in the system has the service of \
                          <service> ms as well.",
        },
    ],
    hints: &[
        "At random each server is M/M/1, and the answer would be s / (1 - load). How much less is \
         it with two choices?",
        "In the limit of very many servers the share of those with at least i requests is \
         load^(2^i - 1). Add them up for the mean number at a server, and use Little's law.",
    ],
    worked: "The share of servers with at least i requests is load^(2^i - 1) in the limit. Their \
             sum is the mean number at a server, and divided by the load, by Little's law, the \
             mean time in service times: the sum of load^(2^i - 2) for i = 1, 2, ... A hundred \
             servers are a little slower than the limit: <expected>. At random it is s / (1 - \
             load).",
    scenario: &["\
seed: 3
duration: <duration>s
warmup: <warmup>s
replications: 5

clients:
  users:
    arrivals: poisson(<arrivals>/s)
    timeout: none
    target: front
    requests: {get: {}}

topology:
  front:
    load_balancer: {policy: {power_of_d: {d: 2}}, tie_break: random, backends: app}
  app:
    server:
      replicas: 100
      workers: 1
      queue: {limit: unlimited}
      endpoints: {get: [{cpu: exp(<service>ms)}]}
"],
    ..UNEVEN_SERVERS
};

/// Mean times in service times at five servers whose loads are known as they are now, by load in
/// percent.
const FRESH: [(f64, f64); 3] = [(70.0, 1.393_98), (80.0, 1.753_02), (90.0, 2.794_45)];

/// The same where they are known from reports, by how many service times lie between two.
const OLD: [(f64, [(f64, f64); 3]); 3] = [
    (1.0, [(70.0, 2.082_10), (80.0, 2.637_43), (90.0, 3.907_43)]),
    (10.0, [(70.0, 7.275_09), (80.0, 10.912_16), (90.0, 17.181_56)]),
    (20.0, [(70.0, 12.851_34), (80.0, 19.440_29), (90.0, 32.034_58)]),
];

fn with_old_news(n: &Numbers) -> f64 {
    let found = OLD.iter().find(|(times, _)| times.to_bits() == n.get("times").to_bits());
    let (_, by_load) = found.expect("the table has all values of the parameter");
    service(n) * tabled(by_load, n.get("load"))
}

const INTERVAL: Formula = |n| n.get("times") * n.get("service");

const OLD_NEWS: Exercise = Exercise {
    name: "old-news",
    title: "Five servers, and a balancer that knows their loads of a while ago: how long does it \
            take?",
    parameters: &[
        SERVICE,
        Parameter { name: "load", meaning: "load of each server (%)", values: &[70.0, 80.0, 90.0] },
        Parameter {
            name: "times",
            meaning: "time between two reports, in service times",
            values: &[1.0, 10.0, 20.0],
        },
    ],
    derived: &[
        ("arrivals", |n| n.get("load") * 50.0 / n.get("service")),
        ("interval", INTERVAL),
        ("duration", |n| n.get("service") * 60.0),
    ],
    question: "<arrivals> requests a second come at random (a Poisson process) to a balancer in \
               front of five equal servers. Each works on one at a time, <service> ms on average \
               and exponentially distributed. Every <interval> ms all servers report at once how \
               many requests they have, and until the next reports the balancer sends each request \
               to the server that reported the fewest (at random among equals). How long is a \
               request in the system, on average? There is no formula: run the scenario, and write \
               your prediction down first.",
    expected: with_old_news,
    limit: None,
    source: "Simulation: 20 replications of 120 000 service times each, 95% intervals within 1.1%. \
             The model is that of Mitzenmacher, How Useful Is Old Information? (2000).",
    tolerance: Tolerance {
        right: 0.04,
        close: 0.08,
        why: "the 95% interval of a run of the scenario lies within 3% of its mean, and that of \
              the expected value within 1.1%",
    },
    mistakes: &[
        AT_RANDOM,
        SERVICE_ALONE,
        Mistake {
            name: "Loads as they are now",
            value: |n| service(n) * tabled(&FRESH, n.get("load")),
            explanation: "this is the server with the fewest requests at this moment. The balancer \
                          knows only what was so up to <interval> ms ago, and sends all to the \
                          same server meanwhile.",
        },
        Mistake {
            name: "One queue for all",
            value: |n| time_in_mmc(n.get("arrivals"), service(n), 5.0),
            explanation: "this is M/M/5, where nobody waits while a server is idle.",
        },
    ],
    hints: &[
        "How many requests come between two reports? They all go to the same server, unless \
         several reported the same.",
        "Run the scenario, and run it again with the policy random and with least_connections: is \
         old news better than none?",
    ],
    worked: "Simulated, it is <expected>. Between two reports all requests go to the server that \
             reported the fewest, and make the longest queue there. With reports every service \
             time that is still better than random; with reports every 10 service times it is \
             worse.",
    scenario: &[
        OPEN,
        "    target: front

topology:
  front:
    load_balancer:
      policy: {least_reported_load: {interval: <interval>ms, reports: together}}
      tie_break: random
      backends: app
  app:
    server:
      replicas: 5
      workers: 1
      queue: {limit: unlimited}
      endpoints: {get: [{cpu: exp(<service>ms)}]}
",
    ],
    ..UNEVEN_SERVERS
};
