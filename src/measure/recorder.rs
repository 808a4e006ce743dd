//! What components report during a run. Figures start when the warm-up is over; memory does not
//! grow with the length of the run.
//!
//! *Invariant:* every request that arrived after the warm-up ends in exactly one outcome or is in
//! flight at the end, and the time that requests spend in a component adds up to the component's
//! mean number present (Little's law), to the nanosecond.

use std::ops::Range;

use super::{Counters, CountersId, Family, Meter, Tracker, Visits, Windows};
use crate::message::{Attempt, LinkId, NodeId, Outcome, Reply, Visit};
use crate::stats::Level;
use crate::units::{Span, Time};

/// Where the figures of a pipe are.
#[derive(Clone, Debug)]
pub struct PipeName {
    /// `a -> b` for the questions of that link, `a <- b` for its answers.
    pub name: String,
    /// Its meter.
    pub node: usize,
    /// Its visits.
    pub component: usize,
}

/// The figures of a run.
#[derive(Clone, Debug)]
pub struct Recorder {
    meters: Vec<Meter>,
    /// By component.
    visits: Vec<Visits>,
    trackers: Vec<Tracker>,
    /// The component of each node.
    component_of: Vec<u32>,
    /// The name of each link.
    links: Vec<String>,
    /// The pipes that messages share.
    pipes: Vec<PipeName>,
    /// What modules count for themselves, in the order in which they said so.
    counters: Vec<Counters>,
    /// Requests of clients in flight.
    pub in_flight: Level,
    /// When figures start, and when the run ends.
    start: Time,
    end: Time,
    windows: Windows,
    events: u64,
}

impl Recorder {
    pub(crate) fn new(component_of: Vec<u32>, request_types: usize, windows: Windows) -> Recorder {
        let components = component_of.iter().max().map_or(0, |&last| last as usize + 1);
        Recorder {
            meters: vec![Meter::new(); component_of.len()],
            visits: vec![Visits::default(); components],
            trackers: vec![Tracker::new(components); request_types],
            component_of,
            links: Vec::new(),
            pipes: Vec::new(),
            counters: Vec::new(),
            in_flight: Level::default(),
            start: Time::ZERO,
            end: Time::ZERO,
            windows,
            events: 0,
        }
    }

    /// A link of this name will be there.
    pub(crate) fn add_link(&mut self, name: String) {
        self.links.push(name);
        self.trackers.iter_mut().for_each(|tracker| tracker.lost.push(0));
    }

    /// A pipe of this name will have figures of its own.
    pub(crate) fn add_pipe(&mut self, name: String) -> NodeId {
        let (node, component) = (self.meters.len(), self.visits.len());
        let mut meter = Meter::new();
        meter.slots.limit = Some(1);
        self.meters.push(meter);
        self.visits.push(Visits::default());
        self.component_of.push(component as u32);
        self.pipes.push(PipeName { name, node, component });
        NodeId(node as u32)
    }

    /// The names of all links, as `a -> b`.
    pub fn links(&self) -> &[String] {
        &self.links
    }

    /// The pipes that messages share.
    pub fn pipes(&self) -> &[PipeName] {
        &self.pipes
    }

    /// This owner counts something of its own.
    pub(crate) fn add_counters(&mut self, family: &'static Family, owner: usize) -> CountersId {
        self.counters.push(Counters::new(family, owner));
        CountersId(self.counters.len() - 1)
    }

    /// The counters of an owner.
    #[inline]
    pub(crate) fn counters(&mut self, CountersId(index): CountersId) -> &mut Counters {
        &mut self.counters[index]
    }

    /// All that modules count for themselves.
    pub(super) fn all_counters(&self) -> &[Counters] {
        &self.counters
    }

    /// The instances of a component, which stand side by side.
    pub(crate) fn nodes_of(&self, component: usize) -> Range<usize> {
        let first = self.component_of.partition_point(|&of| (of as usize) < component);
        let after = self.component_of.partition_point(|&of| of as usize <= component);
        first..after
    }

    /// A client's request is answered, and that is another user's answer or not.
    pub(crate) fn leaked(&mut self, attempt: &Attempt, leaked: bool) {
        if leaked && attempt.sent >= self.start {
            self.trackers[usize::from(attempt.request.request_type)].leaked += 1;
        }
    }

    /// The figures of one component instance.
    #[inline]
    pub(crate) fn meter(&mut self, node: NodeId) -> &mut Meter {
        &mut self.meters[node.0 as usize]
    }

    /// The component of each instance.
    pub fn component_of(&self) -> &[u32] {
        &self.component_of
    }

    /// The figures of all component instances.
    pub fn meters(&self) -> &[Meter] {
        &self.meters
    }

    /// The durations of the visits to each component; clients come last and have none.
    pub fn visits(&self) -> &[Visits] {
        &self.visits
    }

