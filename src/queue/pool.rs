//! A pool of workers or connections, with the queue in front of it.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::distribution::Delay;
use crate::document::{At, Limit, Name, Problem, Problems, choice, quoted, record};
use crate::engine::Stream;
use crate::message::AttemptKey;

use super::order::{Line, Linked, QueueOrder, Waiter};

record! {
    /// A queue of requests that wait for a worker.
    pub struct QueueSpec {
        /// How many may wait.
        pub limit: Limit = "4096",
        /// Who of them is served next.
        pub order: QueueOrder = "fifo",
        /// What happens to a request that finds the queue full.
        pub full: OverflowPolicy = "reject",
        /// How long a request waits before it leaves the queue, rejected; for ever if not given.
        /// The time does not count once it is being served.
        pub timeout: Option<At<Delay>>,
    }
}

impl QueueSpec {
    /// Whether the most urgent are served first.
    pub(crate) fn is_by_priority(&self) -> bool {
        self.order == QueueOrder::Priority
    }

    /// Reports a queue of the component `name` that could not be meant.
    pub(crate) fn check(&self, name: &Name, problems: &mut Problems) {
        if let Some(timeout) = &self.timeout
            && timeout.value.mean() == 0.0
        {
            let title = format!("who waits at {} leaves at once", quoted(&name.value));
            let label = "expected a time above zero, or `limit: 0`";
            problems.push(Problem::new(timeout.place, title, label));
        }
    }
}

impl Default for QueueSpec {
    /// What holds where nothing is said.
    fn default() -> QueueSpec {
        let limit = Limit::of(4096);
        QueueSpec { limit, order: QueueOrder::Fifo, full: OverflowPolicy::Reject, timeout: None }
    }
}

choice! {
    /// What happens when a request finds the queue full.
    pub enum OverflowPolicy {
        /// It is turned away.
        Reject = "reject",
        /// The one that has waited longest is turned away and makes room; with `order: priority`,
        /// of the least urgent, and never for one less urgent still.
        DropOldest = "drop_oldest",
    }
}

/// How urgent each of the clients' request types is; 0 is the most urgent, and no class is empty.
pub(crate) type Classes = Rc<[u16]>;

/// What a pool does with a newcomer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admission {
    /// It has a worker at once.
    Served,
    /// It waits for one, at this place.
    Queued(u32),
    /// It waits at this place, and this one is turned away for it.
    Instead(u32, AttemptKey),
    /// The queue is full.
    Refused,
    /// There is no memory for it, and that is the end of the server; or the server has ended.
    Fatal,
}

/// Workers, all alike, and those who wait for one.
#[derive(Debug)]
pub(crate) struct Pool {
    workers: u64,
    taken: u64,
    line: Line,
    /// The class of each request type; none where the order asks for none.
    classes: Classes,
    /// For newcomers only.
    limit: u64,
    newcomers: u64,
    full: OverflowPolicy,
    /// One more than there are workers is the end.
    fatal: bool,
    /// There is nobody to serve anyone.
    closed: bool,
}

impl Pool {
    /// Workers without a limit if `None`, with a queue as its spec says. `stream` is for the order.
    pub(crate) fn new(
        workers: Option<u64>,
        queue: &QueueSpec,
        classes: &Classes,
        stream: Stream,
    ) -> Pool {
        let plain = queue.order == QueueOrder::Fifo
            && queue.full == OverflowPolicy::Reject
            && queue.timeout.is_none();
        let by_class = queue.order == QueueOrder::Priority;
        let classes = if by_class { Rc::clone(classes) } else { Rc::from([]) };
        let line = if plain {
            Line::Plain(VecDeque::new())
        } else {
            let count = classes.iter().max().map_or(1, |&last| usize::from(last) + 1);
            Line::Linked(Box::new(Linked::new(queue.order, count, stream.draws())))
        };
        Pool {
            workers: workers.unwrap_or(u64::MAX),
            taken: 0,
            line,
            classes,
            limit: queue.limit.get().unwrap_or(u64::MAX),
            newcomers: 0,
            full: queue.full,
            fatal: false,
            closed: false,
        }
    }

    /// A newcomer for whom no worker is free is the end of the server.
    pub(crate) fn fatal(self, fatal: bool) -> Pool {
        Pool { limit: if fatal { 0 } else { self.limit }, fatal, ..self }
    }

    /// Workers are free and nobody waits.
    pub(crate) fn clear(&mut self) {
        self.line.clear();
        (self.taken, self.newcomers, self.closed) = (0, 0, false);
    }

