//! How long a backlog of messages takes to be gone.
//!
//! Source: the first passage of a random walk whose drift is what can be done less what comes: a
//! backlog of B is gone after B / (what can be done - what comes) on average.

use super::flow::State;
use super::solver::Solver;

/// A message queue with what comes and what can be done of it, where all that comes is kept, one
/// kind of component consumes it and does nothing else, and each core that its messages want is of
/// one component alone, whose instances have equal parts of the work. Messages are delivered once
/// and none is dropped.
#[derive(Clone, Debug)]
pub struct Drain {
    /// The queue.
    pub queue: String,
    /// Messages that come (1/s).
    pub rate: f64,
    /// Messages that can be done at most, while what else there is goes on as before (1/s).
    pub most: f64,
}

impl Drain {
    /// How long a backlog of so many messages takes to be gone at least (s); endless where more
    /// come than can be done.
    pub fn time(&self, backlog: f64) -> f64 {
        let spare = self.most - self.rate;
        if spare > 0.0 { backlog / spare } else { f64::INFINITY }
    }
}

/// Every queue of which that can be told.
pub(super) fn drains(solver: &Solver) -> Vec<Drain> {
    let queues = (0..solver.stations.len()).filter(|&of| solver.stations[of].takes_messages);
    queues.filter_map(|queue| drain(solver, queue)).collect()
}

fn drain(solver: &Solver, queue: usize) -> Option<Drain> {
    let (name, spec) = &solver.deployment.topology.0[queue];
    let &[state] = &solver.flow.of[queue][..] else { return None };
    let [delivery] = &solver.flow.works[state].calls[..] else { return None };
    let rates = solver.rates();
    let rate = rates[state];
    let consumer = solver.flow.component(delivery.state);
    let only = solver.flow.of[consumer] == [delivery.state];
    if !spec.kind().sums().is_empty() || !only || rate <= 0.0 {
        return None;
    }
    let visits = visits(solver, delivery.state);
    let mut most = at_once(solver, queue, delivery.state).unwrap_or(f64::INFINITY);
    for component in 0..solver.stations.len() {
        let work: f64 = solver.flow.of[component]
            .iter()
            .map(|&of| visits[of] * solver.flow.works[of].cpu)
            .sum();
        let station = &solver.stations[component];
        let Some(cores) = station.cores().filter(|_| work > 0.0) else { continue };
        let can = solver.deployment.topology.0[component].1.kind().capabilities();
        if station.shared.is_some() || can.shards.is_some() || can.copies.is_some() {
            return None;
        }
        let others = solver.work_at(component, &rates) - rate * work;
        let cores = (cores * station.instances) as f64;
        most = most.min((cores - others).max(0.0) / work);
    }
    most.is_finite().then(|| Drain { queue: name.value.clone(), rate, most })
}

/// How often each state is visited for a message that is delivered to `first`. What calls comes
/// after what it calls.
fn visits(solver: &Solver, first: State) -> Vec<f64> {
    let mut visits = vec![0.0; solver.flow.works.len()];
    visits[first] = 1.0;
    for state in (0..=first).rev() {
        for call in &solver.flow.works[state].calls {
            visits[call.state] += visits[state] * call.times;
        }
    }
    visits
}

/// How many messages can be done if nobody waited for anything but to be taken (1/s), by Little's
/// law: so many are with the consumers at once.
fn at_once(solver: &Solver, queue: usize, consumer: State) -> Option<f64> {
    let component = solver.flow.component(consumer);
    let (name, _) = &solver.deployment.topology.0[queue];
    let kind = solver.deployment.topology.0[component].1.kind();
    let mut consumes = kind.capabilities().consumes.iter();
    let taken = consumes.find(|of| of.from.value == name.value)?.at_once.value.get();
    let station = &solver.stations[component];
    let each = station.held().map_or(taken, |workers| workers.min(taken));
    Some((each * station.instances) as f64 / solver.flow.alone[consumer])
}
