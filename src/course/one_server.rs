//! Lesson 1: one server and its limit.

use std::f64::consts::LN_2;

use super::answer::Unit;
use super::exercise::{BY_FORMULA, EXACT, Exercise, Formula, Lesson, Mistake, ONE_SERVER, OPEN};
use super::numbers::{Numbers, Parameter};
use super::theory::time_in_mg1;

pub(super) const LESSON: Lesson = Lesson {
    title: "One server and its limit",
    exercises: &[MEAN_LATENCY, TAIL_LATENCY, CONSTANT_WORK, GREATEST_RATE],
};

/// The 99th percentile of an exponential time, in means.
const LN_100: f64 = 4.605_170_185_988_091;
/// The 95th.
const LN_20: f64 = 2.995_732_273_553_991;

const SERVICE: Parameter = Parameter {
    name: "service",
    meaning: "mean service time (ms)",
    values: &[5.0, 10.0, 20.0, 25.0],
};
const LOAD: Parameter = Parameter {
    name: "load",
    meaning: "load of the server (%)",
    values: &[60.0, 70.0, 80.0, 85.0],
};

/// The arrival rate (per second), and the length of a replication (s): 250 000 service times.
const DERIVED: &[(&str, Formula)] = &[
    ("arrivals", |n| n.get("load") * 10.0 / n.get("service")),
    ("duration", |n| n.get("service") * 250.0),
];

/// The mean service time (s).
fn service(n: &Numbers) -> f64 {
    n.get("service") / 1e3
}

/// The mean time in the system (s) if the service is exponential.
fn in_system(n: &Numbers) -> f64 {
    time_in_mg1(n.get("arrivals"), service(n), 1.0)
}

/// The same if it is constant.
fn with_constant_service(n: &Numbers) -> f64 {
    time_in_mg1(n.get("arrivals"), service(n), 0.0)
}

const SERVICE_ALONE: Mistake = Mistake {
    name: "The service time alone",
    value: service,
    explanation: "this is how long the server works on a request that finds it idle. At a load of \
                  <load>% most requests find others there, and wait for them first.",
};

/// How work is said that is exponentially distributed.
const EXPONENTIAL: &str = "      endpoints: {get: [{cpu: exp(<service>ms)}]}\n";

const MEAN_LATENCY: Exercise = Exercise {
    name: "mean-latency",
    title: "How long is a request in a server with a queue, on average?",
    parameters: &[SERVICE, LOAD],
    derived: DERIVED,
    question: "Requests come at random, <arrivals> a second (a Poisson process), to a server that \
               works on one at a time. The work of a request takes <service> ms on average and is \
               exponentially distributed. Nobody gives up. How long is a request in the system, \
               waiting and being served, on average?",
    unit: Unit::Time,
    expected: in_system,
    limit: None,
    source: "M/M/1: T = s / (1 - load). Kleinrock, Queueing Systems I (1975), section 3.2.",
    tolerance: BY_FORMULA,
    mistakes: &[
        SERVICE_ALONE,
        Mistake {
            name: "The wait alone",
            value: |n| in_system(n) - service(n),
            explanation: "this is the time in the queue. The time in the system has the service of \
                          <service> ms as well.",
        },
        Mistake {
            name: "The formula for constant work",
            value: with_constant_service,
            explanation: "this is M/D/1, where all requests take <service> ms. Here they vary, and \
                          the wait is twice as long.",
        },
        Mistake {
            name: "The 99th percentile",
            value: |n| LN_100 * in_system(n),
            explanation: "one request in a hundred takes longer than this. The question is about \
                          the mean.",
        },
    ],
    hints: &[
        "What share of the time does the server work? That is its load: arrivals a second times \
         seconds of work each.",
        "A request finds as many others, on average, as there are at any time, and each of them \
         takes a service time. Write T = s + (number present) s, and the number present by \
         Little's law as arrivals times T.",
    ],
    worked: "The load is <arrivals>/s x <service> ms = <load>%. By Little's law the number present \
             is arrivals x T, and a request takes its own service and that of those it finds: T = \
             s + s x arrivals x T, so T = s / (1 - load) = <service> ms / (1 - <load>%) = \
             <expected>.",
    scenario: &[OPEN, ONE_SERVER, EXPONENTIAL],
};

