//! The copies of databases: what they share, and how far each is from those who ask.

use std::ops::Range;

use crate::control::Failovers;
use crate::engine::Stream;
use crate::message::NodeId;
use crate::objects::ShardsSpec;
use crate::placement::Position;
use crate::replication::{Copies, Group, ReadPreference, Replication};

use super::{Builder, Deployment};

impl Builder<'_, '_> {
    /// Lets databases have the copies that the scenario says.
    pub(super) fn copies(&mut self) {
        let deployment = self.deployment;
        if !deployment.any_can(|can| can.copies.is_some()) {
            return;
        }
        let by_user = deployment.any_can(|can| can.knows_users);
        let users = if by_user { deployment.population() } else { 0 };
        let users = usize::try_from(users).expect("users are checked to be few");
        let mut replication = Replication::new(users);
        let mut failovers = Failovers::default();
        for (index, (name, spec)) in deployment.topology.iter().enumerate() {
            let capabilities = spec.kind().capabilities();
            let shards = capabilities.shards.map_or(1, ShardsSpec::shards);
            let mut first = None;
            for shard in (0..shards).filter(|_| capabilities.copies.is_some()) {
                let copies = capabilities.copies.expect("it has copies");
                let stream = self.world.stream().named("copies").named(&name.value).at(shard);
                let group = self.group_of(index, shard, &copies, stream);
                let id = replication.add(group);
                if let Some(failover) = copies.failover {
                    failovers.add(id, copies.replication.copies() as u32, failover);
                }
                first = first.or(Some(id));
            }
            self.groups.push(first);
        }
        self.world.replicate(replication);
        if !failovers.is_empty() {
            self.world.add_controller(Box::new(failovers));
        }
    }

    fn group_of(&self, component: usize, shard: u64, copies: &Copies<'_>, stream: Stream) -> Group {
        let before = (shard * copies.replication.copies()) as usize;
        let here = before..before + copies.replication.copies() as usize;
        let distances = match copies.reads {
            ReadPreference::Nearest => distances(self.deployment, component, here),
            _ => Vec::new(),
        };
        let NodeId(first) = self.first_node[component];
        Group::new(copies, NodeId(first + before as u32), distances, stream)
    }
}

/// How far each of these instances of a component is from each node, row by row.
fn distances(deployment: &Deployment, component: usize, of: Range<usize>) -> Vec<u8> {
    let copies = &deployment.positions(component)[of];
    let components = (0..deployment.topology.len()).flat_map(|of| deployment.positions(of));
    let clients = (0..deployment.clients.len()).map(|of| deployment.position_of_client(of));
    let row = |from: Position| copies.iter().map(move |&to| from.distance(to));
    components.chain(clients).flat_map(row).collect()
}
