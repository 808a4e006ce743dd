//! Jobs that are all served at one rate.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::message::AttemptKey;
use crate::units::{Span, Time};

/// A job among others: done when each has been served `due` since the last time that there was
/// none.
#[derive(Clone, Copy, Debug)]
struct Job {
    due: f64,
    sequence: u64,
    key: AttemptKey,
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.total_cmp(&other.due).then(self.sequence.cmp(&other.sequence))
    }
}

/// Jobs that are all served at one rate, which may change.
///
/// It is enough to know how much service each job present since there was none would have had
/// (`served`, the virtual time): a job that comes with demand d is done when `served` has grown by
/// d. A heap of those marks makes a change cost O(log jobs).
#[derive(Debug)]
pub(super) struct Sharing {
    jobs: BinaryHeap<Reverse<Job>>,
    /// Service per job since there was none (ns).
    served: f64,
    /// When `served` was last brought up to date.
    updated: Time,
    started: u64,
}

impl Sharing {
    pub(super) fn new() -> Sharing {
        Sharing { jobs: BinaryHeap::new(), served: 0.0, updated: Time::ZERO, started: 0 }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Each has been served at this rate since this was last said.
    #[inline]
    pub(super) fn advance(&mut self, now: Time, rate: f64) {
        if self.jobs.is_empty() {
            self.served = 0.0;
        } else {
            self.served += (now - self.updated).nanos() as f64 * rate;
        }
        self.updated = now;
    }

    /// One more, once all is up to date.
    #[inline]
    pub(super) fn push(&mut self, key: AttemptKey, demand: Span) {
        self.started += 1;
        let due = self.served + demand.nanos() as f64;
        self.jobs.push(Reverse(Job { due, sequence: self.started, key }));
    }

    /// When the first is done at this rate; never if there is none.
    #[inline]
    pub(super) fn first_due(&self, now: Time, rate: f64) -> Time {
        let Some(Reverse(first)) = self.jobs.peek() else { return Time::NEVER };
        let left = ((first.due - self.served) / rate).max(0.0);
        now + Span::from_nanos(libm::ceil(left) as u64)
    }

    /// The first, which is done.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<AttemptKey> {
        let Reverse(job) = self.jobs.pop()?;
        // The clock's rounding must not leave a job short of its due.
        self.served = self.served.max(job.due);
        Some(job.key)
    }

    /// All are gone.
    pub(super) fn clear(&mut self) {
        self.jobs.clear();
    }
}
