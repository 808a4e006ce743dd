//! The figures of one component instance, and the durations of the visits to one component.

use crate::stats::{Age, CoarseHistogram, Level};
use crate::units::{Span, Time};

use super::{DiskUse, Limited, MemoryUse, Occupancy, PoolUse, Resource, Slots};

/// A part of a core is counted in 2^32nds.
const PARTS: u32 = 32;

/// The figures of one component instance.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Requests present.
    pub present: Occupancy,
    /// Requests waiting for a worker, a connection or a core.
    pub queue: Level,
    /// The most that ever waited at once, however shortly.
    pub longest_queue: u64,
    /// Cores at work, in parts of 2^`cpu_parts`.
    cpu: Level,
    cpu_parts: u32,
    /// Workers or connections.
    pub slots: Slots,
    /// Cores there are; zero where processors play no part.
    pub cores: u64,
    /// Whether the instance is there, 1, or not, 0: what it has can be used meanwhile only.
    there: Level,
    /// Visits that had to wait.
    pub waited: u64,
    /// Sojourn less calls to others, summed (ns).
    pub own: u128,
    /// Visits answered well.
    pub ok: u64,
    /// Visits turned away.
    pub rejected: u64,
    /// Visits ended after a caller had given up.
    pub wasted: u64,
    /// Processor time used (ns).
    pub work: u128,
    /// Processor time used on wasted visits (ns).
    pub wasted_work: u128,
    /// The cores may be slowed down while they work.
    pub slowed: bool,
    /// It is a machine, whose work is that of the instances on it.
    is_machine: bool,
    /// What is in use of the memory; `None` where it is never short.
    pub memory: Option<Box<MemoryUse>>,
    /// What is taken of the connections of its pools; `None` where there is none.
    pub pool: Option<Box<PoolUse>>,
    /// What is in use of the disk; `None` where there is none.
    pub disk: Option<Box<DiskUse>>,
    /// The age of the oldest message that waits here; `None` where there are no messages.
    pub(crate) oldest: Option<Box<Age>>,
    /// Time that visits spent here after the warm-up, summed (ns), for the check of Little's law;
    /// kept only where such checks are made.
    pub(super) residence: u128,
    /// When figures start.
    start: Time,
    /// Time of cores at work during the warm-up (ns), and processor time asked for by then.
    warmup_busy: u128,
    warmup_work: u128,
}

impl Meter {
    pub(super) fn new() -> Meter {
        Meter {
            present: Occupancy::new(),
            queue: Level::default(),
            longest_queue: 0,
            cpu: Level::default(),
            cpu_parts: 0,
            is_machine: false,
            slots: Slots::default(),
            cores: 0,
            there: Level::one(),
            waited: 0,
            own: 0,
            ok: 0,
            rejected: 0,
            wasted: 0,
            work: 0,
            wasted_work: 0,
            slowed: false,
            memory: None,
            pool: None,
            disk: None,
            oldest: None,
            residence: 0,
            start: Time::ZERO,
            warmup_busy: 0,
            warmup_work: 0,
        }
    }

    #[inline]
    pub(crate) fn enter(&mut self, now: Time) {
        self.present.rise(now);
    }

    /// Somebody begins to wait.
    #[inline]
    pub(crate) fn line_up(&mut self, now: Time) {
        self.queue.rise(now);
        self.longest_queue = self.longest_queue.max(self.queue.value());
    }

    /// One more core is at work.
    #[inline]
    pub(crate) fn core_begins(&mut self, now: Time) {
        self.cpu.rise(now);
    }

    /// One less.
    #[inline]
    pub(crate) fn core_rests(&mut self, now: Time) {
        self.cpu.fall(now);
    }

    /// Its cores are those of a machine, of which it may have so many: it may have a part of one.
    pub(crate) fn share_cores(&mut self, cores: u64) {
        (self.cores, self.cpu_parts) = (cores, PARTS);
    }

    /// It is a machine of so many cores, which the instances on it share.
    pub(crate) fn host(&mut self, cores: u64) {
        self.share_cores(cores);
        self.is_machine = true;
    }

    /// So many cores of a machine are at work for it.
    pub(crate) fn set_cores_at_work(&mut self, now: Time, cores: f64) {
        // A cache that is down with its machine is still found out by steps that cost it work.
        let cores = if self.is_machine && self.there.value() == 0 { 0.0 } else { cores };
        let parts = libm::round(cores * (1_u64 << PARTS) as f64) as u64;
        if parts != self.cpu.value() {
            self.cpu.set(now, parts);
        }
    }

    /// The area under the cores at work (cores x ns).
    pub(super) fn cpu_area(&self, now: Time) -> u128 {
        self.cpu.area(now) >> self.cpu_parts
    }

    /// The instance is gone or down: all work in progress is lost, nobody waits or is served any
    /// more, and nothing that it has can be used. Processors have worked for as long as they were
    /// busy.
    pub(crate) fn lose_work(&mut self, now: Time) {
        let busy = self.warmup_busy + self.cpu_area(now);
        self.work = self.work.max(busy.saturating_sub(self.warmup_work));
        for level in [&mut self.queue, &mut self.cpu] {
            level.set(now, 0);
        }
        self.slots.clear(now);
        self.disk.iter_mut().for_each(|disk| disk.clear(now));
        self.pool.iter_mut().for_each(|pool| pool.clear(now));
        if let Some(memory) = &mut self.memory {
            memory.used.set(now, 0);
        }
        self.withdraw(now);
    }

    /// What the instance has can be used no more.
    pub(crate) fn withdraw(&mut self, now: Time) {
        self.there.set(now, 0);
    }

