//! From what a scenario says to what runs: names become indices.

mod browsers;
mod caches;
mod faults;
mod sessions;
mod steps;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use super::Deployment;
use crate::component::client::{Client, ClientSpec, RequestType, Sender, Users};
use crate::component::load_balancer::{
    Backend, Knowledge, LoadBalancer, LoadBalancerSpec, Stickiness,
};
use crate::component::{ComponentSpec, DatabaseSpec, External, OPERATIONS, ServerSpec};
use crate::engine::{Dist, Stream};
use crate::measure::{Horizon, Recorder, Windows};
use crate::message::{LinkId, NodeId, Operation, Replicas, SizesId};
use crate::network::Transit;
use crate::network::{MessageSize, Payload, Salts, Sizes};
use crate::objects::{Content, Objects};
use crate::queue::{Classes, QueueSpec};
use crate::runtime::World;
use crate::session::{SESSION_OPERATIONS, Sessions};
use crate::work::{Equipment, Program, Setting, Station, Step};

/// How large a health check is, and its answer.
const CHECK_SIZE: Payload = Payload::Drawn(MessageSize(Dist::Constant(200.0)));

/// Builds the world of one run.
pub(crate) fn build<'a>(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &'a AtomicBool,
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
    let measured = horizon.duration - horizon.warmup.min(horizon.duration);
    let windows = Windows::new(measured, &horizon);
    let world = World::new(Recorder::new(component_of, kinds, windows), horizon, stream, stop);
    let operations = deployment.operations();
    let mut world = world;
    if !deployment.catalog.is_empty() {
        let specs = deployment.catalog.iter().map(|(name, spec)| (name.value.as_str(), spec));
        let objects = Objects::new(specs, deployment.population(), stream.named("catalog"));
        let recorder = world.links().1;
        let browsers = browsers::browsers(deployment, &types, stream.named("browsers"), recorder);
        world.remember(Content::new(objects, caches::spreads(deployment, stream), browsers));
    }
    let mut builder = Builder {
        deployment,
        operations,
        classes: deployment.classes().into(),
        first_node,
        links: BTreeMap::new(),
        world,
    };
    builder.know_users();
    builder.components();
    builder.clients(&types);
    builder.faults();
    builder.world
}

struct Builder<'a, 'b> {
    deployment: &'a Deployment,
    operations: Vec<String>,
    classes: Classes,
    /// The first instance of each component.
    first_node: Vec<NodeId>,
    links: BTreeMap<(String, String), LinkId>,
    world: World<'b>,
}

impl Builder<'_, '_> {
    fn components(&mut self) {
        for (name, spec) in self.deployment.topology.iter() {
            match spec {
                ComponentSpec::Server(spec) => {
                    for (instance, equipment) in (0..).zip(spec.equipment()) {
                        let server = self.server(&name.value, spec, instance, equipment);
                        self.world.push(Box::new(server));
                    }
                }
                ComponentSpec::Database(spec) => {
                    let database = self.database(&name.value, spec);
                    self.world.push(Box::new(database));
                }
                ComponentSpec::Cache(spec) => {
                    for node in 0..spec.nodes.instances() {
                        let cache = self.cache(&name.value, spec, node);
                        self.world.push(Box::new(cache));
                    }
                }
                ComponentSpec::External(spec) => {
                    let salt = |what| salt(&[&name.value, what]);
                    let external = External::new(spec, salt("latency"), salt("errors"));
                    self.world.push(Box::new(external));
                }
                ComponentSpec::LoadBalancer(spec) => {
                    let sticky = spec.sticky == Stickiness::Cookie;
                    let sessions = self.world.sessions().filter(|_| sticky);
                    let cookie = sessions.map(Sessions::add_balancer);
                    for instance in 0..spec.replicas.get() {
                        let balancer = self.balancer(&name.value, spec, instance, cookie);
                        self.world.push(Box::new(balancer));
                    }
                }
            }
        }
    }

