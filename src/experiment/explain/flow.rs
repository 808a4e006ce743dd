//! Who asks whom how often: how many visits to each component one request of a client makes, by
//! the plans of the endpoints, and what a visit does there.

use std::collections::BTreeMap;

use crate::component::{ComponentSpec, Plan, Visit};
use crate::deployment::Deployment;
use crate::scenario::round_trip;

use super::node::{Node, Scale};
use super::work::{Known, Work};

/// What is asked of a component: its number among all that is asked of any.
pub(super) type State = usize;

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
    /// How urgent it is, 0 being the most.
    pub(super) priority: u64,
    /// The catalog of the objects that it is about.
    pub(super) catalog: Option<usize>,
}

/// All that can be asked of a deployment.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) types: Vec<RequestFlow>,
    /// Each state's component, and what it is asked for.
    pub(super) asked: Vec<(usize, String)>,
    pub(super) works: Vec<Work>,
    /// How long each state takes while nobody waits, calls included (s).
    pub(super) alone: Vec<f64>,
    /// The states of each component.
    pub(super) of: Vec<Vec<State>>,
}

impl Flow {
    /// `hits`: the share of the lookups that each component's cache answers.
    pub(super) fn new(deployment: &Deployment, hits: &[f64]) -> Flow {
        let names = deployment.topology.iter().enumerate();
        let index = names.map(|(index, (name, _))| (name.value.as_str(), index)).collect();
        let flow = Flow {
            types: Vec::new(),
            asked: Vec::new(),
            works: Vec::new(),
            alone: Vec::new(),
            of: vec![Vec::new(); deployment.topology.0.len()],
        };
        let (known, nodes, scales) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut builder = Builder { deployment, hits, index, known, nodes, scales, forks: 0, flow };
        let types = deployment.request_types();
        for (client, types) in types.iter().enumerate() {
            builder.client(
                client,
                types.iter().map(|(name, weight, timeout)| {
                    (name.as_str(), *weight, timeout.0.map(|timeout| timeout.secs()))
                }),
            );
        }
        builder.flow
    }

    /// Every state before those that it calls.
    pub(super) fn order(&self) -> impl Iterator<Item = State> + use<> {
        (0..self.works.len()).rev()
    }

    pub(super) fn component(&self, state: State) -> usize {
        self.asked[state].0
    }

    /// How often each state is visited per second, if clients send so many requests per second by
    /// type and each component lets only a share in.
    pub(super) fn rates(&self, sent: &[f64], accepted: &[f64]) -> Vec<f64> {
        let mut rates = vec![0.0; self.works.len()];
        for (request, sent) in self.types.iter().zip(sent) {
            rates[request.target] += sent;
        }
        for state in self.order() {
            let rate = rates[state] * accepted[self.component(state)];
            if rate > 0.0 {
                for call in &self.works[state].calls {
                    rates[call.state] += rate * call.times;
                }
            }
        }
        rates
    }
}

/// Finds all states from the clients on.
struct Builder<'a> {
    deployment: &'a Deployment,
    hits: &'a [f64],
    index: BTreeMap<&'a str, usize>,
    known: BTreeMap<(usize, String), State>,
    nodes: Vec<Node>,
    scales: Vec<Scale>,
    /// How many times are known by drawing them.
    forks: u32,
    flow: Flow,
}

impl<'a> Builder<'a> {
    /// Adds the request types of a client: each with its name, weight and timeout (s).
    fn client<'t>(
        &mut self,
        client: usize,
        types: impl Iterator<Item = (&'t str, f64, Option<f64>)>,
    ) {
        let (name, spec) = &self.deployment.clients.0[client];
        let trace = self.deployment.traces[client].as_ref();
        let mut recorded = trace.map(|trace| vec![0.0; trace.types.len()]);
        if let (Some(trace), Some(recorded)) = (trace, &mut recorded) {
            for arrival in &trace.arrivals {
                recorded[arrival.request_type as usize] += f64::from(arrival.count);
            }
        }
        let priorities = if trace.is_some() { Vec::new() } else { spec.priorities() };
        let to = spec.target.value.as_str();
        let link = round_trip(self.deployment, &name.value, to);
        let first = self.flow.types.len();
        for (index, (request, weight, timeout)) in types.enumerate() {
            let keys = spec.keys_of(request);
            let target = self.state(self.index[to], request);
            self.flow.types.push(RequestFlow {
                client,
                share: recorded.as_ref().map_or(weight, |recorded| recorded[index]),
                target,
                link,
                timeout,
                priority: priorities.get(index).copied().unwrap_or(0),
                catalog: keys.and_then(|keys| self.deployment.catalog.index(&keys.value)),
            });
        }
        let types = &mut self.flow.types[first..];
        let total: f64 = types.iter().map(|request| request.share).sum();
        types.iter_mut().for_each(|request| request.share /= total);
    }

