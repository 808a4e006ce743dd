//! The scenarios that come with the program, and are in it.

/// A scenario that comes with the program.
pub(super) struct Shipped {
    /// By which it is asked for.
    pub(super) name: &'static str,
    /// Its text, in YAML.
    pub(super) text: &'static str,
}

/// Takes scenarios into the program by their names.
macro_rules! shipped {
    ($($name:literal,)*) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".yaml")),
        }),*]
    };
}

/// All of them, in the order in which they are best looked at.
pub(super) const SHIPPED: &[Shipped] = shipped![
    "mm1",
    "three-tier",
    "load-balancing",
    "herd",
    "balancing-across-loads",
    "queueing-knee",
    "one-fast-or-many-slow",
    "slow-database",
    "narrow-link",
    "closed-users",
    "coordinated-omission",
    "daily-rhythm",
    "fan-out",
    "chatty-page",
    "audit-log",
    "noisy-neighbour",
    "abandoned-work",
    "overload",
    "failing-server",
    "three-ways-to-die",
    "session-stores",
    "cache-aside",
    "eviction",
    "stampede",
    "cold-cache",
    "one-zone-down",
    "hot-prefix",
    "ttl-or-invalidation",
    "losing-a-cache-node",
    "write-policies",
    "conditional-requests",
    "max-age",
    "shared-private-page",
];

/// The shipped scenario of this name, which may have the ending of a file.
pub(super) fn shipped(name: &str) -> Option<&'static Shipped> {
    let name = name.strip_suffix(".yaml").unwrap_or(name);
    SHIPPED.iter().find(|shipped| shipped.name == name)
}
