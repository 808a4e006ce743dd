//! Lesson 5: caching.

use crate::caching::characteristic_time;
use crate::engine::Popularity;
use crate::store::exact::{fifo, lru_of_three};

use super::answer::Unit;
use super::exercise::{Exercise, Lesson, Mistake, Tolerance};
use super::numbers::{Numbers, Parameter};

pub(super) const LESSON: Lesson = Lesson {
    title: "Caching",
    exercises: &[LEAST_RECENTLY_USED, RANDOM_EVICTION, CHARACTERISTIC_TIME, TIME_TO_LIVE],
};

/// The chance of each page, the most popular one first.
fn popularity(n: &Numbers) -> Vec<f64> {
    let pages = n.get("pages") as u64;
    let zipf = Popularity::zipf(pages, n.get("exponent"));
    (0..pages).map(|page| zipf.probability(page)).collect()
}

fn lru(n: &Numbers) -> f64 {
    lru_of_three(&popularity(n))
}

fn random(n: &Numbers) -> f64 {
    fifo(&popularity(n), 3)
}

/// The most popular pages for which there is room.
fn best(n: &Numbers) -> f64 {
    popularity(n).iter().take(n.get("room") as usize).sum()
}

const BEST: Mistake = Mistake {
    name: "The three most popular pages",
    value: best,
    explanation: "this is the share of the requests for the three most popular pages: the best \
                  that a cache of three can do, if it knows which they are. This one has to find \
                  out, and lets a rare page in each time that it is asked for.",
};

const ALL_ALIKE: Mistake = Mistake {
    name: "Pages that are all alike",
    value: |n| n.get("room") / n.get("pages"),
    explanation: "this would be so if all <pages> pages were asked for equally often.",
};

const LEAST_RECENTLY_USED: Exercise = Exercise {
    name: "least-recently-used",
    title: "A cache of three pages in front of a database: how often does it have the page?",
    parameters: &[
        Parameter { name: "pages", meaning: "number of pages", values: &[11.0, 12.0, 14.0] },
        Parameter { name: "exponent", meaning: "exponent of Zipf's law", values: &[0.9, 1.0, 1.1] },
    ],
    derived: &[
        ("room", |_| 3.0),
        ("requests", |_| 50.0),
        ("minutes", |_| 30.0),
        ("warmup", |_| 10.0),
    ],
    question: "A cache for 3 pages is in front of a database with <pages> pages. Each request asks \
               for a page whatever was asked for before: the page of rank r with a chance in \
               proportion to 1 / r^<exponent> (Zipf's law). A page that is not in the cache is \
               read from the database and kept, in the place of the page that was not used for the \
               longest time (LRU). Which share of the requests does the cache answer?",
    unit: Unit::Share,
    expected: lru,
    limit: None,
    source: "King, Analysis of Demand Paging Algorithms (1971), exact for independent requests.",
    tolerance: Tolerance {
        right: 0.01,
        close: 0.02,
        why: "the formula is exact, and a run of the scenario has a 95% interval within 1% of it",
    },
    mistakes: &[
        Mistake {
            name: "Random eviction",
            value: random,
            explanation: "this is the hit ratio if any page makes room, or the one that came \
                          first. LRU does better: a page that is asked for often is seldom the one \
                          that was not used for the longest time.",
        },
        BEST,
        ALL_ALIKE,
        Mistake {
            name: "The misses",
            value: |n| 1.0 - lru(n),
            explanation: "this is the share that goes to the database: the rest is answered by the \
                          cache.",
        },
    ],
    hints: &[
        "The cache holds the last three different pages that were asked for. A request is a hit if \
         its page is among them.",
        "The chance that the last three are a, b and c, in this order, is p(a) p(b) / (1 - p(a)) \
         p(c) / (1 - p(a) - p(b)). Add up p(a) + p(b) + p(c) over all orders, weighted by it.",
    ],
    worked: "By King, the hit ratio is the sum over all orders of three different pages of p(a) \
             p(b) / (1 - p(a)) p(c) / (1 - p(a) - p(b)) times p(a) + p(b) + p(c): <expected>.",
    scenario: &[BEFORE, "lru", AFTER],
};

/// A cache that evicts by the word that follows, and what comes after it.
const BEFORE: &str = "\
seed: 5
duration: <minutes>min
warmup: <warmup>s
replications: 10

catalog:
  pages: {keys: <pages>, popularity: zipf(<exponent>)}

clients:
  readers:
    arrivals: poisson(<requests>/s)
    target: app
    requests: {page: {keys: pages}}

