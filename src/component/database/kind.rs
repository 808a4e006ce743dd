//! What the house asks of a database.

use crate::component::kind::{
    Broken, Call, Caller, Capabilities, Capacity, Choice, Equipped, Grown, Kind, Need, Shape,
    Theory, ThroughputBound, Topology, Truth, Visit, broken_by_contention, broken_by_neighbours,
    broken_by_queue, grown_station, immune_cores, immune_members, plural, shares_no_cores,
};
use crate::control::Verb;
use crate::document::{Boxed, Name, Problem, Problems, listed, quoted};
use crate::measure::{CAPACITY, Feature, LOG_BY_WRITES};
use crate::placement::PlacementGroup;
use crate::replication::{FAILOVER, REPLICATION};
use crate::session::SESSION_OPERATIONS;
use crate::step::{DATA_OPERATIONS, is_read, is_write};
use crate::storage::{BACKUP, BUFFER, COMMIT_LOG, DiskSpec};
use crate::transaction::LOCKS;
use crate::work::{FromMachines, SCHEMA_CHANGE, Site};

use super::{DatabaseSpec, build};

impl Kind for DatabaseSpec {
    fn instances(&self) -> u64 {
        self.count()
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        PlacementGroup::all(self.count(), &self.place, &self.across)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        let backs_up = self.backup.is_some();
        Capabilities {
            keeps_data: true,
            backs_up,
            shards: self.shards.as_ref().map(|shards| &shards.value),
            transactions: self.transactions.as_ref().map(|spec| &*spec.0),
            copies: self.copies(),
            knows_users: self.replication.is_some(),
            ..Capabilities::NONE
        }
    }

    fn slots(&self) -> &'static str {
        "connections"
    }

    fn features(&self) -> Vec<&'static Feature> {
        let disk = self.disk.iter().flat_map(|disk| disk.0.features());
        let log = self.disk.iter().map(|_| &COMMIT_LOG);
        let own = self.log.iter().filter(|log| log.0.value.is_one_by_one()).map(|_| &LOG_BY_WRITES);
        let buffer = self.buffer.iter().map(|_| &BUFFER);
        let backup = self.backup.iter().map(|_| &BACKUP);
        let copies = self.replication.iter().map(|_| &REPLICATION);
        let failover = self.failover.iter().map(|_| &FAILOVER);
        let of_mode = self.replication.iter().flat_map(|replication| replication.0.features());
        let locks = self.transactions.iter().map(|_| &LOCKS);
        let schema = self.schema_change.iter().map(|_| &SCHEMA_CHANGE);
        std::iter::once(&CAPACITY)
            .chain(disk)
            .chain(log)
            .chain(own)
            .chain(buffer)
            .chain(backup)
            .chain(copies)
            .chain(failover)
            .chain(of_mode)
            .chain(locks)
            .chain(schema)
            .collect()
    }

    fn drawing(&self) -> (String, Shape) {
        let (cores, shards, copies) = (self.cores(), self.parts(), self.factor());
        let each = format!("{cores} {}", plural(cores, "core"));
        let times = |count: u64, what: &str, of: String| match count {
            1 => of,
            _ => format!("{count} {what} of {of}"),
        };
        (times(shards, "shards", times(copies, "copies", each)), Shape::Cylinder)
    }

    fn answers(&self, operation: &str) -> bool {
        SESSION_OPERATIONS.contains(&operation) || self.costs(operation).is_some()
    }

    fn report_unanswered(&self, call: &Call, problems: &mut Problems) {
        let of = call.operation.split_once(' ').filter(|(verb, _)| DATA_OPERATIONS.contains(verb));
        if let Some((verb, of)) = of {
            let what = if is_read(verb) { "query or part of rows" } else { "part of rows" };
            return problems.unknown(call.place, what, of, &self.subjects(verb));
        }
        let name = &call.to.value;
        let title = format!("{} does not answer {}", quoted(name), quoted(&call.operation));
        let label = format!("a database answers {}", listed(&DATA_OPERATIONS, "and"));
        let problem = Problem::new(call.place, title, label);
        problems.push(problem.help(format!("in a step, write `read: {name}` or `write: {name}`")));
    }

    fn endpoints(&self) -> Vec<(&Name, usize)> {
        Vec::new()
    }

    fn needs_object(&self, operation: &str, _: &dyn Topology) -> Option<Need> {
        let reads =
            (self.buffer.is_some() || self.shards.is_some()) && self.costs(operation).is_some();
        reads.then_some(Need::Request)
    }

    fn throughput_bound(&self, operation: &str, _: bool) -> ThroughputBound {
        let costs = self.costs(operation).unwrap_or_default();
        let cost = costs.iter().map(|cost| cost.mean()).sum::<f64>() / self.speed.get();
        ThroughputBound {
            alone: cost,
            capacity: self.cores() as f64 * self.count() as f64 / cost,
            room: ThroughputBound::room(self.connections.get(), &self.queue),
        }
    }

    fn caller(&self) -> Option<&dyn Caller> {
        None
    }

    fn take_transactions(&mut self) {
        self.transactions.get_or_insert_with(|| Boxed(Box::default()));
    }

    fn immunity(&self, verb: Verb) -> Option<&'static str> {
        let copies = verb.needs_backups() && self.replication.is_some();
        let copies = copies.then_some("its replicas would keep what it undoes");
        let members = immune_members(verb).or(copies);
        members.or_else(|| immune_cores(self.scheduling, verb))
    }

    fn spares(&self) -> u64 {
        0
    }

    fn equipped(&self) -> Option<&dyn Equipped> {
        Some(self)
    }

    fn equipped_mut(&mut self) -> Option<&mut dyn Equipped> {
        Some(self)
    }

    fn check(&self, name: &Name, _: &dyn Topology, problems: &mut Problems) {
        self.queue.check(name, problems);
        if let Some(neighbours) = &self.neighbours {
            neighbours.check(name, self.scheduling, problems);
        }
        if let Some(contention) = &self.contention {
            contention.check(name, self.scheduling, problems);
        }
        self.disk.iter().for_each(|disk| disk.0.check(name, problems));
        if let Some(buffer) = &self.buffer {
            buffer.value.check(problems);
        }
        if let Some(backup) = &self.backup {
            backup.0.value.check(problems);
        }
        self.check_copies(name, problems);
        self.check_statements(problems);
        self.schema_change.iter().for_each(|change| change.0.check(problems));
        let kept = [
            self.buffer.as_ref().map(|buffer| (buffer.place, "a buffer is for what is on a disk")),
            self.log.as_ref().map(|log| (log.0.place, "a log is written to a disk")),
            self.backup.as_ref().map(|backup| (backup.0.place, "a backup is of what is on a disk")),
        ];
        for (place, title) in kept.into_iter().flatten().filter(|_| self.disk.is_none()) {
            let label = format!("{} has none", quoted(&name.value));
            problems.push(Problem::new(place, title, label).help("give it one: disk: local"));
        }
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        build::build(self, name, site);
    }
}

