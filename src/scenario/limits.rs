//! What can be written and would not end, or not fit in memory: reported before anything runs.

use std::collections::BTreeMap;

use crate::access_log::Trace;
use crate::call::Timeout;
use crate::component::ComponentSpec;
use crate::component::client::{ArrivalProcess, ClientSpec, TraceSpec, journey_length};
use crate::deployment::Deployment;
use crate::document::{At, Name, Place, Problem, Problems};
use crate::units::Span;

use super::check::DEEPEST;
use super::cycle_rate::cycle_rate;

/// The most requests of one client in one replication, as many as can be told before: about an
/// hour of computing.
const MOST_REQUESTS: f64 = 1e9;
/// The most requests of one client in a second, or in one entry of a trace: they all may be in
/// flight.
const MOST_AT_ONCE: f64 = 1e7;
/// The most timeouts of one client that run at a time. Each is kept until its time has come, even
/// when the answer has come before.
const MOST_TIMEOUTS: f64 = 3e7;
/// The most calls that one request may cause, on average over its branches.
const MOST_CALLS: u64 = 10_000;

/// The most component instances.
const MOST_NODES: u64 = 100_000;
/// The most clients and components, endpoints of all servers, and steps of all endpoints. Checks
/// compare every one with every other; and there are fewer than 2^16 things to ask for.
const MOST_NAMES: usize = 10_000;
const MOST_ENDPOINTS: usize = 10_000;
const MOST_STEPS: usize = 20_000;

/// Reports a deployment that is too large to be checked at all, and says whether it is not.
pub(super) fn check_size(deployment: &Deployment, problems: &mut Problems) -> bool {
    let clients = deployment.clients.iter().map(|(name, _)| name);
    let components = deployment.topology.iter().map(|(name, _)| name);
    let kinds = deployment.topology.iter().map(|(_, spec)| spec.kind());
    let endpoints: Vec<_> = kinds.flat_map(|kind| kind.endpoints()).collect();
    let steps = endpoints.iter().flat_map(|(name, steps)| std::iter::repeat_n(*name, *steps));
    let beyond = [
        ("clients and components", MOST_NAMES, clients.chain(components).nth(MOST_NAMES)),
        ("endpoints", MOST_ENDPOINTS, endpoints.get(MOST_ENDPOINTS).map(|(name, _)| *name)),
        ("steps of endpoints", MOST_STEPS, steps.clone().nth(MOST_STEPS)),
    ];
    let mut fits = true;
    for (what, most, beyond) in beyond {
        let Some(name) = beyond else { continue };
        fits = false;
        let label = format!("at most {most} are possible");
        problems.push(Problem::new(name.place, format!("too many {what} in all"), label));
    }
    let instances = deployment.topology.iter().map(|(_, spec)| spec.instances());
    let nodes = instances.fold(0, u64::saturating_add);
    if let Some((name, _)) = deployment.topology.0.last()
        && nodes > MOST_NODES
    {
        fits = false;
        let (title, label) = (
            format!("{nodes} component instances in all"),
            format!("at most {MOST_NODES} are possible"),
        );
        problems.push(Problem::new(name.place, title, label));
    }
    let equipped = || deployment.machines.iter().filter(|(_, spec)| spec.is_equipped());
    let machines = equipped().map(|(_, spec)| spec.count.get()).fold(0, u64::saturating_add);
    if let Some((name, _)) = equipped().last().filter(|_| machines > MOST_NODES) {
        fits = false;
        let label = format!("at most {MOST_NODES} are possible");
        problems.push(Problem::new(name.place, format!("{machines} machines in all"), label));
    }
    fits
}

/// How long a replication lasts.
pub(super) struct Lasting<'a> {
    /// What the scenario or the command line says.
    pub(super) stated: Option<&'a At<Span>>,
    /// What holds.
    pub(super) whole: Span,
}

/// Reports clients that ask for too much.
pub(super) fn check_limits(deployment: &Deployment, lasting: Lasting, problems: &mut Problems) {
    let types = deployment.request_types();
    let clients = deployment.clients.iter().zip(&deployment.traces).zip(&types);
    for (((name, client), trace), types) in clients {
        let trace = trace.as_deref();
        let load = Load::of(deployment, name, client, trace, types, lasting.whole);
        load.check(name.place, &lasting, problems);
        check_changes(name.place, client, lasting.whole, problems);
        let costs = types.iter().map(|(operation, ..)| {
            count_calls(deployment, &client.target.value, operation, 0, &mut BTreeMap::new())
        });
        if costs.max().is_some_and(|most| most > MOST_CALLS) {
            let title = format!("one request causes more than {MOST_CALLS} calls");
            let label = "what answers it calls, and that calls, and so on";
            problems.push(Problem::new(client.target.place, title, label));
        }
    }
}

