//! Exact laws, through a scenario's text: with constant durations every count can be foretold, and
//! whatever the scenario, what must add up does.

mod any_copies;
mod any_messages;
mod any_scenario;
mod any_storage;
mod any_transactions;
mod arrivals;
mod balancing;
mod caches;
mod calls;
mod constant;
mod delays;
mod faults;
mod http;
mod links;
mod machines;
mod messages;
mod nodes;
mod object_store;
mod order;
mod places;
mod pools;
mod queues;
mod quorums;
mod replication;
mod schema_change;
mod services;
mod sessions;
#[path = "../support/small.rs"]
mod small;
mod statements;
mod steps;
mod storage;
mod strategies;
mod transactions;
mod writes;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use deploysim::experiment::results::{ComponentResult, Results};
use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::load_text;

pub(crate) fn run(yaml: &str) -> Results {
    let scenario = load_text(Path::new("laws.yaml"), yaml, &[]);
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    replicate(&scenario, &plan).expect("nobody stops it")
}

/// The words of a component, and what goes wrong if that follows after `faults:`.
pub(crate) fn with_faults(words: &str) -> (&str, &str) {
    words.split_once(" faults: ").unwrap_or((words, "[]"))
}

pub(crate) fn at<'a>(results: &'a Results, name: &str) -> &'a ComponentResult {
    results.components.iter().find(|component| component.name == name).expect("it is there")
}

pub(crate) fn utilisation(results: &Results, component: &str, resource: &str) -> f64 {
    let mut resources = at(results, component).resources.iter();
    resources.find(|found| found.name == resource).expect("it has this").utilisation.mean
}

/// How many requests ended so.
pub(crate) fn count(results: &Results, outcome: &str) -> u64 {
    let found = results.total.outcomes.iter().find(|found| found.outcome == outcome);
    found.map_or(0, |found| found.count)
}

#[track_caller]
pub(crate) fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} for {expected}");
}
