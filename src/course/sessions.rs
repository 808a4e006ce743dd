//! Lesson 4: sessions.

use super::answer::Unit;
use super::exercise::{BY_FORMULA, Exercise, Formula, Lesson, Mistake, Tolerance};
use super::numbers::{Numbers, Parameter};

pub(super) const LESSON: Lesson =
    Lesson { title: "Sessions", exercises: &[IDLE_SESSIONS, ANY_SERVER, LOST_SESSIONS] };

const GAP: Parameter = Parameter {
    name: "gap",
    meaning: "mean time between two requests of a user (s)",
    values: &[10.0, 20.0, 30.0],
};
const USERS: Parameter =
    Parameter { name: "users", meaning: "number of users", values: &[100.0, 200.0, 300.0] };

/// The time for which a session is good (s), and the arrivals per second.
const DERIVED: &[(&str, Formula)] =
    &[("idle", |n| n.get("times") * n.get("gap")), ("arrivals", |n| n.get("users") / n.get("gap"))];

/// The share of the gaps that are longer than a session is good, if they are so many times as long
/// as those of a user.
fn too_late(n: &Numbers, longer: f64) -> f64 {
    libm::exp(-n.get("times") / longer)
}

/// How a scenario begins of users who come again and again: what follows says whom they ask.
const VISITS: &str = "\
seed: 4
duration: 30min
warmup: 3min
replications: 10

clients:
  users:
    arrivals: poisson(<arrivals>/s)
    population: <users>
";

/// A server that keeps sessions itself.
const IN_MEMORY: &str = "      workers: 64
      sessions: {store: local, idle: <idle>s, login: [{io: 5ms}]}
      endpoints: {get: [{io: 1ms}]}
";

const IDLE_SESSIONS: Exercise = Exercise {
    name: "idle-sessions",
    title: "A session ends when it is idle for too long: how many requests log in again?",
    parameters: &[
        GAP,
        USERS,
        Parameter {
            name: "times",
            meaning: "idle time of a session, in gaps",
            values: &[0.5, 1.0, 1.5, 2.0],
        },
    ],
    derived: DERIVED,
    question: "<users> users each send a request every <gap> s on average, at random times (a \
               Poisson process for each user). One server keeps their sessions in memory. A \
               session is good for <idle> s after its last use; a request that finds none logs its \
               user in again. Which share of all requests logs in, after a long time?",
    unit: Unit::Share,
    expected: |n| too_late(n, 1.0),
    limit: None,
    source: "The gaps of a Poisson process are exponential: P(gap > idle) = e^(-idle / gap).",
    tolerance: BY_FORMULA,
    mistakes: &[
        Mistake {
            name: "Those who find their session",
            value: |n| 1.0 - too_late(n, 1.0),
            explanation: "this is the share of the requests that do not log in: the rest does.",
        },
        Mistake {
            name: "A session that ends at random",
            value: |n| 1.0 / (1.0 + n.get("times")),
            explanation: "this would be so if a session ended at a random time, after <idle> s on \
                          average. It ends exactly <idle> s after its last use.",
        },
    ],
    hints: &[
        "Look at one user: when does a request find that its session is over?",
        "The time between two requests of a Poisson process is exponential. How often is it longer \
         than <idle> s?",
    ],
    worked: "A request logs in if the gap before it was longer than <idle> s. Gaps are exponential \
             with a mean of <gap> s: e^(-<idle> / <gap>) = <expected>. The number of users does \
             not matter.",
    scenario: &[
        VISITS,
        "    target: app
    requests: {get: {}}

topology:
  app:
    server:
",
        IN_MEMORY,
    ],
};

/// The share that logs in where the session is at the server of the request before.
fn elsewhere(n: &Numbers) -> f64 {
    1.0 - (1.0 - too_late(n, 1.0)) / n.get("servers")
}

