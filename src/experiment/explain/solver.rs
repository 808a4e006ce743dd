//! The fixed point of rates, waits and losses: rates follow from what is let in, waits from rates,
//! and how long a worker is held from the waits of those that it calls.

use std::collections::BTreeMap;

use crate::access_log::Trace;
use crate::component::client::{ClientSpec, journey_length};
use crate::deployment::Deployment;
use crate::scenario::between;
use crate::units::Span;

use super::assumptions::{Broken, Truth};
use super::closed::{Centre, Closed, closed, curve};
use super::flow::{Flow, State};
use super::station::{Mix, Station};
use super::tier::{Network, Tier};

/// Rounds after which waits and losses have found one another.
const ROUNDS: usize = 200;

/// What makes a client send.
#[derive(Clone, Copy, Debug)]
pub(super) enum Load {
    /// So many requests per second, whatever happens.
    Open(f64),
    /// So many users, who think so long (s).
    Users { count: u64, think: f64 },
}

fn load(client: &ClientSpec, trace: Option<&Trace>, duration: Span) -> Load {
    if let Some(arrivals) = &client.arrivals {
        let rate = arrivals.0.expected(duration) / duration.secs();
        let together = client.batch.as_ref().map_or(1.0, |batch| batch.value.mean());
        let pages = client.journey.as_ref().and_then(journey_length).unwrap_or(1.0);
        return Load::Open(rate * together * pages);
    }
    if let Some(users) = &client.users {
        return Load::Users { count: users.count.get(), think: between(client, users) };
    }
    let recorded = trace.map_or(0.0, |trace| {
        let count: u64 = trace.arrivals.iter().map(|arrival| u64::from(arrival.count)).sum();
        let length = trace.length.secs();
        if length > 0.0 { count as f64 / length } else { 0.0 }
    });
    let replay = client.trace.as_ref();
    Load::Open(replay.map_or(0.0, |replay| recorded * replay.scale.get() * replay.speed.get()))
}

/// How long each state takes, calls included (s).
pub(super) type Times = BTreeMap<State, f64>;

/// All that the analytic model is made of.
pub(super) struct Solver<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) flow: Flow,
    pub(super) loads: Vec<Load>,
    pub(super) stations: Vec<Station>,
    accepted: Vec<f64>,
    /// With nobody else there, and as it is.
    pub(super) alone: Times,
    pub(super) times: Times,
    /// Client requests per second, by type.
    pub(super) sent: Vec<f64>,
    /// How many a closed network has at the cores of each component.
    pub(super) present: Vec<Option<f64>>,
    /// How many of those whose workers are held are at the cores of each component.
    called: Vec<Option<f64>>,
    /// The components whose workers are held while they wait for others.
    tiers: Vec<Option<Tier>>,
    pub(super) broken: Vec<Broken>,
}

