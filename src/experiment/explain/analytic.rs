//! The analytic model: what queueing theory says of a deployment before anything is simulated.
//!
//! Sources: Denning and Buzen (1978) for the utilisation law, the forced flow law and the
//! asymptotic bounds; Jackson (1957) and Baskett, Chandy, Muntz and Palacios (1975) for what lets
//! each component be looked at alone; `queue.rs` and `closed.rs` for the rest.

use std::collections::BTreeMap;

use crate::component::client::ClientSpec;
use crate::document::Name;
use crate::experiment::results::Results;
use crate::scenario::Scenario;
use crate::step::is_write;
use crate::units::{Rate, Span};

use super::arrivals::{Arrivals, asked};
use super::assumptions::{
    Broken, Truth, at_once, cache, clients, disks, gives_up, incidents, links, priorities,
};
use super::cache::{filling, hit_ratios, stampedes};
use super::drain::{Drain, drains};
use super::flow::{RequestFlow, State};
use super::load::{Load, Window};
use super::machines::centres;
use super::solver::Solver;

/// What theory says.
#[derive(Clone, Debug)]
pub struct AnalyticModel {
    /// Who sends what: one line for each client.
    pub load: Vec<String>,
    /// Requests that clients send per second.
    pub rate: f64,
    /// Requests answered well per second.
    pub throughput: f64,
    /// Mean latency (s).
    pub latency: f64,
    /// Mean latency if nobody else were there (s).
    pub alone: f64,
    /// Everything that can run out.
    pub resources: Vec<ResourceTheory>,
    /// Which of them is full first; an index.
    pub bottleneck: Option<usize>,
    /// Bounds that hold whatever the distributions, where users wait for their answers.
    pub bounds: Option<Bounds>,
    /// One entry per component, in the scenario's order.
    pub components: Vec<ComponentTheory>,
    /// The message queues of which it can be told how fast a backlog is gone.
    pub drains: Vec<Drain>,
    /// What theory assumes of the whole that does not hold.
    pub broken: Vec<Broken>,
}

/// A resource of a component.
#[derive(Clone, Debug)]
pub struct ResourceTheory {
    /// The component.
    pub component: String,
    /// `cpu`, `workers` or `connections`.
    pub resource: &'static str,
    /// How many there are, over all instances.
    pub capacity: f64,
    /// How long one client request uses it, on average and in all (s). A worker is held for longer
    /// where what it waits for is waited for: this is as it is.
    pub held: f64,
    /// The same while nobody waits (s).
    pub demand: f64,
    /// Share in use.
    pub utilisation: f64,
    /// At how many client requests per second all of it is in use; no number where that is not
    /// known, since it is held for the longer the more come.
    pub full_at: f64,
}

impl ResourceTheory {
    /// At how many client requests per second it would be full if nobody waited: no more can come
    /// through (1/s).
    pub fn bound(&self) -> f64 {
        self.capacity / self.demand
    }
}

/// Asymptotic bounds of users who wait for their answers.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many users there are.
    pub users: u64,
    /// How long they think (s).
    pub think: f64,
    /// At most so many requests per second: min(1 / the greatest demand, users / (demand + think)).
    pub throughput: f64,
    /// At least this mean latency (s): max(demand, users × the greatest demand - think).
    pub latency: f64,
    /// From so many users on they are in each other's way.
    pub knee: f64,
}

/// What theory says of a component.
#[derive(Clone, Debug)]
pub struct ComponentTheory {
    /// Its name.
    pub name: String,
    /// Visits per client request.
    pub visits: f64,
    /// Visits per second, those turned away among them.
    pub rate: f64,
    /// Share of the visits that are turned away.
    pub rejected: f64,
    /// The share of the lookups that its cache answers, if it has one.
    pub hit_ratio: Option<f64>,
    /// The model, such as `M/M/4`; each instance is one.
    pub model: String,
    /// Mean wait for a worker, a connection or a core (s).
    pub wait: f64,
    /// Mean time in the component itself: calls to others left out (s).
    pub own: f64,
    /// Mean time from arrival to answer (s).
    pub sojourn: f64,
    /// What the model assumes that does not hold.
    pub broken: Vec<Broken>,
}