/// Reports bursts that change their rate too often, however few requests come meanwhile.
fn check_changes(place: Place, client: &ClientSpec, whole: Span, problems: &mut Problems) {
    let Some(ArrivalProcess::Mmpp(states)) = client.arrivals.as_ref().map(|a| &a.0) else { return };
    let states = &states.0.value;
    let cycle: f64 = states.iter().map(|state| state.r#for.value.secs()).sum();
    let changes = whole.secs() / cycle * states.len() as f64;
    // States of no time at all are reported elsewhere.
    if changes > MOST_REQUESTS && changes.is_finite() {
        let title = format!("{} changes of the rate in one replication", large(changes));
        let label = format!("at most {MOST_REQUESTS:.0e} are possible");
        problems.push(Problem::new(place, title, label));
    }
}

/// A large number so that what is beyond a limit does not read as the limit: `1.001e9`.
fn large(number: f64) -> String {
    let text = format!("{number:.3e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// What a client asks for, as far as it can be told before a run.
struct Load {
    /// Requests in one replication.
    requests: f64,
    /// The most requests in a second on average, or for one entry of a trace.
    at_once: f64,
    /// The most timeouts that run at a time.
    timeouts: f64,
    /// What would make it less.
    remedy: &'static str,
}

impl Load {
    fn of(
        deployment: &Deployment,
        name: &Name,
        client: &ClientSpec,
        trace: Option<&Trace>,
        types: &[(String, f64, Timeout)],
        whole: Span,
    ) -> Load {
        let longest = types.iter().filter_map(|(.., timeout)| timeout.0).max();
        let longest = longest.unwrap_or(Span::ZERO).min(whole);
        let steady = |rate: f64, at_once, remedy| Load {
            requests: rate * whole.secs(),
            at_once,
            timeouts: rate * longest.secs(),
            remedy,
        };
        if let Some(arrivals) = &client.arrivals {
            return Load::open(client, &arrivals.0, longest, whole);
        }
        if let Some(users) = &client.users {
            let rate = cycle_rate(deployment, &name.value, client, users, types);
            let remedy = "let fewer users ask, let them `think` longer, or shorten `duration`";
            // Never more at once than there are users, whose number has a limit of its own.
            return steady(rate, 0.0, remedy);
        }
        match (&client.trace, trace) {
            (Some(spec), Some(trace)) => Load::recorded(spec, trace, longest, whole),
            _ => steady(0.0, 0.0, ""),
        }
    }

    fn open(client: &ClientSpec, process: &ArrivalProcess, timeout: Span, whole: Span) -> Load {
        let batch = client.batch.as_ref().map_or(1.0, |batch| batch.value.mean());
        let journey = client.journey.as_ref().and_then(journey_length).unwrap_or(1.0);
        let mut arrivals = (process.expected(whole), process.peak());
        if !arrivals.1.is_finite() {
            // Gaps of no time, which are reported elsewhere.
            arrivals = (0.0, 0.0);
        }
        let (requests, peak) = (arrivals.0 * batch * journey, arrivals.1 * batch * journey);
        Load {
            requests,
            at_once: peak,
            timeouts: requests.min(peak * timeout.secs()),
            remedy: "lower the rate, or shorten `duration`",
        }
    }

    fn recorded(spec: &TraceSpec, trace: &Trace, timeout: Span, whole: Span) -> Load {
        let (scale, speed) = (spec.scale.get(), spec.speed.get());
        let once = trace.requests() as f64 * scale;
        let rounds = if spec.r#loop { whole.secs() * speed / trace.length.secs() } else { 1.0 };
        let most = trace.arrivals.iter().map(|arrival| arrival.count).max().unwrap_or(0);
        Load {
            requests: once * rounds.max(1.0),
            at_once: f64::from(most) * scale,
            timeouts: trace.peak(timeout.times(speed)).count as f64 * scale,
            remedy: "lower `scale`",
        }
    }

    fn check(&self, place: Place, lasting: &Lasting, problems: &mut Problems) {
        if self.at_once > MOST_AT_ONCE {
            let title = format!("{} requests at once", large(self.at_once));
            let label = format!("at most {MOST_AT_ONCE:.0e} in a second are possible");
            problems.push(Problem::new(place, title, label));
        }
        if self.requests > MOST_REQUESTS {
            let title = format!("{} requests in one replication", large(self.requests));
            let label = format!("at most {MOST_REQUESTS:.0e} are possible");
            let problem = Problem::new(place, title, label).help(self.remedy);
            problems.push(match lasting.stated {
                Some(duration) => problem.also(duration.place, "in this time"),
                None => problem,
            });
        } else if self.timeouts > MOST_TIMEOUTS {
            let title = format!("{} timeouts that run at once", large(self.timeouts));
            let label = format!("at most {MOST_TIMEOUTS:.0e} are possible");
            let problem = Problem::new(place, title, label);
            problems.push(problem.help(format!("shorten `timeout`, or {}", self.remedy)));
        }
    }
}

/// The most calls that asking `to` for `operation` causes, itself among them. A cycle, or what lies
/// too deep, which are reported elsewhere, count as none.
fn count_calls(
    deployment: &Deployment,
    to: &str,
    operation: &str,
    depth: usize,
    known: &mut BTreeMap<(String, String), u64>,
) -> u64 {
    let state = (to.to_owned(), operation.to_owned());
    if let Some(count) = known.get(&state) {
        return *count;
    }
    known.insert(state.clone(), 0);
    let spec = deployment.topology.get(to).filter(|_| depth < DEEPEST);
    let Some(kind) = spec.map(ComponentSpec::kind) else { return 0 };
    let counts: Vec<u64> = kind
        .calls(operation)
        .iter()
        .map(|call| {
            let each = count_calls(deployment, &call.to.value, &call.operation, depth + 1, known);
            let asked = deployment.instances_asked(call) as f64;
            libm::ceil(each as f64 * asked * call.often.times) as u64
        })
        .collect();
    let further = match kind.forwards() {
        // It asks one of them.
        Some(_) => counts.into_iter().max().unwrap_or(0),
        None => counts.into_iter().fold(0, u64::saturating_add),
    };
    let count = further.saturating_add(1);
    known.insert(state, count);
    count
}
