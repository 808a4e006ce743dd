//! Who asks whom how often: how many visits to each component one request of a client makes, by
//! the calls of the endpoints, and what a visit does there.

use std::collections::BTreeMap;

use crate::component::{Call, ComponentSpec, Visit};
use crate::deployment::Deployment;
use crate::engine::Dist;
use crate::scenario::round_trip;

/// What is asked of a component: its index, and the operation.
pub(super) type State = (usize, String);

/// A call that a visit makes.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub(super) state: State,
    /// How often a visit makes it, on average.
    pub(super) times: f64,
    /// On the link there and back, on average (s).
    pub(super) link: f64,
}

/// What a visit does.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    /// Processor time, on average (s).
    pub(super) cpu: f64,
    /// The mean square of all processor time of a visit (s²).
    pub(super) square: f64,
    /// The mean square of each turn at the processor, summed over the turns (s²).
    pub(super) turn_squares: f64,
    /// The mean, if the processor time is exponential; where there is none, if all io is.
    pub(super) exponential: Option<f64>,
    /// Waiting for what is no core, on average (s).
    pub(super) io: f64,
    /// How often a visit waits for io or a call.
    pub(super) pauses: f64,
    pub(super) calls: Vec<Callee>,
}

/// One request type of one client.
#[derive(Clone, Debug)]
pub(super) struct RequestFlow {
    pub(super) client: usize,
    /// Share of this type in its client's requests.
    pub(super) share: f64,
    pub(super) target: State,
    /// On the link there and back, on average (s).
    pub(super) link: f64,
    /// The client gives up after this long (s).
    pub(super) timeout: Option<f64>,
}

/// All that can be asked of a deployment.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) types: Vec<RequestFlow>,
    pub(super) works: BTreeMap<State, Work>,
    /// Every state before those that it calls.
    pub(super) order: Vec<State>,
}

impl Flow {
    pub(super) fn new(deployment: &Deployment) -> Flow {
        let mut flow = Flow { types: Vec::new(), works: BTreeMap::new(), order: Vec::new() };
        let types = deployment.request_types();
        let recorded = |client: usize, request: usize| {
            let trace = deployment.traces[client].as_ref()?;
            let all =
                trace.arrivals.iter().filter(|arrival| arrival.request_type as usize == request);
            Some(all.map(|arrival| f64::from(arrival.count)).sum::<f64>())
        };
        for (client, (name, spec)) in deployment.clients.iter().enumerate() {
            let weight =
                |request: usize| recorded(client, request).unwrap_or(types[client][request].1);
            let total: f64 = (0..types[client].len()).map(weight).sum();
            for (index, (request, _, timeout)) in types[client].iter().enumerate() {
                let to = spec.target.value.as_str();
                let target = state(deployment, to, request);
                flow.types.push(RequestFlow {
                    client,
                    share: weight(index) / total,
                    target,
                    link: round_trip(deployment, &name.value, to),
                    timeout: timeout.0.map(|timeout| timeout.secs()),
                });
            }
        }
        for request in flow.types.clone() {
            flow.follow(deployment, &request.target);
        }
        flow.order.reverse();
        flow
    }

    /// Adds a state after all that it calls. Calls do not cycle: the scenario is checked.
    fn follow(&mut self, deployment: &Deployment, state: &State) {
        if self.works.contains_key(state) {
            return;
        }
        let work = work(deployment, state);
        let called: Vec<State> = work.calls.iter().map(|call| call.state.clone()).collect();
        self.works.insert(state.clone(), work);
        for call in &called {
            self.follow(deployment, call);
        }
        self.order.push(state.clone());
    }

    /// How often each state is visited per second, if clients send so many requests per second by
    /// type and each component lets only a share in.
    pub(super) fn rates(&self, sent: &[f64], accepted: &[f64]) -> BTreeMap<State, f64> {
        let mut rates: BTreeMap<State, f64> = BTreeMap::new();
        for (request, sent) in self.types.iter().zip(sent) {
            *rates.entry(request.target.clone()).or_default() += sent;
        }
        self.follow_calls(rates, accepted)
    }

    /// The same from visits per second on, the calls of which are still to be counted.
    pub(super) fn follow_calls(
        &self,
        mut rates: BTreeMap<State, f64>,
        accepted: &[f64],
    ) -> BTreeMap<State, f64> {
        for state in &self.order {
            let rate = rates.get(state).copied().unwrap_or(0.0) * accepted[state.0];
            for call in &self.works[state].calls {
                *rates.entry(call.state.clone()).or_default() += rate * call.times;
            }
        }
        rates
    }
}

fn state(deployment: &Deployment, component: &str, operation: &str) -> State {
    let index = deployment.topology.index(component).expect("names are checked");
    (index, operation.to_owned())
}

fn work(deployment: &Deployment, (component, operation): &State) -> Work {
    let (name, spec) = &deployment.topology.0[*component];
    let mut work = Work::default();
    let kind = spec.kind();
    let asked = kind.calls(operation);
    let shares = match kind.forwards() {
        Some(weights) => shares(deployment, &asked, &weights),
        None => asked.iter().map(|call| call.often.times).collect(),
    };
    for (call, times) in asked.iter().zip(shares) {
        let to = call.to.value.as_str();
        work.calls.push(Callee {
            state: state(deployment, to, &call.operation),
            times,
            link: round_trip(deployment, &name.value, to),
        });
        work.pauses += times;
    }
    let Visit { turns, speed, latency, waits } = kind.visit(operation);
    work.io = latency;
    for (delay, often) in &waits {
        work.io += often.in_line * delay.mean();
        work.pauses += often.times;
    }
    work.turns(&turns, speed);
    if turns.is_empty() && asked.is_empty() {
        let waits: Vec<_> = waits.iter().map(|(delay, often)| (&delay.0, often.times)).collect();
        work.exponential = exponential(&waits, 1e-9);
    }
    work
}

/// What forwards makes one of its calls: how likely each is, by the weight of each instance.
fn shares(deployment: &Deployment, calls: &[Call], weights: &[u64]) -> Vec<f64> {
    let weight = |(call, each): (&Call, &u64)| {
        let spec = deployment.topology.get(&call.to.value);
        (spec.map_or(1, ComponentSpec::instances) * each) as f64
    };
    let weights: Vec<f64> = calls.iter().zip(weights).map(weight).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

impl Work {
    /// Turns at the processor, each with how often it is taken. Costs are in nanoseconds.
    fn turns(&mut self, turns: &[(&Dist, f64)], speed: f64) {
        let unit = 1e-9 / speed;
        let mut variance = 0.0;
        for (cost, times) in turns {
            let (mean, spread) = (cost.mean() * unit, cost.variance() * unit * unit);
            self.cpu += times * mean;
            variance += times * spread;
            self.turn_squares += times * (spread + mean * mean);
        }
        self.square = variance + self.cpu * self.cpu;
        self.exponential = exponential(turns, unit);
    }
}

/// The mean of what is one exponential time, done once.
fn exponential(times: &[(&Dist, f64)], unit: f64) -> Option<f64> {
    match times {
        [(Dist::Exponential(mean), 1.0)] => Some(mean * unit),
        _ => None,
    }
}
