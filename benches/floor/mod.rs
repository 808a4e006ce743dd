//! The floor: what a bare event loop over the standard library's heap needs for the same events.
//!
//! Three loops written for one purpose each: no topology, no limits, no statistics but the mean
//! sojourn, by which they are checked against theory. What a general program adds to this is its
//! price.

// Written as somebody would who wants this one figure and nothing else.
#![allow(clippy::disallowed_methods, clippy::too_many_lines)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Time [ns], sequence, event: 24 bytes.
type Pending<E> = Reverse<(u64, u64, E)>;

struct Agenda<E> {
    now: u64,
    sequence: u64,
    heap: BinaryHeap<Pending<E>>,
}

impl<E: Ord> Agenda<E> {
    fn new() -> Agenda<E> {
        const { assert!(size_of::<Pending<E>>() == 24) };
        Agenda { now: 0, sequence: 0, heap: BinaryHeap::new() }
    }

    fn schedule(&mut self, delay: u64, event: E) {
        self.sequence += 1;
        self.heap.push(Reverse((self.now + delay, self.sequence, event)));
    }

    fn next(&mut self) -> Option<E> {
        let Reverse((time, _, event)) = self.heap.pop()?;
        self.now = time;
        Some(event)
    }
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn exponential(&mut self, mean: f64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let unit = (((z ^ (z >> 31)) >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64);
        (-mean * unit.ln()) as u64
    }
}

const MILLISECOND: u64 = 1_000_000;

/// W1: requests by a Poisson process to one exponential server of 10 ms at a load of 0.8. Returns
/// the mean sojourn [ms].
pub(crate) fn single(requests: u64, seed: u64) -> f64 {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Event {
        Arrive,
        Depart,
    }
    let mut random = Random(seed);
    let mut agenda = Agenda::new();
    // When each request present arrived; the first is in service.
    let mut present = VecDeque::new();
    let (mut sent, mut sum) = (0, 0);
    agenda.schedule(random.exponential(12.5e6), Event::Arrive);
    while let Some(event) = agenda.next() {
        match event {
            Event::Arrive => {
                sent += 1;
                if sent < requests {
                    agenda.schedule(random.exponential(12.5e6), Event::Arrive);
                }
                if present.is_empty() {
                    agenda.schedule(random.exponential(10e6), Event::Depart);
                }
                present.push_back(agenda.now);
            }
            Event::Depart => {
                sum += agenda.now - present.pop_front().expect("somebody is in service");
                if !present.is_empty() {
                    agenda.schedule(random.exponential(10e6), Event::Depart);
                }
            }
        }
    }
    sum as f64 / (requests * MILLISECOND) as f64
}

/// W2: requests by a Poisson process to ten exponential servers of 10 ms in turn, at a load of 0.8.
/// Returns the mean sojourn [ms].
pub(crate) fn farm(requests: u64, seed: u64) -> f64 {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Event {
        Arrive,
        Depart(u32),
    }
    let mut random = Random(seed);
    let mut agenda = Agenda::new();
    let mut servers: [VecDeque<u64>; 10] = Default::default();
    let (mut sent, mut sum, mut turn) = (0, 0, 0);
    agenda.schedule(random.exponential(1.25e6), Event::Arrive);
    while let Some(event) = agenda.next() {
        match event {
            Event::Arrive => {
                sent += 1;
                if sent < requests {
                    agenda.schedule(random.exponential(1.25e6), Event::Arrive);
                }
                let present = &mut servers[turn as usize];
                if present.is_empty() {
                    agenda.schedule(random.exponential(10e6), Event::Depart(turn));
                }
                present.push_back(agenda.now);
                turn = (turn + 1) % 10;
            }
            Event::Depart(server) => {
                let present = &mut servers[server as usize];
                sum += agenda.now - present.pop_front().expect("somebody is in service");
                if !present.is_empty() {
                    agenda.schedule(random.exponential(10e6), Event::Depart(server));
                }
            }
        }
    }
    sum as f64 / (requests * MILLISECOND) as f64
}

/// Cores with those who wait for one.
struct Station {
    free: u32,
    waiting: VecDeque<u32>,
}

impl Station {
    fn new(cores: u32) -> Station {
        Station { free: cores, waiting: VecDeque::new() }
    }