const TAIL_LATENCY: Exercise = Exercise {
    name: "tail-latency",
    title: "Which latency do 99 of 100 requests stay below?",
    question: "Requests come at random, <arrivals> a second (a Poisson process), to a server that \
               works on one at a time, in the order in which they came. The work of a request \
               takes <service> ms on average and is exponentially distributed. Which time in the \
               system do 99 of 100 requests stay below (the 99th percentile)?",
    expected: |n| LN_100 * in_system(n),
    source: "M/M/1: the time in the system is exponential, so that its p-quantile is -ln(1 - p) \
             times the mean. Kleinrock, Queueing Systems I (1975), section 5.6.",
    mistakes: &[
        Mistake {
            name: "The mean",
            value: in_system,
            explanation: "a third of all requests takes longer than the mean. The 99th percentile \
                          is several times as long.",
        },
        Mistake {
            name: "The 95th percentile",
            value: |n| LN_20 * in_system(n),
            explanation: "five requests of a hundred take longer than this, and only one may.",
        },
        Mistake {
            name: "The median",
            value: |n| LN_2 * in_system(n),
            explanation: "half of all requests take longer than this, and only one of a hundred \
                          may.",
        },
        Mistake {
            name: "A normal distribution",
            value: |n| 3.326_348 * in_system(n),
            explanation: "this is the mean and 2.33 standard deviations, as for a normal \
                          distribution. Times in a queue have a longer tail.",
        },
        Mistake {
            name: "The 99th percentile of the service",
            value: |n| LN_100 * service(n),
            explanation: "this is without the queue: the work alone of 99 of 100 requests takes \
                          less.",
        },
    ],
    hints: &[
        "Find the mean time in the system first: exercise mean-latency.",
        "The time in the system of M/M/1 is exponential too. How many of its means does an \
         exponential time exceed once in a hundred?",
    ],
    worked: "The mean time is s / (1 - load) = <service> ms / (1 - <load>%). The time is \
             exponential, and e^(-t/T) = 1% at t = T ln 100 = 4.605 T = <expected>.",
    ..MEAN_LATENCY
};

const CONSTANT_WORK: Exercise = Exercise {
    name: "constant-work",
    title: "How much shorter is the queue if all requests take equally long?",
    question: "Requests come at random, <arrivals> a second (a Poisson process), to a server that \
               works on one at a time. Each takes exactly <service> ms of work. How long is a \
               request in the system, on average?",
    expected: with_constant_service,
    source: "M/D/1 by Pollaczek (1930) and Khinchine (1932): T = s + load s / (2 (1 - load)).",
    mistakes: &[
        SERVICE_ALONE,
        Mistake {
            name: "The formula for exponential work",
            value: in_system,
            explanation: "this is M/M/1. Constant work makes waits half as long, since nobody \
                          waits behind a request that takes very long.",
        },
        Mistake {
            name: "The wait alone",
            value: |n| with_constant_service(n) - service(n),
            explanation: "this is the time in the queue. The time in the system has the service of \
                          <service> ms as well.",
        },
    ],
    hints: &[
        "Arrivals are still random, so there is a queue: find the load first.",
        "By Pollaczek and Khinchine the wait is that of M/M/1 times (1 + cv^2) / 2. What is the \
         coefficient of variation cv of a constant?",
    ],
    worked: "The load is <load>%. With exponential work the wait would be load s / (1 - load). \
             With constant work, of a coefficient of variation of 0, it is half of that, and the \
             service comes on top: T = s + load s / (2 (1 - load)) = <expected>.",
    scenario: &[OPEN, ONE_SERVER, "      endpoints: {get: [{cpu: <service>ms}]}\n"],
    ..MEAN_LATENCY
};

/// The arrival rate at which a server is this share of the time busy.
fn at_load(n: &Numbers, load: f64) -> f64 {
    load / service(n)
}

const GREATEST_RATE: Exercise = Exercise {
    name: "greatest-rate",
    title: "How many requests a second may come until the mean latency is too long?",
    parameters: &[
        SERVICE,
        Parameter {
            name: "times",
            meaning: "promised mean latency, in service times",
            values: &[2.5, 3.0, 4.0],
        },
    ],
    derived: &[
        ("target", |n| n.get("times") * n.get("service")),
        ("arrivals", |n| 500.0 / n.get("service")),
        ("duration", |n| n.get("service") * 250.0),
    ],
    question: "A server works on one request at a time, <service> ms each on average and \
               exponentially distributed, and requests come at random (a Poisson process). A mean \
               time in the system of at most <target> ms is promised. How many requests a second \
               may come at most?",
    unit: Unit::Rate,
    expected: |n| at_load(n, 1.0 - 1.0 / n.get("times")),
    source: "M/M/1: T = 1 / (1/s - arrivals), solved for arrivals. Kleinrock, Queueing Systems I \
             (1975), section 3.2.",
    tolerance: EXACT,
    mistakes: &[
        Mistake {
            name: "What the server can do at most",
            value: |n| at_load(n, 1.0),
            explanation: "this is 1 / (<service> ms), at which the server never rests, and the \
                          queue grows without end.",
        },
        Mistake {
            name: "The promise taken for the wait",
            value: |n| at_load(n, n.get("times") / (n.get("times") + 1.0)),
            explanation: "here the wait alone is <target> ms. The promise is about the time in the \
                          system, which has the service as well.",
        },
        Mistake {
            name: "One request in each promised time",
            value: |n| at_load(n, 1.0 / n.get("times")),
            explanation: "this is 1 / (<target> ms). Requests need not be one after the other in \
                          the system: the next may come while one is there.",
        },
    ],
    hints: &[
        "Write the mean time in the system of M/M/1 with the arrival rate in it.",
        "T = 1 / (1/s - arrivals). Solve it for the arrivals.",
    ],
    worked: "The server can do 1/s a second, and T = 1 / (1/s - arrivals). So arrivals = 1/s - 1/T \
             = 1 / (<service> ms) - 1 / (<target> ms) = <expected>.",
    ..MEAN_LATENCY
};
