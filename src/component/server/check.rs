//! What is wrong with a server: nothing that it answers, workers and memory that do not go
//! together, caches that are none.

use crate::call::Consistency;
use crate::component::kind::{Caller, Found, Topology};
use crate::document::{At, Name, Problem, Problems, quoted};
use crate::placement::check_instances;
use crate::queue::ConsumesSpec;
use crate::step::{Ask, LOCAL, ReadScope, ReadSpec, StepSpec, TransactionSpec, What};
use crate::units::{Bytes, Span};

use super::{ServerSpec, Workers, sessions};

/// The most workers of one server of which each is told from the others.
const MOST_RECYCLED: u64 = 100_000;

/// The most messages that one server has at once of a queue.
const MOST_AT_ONCE: u64 = 100_000;

/// Reports what is wrong with the server `name`.
pub(super) fn check(
    server: &ServerSpec,
    name: &Name,
    topology: &dyn Topology,
    problems: &mut Problems,
) {
    if server.endpoints.is_empty() {
        let title = format!("{} has no endpoints", quoted(&name.value));
        problems.push(Problem::new(name.place, title, "expected at least one in `endpoints`"));
    }
    server.queue.check(name, problems);
    check_replicas(server, name, problems);
    check_memory(server, name, problems);
    if let Some(neighbours) = &server.neighbours {
        neighbours.check(name, server.scheduling, problems);
    }
    for step in server.endpoints.iter().flat_map(|(_, steps)| steps).chain(server.login()) {
        step.check(problems);
    }
    if let Some(contention) = &server.contention {
        contention.check(name, server.scheduling, problems);
    }
    check_disk(server, name, problems);
    check_pools(server, topology, problems);
    check_reads(server, topology, problems);
    check_transactions(server, topology, problems);
    check_own_cache(server, problems);
    check_caches(server, name, topology, problems);
    check_messages(server, name, topology, problems);
    sessions::check(server, name, topology, problems);
}

fn check_replicas(server: &ServerSpec, name: &Name, problems: &mut Problems) {
    check_instances(server.replicas.0.len() as u64, name, problems);
    let unlimited = |(workers, _)| match workers {
        Workers::Blocking(count) => count.is_none_or(|count| count > MOST_RECYCLED),
        Workers::Async => false,
    };
    if server.recycle.is_some() && server.workers().any(unlimited) {
        let title = format!("{} recycles workers without end", quoted(&name.value));
        let label = format!("expected at most {MOST_RECYCLED} `workers`, or no `recycle`");
        problems.push(Problem::new(name.place, title, label));
    }
}

fn check_memory(server: &ServerSpec, name: &Name, problems: &mut Problems) {
    let Some(memory) = &server.memory else { return };
    let Some(limit) = &memory.limit else {
        let title = format!("how much memory has {}?", quoted(&name.value));
        let label = "expected a `limit` in its `memory`, or a machine with `memory` as its `place`";
        return problems.push(Problem::new(name.place, title, label));
    };
    if memory.per_worker == Bytes(0) && memory.per_request == Bytes(0) {
        let title = format!("nothing takes memory at {}", quoted(&name.value));
        let label = "expected `per_request` or `per_worker` beside";
        problems.push(Problem::new(limit.place, title, label));
    }
    let least = |(workers, cores)| match workers {
        Workers::Blocking(count) => memory.requests(count),
        Workers::Async => memory.requests(Some(cores)),
    };
    if server.workers().any(|group| least(group) == Some(0)) {
        let title = format!("not one request fits into the memory of {}", quoted(&name.value));
        let label = "expected more, or less for each worker and request";
        problems.push(Problem::new(limit.place, title, label));
    }
}

/// Reports steps that write to a disk that is not there.
fn check_disk(server: &ServerSpec, name: &Name, problems: &mut Problems) {
    server.disk.iter().for_each(|disk| disk.check(name, problems));
    let writes = server.steps().into_iter().filter_map(StepSpec::writes);
    for place in writes.filter(|_| server.disk.is_none()) {
        let title = format!("{} has no disk", quoted(&name.value));
        let problem = Problem::new(place, title, "this is written to one");
        problems.push(problem.help("give it one: disk: {throughput: 100MB/s}"));
    }
}

/// Reports pools of connections to what is no database, or is never asked.
fn check_pools(server: &ServerSpec, topology: &dyn Topology, problems: &mut Problems) {
    let mut asked: Vec<&str> = Vec::new();
    for to in server.callees() {
        let keeps_data = |found: Found| found.kind.capabilities().keeps_data;
        if topology.find(&to.value).is_some_and(keeps_data) && !asked.contains(&&*to.value) {
            asked.push(&to.value);
        }
    }
    for (name, pool) in server.pools.iter() {
        if !asked.contains(&&*name.value) {
            problems.unknown(name.place, "database that is asked here", &name.value, &asked);
        }
        if pool.size.value.get() > MOST_RECYCLED {
            let label = format!("expected at most {MOST_RECYCLED}");
            problems.push(Problem::new(pool.size.place, "too many connections", label));
        }
        if let Some(timeout) = pool.timeout.as_ref().filter(|timeout| timeout.value == Span::ZERO) {
            let label = "expected a time above 0";
            problems.push(Problem::new(timeout.place, "this pool gives up at once", label));
        }
    }
}

