//! What goes wrong, and with which instances.

use std::collections::BTreeSet;

use crate::control::{FaultDomain, FaultSpec, Faults, Ground, Schedule};
use crate::engine::Stream;
use crate::message::{LinkId, NodeId};
use crate::placement::Selector;
use crate::runtime::Interference;
use crate::units::{Span, Time};

use super::{Builder, Deployment};

impl Builder<'_, '_> {
    /// Lets everything go wrong that the scenario foresees.
    pub(super) fn faults(&mut self) {
        let mut faults = Faults::default();
        for (index, fault) in (0..).zip(&self.deployment.faults) {
            let stream = self.world.stream().named("faults").at(index);
            let (verb, scope) = fault.verbs().next().expect("each fault is checked to have one");
            for (effect, stream) in verb.effects(fault, &scope.value, self, stream) {
                faults.add(effect, schedule(fault, stream));
            }
        }
        if !faults.is_empty() {
            self.world.add_controller(Box::new(faults));
        }
    }

    /// Instances that join later are not there yet.
    pub(super) fn stand_by(&mut self) {
        for (&NodeId(first), (_, spec)) in
            self.first_node.iter().zip(self.deployment.topology.iter())
        {
            let spares = (spec.instances() - spec.kind().spares())..spec.instances();
            spares.for_each(|spare| self.world.stand_by(NodeId(first + spare as u32)));
        }
    }

    /// Whether an instance may lose some of its cores' speed.
    pub(super) fn may_be_slow(&self, node: NodeId) -> bool {
        self.slowed.contains(&node)
    }
}

/// The instances that may lose some of their cores' speed.
pub(super) fn slowed(deployment: &Deployment) -> BTreeSet<NodeId> {
    let selectors = deployment.faults.iter().filter_map(FaultSpec::slows);
    let domains = selectors.flat_map(|selector| deployment.fault_domains(selector, false));
    domains.flat_map(|domain| domain.nodes).collect()
}

impl Ground for Builder<'_, '_> {
    fn domains(&self, selector: &Selector, clients: bool, stream: Stream) -> Vec<FaultDomain> {
        selector.choose(self.deployment.fault_domains(selector, clients), stream)
    }

    fn machines(&self, selector: &Selector, domain: &FaultDomain) -> Vec<NodeId> {
        self.deployment.machines_of(selector, domain.number)
    }

    fn count(&self) -> usize {
        self.deployment.nodes()
    }

    fn link(&self, from: &str, to: &str) -> Option<LinkId> {
        self.links.get(&(from.to_owned(), to.to_owned())).copied()
    }

    fn interfere(&mut self, interference: Box<dyn Interference>) -> usize {
        self.world.interfere(interference)
    }
}

/// When a fault happens; `stream` is for what is random about that.
fn schedule(fault: &FaultSpec, stream: Stream) -> Schedule {
    let lasts = fault.r#for.as_ref().map(|lasts| lasts.value.clone());
    let known_after = fault.known_after();
    if let Some(every) = &fault.every {
        return Schedule::Random(every.value.clone(), lasts, stream);
    }
    let begins = Time::ZERO + fault.at.as_ref().map_or(Span::ZERO, |at| at.value);
    Schedule::Once(begins, lasts.map(|lasts| lasts.draw(stream)).or(known_after))
}
