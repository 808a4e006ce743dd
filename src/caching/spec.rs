//! What a scenario says of a cache.

use crate::distribution::Delay;
use crate::document::{
    At, Count, Definitions, Limit, Name, Node, Problems, Read, choice, parsed, record, variant,
};
use crate::objects::ShardingRule;
use crate::placement::{Across, GroupSpec, PlaceName};
use crate::queue::QueueSpec;
use crate::store::{Capacity, Eviction};
use crate::units::{Quantity, Share, Span};

record! {
    /// A cache: what was read of the objects of a `catalog` is kept for a while. By itself, or
    /// within each replica of a server, which asks it over no link; there `latency`, `cost`,
    /// `replicas`, `spares`, `spread`, `place`, `cores`, `connections` and `in_front_of` have no
    /// meaning.
    pub struct CacheSpec {
        /// The most that it holds: `10k entries`, `64MiB`, or `unlimited`.
        pub capacity: Capacity = "10k entries",
        /// Which entry makes room for another.
        pub eviction: Eviction = "lru",
        /// How long an entry may be used after it was filled; for ever if not given. `header`: as
        /// long as the `cache_control` of the object's catalog says to a cache that all share; what
        /// is for one user alone, or not to be kept, is not kept then.
        pub ttl: Option<At<Ttl>>,
        /// By which share of the TTL an entry's is longer or shorter at most, each as likely, so
        /// that what was filled together does not expire together.
        pub jitter: Share = "0",
        /// Whether the TTL starts anew each time that the entry is used.
        pub sliding: bool = "false",
        /// What a fill does to an entry that is still good.
        pub refill: Refill = "restart",
        /// How long it is remembered that there is nothing under a key; not at all if not given.
        pub negative_ttl: Option<At<Span>>,
        /// For how long after its TTL an entry is still used while one of those who ask for it
        /// fetches it anew.
        pub stale_while_revalidate: Span = "0",
        /// Whether a request that misses what another is fetching waits for that, instead of
        /// fetching it as well.
        pub coalesce: bool = "false",
        /// How long a fetch may take: then another of those who want the same begins one.
        pub lease: At<Span> = "5s",
        /// How long it takes to look something up, to fill or to remove it; 400us if not given.
        pub latency: Option<Delay>,
        /// Processor time of each of them; none if not given.
        pub cost: Option<Delay>,
        /// How many nodes it has, each with this capacity, these cores and connections, among which
        /// objects are spread by the hash of their key. A list where they are in different places:
        /// `[{count: 2, place: us-east}, {count: 1, place: sa-east}]`.
        pub replicas: At<Vec<GroupSpec>> = "1",
        /// How many more nodes stand by, each to `join` during the run (in `faults`).
        pub spares: At<u64> = "0",
        /// How the node of an object is found; on a ring if not given.
        pub spread: Option<At<ShardingRule>>,
        /// Where it is: regions, zones or machines, which its nodes take in turn.
        pub place: Vec<At<PlaceName>> = "[]",
        /// Where in a region those nodes are whose place is the region alone; in its zones in
        /// turn if not given.
        pub across: Option<At<Across>>,
        /// Processor cores; 1 if not given.
        pub cores: Option<Count>,
        /// How many requests are worked on at once; 10k if not given.
        pub connections: Option<Limit>,
        /// Where requests wait for a connection; at most 4096 of them if not given.
        pub queue: Option<QueueSpec>,
        /// The database behind it, which it asks itself: then `read` and `write` steps may name the
        /// cache, a miss is read from there, and what is written goes there.
        pub in_front_of: Option<Name>,
        /// When what is written goes to the database; `through` if not given.
        pub writes: Option<At<WritePolicy>>,
    }
}

variant! {
    /// When what is written to a cache goes to the database behind it.
    pub enum WritePolicy {
        /// Before the write is answered; the cache then keeps it.
        Through = "through",
        /// Before the write is answered; the cache then forgets what it had.
        Around = "around",
        /// Later: the write is answered as soon as the cache has it.
        Behind(FlushSpec) = "behind",
    }
}

record! {
    /// How a cache writes to its database what it has answered already. What is written to one
    /// object meanwhile is one write.
    #[short = after]
    pub struct FlushSpec {
        /// How long after the write was answered.
        pub after: At<Span> = "1s",
        /// How many are written at the same time at most.
        pub at_once: Count = "16",
        /// How many objects may be unwritten; further writes go through, and are answered when the
        /// database has them.
        pub limit: Count = "10k",
    }
}

/// How long an entry may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ttl {
    /// So long after it was filled.
    For(Span),
    /// As the answer says itself. Entries are found by what was asked for, whichever user asks.
    Header,
}

impl Read for Ttl {
    fn read(node: &Node, problems: &mut Problems) -> Option<Ttl> {
        let parse = |text: &str| match text {
            "header" => Some(Ttl::Header),
            _ => Span::parse(text).map(Ttl::For),
        };
        parsed(node, "a duration such as 60s, or `header`", parse, problems)
    }

    fn stand_in() -> Option<Ttl> {
        Some(Ttl::For(Span::from_secs(1)))
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "duration or `header`",
            "anyOf": [{ "const": "header" }, Span::schema(definitions)],
        })
    }
}

impl CacheSpec {
    /// Whether entries live as answers say themselves.
    pub fn goes_by_the_header(&self) -> bool {
        self.ttl.as_ref().is_some_and(|ttl| ttl.value == Ttl::Header)
    }
}

choice! {
    /// What a fill does to an entry that is still good.
    pub enum Refill {
        /// It takes its place, and the TTL starts anew.
        Restart = "restart",
        /// Nothing: the entry stays as it is to the end of its TTL.
        Keep = "keep",
    }
}

impl CacheSpec {
    /// How many nodes it has at first.
    pub fn nodes(&self) -> u64 {
        GroupSpec::count_all(&self.replicas.value)
    }

    /// How many nodes it has in all, those that stand by among them.
    pub fn all_nodes(&self) -> u64 {
        self.nodes().saturating_add(self.spares.value)
    }

    /// How the node of an object is found.
    pub fn spread(&self) -> ShardingRule {
        self.spread.as_ref().map_or_else(ShardingRule::default, |spread| spread.value.clone())
    }

    /// When what is written to it goes to the database.
    pub fn writes(&self) -> &WritePolicy {
        self.writes.as_ref().map_or(&WritePolicy::Through, |writes| &writes.value)
    }
}

/// What a cache is asked, beside what is for the database behind it.
pub const CACHE_OPERATIONS: [&str; 3] = ["lookup", "fill", "invalidate"];
