//! The machines of a run, and which instance is on which.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::message::NodeId;
use crate::work::{Host, Machine, Occupant};

use super::{Builder, Deployment};

/// The machines that have something which those on them share.
#[derive(Default)]
pub(super) struct Machines {
    /// In the order of their nodes.
    all: Vec<Rc<Machine>>,
    /// By instance, the machine that it is on.
    hosts: BTreeMap<NodeId, Host>,
}

impl Machines {
    pub(super) fn new(deployment: &Deployment) -> Machines {
        let mut occupants: BTreeMap<(usize, u64), Vec<Occupant>> = BTreeMap::new();
        for on in deployment.on_machines() {
            let kind = deployment.topology.0[on.component].1.kind();
            let [idle, each] = deployment.memory_of(on.component, on.instance);
            let node = deployment.node(on.component, on.instance);
            let there = on.instance < kind.instances() - kind.spares();
            let occupant = Occupant { node, idle, grows: each > 0, there };
            occupants.entry(on.machine).or_default().push(occupant);
        }
        let mut machines = Machines::default();
        for equipped in deployment.equipped() {
            for number in 0..equipped.spec.count.get() {
                let on_it = occupants.remove(&(equipped.index, number)).unwrap_or_default();
                let node = NodeId(equipped.first.0 + number as u32);
                let machine = Machine::new(equipped.spec, node, &on_it);
                let hosts = on_it.iter().enumerate();
                let hosts = hosts.map(|(guest, on)| (on.node, Host::new(&machine, guest)));
                machines.hosts.extend(hosts);
                machines.all.push(machine);
            }
        }
        machines
    }

    /// The machine that an instance is on, if that has anything to share.
    pub(super) fn host(&self, node: NodeId) -> Option<Host> {
        self.hosts.get(&node).cloned()
    }
}

impl Builder<'_, '_> {
    /// Machines come after all clients.
    pub(super) fn push_machines(&mut self) {
        self.machines.all.iter().for_each(|machine| self.world.push(machine.node()));
    }
}
