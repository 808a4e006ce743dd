//! Where the time of clients' requests goes: each answered request's latency, taken apart over its
//! whole tree of calls. Kept only for a run that is asked for it.
//!
//! *Invariant:* the parts of a request add up to its latency, to the nanosecond. A call counts in
//! the parts of its caller when its answer arrives there; what a caller spent on calls that were
//! given up is a part of its own.

use crate::units::{Span, Time};

use super::node::{Outcome, Request, RequestKey};

/// What the time in one component, or on the way to it, went to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// On the link to the component and back.
    Network,
    /// Waiting for a worker or a connection.
    Slot,
    /// Waiting for a core that runs one job at a time.
    Core,
    /// On cores that were shared: what it took longer than it would have taken alone.
    Sharing,
    /// Processor time.
    Service,
    /// Waiting for something that is not a core.
    Io,
    /// Waiting for calls that were then given up.
    GivenUp,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 7] = [
        Part::Network,
        Part::Slot,
        Part::Core,
        Part::Sharing,
        Part::Service,
        Part::Io,
        Part::GivenUp,
    ];
}

/// The latencies of some requests, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// How many requests.
    pub requests: u64,
    /// Their latencies, summed (ns).
    pub latency: u128,
    /// For each component and each of [`Part::ALL`], the time it took, summed (ns).
    sums: Vec<u128>,
}

impl Parts {
    fn new(components: usize) -> Parts {
        Parts { requests: 0, latency: 0, sums: vec![0; components * Part::ALL.len()] }
    }

    /// The time that went to a part of a component, summed over the requests (ns).
    pub fn sum(&self, component: usize, part: Part) -> u128 {
        self.sums[place(component, part) as usize]
    }

    fn add(&mut self, latency: Span, parts: &[(u32, Span)]) {
        self.requests += 1;
        self.latency += u128::from(latency.nanos());
        for &(place, time) in parts {
            self.sums[place as usize] += u128::from(time.nanos());
        }
    }
}

fn place(component: usize, part: Part) -> u32 {
    (component * Part::ALL.len() + part as usize) as u32
}

/// The requests of one type, or of all.
#[derive(Clone, Debug)]
pub struct Group {
    /// All that were answered well.
    pub all: Parts,
    /// Of them, those that took as long as asked for or longer.
    pub slow: Parts,
    /// From when on a request counts as slow.
    threshold: Span,
}

/// What is known so far of a request in flight.
#[derive(Clone, Debug)]
struct Frame {
    key: RequestKey,
    /// Waits for a core, and for what is no core, so far.
    core: Span,
    io: Span,
    /// What its answered calls took.
    called: Span,
    /// The parts of these calls.
    parts: Vec<(u32, Span)>,
}

impl Frame {
    fn add(&mut self, place: u32, time: Span) {
        if time == Span::ZERO {
            return;
        }
        match self.parts.iter_mut().find(|(known, _)| *known == place) {
            Some((_, sum)) => *sum += time,
            None => self.parts.push((place, time)),
        }
    }

    /// Takes the time apart that a request spent at its callee, `component`.
    fn end(&mut self, request: &Request, component: usize) {
        let visit = &request.visit;
        let answered = visit.since;
        let away = visit.away;
        let mut rest = (answered - visit.arrived).saturating_sub(away);
        for (part, time) in [
            (Part::Core, self.core),
            (Part::Slot, visit.waited.saturating_sub(self.core)),
            (Part::Io, self.io),
            (Part::Service, visit.used),
        ] {
            let time = time.min(rest);
            rest = rest.saturating_sub(time);
            self.add(place(component, part), time);
        }
        self.add(place(component, Part::Sharing), rest);
        self.add(place(component, Part::GivenUp), away.saturating_sub(self.called));
    }
}

/// The anatomy of all requests of a run.
#[derive(Clone, Debug)]
pub struct Anatomy {
    /// By the slot of the request.
    frames: Vec<Frame>,
    /// By request type, and at last all together.
    groups: Vec<Group>,
}

impl Anatomy {
    /// From when on a request counts as slow: for each request type, and at last for all.
    pub(super) fn new(components: usize, thresholds: &[Span]) -> Anatomy {
        let group = |&threshold: &Span| Group {
            all: Parts::new(components),
            slow: Parts::new(components),
            threshold,
        };
        Anatomy { frames: Vec::new(), groups: thresholds.iter().map(group).collect() }
    }

    /// The requests by type, and at last all together.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    fn frame(&mut self, key: RequestKey) -> &mut Frame {
        let index = key.index() as usize;
        while self.frames.len() <= index {
            let (core, io, called) = (Span::ZERO, Span::ZERO, Span::ZERO);
            self.frames.push(Frame { key: RequestKey::NONE, core, io, called, parts: Vec::new() });
        }
        let frame = &mut self.frames[index];
        if frame.key != key {
            (frame.core, frame.io, frame.called) = (Span::ZERO, Span::ZERO, Span::ZERO);
            frame.parts.clear();
            frame.key = key;
        }
        frame
    }

    pub(super) fn waited_for_a_core(&mut self, key: RequestKey, wait: Span) {
        self.frame(key).core += wait;
    }

    pub(super) fn waits_for_io(&mut self, key: RequestKey, delay: Span) {
        self.frame(key).io += delay;
    }

    /// A request waited for a strand of its own: it goes on with what that has met.
    pub(super) fn adopt(&mut self, strand: RequestKey, parent: RequestKey) {
        let frame = self.frame(strand);
        let (core, io, called) = (frame.core, frame.io, frame.called);
        let parts = std::mem::take(&mut frame.parts);
        let parent = self.frame(parent);
        parent.core += core;
        parent.io += io;
        parent.called += called;
        parts.iter().for_each(|&(place, time)| parent.add(place, time));
        // The room is used again.
        self.frame(strand).parts = parts;
    }

    /// The answer to a request reaches its caller, who waits for it. `start` is when figures start.
    pub(super) fn answered(
        &mut self,
        key: RequestKey,
        request: &Request,
        component: usize,
        now: Time,
        start: Time,
    ) {
        let latency = now - request.sent;
        let network = latency.saturating_sub(request.visit.since - request.visit.arrived);
        let frame = self.frame(key);
        frame.end(request, component);
        frame.add(place(component, Part::Network), network);
        let parts = std::mem::take(&mut frame.parts);
        if !request.parent.is_none() {
            let parent = self.frame(request.parent);
            parent.called += latency;
            parts.iter().for_each(|&(place, time)| parent.add(place, time));
        } else if Outcome::from(request.ending) == Outcome::Ok && request.sent >= start {
            self.record(request.kind, latency, &parts);
        }
        // The room is used again.
        self.frame(key).parts = parts;
    }

    fn record(&mut self, kind: u16, latency: Span, parts: &[(u32, Span)]) {
        let sum: u64 = parts.iter().map(|(_, time)| time.nanos()).sum();
        debug_assert_eq!(sum, latency.nanos(), "the parts add up");
        let all = self.groups.len() - 1;
        for group in [usize::from(kind), all] {
            let group = &mut self.groups[group];
            group.all.add(latency, parts);
            if latency >= group.threshold {
                group.slow.add(latency, parts);
            }
        }
    }

    /// The warm-up is over: figures start now.
    pub(super) fn measure(&mut self) {
        for group in &mut self.groups {
            for parts in [&mut group.all, &mut group.slow] {
                (parts.requests, parts.latency) = (0, 0);
                parts.sums.fill(0);
            }
        }
    }
}
