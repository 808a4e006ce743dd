//! Processors: shared by all who want them, or run to completion one job each.

use std::collections::VecDeque;

use crate::document::choice;
use crate::measure::Meter;
use crate::message::AttemptKey;
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::{Span, Time};

use super::contention::ContentionSpec;
use super::machine::Host;
use super::preemptive::Preemptive;
use super::sharing::Sharing;
use super::{begin_wait, end_wait};
use crate::queue::Classes;

choice! {
    /// How cores are given to jobs that want them.
    pub enum Scheduling {
        /// All jobs share the cores equally, each at most one: an operating system's scheduler.
        ProcessorSharing = "processor_sharing",
        /// A job keeps its core until the step is over; others wait, first come first served: an
        /// event loop, or threads pinned to cores.
        RunToCompletion = "run_to_completion",
        /// A job keeps its core until the step is over or a more urgent job wants it, by the
        /// `priority` of the request types; it goes on later where it was.
        PreemptivePriority = "preemptive_priority",
    }
}

/// Alarms of processors have a version below this; a station's other alarms do not.
pub(super) const VERSIONS: u32 = 1 << 31;

/// The version of the alarm that takes the place of one of this version.
#[inline]
pub(super) fn next_version(version: u32) -> u32 {
    (version + 1) % VERSIONS
}

/// The cores of a station.
#[derive(Debug)]
pub(crate) enum Cpu {
    Exclusive(Exclusive),
    Shared(Shared),
    Preemptive(Preemptive),
    /// Those of the machine that it is on, which others share.
    OfMachine(OfMachine),
}

impl Cpu {
    pub(crate) fn new(scheduling: Scheduling, cores: u64, classes: &Classes) -> Cpu {
        match scheduling {
            Scheduling::RunToCompletion => {
                Cpu::Exclusive(Exclusive { cores, busy: 0, waiting: VecDeque::new() })
            }
            Scheduling::ProcessorSharing => Cpu::Shared(Shared::new(cores)),
            Scheduling::PreemptivePriority => {
                Cpu::Preemptive(Preemptive::new(cores, Classes::clone(classes)))
            }
        }
    }

    /// Cores whose speed may change while a job runs.
    pub(crate) fn varying(
        scheduling: Scheduling,
        cores: u64,
        contention: Option<&ContentionSpec>,
    ) -> Cpu {
        let line = (scheduling == Scheduling::RunToCompletion).then(VecDeque::new);
        let contention = contention.cloned();
        Cpu::Shared(Shared { line, contention, ..Shared::new(cores) })
    }

    /// Cores of a machine that others share, of which this one has so many at most.
    pub(crate) fn of_machine(
        host: &Host,
        scheduling: Scheduling,
        cores: u64,
        contention: Option<&ContentionSpec>,
    ) -> Cpu {
        let line = (scheduling == Scheduling::RunToCompletion).then(VecDeque::new);
        host.limit(cores, contention);
        Cpu::OfMachine(OfMachine { host: host.clone(), cores, line, running: 0 })
    }

    /// Tells how many there are.
    pub(crate) fn tell(&self, cores: u64, meter: &mut Meter) {
        match self {
            Cpu::OfMachine(_) => meter.share_cores(cores),
            _ => meter.cores = cores,
        }
    }

    /// From now on a core does `speed` of what it does at best.
    pub(crate) fn set_speed(&mut self, speed: f64, ctx: &mut Ctx) {
        match self {
            Cpu::Shared(cpu) => cpu.set_speed(speed, ctx),
            Cpu::OfMachine(cpu) => cpu.host.set_speed(speed, ctx),
            _ => unreachable!("cores whose speed varies are kept account of"),
        }
    }

    /// A job wants a core for `demand`.
    #[inline(always)]
    pub(crate) fn start(&mut self, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        ctx.tracing().works(key, demand);
        match self {
            Cpu::Exclusive(cpu) => cpu.start(key, demand, ctx),
            Cpu::Shared(cpu) => cpu.start(key, demand, ctx),
            Cpu::Preemptive(cpu) => cpu.start(key, demand, ctx),
            Cpu::OfMachine(cpu) => cpu.start(key, demand, ctx),
        }
    }

    /// A job that had a core to itself, or was on those of a machine, is done.
    #[inline(always)]
    pub(crate) fn end_turn(&mut self, ctx: &mut Ctx) {
        match self {
            Cpu::Exclusive(cpu) => cpu.end_turn(ctx),
            Cpu::OfMachine(cpu) => cpu.end_turn(ctx),
            _ => unreachable!("turns that may change end by alarm"),
        }
    }

    /// All jobs are gone.
    pub(crate) fn clear(&mut self, ctx: &mut Ctx) {
        match self {
            Cpu::OfMachine(cpu) => cpu.clear(ctx),
            Cpu::Exclusive(cpu) => {
                cpu.busy = 0;
                cpu.waiting.clear();
            }
            Cpu::Shared(cpu) => {
                cpu.jobs.clear();
                cpu.line.iter_mut().for_each(VecDeque::clear);
                (cpu.due, cpu.armed) = (Time::NEVER, Time::NEVER);
                cpu.version = next_version(cpu.version);
            }
            Cpu::Preemptive(cpu) => cpu.clear(),
        }
    }

    /// The alarm of this version went off: returns the next job that is done, if one is.
    #[inline]
    pub(crate) fn end_by_alarm(&mut self, version: u32, ctx: &mut Ctx) -> Option<AttemptKey> {
        match self {
            Cpu::Exclusive(_) => unreachable!("exclusive cores set no alarm"),
            Cpu::OfMachine(_) => unreachable!("the machine has the alarm"),
            Cpu::Shared(cpu) => cpu.end_turn(version, ctx),
            Cpu::Preemptive(cpu) => cpu.end_turn(version, ctx),
        }
    }
}

