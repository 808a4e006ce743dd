//! What the house asks of a database.

use crate::component::kind::{
    Broken, Call, Caller, Capabilities, Capacity, Choice, Grown, Kind, Need, Plan, Shape, Theory,
    ThroughputBound, Topology, Visit, broken_by_neighbours, broken_by_queue, grown_station,
    immune_cores, immune_members, plural,
};
use crate::control::Verb;
use crate::document::{Name, Problem, Problems, listed, quoted};
use crate::measure::{CAPACITY, Feature};
use crate::placement::PlacementGroup;
use crate::session::SESSION_OPERATIONS;
use crate::step::DATA_OPERATIONS;
use crate::work::{Compiler, Site, Station, Step, salt};

use super::DatabaseSpec;

impl Kind for DatabaseSpec {
    fn instances(&self) -> u64 {
        1
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        PlacementGroup::all(1, self.place.as_slice(), &self.across)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        Capabilities { keeps_data: true, ..Capabilities::NONE }
    }

    fn slots(&self) -> &'static str {
        "connections"
    }

    fn features(&self) -> Vec<&'static Feature> {
        vec![&CAPACITY]
    }

    fn drawing(&self) -> (String, Shape) {
        let cores = self.cores.get();
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

    fn needs_object(&self, _: &str, _: &dyn Topology) -> Option<Need> {
        None
    }

    fn throughput_bound(&self, operation: &str, _: bool) -> ThroughputBound {
        let cost = self.cost(operation).map_or(0.0, |cost| cost.mean()) / self.speed.get();
        ThroughputBound {
            alone: cost,
            capacity: self.cores.get() as f64 / cost,
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

    fn check(&self, name: &Name, _: &dyn Topology, problems: &mut Problems) {
        self.queue.check(name, problems);
        if let Some(neighbours) = &self.neighbours {
            neighbours.check(name, self.scheduling, problems);
        }
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        let (has_objects, keeps_sessions) = (site.has_objects(), site.keeps_sessions(name));
        let mut program = Compiler::new(name, site);
        for operation in DATA_OPERATIONS {
            program.begin(operation);
            let cost = self.cost(operation).expect("every operation has a cost").clone();
            program.push(Step::Cpu { cost, salt: salt(&[name, operation, "0"]) });
            if has_objects {
                program.push(if operation == "write" { Step::Commit } else { Step::Load });
            }
            program.push(Step::Done);
        }
        for (asked, like) in SESSION_OPERATIONS.into_iter().zip(DATA_OPERATIONS) {
            if !keeps_sessions {
                break;
            }
            program.begin(asked);
            let cost = self.cost(like).expect("every operation has a cost").clone();
            program.extend([Step::Cpu { cost, salt: salt(&[name, asked]) }, Step::Done]);
        }
        let program = program.finish();
        let setting = site.setting(name, 0, &self.queue);
        site.push(Box::new(Station::new(self.equipment(), program, setting)));
    }
}

impl Theory for DatabaseSpec {
    fn capacity(&self) -> Option<Capacity> {
        let slots = self.connections.get();
        Some(Capacity::new(self.cores.get(), slots, self.scheduling, &self.queue))
    }

    fn visit(&self, operation: &str) -> Visit<'_> {
        let of_sessions = SESSION_OPERATIONS.into_iter().zip(DATA_OPERATIONS);
        let like = of_sessions.into_iter().find(|(asked, _)| *asked == operation);
        let cost = self.cost(like.map_or(operation, |(_, like)| like));
        Visit { speed: self.speed.get(), plan: Plan::core(cost) }
    }

    fn rules(&self) -> Vec<Broken> {
        broken_by_queue(&self.queue)
    }

    fn sums(&self) -> Vec<Broken> {
        broken_by_neighbours(self.neighbours.as_ref())
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        let (cores, slots) = (self.cores.get(), self.connections.get());
        grown_station(cores, self.speed.get(), slots, "connections")
    }
}