/// The most rounds in which rates and hit ratios find one another.
const ROUNDS: usize = 12;

/// The analytic model of a scenario, before anything is simulated.
pub fn analytic_model(scenario: &Scenario) -> AnalyticModel {
    let window = Window::of(scenario);
    let solve = |hits: &[f64]| Solver::new(&scenario.deployment, window, hits);
    let mut hits = vec![0.5; scenario.deployment.topology.0.len()];
    let mut solver = solve(&hits);
    for _ in 0..ROUNDS {
        let found = hit_ratios(&solver);
        let far = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-6;
        let moved = found.iter().zip(&hits).any(far);
        hits = found;
        if !moved {
            break;
        }
        solver = solve(&hits);
    }
    model(&solver, window, &hits, false)
}

/// The same where the hit ratios of caches are those of a run.
pub(super) fn informed_model(
    scenario: &Scenario,
    before: &AnalyticModel,
    results: &Results,
) -> AnalyticModel {
    let seen = before.components.iter().zip(&results.components);
    let caches: Vec<Option<f64>> = seen
        .map(|(theory, found)| {
            let seen = found.cache.as_ref().map(|cache| cache.hit_ratio.mean);
            theory.hit_ratio.map(|known| seen.filter(|ratio| ratio.is_finite()).unwrap_or(known))
        })
        .collect();
    if caches.iter().all(Option::is_none) {
        return before.clone();
    }
    let hits: Vec<f64> = caches.into_iter().map(|ratio| ratio.unwrap_or(0.0)).collect();
    let window = Window { from: results.warmup, ..Window::of(scenario) };
    model(&Solver::new(&scenario.deployment, window, &hits), window, &hits, true)
}

/// What a solver has found, with these hit ratios, which may have been seen in a run.
fn model(solver: &Solver, window: Window, hits: &[f64], seen: bool) -> AnalyticModel {
    let rate: f64 = solver.sent.iter().sum();
    let asked = solver.asked();
    // What one client request asks of each component, if nothing is turned away.
    let per_request = |component: usize, of: &dyn Fn(State) -> f64| -> f64 {
        let here = solver.flow.of[component].iter();
        here.fold(0.0, |sum, &state| sum + asked[state] / rate * of(state))
    };
    let success = solver.success();
    let types = || solver.flow.types.iter().zip(&solver.sent);
    let throughput: f64 = types().map(|(request, sent)| sent * success[request.target]).sum();
    let latency = |times: &[f64], weight: &dyn Fn(State) -> f64| {
        let all: f64 = types().map(|(request, sent)| sent * weight(request.target)).sum();
        let time = |request: &RequestFlow| request.link + times[request.target];
        types().map(|(request, sent)| sent * weight(request.target) * time(request)).sum::<f64>()
            / all
    };
    let mean = latency(&solver.times, &|state| success[state]);
    let resources = resources(solver, &per_request);
    let first = resources.iter().enumerate();
    let bottleneck = first.min_by(|a, b| a.1.bound().total_cmp(&b.1.bound())).map(|(i, _)| i);
    // Which shard is asked most is found out by a run.
    let sharded = solver.deployment.any_can(|can| can.shards.is_some());
    let bottleneck = bottleneck.filter(|_| !sharded);
    let alone = latency(&solver.flow.alone, &|_| 1.0);
    let (stampedes, filling) = (stampedes(solver), filling(solver, window));
    let arrivals = Arrivals::new(solver, window, &stampedes);
    let components = 0..solver.stations.len();
    let component = |component: usize| {
        let ratio = Some(hits[component]).filter(|_| has_cache(solver, component));
        let cache = [filling[component], stampedes[component].is_some()];
        let known = Known { arrivals: &arrivals, ratio, seen, cache };
        self::component(solver, component, &known, &per_request)
    };
    AnalyticModel {
        load: loads(solver),
        rate,
        throughput,
        latency: mean,
        alone,
        bounds: bounds(solver, alone, &resources),
        components: components.map(component).collect(),
        drains: drains(solver),
        broken: whole(solver, window, mean),
        bottleneck,
        resources,
    }
}

