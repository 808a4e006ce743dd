//! Requests that wait for one another: nothing moves any more, and nothing ever will.
//!
//! Said of a component that is asked again on behalf of what it asks, so that its own requests can
//! be in each other's way, if from some window on to the end of a run all that its requests hold is
//! held and no visit to it ends, neither well nor badly. A caller that gives up lets its worker go,
//! so that visits end; where a fault is on, that is the reason and no deadlock is said.

use crate::measure::Recorder;
use crate::scenario::{Scenario, waits_for};

use super::findings::Deadlock;
use super::results::{ResourceResult, Results};
use super::series::{VISITS, of_each};

/// From so much on all of it is held.
const ALL: f64 = 0.999_999;
/// The least windows that it lasts.
const WINDOWS: usize = 3;

/// The deadlock, if there is one.
pub(super) fn deadlock(
    scenario: &Scenario,
    runs: &[Recorder],
    results: &Results,
) -> Option<Deadlock> {
    if !scenario.deployment.faults.is_empty() {
        return None;
    }
    let edges = waits_for(&scenario.deployment);
    let components = results.components.iter().enumerate();
    let cyclic = components.filter(|(_, of)| asks_itself(&of.name, &edges));
    let stuck = cyclic.filter_map(|(index, of)| {
        let held = of.resources.iter().find(|resource| resource.held)?;
        let since = stuck(scenario, runs, index, held, &results.series.starts);
        let first = since.iter().copied().reduce(f64::min)?;
        Some(Deadlock {
            component: of.name.clone(),
            resource: held.name,
            since: first,
            replications: since.len(),
        })
    });
    stuck.reduce(|a, b| if b.replications > a.replications { b } else { a })
}

/// Whether requests to it may lead to requests to it.
fn asks_itself(name: &str, edges: &[(String, String)]) -> bool {
    let mut reached: Vec<&str> = vec![name];
    let mut next = 0;
    while let Some(&from) = reached.get(next) {
        next += 1;
        for (_, to) in edges.iter().filter(|(asker, _)| asker == from) {
            if to == name {
                return true;
            }
            if !reached.contains(&to.as_str()) {
                reached.push(to);
            }
        }
    }
    false
}

/// Since when nothing moves, of each replication in which that is so.
fn stuck(
    scenario: &Scenario,
    runs: &[Recorder],
    component: usize,
    held: &ResourceResult,
    starts: &[f64],
) -> Vec<f64> {
    let name = format!("utilisation:{}", held.name);
    let uses = of_each(scenario, runs, component, &name);
    let visits = of_each(scenario, runs, component, VISITS);
    let since = |(uses, visits): (&[f64], &[f64])| {
        let windows = uses.iter().zip(visits).rev();
        let still = windows.take_while(|&(&used, &ended)| used >= ALL && ended == 0.0).count();
        (still >= WINDOWS).then(|| starts.get(uses.len() - still).copied()).flatten()
    };
    uses.into_iter().zip(visits).filter_map(since).collect()
}
