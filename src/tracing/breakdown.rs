//! Where the time of clients' requests goes: the latencies of all answered requests, taken apart by
//! component and part, and summed.

use crate::units::{Span, Time};

use super::trace::{Part, Trace};

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

/// The breakdown of all requests of a run.
#[derive(Clone, Debug)]
pub struct Breakdown {
    /// By request type, and at last all together.
    groups: Vec<Group>,
    /// The component of each node.
    component_of: Vec<u32>,
    /// The parts of the present request, by place.
    parts: Vec<(u32, Span)>,
}

impl Breakdown {
    /// From when on a request counts as slow: for each request type, and at last for all.
    pub(crate) fn new(component_of: Vec<u32>, thresholds: &[Span]) -> Breakdown {
        let components = component_of.iter().max().map_or(0, |&last| last as usize + 1);
        let group = |&threshold: &Span| Group {
            all: Parts::new(components),
            slow: Parts::new(components),
            threshold,
        };
        let groups = thresholds.iter().map(group).collect();
        Breakdown { groups, component_of, parts: Vec::new() }
    }

    /// The requests by type, and at last all together.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Nothing more happens to a request.
    pub(super) fn read(&mut self, trace: &Trace) {
        if let Some((ended, Some(outcome))) = trace.ended
            && outcome.is_answer()
        {
            self.add(trace, ended);
        }
    }

    fn add(&mut self, trace: &Trace, ended: Time) {
        let Breakdown { groups, component_of, parts } = self;
        parts.clear();
        trace.stretches(ended, |stretch| {
            if !stretch.counts {
                return;
            }
            let callee = trace.calls[stretch.call as usize].callee;
            let place = place(component_of[callee.0 as usize] as usize, stretch.part);
            let time = stretch.end - stretch.start;
            match parts.iter_mut().find(|(known, _)| *known == place) {
                Some((_, sum)) => *sum += time,
                None => parts.push((place, time)),
            }
        });
        let latency = ended - trace.sent;
        let sum: u64 = parts.iter().map(|(_, time)| time.nanos()).sum();
        debug_assert_eq!(sum, latency.nanos(), "the parts add up");
        let all = groups.len() - 1;
        for group in [usize::from(trace.identity.request_type), all] {
            let group = &mut groups[group];
            group.all.add(latency, parts);
            if latency >= group.threshold {
                group.slow.add(latency, parts);
            }
        }
    }
}