/// Reports reads of replicas or shards that are not there.
fn check_reads(server: &ServerSpec, topology: &dyn Topology, problems: &mut Problems) {
    for ReadSpec { from, consistency, shards, .. } in
        server.steps().into_iter().filter_map(StepSpec::reads)
    {
        let Some(found) = topology.find(&from.value) else { continue };
        let has = found.kind.capabilities();
        if has.copies.is_none() && !matches!(consistency.value, Consistency::Eventual) {
            let title = format!("{} has no replicas", quoted(&from.value));
            let label = "each read sees all writes there";
            let problem = Problem::new(consistency.place, title, label);
            problems.push(problem.help("leave this out, or give it `replication`"));
        }
        let together = has.copies.and_then(|copies| copies.replication.quorum());
        if together.is_some() && !matches!(consistency.value, Consistency::Eventual) {
            let title = format!("copies of {} answer together", quoted(&from.value));
            let label = "what a read sees there is what enough of them have";
            let problem = Problem::new(consistency.place, title, label);
            problems.push(problem.help("leave this out, and let `read` and `write` overlap"));
        }
        if has.shards.is_none() && shards.value == ReadScope::All {
            let title = format!("{} has no shards", quoted(&from.value));
            let problem = Problem::new(shards.place, title, "all is in one place there");
            problems.push(problem.help("leave this out, or give it `shards`"));
        }
    }
}

/// Reports transactions in what is no database, or has replicas.
fn check_transactions(server: &ServerSpec, topology: &dyn Topology, problems: &mut Problems) {
    for TransactionSpec { r#in: to, .. } in
        server.steps().into_iter().filter_map(StepSpec::transacts)
    {
        let Some(found) = topology.find(&to.value) else { continue };
        let has = found.kind.capabilities();
        if !has.keeps_data {
            let title = format!("{} is no database", quoted(&to.value));
            problems.push(Problem::new(to.place, title, found.label()));
        } else if has.copies.is_some() {
            let title = format!("a transaction in {}, which has replicas", quoted(&to.value));
            let label = "expected a database without `replication`";
            let problem = Problem::new(to.place, title, label);
            problems.push(problem.help("locks are kept by one copy; `shards` are possible"));
        }
    }
}

/// Reports what a server's own cache has no use for.
fn check_own_cache(server: &ServerSpec, problems: &mut Problems) {
    let Some(At { value: cache, place }) = server.cache.as_ref().map(|cache| &*cache.0) else {
        return;
    };
    cache.check_entries(*place, problems);
    let given = [
        ("latency", cache.latency.is_some()),
        ("cost", cache.cost.is_some()),
        ("cores", cache.cores.is_some()),
        ("connections", cache.connections.is_some()),
        ("queue", cache.queue.is_some()),
        ("in_front_of", cache.in_front_of.is_some()),
        ("replicas", cache.nodes() > 1),
        ("spares", cache.spares.value > 0),
        ("spread", cache.spread.is_some()),
        ("place", !cache.place.is_empty()),
        ("across", cache.across.is_some()),
        ("writes", cache.writes.is_some()),
    ];
    for (key, _) in given.iter().filter(|(_, given)| *given) {
        let title = format!("a server's own cache has no `{key}`");
        let label = "it is memory of the server, asked at once";
        problems.push(Problem::new(*place, title, label));
    }
}

/// Reports caches that steps name and that are none.
fn check_caches(
    server: &ServerSpec,
    name: &Name,
    topology: &dyn Topology,
    problems: &mut Problems,
) {
    for step in server.steps() {
        let Some(Ask { to: cache, what: What::Entry(_), .. }) = step.asks() else { continue };
        if cache.value == LOCAL && server.cache.is_none() {
            let title = format!("{} has no cache of its own", quoted(&name.value));
            let problem = Problem::new(cache.place, title, "expected a cache's name");
            problems.push(problem.help("give it one: cache: {capacity: 10k entries}"));
        }
        let found = topology.find(&cache.value).filter(|_| cache.value != LOCAL);
        if let Some(found) = found.filter(|found| found.kind.capabilities().entries.is_none()) {
            let title = format!("{} is no cache", quoted(&cache.value));
            problems.push(Problem::new(cache.place, title, found.label()));
        }
    }
}

/// Reports messages to what is no message queue, and such as are taken from one in vain.
fn check_messages(
    server: &ServerSpec,
    name: &Name,
    topology: &dyn Topology,
    problems: &mut Problems,
) {
    let sent = server.steps().into_iter().filter_map(StepSpec::asks);
    let sent = sent.filter(|ask| matches!(ask.what, What::Message { .. })).map(|ask| ask.to);
    for queue in sent.chain(server.consumes.iter().map(|consumes| &consumes.from)) {
        let found = topology.find(&queue.value);
        if let Some(found) = found.filter(|found| !found.kind.capabilities().takes_messages) {
            let title = format!("{} is no message queue", quoted(&queue.value));
            problems.push(Problem::new(queue.place, title, found.label()));
        }
    }
    for (index, ConsumesSpec { from, at_once }) in server.consumes.iter().enumerate() {
        if server.consumes[..index].iter().any(|before| before.from.value == from.value) {
            let title = format!("{} takes messages from {} twice", quoted(&name.value), from.value);
            problems.push(Problem::new(from.place, title, "expected each queue once"));
        }
        if server.endpoint(&from.value).is_none() && !server.endpoints.is_empty() {
            let title = format!("{} has no endpoint {}", quoted(&name.value), quoted(&from.value));
            let problem = Problem::new(from.place, title, "what is it to do for a message?");
            problems.push(problem.help(format!("endpoints: {{{}: [{{cpu: 10ms}}]}}", from.value)));
        }
        if at_once.value.get() > MOST_AT_ONCE {
            let label = format!("expected at most {MOST_AT_ONCE}");
            problems.push(Problem::new(at_once.place, "too many messages at once", label));
        }
    }
}
