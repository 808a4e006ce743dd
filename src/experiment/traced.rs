//! Single requests of clients: where each was when, over the whole tree of calls made for it.

use crate::deployment::follow;
use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::{NodeId, Outcome};
use crate::parallel::*;
use crate::scenario::Scenario;
use crate::tracing::{Choice, Part, Stretch, Trace, Wanted};
use crate::units::{Span, Time};

use super::part::word;
use super::replicate::{Plan, horizon};

/// A request of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedRequest {
    /// Names it: the same under another policy, whatever becomes of it.
    pub id: u64,
    /// In which replication it was sent, counted from 0 as all numbers here.
    pub replication: usize,
    /// Who sent it.
    pub client: String,
    /// Its type.
    pub request: String,
    /// The user, where a client has users of its own.
    pub user: Option<u64>,
    /// How many its user, or its client, had sent before.
    pub number: u64,
    /// When it was sent.
    pub sent: Time,
    /// `ok`, `timed out`, `rejected by app` and so on, as outcomes are called.
    pub outcome: String,
    /// How long it took its client; `None` where it is still in flight.
    pub latency: Option<Span>,
    /// What was done for it, in the order in which it began. The spans that count add up to the
    /// latency, exactly.
    pub spans: Vec<TracedSpan>,
}

/// What a call did for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedSpan {
    /// The call, counted from 0, the client's own request.
    pub call: u32,
    /// The call on whose behalf it was made.
    pub parent: Option<u32>,
    /// The component that was asked.
    pub component: String,
    /// Which of its instances.
    pub instance: u32,
    /// What was asked of it.
    pub operation: String,
    /// What time went to: `network there`, `network back`, or as `explain` calls it. A call in
    /// which no time passed has one span, `no time`.
    pub what: &'static str,
    /// From when.
    pub start: Time,
    /// To when.
    pub end: Time,
    /// Whether it is a part of the latency: somebody waited for it, to the client.
    pub counts: bool,
}

impl TracedRequest {
    /// What of the latency went to each part of each component, in the order in which they began.
    pub fn parts(&self) -> Vec<(&str, &'static str, Span)> {
        let mut parts: Vec<(&str, &'static str, Span)> = Vec::new();
        for span in self.spans.iter().filter(|span| span.counts && span.start < span.end) {
            let time = span.end - span.start;
            let same = |part: &&mut (&str, &'static str, Span)| {
                (part.0, part.1) == (span.component.as_str(), span.what)
            };
            match parts.iter_mut().find(same) {
                Some(part) => part.2 += time,
                None => parts.push((&span.component, span.what, time)),
            }
        }
        parts
    }
}

/// The requests that are wanted of so many replications of a scenario, all together. Runs each once
/// more: the same, but watched. `None` if that is stopped.
pub fn trace(
    scenario: &Scenario,
    warmup: Span,
    replications: usize,
    wanted: &Wanted,
    plan: &Plan,
) -> Option<Vec<TracedRequest>> {
    plan.progress.expect(replications.saturating_mul(2));
    let found = followed(scenario, warmup, replications, &|_| wanted.clone(), plan)?;
    let mut all: Vec<(usize, &Trace)> = found.traces();
    all.sort_by_cached_key(|(replication, trace)| (wanted.rank(trace), *replication));
    all.truncate(wanted.count);
    if wanted.by == Choice::Chance {
        all.sort_by_key(|(replication, trace)| (*replication, trace.sent));
    }
    Some(found.tell(all))
}

/// The requests that are wanted of each replication. Runs those once more of which any are.
pub(super) fn follow_all(
    scenario: &Scenario,
    warmup: Span,
    replications: usize,
    wanted: &(dyn Fn(usize) -> Wanted + Sync),
    plan: &Plan,
) -> Option<Vec<TracedRequest>> {
    let found = followed(scenario, warmup, replications, wanted, plan)?;
    Some(found.tell(found.traces()))
}

/// What was followed of a scenario.
struct Followed<'a> {
    scenario: &'a Scenario,
    /// By replication; of those of which nothing is wanted, nothing.
    runs: Vec<Option<(Recorder, Vec<Trace>)>>,
}

fn followed<'a>(
    scenario: &'a Scenario,
    warmup: Span,
    replications: usize,
    wanted: &(dyn Fn(usize) -> Wanted + Sync),
    plan: &Plan,
) -> Option<Followed<'a>> {
    let horizon = horizon(scenario, warmup);
    let one = |replication: usize| {
        let stream = Stream::root(scenario.seed, replication as u64);
        let wanted = wanted(replication);
        if wanted.count == 0 {
            plan.progress.advance(1.0);
            return Some(None);
        }
        let found = follow(&scenario.deployment, horizon.clone(), stream, plan.stop, wanted)?;
        plan.progress.advance(1.0);
        Some(Some(found))
    };
    let runs = (0..replications).into_par_iter().map(one).collect::<Option<_>>()?;
    Some(Followed { scenario, runs })
}

