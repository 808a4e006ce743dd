//! How the requests of one type of one client fare.

use crate::stats::Histogram;

/// How the requests of one type of one client ended.
#[derive(Clone, Debug)]
pub struct Tracker {
    /// Requests sent.
    pub arrivals: u64,
    /// Answered well.
    pub ok: u64,
    /// Answered with what was no longer true.
    pub stale: u64,
    /// Of those answered, those that were another user's.
    pub leaked: u64,
    /// Answered well or stale since figures started, those sent before among them.
    pub answered: u64,
    /// Given up by the client.
    pub timed_out: u64,
    /// Turned away, by component.
    pub rejected: Vec<u64>,
    /// Failed further in, by component.
    pub failed: Vec<u64>,
    /// Lost on the way, by link.
    pub lost: Vec<u64>,
    /// Latency of those answered well (ns).
    pub latency: Histogram,
    /// Latency of those that were sent before figures started and have been answered well since the
    /// window of the time series began (ns).
    pub(crate) early: Histogram,
    /// Requests that have ended badly since the window began.
    pub(crate) errors_lately: u64,
}

impl Tracker {
    pub(crate) fn new(components: usize) -> Tracker {
        Tracker {
            arrivals: 0,
            ok: 0,
            stale: 0,
            leaked: 0,
            answered: 0,
            timed_out: 0,
            rejected: vec![0; components],
            failed: vec![0; components],
            lost: Vec::new(),
            latency: Histogram::new(),
            early: Histogram::new(),
            errors_lately: 0,
        }
    }

    /// Requests that ended badly.
    pub fn errors(&self) -> u64 {
        let of = |counts: &[u64]| counts.iter().sum::<u64>();
        self.timed_out + of(&self.rejected) + of(&self.failed) + of(&self.lost)
    }

    /// Requests that ended.
    pub fn ended(&self) -> u64 {
        self.ok + self.stale + self.errors()
    }

    pub(crate) fn clear(&mut self) {
        (self.arrivals, self.ok, self.stale, self.leaked) = (0, 0, 0, 0);
        (self.answered, self.timed_out) = (0, 0);
        self.rejected.fill(0);
        self.failed.fill(0);
        self.lost.fill(0);
        self.latency.clear();
        self.early.clear();
        self.errors_lately = 0;
    }
}
