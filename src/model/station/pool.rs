//! A pool of workers or connections, with the queue in front of it.

use std::collections::VecDeque;

use crate::document::{Limit, record};
use crate::model::node::RequestKey;

record! {
    /// A queue, first come first served.
    pub struct QueueSpec {
        /// How many may wait; the next is turned away.
        pub limit: Limit = "4096",
    }
}

/// What a pool does with a newcomer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::model) enum Admission {
    /// It has a worker at once.
    Served,
    /// It waits for one.
    Queued,
    /// The queue is full.
    Refused,
}

/// Workers, all alike, and those who wait for one, first come first served.
#[derive(Debug)]
pub(in crate::model) struct Pool {
    workers: u64,
    taken: u64,
    /// Each with whether it is a newcomer: the limit is for newcomers only.
    waiting: VecDeque<(RequestKey, bool)>,
    limit: u64,
    newcomers: u64,
}

impl Pool {
    /// `None` means without a limit.
    pub(in crate::model) fn new(workers: Option<u64>, queue_limit: Option<u64>) -> Pool {
        Pool {
            workers: workers.unwrap_or(u64::MAX),
            taken: 0,
            waiting: VecDeque::new(),
            limit: queue_limit.unwrap_or(u64::MAX),
            newcomers: 0,
        }
    }

    /// A newcomer asks for a worker.
    #[inline]
    pub(in crate::model) fn admit(&mut self, key: RequestKey) -> Admission {
        if self.taken < self.workers {
            self.taken += 1;
            Admission::Served
        } else if self.newcomers < self.limit {
            self.newcomers += 1;
            self.waiting.push_back((key, true));
            Admission::Queued
        } else {
            Admission::Refused
        }
    }

    /// Somebody served before asks for a worker again. Returns whether it has one; it waits, never
    /// refused, otherwise.
    pub(in crate::model) fn take_again(&mut self, key: RequestKey) -> bool {
        if self.taken < self.workers {
            self.taken += 1;
            return true;
        }
        self.waiting.push_back((key, false));
        false
    }

    /// A worker is free: whoever waits longest takes it over.
    #[inline]
    pub(in crate::model) fn hand_over(&mut self) -> Option<RequestKey> {
        let Some((key, newcomer)) = self.waiting.pop_front() else {
            self.taken -= 1;
            return None;
        };
        self.newcomers -= u64::from(newcomer);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Key;

    #[test]
    fn the_limit_is_for_newcomers_who_wait() {
        let mut pool = Pool::new(Some(1), Some(1));
        let key = Key::NONE;
        assert_eq!(pool.admit(key), Admission::Served);
        assert!(!pool.take_again(key));
        assert_eq!(pool.admit(key), Admission::Queued);
        assert_eq!(pool.admit(key), Admission::Refused);
        assert!(pool.hand_over().is_some());
        assert_eq!(pool.admit(key), Admission::Refused);
        assert!(pool.hand_over().is_some());
        assert!(pool.hand_over().is_none());
        assert_eq!(pool.admit(key), Admission::Served);
    }
}
