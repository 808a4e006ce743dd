//! The analytic model: what queueing theory says of a deployment before anything is simulated.
//!
//! Sources: Denning and Buzen (1978) for the utilisation law, the forced flow law and the
//! asymptotic bounds; Jackson (1957) and Baskett, Chandy, Muntz and Palacios (1975) for what lets
//! each component be looked at alone; `queue.rs` and `closed.rs` for the rest.

use crate::component::client::ClientSpec;
use crate::document::Name;
use crate::scenario::Scenario;
use crate::units::{Rate, Span};

use super::assumptions::{Broken, Truth, arrivals, incidents, links};
use super::flow::{RequestFlow, State};
use super::solver::{Load, Solver, Times};

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
    /// How long one client request uses it, on average and in all (s).
    pub demand: f64,
    /// Share in use.
    pub utilisation: f64,
    /// At how many client requests per second it is full. Workers that wait for calls are full
    /// earlier, since calls take longer under load.
    pub full_at: f64,
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

/// The analytic model of a scenario.
pub fn analytic_model(scenario: &Scenario) -> AnalyticModel {
    let solver = Solver::new(&scenario.deployment, scenario.duration);
    let ones = vec![1.0; solver.stations.len()];
    let rate: f64 = solver.sent.iter().sum();
    let asked = solver.flow.rates(&solver.sent, &ones);
    // What one client request asks of each component, if nothing is turned away.
    let per_request = |component: usize, of: &dyn Fn(&State) -> f64| -> f64 {
        let here = asked.iter().filter(|(state, _)| state.0 == component);
        here.map(|(state, visits)| visits / rate * of(state)).sum()
    };
    let success = solver.success();
    let types = || solver.flow.types.iter().zip(&solver.sent);
    let throughput: f64 = types().map(|(request, sent)| sent * success[&request.target]).sum();
    let latency = |times: &Times, weight: &dyn Fn(&State) -> f64| {
        let all: f64 = types().map(|(request, sent)| sent * weight(&request.target)).sum();
        let time = |request: &RequestFlow| request.link + times[&request.target];
        types().map(|(request, sent)| sent * weight(&request.target) * time(request)).sum::<f64>()
            / all
    };
    let mean = latency(&solver.times, &|state| success[state]);
    let resources = resources(&solver, &per_request);
    let first = resources.iter().enumerate().filter(|(_, resource)| resource.demand > 0.0);
    let bottleneck = first.min_by(|a, b| a.1.full_at.total_cmp(&b.1.full_at)).map(|(i, _)| i);
    let alone = latency(&solver.alone, &|_| 1.0);
    AnalyticModel {
        load: loads(&solver),
        rate,
        throughput,
        latency: mean,
        alone,
        bounds: bounds(&solver, alone, &resources),
        components: components(&solver, &per_request),
        broken: whole(&solver, mean),
        bottleneck,
        resources,
    }
}

/// A mean over the visits that one client request makes to a component.
type PerRequest<'a> = &'a dyn Fn(usize, &dyn Fn(&State) -> f64) -> f64;

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

fn resources(solver: &Solver, per_request: PerRequest) -> Vec<ResourceTheory> {
    let mut resources = Vec::new();
    for (component, (name, spec)) in solver.deployment.topology.iter().enumerate() {
        let station = &solver.stations[component];
        let mut add = |resource, each: Option<u64>, demand: f64, used: f64| {
            let Some(each) = each else { return };
            let capacity = (each * station.instances) as f64;
            resources.push(ResourceTheory {
                component: name.value.clone(),
                resource,
                capacity,
                demand,
                utilisation: (used / capacity).min(1.0),
                full_at: capacity / demand,
            });
        };
        let served = station.mix.rate * station.accepted;
        let cpu = per_request(component, &|state| solver.flow.works[state].cpu);
        add("cpu", station.cores(), cpu, served * station.mix.cpu);
        let slots = spec.kind().slots();
        let held = station.held().is_some();
        let holding = |state: &State| {
            if held { solver.alone[state] } else { solver.flow.works[state].cpu }
        };
        let demand = per_request(component, &holding);
        // A worker who waits for work that never ends is held for ever.
        let used = if served > 0.0 { served * station.holding() } else { 0.0 };
        add(slots, station.slots(), demand, used);
    }
    resources
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
    // Only what is used without waiting meanwhile bounds whatever the distributions.
    let cores = resources.iter().filter(|resource| resource.resource == "cpu");
    let greatest = cores.map(|cores| 1.0 / cores.full_at).fold(0.0, f64::max);
    let crowd = count as f64;
    Some(Bounds {
        users: count,
        think,
        throughput: (crowd / (alone + think)).min(1.0 / greatest),
        latency: alone.max(crowd * greatest - think),
        knee: (alone + think) / greatest,
    })
}

fn components(solver: &Solver, per_request: PerRequest) -> Vec<ComponentTheory> {
    let one = |component: usize| {
        let station = &solver.stations[component];
        let mix = &station.mix;
        let spec = &solver.deployment.topology.0[component].1;
        let mut broken = station.broken.clone();
        if mix.rate > 0.0 {
            broken.extend(spec.kind().sums());
        }
        let waits = station.wait > 0.0 || station.stretch > 1.0;
        if waits && solver.present[component].is_none() {
            let (deployment, flow) = (solver.deployment, &solver.flow);
            broken.extend(spec.kind().rules());
            broken.extend(arrivals(deployment, flow, &solver.stations, component));
        }
        ComponentTheory {
            name: solver.deployment.topology.0[component].0.value.clone(),
            visits: per_request(component, &|_| 1.0),
            rate: mix.rate,
            rejected: 1.0 - station.accepted,
            model: station.model.clone(),
            wait: station.wait,
            own: station.own(),
            sojourn: station.own() + mix.away,
            broken,
        }
    };
    (0..solver.stations.len()).map(one).collect()
}

/// What does not hold of the whole.
fn whole(solver: &Solver, latency: f64) -> Vec<Broken> {
    let mut broken = solver.broken.clone();
    broken.extend(links(solver.deployment));
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
