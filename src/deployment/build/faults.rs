//! What goes wrong, and with which instances.

use crate::control::{FaultSpec, Faults, Ground, Schedule, Scope, Told};
use crate::engine::Stream;
use crate::message::{Command, LinkId, NodeId};
use crate::runtime::Interference;
use crate::units::{Span, Time};

use super::Builder;

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

    /// The number of the first client among the nodes.
    fn first_client(&self) -> u32 {
        let instances = self.deployment.topology.iter().map(|(_, spec)| spec.instances());
        instances.sum::<u64>() as u32
    }

    /// Whether an instance of this component may lose some of its cores' speed.
    pub(super) fn may_be_slow(&self, name: &str, instance: u64) -> bool {
        let slowed = self.deployment.faults.iter().filter_map(FaultSpec::slows);
        let concerns = |scope: &Scope| scope.index.is_none_or(|index| index == instance);
        slowed.filter(|scope| scope.component == name).any(concerns)
    }
}

impl Ground for Builder<'_, '_> {
    fn instances(&self, scope: &Scope, stream: Stream) -> Vec<(u64, NodeId)> {
        let clients = &self.deployment.clients;
        let topology = &self.deployment.topology;
        if let Some(index) = clients.index(&scope.component) {
            let first = self.first_client();
            return vec![(0, NodeId(first + index as u32))];
        }
        let component = topology.index(&scope.component).expect("names are checked");
        let NodeId(first) = self.first_node[component];
        let count = topology.0[component].1.instances();
        let instances = scope.instances(count, stream).into_iter();
        instances.map(|instance| (instance, NodeId(first + instance as u32))).collect()
    }

    fn count(&self) -> usize {
        self.first_client() as usize + self.deployment.clients.len()
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