    /// The durations of the visits to the component of an instance.
    pub(crate) fn visits_at(&mut self, node: NodeId) -> &mut Visits {
        &mut self.visits[self.component_of[node.0 as usize] as usize]
    }

    /// The figures of all request types.
    pub fn trackers(&self) -> &[Tracker] {
        &self.trackers
    }

    /// The time series.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// When figures start: the end of the warm-up.
    pub fn start(&self) -> Time {
        self.start
    }

    /// Events of the whole run.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The run is over at `end`, after so many events.
    pub(crate) fn finish(&mut self, end: Time, events: u64) {
        self.end = end;
        self.events = events;
        self.visits.iter_mut().for_each(Visits::finish);
    }

    /// When the run was over.
    pub fn end(&self) -> Time {
        self.end
    }

    /// A visit to `node` ends, for somebody who still wants to know the outcome or for nobody.
    #[inline(always)]
    pub(crate) fn leave(
        &mut self,
        now: Time,
        node: NodeId,
        visit: &Visit,
        outcome: Outcome,
        wanted: bool,
    ) {
        let meter = &mut self.meters[node.0 as usize];
        meter.present.fall(now);
        if cfg!(any(test, debug_assertions)) {
            meter.residence += u128::from((now - visit.arrived.max(self.start)).nanos());
        }
        if outcome == Outcome::Rejected(node) {
            meter.rejected += 1;
            return;
        }
        let sojourn = now - visit.arrived;
        meter.own += u128::from((sojourn - visit.away).nanos());
        meter.ok += u64::from(outcome == Outcome::Ok);
        if !wanted {
            meter.wasted += 1;
            meter.wasted_work += u128::from(visit.used.nanos());
        }
        let visits = &mut self.visits[self.component_of[node.0 as usize] as usize];
        visits.sojourn.record(sojourn.nanos());
        if visit.waited > Span::ZERO {
            meter.waited += 1;
            visits.wait.record(visit.waited.nanos());
        }
    }

    /// A component has said whether it is up, to somebody who came at `arrived`.
    pub(crate) fn checked(&mut self, now: Time, node: NodeId, arrived: Time) {
        let meter = &mut self.meters[node.0 as usize];
        meter.present.fall(now);
        meter.residence += u128::from((now - arrived.max(self.start)).nanos());
    }

    /// A client sends a request.
    #[inline]
    pub(crate) fn sent(&mut self, now: Time, request_type: u16) {
        self.in_flight.rise(now);
        self.trackers[request_type as usize].arrivals += 1;
    }

    /// A client has its answer, or gives up (`None`).
    #[inline]
    pub(crate) fn ended(&mut self, now: Time, request: &Reply, outcome: Option<Outcome>) {
        self.in_flight.fall(now);
        let latency = now - request.sent;
        let tracker = &mut self.trackers[request.request_type as usize];
        let answered = outcome.is_some_and(Outcome::is_answer);
        let early = request.sent < self.start;
        if answered {
            tracker.answered += 1;
        } else {
            tracker.unanswered += 1;
        }
        if early {
            if answered {
                tracker.early.record(latency.nanos());
            }
            return;
        }
        let component = |node: NodeId| self.component_of[node.0 as usize] as usize;
        match outcome {
            Some(Outcome::Ok) => {
                tracker.ok += 1;
                tracker.latency.record(latency.nanos());
            }
            Some(Outcome::Stale) => {
                tracker.stale += 1;
                tracker.latency.record(latency.nanos());
            }
            Some(Outcome::Rejected(by)) => tracker.rejected[component(by)] += 1,
            Some(Outcome::Failed(at)) => tracker.failed[component(at)] += 1,
            Some(Outcome::Lost(LinkId(on))) => tracker.lost[on as usize] += 1,
            None => tracker.timed_out += 1,
        }
    }

    /// The warm-up is over: figures start now.
    pub(crate) fn measure(&mut self, now: Time) {
        self.start = now;
        self.in_flight.reset(now);
        self.meters.iter_mut().for_each(|meter| meter.reset(now));
        self.counters.iter_mut().for_each(|counters| counters.reset(now));
        self.visits.iter_mut().for_each(Visits::clear);
        self.trackers.iter_mut().for_each(Tracker::clear);
        self.with_windows(|windows, run| windows.open(now, run));
    }

    /// A window of the time series is over.
    pub(crate) fn close_window(&mut self, now: Time) {
        self.with_windows(|windows, run| windows.close(now, run));
        self.trackers.iter_mut().for_each(|tracker| tracker.early.clear());
    }

    /// Shows the windows what has been counted.
    fn with_windows(&mut self, show: impl FnOnce(&mut Windows, &Recorder)) {
        let mut windows = std::mem::take(&mut self.windows);
        show(&mut windows, self);
        self.windows = windows;
    }
}