fn has_cache(solver: &Solver, component: usize) -> bool {
    solver.deployment.topology.0[component].1.kind().capabilities().cache().is_some()
}

/// A mean over the visits that one client request makes to a component.
type PerRequest<'a> = &'a dyn Fn(usize, &dyn Fn(State) -> f64) -> f64;

fn loads(solver: &Solver) -> Vec<String> {
    let clients = solver.deployment.clients.iter().zip(&solver.loads);
    let line = |((name, client), load): ((&Name, &ClientSpec), &Load)| {
        let name = &name.value;
        match *load {
            Load::Open(rate) if client.trace.is_some() => {
                format!("{name} send {} as recorded, on average", Rate(rate))
            }
            Load::Open(rate) => format!("{name} send {} whatever happens", Rate(rate)),
            Load::Users { count, think } => {
                let think = Span::from_secs_f64(think);
                format!("{count} {name} wait for each answer and think {think}")
            }
        }
    };
    clients.map(line).collect()
}

/// Everything that is used and can run out.
fn resources(solver: &Solver, per_request: PerRequest) -> Vec<ResourceTheory> {
    let mut resources = Vec::new();
    let rate: f64 = solver.sent.iter().sum();
    for (component, (name, spec)) in solver.deployment.topology.iter().enumerate() {
        let station = &solver.stations[component];
        let uneven = spec.kind().capabilities().shards.is_some();
        let mut add = |resource, each: Option<u64>, demand: f64, used: f64, most: f64| {
            let Some(each) = each.filter(|_| demand > 0.0) else { return };
            let capacity = (each * station.instances) as f64;
            resources.push(ResourceTheory {
                component: name.value.clone(),
                resource,
                capacity,
                demand,
                held: used / rate,
                utilisation: (used / capacity).min(1.0),
                full_at: match uneven || most.is_nan() {
                    true => f64::NAN,
                    false => most.min(capacity / demand),
                },
            });
        };
        if let Some([primary, replica]) = by_copy(solver, component, per_request) {
            let copies = station.instances as f64;
            let used = rate * (primary + (copies - 1.0) * replica);
            let own = station.cores().filter(|_| station.shared.is_none());
            add("cpu", own, primary.max(replica) * copies, used, f64::INFINITY);
            continue;
        }
        let served = station.mix.rate * station.accepted;
        let cpu = per_request(component, &|state| solver.flow.works[state].cpu);
        // Those of machines are told of the machines.
        let own = station.cores().filter(|_| station.shared.is_none());
        add("cpu", own, cpu, served * station.mix.cpu, f64::INFINITY);
        let held = station.held().is_some();
        let holding = |state: State| {
            if held { solver.flow.alone[state] } else { solver.flow.works[state].cpu }
        };
        let demand = per_request(component, &holding);
        let visits = per_request(component, &|_| 1.0);
        let most = station.full_with_waits(demand / visits).map_or(f64::NAN, |most| most / visits);
        add(spec.kind().slots(), station.slots(), demand, station.in_use(), most);
    }
    resources.extend(shared_cores(solver, rate, per_request));
    resources
}

/// Processor time that one client request takes at the primary and at each replica of a component
/// that has copies (s).
fn by_copy(solver: &Solver, component: usize, per_request: PerRequest) -> Option<[f64; 2]> {
    let (_, spec) = &solver.deployment.topology.0[component];
    let kind = spec.kind();
    let copies = kind.capabilities().copies?;
    let of = |copy: usize| {
        per_request(component, &|state| {
            let (_, operation) = &solver.flow.asked[state];
            let speed = kind.visit(operation).speed;
            copies.work(is_write(operation), solver.flow.works[state].cpu, speed)[copy]
        })
    };
    Some([of(0), of(1)])
}

