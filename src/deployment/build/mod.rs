//! From what a scenario says to what runs: names become indices.

mod browsers;
mod copies;
mod faults;
mod machines;
mod sessions;
mod shardings;
mod site;

use std::collections::{BTreeMap, BTreeSet};

use super::Deployment;
use crate::call::Timeout;
use crate::component::client::{Client, RequestType, Sender, Users};
use crate::engine::{Dist, Stream};
use crate::measure::{Horizon, Recorder, Windows};
use crate::message::{LinkId, NodeId, SizesId};
use crate::network::{MessageSize, Payload};
use crate::objects::{Content, Objects};
use crate::queue::Classes;
use crate::replication::GroupId;
use crate::runtime::{Watch, World};
use crate::transaction::Transactions;
use crate::work::Site;
use machines::Machines;

/// Builds the world of one run.
pub(crate) fn build<'a>(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    watch: &'a dyn Watch,
) -> World<'a> {
    let types = deployment.request_types();
    let kinds = types.iter().map(Vec::len).sum();
    let mut component_of = Vec::new();
    let mut first_node = Vec::new();
    for (index, (_, spec)) in deployment.topology.iter().enumerate() {
        first_node.push(NodeId(component_of.len() as u32));
        component_of.extend((0..spec.instances()).map(|_| index as u32));
    }
    let components = deployment.topology.len();
    component_of.extend((0..deployment.clients.len()).map(|index| (components + index) as u32));
    for machine in deployment.equipped() {
        component_of.extend((0..machine.spec.count.get()).map(|_| machine.component as u32));
    }
    let measured = horizon.duration - horizon.warmup.min(horizon.duration);
    let windows = Windows::new(measured, &horizon);
    let world = World::new(Recorder::new(component_of, kinds, windows), horizon, stream, watch);
    let operations = deployment.operations();
    let mut world = world;
    if !deployment.catalog.is_empty() {
        let specs = deployment.catalog.iter().map(|(name, spec)| (name.value.as_str(), spec));
        let objects = Objects::new(specs, deployment.population(), stream.named("catalog"));
        let recorder = world.links().1;
        let browsers = browsers::browsers(deployment, &types, stream.named("browsers"), recorder);
        world.remember(Content::new(objects, shardings::shardings(deployment, stream), browsers));
    }
    let mut builder = Builder {
        deployment,
        operations,
        classes: deployment.classes().into(),
        first_node,
        groups: Vec::new(),
        links: BTreeMap::new(),
        slowed: faults::slowed(deployment),
        machines: Machines::new(deployment),
        world,
    };
    builder.know_users();
    builder.copies();
    builder.transactions();
    builder.components();
    builder.stand_by();
    builder.clients(&types);
    builder.push_machines();
    builder.faults();
    builder.world
}

struct Builder<'a, 'b> {
    deployment: &'a Deployment,
    operations: Vec<String>,
    classes: Classes,
    /// The first instance of each component.
    first_node: Vec<NodeId>,
    /// By component: the copies of databases that have several; empty if none has.
    groups: Vec<Option<GroupId>>,
    links: BTreeMap<(String, String), LinkId>,
    /// The instances that may lose some of their cores' speed.
    slowed: BTreeSet<NodeId>,
    /// The machines that have something which those on them share, with who is on each.
    machines: Machines,
    world: World<'b>,
}

impl Builder<'_, '_> {
    fn components(&mut self) {
        for (name, spec) in self.deployment.topology.iter() {
            spec.kind().build(&name.value, self);
        }
    }

    /// Lets servers have transactions, if any has.
    fn transactions(&mut self) {
        let kinds = self.deployment.topology.iter().map(|(_, spec)| spec.kind());
        let specs: Vec<_> = kinds.flat_map(|kind| kind.transactions()).collect();
        let rows = specs.iter().map(|spec| spec.keys.value.get() as usize).max();
        if self.deployment.any_can(|can| can.transactions.is_some()) {
            let instances = self.world.component_of().len();
            self.world.transact(Transactions::new(instances, rows.unwrap_or(1)));
        }
    }