    fn balancer(
        &mut self,
        name: &str,
        spec: &LoadBalancerSpec,
        instance: u64,
        cookie: Option<usize>,
    ) -> LoadBalancer {
        let mut backends = Vec::new();
        for backend in &spec.backends {
            let to = &backend.to.value;
            let link = self.link(name, to);
            let weight = u32::try_from(backend.weight.value.get()).expect("weights are checked");
            // What concerns a backend is the same for all balancers that ask it.
            let places = self.world.stream().named("backends").named(to);
            let Replicas { first: NodeId(first), count } = self.replicas(to);
            backends.extend((0..count).map(|replica| {
                let places = places.at(u64::from(replica));
                Backend { node: NodeId(first + replica), link, weight, places }
            }));
        }
        let knowledge = Knowledge {
            checks: self.sizes(&CHECK_SIZE, &CHECK_SIZE),
            cookie,
            users: self.world.stream().named("users"),
        };
        let setting = self.setting(name, instance, &spec.queue);
        LoadBalancer::new(spec, backends, salt(&[name]), knowledge, setting)
    }

    fn clients(&mut self, types: &[Vec<(String, f64, crate::component::client::Timeout)>]) {
        let mut first_kind = 0;
        let mut first_user = 0;
        let known = self.users_are_known();
        for (index, (name, spec)) in self.deployment.clients.iter().enumerate() {
            let types = &types[index];
            let sizes: Vec<SizesId> =
                types.iter().map(|(of, ..)| self.request_sizes(spec, of)).collect();
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
                    patience: None,
                }
            });
            let sender = Sender {
                types: request_types.collect(),
                target: self.replicas(&spec.target.value),
                link: self.link(&name.value, &spec.target.value),
                users: if known { users(spec, &mut first_user) } else { Users::Unknown },
                remembers: spec.browser_cache.is_some(),
                first_kind,
                stream: self.world.stream().named("clients").named(&name.value),
            };
            first_kind += u16::try_from(types.len()).expect("request types are checked to be few");
            let trace = self.deployment.traces[index].as_ref();
            self.world.push(Box::new(Client::new(spec, sender, trace)));
        }
    }

    fn server(
        &mut self,
        name: &str,
        spec: &ServerSpec,
        instance: u64,
        equipment: Equipment,
    ) -> Station {
        let mut steps = Vec::new();
        let mut starts = Vec::new();
        for (endpoint, list) in spec.endpoints.iter() {
            starts.push((endpoint.value.as_str(), steps.len() as u32));
            self.endpoint(name, spec, &endpoint.value, list, &mut steps);
        }
        let cache = spec.cache.as_ref();
        let shelf = cache.map(|cache| self.shelf(name, &cache.0.value, instance));
        let setting = self.setting(name, instance, &spec.queue);
        self.station(equipment, steps, &starts, setting).with(shelf)
    }

    fn database(&mut self, name: &str, spec: &DatabaseSpec) -> Station {
        let mut steps = Vec::new();
        let mut starts = Vec::new();
        for operation in OPERATIONS {
            starts.push((operation, steps.len() as u32));
            let cost = spec.cost(operation).expect("every operation has a cost").clone();
            steps.push(Step::Cpu { cost, salt: salt(&[name, operation, "0"]) });
            if !self.deployment.catalog.is_empty() {
                steps.push(if operation == "write" { Step::Commit } else { Step::Load });
            }
            steps.push(Step::Done);
        }
        if self.keeps_sessions(name) {
            for (asked, like) in SESSION_OPERATIONS.into_iter().zip(OPERATIONS) {
                starts.push((asked, steps.len() as u32));
                let cost = spec.cost(like).expect("every operation has a cost").clone();
                steps.extend([Step::Cpu { cost, salt: salt(&[name, asked]) }, Step::Done]);
            }
        }
        let setting = self.setting(name, 0, &spec.queue);
        self.station(spec.equipment(), steps, &starts, setting)
    }

    fn setting(&mut self, name: &str, instance: u64, queue: &QueueSpec) -> Setting {
        let stream = self.world.stream().named("topology").named(name).at(instance);
        let (_, _, agenda) = self.world.links();
        let salt = salt(&["patience", name]);
        let patience =
            queue.timeout.as_ref().map(|timeout| Transit::new(&timeout.value, salt, agenda));
        let may_be_slow = self.may_be_slow(name, instance);
        Setting { classes: Classes::clone(&self.classes), stream, patience, may_be_slow }
    }

    /// A station whose operations start at these steps; `*` is any operation not named.
    fn station(
        &self,
        equipment: Equipment,
        steps: Vec<Step>,
        starts: &[(&str, u32)],
        setting: Setting,
    ) -> Station {
        let start = |name: &str| starts.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
        let entry = self.operations.iter().map(|name| start(name).or_else(|| start("*"))).collect();
        Station::new(equipment, Program { steps, entry }, setting)
    }

    /// The number of a catalog.
    fn catalog(&self, name: &str) -> u16 {
        let index = self.deployment.catalog.index(name).expect("names are checked");
        u16::try_from(index).expect("catalogs are checked to be few")
    }

    fn operation(&self, name: &str) -> Operation {
        let index = self.operations.iter().position(|known| known == name);
        let index = index.expect("every operation that is asked for is listed");
        Operation(u16::try_from(index).expect("operations are checked to be few"))
    }

    fn replicas(&self, name: &str) -> Replicas {
        let component = self.deployment.topology.index(name).expect("names are checked");
        let count = self.deployment.topology.0[component].1.instances();
        let count = u32::try_from(count).expect("instances are checked to be few");
        Replicas { first: self.first_node[component], count }
    }

    /// Whether anything goes by who the user is.
    fn users_are_known(&self) -> bool {
        let Deployment { clients, topology, .. } = self.deployment;
        let hashes = |spec: &ComponentSpec| matches!(spec, ComponentSpec::LoadBalancer(balancer) if balancer.policy.knows_users());
        topology.iter().any(|(_, spec)| hashes(spec))
            || clients.iter().any(|(_, client)| client.browser_cache.is_some())
            || self.deployment.tells_users_apart()
            || self.deployment.remembers_users()
    }

    /// How large requests of a client's type are. A trace does not say.
    fn request_sizes(&mut self, spec: &ClientSpec, name: &str) -> SizesId {
        let request = spec.requests.as_ref().and_then(|requests| requests.get(name));
        let page = spec.journey.as_ref().and_then(|pages| pages.get(name));
        match (request, page) {
            (Some(request), _) => self.sizes(&request.request_size, &request.response_size),
            (_, Some(page)) => self.sizes(&page.request_size, &page.response_size),
            (None, None) => self.usual_sizes(),
        }
    }

    fn usual_sizes(&mut self) -> SizesId {
        self.sizes(&Payload::LITTLE, &Payload::Drawn(MessageSize::RESPONSE))
    }

    /// What is read of a database or a cache comes as the object that it is, where there are any.
    fn sizes_of(&mut self, operation: &str) -> SizesId {
        let (little, object) = (Payload::LITTLE, Payload::Object);
        match operation {
            _ if self.deployment.catalog.is_empty() => self.usual_sizes(),
            "read" => self.sizes(&little, &object),
            "write" | "fill" => self.sizes(&object, &little),
            "lookup" => self.sizes(&little, &Payload::Found),
            _ => self.sizes(&little, &little),
        }
    }

    fn sizes(&mut self, request: &Payload, response: &Payload) -> SizesId {
        let (request, response) = (request.clone(), response.clone());
        self.world.links().0.sizes(Sizes { request, response })
    }

    /// The link by which `from` asks `to`; all instances share it.
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
}

/// The users of a client, of whom the first has the number `next`.
fn users(spec: &ClientSpec, next: &mut u32) -> Users {
    let (first, count) = (*next, Deployment::users_of(spec) as u32);
    *next = next.wrapping_add(count);
    match spec.users {
        Some(_) => Users::Tagged { first },
        None => Users::Drawn { first, count },
    }
}

/// A number that tells one kind of draw of a request from its others.
fn salt(names: &[&str]) -> u64 {
    path(names).salt()
}

/// The name of a kind of draw, part by part.
fn path(names: &[&str]) -> Stream {
    names.iter().fold(Stream::root(0, 0), |stream, name| stream.named(name))
}