    /// The state of a component that is asked for `operation`, after all that it calls. Calls do
    /// not cycle: the scenario is checked.
    fn state(&mut self, component: usize, operation: &str) -> State {
        let key = (component, operation.to_owned());
        if let Some(&state) = self.known.get(&key) {
            return state;
        }
        let kind = self.deployment.topology.0[component].1.kind();
        let Visit { speed, plan } = kind.visit(operation);
        let speeds = self.deployment.speeds(component);
        let mean = || speeds.iter().sum::<f64>() / speeds.len() as f64;
        let speed = if speeds.is_empty() { speed } else { speed * mean() };
        let mut node = self.node(component, speed, &plan);
        if let Some(weights) = kind.forwards() {
            let calls = kind.calls(operation);
            let shares = self.shares(&kind.callees(), &weights);
            let asked = calls.into_iter().map(|call| self.node(component, speed, &Plan::Ask(call)));
            let asked: Vec<Node> = asked.collect();
            node = Node::Serial(vec![node, Node::Chance(shares.into_iter().zip(asked).collect())]);
        }
        let (alone, nodes, scales) = (&self.flow.alone, &self.nodes, &self.scales);
        let mut known = Known { component, alone, nodes, scales, forks: self.forks };
        let work = known.work(&node);
        self.forks = known.forks;
        let state = self.flow.works.len();
        self.flow.alone.push(work.alone(&self.flow.alone));
        self.flow.works.push(work);
        self.flow.of[component].push(state);
        self.flow.asked.push(key.clone());
        self.scales.push(Scale::of(&node, &self.scales));
        self.nodes.push(node);
        self.known.insert(key, state);
        state
    }

    /// A plan with its names resolved, on a core of this speed.
    fn node(&mut self, component: usize, speed: f64, plan: &Plan) -> Node {
        let mut all = |plans: &[Plan]| -> Vec<Node> {
            plans.iter().map(|plan| self.node(component, speed, plan)).collect()
        };
        match plan {
            Plan::Core(cost) => Node::Core(cost.0.clone(), 1e-9 / speed),
            Plan::Time(delay) => Node::Time(delay.0.clone()),
            Plan::Serial(plans) => Node::Serial(all(plans)),
            Plan::AtOnce { plans, copies, wait } => {
                Node::AtOnce { nodes: all(plans), copies: *copies, wait: *wait }
            }
            Plan::Chance(plans) => {
                let each = plans.iter().map(|(p, plan)| (*p, self.node(component, speed, plan)));
                Node::Chance(each.collect())
            }
            Plan::Repeat(times, plan) => {
                Node::Repeat((*times).clone(), Box::new(self.node(component, speed, plan)))
            }
            Plan::ToAnother(plan) => {
                let node = self.node(component, speed, plan);
                let name = &self.deployment.topology.0[component].0.value;
                let Some(link) = self.deployment.link(name, name) else { return node };
                let [there, back] = [link.way_there(), link.way_back()].map(|way| way.delay.0);
                Node::Serial(vec![Node::Time(there), node, Node::Time(back)])
            }
            Plan::Aside(plan) => Node::Aside(Box::new(self.node(component, speed, plan))),
            Plan::Missed(cache, plan) => {
                let cache = cache.map_or(component, |name| self.index[name.value.as_str()]);
                let node = Box::new(self.node(component, speed, plan));
                Node::Missed { cache, p: 1.0 - self.hits[cache], node }
            }
            Plan::Ask(call) => {
                let to = self.index[call.to.value.as_str()];
                let name = &self.deployment.topology.0[component].0.value;
                let link = round_trip(self.deployment, name, &call.to.value);
                let timeout = self.deployment.timeout(name, &call.to.value, call.timeout).0;
                let ask = Node::Ask(self.state(to, &call.operation), link, timeout);
                match self.deployment.instances_asked(call) {
                    1 => ask,
                    all => Node::AtOnce { nodes: vec![ask], copies: all, wait: all },
                }
            }
        }
    }

    /// What forwards makes one of its calls: how likely each is, by the weight of each instance.
    fn shares(&self, callees: &[&crate::document::Name], weights: &[u64]) -> Vec<f64> {
        let spec = |to: &str| -> &ComponentSpec { &self.deployment.topology.0[self.index[to]].1 };
        let weights = callees.iter().zip(weights);
        let weights: Vec<f64> =
            weights.map(|(to, each)| (spec(&to.value).instances() * each) as f64).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / total).collect()
    }
}
