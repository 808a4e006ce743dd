//! A disk: operations begin in turn, as many at once and in a second as there may be; each takes
//! the flow of its bytes and a latency.
//!
//! When an operation is done is known when it comes in (Lindley's recursion), so nothing happens
//! for it but that its request goes on.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use crate::engine::Stream;
use crate::measure::{DiskUse, Limited};
use crate::message::NodeId;
use crate::runtime::Ctx;
use crate::units::{Bytes, Span, Time};

use super::meter::{Count, Tally};
use super::pacing::Pacing;
use super::spec::{DiskSpec, Numbers};

/// The disk of one instance, or of a machine.
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
    /// how long it waits, and how long it then takes. What is in use is told of `of`.
    pub(super) fn operate(
        &mut self,
        size: Bytes,
        draws: Stream,
        of: NodeId,
        ctx: &mut Ctx,
    ) -> (Span, Span) {
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
        if let Some(meter) = &mut ctx.recorder().meter(of).disk {
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

/// The disk of a machine.
#[derive(Debug)]
pub(crate) struct SharedDisk {
    disk: RefCell<Disk>,
    /// The machine.
    node: NodeId,
    tally: Cell<Tally>,
}

impl SharedDisk {
    /// The disk of the machine that is this node.
    pub(crate) fn new(spec: &DiskSpec, node: NodeId) -> SharedDisk {
        let disk = RefCell::new(Disk::new(spec));
        SharedDisk { disk, node, tally: Cell::new(Tally::default()) }
    }

    /// The run begins.
    pub(crate) fn start(&self, ctx: &mut Ctx) {
        self.tally.set(Tally::new(ctx));
        ctx.meter().disk = Some(Box::new(self.disk.borrow().account()));
    }

    /// All operations are lost.
    pub(crate) fn clear(&self, now: Time) {
        self.disk.borrow_mut().clear(now);
    }
}

/// Where an instance keeps what it has to keep.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one for each instance, mostly of its own")]
pub(super) enum Drive {
    /// On a disk of its own.
    Own(Disk),
    /// On that of its machine, on which others are at work too.
    Shared(Rc<SharedDisk>),
}

impl Drive {
    /// As [`Disk::account`]; of a disk that is shared, the machine has it.
    pub(super) fn account(&self) -> DiskUse {
        match self {
            Drive::Own(disk) => disk.account(),
            Drive::Shared(_) => DiskUse::default(),
        }
    }

    /// As [`Disk::operate`]; the machine counts what is of this `kind` too.
    pub(super) fn operate(
        &mut self,
        kind: Count,
        size: Bytes,
        draws: Stream,
        ctx: &mut Ctx,
    ) -> (Span, Span) {
        match self {
            Drive::Own(disk) => disk.operate(size, draws, ctx.me(), ctx),
            Drive::Shared(shared) => {
                let mut disk = shared.disk.borrow_mut();
                let (waits, takes) = disk.operate(size, draws, shared.node, ctx);
                shared.tally.get().add_operation(kind, size, waits, ctx);
                (waits, takes)
            }
        }
    }

    /// All operations of the instance are lost; a disk that is shared goes on with them.
    pub(super) fn clear(&mut self, now: Time) {
        if let Drive::Own(disk) = self {
            disk.clear(now);
        }
    }
}
