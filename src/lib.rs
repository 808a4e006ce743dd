//! deploysim: a deterministic discrete-event simulator of how an application is deployed.
//!
//! ```
//! use deploysim::Scenario;
//!
//! let scenario = Scenario::parse("
//!     seed: 7
//!     duration: 10min
//!     warmup: 10s
//!     clients: {users: {arrivals: poisson(80/s), target: app, requests: {get: {}}}}
//!     topology:
//!       app:
//!         server:
//!           {workers: 1, queue: {limit: unlimited}, endpoints: {get: [cpu: exp(10ms)]}}
//! ")?;
//! let results = scenario.run();
//! let latency = results.total.mean_latency;
//! println!("{} s ± {:?}", latency.mean, latency.half_width);
//! assert!((0.04..0.06).contains(&latency.mean), "this is M/M/1: 50 ms");
//! # Ok::<(), deploysim::Faults>(())
//! ```
//!
//! A scenario flows one way:
//!
//! ```text
//! YAML --document--> scenario --deployment--> experiment --report--> people
//!                    checked,  built into     many runs,  charts, CSV,
//!                    in the    a world that   how sure    tables
//!                    user's    the engine
//!                    words     runs
//! ```
//!
//! | layer | module | holds |
//! |--:|---|---|
//! | 0 | [`units`], `text` | time, rates, bytes, shares: one spelling each; texts that can be shown |
//! | 1 | `document` | a YAML text as a tree with positions; typed reading that reports all problems |
//! | 1 | [`engine`] | clock, pending events, random streams, distributions, slab |
//! | 1 | [`stats`] | histograms, time-weighted levels, intervals, warm-up, stability |
//! | 2 | [`access_log`] | arrivals read from access logs and CSV |
//! | 2 | [`store`] | a bounded store of entries, and what makes room in it |
//! | 3 | `distribution`, `placement` | durations and sizes as a scenario writes them; regions, machines, and what is where |
//! | 4 | `message` | requests, their outcomes and events: plain types |
//! | 5 | `measure` | what a run counts: meters, windows, the recorder; what a metric is |
//! | 6 | `network`, `call` | links and what they do to messages; how long callers wait |
//! | 7 | `queue`, `step` | who waits and who is next; the words for steps |
//! | 8 | `objects`, `session`, `tracing` | what stands beside requests |
//! | 10 | `runtime` | what can happen to a component, what it may do, and the world of a run |
//! | 11 | `caching`, `storage`, `work` | what components are made of: entries, disks, workers and processors |
//! | 13 | `control` | what happens to components from outside |
//! | 14 | [`component`] | one file or folder per kind: what YAML says of it beside what it does |
//! | 15 | `deployment` | all that is deployed and all that uses it, built into a world |
//! | 16 | [`scenario`] | loading, checking, drawing, overriding |
//! | 17 | [`experiment`] | replications in parallel, estimates, warnings, plain results |
//! | 18 | [`report`] | results in, bytes out |
//! | 19 | `course` | exercises with a student's own numbers, and how answers are marked |
//! | 20 | `cli` | one file per command |
//!
//! Four features, all of them on by default, may be left out. What is left needs no files, threads,
//! clock or environment, so that it runs where there are none, as in a browser (WebAssembly).
//!
//! | feature | without it |
//! |---|---|
//! | `cli` | there is no command line |
//! | `files` | a scenario that names a file is refused, and nothing is written |
//! | `parallel` | replications run one after another, with the same results |
//! | `png` | charts are SVG only |
//!
//! *Invariant:* a module imports only from layers below its own; a test holds it so. The engine
//! knows nothing of servers, a component imports no other component, `report` sees results only,
//! `experiment` never prints, and nothing below `scenario` can fail.
//!
//! *Invariant:* the same scenario and seed give the same bytes, whatever the number of threads and
//! the platform: time is integer nanoseconds, ties break by sequence, random numbers are keyed by
//! what they are for, transcendental functions are those of `libm` and a logarithm of our own, and
//! no hash map is iterated.

/// Whether tests are to run at full length, as CI does, and not as a sample: `DEPLOYSIM_FULL=1`.
#[cfg(test)]
fn full_length() -> bool {
    std::env::var_os("DEPLOYSIM_FULL").is_some()
}

// What a private module offers to the others is `pub` in it.
#[allow(unreachable_pub)]
mod caching;
#[allow(unreachable_pub)]
mod call;
#[allow(unreachable_pub)]
mod control;
#[cfg(feature = "cli")]
#[allow(unreachable_pub)]
mod course;
#[allow(unreachable_pub)]
mod deployment;
#[allow(unreachable_pub)]
mod distribution;
#[allow(unreachable_pub)]
mod document;
#[allow(unreachable_pub)]
mod measure;
#[allow(unreachable_pub)]
mod message;
#[allow(unreachable_pub)]
mod network;
#[allow(unreachable_pub)]
mod objects;
#[allow(unreachable_pub)]
mod placement;
#[allow(unreachable_pub)]
mod queue;
#[allow(unreachable_pub)]
mod replication;
#[allow(unreachable_pub)]
mod runtime;
#[allow(unreachable_pub)]
mod session;
#[allow(unreachable_pub)]
mod step;
#[allow(unreachable_pub)]
mod storage;
#[allow(unreachable_pub)]
mod text;
#[allow(unreachable_pub)]
mod tracing;
#[allow(unreachable_pub)]
mod transaction;
#[allow(unreachable_pub)]
mod work;

pub mod access_log;
#[cfg(feature = "cli")]
pub mod cli;
mod column;
pub mod component;
pub mod engine;
pub mod experiment;
mod files;
mod parallel;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod store;
pub mod units;

// A bench asks for all words of a choice.
#[doc(hidden)]
pub use document::Choice;
pub use experiment::Results;
pub use scenario::{Faults, Scenario};