topology:
  app:
    server:
      workers: 64
      endpoints:
        page: [{cache: {in: memo, miss: [{read: main}]}}]
  memo:
    cache: {capacity: <room> entries, eviction: ";
const AFTER: &str = ", latency: 10us}
  main:
    database: {cores: 4, read: 100us}
";

const RANDOM_EVICTION: Exercise = Exercise {
    name: "random-eviction",
    title: "The same cache, where any page makes room: how often does it have the page?",
    question: "A cache for 3 pages is in front of a database with <pages> pages. Each request asks \
               for a page whatever was asked for before: the page of rank r with a chance in \
               proportion to 1 / r^<exponent> (Zipf's law). A page that is not in the cache is \
               read from the database and kept, in the place of one of the three at random. Which \
               share of the requests does the cache answer?",
    expected: random,
    source: "Gelenbe, A Unified Approach to the Evaluation of a Class of Replacement Algorithms \
             (1973), exact for independent requests; first in, first out is the same.",
    mistakes: &[
        Mistake {
            name: "LRU",
            value: lru,
            explanation: "this is the hit ratio if the page makes room that was not used for the \
                          longest time. At random a popular page is thrown out as easily as a rare \
                          one.",
        },
        BEST,
        ALL_ALIKE,
        Mistake {
            name: "The misses",
            value: |n| 1.0 - random(n),
            explanation: "this is the share that goes to the database: the rest is answered by the \
                          cache.",
        },
    ],
    hints: &[
        "How likely is it that the cache holds the pages a, b and c? It changes one page at a \
         time.",
        "By Gelenbe each set of three pages has a chance in proportion to p(a) p(b) p(c). Add up \
         p(a) + p(b) + p(c) over all sets, weighted by it.",
    ],
    worked: "Each set of three different pages has a chance in proportion to p(a) p(b) p(c). The \
             hit ratio is the mean of p(a) + p(b) + p(c) over all sets, so weighted: <expected>.",
    scenario: &[BEFORE, "random", AFTER],
    ..LEAST_RECENTLY_USED
};

/// The share of the requests that a cache answers where a page that is asked for with a chance of p
/// is there with a chance of `present(p t)`, t requests being such that this fills the cache.
fn answered(n: &Numbers, present: fn(f64) -> f64) -> f64 {
    let pages = popularity(n);
    let sum = |time: f64, of: fn(f64) -> f64| pages.iter().map(|p| of(p * time)).sum::<f64>();
    let time = characteristic_time(&|time| sum(time, present), n.get("room"));
    pages.iter().map(|p| p * present(p * time)).sum()
}

/// Where a page goes once it was not asked for during the characteristic time.
fn least_recently(asked: f64) -> f64 {
    -libm::expm1(-asked)
}

/// Where pages go at a rate that is the same for all, after the characteristic time on average.
fn at_random(asked: f64) -> f64 {
    asked / (1.0 + asked)
}

const CHARACTERISTIC_TIME: Exercise = Exercise {
    name: "characteristic-time",
    title: "A cache of many pages, by Che's approximation: how often does it have the page?",
    parameters: &[
        Parameter { name: "pages", meaning: "number of pages", values: &[800.0, 1000.0, 1200.0] },
        Parameter { name: "exponent", meaning: "exponent of Zipf's law", values: &[0.8, 0.9] },
        Parameter { name: "room", meaning: "pages in the cache", values: &[40.0, 60.0, 80.0] },
    ],
    derived: &[("requests", |_| 500.0), ("minutes", |_| 5.0), ("warmup", |_| 30.0)],
    question: "A cache for <room> pages is in front of a database with <pages> pages. Each request \
               asks for a page whatever was asked for before: the page of rank r with a chance in \
               proportion to 1 / r^<exponent> (Zipf's law). A page that is not in the cache is \
               read from the database and kept, in the place of the page that was not used for the \
               longest time (LRU). Which share of the requests does the cache answer? The exact \
               sum has too many terms; use Che's approximation.",
    expected: |n| answered(n, least_recently),
    source: "Che, Tung and Wang, Hierarchical Web Caching Systems (2002): a page leaves the cache \
             when it was not asked for during a characteristic time, which is nearly the same for \
             all pages.",
    tolerance: Tolerance {
        right: 0.01,
        close: 0.03,
        why: "the 95% interval of a run of the scenario lies within 1% of the approximation",
    },
    mistakes: &[
        Mistake {
            name: "Random eviction",
            value: |n| answered(n, at_random),
            explanation: "this is the hit ratio if any page makes room: a page is there with a \
                          chance of p T / (1 + p T). Under LRU it is there if it was asked for \
                          during the last T requests.",
        },
        Mistake {
            name: "The most popular pages",
            value: best,
            explanation: "this is the share of the requests for the <room> most popular pages: the \
                          best that a cache can do, if it knows which they are. This one lets a \
                          rare page in each time that it is asked for.",
        },
        Mistake {
            name: "As many requests as there is room for",
            value: |n| {
                let pages = popularity(n);
                pages.iter().map(|p| p * least_recently(p * n.get("room"))).sum()
            },
            explanation: "this takes <room> requests for the characteristic time. Many of those \
                          are for the same page, so that it takes more of them until <room> \
                          different pages were asked for.",
        },
        ALL_ALIKE,
        Mistake {
            name: "The misses",
            value: |n| 1.0 - answered(n, least_recently),
            explanation: "this is the share that goes to the database: the rest is answered by the \
                          cache.",
        },
    ],
    hints: &[
        "A page that is asked for with a chance of p is in the cache if it was among the last T \
         requests: 1 - e^(-p T). T is the same for all pages.",
        "Add this up over all <pages> pages: it is how many are in the cache, which must be \
         <room>. Find that T by halving an interval (bisection). Then add up p (1 - e^(-p T)).",
    ],
    worked: "Let p(r) be the chance of the page of rank r. Find T such that the sum of \
             1 - e^(-p(r) T) over all <pages> pages is <room>, by bisection. The cache answers the \
             sum of p(r) (1 - e^(-p(r) T)): <expected>.",
    scenario: &[BEFORE, "lru", AFTER],
    ..LEAST_RECENTLY_USED
};

/// The reads per second that reach the database, of one page.
fn reads(n: &Numbers) -> f64 {
    n.get("requests") / (1.0 + n.get("times"))
}

const TIME_TO_LIVE: Exercise = Exercise {
    name: "time-to-live",
    title: "A cache forgets a page after a while: how often is the database read?",
    parameters: &[
        Parameter {
            name: "requests",
            meaning: "requests for the page (per second)",
            values: &[5.0, 10.0, 20.0, 40.0],
        },
        Parameter {
            name: "times",
            meaning: "requests for the page within its time to live",
            values: &[2.0, 3.0, 4.0],
        },
    ],
    derived: &[("ttl", |n| 1e3 * n.get("times") / n.get("requests"))],
    question: "One page is asked for <requests> times a second at random (a Poisson process). A \
               cache keeps it for <ttl> ms after it was read from the database, however often it \
               is used meanwhile, and has room for it. Reading takes hardly any time. How many \
               reads a second reach the database?",
    unit: Unit::Rate,
    expected: reads,
    source: "Jung, Berger and Balakrishnan, Modeling TTL-based Internet Caches (2003): a read \
             begins a cycle of ttl and, on average, 1 / rate until the next request.",
    tolerance: Tolerance {
        right: 0.02,
        close: 0.05,
        why: "the formula is exact but for the time to read, and a run of the scenario has a 95% \
              interval within 2% of it",
    },
    mistakes: &[
        Mistake {
            name: "A read whenever the page is forgotten",
            value: |n| n.get("requests") / n.get("times"),
            explanation: "this is one read every <ttl> ms. The cache does not read by itself: it \
                          waits for the next request, which takes another 1 / <requests> s on \
                          average.",
        },
        Mistake {
            name: "All requests",
            value: |n| n.get("requests"),
            explanation: "the cache answers those that come within <ttl> ms of a read.",
        },
        Mistake {
            name: "What the cache answers",
            value: |n| n.get("requests") - reads(n),
            explanation: "these are the hits. The question is about the others.",
        },
        Mistake {
            name: "A time to live that each use renews",
            value: |n| n.get("requests") * libm::exp(-n.get("times")),
            explanation: "this is so if the <ttl> ms began anew with each use. Here they begin \
                          when the page is read from the database.",
        },
    ],
    hints: &[
        "How long is it from one read to the next? The page is forgotten after <ttl> ms, and then?",
        "Until the next request comes it takes 1 / <requests> s on average. Add the two, and take \
         one read in each such cycle.",
    ],
    worked: "A cycle is <ttl> ms in the cache and 1 / <requests> s until the next request, and has \
             one read: <requests> / (1 + <requests>/s x <ttl> ms) = <expected>.",
    scenario: &["\
seed: 5
duration: 30min
warmup: 10s
replications: 10

catalog:
  pages: {keys: 1}

clients:
  readers:
    arrivals: poisson(<requests>/s)
    target: app
    requests: {page: {keys: pages}}

topology:
  app:
    server:
      workers: 64
      endpoints:
        page: [{cache: {in: memo, miss: [{read: main}]}}]
  memo:
    cache: {capacity: 3 entries, ttl: <ttl>ms, latency: 10us}
  main:
    database: {cores: 4, read: 100us}
"],
    ..LEAST_RECENTLY_USED
};
