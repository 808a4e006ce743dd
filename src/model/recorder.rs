//! What components report during a run. Figures start when the warm-up is over; memory does not
//! grow with the length of the run.
//!
//! *Invariant:* every request that arrived after the warm-up ends in exactly one outcome or is in
//! flight at the end, and the time that requests spend in a component adds up to the component's
//! mean number present (Little's law), to the nanosecond.

mod tracker;

pub use tracker::Tracker;

use crate::stats::{CoarseHistogram, Level};
use crate::units::{Span, Time};

use super::content::BrowserMeter;
use super::link::LinkId;
use super::memory::MemoryUse;
use super::node::{NodeId, Outcome, Reply, Request, Visit};
use super::session::SessionMeter;
use super::shelf::CacheMeter;
use super::windows::Windows;

/// The figures of one component instance.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Requests present.
    pub present: Level,
    /// Requests waiting for a worker, a connection or a core.
    pub queue: Level,
    /// The most that ever waited at once, however shortly.
    pub longest_queue: u64,
    /// Cores at work.
    pub cpu: Level,
    /// Workers or connections held.
    pub slots: Level,
    /// Cores there are; zero where processors play no part.
    pub cores: u64,
    /// Workers or connections there are; `None` without a limit.
    pub slot_limit: Option<u64>,
    /// Visits that had to wait.
    pub waited: u64,
    /// Sojourn less calls to others, summed (ns).
    pub own: u128,
    /// Visits answered well.
    pub ok: u64,
    /// Visits turned away.
    pub rejected: u64,
    /// Visits ended after a caller had given up.
    pub wasted: u64,
    /// Processor time used (ns).
    pub work: u128,
    /// Processor time used on wasted visits (ns).
    pub wasted_work: u128,
    /// The cores may be slowed down while they work.
    pub slowed: bool,
    /// What is in use of the memory; `None` where it is never short.
    pub memory: Option<Box<MemoryUse>>,
    /// Time that visits spent here after the warm-up, summed (ns), for the check of Little's law;
    /// kept only where such checks are made.
    residence: u128,
    /// When figures start.
    start: Time,
    /// Time of cores at work during the warm-up (ns), and processor time asked for by then.
    warmup_busy: u128,
    warmup_work: u128,
}

impl Meter {
    fn new() -> Meter {
        Meter {
            present: Level::default(),
            queue: Level::default(),
            longest_queue: 0,
            cpu: Level::default(),
            slots: Level::default(),
            cores: 0,
            slot_limit: None,
            waited: 0,
            own: 0,
            ok: 0,
            rejected: 0,
            wasted: 0,
            work: 0,
            wasted_work: 0,
            slowed: false,
            memory: None,
            residence: 0,
            start: Time::ZERO,
            warmup_busy: 0,
            warmup_work: 0,
        }
    }

    #[inline]
    pub(super) fn enter(&mut self, now: Time) {
        self.present.rise(now);
    }

    /// Somebody begins to wait.
    #[inline]
    pub(super) fn line_up(&mut self, now: Time) {
        self.queue.rise(now);
        self.longest_queue = self.longest_queue.max(self.queue.value());
    }

    /// All work in progress is lost, and nobody waits or is served any more. Processors have worked
    /// for as long as they were busy.
    pub(super) fn lose_work(&mut self, now: Time) {
        let busy = self.warmup_busy + self.cpu.area(now);
        self.work = self.work.max(busy.saturating_sub(self.warmup_work));
        for level in [&mut self.queue, &mut self.cpu, &mut self.slots] {
            level.set(now, 0);
        }
        if let Some(memory) = &mut self.memory {
            memory.used.set(now, memory.idle);
        }
    }

    /// Figures start now.
    fn reset(&mut self, now: Time) {
        self.warmup_busy += self.cpu.area(now);
        self.warmup_work += self.work;
        for level in [&mut self.present, &mut self.queue, &mut self.cpu, &mut self.slots] {
            level.reset(now);
        }
        self.longest_queue = self.queue.value();
        if let Some(memory) = &mut self.memory {
            memory.used.reset(now);
            memory.kills = 0;
        }
        (self.waited, self.own, self.ok, self.rejected, self.wasted) = (0, 0, 0, 0, 0);
        (self.work, self.wasted_work, self.residence) = (0, 0, 0);
        self.start = now;
    }

    /// Little's law: the time that visits spent here is the area under their number. `unfinished`
    /// are the visits still here.
    pub(super) fn little_holds<'a>(
        &self,
        now: Time,
        unfinished: impl Iterator<Item = &'a Visit>,
    ) -> bool {
        let rest: u128 =
            unfinished.map(|visit| u128::from((now - visit.arrived.max(self.start)).nanos())).sum();
        self.residence + rest == self.present.area(now)
    }

    /// The utilisation law: cores were at work for as long as the work asked for takes. The work
    /// in progress, and a nanosecond of rounding for each turn at a shared core, make the slack;
    /// slowed cores are at work for longer.
    pub(super) fn utilisation_holds(&self, now: Time, in_progress: u128, turns: u128) -> bool {
        let busy = self.warmup_busy + self.cpu.area(now);
        let done = self.warmup_work + self.work;
        let enough = self.slowed || busy <= done + in_progress + turns;
        self.cores == 0 || (done <= busy + turns && enough)
    }
}

/// How long visits to one component take, all instances together: one set of buckets stays in the
/// processor's cache where one for each instance would not.
#[derive(Clone, Debug, Default)]
pub struct Visits {
    /// Time from arrival to answer, of the visits not turned away (ns).
    pub sojourn: CoarseHistogram,
    /// Of it, time spent waiting (ns).
    pub wait: CoarseHistogram,
}

