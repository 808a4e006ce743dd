//! A disk: writes go one after the other, each for its latency and its bytes over the throughput.
//!
//! When a write is done is known when it comes in (Lindley's recursion), so nothing happens for it
//! but that its request goes on.

use crate::distribution::Delay;
use crate::document::record;
use crate::engine::Stream;
use crate::runtime::Ctx;
use crate::units::{Bandwidth, Bytes, Span, Time};

record! {
    /// A disk, which each instance has for itself. What is written to it goes first come, first
    /// served, one write at a time; the request waits meanwhile.
    pub struct DiskSpec {
        /// How long a write takes before its bytes flow.
        pub latency: Delay = "0",
        /// How fast they flow.
        pub throughput: Bandwidth = "100MB/s",
    }
}

/// The disk of one station.
#[derive(Debug)]
pub(super) struct Disk {
    spec: DiskSpec,
    /// When all writes are done that have come so far.
    free: Time,
    /// How many of them are not done.
    pending: u64,
}

impl Disk {
    pub(super) fn new(spec: &DiskSpec) -> Disk {
        Disk { spec: spec.clone(), free: Time::ZERO, pending: 0 }
    }

    /// A write of this size comes in, `draws` being what is random about its latency. Returns how
    /// long until it is done.
    pub(super) fn write(&mut self, size: Bytes, draws: Stream, ctx: &mut Ctx) -> Span {
        let now = ctx.now();
        if let Some(level) = ctx.meter().disk.as_mut().filter(|_| self.pending == 0) {
            level.rise(now);
        }
        self.pending += 1;
        let takes = self.spec.latency.draw(draws) + self.spec.throughput.time_of(size);
        self.free = self.free.max(now) + takes;
        self.free - now
    }

    /// A write is done.
    pub(super) fn done(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        self.pending -= 1;
        if let Some(level) = ctx.meter().disk.as_mut().filter(|_| self.pending == 0) {
            level.fall(now);
        }
    }

    /// All writes are lost.
    pub(super) fn clear(&mut self, now: Time) {
        (self.free, self.pending) = (now, 0);
    }
}
