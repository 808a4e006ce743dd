//! What happens at known times: faults, and spikes of the load. Charts over time mark it.

use crate::component::client::ArrivalProcess;
use crate::control::FaultSpec;
use crate::distribution::Delay;
use crate::scenario::Scenario;
use crate::units::Span;

use super::findings::Incident;

/// All of it, in the order of time.
pub(super) fn incidents(scenario: &Scenario) -> Vec<Incident> {
    let end = scenario.duration.secs();
    let deployment = &scenario.deployment;
    let faults = deployment.faults.iter().filter_map(|fault| of_fault(fault, end));
    let clients = deployment.clients.iter();
    let spikes = clients.filter_map(|(name, client)| match &client.arrivals.as_ref()?.0 {
        ArrivalProcess::Spike(spike) => {
            let to = spike.at.secs() + spike.r#for.value.secs();
            let to = (to < end).then_some(to);
            Some(Incident { what: format!("spike of {}", name.value), from: spike.at.secs(), to })
        }
        _ => None,
    });
    let mut all: Vec<Incident> = faults.chain(spikes).collect();
    all.retain(|incident| incident.from < end);
    all.sort_by(|a, b| a.from.total_cmp(&b.from));
    all
}

/// A fault that comes at a known time.
fn of_fault(fault: &FaultSpec, end: f64) -> Option<Incident> {
    let (verb, of) = fault.verbs().next()?;
    let from = fault.at.as_ref()?.value.secs();
    let lasts = fault.r#for.as_ref().and_then(|lasts| constant(&lasts.value));
    let to = lasts.map(|lasts| from + lasts).filter(|to| *to < end);
    Some(Incident { what: format!("{} {}", verb.word(), of.value), from, to })
}

/// A duration that is always the same (s).
fn constant(delay: &Delay) -> Option<f64> {
    let nanos = delay.0.constant()?;
    Some(Span::from_nanos(nanos as u64).secs())
}
