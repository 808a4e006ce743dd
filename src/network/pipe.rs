//! A pipe: messages leave one after the other, each taking its size over the bandwidth.
//!
//! Nothing has to happen for a message to leave, since it is known when it comes in when that will
//! be; its figures are brought up to date when somebody looks.

use std::collections::VecDeque;

use crate::measure::{Meter, Recorder};
use crate::message::{NodeId, Outcome, Visit};
use crate::units::{Bandwidth, Bytes, Time};

/// A message on its way through a pipe.
#[derive(Clone, Copy, Debug)]
struct Passage {
    arrived: Time,
    /// When it begins to leave, and when it has left.
    begins: Time,
    ends: Time,
    size: Bytes,
}

impl Passage {
    fn visit(&self) -> Visit {
        let waited = self.begins - self.arrived;
        Visit { arrived: self.arrived, waited, ..Visit::NEW }
    }
}

/// A pipe, first come first served.
#[derive(Debug)]
pub(super) struct Pipe {
    bandwidth: Bandwidth,
    /// How much may wait behind the message that is leaving.
    room: Option<Bytes>,
    /// Whose figures these are.
    node: NodeId,
    /// The message that is leaving, and those that wait.
    present: VecDeque<Passage>,
    /// Sizes of those that wait, summed.
    waiting: u128,
}

impl Pipe {
    pub(super) fn new(bandwidth: Bandwidth, room: Option<Bytes>, node: NodeId) -> Pipe {
        Pipe { bandwidth, room, node, present: VecDeque::new(), waiting: 0 }
    }

    /// A message comes in at `now`. Returns when it will have left; `None` if there is no room.
    pub(super) fn pass(&mut self, now: Time, size: Bytes, recorder: &mut Recorder) -> Option<Time> {
        self.settle(now, recorder);
        let meter = recorder.meter(self.node);
        meter.enter(now);
        let begins = self.present.back().map_or(now, |last| last.ends);
        if self.present.is_empty() {
            meter.slots.rise(now);
        } else {
            let waiting = self.waiting + u128::from(size.0);
            if self.room.is_some_and(|room| waiting > u128::from(room.0)) {
                let refused = Visit { arrived: now, ..Visit::NEW };
                recorder.leave(now, self.node, &refused, Outcome::Rejected(self.node), true);
                return None;
            }
            self.waiting = waiting;
            meter.line_up(now);
        }
        let ends = begins + self.bandwidth.time_of(size);
        self.present.push_back(Passage { arrived: now, begins, ends, size });
        Some(ends)
    }

    /// Brings the figures up to date: what has left by `now` is gone.
    pub(super) fn settle(&mut self, now: Time, recorder: &mut Recorder) {
        while let Some(first) = self.present.front().copied().filter(|first| first.ends <= now) {
            self.present.pop_front();
            recorder.leave(first.ends, self.node, &first.visit(), Outcome::Ok, true);
            let meter = recorder.meter(self.node);
            if let Some(next) = self.present.front() {
                self.waiting -= u128::from(next.size.0);
                meter.queue.fall(first.ends);
            } else {
                meter.slots.fall(first.ends);
            }
        }
    }

    /// Whether Little's law holds of it, and it was busy for as long as something was in it.
    pub(super) fn laws_hold(&self, end: Time, meters: &[Meter]) -> bool {
        let meter = &meters[self.node.0 as usize];
        let visits: Vec<Visit> = self.present.iter().map(Passage::visit).collect();
        let in_use = meter.queue.area(end) + meter.slots.area(end);
        meter.little_holds(end, visits.iter().map(|visit| visit.arrived))
            && in_use == meter.present.area(end)
    }
}
