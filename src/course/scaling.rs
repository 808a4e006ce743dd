//! Lesson 2: vertical or horizontal.

use super::answer::Unit;
use super::exercise::{BY_FORMULA, Exercise, Formula, Lesson, Mistake, ONE_SERVER, OPEN};
use super::numbers::{Numbers, Parameter};
use super::theory::{erlang_b, erlang_c, time_in_mg1, time_in_mmc};

pub(super) const LESSON: Lesson =
    Lesson { title: "Vertical or horizontal", exercises: &[ONE_FAST, SHARED_QUEUE, WHO_WAITS] };

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "service", meaning: "mean service time (ms)", values: &[20.0, 40.0, 50.0] },
    Parameter { name: "servers", meaning: "number of servers", values: &[2.0, 4.0] },
    Parameter { name: "load", meaning: "load of each server (%)", values: &[70.0, 80.0, 85.0] },
];

/// The arrival rate (per second), and the length of a replication (s).
const DERIVED: &[(&str, Formula)] = &[
    ("arrivals", |n| n.get("load") * 10.0 * n.get("servers") / n.get("service")),
    ("duration", |n| n.get("service") * 150.0),
];

/// The mean service time (s).
fn service(n: &Numbers) -> f64 {
    n.get("service") / 1e3
}

/// The mean time (s) at one server as fast as all together.
fn one_fast(n: &Numbers) -> f64 {
    time_in_mg1(n.get("arrivals"), service(n) / n.get("servers"), 1.0)
}

/// The mean time (s) at several servers, each with a queue of its own.
fn separate(n: &Numbers) -> f64 {
    time_in_mg1(n.get("arrivals") / n.get("servers"), service(n), 1.0)
}

/// The mean time (s) at several servers with one queue.
fn shared(n: &Numbers) -> f64 {
    time_in_mmc(n.get("arrivals"), service(n), n.get("servers"))
}

/// The share of those who wait for one of several servers with one queue.
fn who_waits(n: &Numbers) -> f64 {
    erlang_c(n.get("load") / 100.0 * n.get("servers"), n.get("servers"))
}

const SEPARATE: Mistake = Mistake {
    name: "A queue for each server",
    value: separate,
    explanation: "this is what <servers> servers do of which each has its own queue and its share \
                  of the requests: some wait while another server is idle.",
};

const ONE_FAST: Exercise = Exercise {
    name: "one-fast",
    title: "One server that is several times as fast: how long is a request there?",
    parameters: PARAMETERS,
    derived: DERIVED,
    question: "<servers> servers share <arrivals> requests a second, which come at random (a \
               Poisson process). Each works on one at a time, <service> ms on average and \
               exponentially distributed. They are replaced by one server that is <servers> times \
               as fast. How long is a request in the system then, on average?",
    unit: Unit::Time,
    expected: one_fast,
    limit: None,
    source: "M/M/1 with a service of s / servers. Kleinrock, Queueing Systems I (1975), section \
             3.2; and II (1976), section 5.1, for the comparison.",
    tolerance: BY_FORMULA,
    mistakes: &[
        SEPARATE,
        Mistake {
            name: "The work alone",
            value: |n| service(n) / n.get("servers"),
            explanation: "this is how long the fast server works on a request. At a load of \
                          <load>% there is a queue in front of it.",
        },
        Mistake {
            name: "As many servers with one queue",
            value: shared,
            explanation: "this is M/M/<servers>: a request that is alone is served by one slow \
                          server, and the others rest. The fast one is fast for it alone too.",
        },
    ],
    hints: &[
        "Does the load change, if all requests go to one server that is <servers> times as fast?",
        "It is M/M/1 with a service of <service> ms / <servers>.",
    ],
    worked: "The fast server needs <service> ms / <servers> for a request, and has all <arrivals> \
             a second: its load is <load>% as before. T = s / (1 - load) with that s: <expected>. \
             Everything is as with one slow server, only <servers> times as fast.",
    scenario: &[
        OPEN,
        ONE_SERVER,
        "      speed: <servers>\n      endpoints: {get: [{cpu: exp(<service>ms)}]}\n",
    ],
};

