//! `deploysim list`: the scenarios that come with it.

use super::{OK, terminal};

/// The shipped scenarios and what each teaches, taken from the files themselves.
const SCENARIOS: &[(&str, &str)] = &[
    ("scenarios/mm1.yaml", include_str!("../../scenarios/mm1.yaml")),
    ("scenarios/three-tier.yaml", include_str!("../../scenarios/three-tier.yaml")),
    ("scenarios/load-balancing.yaml", include_str!("../../scenarios/load-balancing.yaml")),
    ("scenarios/herd.yaml", include_str!("../../scenarios/herd.yaml")),
    (
        "scenarios/balancing-across-loads.yaml",
        include_str!("../../scenarios/balancing-across-loads.yaml"),
    ),
    ("scenarios/queueing-knee.yaml", include_str!("../../scenarios/queueing-knee.yaml")),
    (
        "scenarios/one-fast-or-many-slow.yaml",
        include_str!("../../scenarios/one-fast-or-many-slow.yaml"),
    ),
    ("scenarios/slow-database.yaml", include_str!("../../scenarios/slow-database.yaml")),
    ("scenarios/narrow-link.yaml", include_str!("../../scenarios/narrow-link.yaml")),
    ("scenarios/closed-users.yaml", include_str!("../../scenarios/closed-users.yaml")),
    (
        "scenarios/coordinated-omission.yaml",
        include_str!("../../scenarios/coordinated-omission.yaml"),
    ),
    ("scenarios/daily-rhythm.yaml", include_str!("../../scenarios/daily-rhythm.yaml")),
    ("scenarios/fan-out.yaml", include_str!("../../scenarios/fan-out.yaml")),
    ("scenarios/chatty-page.yaml", include_str!("../../scenarios/chatty-page.yaml")),
    ("scenarios/audit-log.yaml", include_str!("../../scenarios/audit-log.yaml")),
    ("scenarios/noisy-neighbour.yaml", include_str!("../../scenarios/noisy-neighbour.yaml")),
    ("scenarios/abandoned-work.yaml", include_str!("../../scenarios/abandoned-work.yaml")),
    ("scenarios/overload.yaml", include_str!("../../scenarios/overload.yaml")),
    ("scenarios/failing-server.yaml", include_str!("../../scenarios/failing-server.yaml")),
    ("scenarios/three-ways-to-die.yaml", include_str!("../../scenarios/three-ways-to-die.yaml")),
    ("scenarios/session-stores.yaml", include_str!("../../scenarios/session-stores.yaml")),
    ("scenarios/cache-aside.yaml", include_str!("../../scenarios/cache-aside.yaml")),
    ("scenarios/eviction.yaml", include_str!("../../scenarios/eviction.yaml")),
    ("scenarios/stampede.yaml", include_str!("../../scenarios/stampede.yaml")),
    ("scenarios/cold-cache.yaml", include_str!("../../scenarios/cold-cache.yaml")),
    ("scenarios/one-zone-down.yaml", include_str!("../../scenarios/one-zone-down.yaml")),
    ("scenarios/hot-prefix.yaml", include_str!("../../scenarios/hot-prefix.yaml")),
    (
        "scenarios/ttl-or-invalidation.yaml",
        include_str!("../../scenarios/ttl-or-invalidation.yaml"),
    ),
    (
        "scenarios/losing-a-cache-node.yaml",
        include_str!("../../scenarios/losing-a-cache-node.yaml"),
    ),
    ("scenarios/write-policies.yaml", include_str!("../../scenarios/write-policies.yaml")),
    (
        "scenarios/conditional-requests.yaml",
        include_str!("../../scenarios/conditional-requests.yaml"),
    ),
    ("scenarios/max-age.yaml", include_str!("../../scenarios/max-age.yaml")),
    (
        "scenarios/shared-private-page.yaml",
        include_str!("../../scenarios/shared-private-page.yaml"),
    ),
];

pub(super) fn run() -> anyhow::Result<u8> {
    let width = SCENARIOS.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    let line = |(path, text): &(&str, &str)| format!("{path:width$}  {}\n", teaches(text));
    terminal::print(&SCENARIOS.iter().map(line).collect::<String>())?;
    Ok(OK)
}

/// What stands after `teaches:`.
fn teaches(text: &str) -> &str {
    let line = text.lines().find_map(|line| line.strip_prefix("teaches:"));
    line.map_or("", str::trim)
}
