//! What theory is told of a server.

use crate::component::kind::{
    Broken, Call, Capacity, Choice, Grown, Plan, Theory, Truth, Visit, broken_by_contention,
    broken_by_neighbours, broken_by_queue, grown_station,
};
use crate::document::Name;
use crate::session::SessionStore;
use crate::step::{Demand, LOCAL, StepSpec, Structure};

use super::kind::{call, of_rows, of_sessions};
use super::{ServerSpec, Workers};

impl Theory for ServerSpec {
    fn capacity(&self) -> Option<Capacity> {
        let cores = self.cores();
        let (slots, blocking) = match self.workers {
            Workers::Blocking(workers) => (workers, true),
            Workers::Async => (Some(cores), false),
        };
        // What does nothing but take messages has no more at once than it takes.
        let slots = match self.takes_alone() {
            Some(most) => Some(slots.map_or(most, |slots| slots.min(most))),
            None => slots,
        };
        let capacity = Capacity::new(cores, slots, self.scheduling, &self.queue);
        Some(Capacity { blocking, ..capacity })
    }

    fn visit(&self, operation: &str) -> Visit<'_> {
        let sessions = self.sessions_for(operation);
        let mut parts: Vec<Plan> =
            sessions.into_iter().flat_map(of_sessions).map(Plan::Ask).collect();
        // How often a user logs in is known only where that is always.
        let logs_in = sessions.filter(|sessions| sessions.store == SessionStore::None);
        let login = logs_in.map_or(&[][..], |sessions| &sessions.login);
        let steps = self.endpoint(operation).unwrap_or_default();
        parts.extend(login.iter().chain(steps).map(|step| plan(step, operation)));
        Visit { speed: self.speed.get(), plan: Plan::Serial(parts) }
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = broken_by_queue(&self.queue);
        broken.extend(broken_by_contention(self.contention.as_ref()));
        let rules = [
            (
                !self.consumes.is_empty(),
                "messages wait in their queue, for whichever replica has room",
                Truth::Shorter,
            ),
            (!self.pools.is_empty(), "a pool may have no connection left", Truth::Longer),
            (self.memory.is_some(), "memory bounds how many are worked on", Truth::Longer),
            (
                self.recycle.is_some(),
                "workers that are replaced are missing meanwhile",
                Truth::Longer,
            ),
        ];
        let holding = rules.into_iter().filter(|(is_broken, ..)| *is_broken);
        broken.extend(holding.map(|(_, what, truth)| Broken::new(what, truth)));
        broken
    }

    fn sums(&self) -> Vec<Broken> {
        let mut broken = broken_by_neighbours(self.neighbours.as_ref());
        if !self.alike() {
            broken.push(Broken::new("replicas are not alike", Truth::Either));
        }
        for (what, truth) in self.steps().into_iter().filter_map(StepSpec::takes) {
            let one = Broken::new(what, truth);
            if !broken.contains(&one) {
                broken.push(one);
            }
        }
        broken
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        let slots = match self.workers {
            Workers::Blocking(slots) => slots,
            Workers::Async => None,
        };
        // One more of which sort, and which of them faster, is not for us to say.
        let Some(replicas) = self.count() else { return Vec::new() };
        let mut list = vec![Grown::one(&["replicas"], replicas)];
        list.extend(grown_station(self.cores(), self.speed.get(), slots, "workers"));
        list
    }
}

/// All of these steps, one after the other.
fn serial<'a>(steps: &'a [StepSpec], operation: &str) -> Plan<'a> {
    Plan::Serial(steps.iter().map(|step| plan(step, operation)).collect())
}

/// What a step does in a visit for `operation`: its own demand, whom it asks, and the steps within.
fn plan<'a>(step: &'a StepSpec, operation: &str) -> Plan<'a> {
    let own = match step.demand() {
        Demand::Nothing => None,
        Demand::Core(cost) => Some(Plan::Core(cost)),
        Demand::Time(delay) => Some(Plan::Time(delay.clone())),
    };
    let asks = call(step, operation).into_iter().chain(of_rows(step)).map(Plan::Ask);
    let within = match step.structure() {
        Structure::Single => None,
        Structure::Chance(lists) => {
            let each = lists.into_iter().map(|(p, steps)| (p, serial(steps, operation)));
            Some(Plan::Chance(each.collect()))
        }
        Structure::Repeated(times, steps) => {
            Some(Plan::Repeat(times, Box::new(serial(steps, operation))))
        }
        Structure::InTurn(lists) => {
            let each = |(times, steps): (u64, &'a [StepSpec])| {
                (0..times).map(move |_| serial(steps, operation))
            };
            Some(Plan::Serial(lists.into_iter().flat_map(each).collect()))
        }
        Structure::AtOnce { lists, copies, wait } => {
            let plans = lists.iter().map(|steps| serial(steps, operation)).collect();
            Some(Plan::AtOnce { plans, copies, wait })
        }
        Structure::Missed(cache, steps, awaits_fill) => {
            Some(missed(cache, serial(steps, operation), awaits_fill))
        }
        Structure::Modified(steps) => Some(serial(steps, operation)),
    };
    Plan::Serial(own.into_iter().chain(asks).chain(within).collect())
}

/// What is done where a cache does not have the object, and the fill if the request waits for it.
fn missed<'a>(cache: &'a Name, plan: Plan<'a>, awaits_fill: bool) -> Plan<'a> {
    let other = (cache.value != LOCAL).then_some(cache);
    let fill = other.map(|to| Plan::Ask(Call::new(to, "fill")));
    let fill = fill.map(|fill| if awaits_fill { fill } else { Plan::Aside(Box::new(fill)) });
    let plan = Plan::Serial(std::iter::once(plan).chain(fill).collect());
    Plan::Missed(other, Box::new(plan))
}
