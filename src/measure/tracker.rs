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
    /// Ended badly since figures started, those sent before among them.
    pub unanswered: u64,
    /// Latency of those that were sent before figures started and have been answered well since the
    /// window of the time series began (ns).
    pub(crate) early: Histogram,
}

/// A way in which a request ends; components by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndedAs {
    /// Answered well.
    Ok,
    /// Answered with what was no longer true.
    Stale,
    /// Given up by the client.
    TimedOut,
    /// Turned away by a component.
    RejectedBy(usize),
    /// Failed at a component.
    FailedAt(usize),
    /// Lost on a link, by its name.
    LostOn(String),
    /// Not at all: in flight when the run was over.
    InFlight,
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
            unanswered: 0,
            early: Histogram::new(),
        }
    }

    /// Requests that were answered, well or stale.
    pub fn answers(&self) -> u64 {
        self.ok + self.stale
    }

    /// Requests that ended badly.
    pub fn errors(&self) -> u64 {
        let of = |counts: &[u64]| counts.iter().sum::<u64>();
        self.timed_out + of(&self.rejected) + of(&self.failed) + of(&self.lost)
    }

    /// Requests that ended.
    pub fn ended(&self) -> u64 {
        self.answers() + self.errors()
    }

    /// Requests that ended so. `links` are the names of all links.
    pub fn ended_as(&self, how: &EndedAs, links: &[String]) -> u64 {
        match how {
            EndedAs::Ok => self.ok,
            EndedAs::Stale => self.stale,
            EndedAs::TimedOut => self.timed_out,
            EndedAs::RejectedBy(component) => self.rejected[*component],
            EndedAs::FailedAt(component) => self.failed[*component],
            EndedAs::LostOn(name) => {
                let link = links.iter().position(|link| link == name);
                link.map_or(0, |link| self.lost[link])
            }
            EndedAs::InFlight => self.arrivals - self.ended(),
        }
    }

    pub(crate) fn clear(&mut self) {
        (self.arrivals, self.ok, self.stale, self.leaked) = (0, 0, 0, 0);
        (self.answered, self.timed_out, self.unanswered) = (0, 0, 0);
        self.rejected.fill(0);
        self.failed.fill(0);
        self.lost.fill(0);
        self.latency.clear();
        self.early.clear();
    }
}
