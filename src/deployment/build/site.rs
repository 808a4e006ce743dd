//! The deployment as a component sees it while it is built into it.

use crate::caching::CacheSpec;
use crate::call::{Consistency, Timeout};
use crate::component::Capabilities;
use crate::engine::Stream;
use crate::message::{LinkId, NodeId, Operation, Replicas, SizesId};
use crate::network::{Payload, Salts, Sizes, Transit};
use crate::objects::{CatalogSpec, ShardsSpec};
use crate::queue::{Classes, QueueSpec};
use crate::replication::{Access, GroupId};
use crate::runtime::Node;
use crate::session::{Sessions, SessionsSpec};
use crate::step::{LOCAL, is_read};
use crate::units::Span;
use crate::work::{Among, Setting, Site, salt};

use super::Builder;

impl Site for Builder<'_, '_> {
    fn stream(&self) -> Stream {
        self.world.stream()
    }

    fn operations(&self) -> &[String] {
        &self.operations
    }

    fn has_objects(&self) -> bool {
        !self.deployment.catalog.is_empty()
    }

    fn keeps_sessions(&self, name: &str) -> bool {
        let kept_there = |sessions: &SessionsSpec| {
            sessions.store.component().is_some_and(|component| component.value == name)
        };
        self.deployment.any_can(|can| can.sessions.is_some_and(kept_there))
    }

    fn passes_in_slot(&self) -> bool {
        let crate::deployment::Deployment { catalog, faults, .. } = self.deployment;
        catalog.is_empty() && faults.is_empty() && !self.deployment.remembers_users()
    }

    fn replicas(&self, name: &str) -> Replicas {
        let component = self.component(name);
        let count = self.deployment.topology.0[component].1.instances();
        let count = u32::try_from(count).expect("instances are checked to be few");
        Replicas { first: self.first_node[component], count }
    }

    fn among(&self, name: &str, operation: Option<Operation>) -> Among {
        let component = self.component(name);
        let kind = self.deployment.topology.0[component].1.kind();
        let Capabilities { entries, shards, copies, .. } = kind.capabilities();
        let number = component as u32;
        if let (Some(group), Some(copies)) = (Site::group(self, name), copies) {
            let name = operation.map(|Operation(index)| &*self.operations[usize::from(index)]);
            let reads = name.is_some_and(is_read);
            let read = || Access::Read(copies.reads, Consistency::Eventual);
            let of = (group, shards.map(|_| number));
            return Among::Copies(of, if reads { read() } else { Access::Write });
        }
        match (entries.is_some() || shards.is_some()) && kind.instances() > 1 {
            true => Among::Nodes(number),
            false => Among::Any,
        }
    }

    fn connection_memory(&self, name: &str, instance: u64) -> u64 {
        let component = self.component(name);
        let mut on = self.deployment.on_machines_of(component).into_iter();
        let machine = on.find(|on| on.instance == instance).map(|on| on.machine.0);
        let has = |machine: usize| self.deployment.machines.0[machine].1.memory.is_some();
        match machine.is_some_and(has) {
            true => 0,
            false => self.deployment.memory_of_connections(component),
        }
    }

    fn shards(&self, name: &str) -> u32 {
        let kind = self.deployment.topology.0[self.component(name)].1.kind();
        let shards = kind.capabilities().shards.map_or(1, ShardsSpec::shards);
        u32::try_from(shards).expect("shards are checked to be few")
    }

    fn keep_alive(&self, name: &str) -> Span {
        let kind = self.deployment.topology.0[self.component(name)].1.kind();
        kind.capabilities().transactions.map_or(Span::ZERO, |spec| spec.keep_alive)
    }

    fn group(&self, name: &str) -> Option<GroupId> {
        self.groups.get(self.component(name)).copied().flatten()
    }

    fn revalidates(&self, from: &str, cache: &str) -> bool {
        let owner = if cache == LOCAL { from } else { cache };
        let says =
            |spec: &CatalogSpec| spec.cache_control.as_ref().is_some_and(|says| says.revalidates());
        let revalidates = |spec: &CacheSpec| {
            let by_header = spec.goes_by_the_header();
            spec.stale_while_revalidate > Span::ZERO
                || (by_header && self.deployment.catalog.iter().any(|(_, spec)| says(spec)))
        };
        self.deployment.topology.0[self.component(owner)].1.cache().is_some_and(revalidates)
    }

    fn link(&mut self, from: &str, to: &str) -> LinkId {
        let key = (from.to_owned(), to.to_owned());
        if let Some(&known) = self.links.get(&key) {
            return known;
        }
        let spec = self.deployment.link(from, to);
        let delay = salt(&["link", from, to]);
        let salts = [("there", 0), ("back", 1)].map(|(way, bit)| Salts {
            delay: delay ^ bit,
            loss: salt(&["link", from, to, "loss", way]),
        });
        let (links, recorder, agenda) = self.world.links();
        let link = links.add(spec, (from, to), salts, recorder, agenda);
        self.links.insert(key, link);
        link
    }

    fn timeout(&self, from: &str, to: &str, own: Option<Timeout>) -> Option<Span> {
        self.deployment.timeout(from, to, own).0
    }

    fn sizes(&mut self, request: &Payload, response: &Payload) -> SizesId {
        let (request, response) = (request.clone(), response.clone());
        self.world.links().0.sizes(Sizes { request, response })
    }

    fn sessions(&mut self) -> Option<&mut Sessions> {
        self.world.sessions()
    }

    fn setting(&mut self, name: &str, instance: u64, queue: &QueueSpec) -> Setting {
        let stream = self.world.stream().named("topology").named(name).at(instance);
        let (_, _, agenda) = self.world.links();
        let salt = salt(&["patience", name]);
        let queue_timeout =
            queue.timeout.as_ref().map(|timeout| Transit::new(&timeout.value, salt, agenda));
        let node = self.node(name, instance);
        let (classes, may_be_slow) = (Classes::clone(&self.classes), self.may_be_slow(node));
        let host = self.machines.host(node);
        Setting { classes, stream, queue_timeout, may_be_slow, host }
    }

    fn push(&mut self, node: Box<dyn Node>) {
        self.world.push(node);
    }
}

impl Builder<'_, '_> {
    /// An instance of a component.
    fn node(&self, name: &str, instance: u64) -> NodeId {
        let NodeId(first) = self.first_node[self.component(name)];
        NodeId(first + instance as u32)
    }

    fn component(&self, name: &str) -> usize {
        self.deployment.topology.index(name).expect("names are checked")
    }
}