impl Followed<'_> {
    /// All traces, with the replication of each.
    fn traces(&self) -> Vec<(usize, &Trace)> {
        let runs = self.runs.iter().enumerate();
        runs.filter_map(|(replication, run)| Some((replication, run.as_ref()?)))
            .flat_map(|(replication, (_, traces))| {
                traces.iter().map(move |trace| (replication, trace))
            })
            .collect()
    }

    /// These requests, in words.
    fn tell(&self, traces: Vec<(usize, &Trace)>) -> Vec<TracedRequest> {
        let Some((first, _)) = self.runs.iter().flatten().next() else { return Vec::new() };
        let names = Names::new(self.scenario, first);
        let horizon = Time::ZERO + self.scenario.duration;
        let tell = |(replication, trace)| names.request(replication, trace, horizon);
        traces.into_iter().map(tell).collect()
    }
}

/// What the numbers of a deployment are called.
struct Names {
    /// Client and name of each request type.
    types: Vec<(String, String)>,
    /// Name and kind of each component.
    components: Vec<(String, &'static str)>,
    /// Component and instance of each node.
    nodes: Vec<(usize, u32)>,
    links: Vec<String>,
    operations: Vec<String>,
}

impl Names {
    fn new(scenario: &Scenario, run: &Recorder) -> Names {
        let deployment = &scenario.deployment;
        let clients = deployment.clients.names().zip(deployment.request_types());
        let types = clients.flat_map(|(client, types)| {
            types.into_iter().map(move |(request, ..)| (client.to_owned(), request))
        });
        let components = deployment.topology.iter();
        let instances = deployment.topology.iter().map(|(_, spec)| spec.instances());
        Names {
            types: types.collect(),
            components: components.map(|(name, spec)| (name.value.clone(), spec.word())).collect(),
            nodes: instances
                .enumerate()
                .flat_map(|(component, count)| (0..count).map(move |i| (component, i as u32)))
                .collect(),
            links: run.links().to_vec(),
            operations: deployment.operations(),
        }
    }

    fn component(&self, NodeId(node): NodeId) -> &str {
        &self.components[self.nodes[node as usize].0].0
    }

    /// As `summary.csv` calls it.
    fn outcome(&self, ended: Option<Option<Outcome>>) -> String {
        match ended {
            None => "in flight at the end".to_owned(),
            Some(None) => "timed out".to_owned(),
            Some(Some(Outcome::Ok)) => "ok".to_owned(),
            Some(Some(Outcome::Stale)) => "stale".to_owned(),
            Some(Some(Outcome::Rejected(by))) => format!("rejected by {}", self.component(by)),
            Some(Some(Outcome::Failed(at))) => format!("failed at {}", self.component(at)),
            Some(Some(Outcome::Lost(on))) => format!("lost on {}", self.links[on.index()]),
        }
    }

    fn request(&self, replication: usize, trace: &Trace, horizon: Time) -> TracedRequest {
        let identity = trace.identity;
        let (client, request) = self.types[usize::from(identity.request_type)].clone();
        TracedRequest {
            id: identity.id,
            replication,
            client,
            request,
            user: identity.user.map(u64::from),
            number: identity.number,
            sent: trace.sent,
            outcome: self.outcome(trace.ended.map(|(_, outcome)| outcome)),
            latency: trace.ended.map(|(ended, _)| ended - trace.sent),
            spans: self.spans(trace, trace.ended.map_or(horizon, |(ended, _)| ended)),
        }
    }

    fn spans(&self, trace: &Trace, until: Time) -> Vec<TracedSpan> {
        let mut spans = Vec::new();
        let mut told = vec![false; trace.calls.len()];
        trace.stretches(until, |stretch| {
            told[stretch.call as usize] = true;
            spans.push(self.span(trace, stretch));
        });
        // So that no call is without its parent.
        for (call, _) in (0..).zip(told).filter(|(_, told)| !told) {
            let sent = trace.calls[call as usize].sent;
            let (part, counts) = (Part::Network, false);
            let nothing = Stretch { call, part, start: sent, end: sent, counts };
            spans.push(TracedSpan { what: "no time", ..self.span(trace, nothing) });
        }
        spans.sort_by_key(|span| (span.start, span.call, span.end));
        spans
    }

    fn span(&self, trace: &Trace, stretch: Stretch) -> TracedSpan {
        let call = &trace.calls[stretch.call as usize];
        let (component, instance) = self.nodes[call.callee.0 as usize];
        let (name, request_type) = &self.components[component];
        let arrived = call.arrived.unwrap_or(Time::NEVER);
        let what = match stretch.part {
            Part::Network if stretch.end <= arrived => "network there",
            Part::Network => "network back",
            part => word(part, request_type),
        };
        TracedSpan {
            call: stretch.call,
            parent: call.parent,
            component: name.clone(),
            instance,
            operation: self.operations[usize::from(call.operation)].clone(),
            what,
            start: stretch.start,
            end: stretch.end,
            counts: stretch.counts,
        }
    }
}
