//! How often users who wait for their answers can ask: an estimate from above, made of what can be
//! told before a run.

use std::collections::BTreeMap;

use crate::call::Timeout;
use crate::component::client::{ClientSpec, UsersSpec, journey_pause};
use crate::component::{Call, ThroughputBound};
use crate::deployment::Deployment;
use crate::network::LinkSpec;

use super::check::DEEPEST;

/// A cycle that takes no time is made to take this long (s).
const LEAST_CYCLE: f64 = 1e-3;

impl ThroughputBound {
    /// This, and then the other.
    fn then(self, other: ThroughputBound) -> ThroughputBound {
        ThroughputBound {
            alone: self.alone + other.alone,
            capacity: self.capacity.min(other.capacity),
            room: self.room.min(other.room),
        }
    }

    /// One of the two, whichever is free.
    fn or(self, other: ThroughputBound) -> ThroughputBound {
        ThroughputBound {
            alone: self.alone.min(other.alone),
            capacity: self.capacity + other.capacity,
            room: self.room.min(other.room),
        }
    }
}

/// At most about how many requests the users of a client send in a second.
pub(super) fn cycle_rate(
    deployment: &Deployment,
    name: &str,
    client: &ClientSpec,
    users: &UsersSpec,
    types: &[(String, f64, Timeout)],
) -> f64 {
    let crowd = users.count.get() as f64;
    let link = round_trip(deployment, name, &client.target.value);
    let total: f64 = types.iter().map(|(_, weight, _)| weight).sum();
    // Means over a user's cycles; the slow ones all end by giving up.
    let between = between(client, users);
    let (mut quick, mut slow) = (between, between);
    let mut capacity = f64::INFINITY;
    for (operation, weight, timeout) in types.iter().filter(|(_, weight, _)| *weight > 0.0) {
        let share = weight / total;
        let timeout = timeout.secs();
        let mut ways = Ways { deployment, known: BTreeMap::new() };
        let way = ways.of(&client.target.value, operation, 0);
        // Work that was given up stays in its queue, so that many who give up fill it.
        let refused = crowd > way.room || (way.room.is_finite() && crowd * way.alone > timeout);
        let least = if refused { link } else { link + way.alone };
        quick += share * least.min(timeout);
        slow += share * timeout;
        capacity = capacity.min(if refused { f64::INFINITY } else { way.capacity / share });
    }
    let rate = |cycle: f64| crowd / if cycle > 0.0 { cycle } else { LEAST_CYCLE };
    if client.browser_cache.is_some() {
        // What they have they need not wait for.
        return rate(between);
    }
    rate(quick).min(capacity + rate(slow))
}

/// How long a user thinks or pauses from one request to the next on average (s).
pub fn between(client: &ClientSpec, users: &UsersSpec) -> f64 {
    let think = users.think.mean();
    let session = users.visits.as_ref().map(|session| &session.value);
    let pause = session.map_or(think, |session| session.pause.mean());
    let length = session.and_then(|session| session.length.as_ref());
    match (&client.journey, length) {
        // Where a session ends before the journey does is left out of account.
        (Some(pages), _) => journey_pause(pages, think, pause).unwrap_or(think),
        (None, Some(length)) => think + (pause - think) / length.mean(),
        (None, None) => think,
    }
}

/// The mean time there and back again over the link by which `from` asks `to`, pipes and losses
/// left out (s).
pub fn round_trip(deployment: &Deployment, from: &str, to: &str) -> f64 {
    let both = |link: &LinkSpec| link.way_there().delay.mean() + link.way_back().delay.mean();
    deployment.link(from, to).map_or(0.0, both)
}

/// The ways from a component on, each followed once.
struct Ways<'a> {
    deployment: &'a Deployment,
    known: BTreeMap<(String, String), ThroughputBound>,
}

