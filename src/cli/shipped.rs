//! The scenarios that come with the program by topic, and are in it.

/// A scenario that comes with the program.
pub(super) struct Shipped {
    /// By which it is asked for.
    pub(super) name: &'static str,
    /// Where it lies in a clone of the project.
    pub(super) path: &'static str,
    /// Its text, in YAML.
    pub(super) text: &'static str,
}

/// What some scenarios have in common: a folder of them.
pub(super) struct Topic {
    /// The name of the folder.
    pub(super) name: &'static str,
    /// Its scenarios, in the order in which they are best looked at.
    pub(super) scenarios: &'static [Shipped],
}

/// Takes scenarios into the program by their topics and names.
macro_rules! topics {
    ($($topic:literal: $names:tt,)*) => {
        &[$(Topic { name: $topic, scenarios: scenarios!($topic, $names) }),*]
    };
}

macro_rules! scenarios {
    ($topic:literal, [$($name:literal),* $(,)?]) => {
        &[$(Shipped {
            name: $name,
            path: concat!("scenarios/", $topic, "/", $name, ".yaml"),
            text: include_str!(concat!("../../scenarios/", $topic, "/", $name, ".yaml")),
        }),*]
    };
}

/// All of them, in the order in which they are best looked at.
pub(super) const TOPICS: &[Topic] = topics![
    "queueing": [
        "mm1",
        "queueing-knee",
        "closed-users",
        "coordinated-omission",
        "daily-rhythm",
        "arrival-patterns",
        "noisy-neighbour",
        "abandoned-work",
        "overload",
        "urgent-first",
    ],
    "scaling": [
        "three-tier",
        "one-fast-or-many-slow",
        "slow-database",
        "narrow-link",
        "fan-out",
        "chatty-page",
        "roles-on-one-server",
    ],
    "balancing": ["load-balancing", "herd", "balancing-across-loads", "unequal-servers"],
    "sessions": ["session-stores", "forged-cookies"],
    "caching": [
        "cache-aside",
        "eviction",
        "stampede",
        "cold-cache",
        "ttl-or-invalidation",
        "losing-a-cache-node",
        "nothing-there",
    ],
    "http": ["conditional-requests", "max-age", "shared-private-page"],
    "failure": [
        "failing-server",
        "three-ways-to-die",
        "one-zone-down",
        "primary-fails",
        "semi-sync",
        "service-of-others",
        "memory-of-one-server",
    ],
    "data": [
        "three-disks",
        "group-commit",
        "checkpoints",
        "credits-run-out",
        "how-many-connections",
        "connection-pool",
        "restore",
        "hot-row",
        "lost-update",
        "lock-order",
        "two-phase-commit",
        "read-replicas",
        "own-writes",
        "quorums",
        "two-primaries",
        "hot-shard",
        "query-across-shards",
        "index",
        "vertical-split",
        "schema-change",
        "connection-memory",
        "write-policies",
        "audit-log",
        "hot-prefix",
        "object-ranges",
        "queued-writes",
        "poison-message",
        "short-visibility",
    ],
];

/// Says of each topic what it is about.
const INDEX: &str = include_str!("../../scenarios/README.md");

impl Topic {
    /// What it is about: the first line of its section in the index.
    pub(super) fn about(&self) -> &'static str {
        let mut lines = INDEX.lines();
        lines.find(|line| line.strip_prefix("## ") == Some(self.name));
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    }
}

/// All scenarios, topic by topic.
pub(super) fn all() -> impl Iterator<Item = &'static Shipped> {
    TOPICS.iter().flat_map(|topic| topic.scenarios)
}

/// The shipped scenario of this name, which may have the ending of a file.
pub(super) fn shipped(name: &str) -> Option<&'static Shipped> {
    let name = name.strip_suffix(".yaml").unwrap_or(name);
    all().find(|shipped| shipped.name == name)
}
