//! A disk: operations begin in turn, as many at once and in a second as there may be; each takes
//! the flow of its bytes and a latency.
//!
//! When an operation is done is known when it comes in (Lindley's recursion), so nothing happens
//! for it but that its request goes on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::engine::Stream;
use crate::measure::{DiskUse, Limited};
use crate::runtime::Ctx;
use crate::units::{Bytes, Span, Time};

use super::pacing::Pacing;
use super::spec::{DiskSpec, Numbers};

/// The disk of one instance.
#[derive(Debug)]
pub(super) struct Disk {
    spec: Numbers,
    /// When each of those will be done that may be at work at once, if that is limited.
    at_work: Option<BinaryHeap<Reverse<Time>>>,
    /// When the next may begin, if that is limited.
    pacing: Option<Pacing>,
    /// When all bytes have flowed that are to flow.
    flowed: Time,
}

impl Disk {
    pub(super) fn new(spec: &DiskSpec) -> Disk {
        let spec = spec.numbers();
        Disk {
            at_work: spec.at_once.map(|most| (0..most).map(|_| Reverse(Time::ZERO)).collect()),
            pacing: spec.iops.map(|iops| Pacing::new(iops, spec.burst)),
            flowed: Time::ZERO,
            spec,
        }
    }

    /// The account of what is in use of it, at the start.
    pub(super) fn account(&self) -> DiskUse {
        let Numbers { at_once, iops, burst, throughput, .. } = &self.spec;
        let most = burst.map(|(iops, _)| iops).or(*iops);
        DiskUse {
            at_once: at_once.map(Limited::one_each),
            iops: most.map(Limited::all_each),
            throughput: (*at_once != Some(1)).then(|| Limited::all_each(throughput.0 / 8)),
            log: None,
            on_credits: burst.is_some(),
        }
    }

    /// An operation of this size comes in, `draws` being what is random about its latency. Returns
    /// how long it waits, and how long it then takes.
    pub(super) fn operate(&mut self, size: Bytes, draws: Stream, ctx: &mut Ctx) -> (Span, Span) {
        let now = ctx.now();
        let mut begin = now;
        if let Some(at_work) = &mut self.at_work {
            let Reverse(free) = at_work.pop().expect("something may be at work");
            begin = begin.max(free);
        }
        if let Some(pacing) = &mut self.pacing {
            begin = begin.max(pacing.earliest());
            pacing.begin(now, begin);
        }
        let flows = begin.max(self.flowed);
        self.flowed = flows + self.spec.throughput.time_of(size);
        let done = self.flowed + self.spec.latency.draw(draws);
        if let Some(at_work) = &mut self.at_work {
            at_work.push(Reverse(done));
        }
        if let Some(meter) = &mut ctx.meter().disk {
            let next = self.pacing.as_ref().map_or(begin, Pacing::earliest);
            let uses = [(begin, done), (begin, next), (flows, self.flowed)];
            for (part, (begin, end)) in meter.parts().into_iter().zip(uses) {
                part.into_iter().for_each(|part| part.add(now, begin, end));
            }
        }
        (begin - now, done - begin)
    }

    /// All operations are lost.
    pub(super) fn clear(&mut self, now: Time) {
        if let (Some(at_work), Some(most)) = (&mut self.at_work, self.spec.at_once) {
            at_work.clear();
            at_work.extend((0..most).map(|_| Reverse(now)));
        }
        self.pacing.iter_mut().for_each(|pacing| pacing.clear(now));
        self.flowed = self.flowed.min(now);
    }
}
