//! What goes wrong, and with which instances.

use std::collections::BTreeSet;

use crate::control::{FaultDomain, FaultSpec, Faults, Ground, Schedule, Told};
use crate::engine::Stream;
use crate::message::{Command, LinkId, NodeId};
use crate::placement::Selector;
use crate::runtime::Interference;
use crate::units::{Span, Time};
use crate::work::Site;

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
        self.lost_nodes(&mut faults);
        if !faults.is_empty() {
            self.world.add_controller(Box::new(faults));
        }
    }

    /// Instances that are lost for good.
    fn lost_nodes(&self, faults: &mut Faults) {
        for (index, (_, spec)) in self.deployment.topology.iter().enumerate() {
            for node in 0..spec.instances() as u32 {
                let Some(at) = spec.kind().lost(node) else { continue };
                let NodeId(first) = self.first_node[index];
                let told = vec![NodeId(first + node)];
                let leave = Command::Leave;
                let effect = Box::new(Told { nodes: told, begin: leave, end: leave });
                faults.add(effect, Schedule::Once(Time::ZERO + at, None));
            }
        }
    }

    /// Whether an instance of this component may lose some of its cores' speed.
    pub(super) fn may_be_slow(&self, name: &str, instance: u64) -> bool {
        let NodeId(first) = self.replicas(name).first;
        self.slowed.contains(&NodeId(first + instance as u32))
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
    if let Some(every) = &fault.every {
        return Schedule::Random(every.value.clone(), lasts, stream);
    }
    let begins = Time::ZERO + fault.at.as_ref().map_or(Span::ZERO, |at| at.value);
    Schedule::Once(begins, lasts.map(|lasts| lasts.draw(stream)))
}
