//! Lesson 6: health checks and the price of their interval.

use super::answer::Unit;
use super::exercise::{EXACT, Exercise, Formula, Lesson, Mistake, Tolerance};
use super::numbers::{Numbers, Parameter};

pub(super) const LESSON: Lesson = Lesson {
    title: "Health checks and the price of their interval",
    exercises: &[DETECTION_TIME, FAILED_REQUESTS, HUNG_SERVER, CHECK_RATE],
};

const INTERVAL: Parameter = Parameter {
    name: "interval",
    meaning: "time between two checks (s)",
    values: &[1.0, 2.0, 4.0],
};
const CHECKS: Parameter = Parameter {
    name: "checks",
    meaning: "failed checks in a row until a server is taken off the list",
    values: &[2.0, 3.0, 4.0],
};

/// The mean time from a crash to the last of the failed checks (s).
fn detection(n: &Numbers) -> f64 {
    (n.get("checks") - 0.5) * n.get("interval")
}

/// The length of a replication (s): until a while after the crash, which is 30 s after its start.
fn duration(n: &Numbers) -> f64 {
    35.0 + n.get("checks") * n.get("interval")
}

/// What a balancer checks that has users' requests to pass on; what goes wrong follows.
const CHECKED: &str = "\
seed: 6
duration: <duration>s
warmup: 5s
replications: 200

clients:
  users:
    arrivals: poisson(<arrivals>/s)
    timeout: <patience>s
    target: front
    requests: {get: {}}

topology:
  front:
    load_balancer:
      policy: random
      health_check: {interval: <interval>s, timeout: <timeout>s, unhealthy_after: <checks>}
      backends: app
  app:
    server:
      replicas: <servers>
      workers: 64
      endpoints: {get: [{io: 1ms}]}

faults:
";
const CRASH: &[&str] = &[
    "\
# The failed requests divided by those that a server has in a second are the time until the balancer
# knows: <arrivals> / <servers> a second here.
",
    CHECKED,
    "  - {crash: \"app[0]\", at: 30s}\n",
];

/// How long a check waits, and how long a user (s).
const TIMEOUTS: [(&str, Formula); 2] = [("timeout", |_| 0.5), ("patience", |_| 1.0)];

const ALL_INTERVALS: Mistake = Mistake {
    name: "As many intervals as checks",
    value: |n| n.get("checks") * n.get("interval"),
    explanation: "this is the longest that it can take: if the server crashes just after a check. \
                  On average it crashes in the middle of an interval.",
};

const DETECTION_TIME: Exercise = Exercise {
    name: "detection-time",
    title: "A server crashes: how long does it take until the balancer knows?",
    parameters: &[INTERVAL, CHECKS],
    derived: &[
        ("arrivals", |_| 100.0),
        ("servers", |_| 4.0),
        TIMEOUTS[0],
        TIMEOUTS[1],
        ("duration", duration),
    ],
    question: "A balancer checks each of its servers every <interval> s, and takes a server off \
               its list after <checks> failed checks in a row. A server crashes at a random time, \
               and from then on refuses every check at once. How long does it take until it is off \
               the list, on average?",
    unit: Unit::Time,
    expected: detection,
    limit: None,
    source: "The first check after the crash comes after half an interval on average, the others \
             one interval apart: (checks - 1/2) interval.",
    tolerance: EXACT,
    mistakes: &[
        ALL_INTERVALS,
        Mistake {
            name: "One check only",
            value: |n| n.get("interval") / 2.0,
            explanation: "this is how long it takes until the first failed check. The balancer \
                          waits for <checks> in a row.",
        },
        Mistake {
            name: "The first check at the crash",
            value: |n| (n.get("checks") - 1.0) * n.get("interval"),
            explanation: "this is the shortest that it can take: if a check comes just after the \
                          crash. On average half an interval passes before.",
        },
    ],
    hints: &[
        "When does the first check after the crash come, at the earliest and at the latest?",
        "Half an interval passes until the first, on average, and one interval each until the \
         others.",
    ],
    worked: "Half an interval until the first failed check, and <checks> - 1 intervals until the \
             last: (<checks> - 1/2) x <interval> s = <expected>.",
    scenario: CRASH,
};

/// Failed requests if the balancer knows after so long (s).
fn failed(n: &Numbers, after: f64) -> f64 {
    n.get("arrivals") / n.get("servers") * after
}

