//! What keeps requests from coming to a component as a Poisson process: how clients send them, and
//! what happens to them on their way.

use std::collections::BTreeSet;

use crate::component::Choice;
use crate::component::client::{ArrivalProcess, ClientSpec};
use crate::distribution::Size;
use crate::units::{Span, three_digits};

use super::assumptions::{Broken, Truth};
use super::load::Window;
use super::solver::Solver;

/// How some requests come that are no Poisson process.
#[derive(Clone, Debug)]
struct Trait {
    broken: Broken,
    /// How many times as many come as on average, for a while.
    surge: f64,
    /// How many come at one moment.
    together: f64,
}

/// For each component how what comes to it is no Poisson process.
pub(super) struct Arrivals {
    traits: Vec<Trait>,
    /// The traits of what comes to each component.
    of: Vec<BTreeSet<usize>>,
    /// How many times as much is asked of each at the peaks of what changes.
    surge: Vec<f64>,
}

impl Arrivals {
    pub(super) fn new(solver: &Solver, window: Window) -> Arrivals {
        let flow = &solver.flow;
        let (mut traits, mut of) = (Vec::new(), vec![BTreeSet::new(); flow.works.len()]);
        let mut peak = solver.sent.clone();
        for (client, (name, spec)) in solver.deployment.clients.iter().enumerate() {
            let sent = sent(&name.value, spec, window);
            let types = flow.types.iter().zip(&mut peak).filter(|(one, _)| one.client == client);
            let surge = sent.iter().map(|one| one.surge).fold(1.0, f64::max);
            for (request, peak) in types {
                *peak *= surge;
                of[request.target].extend(traits.len()..traits.len() + sent.len());
            }
            traits.extend(sent);
        }
        for state in flow.order() {
            let mine = of[state].clone();
            let (name, _) = &solver.deployment.topology.0[flow.component(state)];
            for call in flow.works[state].calls.iter().filter(|call| call.times > 0.0) {
                let callee: &mut BTreeSet<usize> = &mut of[call.state];
                callee.extend(&mine);
                if call.at_once {
                    callee.insert(traits.len());
                    let text = format!("{} asks for several at once", name.value);
                    let broken = Broken::new(text, Truth::Longer);
                    traits.push(Trait { broken, surge: 1.0, together: call.times });
                }
            }
        }
        let rates = solver.rates();
        let peaks = flow.rates(&peak, &vec![1.0; solver.stations.len()]);
        let surge = |component: usize| {
            let all = |rates: &[f64]| flow.of[component].iter().map(|&s| rates[s]).sum::<f64>();
            if all(&rates) > 0.0 { all(&peaks) / all(&rates) } else { 1.0 }
        };
        let components = 0..solver.stations.len();
        let together = |component: usize| {
            flow.of[component].iter().flat_map(|&state| of[state].iter().copied()).collect()
        };
        Arrivals {
            traits,
            surge: components.clone().map(surge).collect(),
            of: components.map(together).collect(),
        }
    }

    /// What keeps requests from coming to a component as a Poisson process, where that matters:
    /// somebody waits there, or would while the most come.
    pub(super) fn broken(&self, solver: &Solver, component: usize) -> Vec<Broken> {
        let (station, surge) = (&solver.stations[component], self.surge[component]);
        let mut broken: Vec<Broken> = Vec::new();
        for &index in &self.of[component] {
            let found = &self.traits[index];
            let matters = !station.is_idle()
                || (found.surge > 1.0 && station.queues_at(surge))
                || (found.together > 1.0 && station.is_short_of(found.together));
            let text = match station.full_at_surge(surge).filter(|_| found.surge > 1.0) {
                Some(full) => format!("{}; {full}", found.broken.what),
                None => found.broken.what.clone(),
            };
            let one = Broken::new(text, found.broken.truth);
            if matters && !broken.contains(&one) {
                broken.push(one);
            }
        }
        broken
    }
}

/// What keeps the requests of a client from being a Poisson process.
fn sent(name: &str, client: &ClientSpec, window: Window) -> Vec<Trait> {
    let mut traits = Vec::new();
    let mut add = |how: &str, truth, surge, together| {
        let broken = Broken::new(format!("{name} {how}"), truth);
        traits.push(Trait { broken, surge, together });
    };
    let process = client.arrivals.as_ref().map(|arrivals| &arrivals.0);
    let peak = process.and_then(|process| {
        let seconds = window.to.secs() - window.from.secs();
        let mean = (process.expected(window.to) - process.expected(window.from)) / seconds;
        Some((process.peak_between(window.from, window.to)? / mean, process))
    });
    match (process, peak) {
        (None, _) if client.trace.is_some() => {
            add("send as recorded, not at random", Truth::Either, 1.0, 1.0);
        }
        (Some(ArrivalProcess::Constant(_)), _) => {
            add("send at equal intervals, not at random", Truth::Shorter, 1.0, 1.0);
        }
        (Some(ArrivalProcess::Renewal(gap)), _) if gap.value.0.exponential().is_none() => {
            let (mean, variance) = (gap.value.0.mean(), gap.value.0.variance());
            let truth = if variance > mean * mean { Truth::Longer } else { Truth::Shorter };
            add("send at intervals of their own distribution", truth, 1.0, 1.0);
        }
        (_, Some((surge, ArrivalProcess::Mmpp(_)))) => {
            add("send in bursts, not at one rate", Truth::Longer, surge, 1.0);
        }
        (_, Some((surge, _))) => {
            let how = "send at a rate that changes with time, of which this is the mean";
            add(how, Truth::Longer, surge, 1.0);
        }
        _ => {}
    }
    let batch = client.batch.as_ref().map(|batch| &batch.value);
    if let Some(batch) = batch.filter(|batch| **batch != Size::Fixed(1)) {
        add("send several at once", Truth::Longer, 1.0, batch.mean());
    }
    if client.journey.is_some() && client.users.is_none() {
        add("come back for one page after another", Truth::Either, 1.0, 1.0);
    }
    traits
}

/// How those who ask a component make it differ from random requests.
pub(super) fn asked(solver: &Solver, component: usize) -> Vec<Broken> {
    let (stations, mut broken) = (&solver.stations, Vec::new());
    for &caller in &solver.callers[component] {
        let (name, spec) = &solver.deployment.topology.0[caller];
        if !stations[caller].forwards {
            broken.extend(stations[caller].departures(&name.value));
            continue;
        }
        let mut states = solver.flow.of[caller].iter();
        let single = states.all(|&state| solver.flow.works[state].calls.len() == 1);
        let floor = stations[component].in_one_queue();
        let only = single && stations[component].instances == 1;
        let choice = spec.kind().choice().filter(|_| !only);
        broken.extend(choice.map(|choice| chosen(&name.value, choice, floor)));
    }
    broken
}

/// How the choices of `balancer` differ from random ones; `floor` is the wait if all stood in one
/// queue.
fn chosen(balancer: &str, choice: Choice, floor: Option<f64>) -> Broken {
    let floor = floor.filter(|_| choice.at_best_one_queue).map_or(String::new(), |wait| {
        format!(" (one queue for all: {} of waiting)", Span::from_secs_f64(wait))
    });
    Broken::new(format!("{balancer} {}{floor}", choice.how), choice.truth)
}

/// Says that more comes than can be served.
pub(super) fn overflow(comes: f64, served: f64) -> String {
    let [comes, served] = [comes, served].map(three_digits);
    format!("at the peak {comes}/s come and {served}/s can be served")
}
