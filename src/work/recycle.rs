//! Workers that are replaced after so many requests, as application servers do against slow leaks.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::distribution::{Delay, Size};
use crate::document::record;
use crate::engine::Stream;
use crate::units::Time;

record! {
    /// Workers that are replaced after a while. At the beginning all are new and warm.
    #[short = after]
    pub struct RecycleSpec {
        /// How many requests a worker serves before it is replaced, drawn for each worker: with
        /// `uniform(1000, 1050)` they are not all replaced at once.
        pub after: Size,
        /// How long its replacement takes to start; nobody works in its place meanwhile.
        pub start: Delay = "1s",
    }
}

/// Which worker is which, and how much each has done.
#[derive(Debug)]
pub(super) struct Recycling {
    after: Size,
    start: Delay,
    /// How long each start takes is drawn from here.
    stream: Stream,
    starts: u64,
    /// Workers that were new so far; how many requests each serves is drawn by its number.
    lives: u64,
    /// How many requests each worker has yet to serve.
    left: Vec<u32>,
    /// Those without work; the one that has been so longest is next.
    idle: VecDeque<u32>,
    /// Those that start, and when they will have.
    starting: BinaryHeap<Reverse<(Time, u32)>>,
}

impl Recycling {
    pub(super) fn new(spec: &RecycleSpec, workers: u64, stream: Stream) -> Recycling {
        let workers = u32::try_from(workers).expect("recycled workers are checked to be few");
        let mut recycling = Recycling {
            after: spec.after.clone(),
            start: spec.start.clone(),
            stream: stream.named("recycle"),
            starts: 0,
            lives: 0,
            left: vec![0; workers as usize],
            idle: VecDeque::new(),
            starting: BinaryHeap::new(),
        };
        recycling.renew();
        recycling
    }

    /// A worker is new.
    fn begin(&mut self, worker: u32) {
        let stream = self.stream.named("after").at(self.lives);
        self.left[worker as usize] = self.after.draw(stream);
        self.lives += 1;
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
        let left = &mut self.left[worker as usize];
        *left -= 1;
        if *left > 0 {
            return None;
        }
        self.begin(worker);
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
        self.starting.clear();
        self.idle.clear();
        self.idle.extend(0..self.left.len() as u32);
        (0..self.left.len() as u32).for_each(|worker| self.begin(worker));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many requests each of `workers` serves until it is replaced the first time.
    fn lives(after: Size, workers: u64) -> Vec<u64> {
        let spec = RecycleSpec { after, start: Delay::NONE };
        let mut recycling = Recycling::new(&spec, workers, Stream::root(1, 0));
        let life = |worker| {
            1 + (0..).take_while(|_| recycling.served(worker, Time::ZERO).is_none()).count() as u64
        };
        (0..workers as u32).map(life).collect()
    }

    #[test]
    fn each_worker_serves_as_many_as_are_drawn_for_it() {
        assert_eq!(lives(Size::Fixed(3), 4), [3; 4]);
        let drawn = lives(Size::Uniform(10, 19), 1_000);
        assert!(drawn.iter().all(|life| (10..20).contains(life)));
        // The mean is 14.5 with a standard error of 0.091; the band is six of those, a false alarm
        // about once in 10^8.
        let mean = drawn.iter().sum::<u64>() as f64 / 1e3;
        assert!((mean - 14.5).abs() < 0.55, "{mean}");
    }
}
