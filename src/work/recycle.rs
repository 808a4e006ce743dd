//! Workers that are replaced after so many requests, as application servers do against slow leaks.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::distribution::Delay;
use crate::document::{Count, record};
use crate::engine::Stream;
use crate::units::Time;

record! {
    /// Workers that are replaced after a while. At the beginning all are new and warm.
    #[short = after]
    pub struct RecycleSpec {
        /// How many requests a worker serves before it is replaced.
        pub after: Count,
        /// How long its replacement takes to start; nobody works in its place meanwhile.
        pub start: Delay = "1s",
    }
}

/// Which worker is which, and how much each has done.
#[derive(Debug)]
pub(super) struct Recycling {
    after: u64,
    start: Delay,
    /// How long each start takes is drawn from here.
    stream: Stream,
    starts: u64,
    /// Requests served since it was new, of each worker.
    served: Vec<u64>,
    /// Those without work; the one that has been so longest is next.
    idle: VecDeque<u32>,
    /// Those that start, and when they will have.
    starting: BinaryHeap<Reverse<(Time, u32)>>,
}

impl Recycling {
    pub(super) fn new(spec: &RecycleSpec, workers: u64, stream: Stream) -> Recycling {
        let workers = u32::try_from(workers).expect("recycled workers are checked to be few");
        Recycling {
            after: spec.after.get(),
            start: spec.start.clone(),
            stream: stream.named("recycle"),
            starts: 0,
            served: vec![0; workers as usize],
            idle: (0..workers).collect(),
            starting: BinaryHeap::new(),
        }
    }

    /// Takes the worker that has been idle longest.
    pub(super) fn take(&mut self) -> u32 {
        self.idle.pop_front().expect("a worker is taken only while one is idle")
    }

    /// A worker has nothing to do.
    pub(super) fn rest(&mut self, worker: u32) {
        self.idle.push_back(worker);
    }

    /// A worker has served one more request. Returns when its replacement will have started, if
    /// that was its last.
    pub(super) fn served(&mut self, worker: u32, now: Time) -> Option<Time> {
        let served = &mut self.served[worker as usize];
        *served += 1;
        if *served < self.after {
            return None;
        }
        *served = 0;
        let ready = now + self.start.draw(self.stream.at(self.starts));
        self.starts += 1;
        self.starting.push(Reverse((ready, worker)));
        Some(ready)
    }

    /// A worker that has started by now, if there is one more.
    pub(super) fn started(&mut self, now: Time) -> Option<u32> {
        let Reverse((ready, worker)) = *self.starting.peek()?;
        (ready <= now).then(|| {
            self.starting.pop();
            worker
        })
    }

    /// All are new.
    pub(super) fn renew(&mut self) {
        self.served.fill(0);
        self.starting.clear();
        self.idle.clear();
        self.idle.extend(0..self.served.len() as u32);
    }
}