impl Equipped for DatabaseSpec {
    fn settle(&mut self, machines: &FromMachines) -> bool {
        let says_nothing = self.cores.is_none();
        self.cores = self.cores.or(machines.cores);
        says_nothing
    }

    fn shares_no_cores(&self) -> Option<&'static str> {
        shares_no_cores(self.scheduling, self.neighbours.as_ref())
    }

    fn disk(&self) -> Option<&DiskSpec> {
        self.disk.as_ref().map(|disk| &*disk.0)
    }

    fn most_cores(&self, _: u64) -> Option<u64> {
        Some(self.cores())
    }

    fn memory_of(&self, _: u64) -> [u64; 2] {
        let buffer = self.buffer.as_ref();
        [buffer.map_or(0, |buffer| buffer.value.capacity.value.bytes()), 0]
    }

    fn memory_of_a_connection(&self) -> u64 {
        self.connection_memory.map_or(0, |memory| memory.0)
    }
}

impl Theory for DatabaseSpec {
    fn capacity(&self) -> Option<Capacity> {
        let slots = self.connections.get();
        Some(Capacity::new(self.cores(), slots, self.scheduling, &self.queue))
    }

    fn visit(&self, operation: &str) -> Visit<'_> {
        let of_sessions = SESSION_OPERATIONS.into_iter().zip(DATA_OPERATIONS);
        let like = of_sessions.into_iter().find(|(asked, _)| *asked == operation);
        let operation = like.map_or(operation, |(_, like)| like);
        let turns = self.costs(operation).unwrap_or_default();
        Visit { speed: self.speed.get(), plan: self.with_copies(is_write(operation), turns) }
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = broken_by_queue(&self.queue);
        if self.replication.as_ref().is_some_and(|of| !of.0.is_leaderless()) {
            let text = "its copies do not share the work alike: writes go to the primary, and \
                        replicas apply them besides";
            broken.push(Broken::new(text, Truth::Longer));
        }
        let waits = self.replication.as_ref().and_then(|replication| replication.0.waits());
        broken.extend(waits.map(|text| Broken::new(text, Truth::Longer)));
        broken.extend(broken_by_contention(self.contention.as_ref()));
        broken
    }

    fn sums(&self) -> Vec<Broken> {
        let mut broken = broken_by_neighbours(self.neighbours.as_ref());
        let copies = self.replication.as_ref().filter(|_| !self.tells_of_copies());
        let waits = copies.and_then(|replication| replication.0.waits());
        broken.extend(waits.map(|text| Broken::new(text, Truth::Longer)));
        if self.schema_change.is_some() {
            let text = "its schema changes, and parts of it are locked meanwhile";
            broken.push(Broken::new(text, Truth::Longer));
        }
        if self.shards.is_some() {
            let text = "some of its shards are asked more than others";
            broken.push(Broken::new(text, Truth::Longer));
        }
        if self.transactions.is_some() {
            let text = "rows that others have locked are waited for";
            broken.push(Broken::new(text, Truth::Longer));
        }
        broken
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        let (cores, slots) = (self.cores(), self.connections.get());
        grown_station(cores, self.speed.get(), slots, "connections")
    }
}
