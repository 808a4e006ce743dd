//! What a component is told of the deployment while it is built.

use crate::caching::{Cache, CacheSpec};
use crate::call::Timeout;
use crate::engine::Stream;
use crate::message::{LinkId, Operation, Replicas, SizesId};
use crate::network::{MessageSize, Payload};
use crate::queue::QueueSpec;
use crate::replication::GroupId;
use crate::runtime::Node;
use crate::session::Sessions;
use crate::units::Span;

use super::{Among, Setting};

/// The deployment, to a component that is being built into it. Names have been checked: whatever
/// is asked for is there.
pub(crate) trait Site {
    /// All randomness of the run.
    fn stream(&self) -> Stream;

    /// Everything that may be asked of anything.
    fn operations(&self) -> &[String];

    /// Whether requests are about objects of a catalog.
    fn has_objects(&self) -> bool;

    /// Whether anybody keeps sessions in this component.
    fn keeps_sessions(&self, name: &str) -> bool;

    /// Whether a balancer may pass requests on in their slots: nothing is done to components from
    /// outside, and nothing but tracing stands beside requests.
    fn passes_in_slot(&self) -> bool;

    /// The instances of a component.
    fn replicas(&self, name: &str) -> Replicas;

    /// How one of several instances of a component is chosen where it is asked for `operation`.
    fn among(&self, name: &str, operation: Option<Operation>) -> Among;

    /// How much of its own memory an instance of a database leaves to the connections that pools
    /// have to it (bytes): none if it is on a machine with memory.
    fn connection_memory(&self, name: &str, instance: u64) -> u64;

    /// How many shards a database has.
    fn shards(&self, name: &str) -> u32;

    /// How long a database waits for a sign of life of a server with transactions.
    fn keep_alive(&self, name: &str) -> Span;

    /// The copies of a database, if it has several.
    fn group(&self, name: &str) -> Option<GroupId>;

    /// Whether a cache, or `from`'s own, gives what is old while it is fetched anew.
    fn revalidates(&self, from: &str, cache: &str) -> bool;

    /// The link by which `from` asks `to`; all instances share it.
    fn link(&mut self, from: &str, to: &str) -> LinkId;

    /// How long `from` waits for an answer of `to`, where it says itself that it waits as long as
    /// `own`; `None` for ever.
    fn timeout(&self, from: &str, to: &str, own: Option<Timeout>) -> Option<Span>;

    /// How large messages are, there and back.
    fn sizes(&mut self, attempt: &Payload, response: &Payload) -> SizesId;

    /// What is known of users from one request to the next, if anything is.
    fn sessions(&mut self) -> Option<&mut Sessions>;

    /// What an instance of a component with this queue is told of itself.
    fn setting(&mut self, name: &str, instance: u64, queue: &QueueSpec) -> Setting;

    /// Takes the next instance.
    fn push(&mut self, node: Box<dyn Node>);

    /// The number of an operation.
    fn operation(&self, name: &str) -> Operation {
        let index = self.operations().iter().position(|known| known == name);
        let index = index.expect("every operation that is asked for is listed");
        Operation(u16::try_from(index).expect("operations are checked to be few"))
    }

    /// What a cache of an instance of a component remembers.
    fn cache(&self, name: &str, spec: &CacheSpec, instance: u64) -> Cache {
        let stream = self.stream().named("caches").named(name).at(instance);
        Cache::new(spec, stream, salt(&[name, "ttl"]))
    }

    /// How large messages are where a scenario does not say.
    fn usual_sizes(&mut self) -> SizesId {
        self.sizes(&Payload::LITTLE, &Payload::Drawn(MessageSize::RESPONSE))
    }

    /// What is read of a database or a cache comes as the object that it is, where there are any.
    fn sizes_of(&mut self, operation: &str) -> SizesId {
        let (little, object) = (Payload::LITTLE, Payload::Object);
        match operation {
            _ if !self.has_objects() => self.usual_sizes(),
            "read" => self.sizes(&little, &object),
            "write" | "fill" => self.sizes(&object, &little),
            "lookup" => self.sizes(&little, &Payload::Found),
            _ => self.sizes(&little, &little),
        }
    }
}

/// A number that tells one kind of draw of a request from its others.
pub(crate) fn salt(names: &[&str]) -> u64 {
    path(names).salt()
}

/// The name of a kind of draw, part by part.
pub(crate) fn path(names: &[&str]) -> Stream {
    names.iter().fold(Stream::root(0, 0), |stream, name| stream.named(name))
}