const ANY_SERVER: Exercise = Exercise {
    name: "any-server",
    title: "Sessions in memory, and a balancer that does not care: how many requests log in again?",
    parameters: &[
        GAP,
        USERS,
        Parameter { name: "servers", meaning: "number of servers", values: &[2.0, 3.0, 4.0] },
        Parameter {
            name: "times",
            meaning: "idle time of a session, in gaps",
            values: &[1.0, 1.5],
        },
    ],
    question: "<users> users each send a request every <gap> s on average, at random times (a \
               Poisson process for each user), to a balancer that sends each request to one of \
               <servers> servers at random. A user has one session, in the memory of the server \
               where the user logged in last, and it is good for <idle> s after its last use. A \
               request that comes to another server, or too late, logs in where it is, and that \
               session takes the place of the old one. Which share of all requests logs in, after \
               a long time?",
    expected: elsewhere,
    source: "The session is at the server of the request before. A request finds it if it comes to \
             the same server, and within the idle time: 1 - (1 - e^(-idle / gap)) / servers.",
    tolerance: Tolerance {
        right: 0.03,
        close: 0.05,
        why: "the 95% interval of a run of the scenario lies within 3% of the formula",
    },
    mistakes: &[
        Mistake {
            name: "Sticky users",
            value: |n| too_late(n, 1.0),
            explanation: "this is so if each user always comes to the same server. Here the next \
                          request may come to any of <servers>.",
        },
        Mistake {
            name: "Sessions that are never too old",
            value: |n| 1.0 - 1.0 / n.get("servers"),
            explanation: "this is the share that comes to another server than the request before. \
                          Some of those that come to the same one come too late.",
        },
        Mistake {
            name: "A session at each server",
            value: |n| too_late(n, n.get("servers")),
            explanation: "this would be so if a user could have a session at each server at once. \
                          A login takes the place of the session that the user had elsewhere.",
        },
        Mistake {
            name: "Those who find their session",
            value: |n| 1.0 - elsewhere(n),
            explanation: "this is the share of the requests that do not log in: the rest does.",
        },
    ],
    hints: &[
        "At which server is the session when a request comes? Where the request before went, \
         whether that logged in or not.",
        "Two things must be true for a request to find it: it comes to that server, and within \
         <idle> s. They are independent.",
    ],
    worked: "The session is at the server of the request before. The next one comes there with a \
             chance of 1 in <servers>, and in time with a chance of 1 - e^(-<idle> / <gap>). The \
             others log in: 1 - (1 - e^(-<idle> / <gap>)) / <servers> = <expected>.",
    scenario: &[
        VISITS,
        "    target: front
    requests: {get: {}}

topology:
  front:
    load_balancer: {policy: random, backends: app}
  app:
    server:
      replicas: <servers>
",
        IN_MEMORY,
    ],
    ..IDLE_SESSIONS
};

const LOST_SESSIONS: Exercise = Exercise {
    name: "lost-sessions",
    title: "A server crashes that has sessions in memory: how many are lost?",
    parameters: &[
        Parameter {
            name: "users",
            meaning: "number of users",
            values: &[600.0, 1200.0, 1800.0, 2400.0],
        },
        Parameter { name: "servers", meaning: "number of servers", values: &[3.0, 4.0, 6.0] },
    ],
    derived: &[("arrivals", |n| n.get("users"))],
    question: "<users> users are logged in at <servers> servers. The balancer sent each user's \
               first request to a server at random and sends the user there ever since (a sticky \
               cookie). Sessions are in the memory of the servers. One server crashes. How many \
               sessions are lost, on average?",
    unit: Unit::Count,
    expected: |n| n.get("users") / n.get("servers"),
    source: "Each user is at the server that crashes with a chance of 1 / servers.",
    tolerance: Tolerance {
        right: 0.03,
        close: 0.07,
        why: "the formula is exact; a run of the scenario has twenty crashes, whose mean lies \
              within 3% of it",
    },
    mistakes: &[
        Mistake {
            name: "All sessions",
            value: |n| n.get("users"),
            explanation: "the sessions at the other servers are still there.",
        },
        Mistake {
            name: "The sessions that stay",
            value: |n| n.get("users") * (1.0 - 1.0 / n.get("servers")),
            explanation: "this is how many sessions are not lost.",
        },
        Mistake {
            name: "The load of those that stay",
            value: |n| n.get("users") / (n.get("servers") - 1.0),
            explanation: "this is how many users each of the other servers has afterwards.",
        },
    ],
    hints: &[
        "How many users does a server have, on average?",
        "Count `sessions_lost` in a run of the scenario. It is the sum over all replications: \
         divide it by their number.",
    ],
    worked: "A user is at the server that crashes with a chance of 1 in <servers>, so <users> / \
             <servers> = <expected> sessions are lost on average.",
    scenario: &["\
seed: 4
duration: 22s
warmup: 16s                      # by then nearly everybody has logged in
replications: 20

clients:
  users:
    arrivals: poisson(<arrivals>/s)
    population: <users>
    target: front
    requests: {get: {}}

topology:
  front:
    load_balancer: {policy: random, sticky: cookie, backends: app}
  app:
    server:
      replicas: <servers>
      workers: 256
      sessions: {store: local, login: [{io: 5ms}]}
      endpoints: {get: [{io: 1ms}]}

faults:
  - {crash: \"app[0]\", at: 18s, for: 1s}
"],
    ..IDLE_SESSIONS
};
