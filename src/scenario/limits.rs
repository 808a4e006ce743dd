//! What can be written and would not end, or not fit in memory: reported before anything runs.

use std::collections::BTreeMap;

use crate::document::{Problem, Problems};
use crate::model::{ArrivalsKind, ClientSpec, ComponentSpec, Deployment};
use crate::trace::Trace;
use crate::units::Span;

use super::calls::calls;

/// The most requests of one client in one replication, as many as can be told before: about an
/// hour of computing.
const MOST_REQUESTS: f64 = 1e9;
/// The most requests of one client in a second, or in one entry of a trace: they all may be in
/// flight.
const MOST_AT_ONCE: f64 = 1e7;
/// The most calls that one request may cause.
const MOST_CALLS: u64 = 10_000;
/// Reports clients that ask for too much.
pub(super) fn check_limits(deployment: &Deployment, duration: Span, problems: &mut Problems) {
    let traces = deployment.traces.iter().map(Option::as_deref);
    for ((name, client), trace) in deployment.clients.iter().zip(traces) {
        let requests = requests(client, trace, duration);
        if requests > MOST_REQUESTS {
            let title = format!("{requests:.0e} requests in one replication");
            let label = format!("at most {MOST_REQUESTS:.0e} are possible");
            let problem = Problem::new(name.place, title, label);
            problems.push(problem.help("lower the rate, or shorten `duration`"));
        }
        let at_once = at_once(client, trace);
        if at_once > MOST_AT_ONCE {
            let title = format!("{at_once:.0e} requests at once");
            let label = format!("at most {MOST_AT_ONCE:.0e} in a second are possible");
            problems.push(Problem::new(name.place, title, label));
        }
    }
    for ((_, client), types) in deployment.clients.iter().zip(deployment.request_types()) {
        let costs = types.iter().map(|(operation, ..)| {
            count_calls(deployment, &client.target.value, operation, &mut BTreeMap::new())
        });
        if costs.max().is_some_and(|most| most > MOST_CALLS) {
            let title = format!("one request causes more than {MOST_CALLS} calls");
            let label = "what answers it calls, and that calls, and so on";
            problems.push(Problem::new(client.target.place, title, label));
        }
    }
}

/// How many requests an open or recorded client sends; nothing is known of users who wait.
fn requests(client: &ClientSpec, trace: Option<&Trace>, duration: Span) -> f64 {
    if let Some(arrivals) = &client.arrivals {
        let ArrivalsKind::Poisson(rate) = arrivals.kind;
        return rate.0 * duration.secs();
    }
    let (Some(spec), Some(trace)) = (&client.trace, trace) else { return 0.0 };
    let once = trace.requests() as f64 * spec.scale.get();
    let rounds = duration.secs() * spec.speed.get() / trace.length.secs();
    if spec.r#loop { once * rounds.max(1.0) } else { once }
}

/// The most requests that an open client sends in a second on average, or a recorded one for one
/// entry of its trace.
fn at_once(client: &ClientSpec, trace: Option<&Trace>) -> f64 {
    if let Some(arrivals) = &client.arrivals {
        let ArrivalsKind::Poisson(rate) = arrivals.kind;
        return rate.0;
    }
    let (Some(spec), Some(trace)) = (&client.trace, trace) else { return 0.0 };
    let most = trace.arrivals.iter().map(|arrival| arrival.count).max().unwrap_or(0);
    f64::from(most) * spec.scale.get()
}

/// The most calls that asking `to` for `operation` causes, itself among them. A cycle, which is
/// reported elsewhere, counts as none.
fn count_calls(
    deployment: &Deployment,
    to: &str,
    operation: &str,
    known: &mut BTreeMap<(String, String), u64>,
) -> u64 {
    let state = (to.to_owned(), operation.to_owned());
    if let Some(count) = known.get(&state) {
        return *count;
    }
    known.insert(state.clone(), 0);
    let Some(spec) = deployment.topology.get(to) else { return 0 };
    let counts: Vec<u64> = calls(spec, operation)
        .iter()
        .map(|call| count_calls(deployment, &call.to.value, &call.operation, known))
        .collect();
    let further = match spec {
        // It asks one of them.
        ComponentSpec::LoadBalancer(_) => counts.into_iter().max().unwrap_or(0),
        _ => counts.into_iter().fold(0, u64::saturating_add),
    };
    let count = further.saturating_add(1);
    known.insert(state, count);
    count
}
