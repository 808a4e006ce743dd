//! What a reader must know before trusting the figures.

use crate::measure::{Recorder, Unit};
use crate::scenario::{Scenario, edges, is_waited_for, unused_of_machines};
use crate::stats::grows;
use crate::units::Span;

use super::replicate::Omitted;
use super::results::{Bottleneck, Deadlock, Over, QUANTILES, Results, Standing};
use super::series::of_each;

/// A 95% half-width beyond this share of its mean is too wide to conclude from.
const WIDE: f64 = 0.1;

/// Warnings, the gravest first.
pub(super) fn warnings(
    scenario: &Scenario,
    omitted: Omitted,
    runs: &[Recorder],
    results: &Results,
) -> Vec<String> {
    let mut warnings = Vec::new();
    unstable(scenario, runs, results, &mut warnings);
    if !omitted.settled {
        warnings.push(format!(
            "the transient at the start does not end within half of the run ({}): lengthen `duration`",
            results.duration
        ));
    }
    for component in results.components.iter().filter(|of| of.killed > Some(0)) {
        let (name, times) = (&component.name, component.killed.unwrap_or(0));
        let s = if times == 1 { "" } else { "s" };
        warnings.push(format!("{name} was killed {times} time{s}, out of memory"));
    }
    of_queues(scenario, runs, &mut warnings);
    unsure(results, &mut warnings);
    if results.is_interrupted() {
        let (done, planned) = (results.replications, results.planned);
        warnings.push(format!("interrupted: {done} of {planned} replications were finished"));
    }
    for trace in scenario.deployment.traces.iter().flatten() {
        let of_trace = |warning| format!("trace: {warning}");
        warnings.extend(trace.report.warnings().into_iter().map(of_trace));
    }
    of_headers(scenario, &mut warnings);
    of_pools(scenario, &mut warnings);
    let unused = unused_of_machines(&scenario.deployment).into_iter();
    warnings.extend(unused.map(|unused| format!("machines: {unused}")));
    warnings
}

/// What `cache_control` says that changes nothing.
fn of_headers(scenario: &Scenario, warnings: &mut Vec<String>) {
    let deployment = &scenario.deployment;
    let browses = deployment.clients.iter().any(|(_, client)| client.browser_cache.is_some());
    for (name, catalog) in deployment.catalog.iter() {
        let Some(said) = &catalog.cache_control else { continue };
        let name = &name.value;
        if !said.ignored.is_empty() {
            let ignored: Vec<String> =
                said.ignored.iter().map(|directive| format!("`{directive}`")).collect();
            let all = ignored.join(", ");
            warnings.push(format!("catalog {name}: no cache here pays heed to {all}"));
        }
        if browses && said.stale_while_revalidate.is_some() {
            let what = "browsers here ask anew and do not use `stale-while-revalidate`";
            warnings.push(format!("catalog {name}: {what}"));
        }
    }
}

/// Databases that cannot give all the connections that pools may want.
fn of_pools(scenario: &Scenario, warnings: &mut Vec<String>) {
    let topology = &scenario.deployment.topology;
    for (database, spec) in topology.iter() {
        let slots = spec.kind().capacity().and_then(|capacity| capacity.slots);
        let wanted = scenario.deployment.pooled_connections(&database.value);
        if let Some(most) = slots.filter(|&most| wanted > most) {
            warnings.push(format!(
                "{} has {most} connections, and pools may want {wanted}: the others wait there",
                database.value
            ));
        }
    }
}

