//! deploysim: a deterministic discrete-event simulator of how an application is deployed.
//!
//! A scenario flows one way:
//!
//! ```text
//! YAML --document--> scenario --model--> experiment --report--> people
//!                    checked,  runs on   many runs,  charts, CSV,
//!                    in the    engine    how sure    tables
//!                    user's
//!                    words
//! ```
//!
//! | layer | module | holds |
//! |--:|---|---|
//! | 0 | [`units`] | time, rates, bytes, shares: one spelling each, parsed and printed |
//! | 1 | [`document`] | a YAML text as a tree with positions; typed reading that reports all problems |
//! | 1 | [`engine`] | clock, pending events, random streams, distributions, slab |
//! | 1 | [`stats`] | histograms, time-weighted levels, intervals, warm-up, stability |
//! | 1 | [`trace`] | arrivals read from access logs and CSV |
//! | 2 | [`model`] | one file or folder per component: what YAML says of it beside what it does |
//! | 3 | [`scenario`] | loading, checking, drawing, overriding |
//! | 4 | [`experiment`] | replications in parallel, estimates, warnings, plain results |
//! | 5 | [`report`] | results in, bytes out |
//! | 6 | [`cli`] | one file per command |
//!
//! *Invariant:* a module imports only from layers below its own; a test holds it so. The engine
//! knows nothing of servers, a component imports no other component, `report` never sees the model,
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

pub mod cli;
pub mod document;
pub mod engine;
pub mod experiment;
pub mod model;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod trace;
pub mod units;