    /// Whether there is a core at once.
    fn take(&mut self, request: u32) -> bool {
        if self.free == 0 {
            self.waiting.push_back(request);
            return false;
        }
        self.free -= 1;
        true
    }

    /// Who has the core next.
    fn release(&mut self) -> Option<u32> {
        let next = self.waiting.pop_front();
        self.free += u32::from(next.is_none());
        next
    }
}

/// Requests in flight, in slots that are used again: when each was sent, and its server.
#[derive(Default)]
struct InFlight {
    slots: Vec<(u64, u32)>,
    free: Vec<u32>,
}

impl InFlight {
    fn insert(&mut self, now: u64) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, 0));
            self.slots.len() as u32 - 1
        });
        self.slots[slot as usize].0 = now;
        slot
    }
}

/// W3: client, balancer, three servers of four cores and 10 ms in turn, a database of eight
/// connections and 5 ms, 1 ms from each to the next and back, 840 requests a second. Nine events a
/// request. Returns the mean sojourn [ms].
pub(crate) fn tiers(requests: u64, seed: u64) -> f64 {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Event {
        Send,
        AtBalancer(u32),
        AtServer(u32),
        Computed(u32),
        AtDatabase(u32),
        Read(u32),
        BackAtServer(u32),
        BackAtBalancer(u32),
        BackAtClient(u32),
    }
    const GAP: f64 = 1e9 / 840.0;
    let mut random = Random(seed);
    let mut agenda = Agenda::new();
    let mut in_flight = InFlight::default();
    let mut servers = [Station::new(4), Station::new(4), Station::new(4)];
    let mut database = Station::new(8);
    let (mut sent, mut sum, mut turn) = (0, 0, 0);
    agenda.schedule(random.exponential(GAP), Event::Send);
    while let Some(event) = agenda.next() {
        match event {
            Event::Send => {
                sent += 1;
                if sent < requests {
                    agenda.schedule(random.exponential(GAP), Event::Send);
                }
                let request = in_flight.insert(agenda.now);
                agenda.schedule(MILLISECOND, Event::AtBalancer(request));
            }
            Event::AtBalancer(request) => {
                in_flight.slots[request as usize].1 = turn;
                turn = (turn + 1) % 3;
                agenda.schedule(MILLISECOND, Event::AtServer(request));
            }
            Event::AtServer(request) => {
                let server = in_flight.slots[request as usize].1;
                if servers[server as usize].take(request) {
                    agenda.schedule(random.exponential(10e6), Event::Computed(request));
                }
            }
            Event::Computed(request) => {
                let server = in_flight.slots[request as usize].1;
                if let Some(next) = servers[server as usize].release() {
                    agenda.schedule(random.exponential(10e6), Event::Computed(next));
                }
                agenda.schedule(MILLISECOND, Event::AtDatabase(request));
            }
            Event::AtDatabase(request) => {
                if database.take(request) {
                    agenda.schedule(random.exponential(5e6), Event::Read(request));
                }
            }
            Event::Read(request) => {
                if let Some(next) = database.release() {
                    agenda.schedule(random.exponential(5e6), Event::Read(next));
                }
                agenda.schedule(MILLISECOND, Event::BackAtServer(request));
            }
            Event::BackAtServer(request) => {
                agenda.schedule(MILLISECOND, Event::BackAtBalancer(request));
            }
            Event::BackAtBalancer(request) => {
                agenda.schedule(MILLISECOND, Event::BackAtClient(request));
            }
            Event::BackAtClient(request) => {
                sum += agenda.now - in_flight.slots[request as usize].0;
                in_flight.free.push(request);
            }
        }
    }
    sum as f64 / (requests * MILLISECOND) as f64
}