    fn clients(&mut self, types: &[Vec<(String, f64, Timeout)>]) {
        let mut first_type = 0;
        let mut first_user = 0;
        let known = self.users_are_known();
        for (index, (name, spec)) in self.deployment.clients.iter().enumerate() {
            let types = &types[index];
            let sizes: Vec<SizesId> =
                (0..).zip(types).map(|(of, _)| self.request_sizes(index, types, of)).collect();
            let total: f64 = types.iter().map(|(_, weight, _)| weight).sum();
            let mut cumulative = 0.0;
            let request_types = types.iter().zip(sizes).map(|((name, weight, timeout), sizes)| {
                cumulative += weight / total;
                let catalog = spec.keys_of(name).map(|keys| self.catalog(&keys.value));
                RequestType {
                    operation: self.operation(name),
                    sizes,
                    catalog,
                    cumulative,
                    timeout: timeout.0,
                    timeout_lane: None,
                }
            });
            let sender = Sender {
                types: request_types.collect(),
                target: self.replicas(&spec.target.value),
                link: self.link(&name.value, &spec.target.value),
                users: if known { self.users(index, &mut first_user) } else { Users::Unknown },
                remembers: spec.browser_cache.is_some(),
                first_type,
                stream: self.world.stream().named("clients").named(&name.value),
            };
            first_type += u16::try_from(types.len()).expect("request types are checked to be few");
            let trace = self.deployment.traces[index].as_ref();
            self.world.push(Box::new(Client::new(spec, sender, trace)));
        }
    }

    /// The number of a catalog.
    fn catalog(&self, name: &str) -> u16 {
        let index = self.deployment.catalog.index(name).expect("names are checked");
        u16::try_from(index).expect("catalogs are checked to be few")
    }

    /// Whether anything goes by who the user is.
    fn users_are_known(&self) -> bool {
        let clients = &self.deployment.clients;
        self.deployment.any_can(|can| can.knows_users)
            || clients.iter().any(|(_, client)| client.browser_cache.is_some())
            || self.deployment.tells_users_apart()
            || self.deployment.remembers_users()
            || self.deployment.any_can(|can| can.copies.is_some())
    }

    /// How large requests of a client's type are. Of responses a trace may say it.
    fn request_sizes(
        &mut self,
        client: usize,
        types: &[(String, f64, Timeout)],
        of: usize,
    ) -> SizesId {
        let deployment = self.deployment;
        let ((_, spec), name) = (&deployment.clients.0[client], &types[of].0);
        let recorded = deployment.traces[client].as_ref().map(|trace| trace.sizes[of].clone());
        if let Some(sizes) = recorded.filter(|sizes| !sizes.is_empty()) {
            let response = MessageSize(Dist::weighted_values(sizes));
            return self.sizes(&Payload::LITTLE, &Payload::Drawn(response));
        }
        let request = spec.requests.as_ref().and_then(|requests| requests.get(name));
        let page = spec.journey.as_ref().and_then(|pages| pages.get(name));
        match (request, page) {
            (Some(request), _) => self.sizes(&request.request_size, &request.response_size),
            (_, Some(page)) => self.sizes(&page.request_size, &page.response_size),
            (None, None) => self.usual_sizes(),
        }
    }

    /// The users of a client, of whom the first has the number `next`.
    fn users(&self, client: usize, next: &mut u32) -> Users {
        let (first, count) = (*next, self.deployment.users_of(client) as u32);
        *next = next.wrapping_add(count);
        let (_, spec) = &self.deployment.clients.0[client];
        match spec.users.is_some() || self.deployment.recorded_users(client).is_some() {
            true => Users::Tagged { first },
            false => Users::Drawn { first, count },
        }
    }
}