/// What is full, what grows and what is stuck. A deadlock is told in place of what is full by it.
fn unstable(scenario: &Scenario, runs: &[Recorder], results: &Results, warnings: &mut Vec<String>) {
    if let Some(found) = &results.deadlock {
        return warnings.push(stuck(found, results));
    }
    // A load that rises and falls by itself makes the backlog grow, and so does a crash: growth
    // says nothing there.
    let deployment = &scenario.deployment;
    let varies = deployment.clients.iter().any(|(_, client)| client.varies());
    let varies = varies || !deployment.faults.is_empty();
    let backlog: Vec<Vec<f64>> = runs.iter().map(|run| run.windows().in_flight.clone()).collect();
    let growing = !varies && grows(&backlog) == Some(true);
    let full =
        results.bottleneck.as_ref().filter(|of| matches!(of.standing, Standing::Full { .. }));
    let named = full.map(|of| (format!("{} {}", of.component, of.resource), of.over));
    warnings.extend(match (named, growing) {
        (Some((what, _)), true) => Some(format!(
            "not stable: {what} is full and the backlog still grows at the end; arrivals exceed \
             capacity, and latencies depend on how long the run is"
        )),
        (None, true) => Some(
            "not stable: the number of requests in flight still grows at the end; latencies depend \
             on how long the run is"
                .to_owned(),
        ),
        (Some((what, _)), false) if !waited_for(scenario, full) => Some(format!(
            "{what} is full: messages only wait longer if more are put, and who puts them does not \
             notice"
        )),
        (Some((what, Over::Peak(..))), false) => Some(format!(
            "{what} is full at the peak of the load: more load then gives no more throughput, only \
             more waiting, timeouts or rejections"
        )),
        (Some((what, _)), false) => Some(format!(
            "{what} is full: more load gives no more throughput, only more waiting, timeouts or \
             rejections"
        )),
        (None, false) => None,
    });
}

/// Whether clients wait for what a full component does.
fn waited_for(scenario: &Scenario, full: Option<&Bottleneck>) -> bool {
    full.is_none_or(|of| is_waited_for(&scenario.deployment, &of.component))
}

/// Message queues of which more waits the longer the run is, and such as nobody takes from.
fn of_queues(scenario: &Scenario, runs: &[Recorder], warnings: &mut Vec<String>) {
    let deployment = &scenario.deployment;
    let varies = deployment.clients.iter().any(|(_, client)| client.varies());
    let varies = varies || !deployment.faults.is_empty();
    for (index, (name, spec)) in deployment.topology.iter().enumerate() {
        let kind = spec.kind();
        if !kind.capabilities().takes_messages {
            continue;
        }
        let name = &name.value;
        let put =
            edges(deployment).iter().any(|(from, to)| to == name && !deployment.is_queue(from));
        let backlogs = of_each(scenario, runs, index, "backlog");
        let backlogs: Vec<Vec<f64>> = backlogs.into_iter().map(<[f64]>::to_vec).collect();
        if kind.callees().is_empty() && put {
            warnings.push(format!("nobody takes messages from {name}: no server `consumes` them"));
        } else if put && !varies && grows(&backlogs) == Some(true) {
            warnings.push(format!(
                "not stable: the backlog of {name} still grows at the end; what is said of its \
                 messages depends on how long the run is"
            ));
        }
    }
}

/// Requests wait for one another.
fn stuck(found: &Deadlock, results: &Results) -> String {
    let Deadlock { component, resource, since, replications } = found;
    let (since, all) = (Span::from_secs_f64(*since), results.replications);
    format!(
        "deadlock: from {since} on nothing that {component} has begun ends, in {replications} of \
         {all} replications: all its {resource} are held by requests that wait for one another"
    )
}

fn unsure(results: &Results, warnings: &mut Vec<String>) {
    if results.planned == 1 {
        warnings.push(
            "one replication does not say how sure its figures are: use --replications 5 or more"
                .to_owned(),
        );
        return;
    }
    for (p, estimate) in QUANTILES.iter().zip(&results.total.latency) {
        let wide = estimate.relative_half_width().is_some_and(|width| width > WIDE);
        if wide && *p <= 0.99 {
            warnings.push(format!(
                "p{} is {}: too wide to conclude from; use more --replications or a \
                 longer --duration",
                crate::units::three_digits(p * 100.0),
                Unit::Seconds.read(estimate).text()
            ));
        }
    }
}
