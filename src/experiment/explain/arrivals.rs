//! What keeps requests from coming to a component as a Poisson process: how clients send them, and
//! what happens to them on their way.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::Choice;
use crate::component::client::{ArrivalProcess, ClientSpec};
use crate::distribution::Size;
use crate::units::{Span, three_digits};

use super::assumptions::{Broken, Truth};
use super::load::Window;
use super::solver::Solver;

/// Into so many parts a run is cut to see when the most comes.
const CELLS: u64 = 256;
/// The most names of those who do the same that are said.
const NAMED: usize = 3;

/// How some requests come that are no Poisson process.
#[derive(Clone, Debug)]
struct Trait {
    who: String,
    how: String,
    truth: Truth,
    /// More come than on average for a while.
    surges: bool,
    /// How many come at one moment.
    together: f64,
}

/// For each component how what comes to it is no Poisson process.
pub(super) struct Arrivals {
    traits: Vec<Trait>,
    /// The traits of what comes to each component.
    of: Vec<BTreeSet<usize>>,
    /// How many times as much is asked of each while the most comes.
    surge: Vec<f64>,
}

impl Arrivals {
    pub(super) fn new(solver: &Solver, window: Window, stampedes: &[Option<f64>]) -> Arrivals {
        let (flow, topology) = (&solver.flow, &solver.deployment.topology.0);
        let (mut traits, mut of) = (Vec::new(), vec![BTreeSet::new(); flow.works.len()]);
        for (client, (name, spec)) in solver.deployment.clients.iter().enumerate() {
            let sent = sent(&name.value, spec, window);
            for request in flow.types.iter().filter(|request| request.client == client) {
                of[request.target].extend(traits.len()..traits.len() + sent.len());
            }
            traits.extend(sent);
        }
        for state in flow.order() {
            let mine = of[state].clone();
            let caller = &topology[flow.component(state)].0.value;
            for call in flow.works[state].calls.iter().filter(|call| call.times > 0.0) {
                let callee: &mut BTreeSet<usize> = &mut of[call.state];
                callee.extend(&mine);
                let expired = call.missed.and_then(|cache| Some((cache, stampedes[cache]?)));
                let herd = expired.map(|(cache, together)| {
                    let how = "lets many through at once for what has expired".to_owned();
                    (topology[cache].0.value.clone(), how, together)
                });
                let several = "asks for several at once".to_owned();
                let at_once = call.at_once.then_some((caller.clone(), several, call.times));
                for (who, how, together) in herd.into_iter().chain(at_once) {
                    callee.insert(traits.len());
                    let truth = Truth::Longer;
                    traits.push(Trait { who, how, truth, surges: false, together });
                }
            }
        }
        let together = |component: usize| {
            flow.of[component].iter().flat_map(|&state| of[state].iter().copied()).collect()
        };
        let of = (0..topology.len()).map(together).collect();
        Arrivals { traits, of, surge: surges(solver, window) }
    }

    /// What keeps requests from coming to a component as a Poisson process, where that matters:
    /// somebody waits there, or would while the most come.
    pub(super) fn broken(&self, solver: &Solver, component: usize) -> Vec<Broken> {
        let (station, surge) = (&solver.stations[component], self.surge[component]);
        let full = station.full_at_surge(surge);
        let mut found: BTreeMap<(usize, String), (Vec<&str>, &Trait)> = BTreeMap::new();
        for &index in &self.of[component] {
            let one = &self.traits[index];
            let matters = !station.is_idle()
                || (one.surges && station.queues_at(surge))
                || (one.together > 1.0 && station.is_short_of(one.together));
            if matters {
                let first = self.traits.iter().position(|other| other.how == one.how);
                let key = (first.unwrap_or(index), one.how.clone());
                found.entry(key).or_insert((Vec::new(), one)).0.push(&one.who);
            }
        }
        let said = |(who, one): (Vec<&str>, &Trait)| {
            let full = full.iter().filter(|_| one.surges);
            let full: String = full.map(|full| format!("; {full}")).collect();
            Broken::new(format!("{} {}{full}", several(&who), one.how), one.truth)
        };
        found.into_values().map(said).collect()
    }
}

/// Names of those who do the same, each once.
fn several(names: &[&str]) -> String {
    let mut names: Vec<&str> = names.to_vec();
    names.dedup();
    match names.split_at_checked(NAMED) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{} and {} more", first.join(", "), rest.len())
        }
        _ => match names.split_last() {
            Some((last, others)) if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            _ => names.join(", "),
        },
    }
}

