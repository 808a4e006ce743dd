//! deploysim: a deterministic discrete-event simulator of how an application is deployed.
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
//! | 0 | [`units`], [`text`] | time, rates, bytes, shares: one spelling each; texts that can be shown |
//! | 1 | [`document`] | a YAML text as a tree with positions; typed reading that reports all problems |
//! | 1 | [`engine`] | clock, pending events, random streams, distributions, slab |
//! | 1 | [`stats`] | histograms, time-weighted levels, intervals, warm-up, stability |
//! | 2 | [`access_log`] | arrivals read from access logs and CSV |
//! | 2 | [`store`] | a bounded store of entries, and what makes room in it |
//! | 3 | [`distribution`] | durations and sizes as a scenario writes them, fixed or drawn |
//! | 4 | [`message`] | requests, their outcomes and events: plain types |
//! | 5 | [`measure`] | what a run counts: meters, windows, the recorder; what a metric is |
//! | 6 | [`network`] | links and what they do to messages |
//! | 7 | [`queue`], [`step`] | who waits and who is next; the words for steps |
//! | 8 | [`objects`], [`session`], [`tracing`] | what stands beside requests |
//! | 10 | [`runtime`] | what can happen to a component, what it may do, and the world of a run |
//! | 11 | [`caching`], [`work`] | what components are made of: entries, workers and processors |
//! | 13 | [`control`] | what happens to components from outside |
//! | 14 | [`component`] | one file or folder per kind: what YAML says of it beside what it does |
//! | 15 | [`deployment`] | all that is deployed and all that uses it, built into a world |
//! | 16 | [`scenario`] | loading, checking, drawing, overriding |
//! | 17 | [`experiment`] | replications in parallel, estimates, warnings, plain results |
//! | 18 | [`report`] | results in, bytes out |
//! | 19 | [`cli`] | one file per command |
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

pub mod access_log;
pub mod caching;
pub mod cli;
mod column;
pub mod component;
pub mod control;
pub mod deployment;
pub mod distribution;
pub mod document;
pub mod engine;
pub mod experiment;
pub mod measure;
pub mod message;
pub mod network;
pub mod objects;
pub mod queue;
pub mod report;
pub mod runtime;
pub mod scenario;
pub mod session;
pub mod stats;
pub mod step;
pub mod store;
pub mod text;
pub mod tracing;
pub mod units;
pub mod work;
