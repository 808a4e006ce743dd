//! The fixed point of rates, waits and losses: rates follow from what is let in, waits from rates,
//! and how long a worker is held from the waits of those that it calls.

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::Deployment;

use super::assumptions::Broken;
use super::flow::{Flow, State};
use super::load::{Load, Window, load};
use super::machines::{Neighbourhood, neighbourhoods};
use super::mix::Mix;
use super::station::{SharedCores, Station};
use super::tier::{Crowd, Part, Tier};

/// Rounds after which waits and losses have found one another.
const ROUNDS: usize = 200;
/// What changes by less than this in a round has been found.
const FOUND: f64 = 1e-10;

/// All that the analytic model is made of.
pub(super) struct Solver<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) flow: Flow,
    pub(super) loads: Vec<Load>,
    pub(super) stations: Vec<Station>,
    accepted: Vec<f64>,
    /// How long each state takes, calls included (s).
    pub(super) times: Vec<f64>,
    /// Client requests per second, by type.
    pub(super) sent: Vec<f64>,
    /// How many a closed network has at the cores of each component.
    pub(super) present: Vec<Option<f64>>,
    /// What a closed network has at the workers of each component, where they are held.
    pub(super) crowds: Vec<Option<Crowd>>,
    /// How many of those whose workers are held are at the cores of each component.
    called: Vec<Option<f64>>,
    /// The components whose workers are held while they wait for others.
    tiers: Vec<Option<Tier>>,
    /// The components that ask each component.
    pub(super) callers: Vec<Vec<usize>>,
    /// How urgent those are who come to each component.
    pub(super) classes: Vec<BTreeSet<u64>>,
    pub(super) broken: Vec<Broken>,
    /// With whom each component shares the cores of machines, if it does.
    neighbourhoods: Vec<Option<Neighbourhood>>,
}