/// Cores that each run one job to its end.
#[derive(Debug)]
pub(crate) struct Exclusive {
    cores: u64,
    busy: u64,
    waiting: VecDeque<(AttemptKey, Span)>,
}

impl Exclusive {
    #[inline(always)]
    fn start(&mut self, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        if self.busy == self.cores {
            self.waiting.push_back((key, demand));
            begin_wait(key, Part::Core, ctx);
            return;
        }
        self.busy += 1;
        let now = ctx.now();
        ctx.meter().core_begins(now);
        ctx.pause(key, demand);
    }

    #[inline(always)]
    fn end_turn(&mut self, ctx: &mut Ctx) {
        if let Some((next, demand)) = self.waiting.pop_front() {
            ctx.pause(next, demand);
            ctx.tracing().goes_on(next);
            end_wait(next, ctx);
            return;
        }
        self.busy -= 1;
        let now = ctx.now();
        ctx.meter().core_rests(now);
    }
}

/// Cores of a machine that others share.
#[derive(Debug)]
pub(crate) struct OfMachine {
    host: Host,
    /// How many of them are for its jobs at most.
    cores: u64,
    /// Where jobs run to completion: those that wait for a core.
    line: Option<VecDeque<(AttemptKey, Span)>>,
    running: u64,
}

impl OfMachine {
    #[inline(never)]
    fn start(&mut self, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        if let Some(line) = &mut self.line
            && self.running == self.cores
        {
            line.push_back((key, demand));
            begin_wait(key, Part::Core, ctx);
            return;
        }
        self.running += 1;
        self.host.start(key, demand, ctx);
    }

    /// The machine has told of a job that is done.
    #[inline(never)]
    fn end_turn(&mut self, ctx: &mut Ctx) {
        self.running -= 1;
        if let Some((next, demand)) = self.line.as_mut().and_then(VecDeque::pop_front) {
            ctx.tracing().goes_on(next);
            end_wait(next, ctx);
            self.start(next, demand, ctx);
        }
    }

    fn clear(&mut self, ctx: &mut Ctx) {
        self.line.iter_mut().for_each(VecDeque::clear);
        self.running = 0;
        self.host.stop(ctx);
    }
}

/// Cores shared equally by all jobs, each job on at most one core.
#[derive(Debug)]
pub(crate) struct Shared {
    cores: f64,
    /// How much of its best a core does.
    speed: f64,
    /// Where jobs run to completion: those that wait for a core.
    line: Option<VecDeque<(AttemptKey, Span)>>,
    /// How jobs slow one another beside sharing.
    contention: Option<ContentionSpec>,
    jobs: Sharing,
    /// When the first job will be done, as things stand.
    due: Time,
    /// When the pending alarm goes off, and its version: an older one finds nothing.
    armed: Time,
    version: u32,
}

impl Shared {
    fn new(cores: u64) -> Shared {
        Shared {
            cores: cores as f64,
            speed: 1.0,
            line: None,
            contention: None,
            jobs: Sharing::new(),
            due: Time::NEVER,
            armed: Time::NEVER,
            version: 0,
        }
    }

    /// Service per job and unit of time.
    fn rate(&self) -> f64 {
        let shared = (self.cores / self.jobs.len() as f64).min(1.0) * self.speed;
        match &self.contention {
            None => shared,
            Some(contention) => shared * contention.speed(self.jobs.len()),
        }
    }

    fn bring_up_to_date(&mut self, now: Time) {
        let rate = if self.jobs.is_empty() { 0.0 } else { self.rate() };
        self.jobs.advance(now, rate);
    }

    #[inline(never)]
    fn start(&mut self, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        if let Some(line) = &mut self.line
            && self.jobs.len() as f64 >= self.cores
        {
            line.push_back((key, demand));
            begin_wait(key, Part::Core, ctx);
            return;
        }
        let now = ctx.now();
        self.bring_up_to_date(now);
        if (self.jobs.len() as f64) < self.cores {
            ctx.meter().core_begins(now);
        }
        self.jobs.push(key, demand);
        self.arm(ctx);
    }

    fn end_turn(&mut self, version: u32, ctx: &mut Ctx) -> Option<AttemptKey> {
        if version != self.version {
            return None;
        }
        let now = ctx.now();
        if self.due > now {
            // The alarm was right when it was set; more jobs have come since.
            if self.armed <= now {
                self.bring_up_to_date(now);
                self.armed = Time::NEVER;
                self.arm(ctx);
            }
            return None;
        }
        self.bring_up_to_date(now);
        let key = self.jobs.pop()?;
        if (self.jobs.len() as f64) < self.cores {
            ctx.meter().core_rests(now);
        }
        self.due = self.first_due(now);
        if self.due > now {
            self.armed = Time::NEVER;
            self.arm(ctx);
        }
        if let Some((next, demand)) = self.line.as_mut().and_then(VecDeque::pop_front) {
            ctx.tracing().goes_on(next);
            end_wait(next, ctx);
            self.start(next, demand, ctx);
        }
        Some(key)
    }

    fn set_speed(&mut self, speed: f64, ctx: &mut Ctx) {
        self.bring_up_to_date(ctx.now());
        self.speed = speed;
        self.arm(ctx);
    }

    fn first_due(&self, now: Time) -> Time {
        if self.jobs.is_empty() { Time::NEVER } else { self.jobs.first_due(now, self.rate()) }
    }

    /// Sees to it that an alarm goes off when the first job is due, or before.
    fn arm(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        self.due = self.first_due(now);
        if self.due < self.armed {
            self.armed = self.due;
            self.version = next_version(self.version);
            ctx.alarm(self.due.since(now), self.version);
        }
    }
}
