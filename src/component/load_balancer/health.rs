//! How a balancer finds out which of its backends are up: it asks each now and then, and goes by
//! how often in a row the answer was other than before.

use crate::document::{At, Count, record};
use crate::engine::{Key, Lane, Stream};
use crate::message::{Operation, Question, Request, SizesId};
use crate::runtime::{Condition, Ctx};
use crate::units::Span;

use super::policy::Backend;

record! {
    /// How a balancer finds out which backends are up. It asks each over its link, which a backend
    /// that is up answers at once, however busy it is.
    pub struct HealthCheckSpec {
        /// Time between two checks of a backend; each backend has its own time within it.
        pub interval: At<Span> = "2s",
        /// How long to wait for the answer before the check has failed.
        pub timeout: At<Span> = "500ms",
        /// After how many failed checks in a row a backend is taken off the list.
        pub unhealthy_after: Count = "3",
        /// After how many good ones in a row it is put back.
        pub healthy_after: Count = "2",
    }
}

/// What a balancer knows of one backend.
#[derive(Clone, Copy, Debug)]
struct Record {
    listed: bool,
    /// Checks in a row that spoke against it.
    against: u64,
    /// Checks so far.
    asked: u64,
}

/// What a balancer knows of its backends.
pub(super) struct Health {
    spec: HealthCheckSpec,
    sizes: SizesId,
    /// What is random about the checks of this balancer.
    stream: Stream,
    timeout_lane: Option<Lane>,
    records: Vec<Record>,
    listed: usize,
}

/// The alarm to check a backend, whose number is below this.
pub(super) const CHECK: u32 = 1 << 31;

impl Health {
    pub(super) fn new(
        spec: &HealthCheckSpec,
        backends: usize,
        sizes: SizesId,
        stream: Stream,
    ) -> Health {
        let record = Record { listed: true, against: 0, asked: 0 };
        Health {
            spec: spec.clone(),
            sizes,
            stream,
            timeout_lane: None,
            records: vec![record; backends],
            listed: backends,
        }
    }

    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        self.timeout_lane = Some(ctx.lane(self.spec.timeout.value));
        for index in 0..self.records.len() as u32 {
            let phase = self.stream.named("phase").at(u64::from(index)).draws().unit();
            ctx.alarm(self.spec.interval.value.times(phase), CHECK | index);
        }
    }

    /// Asks a backend whether it is up.
    pub(super) fn check(&mut self, index: u32, backend: &Backend, ctx: &mut Ctx) {
        let record = &mut self.records[index as usize];
        let stream = self.stream.at(u64::from(index)).at(record.asked);
        record.asked += 1;
        ctx.alarm(self.spec.interval.value, CHECK | index);
        if ctx.condition() != Condition::Up {
            return;
        }
        ctx.ask(Question {
            request: Request {
                parent: Key::NONE,
                user: 0,
                request_type: Request::NO_TYPE,
                operation: Operation::CHECK,
            },
            callee: backend.node,
            link: backend.link,
            sizes: self.sizes,
            tag: index,
            stream,
            timeout_lane: self.timeout_lane,
        });
    }

    /// A check has been good or not. Returns whether the backend is on the list from now on, if
    /// that has changed.
    pub(super) fn learn(&mut self, index: usize, good: bool) -> Option<bool> {
        let record = &mut self.records[index];
        record.against = if good == record.listed { 0 } else { record.against + 1 };
        let HealthCheckSpec { unhealthy_after, healthy_after, .. } = &self.spec;
        let enough = if good { healthy_after } else { unhealthy_after };
        if record.against < enough.get() || good == record.listed {
            return None;
        }
        (record.listed, record.against) = (good, 0);
        self.listed = if good { self.listed + 1 } else { self.listed - 1 };
        Some(good)
    }

    /// Nothing is known: all are on the list.
    pub(super) fn forget(&mut self) {
        self.listed = self.records.len();
        for record in &mut self.records {
            (record.listed, record.against) = (true, 0);
        }
    }

    /// How many are on the list.
    pub(super) fn listed(&self) -> usize {
        self.listed
    }

    /// Whether this one is.
    pub(super) fn lists(&self, index: usize) -> bool {
        self.records[index].listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Node, Place, Problems, Read, Sources, Value};

    fn health() -> Health {
        let source = Sources::new().add("test", "");
        let place = Place { source, start: 0, end: 0 };
        let node = Node { place, value: Value::Null };
        let spec = HealthCheckSpec::read(&node, &mut Problems::new()).expect("all has defaults");
        Health::new(&spec, 2, SizesId(0), Stream::root(1, 0))
    }

    #[test]
    fn a_backend_leaves_the_list_after_three_failures_in_a_row_and_is_back_after_two_answers() {
        let mut health = health();
        let mut learned = |good| (health.learn(1, good), health.listed());
        assert_eq!([learned(false), learned(false), learned(true)], [(None, 2); 3]);
        assert_eq!([learned(false), learned(false)], [(None, 2); 2], "counted anew");
        assert_eq!(learned(false), (Some(false), 1));
        assert_eq!([learned(false), learned(true), learned(false), learned(true)], [(None, 1); 4]);
        assert_eq!(learned(true), (Some(true), 2));
        assert!(health.lists(0) && health.lists(1));
    }
}
