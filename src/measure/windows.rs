//! Time series: the measured part of a run cut into a fixed number of equal windows.

use crate::stats::{Histogram, Level};
use crate::units::{Span, Time};

use super::{Horizon, Meter, Tracker};
use crate::caching::CacheMeter;
use crate::session::SessionMeter;

/// One window of one request type.
#[derive(Clone, Copy, Debug, Default)]
pub struct KindWindow {
    /// Requests sent.
    pub arrivals: u64,
    /// Requests answered well.
    pub ok: u64,
    /// Requests that ended badly.
    pub errors: u64,
    /// Median latency of those answered well (s), if any were.
    pub p50: Option<f64>,
    /// The same, 99th percentile (s).
    pub p99: Option<f64>,
}

/// One window of one component instance; means over the window.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeWindow {
    /// Requests present.
    pub present: f64,
    /// Requests waiting.
    pub queue: f64,
    /// Cores at work.
    pub cpu: f64,
    /// Workers or connections held.
    pub slots: f64,
}

/// The figures of one request type as they were when the window began.
#[derive(Clone, Debug)]
struct Before {
    arrivals: u64,
    answered: u64,
    latency: Histogram,
}

/// The windows of a run: those finished, and what had been counted when the one under way began.
/// A window is the difference of two states of the figures, so that it costs nothing meanwhile.
#[derive(Clone, Debug)]
pub struct Windows {
    length: Span,
    count: usize,
    detail: bool,
    keeps_latencies: bool,
    opened: Time,
    kinds_before: Vec<Before>,
    before: Vec<[u128; 4]>,
    in_flight_before: u128,
    /// For each finished window, one entry per request type.
    pub kinds: Vec<Vec<KindWindow>>,
    /// The same, all latencies of those answered well (ns); empty unless they were asked for.
    pub latencies: Vec<Vec<Histogram>>,
    /// For each finished window, one entry per node.
    pub nodes: Vec<Vec<NodeWindow>>,
    /// For each finished window, one entry per cache: lookups that needed no fetch of their own,
    /// and all lookups.
    pub caches: Vec<Vec<[u64; 2]>>,
    lookups_before: Vec<[u64; 2]>,
    /// For each finished window, one entry per server with sessions: requests that needed one,
    /// those that logged their user in, of them those again, and sessions lost.
    pub sessions: Vec<Vec<[u64; 4]>>,
    sessions_before: Vec<[u64; 4]>,
    /// For each finished window, the mean number of clients' requests in flight.
    pub in_flight: Vec<f64>,
}

impl Windows {
    /// The windows of a run over its measured time.
    pub(crate) fn new(measured: Span, horizon: Horizon) -> Windows {
        let count = horizon.windows;
        let length = Span::from_nanos((measured.nanos() / count.max(1) as u64).max(1));
        Windows {
            length,
            count,
            detail: horizon.detail,
            keeps_latencies: horizon.latencies,
            opened: Time::ZERO,
            kinds_before: Vec::new(),
            before: Vec::new(),
            in_flight_before: 0,
            kinds: Vec::with_capacity(count),
            latencies: Vec::new(),
            nodes: Vec::with_capacity(count),
            caches: Vec::new(),
            lookups_before: Vec::new(),
            sessions: Vec::new(),
            sessions_before: Vec::new(),
            in_flight: Vec::with_capacity(count),
        }
    }

    /// Length of each window.
    pub fn length(&self) -> Span {
        self.length
    }

    /// Whether another window is to come.
    pub(crate) fn wants_more(&self) -> bool {
        self.in_flight.len() < self.count
    }

    /// The first window begins.
    pub(crate) fn open(
        &mut self,
        now: Time,
        meters: &[Meter],
        trackers: &[Tracker],
        in_flight: &Level,
    ) {
        self.opened = now;
        self.before = meters.iter().map(|meter| areas(meter, now)).collect();
        self.in_flight_before = in_flight.area(now);
        let nothing = Before { arrivals: 0, answered: 0, latency: Histogram::new() };
        self.kinds_before = vec![nothing; trackers.len()];
    }

    /// The same for caches, whose counts begin with the first window.
    pub(crate) fn close_caches(&mut self, caches: &[CacheMeter]) {
        if !self.detail || caches.is_empty() {
            return;
        }
        self.lookups_before.resize(caches.len(), [0; 2]);
        let windows = caches.iter().zip(&mut self.lookups_before).map(|(cache, before)| {
            let now = [cache.hits + cache.delayed, cache.lookups()];
            let window = [now[0] - before[0], now[1] - before[1]];
            *before = now;
            window
        });
        self.caches.push(windows.collect());
    }

    /// The same for sessions.
    pub(crate) fn close_sessions(&mut self, sessions: &[SessionMeter]) {
        if !self.detail || sessions.is_empty() {
            return;
        }
        self.sessions_before.resize(sessions.len(), [0; 4]);
        let windows = sessions.iter().zip(&mut self.sessions_before).map(|(all, before)| {
            let now = [all.needed(), all.logins, all.again, all.lost];
            let window = [0, 1, 2, 3].map(|part| now[part] - before[part]);
            *before = now;
            window
        });
        self.sessions.push(windows.collect());
    }

    /// A window ends and the next begins.
    pub(crate) fn close(
        &mut self,
        now: Time,
        meters: &[Meter],
        trackers: &mut [Tracker],
        in_flight: &Level,
    ) {
        let length = (now - self.opened).nanos() as f64;
        self.opened = now;
        let area = in_flight.area(now);
        self.in_flight.push((area - self.in_flight_before) as f64 / length);
        self.in_flight_before = area;
        if !self.detail {
            return;
        }
        let nodes = meters.iter().zip(&mut self.before).map(|(meter, before)| {
            let after = areas(meter, now);
            let [present, queue, cpu, slots] =
                [0, 1, 2, 3].map(|i| (after[i] - before[i]) as f64 / length);
            *before = after;
            NodeWindow { present, queue, cpu, slots }
        });
        self.nodes.push(nodes.collect());
        self.close_kinds(trackers);
    }

    fn close_kinds(&mut self, trackers: &mut [Tracker]) {
        let (mut kinds, mut latencies) = (Vec::new(), Vec::new());
        for (tracker, before) in trackers.iter_mut().zip(&mut self.kinds_before) {
            let latency = recent(tracker, before);
            kinds.push(KindWindow {
                arrivals: tracker.arrivals - before.arrivals,
                ok: tracker.answered - before.answered,
                errors: std::mem::take(&mut tracker.errors_lately),
                p50: latency.quantile(0.5),
                p99: latency.quantile(0.99),
            });
            (before.arrivals, before.answered) = (tracker.arrivals, tracker.answered);
            if self.keeps_latencies {
                latencies.push(latency);
            }
        }
        self.kinds.push(kinds);
        if self.keeps_latencies {
            self.latencies.push(latencies);
        }
    }
}

/// The latencies of a window that ends now.
fn recent(tracker: &mut Tracker, before: &mut Before) -> Histogram {
    if tracker.answered == before.answered {
        return Histogram::new();
    }
    let mut latency = tracker.latency.since(&before.latency);
    latency.merge(&tracker.early);
    tracker.early.clear();
    before.latency.clone_from(&tracker.latency);
    latency
}

fn areas(meter: &Meter, now: Time) -> [u128; 4] {
    [&meter.present, &meter.queue, &meter.cpu, &meter.slots].map(|level| level.area(now))
}
