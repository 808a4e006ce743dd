//! What the house asks of a database.

use crate::component::kind::{
    Broken, Call, Caller, Capabilities, Capacity, Choice, Grown, Kind, Need, Plan, Shape, Theory,
    ThroughputBound, Topology, Visit, broken_by_contention, broken_by_neighbours, broken_by_queue,
    grown_station, immune_cores, immune_members, plural, shares_no_cores,
};
use crate::control::Verb;
use crate::document::{Name, Problem, Problems, listed, quoted};
use crate::measure::{CAPACITY, Feature, LOG_BY_WRITES};
use crate::placement::PlacementGroup;
use crate::session::SESSION_OPERATIONS;
use crate::step::DATA_OPERATIONS;
use crate::storage::{BACKUP, BUFFER, COMMIT_LOG, DiskSpec};
use crate::work::{CommitToLog, Compiler, FromMachines, Site, Station, Step, Touch, salt};

use super::DatabaseSpec;

impl Kind for DatabaseSpec {
    fn instances(&self) -> u64 {
        1
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        PlacementGroup::all(1, self.place.as_slice(), &self.across)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        let backs_up = self.backup.is_some();
        Capabilities { keeps_data: true, backs_up, ..Capabilities::NONE }
    }

    fn slots(&self) -> &'static str {
        "connections"
    }

    fn features(&self) -> Vec<&'static Feature> {
        let disk = self.disk.iter().flat_map(|disk| disk.0.features());
        let log = self.disk.iter().map(|_| &COMMIT_LOG);
        let own = self.log.iter().filter(|log| log.value.is_one_by_one()).map(|_| &LOG_BY_WRITES);
        let buffer = self.buffer.iter().map(|_| &BUFFER);
        let backup = self.backup.iter().map(|_| &BACKUP);
        std::iter::once(&CAPACITY)
            .chain(disk)
            .chain(log)
            .chain(own)
            .chain(buffer)
            .chain(backup)
            .collect()
    }

    fn drawing(&self) -> (String, Shape) {
        let cores = self.cores();
        (format!("{cores} {}", plural(cores, "core")), Shape::Cylinder)
    }

    fn answers(&self, operation: &str) -> bool {
        SESSION_OPERATIONS.contains(&operation) || self.cost(operation).is_some()
    }

    fn report_unanswered(&self, call: &Call, problems: &mut Problems) {
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
        let reads = self.buffer.is_some() && DATA_OPERATIONS.contains(&operation);
        reads.then_some(Need::Request)
    }

    fn throughput_bound(&self, operation: &str, _: bool) -> ThroughputBound {
        let cost = self.cost(operation).map_or(0.0, |cost| cost.mean()) / self.speed.get();
        ThroughputBound {
            alone: cost,
            capacity: self.cores() as f64 / cost,
            room: ThroughputBound::room(self.connections.get(), &self.queue),
        }
    }

    fn caller(&self) -> Option<&dyn Caller> {
        None
    }

    fn immunity(&self, verb: Verb) -> Option<&'static str> {
        let members = immune_members(verb);
        members.or_else(|| immune_cores(self.scheduling, verb))
    }

    fn spares(&self) -> u64 {
        0
    }

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
        let kept = [
            self.buffer.as_ref().map(|buffer| (buffer.place, "a buffer is for what is on a disk")),
            self.log.as_ref().map(|log| (log.place, "a log is written to a disk")),
            self.backup.as_ref().map(|backup| (backup.0.place, "a backup is of what is on a disk")),
        ];
        for (place, title) in kept.into_iter().flatten().filter(|_| self.disk.is_none()) {
            let label = format!("{} has none", quoted(&name.value));
            problems.push(Problem::new(place, title, label).help("give it one: disk: local"));
        }
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        let (has_objects, keeps_sessions) = (site.has_objects(), site.keeps_sessions(name));
        let mut program = Compiler::new(name, site);
        for operation in DATA_OPERATIONS {
            program.begin(operation);
            let cost = self.cost(operation).expect("every operation has a cost").clone();
            let (salt, writes) = (|what| salt(&[name, operation, what]), operation == "write");
            if self.buffer.is_some() {
                program.own(Touch { changes: writes, salt: salt("page") });
            }
            program.push(Step::Cpu { cost, salt: salt("0") });
            if writes && self.disk.is_some() {
                program.own(CommitToLog { salt: salt("log") });
            }
            if has_objects {
                program.push(if writes { Step::Commit } else { Step::Load });
            }
            program.push(Step::Done);
        }
        for (asked, like) in SESSION_OPERATIONS.into_iter().zip(DATA_OPERATIONS) {
            if !keeps_sessions {
                break;
            }
            program.begin(asked);
            let cost = self.cost(like).expect("every operation has a cost").clone();
            program.push(Step::Cpu { cost, salt: salt(&[name, asked]) });
            if like == "write" && self.disk.is_some() {
                program.own(CommitToLog { salt: salt(&[name, asked, "log"]) });
            }
            program.push(Step::Done);
        }
        let program = program.finish();
        let setting = site.setting(name, 0, &self.queue);
        site.push(Box::new(Station::new(self.equipment(), program, setting)));
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
        let cost = self.cost(like.map_or(operation, |(_, like)| like));
        Visit { speed: self.speed.get(), plan: Plan::core(cost) }
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = broken_by_queue(&self.queue);
        broken.extend(broken_by_contention(self.contention.as_ref()));
        broken
    }

    fn sums(&self) -> Vec<Broken> {
        broken_by_neighbours(self.neighbours.as_ref())
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        let (cores, slots) = (self.cores(), self.connections.get());
        grown_station(cores, self.speed.get(), slots, "connections")
    }
}
