//! What goes wrong, and with which instances.

use crate::control::{Effect, FaultSpec, Faults, Schedule, Scope, Verb, Way};
use crate::engine::Stream;
use crate::message::{Command, NodeId};
use crate::runtime::Cut;
use crate::units::{Span, Time};

use super::Builder;

impl Builder<'_, '_> {
    /// Lets everything go wrong that the scenario foresees.
    pub(super) fn faults(&mut self) {
        let mut faults = Faults::default();
        for (index, fault) in (0..).zip(&self.deployment.faults) {
            let stream = self.world.stream().named("faults").at(index);
            let (verb, scope) = fault.verbs().next().expect("each fault is checked to have one");
            if verb == Verb::Partition {
                let cut = self.cut(fault, &scope.value, stream);
                let number = self.world.fleet().add_cut(cut);
                faults.add(Effect::Cut(number), schedule(fault, stream.at(0)));
                continue;
            }
            let (begin, end) = commands(fault, verb);
            let nodes = self.nodes(&scope.value, stream);
            if fault.every.is_none() {
                let nodes = nodes.into_iter().map(|(_, node)| node).collect();
                faults.add(Effect::Told(nodes, begin, end), schedule(fault, stream));
                continue;
            }
            for (instance, node) in nodes {
                let told = Effect::Told(vec![node], begin, end);
                faults.add(told, schedule(fault, stream.at(instance)));
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
                let effect = Effect::Told(told, Command::Leave, Command::Leave);
                faults.add(effect, Schedule::Once(Time::ZERO + at, None));
            }
        }
    }

    /// The instances in a scope, each with its number.
    fn nodes(&self, scope: &Scope, stream: Stream) -> Vec<(u64, NodeId)> {
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

    /// The number of the first client among the nodes.
    fn first_client(&self) -> u32 {
        let instances = self.deployment.topology.iter().map(|(_, spec)| spec.instances());
        instances.sum::<u64>() as u32
    }

    fn cut(&self, fault: &FaultSpec, scope: &Scope, stream: Stream) -> Cut {
        let count = self.first_client() as usize + self.deployment.clients.len();
        let side = |scope: &Scope| {
            let mut side = vec![false; count];
            let nodes = self.nodes(scope, stream);
            nodes.iter().for_each(|(_, node)| side[node.0 as usize] = true);
            side
        };
        let inner = side(scope);
        let outer = match &fault.from {
            Some(from) => side(&from.value),
            None => inner.iter().map(|inside| !inside).collect(),
        };
        let ways = match fault.way.as_ref().map_or(Way::Both, |way| way.value) {
            Way::Both => [true, true],
            Way::Out => [true, false],
            Way::In => [false, true],
        };
        Cut::new([inner, outer], ways)
    }

    /// Whether an instance of this component may lose some of its cores' speed.
    pub(super) fn may_be_slow(&self, name: &str, instance: u64) -> bool {
        let slowed = self.deployment.faults.iter().filter_map(FaultSpec::slows);
        let concerns = |scope: &Scope| scope.index.is_none_or(|index| index == instance);
        slowed.filter(|scope| scope.component == name).any(concerns)
    }
}

/// What instances are told when a fault begins, and when it is over.
fn commands(fault: &FaultSpec, verb: Verb) -> (Command, Command) {
    let warm = fault.warm.as_ref().is_some_and(|warm| warm.value);
    let speed = fault.to.as_ref().map_or(1.0, |to| to.value.0);
    match verb {
        Verb::Crash => (Command::Crash { warm }, Command::Restore),
        Verb::Silence => (Command::Silence, Command::Restore),
        Verb::Hang => (Command::Hang, Command::GoOn),
        Verb::Slow => (Command::Slow(speed), Command::Slow(1.0)),
        Verb::Partition => unreachable!("nobody is told of a cut"),
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
