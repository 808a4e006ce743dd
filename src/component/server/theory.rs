//! What theory is told of a server.

use crate::component::kind::{
    Broken, Capacity, Choice, Grown, Theory, Truth, Visit, broken_by_station, grown_station,
};
use crate::step::{Demand, StepSpec};

use super::{ServerSpec, Workers};

impl Theory for ServerSpec {
    fn capacity(&self) -> Option<Capacity> {
        let cores = self.cores.get();
        let (slots, blocking) = match self.workers {
            Workers::Blocking(workers) => (workers, true),
            Workers::Async => (Some(cores), false),
        };
        let capacity = Capacity::new(cores, slots, self.scheduling, &self.queue);
        Some(Capacity { blocking, ..capacity })
    }

    fn visit(&self, operation: &str) -> Visit<'_> {
        let mut visit = Visit::one(None, self.speed.get());
        self.walk(operation, &mut |step, often| match step.demand() {
            _ if often.times == 0.0 => {}
            Demand::Core(cost) => visit.turns.push((&cost.0, often.times)),
            Demand::Time(delay) => visit.waits.push((delay, often)),
            Demand::Nothing => {}
        });
        visit
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = broken_by_station(&self.queue, self.scheduling, self.neighbours.as_ref());
        let rules = [
            (
                self.steps().into_iter().any(StepSpec::varies),
                "how often a step is done differs between requests",
                Truth::Longer,
            ),
            (!self.alike(), "replicas are not alike", Truth::Either),
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
        let mut broken = Vec::new();
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
        list.extend(grown_station(self.cores.get(), self.speed.get(), slots, "workers"));
        list
    }
}