const FAILED_REQUESTS: Exercise = Exercise {
    name: "failed-requests",
    title: "A server crashes: how many requests fail until the balancer knows?",
    parameters: &[
        Parameter {
            name: "arrivals",
            meaning: "requests (per second)",
            values: &[120.0, 240.0, 600.0],
        },
        Parameter { name: "servers", meaning: "number of servers", values: &[3.0, 4.0, 6.0] },
        INTERVAL,
        CHECKS,
    ],
    question: "<arrivals> requests a second come to a balancer that sends each to one of <servers> \
               servers at random. It checks each server every <interval> s, and takes a server off \
               its list after <checks> failed checks in a row. A server crashes at a random time, \
               and from then on refuses every check and every request at once. How many requests \
               fail until it is off the list, on average?",
    unit: Unit::Count,
    expected: |n| failed(n, detection(n)),
    source: "Arrivals at one server times the mean time to detect: arrivals / servers (checks - \
             1/2) interval.",
    tolerance: Tolerance {
        right: 0.03,
        close: 0.06,
        why: "the formula is exact; a run of the scenario has 200 crashes, whose mean lies within \
              3% of it",
    },
    mistakes: &[
        Mistake {
            name: "All requests",
            value: |n| n.get("arrivals") * detection(n),
            explanation: "only those fail that go to the server that crashed: one of <servers>.",
        },
        Mistake {
            name: "The longest time",
            value: |n| failed(n, n.get("checks") * n.get("interval")),
            explanation: "this is the most that it can be, if the server crashes just after a \
                          check. On average it crashes in the middle of an interval.",
        },
        Mistake {
            name: "One check only",
            value: |n| failed(n, n.get("interval") / 2.0),
            explanation: "this is how many fail until the first failed check. The balancer waits \
                          for <checks> in a row.",
        },
    ],
    hints: &[
        "How long does it take until the balancer knows? See exercise detection-time.",
        "How many requests a second go to the server that crashed?",
    ],
    worked: "The balancer knows after (<checks> - 1/2) x <interval> s on average. Until then the \
             server gets one request of <servers>, <arrivals> / <servers> a second: <expected> \
             fail.",
    scenario: CRASH,
    derived: &[TIMEOUTS[0], TIMEOUTS[1], ("duration", duration)],
    ..DETECTION_TIME
};

/// The mean time from a hang until the last of the failed checks is given up (s).
fn hang_detection(n: &Numbers) -> f64 {
    detection(n) + n.get("timeout")
}

const HUNG_SERVER: Exercise = Exercise {
    name: "hung-server",
    title: "A server hangs: how many users wait in vain until the balancer knows?",
    parameters: &[
        FAILED_REQUESTS.parameters[0],
        FAILED_REQUESTS.parameters[1],
        Parameter {
            name: "interval",
            meaning: "time between the starts of two checks (s)",
            values: &[1.0, 2.0],
        },
        Parameter {
            name: "checks",
            meaning: "failed checks in a row until a server is taken off the list",
            values: &[2.0, 3.0],
        },
        Parameter {
            name: "timeout",
            meaning: "how long a check waits for its answer (s)",
            values: &[0.4, 0.8],
        },
    ],
    derived: &[("patience", |_| 3.0), ("duration", |n| duration(n) + 5.0)],
    tolerance: Tolerance {
        right: 0.03,
        close: 0.06,
        why: "the formula is exact; a run of the scenario has 200 hangs, whose mean lies within 3% \
              of it",
    },
    question: "<arrivals> requests a second come to a balancer that sends each to one of <servers> \
               servers at random. Every <interval> s it starts a check of each server, which fails \
               if there is no answer within <timeout> s, and it takes a server off its list as \
               soon as <checks> checks in a row have failed. A server hangs at a random time: it \
               takes every check and every request, and answers none. Users give up after 3 s. \
               How many requests wait in vain because they were sent to the server before it was \
               off the list, on average?",
    expected: |n| failed(n, hang_detection(n)),
    source: "Arrivals at one server times the mean time to detect, which ends when the last check \
             is given up: arrivals / servers ((checks - 1/2) interval + timeout).",
    mistakes: &[
        Mistake {
            name: "A server that refuses",
            value: |n| failed(n, detection(n)),
            explanation: "this is so if the server crashes and refuses each check at once. One \
                          that hangs says nothing: a check has failed only when its <timeout> s \
                          are over.",
        },
        Mistake {
            name: "A timeout for each check",
            value: |n| failed(n, detection(n) + n.get("checks") * n.get("timeout")),
            explanation: "checks start every <interval> s, whether or not the one before was \
                          answered. Only the last timeout comes on top.",
        },
        Mistake {
            name: "The longest time",
            value: |n| failed(n, n.get("checks") * n.get("interval") + n.get("timeout")),
            explanation: "this is the most that it can be, if the server hangs just after a check \
                          has started. On average it hangs in the middle of an interval.",
        },
        Mistake {
            name: "All requests",
            value: |n| n.get("arrivals") * hang_detection(n),
            explanation: "only those wait in vain that go to the server that hangs: one of \
                          <servers>.",
        },
    ],
    hints: &[
        "How long is it until the last of the <checks> checks starts, on average? And when does \
         the balancer know that it has failed?",
        "It starts (<checks> - 1/2) x <interval> s after the hang, on average, and has failed \
         <timeout> s later. How many requests a second go to that server?",
    ],
    worked: "The last check starts (<checks> - 1/2) x <interval> s after the hang, on average, and \
             is given up <timeout> s later. Until then the server gets <arrivals> / <servers> \
             requests a second: <expected> wait in vain. After a crash each would have failed at \
             once; here each user looks at nothing for 3 s first.",
    scenario: &[
        "\
# Requests that time out are those that wait in vain; the table shows the sum of all replications.
",
        CHECKED,
        "  - {hang: \"app[0]\", at: 30s}\n",
    ],
    ..FAILED_REQUESTS
};