    /// A newcomer, of this request type, asks for a worker.
    #[inline]
    pub(crate) fn admit(&mut self, key: AttemptKey, request_type: u16) -> Admission {
        if self.taken < self.workers {
            self.taken += 1;
            Admission::Served
        } else if self.newcomers < self.limit {
            self.newcomers += 1;
            Admission::Queued(self.line_up(key, request_type, true))
        } else {
            self.when_full(key, request_type)
        }
    }

    #[inline]
    fn line_up(&mut self, key: AttemptKey, request_type: u16, newcomer: bool) -> u32 {
        let class = self.class(request_type);
        self.line.push(Waiter { key, newcomer }, class)
    }

    #[inline]
    fn class(&self, request_type: u16) -> u16 {
        self.classes.get(usize::from(request_type)).copied().unwrap_or(0)
    }

    #[inline(never)]
    fn when_full(&mut self, key: AttemptKey, request_type: u16) -> Admission {
        if self.fatal || self.closed {
            return Admission::Fatal;
        }
        let class = self.class(request_type);
        let dropped = match (&mut self.line, self.full) {
            (Line::Linked(line), OverflowPolicy::DropOldest) => line.take_oldest(class),
            _ => None,
        };
        dropped.map_or(Admission::Refused, |dropped| {
            Admission::Instead(self.line_up(key, request_type, true), dropped)
        })
    }

    /// All workers are gone, and nobody waits.
    pub(crate) fn close(&mut self) {
        self.clear();
        (self.taken, self.newcomers, self.closed) = (self.workers, self.limit, true);
    }

    /// Workers are free again, if they were gone.
    pub(crate) fn open(&mut self) {
        if self.closed {
            self.clear();
        }
    }

    /// Somebody let in before asks for a worker. Returns whether it has one; it waits, never
    /// refused, otherwise.
    pub(crate) fn take_again(&mut self, key: AttemptKey, request_type: u16) -> bool {
        if self.taken < self.workers {
            self.taken += 1;
            return true;
        }
        self.wait_again(key, request_type);
        false
    }

    /// Somebody let in before waits for a worker, though the queue may be full.
    pub(crate) fn wait_again(&mut self, key: AttemptKey, request_type: u16) {
        self.line_up(key, request_type, false);
    }

    /// A newcomer leaves the queue, if it still waits at this place.
    pub(crate) fn leave(&mut self, place: u32, key: AttemptKey) -> bool {
        let Line::Linked(line) = &mut self.line else { return false };
        let left = line.leave(place, key);
        self.newcomers -= u64::from(left);
        left
    }

    /// A worker is free: the next request takes it over.
    #[inline]
    pub(crate) fn hand_over(&mut self) -> Option<AttemptKey> {
        let Some(Waiter { key, newcomer }) = self.line.pop() else {
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
    use crate::document::read_text as read;
    use crate::engine::Key;

    fn pool(queue: &str) -> Pool {
        let queue: QueueSpec = read(queue);
        Pool::new(Some(1), &queue, &Classes::from([1, 0]), Stream::root(1, 0))
    }

    #[test]
    fn the_limit_is_for_newcomers_who_wait() {
        let mut pool = pool("{limit: 1}");
        let key = Key::NONE;
        assert_eq!(pool.admit(key, 0), Admission::Served);
        assert!(!pool.take_again(key, 0));
        assert!(matches!(pool.admit(key, 0), Admission::Queued(_)));
        assert_eq!(pool.admit(key, 0), Admission::Refused);
        assert!(pool.hand_over().is_some());
        assert_eq!(pool.admit(key, 0), Admission::Refused);
        assert!(pool.hand_over().is_some());
        assert!(pool.hand_over().is_none());
        assert_eq!(pool.admit(key, 0), Admission::Served);
    }

    #[test]
    fn a_full_queue_makes_room_for_whom_it_should() {
        let key = Key::from_bits;
        let mut pool = pool("{limit: 2, order: priority, full: drop_oldest}");
        assert_eq!(pool.admit(key(1), 0), Admission::Served);
        assert_eq!(pool.admit(key(2), 1), Admission::Queued(0));
        assert_eq!(pool.admit(key(3), 0), Admission::Queued(1));
        assert_eq!(pool.admit(key(4), 0), Admission::Instead(1, key(3)));
        assert_eq!(pool.admit(key(5), 1), Admission::Instead(1, key(4)));
        assert_eq!(pool.admit(key(6), 0), Admission::Refused, "all who wait are more urgent");
        assert!(pool.leave(0, key(2)) && !pool.leave(0, key(2)));
        assert_eq!(pool.admit(key(7), 0), Admission::Queued(0), "who left makes room");
        assert_eq!([pool.hand_over(), pool.hand_over()], [Some(key(5)), Some(key(7))]);
    }
}
