//! The machines that have something which those on them share, and who is on them.

use super::{Deployment, Named};
use crate::document::{At, Name};
use crate::message::NodeId;
use crate::placement::{Area, Position, Selector};
use crate::work::{FromMachines, MachineSpec};

/// Machines that are alike and have something which those on them share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Equipped<'a> {
    /// Which of all the scenario's machines they are.
    pub(crate) index: usize,
    pub(crate) name: &'a Name,
    pub(crate) spec: &'a MachineSpec,
    /// Their number among what has figures: they come after all components and clients.
    pub(crate) component: usize,
    /// The node of the first of them.
    pub(crate) first: NodeId,
}

/// An instance on a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OnMachine {
    /// Its component, and its number there.
    pub(crate) component: usize,
    pub(crate) instance: u64,
    /// Which of the scenario's machines it is on, and which of those that are alike.
    pub(crate) machine: (usize, u64),
}

impl Deployment {
    /// The machines that have something which those on them share.
    pub(crate) fn equipped(&self) -> Vec<Equipped<'_>> {
        let mut component = self.topology.len() + self.clients.len();
        let mut first = self.nodes() as u64;
        let machines = self.machines.iter().enumerate();
        let equipped = machines.filter(|(_, (_, spec))| spec.is_equipped());
        equipped
            .map(|(index, (name, spec))| {
                let node = NodeId(first as u32);
                let found = Equipped { index, name, spec, component, first: node };
                component += 1;
                first += spec.count.get();
                found
            })
            .collect()
    }

    /// The machines of this name, if they have something which those on them share.
    pub(crate) fn equipped_named(&self, name: &str) -> Option<Equipped<'_>> {
        self.equipped().into_iter().find(|machine| machine.name.value == name)
    }

    /// How many instances a component has, or machines there are, by their number among what has
    /// figures.
    pub(crate) fn instances_of(&self, component: usize) -> Option<u64> {
        let spec = self.topology.0.get(component).map(|(_, spec)| spec.instances());
        let machines = || self.equipped().into_iter().find(|of| of.component == component);
        spec.or_else(|| machines().map(|of| of.spec.count.get()))
    }

    /// The instances that are on machines which have something to share, in their order.
    pub(crate) fn on_machines(&self) -> Vec<OnMachine> {
        (0..self.topology.len()).flat_map(|component| self.on_machines_of(component)).collect()
    }

    /// The same of one component.
    pub(crate) fn on_machines_of(&self, component: usize) -> Vec<OnMachine> {
        if !self.machines.iter().any(|(_, spec)| spec.is_equipped()) {
            return Vec::new();
        }
        let of = |(instance, position): (u64, Position)| {
            let machine = position.on_machine()?;
            let (_, spec) = &self.machines.0[machine.0];
            spec.is_equipped().then_some(OnMachine { component, instance, machine })
        };
        (0..).zip(self.positions(component)).filter_map(of).collect()
    }

    /// Whether the jobs of a component share the cores of machines, and could have all of those.
    pub(crate) fn shares_all_cores(&self, component: usize) -> bool {
        let kind = self.topology.0[component].1.kind();
        let shares = |on: &OnMachine| {
            let (_, spec) = &self.machines.0[on.machine.0];
            let most = kind.most_cores(on.instance);
            spec.cores.is_some_and(|cores| most >= Some(cores.get()))
        };
        self.on_machines_of(component).iter().any(shares)
    }

    /// How fast the cores of each instance of a component are by its machine; nothing where no
    /// machine has any.
    pub(crate) fn speeds(&self, component: usize) -> Vec<f64> {
        if self.machines.iter().all(|(_, spec)| spec.cores.is_none()) {
            return Vec::new();
        }
        let speed = |position: Position| {
            let machine = position.on_machine().map(|(machine, _)| &self.machines.0[machine].1);
            let with_cores = machine.filter(|machine| machine.cores.is_some());
            with_cores.map_or(1.0, |machine| machine.speed.get())
        };
        self.positions(component).into_iter().map(speed).collect()
    }

    /// The nodes of the machines that fail together with what a selector means at a place: of
    /// several machines that fail each by itself, of the one of this number.
    pub(crate) fn machines_of(&self, selector: &Selector, number: u64) -> Vec<NodeId> {
        let Some(Named::Area(area)) = self.named(selector) else { return Vec::new() };
        let several = matches!(area, Area::Machine(_, None));
        let fails = |machine: &Equipped<'_>, which: u64| {
            let position = self.places.on_machine(machine.index, which);
            area.contains(position) && (!several || which == number)
        };
        let mut nodes = Vec::new();
        for machine in self.equipped() {
            let failing = (0..machine.spec.count.get()).filter(|&which| fails(&machine, which));
            nodes.extend(failing.map(|which| NodeId(machine.first.0 + which as u32)));
        }
        nodes
    }

    /// The node of an instance.
    pub(crate) fn node(&self, component: usize, instance: u64) -> NodeId {
        let NodeId(first) = self.first_node(component);
        NodeId(first + instance as u32)
    }

    /// How many times faster the fastest machine is that an instance of a component is on.
    pub(crate) fn fastest(&self, name: &str) -> f64 {
        if self.machines.is_empty() {
            return 1.0;
        }
        let component = self.topology.index(name);
        let speeds = component.map_or_else(Vec::new, |component| self.speeds(component));
        speeds.into_iter().fold(1.0, f64::max)
    }

    /// Gives every component on machines what it does not say itself. Returns those that are given
    /// cores.
    pub(crate) fn settle(&mut self) -> Vec<usize> {
        let mut takers = Vec::new();
        if self.machines.is_empty() {
            return takers;
        }
        for component in 0..self.topology.len() {
            let on: Vec<OnMachine> = self.on_machines_of(component);
            let machines = || on.iter().map(|on| &self.machines.0[on.machine.0].1);
            let cores = machines().filter_map(|machine| machine.cores).max();
            let memory = machines().filter_map(|machine| machine.memory.as_ref());
            let memory = memory.max_by_key(|memory: &&At<_>| memory.value).cloned();
            let kind = self.topology.0[component].1.kind_mut();
            if kind.settle(&FromMachines { cores, memory }) && cores.is_some() {
                takers.push(component);
            }
        }
        takers
    }
}