    /// What the instance has can be used, from the start of a run or again.
    pub(crate) fn provide(&mut self, now: Time) {
        if self.there.value() == 1 {
            return;
        }
        self.there.set(now, 1);
        if let Some(memory) = &mut self.memory {
            memory.used.set(now, memory.idle);
        }
    }

    /// For how long the instance has been there (ns).
    pub(super) fn time_there(&self, now: Time) -> u128 {
        self.there.area(now)
    }

    /// Figures start now.
    pub(super) fn reset(&mut self, now: Time) {
        self.warmup_busy += self.cpu_area(now);
        self.warmup_work += self.work;
        self.present.reset(now);
        for level in [&mut self.queue, &mut self.cpu, &mut self.there] {
            level.reset(now);
        }
        self.slots.reset(now);
        self.disk.iter_mut().for_each(|disk| disk.reset(now));
        self.pool.iter_mut().for_each(|pool| pool.taken.reset(now));
        self.oldest.iter_mut().for_each(|oldest| oldest.reset(now));
        self.longest_queue = self.queue.value();
        if let Some(memory) = &mut self.memory {
            memory.used.reset(now);
            memory.kills = 0;
        }
        (self.waited, self.own, self.ok, self.rejected, self.wasted) = (0, 0, 0, 0, 0);
        (self.work, self.wasted_work, self.residence) = (0, 0, 0);
        self.start = now;
    }

    /// The area under what is in use of a part of the disk (level x ns).
    pub(super) fn disk_area(&self, part: fn(&DiskUse) -> Option<&Limited>, now: Time) -> u128 {
        self.disk.as_deref().and_then(part).map_or(0, |part| part.area(now))
    }

    /// So many wait here now.
    pub(crate) fn set_queue(&mut self, now: Time, waiting: u64) {
        self.queue.set(now, waiting);
        self.longest_queue = self.longest_queue.max(waiting);
    }

    /// For how long the oldest message here has been older than `age` (ns).
    pub(super) fn time_older(&self, age: Span, now: Time) -> u128 {
        self.oldest.as_ref().map_or(0, |oldest| oldest.time_above(age, now))
    }

    /// For how long figures have been counted (ns).
    pub(crate) fn elapsed(&self, now: Time) -> u128 {
        (now - self.start).nanos().into()
    }

    /// How much there is of a resource while the instance is there; `None` where it cannot run out.
    pub fn capacity(&self, resource: Resource) -> Option<u64> {
        match resource {
            Resource::Cpu => Some(self.cores).filter(|&cores| cores > 0),
            Resource::Slots => self.slots.limit,
            Resource::Pool => self.pool.as_ref().map(|pool| pool.size),
            Resource::Memory => self.memory.as_ref().map(|memory| memory.limit),
            Resource::Disk => Some(self.disk.as_ref()?.at_once.as_ref()?.limit),
            Resource::DiskIops => Some(self.disk.as_ref()?.iops.as_ref()?.limit),
            Resource::Log => Some(self.disk.as_ref()?.log.as_ref()?.limit),
            Resource::DiskThroughput => Some(self.disk.as_ref()?.throughput.as_ref()?.limit),
        }
    }

    /// Little's law: the time that visits spent here is the area under their number. `unfinished`
    /// are the visits still here.
    pub(crate) fn little_holds(&self, now: Time, unfinished: impl Iterator<Item = Time>) -> bool {
        let rest: u128 =
            unfinished.map(|arrived| u128::from((now - arrived.max(self.start)).nanos())).sum();
        self.residence + rest == self.present.area(now)
    }

    /// The utilisation law: cores were at work for as long as the work asked for takes. The work
    /// in progress, and a nanosecond of rounding for each turn at a shared core, make the slack;
    /// slowed cores are at work for longer.
    pub(crate) fn utilisation_holds(&self, now: Time, in_progress: u128, turns: u128) -> bool {
        let busy = self.warmup_busy + self.cpu_area(now);
        let done = self.warmup_work + self.work;
        let enough = self.slowed || busy <= done + in_progress + turns;
        self.is_machine || self.cores == 0 || (done <= busy + turns && enough)
    }
}

/// How long visits to one component take, all instances together: one set of buckets stays in the
/// processor's cache where one for each instance would not.
#[derive(Clone, Debug, Default)]
pub struct Visits {
    /// Time from arrival to answer, of the visits not turned away (ns).
    pub sojourn: CoarseHistogram,
    /// Of it, time spent waiting (ns).
    pub wait: CoarseHistogram,
    /// Time from when a message was put here until it was done, of those that were (ns).
    pub completion: CoarseHistogram,
    /// How long messages waited here without a break, each time until none did (ns).
    pub backlogs: CoarseHistogram,
    /// Time from the commit of a write until reads of a replica saw it (ns).
    pub lags: CoarseHistogram,
}

impl Visits {
    pub(super) fn clear(&mut self) {
        self.sojourn.clear();
        self.wait.clear();
        self.completion.clear();
        self.backlogs.clear();
        self.lags.clear();
    }

    /// What has been recorded since this was in the state of `before`, while the run goes on: those
    /// who never waited are counted among the waits.
    pub(super) fn since(&self, before: &Visits) -> Visits {
        let sojourn = self.sojourn.since(&before.sojourn);
        let mut wait = self.wait.since(&before.wait);
        wait.record_many(0, sojourn.count() - wait.count());
        let completion = self.completion.since(&before.completion);
        let backlogs = self.backlogs.since(&before.backlogs);
        Visits { sojourn, wait, completion, backlogs, lags: self.lags.since(&before.lags) }
    }

    /// The run is over: those who never waited are counted among the waits.
    pub(super) fn finish(&mut self) {
        self.wait.record_many(0, self.sojourn.count() - self.wait.count());
    }
}