/// How many times as much as on average is asked of each component while the most comes.
fn surges(solver: &Solver, window: Window) -> Vec<f64> {
    let flow = &solver.flow;
    let visits = |rates: &[f64], component: usize| -> f64 {
        flow.of[component].iter().map(|&state| rates[state]).sum()
    };
    let all = solver.asked();
    let mut more: Vec<Vec<f64>> = vec![Vec::new(); solver.stations.len()];
    for (client, (_, spec)) in solver.deployment.clients.iter().enumerate() {
        let Some(course) = course(spec, window) else { continue };
        let types = flow.types.iter().zip(&solver.sent);
        let sent = types.map(|(one, &sent)| if one.client == client { sent } else { 0.0 });
        let rates = flow.rates(&sent.collect::<Vec<f64>>(), &vec![1.0; more.len()]);
        for (component, more) in more.iter_mut().enumerate() {
            let mine = visits(&rates, component);
            if mine > 0.0 {
                more.resize(course.len(), 0.0);
                more.iter_mut()
                    .zip(&course)
                    .for_each(|(more, times)| *more += mine * (times - 1.0));
            }
        }
    }
    let surge = |(component, more): (usize, Vec<f64>)| {
        let all = visits(&all, component);
        if all > 0.0 { 1.0 + more.into_iter().fold(0.0, f64::max) / all } else { 1.0 }
    };
    more.into_iter().enumerate().map(surge).collect()
}

/// How many times as many as on average a client sends at most in each part of a run; `None` where
/// its rate is one.
fn course(client: &ClientSpec, window: Window) -> Option<Vec<f64>> {
    let process = &client.arrivals.as_ref()?.0;
    let [least, most] = process.range(window.from, window.to);
    if most <= least {
        return None;
    }
    let mean = window.mean(process);
    let length = window.to.nanos() - window.from.nanos();
    let at = |cell: u64| {
        let into = u128::from(length) * u128::from(cell) / u128::from(CELLS);
        Span::from_nanos(window.from.nanos() + u64::try_from(into).unwrap_or(length))
    };
    let peak = |cell: u64| process.range(at(cell), at(cell + 1))[1] / mean;
    Some((0..CELLS).map(peak).collect())
}

/// What keeps the requests of a client from being a Poisson process.
fn sent(name: &str, client: &ClientSpec, window: Window) -> Vec<Trait> {
    let mut traits = Vec::new();
    let mut add = |how: &str, truth, surges, together| {
        let (who, how) = (name.to_owned(), how.to_owned());
        traits.push(Trait { who, how, truth, surges, together });
    };
    let process = client.arrivals.as_ref().map(|arrivals| &arrivals.0);
    let varies = process.is_some_and(|process| {
        let [least, most] = process.range(window.from, window.to);
        most > least
    });
    match process {
        None if client.trace.is_some() => {
            add("send as recorded, not at random", Truth::Either, false, 1.0);
        }
        Some(ArrivalProcess::Constant(_)) => {
            add("send at equal intervals, not at random", Truth::Shorter, false, 1.0);
        }
        Some(ArrivalProcess::Renewal(gap)) if gap.value.0.exponential().is_none() => {
            let (mean, variance) = (gap.value.0.mean(), gap.value.0.variance());
            let truth = if variance > mean * mean { Truth::Longer } else { Truth::Shorter };
            add("send at intervals of their own distribution", truth, false, 1.0);
        }
        Some(ArrivalProcess::Mmpp(_)) if varies => {
            add("send in bursts, not at one rate", Truth::Longer, true, 1.0);
        }
        _ if varies => {
            let how = "send at a rate that changes with time, of which this is the mean";
            add(how, Truth::Longer, true, 1.0);
        }
        _ => {}
    }
    let batch = client.batch.as_ref().map(|batch| &batch.value);
    if let Some(batch) = batch.filter(|batch| **batch != Size::Fixed(1)) {
        add("send several at once", Truth::Longer, false, batch.mean());
    }
    if client.journey.is_some() && client.users.is_none() {
        add("come back for one page after another", Truth::Either, false, 1.0);
    }
    traits
}

/// How those who ask a component make it differ from random requests.
pub(super) fn asked(solver: &Solver, component: usize) -> Vec<Broken> {
    let (stations, mut broken) = (&solver.stations, Vec::new());
    let closed = solver.present[component].is_some() || solver.crowds[component].is_some();
    for &caller in &solver.callers[component] {
        let (name, spec) = &solver.deployment.topology.0[caller];
        if !stations[caller].forwards {
            // What users or held workers ask is no Poisson process, and is not taken for one.
            broken.extend(stations[caller].departures(&name.value).filter(|_| !closed));
            continue;
        }
        let mut states = solver.flow.of[caller].iter();
        let single = states.all(|&state| solver.flow.works[state].calls.len() == 1);
        let floor = stations[component].in_one_queue().filter(|_| !closed);
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