impl Ways<'_> {
    /// What asking `to` for `operation` meets. A cycle, or a chain too long, which are reported
    /// elsewhere, are nothing.
    fn of(&mut self, to: &str, operation: &str, depth: usize) -> ThroughputBound {
        let state = (to.to_owned(), operation.to_owned());
        if let Some(way) = self.known.get(&state) {
            return *way;
        }
        self.known.insert(state.clone(), ThroughputBound::NOTHING);
        let Some(spec) = self.deployment.topology.get(to).filter(|_| depth < DEEPEST) else {
            return ThroughputBound::NOTHING;
        };
        let kind = spec.kind();
        let calls = kind.calls(operation);
        let asked: Vec<ThroughputBound> =
            calls.iter().map(|call| self.call(to, call, depth)).collect();
        let itself = kind.throughput_bound(operation, self.deployment.crashes(to));
        let itself = itself.faster(self.deployment.fastest(to));
        let way = match kind.forwards() {
            Some(_) => itself.then(
                asked.into_iter().reduce(ThroughputBound::or).unwrap_or(ThroughputBound::NOTHING),
            ),
            None => asked.into_iter().fold(itself, ThroughputBound::then),
        };
        self.known.insert(state, way);
        way
    }

    fn call(&mut self, from: &str, call: &Call, depth: usize) -> ThroughputBound {
        if call.aside {
            return ThroughputBound::NOTHING;
        }
        let way = self.of(&call.to.value, &call.operation, depth + 1);
        let link = round_trip(self.deployment, from, &call.to.value);
        let timeout = self.deployment.timeout(from, &call.to.value, call.timeout).secs();
        ThroughputBound {
            alone: call.often.in_line * (link + way.alone).min(timeout),
            capacity: way.capacity
                / call.often.times
                / self.deployment.instances_asked(call) as f64,
            ..way
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::load_text;

    /// The cycle rate of 100 users of `app`, with these details of them and of it.
    #[track_caller]
    fn check(users: &str, app: &str, steps: &str, expect: f64) {
        let text = format!(
            "duration: 1ms\nwarmup: 0\nlinks: {{users -> app: 1ms}}\n\
             clients: {{users: {{{users}, target: app, requests: {{get: }}}}}}\n\
             topology:\n  app: {{server: {{{app}, endpoints: {{get: [{steps}]}}}}}}\n  \
             main: {{database: {{cores: 4, read: 4ms, queue: {{limit: unlimited}}}}}}\n"
        );
        let scenario = load_text(Path::new("x.yaml"), &text, &[]).expect("this is sound");
        let deployment = &scenario.deployment;
        let (name, client) = &deployment.clients.0[0];
        let spec = client.users.as_ref().expect("these are users");
        let types = &deployment.request_types()[0];
        let rate = cycle_rate(deployment, &name.value, client, spec, types);
        assert!((rate - expect).abs() < 1e-6 * expect, "{rate}, not {expect}");
    }

    #[test]
    fn users_ask_no_oftener_than_they_are_answered() {
        let patient = "users: {count: 100, think: 4ms}, timeout: none";
        let never_full = "queue: {limit: unlimited}";
        // A cycle: 4 ms to think, 2 on the link, 4 alone.
        check(patient, "cores: 1000", "io: 4ms", 100.0 / 0.010);
        check(patient, "cores: 1000, speed: 2", "{cpu: exp(4ms)}, {io: 2ms}", 100.0 / 0.010);
        check(patient, "cores: 1000", "read: main", 4.0 / 0.004);
        // No faster than the cores.
        check(patient, never_full, "cpu: 4ms", 1.0 / 0.004);
        // Those who give up are not held by the cores.
        let hasty = "users: {count: 100, think: 4ms}, timeout: 6ms";
        check(hasty, never_full, "cpu: 8ms", 100.0 / 0.010);
    }

    #[test]
    fn users_who_are_turned_away_ask_as_often_as_the_link_lets_them() {
        let app = "workers: 10, queue: {limit: 20}";
        check("users: {count: 100, think: 4ms}, timeout: none", app, "cpu: 1s", 100.0 / 0.006);
        check(
            "users: {count: 100, think: 4ms}, timeout: none",
            "queue: {limit: 20}",
            "cpu: 4ms",
            250.0,
        );
    }
}