impl Solver<'_> {
    /// The steady state of a deployment, as it is on average over this part of a run, if caches
    /// answer such shares of what they are asked.
    pub(super) fn new<'a>(deployment: &'a Deployment, window: Window, hits: &[f64]) -> Solver<'a> {
        let flow = Flow::new(deployment, hits);
        let clients = deployment.clients.iter().zip(&deployment.traces);
        let stations: Vec<Station> =
            deployment.topology.iter().map(|(_, spec)| Station::new(spec.kind())).collect();
        let mut solver = Solver {
            deployment,
            loads: clients
                .map(|((_, client), trace)| load(client, trace.as_deref(), window))
                .collect(),
            accepted: vec![1.0; stations.len()],
            present: vec![None; stations.len()],
            crowds: vec![None; stations.len()],
            tiers: vec![None; stations.len()],
            called: vec![None; stations.len()],
            callers: callers(&flow, stations.len()),
            classes: classes(&flow, stations.len()),
            stations,
            times: flow.alone.clone(),
            sent: Vec::new(),
            broken: Vec::new(),
            neighbourhoods: neighbourhoods(deployment),
            flow,
        };
        solver.sent = solver.sent();
        let rates = solver.asked();
        solver.tiers = (0..solver.stations.len()).map(|index| solver.tier(index, &rates)).collect();
        let callers: Vec<Option<u64>> =
            (0..solver.stations.len()).map(|index| solver.crowd_of_callers(index)).collect();
        for _ in 0..ROUNDS {
            if solver.round(&callers) < FOUND {
                break;
            }
        }
        solver
    }

    /// Visits per second by state, if nothing is turned away.
    pub(super) fn asked(&self) -> Vec<f64> {
        self.flow.rates(&self.sent, &vec![1.0; self.stations.len()])
    }

    /// Visits per second by state.
    pub(super) fn rates(&self) -> Vec<f64> {
        self.flow.rates(&self.sent, &self.accepted)
    }

    /// How long each state takes, the last called first.
    fn follow(&self) -> Vec<f64> {
        let (alone, mut times) = (&self.flow.alone, vec![0.0; self.flow.works.len()]);
        for state in 0..times.len() {
            let work = &self.flow.works[state];
            let own = self.stations[self.flow.component(state)].time(work);
            times[state] = own + work.away(alone, &times);
        }
        times
    }

    /// One round: rates from losses, waits from rates, times from waits. Returns by which share
    /// anything has changed.
    fn round(&mut self, callers: &[Option<u64>]) -> f64 {
        let rates = self.rates();
        let mut change = 0.0_f64;
        for (component, &callers) in callers.iter().enumerate() {
            let mix = self.mix(component, &rates);
            self.stations[component].serves_one_kind = self.is_one_kind(component, &rates);
            self.stations[component].shared = self.shared(component, &rates);
            let present = self.present[component].or(self.called[component]);
            let tier = self.tiers[component].as_ref();
            let crowd = self.crowds[component].as_ref();
            let station = &mut self.stations[component];
            let crowd = station.solve(mix, callers, present, tier, crowd);
            let parts = tier.map_or(&[][..], Tier::parts).iter();
            let present = crowd.iter().flat_map(|crowd| &crowd.present);
            for (part, &present) in parts.zip(present) {
                if part.exclusive {
                    self.called[part.component] = Some(present);
                }
            }
            let (found, before) = (self.stations[component].accepted, self.accepted[component]);
            self.accepted[component] = 0.5 * (before + found);
            change = change.max((found - before).abs());
        }
        for (state, time) in self.follow().into_iter().enumerate() {
            let before = self.times[state];
            let settled = !before.is_finite() || !time.is_finite();
            self.times[state] = if settled { time } else { 0.5 * (before + time) };
            let moved = if settled { f64::from(before != time) } else { (time - before).abs() };
            if moved > 0.0 {
                change = change.max(moved / time.clamp(1e-300, 1e300));
            }
        }
        change
    }

    /// The workers of a component with all that they may wait for; `None` where none is held, or
    /// where a closed network knows.
    fn tier(&self, component: usize, rates: &[f64]) -> Option<Tier> {
        let station = &self.stations[component];
        let slots = station.held()?;
        let waits = |&state: &State| self.flow.works[state].pauses > 0.0;
        let known = self.present[component].is_some() || self.crowds[component].is_some();
        let shares = self.neighbourhoods[component].is_some();
        if known || shares || !self.flow.of[component].iter().any(waits) {
            return None;
        }
        let here = self.flow.of[component].iter().map(|&state| (state, rates[state]));
        let total: f64 = here.clone().map(|(_, rate)| rate).sum();
        if total <= 0.0 {
            return None;
        }
        let entries: Vec<(State, f64)> = here.map(|(state, rate)| (state, rate / total)).collect();
        let (mut parts, delay) = self.parts(&entries, Some(component), None);
        // Cores that others share are no part of a network of those who are here.
        if parts.iter().any(|part| self.neighbourhoods[part.component].is_some()) {
            return None;
        }
        for part in &mut parts {
            let mine = part.mine * total;
            let strangers = self.work_at(part.component, rates) - mine;
            part.share_with(strangers, strangers <= 1e-9 * mine);
        }
        let workers = slots.checked_mul(station.instances)?;
        Tier::new(component, workers, delay, parts)
    }

    /// What others do on the cores of a machine that this component shares with them, if it does.
    fn shared(&self, component: usize, rates: &[f64]) -> Option<SharedCores> {
        let found = self.neighbourhoods[component].as_ref()?;
        let all = found.shares.iter();
        let work = all.map(|&(other, share)| share * self.work_at(other, rates)).sum();
        Some(SharedCores { cores: found.cores, work, broken: found.broken.clone() })
    }

    /// Processor time that is asked of a component per second (s).
    pub(super) fn work_at(&self, component: usize, rates: &[f64]) -> f64 {
        let states = self.flow.of[component].iter();
        states.map(|&state| rates[state] * self.flow.works[state].cpu).sum()
    }

    /// What jobs meet that visit these states, each so often, and how long they are busy with what
    /// nobody waits for (s). The cores of a component are a part; where workers are held and are
    /// fewer than `jobs`, the component and all that it calls are one, but for `within` itself.
    pub(super) fn parts(
        &self,
        entries: &[(State, f64)],
        within: Option<usize>,
        jobs: Option<u64>,
    ) -> (Vec<Part>, f64) {
        let mut left = BTreeMap::new();
        entries.iter().for_each(|&(state, rate)| *left.entry(state).or_insert(0.0) += rate);
        let mut cores: BTreeMap<usize, f64> = BTreeMap::new();
        let mut gates: BTreeMap<usize, Vec<(State, f64)>> = BTreeMap::new();
        // The highest state is called by none of the others.
        while let Some((state, rate)) = left.pop_last() {
            let (component, work) = (self.flow.component(state), &self.flow.works[state]);
            if within != Some(component) && jobs.is_some_and(|jobs| self.bounds(component, jobs)) {
                gates.entry(component).or_default().push((state, rate));
                continue;
            }
            *cores.entry(component).or_default() += rate * work.cpu;
            let waits = rate > 0.0 && !self.stations[component].takes_messages;
            for call in work.calls.iter().filter(|_| waits) {
                *left.entry(call.state).or_insert(0.0) += rate * call.times;
            }
        }
        let mut delay: f64 =
            entries.iter().map(|&(state, rate)| rate * self.flow.alone[state]).sum();
        // Its own cores first.
        let own = within.filter(|own| cores.contains_key(own));
        let others = cores.keys().copied().filter(|&other| Some(other) != within);
        let mut parts = Vec::new();
        for component in own.into_iter().chain(others) {
            let (mine, station) = (cores[&component], &self.stations[component]);
            // A worker of its own for each core: nobody waits for one.
            let all_work = |servers| station.slots().is_some_and(|slots| slots <= servers);
            let servers = station
                .servers()
                .filter(|&servers| mine > 0.0 && !(within == Some(component) && all_work(servers)));
            if let Some(servers) = servers {
                delay -= mine;
                parts.push(Part::cores(component, mine, servers, station.instances));
            }
        }
        for (component, entries) in gates {
            let part = self.gate(component, &entries, jobs.unwrap_or(u64::MAX));
            delay -=
                entries.iter().map(|&(state, rate)| rate * self.flow.alone[state]).sum::<f64>();
            parts.push(part);
        }
        // What is left of a sum may be less than nothing by its rounding.
        (parts, delay.max(0.0))
    }

    /// Whether the workers of a component are held while they wait, and are fewer than `jobs`.
    fn bounds(&self, component: usize, jobs: u64) -> bool {
        let waits = |&state: &State| self.flow.works[state].pauses > 0.0;
        let few = self.stations[component].held().is_some_and(|slots| slots < jobs);
        few && self.flow.of[component].iter().any(waits)
    }

    /// A component whose workers bound how many jobs are in it and in all that it calls.
    fn gate(&self, component: usize, entries: &[(State, f64)], jobs: u64) -> Part {
        let station = &self.stations[component];
        let slots = station.held().unwrap_or(u64::MAX);
        let visits: f64 = entries.iter().map(|(_, rate)| rate).sum();
        let each: Vec<(State, f64)> =
            entries.iter().map(|&(state, rate)| (state, rate / visits)).collect();
        let (parts, delay) = self.parts(&each, Some(component), Some(slots));
        Part::gate(component, visits, [slots, station.instances, jobs], delay, parts)
    }

    /// All visits to a component.
    fn mix(&self, component: usize, rates: &[f64]) -> Mix {
        let mut mix = Mix::default();
        // The mean that all have so far, and whether it is of the processor's time.
        let mut exponential: Option<(Option<f64>, bool)> = None;
        for &state in &self.flow.of[component] {
            let (work, rate) = (&self.flow.works[state], rates[state]);
            if rate > 0.0 {
                mix.add(work, rate, work.away(&self.flow.alone, &self.times));
                let this = (work.exponential, work.cpu > 0.0);
                let same = exponential.is_none_or(|known| known == this);
                exponential = Some((work.exponential.filter(|_| same), this.1));
            }
        }
        mix.exponential = exponential.is_some_and(|(mean, _)| mean.is_some());
        mix.mean()
    }

    /// Whether all visits to a component have services of one mean and one spread.
    fn is_one_kind(&self, component: usize, rates: &[f64]) -> bool {
        let here = self.flow.of[component].iter().filter(|&&state| rates[state] > 0.0);
        let mut services = here.map(|&state| {
            let work = &self.flow.works[state];
            [work.cpu, work.square, work.io]
        });
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        let first = services.next();
        services.all(|one| first.is_some_and(|first| (0..3).all(|i| near(first[i], one[i]))))
    }

    /// How many can ask a component at once: `None` without a limit.
    fn crowd_of_callers(&self, component: usize) -> Option<u64> {
        let mut all: u64 = 0;
        let target = |target: State| self.flow.component(target) == component;
        for request in self.flow.types.iter().filter(|request| target(request.target)) {
            let Load::Users { count, .. } = self.loads[request.client] else { return None };
            all = all.saturating_add(count);
        }
        for &caller in &self.callers[component] {
            let station = &self.stations[caller];
            let each = match station.held() {
                Some(held) => held.saturating_mul(station.instances),
                // A balancer holds nobody back.
                None if station.forwards => self.crowd_of_callers(caller)?,
                None => return None,
            };
            let at_once = self.flow.of[caller].iter().any(|&state| {
                let mut calls = self.flow.works[state].calls.iter();
                calls.any(|call| call.at_once && target(call.state))
            });
            if at_once {
                return None;
            }
            all = all.saturating_add(each);
        }
        Some(all)
    }

    /// The share of requests for each state that end well.
    pub(super) fn success(&self) -> Vec<f64> {
        let mut success = vec![1.0; self.flow.works.len()];
        for state in 0..success.len() {
            let calls = self.flow.works[state].calls.iter();
            let component = self.flow.component(state);
            let well = match &self.stations[component] {
                // What comes of a message is no matter of who has put it.
                Station { takes_messages: true, .. } => 1.0,
                Station { forwards: true, .. } => {
                    calls.map(|call| call.times * success[call.state]).sum::<f64>()
                }
                _ => calls.map(|call| libm::pow(success[call.state], call.times)).product(),
            };
            success[state] = well * self.accepted[component];
        }
        success
    }
}

/// The components that ask each component.
fn callers(flow: &Flow, components: usize) -> Vec<Vec<usize>> {
    let mut callers = vec![Vec::new(); components];
    for state in flow.order() {
        let caller = flow.component(state);
        for call in &flow.works[state].calls {
            let list: &mut Vec<usize> = &mut callers[flow.component(call.state)];
            if list.last() != Some(&caller) && !list.contains(&caller) {
                list.push(caller);
            }
        }
    }
    callers
}

/// How urgent those are who come to each component.
fn classes(flow: &Flow, components: usize) -> Vec<BTreeSet<u64>> {
    let mut states = vec![BTreeSet::new(); flow.works.len()];
    for request in &flow.types {
        states[request.target].insert(request.priority);
    }
    let mut classes = vec![BTreeSet::new(); components];
    for state in flow.order() {
        let mine: BTreeSet<u64> = std::mem::take(&mut states[state]);
        for call in &flow.works[state].calls {
            states[call.state].extend(&mine);
        }
        classes[flow.component(state)].extend(mine);
    }
    classes
}