impl Visits {
    fn clear(&mut self) {
        self.sojourn.clear();
        self.wait.clear();
    }

    /// The run is over: those who never waited are counted among the waits.
    fn finish(&mut self) {
        self.wait.record_many(0, self.sojourn.count() - self.wait.count());
    }
}

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
    /// The caches, in the order of their instances.
    caches: Vec<CacheMeter>,
    /// What clients' own caches did, by request type; empty where there are none.
    browsers: Vec<BrowserMeter>,
    /// The sessions of servers, in the order of the servers.
    pub(super) sessions: Vec<SessionMeter>,
    /// Requests of clients in flight.
    pub in_flight: Level,
    /// When figures start, and when the run ends.
    start: Time,
    end: Time,
    windows: Windows,
    events: u64,
}

impl Recorder {
    pub(super) fn new(component_of: Vec<u32>, kinds: usize, windows: Windows) -> Recorder {
        let components = component_of.iter().max().map_or(0, |&last| last as usize + 1);
        Recorder {
            meters: vec![Meter::new(); component_of.len()],
            visits: vec![Visits::default(); components],
            trackers: vec![Tracker::new(components); kinds],
            component_of,
            links: Vec::new(),
            pipes: Vec::new(),
            caches: Vec::new(),
            browsers: Vec::new(),
            sessions: Vec::new(),
            in_flight: Level::default(),
            start: Time::ZERO,
            end: Time::ZERO,
            windows,
            events: 0,
        }
    }

    /// A link of this name will be there.
    pub(super) fn add_link(&mut self, name: String) {
        self.links.push(name);
        self.trackers.iter_mut().for_each(|tracker| tracker.lost.push(0));
    }

    /// A pipe of this name will have figures of its own.
    pub(super) fn add_pipe(&mut self, name: String) -> NodeId {
        let (node, component) = (self.meters.len(), self.visits.len());
        self.meters.push(Meter { slot_limit: Some(1), ..Meter::new() });
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

    /// A component instance has a cache.
    pub(super) fn add_cache(&mut self, NodeId(node): NodeId, leaks: Option<u64>) -> usize {
        self.caches.push(CacheMeter::new(node, leaks));
        self.caches.len() - 1
    }

    /// The figures of a cache.
    pub(super) fn cache(&mut self, index: usize) -> &mut CacheMeter {
        &mut self.caches[index]
    }

    /// The figures of all caches, in the order of their instances.
    pub fn caches(&self) -> &[CacheMeter] {
        &self.caches
    }

    /// Clients have caches of their own.
    pub(super) fn add_browsers(&mut self) {
        self.browsers = vec![BrowserMeter::default(); self.trackers.len()];
    }

    /// What clients' own caches do for a request type.
    pub(super) fn browser(&mut self, kind: u16) -> &mut BrowserMeter {
        &mut self.browsers[usize::from(kind)]
    }

    /// What clients' own caches did, by request type; empty where there are none.
    pub fn browsers(&self) -> &[BrowserMeter] {
        &self.browsers
    }

    /// A client's request is answered, and that is another user's answer or not.
    pub(super) fn leaked(&mut self, request: &Request, leaked: bool) {
        if leaked && request.sent >= self.start {
            self.trackers[usize::from(request.kind)].leaked += 1;
        }
    }

    /// The figures of one component instance.
    #[inline]
    pub(super) fn meter(&mut self, node: NodeId) -> &mut Meter {
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
    pub(super) fn finish(&mut self, end: Time, events: u64) {
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
    pub(super) fn leave(
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
    pub(super) fn checked(&mut self, now: Time, node: NodeId, arrived: Time) {
        let meter = &mut self.meters[node.0 as usize];
        meter.present.fall(now);
        meter.residence += u128::from((now - arrived.max(self.start)).nanos());
    }

    /// A client sends a request.
    #[inline]
    pub(super) fn sent(&mut self, now: Time, kind: u16) {
        self.in_flight.rise(now);
        self.trackers[kind as usize].arrivals += 1;
    }

    /// A client has its answer, or gives up (`None`).
    #[inline]
    pub(super) fn ended(&mut self, now: Time, request: &Reply, outcome: Option<Outcome>) {
        self.in_flight.fall(now);
        let latency = now - request.sent;
        let tracker = &mut self.trackers[request.kind as usize];
        let answered = outcome.is_some_and(Outcome::is_answer);
        let early = request.sent < self.start;
        if answered {
            tracker.answered += 1;
        } else {
            tracker.errors_lately += 1;
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
    pub(super) fn measure(&mut self, now: Time) {
        self.start = now;
        self.in_flight.reset(now);
        self.meters.iter_mut().for_each(|meter| meter.reset(now));
        self.caches.iter_mut().for_each(|cache| cache.reset(now));
        self.browsers.fill(BrowserMeter::default());
        self.sessions.iter_mut().for_each(|all| *all = SessionMeter::new(all.node));
        self.visits.iter_mut().for_each(Visits::clear);
        self.trackers.iter_mut().for_each(Tracker::clear);
        self.windows.open(now, &self.meters, &self.trackers, &self.in_flight);
    }

    /// A window of the time series is over.
    pub(super) fn close_window(&mut self, now: Time) {
        self.windows.close(now, &self.meters, &mut self.trackers, &self.in_flight);
        self.windows.close_caches(&self.caches);
        self.windows.close_sessions(&self.sessions);
    }
}