impl Solver<'_> {
    /// The steady state of a deployment, as it is on average over a run of this length.
    pub(super) fn new(deployment: &Deployment, duration: Span) -> Solver<'_> {
        let flow = Flow::new(deployment);
        let clients = deployment.clients.iter().zip(&deployment.traces);
        let stations: Vec<Station> =
            deployment.topology.iter().map(|(_, spec)| Station::new(spec.kind())).collect();
        let mut solver = Solver {
            deployment,
            loads: clients
                .map(|((_, client), trace)| load(client, trace.as_deref(), duration))
                .collect(),
            accepted: vec![1.0; stations.len()],
            present: vec![None; stations.len()],
            tiers: vec![None; stations.len()],
            called: vec![None; stations.len()],
            stations,
            alone: Times::new(),
            times: Times::new(),
            sent: Vec::new(),
            broken: Vec::new(),
            flow,
        };
        solver.alone = solver.follow();
        solver.times = solver.alone.clone();
        solver.sent = solver.sent();
        solver.tiers = (0..solver.stations.len()).map(|index| solver.tier(index)).collect();
        for _ in 0..ROUNDS {
            solver.round();
        }
        solver
    }

    /// How long each state takes, the last called first.
    fn follow(&self) -> Times {
        let mut times = Times::new();
        for state in self.flow.order.iter().rev() {
            let work = &self.flow.works[state];
            let calls = work.calls.iter().map(|call| call.times * (call.link + times[&call.state]));
            let station = &self.stations[state.0];
            let own = station.wait + station.stretch * work.cpu + work.io;
            let time = own + calls.sum::<f64>();
            times.insert(state.clone(), time);
        }
        times
    }

    /// What the requests of a client take, on average (s).
    fn latency(&self, client: usize, times: &Times) -> f64 {
        let types = self.flow.types.iter().filter(|request| request.client == client);
        types.map(|request| request.share * (request.link + times[&request.target])).sum()
    }

    /// Requests per second by type; those of users as the closed network says.
    fn sent(&mut self) -> Vec<f64> {
        let open: Vec<f64> = self
            .flow
            .types
            .iter()
            .map(|request| match self.loads[request.client] {
                Load::Open(rate) => rate * request.share,
                Load::Users { .. } => 0.0,
            })
            .collect();
        let users: Vec<(usize, u64, f64)> = self.users();
        if users.is_empty() {
            return open;
        }
        let count: u64 = users.iter().map(|(_, count, _)| count).sum();
        // Each client's part in the cycles of all, as if nobody waited.
        let cycle_rate = |&(client, count, think): &(usize, u64, f64)| {
            count as f64 / (think + self.latency(client, &self.alone)).max(1e-9)
        };
        let total: f64 = users.iter().map(cycle_rate).sum();
        let mut shares = vec![0.0; self.flow.types.len()];
        for user in &users {
            for (share, request) in shares.iter_mut().zip(&self.flow.types) {
                if request.client == user.0 {
                    *share = request.share * cycle_rate(user) / total;
                }
            }
        }
        let think: f64 = users.iter().map(|user| user.2 * cycle_rate(user) / total).sum();
        let throughput = self.close(count, think, &shares, &open);
        open.iter().zip(&shares).map(|(open, share)| open + throughput * share).collect()
    }

    /// Each client with users: its index, how many, and how long they think.
    pub(super) fn users(&self) -> Vec<(usize, u64, f64)> {
        let loads = self.loads.iter().enumerate();
        let users = loads.filter_map(|(client, load)| match *load {
            Load::Users { count, think } => Some((client, count, think)),
            Load::Open(_) => None,
        });
        users.collect()
    }

    /// The throughput of so many users, and how many of them are where.
    fn close(&mut self, users: u64, think: f64, shares: &[f64], open: &[f64]) -> f64 {
        let ones = vec![1.0; self.stations.len()];
        let (visits, others) = (self.flow.rates(shares, &ones), self.flow.rates(open, &ones));
        let cpu = |rates: &BTreeMap<State, f64>, component: usize| -> f64 {
            let here = rates.iter().filter(|(state, _)| state.0 == component);
            here.map(|(state, rate)| rate * self.flow.works[state].cpu).sum()
        };
        let alone: f64 = self
            .flow
            .types
            .iter()
            .zip(shares)
            .map(|(request, share)| share * (request.link + self.alone[&request.target]))
            .sum();
        let mut centres = Vec::new();
        let (mut whole, mut least) = (0.0, 0.0_f64);
        for (component, station) in self.stations.iter().enumerate() {
            let Some(servers) = station.servers() else { continue };
            let copies = station.instances;
            let busy = cpu(&others, component) / (servers * copies) as f64;
            let demand = cpu(&visits, component);
            whole += demand;
            // What is left of cores that others use as well.
            let demand = demand / (1.0 - busy).max(1e-3) / copies as f64;
            least = least.max(demand / servers as f64);
            centres.push((component, busy, Centre { demand, servers, copies }));
        }
        let only: Vec<Centre> = centres.iter().map(|(.., centre)| *centre).collect();
        let found = closed(users, think + alone - whole, &only);
        if open.iter().any(|&rate| rate > 0.0) {
            let text = "users share cores with requests that come whatever happens";
            self.broken = vec![Broken::new(text, Truth::Either)];
        }
        let Some(Closed { throughput, present }) = found else {
            let text = "there are too many users for an exact answer: this is the asymptotic bound";
            self.broken = vec![Broken::new(text, Truth::Longer)];
            return (users as f64 / (think + alone)).min(1.0 / least);
        };
        for ((component, busy, centre), present) in centres.iter().zip(present) {
            let own = busy * (centre.servers * centre.copies) as f64;
            let others = (own + busy * present) / (1.0 - busy).max(1e-3);
            self.present[*component] = Some(present + others);
        }
        throughput
    }

    /// One round: rates from losses, waits from rates, times from waits.
    fn round(&mut self) {
        let rates = self.flow.rates(&self.sent, &self.accepted);
        for component in 0..self.stations.len() {
            let mix = self.mix(component, &rates);
            let callers = self.callers(component);
            let present = self.present[component].or(self.called[component]);
            let tier = self.tiers[component].as_ref();
            let crowd = self.stations[component].solve(mix, callers, present, tier);
            let centres = tier.map_or(&[][..], Tier::centres).iter();
            let present = crowd.iter().flat_map(|crowd| &crowd.present);
            for (&(callee, alone, _), &present) in centres.zip(present) {
                if alone {
                    self.called[callee] = Some(present);
                }
            }
            let found = self.stations[component].accepted;
            self.accepted[component] = 0.5 * (self.accepted[component] + found);
        }
        for (state, time) in self.follow() {
            let before = self.times[&state];
            let mean =
                if before.is_finite() && time.is_finite() { 0.5 * (before + time) } else { time };
            self.times.insert(state, mean);
        }
    }

    /// The workers of a component with all that they may wait for; `None` where none is held, or
    /// where a closed network knows.
    fn tier(&self, component: usize) -> Option<Tier> {
        let station = &self.stations[component];
        let slots = station.held()?;
        let waits = |state: &State| state.0 == component && self.flow.works[state].pauses > 0.0;
        if self.present[component].is_some() || !self.flow.order.iter().any(waits) {
            return None;
        }
        let ones = vec![1.0; self.stations.len()];
        let rates = self.flow.rates(&self.sent, &ones);
        let here: BTreeMap<State, f64> =
            rates.clone().into_iter().filter(|(state, _)| state.0 == component).collect();
        let total: f64 = here.values().sum();
        let visits = self.flow.follow_calls(here.clone(), &ones);
        let cpu = |rates: &BTreeMap<State, f64>, of: usize| -> f64 {
            let there = rates.iter().filter(|(state, _)| state.0 == of);
            there.map(|(state, rate)| rate * self.flow.works[state].cpu).sum()
        };
        let alone: f64 = here.iter().map(|(state, rate)| rate / total * self.alone[state]).sum();
        let mut centres = Vec::new();
        let mut whole = 0.0;
        // Its own cores first.
        let others = (0..self.stations.len()).filter(|&other| other != component);
        for other in std::iter::once(component).chain(others) {
            let there = &self.stations[other];
            let (Some(servers), mine) = (there.servers(), cpu(&visits, other) / total) else {
                continue;
            };
            let no_centre = other == component && slots <= servers;
            if mine == 0.0 || no_centre {
                continue;
            }
            let copies = there.instances;
            let strangers = cpu(&rates, other) - mine * total;
            let busy = strangers / (servers * copies) as f64;
            let alone = strangers <= 1e-9 * mine * total;
            let demand = mine / (1.0 - busy).max(1e-3) / copies as f64;
            whole += mine;
            centres.push((other, alone, Centre { demand, servers, copies }));
        }
        let only: Vec<Centre> = centres.iter().map(|(.., centre)| *centre).collect();
        let own = match centres.first() {
            None => return Some(Tier::Delays),
            Some((first, ..)) => *first == component,
        };
        let workers = slots.checked_mul(station.instances)?;
        // What is left of a sum may be less than nothing by its rounding.
        let curve = curve(workers, (alone - whole).max(0.0), &only)?;
        Some(Tier::Network(Network { curve, centres, own }))
    }

    /// All visits to a component.
    fn mix(&self, component: usize, rates: &BTreeMap<State, f64>) -> Mix {
        let mut mix = Mix::default();
        // The mean that all have so far, and whether it is of the processor's time.
        let mut exponential: Option<(Option<f64>, bool)> = None;
        for (state, &rate) in rates.iter().filter(|(state, _)| state.0 == component) {
            let work = &self.flow.works[state];
            let calls = work.calls.iter();
            let away = calls.map(|call| call.times * (call.link + self.times[&call.state]));
            mix.rate += rate;
            mix.cpu += rate * work.cpu;
            mix.square += rate * work.square;
            mix.turn_squares += rate * work.turn_squares;
            mix.io += rate * work.io;
            mix.pauses += rate * work.pauses;
            mix.away += rate * away.sum::<f64>();
            if rate > 0.0 {
                let this = (work.exponential, work.cpu > 0.0);
                let same = exponential.is_none_or(|known| known == this);
                exponential = Some((work.exponential.filter(|_| same), this.1));
            }
        }
        if mix.rate > 0.0 {
            let rate = mix.rate;
            for mean in [
                &mut mix.cpu,
                &mut mix.square,
                &mut mix.turn_squares,
                &mut mix.io,
                &mut mix.pauses,
                &mut mix.away,
            ] {
                *mean /= rate;
            }
        }
        mix.exponential = exponential.is_some_and(|(mean, _)| mean.is_some());
        mix
    }

    /// How many can ask a component at once: `None` without a limit.
    fn callers(&self, component: usize) -> Option<u64> {
        let asks = |state: &State, of: usize| {
            self.flow.works[state].calls.iter().any(|call| call.state.0 == of)
        };
        let mut all: u64 = 0;
        let clients = self.flow.types.iter().filter(|request| request.target.0 == component);
        for request in clients {
            let Load::Users { count, .. } = self.loads[request.client] else { return None };
            all = all.saturating_add(count);
        }
        for caller in 0..self.stations.len() {
            let states = self.flow.order.iter().filter(|state| state.0 == caller);
            if !states.clone().any(|state| asks(state, component)) {
                continue;
            }
            let station = &self.stations[caller];
            let each = match station.held() {
                Some(held) => held.saturating_mul(station.instances),
                // A balancer holds nobody back.
                None if station.forwards => self.callers(caller)?,
                None => return None,
            };
            all = all.saturating_add(each);
        }
        Some(all)
    }

    /// The share of requests for a state that end well.
    pub(super) fn success(&self) -> BTreeMap<State, f64> {
        let mut success: BTreeMap<State, f64> = BTreeMap::new();
        for state in self.flow.order.iter().rev() {
            let calls = self.flow.works[state].calls.iter();
            let well = if self.stations[state.0].forwards {
                calls.map(|call| call.times * success[&call.state]).sum::<f64>()
            } else {
                calls.map(|call| libm::pow(success[&call.state], call.times)).product()
            };
            success.insert(state.clone(), well * self.accepted[state.0]);
        }
        success
    }
}