/// Checks per second if so many ask so many.
fn checks(n: &Numbers, pairs: f64) -> f64 {
    pairs * 1e3 / n.get("interval")
}

const CHECK_RATE: Exercise = Exercise {
    name: "check-rate",
    title: "Shorter intervals cost more checks: how many a second?",
    parameters: &[
        Parameter { name: "balancers", meaning: "number of balancers", values: &[2.0, 3.0, 4.0] },
        Parameter { name: "servers", meaning: "number of servers", values: &[10.0, 20.0, 50.0] },
        Parameter {
            name: "interval",
            meaning: "time between two checks (ms)",
            values: &[200.0, 250.0, 2000.0, 5000.0],
        },
    ],
    derived: &[],
    question: "<balancers> balancers stand side by side in front of <servers> servers. Each \
               balancer checks each server every <interval> ms, and shares nothing with the \
               others. How many checks a second are sent in all?",
    unit: Unit::Rate,
    expected: |n| checks(n, n.get("balancers") * n.get("servers")),
    source: "Each pair of a balancer and a server has one check in each interval.",
    tolerance: EXACT,
    mistakes: &[
        Mistake {
            name: "One balancer",
            value: |n| checks(n, n.get("servers")),
            explanation: "each of the <balancers> balancers asks for itself.",
        },
        Mistake {
            name: "One server",
            value: |n| checks(n, n.get("balancers")),
            explanation: "each of the <servers> servers is asked.",
        },
        Mistake {
            name: "Balancers and servers added",
            value: |n| checks(n, n.get("balancers") + n.get("servers")),
            explanation: "each balancer asks each server: the pairs count, and those are a \
                          product.",
        },
    ],
    hints: &[
        "How many checks does one balancer send to one server in a second?",
        "How many pairs of a balancer and a server are there?",
    ],
    worked: "There are <balancers> x <servers> pairs, and each has a check every <interval> ms: \
             <expected>.",
    scenario: &["\
# Checks count nowhere in the results; what they are for does: the crash is noticed sooner.
seed: 6
duration: 60s
warmup: 5s
replications: 5

clients:
  users:
    arrivals: poisson(500/s)
    target: front
    requests: {get: {}}

topology:
  front:
    load_balancer:
      replicas: <balancers>
      policy: random
      health_check: {interval: <interval>ms, timeout: 100ms, unhealthy_after: 2}
      backends: app
  app:
    server:
      replicas: <servers>
      workers: 64
      endpoints: {get: [{io: 1ms}]}

faults:
  - {crash: \"app[0]\", at: 30s}
"],
    ..DETECTION_TIME
};