const SHARED_QUEUE: Exercise = Exercise {
    name: "shared-queue",
    title: "Several servers with one queue: how long is a request there?",
    question: "<arrivals> requests a second come at random (a Poisson process) to one queue in \
               front of <servers> equal servers. Each works on one at a time, <service> ms on \
               average and exponentially distributed. How long is a request in the system, on \
               average?",
    expected: shared,
    source: "M/M/c by Erlang (1917): T = s + C s / (c (1 - load)) with Erlang's C. Kleinrock, \
             Queueing Systems I (1975), section 3.5.",
    mistakes: &[
        SEPARATE,
        Mistake {
            name: "One fast server",
            value: one_fast,
            explanation: "this is one server that is <servers> times as fast. Several slow ones \
                          are slower where few requests are there: some servers rest.",
        },
        Mistake {
            name: "The service time alone",
            value: service,
            explanation: "this is without the queue. At a load of <load>% all servers are busy now \
                          and then.",
        },
        Mistake {
            name: "The wait alone",
            value: |n| shared(n) - service(n),
            explanation: "this is the time in the queue. The time in the system has the service of \
                          <service> ms as well.",
        },
    ],
    hints: &[
        "Only those wait who find all servers busy. Their share is Erlang's C: exercise who-waits.",
        "Those who wait do so for s / (servers (1 - load)) on average.",
    ],
    worked: "The load of each server is <load>%. Those who find all <servers> busy are Erlang's C \
             of all, and they wait s / (<servers> (1 - load)) on average. T = s + C s / (<servers> \
             (1 - load)) = <expected>.",
    scenario: SHARED,
    ..ONE_FAST
};

const SHARED: &[&str] = &[
    OPEN,
    "    target: app

topology:
  app:
    server:
      cores: <servers>
      workers: <servers>
      queue: {limit: unlimited}
      endpoints: {get: [{cpu: exp(<service>ms)}]}
",
];

const WHO_WAITS: Exercise = Exercise {
    name: "who-waits",
    title: "Several servers with one queue: how many requests have to wait at all?",
    question: "<arrivals> requests a second come at random (a Poisson process) to one queue in \
               front of <servers> equal servers. Each works on one at a time, <service> ms on \
               average and exponentially distributed. Which share of the requests has to wait?",
    unit: Unit::Share,
    expected: who_waits,
    source: "Erlang's C (1917): C = B / (1 - load (1 - B)) with Erlang's B.",
    mistakes: &[
        Mistake {
            name: "The load",
            value: |n| n.get("load") / 100.0,
            explanation: "this is how much of the time a server is busy. A request waits only if \
                          all <servers> are busy at once.",
        },
        Mistake {
            name: "The load to the power of the servers",
            value: |n| libm::pow(n.get("load") / 100.0, n.get("servers")),
            explanation: "this would be so if each server were busy or not whatever the others do. \
                          They share a queue: while one waits, all are busy.",
        },
        Mistake {
            name: "Erlang's B",
            value: |n| erlang_b(n.get("load") / 100.0 * n.get("servers"), n.get("servers")),
            explanation: "this is the share that is lost if nobody may wait. Here those who find \
                          all servers busy stay, and keep them busy for longer.",
        },
        Mistake {
            name: "Those who do not wait",
            value: |n| 1.0 - who_waits(n),
            explanation: "this is the share that is served at once: the rest waits.",
        },
    ],
    hints: &[
        "A random arrival finds what there is at a random time: how often are all servers busy?",
        "Find Erlang's B for the offered load first (B of 0 servers is 1; B of c is a B / (c + a \
         B), with the offered load a and the B before), then C = B / (1 - load (1 - B)).",
    ],
    worked: "The offered load is <arrivals>/s x <service> ms. Erlang's B of <servers> servers at \
             it gives C = B / (1 - load (1 - B)) with a load of <load>%: <expected>.",
    scenario: SHARED,
    ..ONE_FAST
};