/// The cores of machines, at which all components on them are at work.
fn shared_cores(solver: &Solver, rate: f64, per_request: PerRequest) -> Vec<ResourceTheory> {
    let of_machine = |(component, cores, shares): (String, u64, BTreeMap<usize, f64>)| {
        let sum = |of: &dyn Fn(usize) -> f64| -> f64 {
            shares.iter().map(|(&component, share)| share * of(component)).sum()
        };
        let demand = sum(&|of| per_request(of, &|state| solver.flow.works[state].cpu));
        let served = |of: usize| {
            let station = &solver.stations[of];
            station.mix.rate * station.accepted * station.mix.cpu
        };
        let (capacity, used) = (cores as f64, sum(&served));
        (demand > 0.0).then(|| ResourceTheory {
            component,
            resource: "cpu",
            capacity,
            demand,
            held: used / rate,
            utilisation: (used / capacity).min(1.0),
            full_at: capacity / demand,
        })
    };
    centres(solver.deployment).into_iter().filter_map(of_machine).collect()
}

fn bounds(solver: &Solver, alone: f64, resources: &[ResourceTheory]) -> Option<Bounds> {
    let users = solver.users();
    let open = solver.loads.iter().any(|load| matches!(load, Load::Open(_)));
    if users.is_empty() || open {
        return None;
    }
    let count: u64 = users.iter().map(|(_, count, _)| count).sum();
    let think = users.iter().map(|(_, count, think)| *count as f64 * think).sum::<f64>();
    let think = think / count as f64;
    // What is held for longer while others are waited for is held for so long at least.
    let greatest = resources.iter().map(|one| 1.0 / one.bound()).fold(0.0, f64::max);
    let crowd = count as f64;
    Some(Bounds {
        users: count,
        think,
        throughput: (crowd / (alone + think)).min(1.0 / greatest),
        latency: alone.max(crowd * greatest - think),
        knee: (alone + think) / greatest,
    })
}

/// What is known of a component beside what the solver has found.
struct Known<'a> {
    arrivals: &'a Arrivals,
    /// The share of lookups that its cache answers, and whether that was seen in a run.
    ratio: Option<f64>,
    seen: bool,
    /// Whether its cache fills meanwhile, and whether many miss at once what has expired.
    cache: [bool; 2],
}

fn component(
    solver: &Solver,
    component: usize,
    known: &Known,
    per_request: PerRequest,
) -> ComponentTheory {
    let station = &solver.stations[component];
    let mix = &station.mix;
    let (name, spec) = &solver.deployment.topology.0[component];
    let mut broken = station.broken.clone();
    if mix.rate > 0.0 {
        broken.extend(spec.kind().sums());
        broken.extend(gives_up(solver, component));
        broken.extend(at_once(solver, component));
        broken.extend(known.arrivals.broken(solver, component));
        if !station.is_idle() {
            broken.extend(spec.kind().rules());
            broken.extend(priorities(solver, component));
            broken.extend(asked(solver, component));
        }
        if known.ratio.is_some() && !known.seen {
            broken.extend(cache(solver, component, known.cache));
        }
    }
    ComponentTheory {
        name: name.value.clone(),
        visits: per_request(component, &|_| 1.0),
        rate: mix.rate,
        rejected: 1.0 - station.accepted,
        hit_ratio: known.ratio,
        model: station.model.clone(),
        wait: station.wait,
        own: station.own(),
        sojourn: station.own() + mix.away,
        broken,
    }
}

/// What does not hold of the whole.
fn whole(solver: &Solver, window: Window, latency: f64) -> Vec<Broken> {
    let mut broken = solver.broken.clone();
    broken.extend(links(solver.deployment));
    broken.extend(disks(solver.deployment));
    if solver.stations.iter().any(|station| station.shared.is_some()) && !solver.users().is_empty()
    {
        let text = "how often users ask is found as if each component had its cores to itself";
        broken.push(Broken::new(text, Truth::Either));
    }
    broken.extend(clients(solver.deployment, window));
    broken.extend(incidents(solver.deployment));
    let timeouts = solver.flow.types.iter().filter_map(|request| request.timeout);
    let timeout = timeouts.fold(f64::INFINITY, f64::min);
    // Of an exponential latency one in a thousand takes seven times the mean.
    if latency * 7.0 > timeout {
        let timeout = Span::from_secs_f64(timeout);
        let text = format!("clients give up after {timeout}, and work goes on that nobody wants");
        broken.push(Broken::new(text, Truth::Shorter));
    }
    broken
}
