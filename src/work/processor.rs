//! The cores of a machine, shared by the jobs of all instances that are on it.

use super::contention::ContentionSpec;
use super::cpu::next_version;
use super::sharing::Sharing;
use crate::message::{AttemptKey, Event, NodeId};
use crate::runtime::Ctx;
use crate::units::{Span, Time};

/// Cores that the jobs of several instances share: each job has as much as any other, but at most a
/// core, and those of an instance together at most as many cores as that may have (max-min
/// fairness).
#[derive(Debug)]
pub(super) struct Processor {
    /// The machine.
    node: NodeId,
    cores: f64,
    /// The instances on it, in their order.
    guests: Vec<Guest>,
    /// When the first job will be done, as things stand.
    due: Time,
    /// When the pending alarm goes off, and its version: an older one finds nothing.
    armed: Time,
    version: u32,
}

/// The jobs of an instance on a machine.
#[derive(Debug)]
struct Guest {
    node: NodeId,
    /// How many cores it may have at most.
    limit: f64,
    /// How much of its best a core does for it.
    speed: f64,
    /// How its jobs slow one another beside sharing.
    contention: Option<ContentionSpec>,
    jobs: Sharing,
    /// How many cores it has at present.
    cores: f64,
    /// Service per job and unit of time.
    rate: f64,
    /// What it has is known while cores are dealt out.
    dealt: bool,
}

impl Guest {
    fn new(node: NodeId) -> Guest {
        Guest {
            node,
            limit: f64::INFINITY,
            speed: 1.0,
            contention: None,
            jobs: Sharing::new(),
            cores: 0.0,
            rate: 0.0,
            dealt: false,
        }
    }

    /// How many jobs want a core; none of what hangs.
    fn wanting(&self) -> usize {
        if self.speed > 0.0 { self.jobs.len() } else { 0 }
    }

    fn set_rate(&mut self) {
        let count = self.wanting();
        let slowed = self.contention.as_ref().map_or(1.0, |contention| contention.speed(count));
        let each = if count == 0 { 0.0 } else { self.cores / count as f64 };
        self.rate = each * self.speed * slowed;
    }
}

impl Processor {
    pub(super) fn new(node: NodeId, cores: u64, guests: &[NodeId]) -> Processor {
        Processor {
            node,
            cores: cores as f64,
            guests: guests.iter().map(|&node| Guest::new(node)).collect(),
            due: Time::NEVER,
            armed: Time::NEVER,
            version: 0,
        }
    }

    /// An instance has so many cores at most, and its jobs slow one another so.
    pub(super) fn limit(&mut self, guest: usize, cores: u64, slowed: Option<&ContentionSpec>) {
        self.guests[guest].limit = cores as f64;
        self.guests[guest].contention = slowed.cloned();
    }

    /// A job of an instance wants a core for `demand`.
    pub(super) fn start(&mut self, guest: usize, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        self.advance(ctx.now());
        self.guests[guest].jobs.push(key, demand);
        self.deal(ctx);
    }

    /// From now on a core does `speed` of what it does at best for an instance.
    pub(super) fn set_speed(&mut self, guest: usize, speed: f64, ctx: &mut Ctx) {
        self.advance(ctx.now());
        self.guests[guest].speed = speed;
        self.deal(ctx);
    }

    /// All jobs of an instance are gone.
    pub(super) fn stop(&mut self, guest: usize, ctx: &mut Ctx) {
        self.advance(ctx.now());
        self.guests[guest].jobs.clear();
        self.deal(ctx);
    }

    /// The alarm of this version went off: the requests whose jobs are done go on.
    pub(super) fn end_turns(&mut self, version: u32, ctx: &mut Ctx) {
        let now = ctx.now();
        // The alarm may have been right when it was set, and more jobs have come since.
        if version != self.version || self.armed > now {
            return;
        }
        self.armed = Time::NEVER;
        self.advance(now);
        for guest in &mut self.guests {
            while guest.rate > 0.0 && guest.jobs.first_due(now, guest.rate) <= now {
                guest.jobs.pop().into_iter().for_each(|key| ctx.pause(key, Span::ZERO));
            }
        }
        self.deal(ctx);
    }

    fn advance(&mut self, now: Time) {
        self.guests.iter_mut().for_each(|guest| guest.jobs.advance(now, guest.rate));
    }

    /// Deals out the cores: what one that may have no more leaves of its part goes to the others.
    fn deal(&mut self, ctx: &mut Ctx) {
        let (mut left, mut jobs) = (self.cores, 0);
        for guest in &mut self.guests {
            let wanting = guest.wanting();
            (guest.cores, guest.dealt) = (0.0, wanting == 0);
            jobs += wanting;
        }
        while jobs > 0 {
            let (each, before) = ((left / jobs as f64).min(1.0), jobs);
            for guest in self.guests.iter_mut().filter(|guest| !guest.dealt) {
                guest.cores = guest.jobs.len() as f64 * each;
                if guest.limit < guest.cores {
                    (guest.cores, guest.dealt) = (guest.limit, true);
                    (left, jobs) = (left - guest.limit, jobs - guest.jobs.len());
                }
            }
            if jobs == before {
                break;
            }
        }
        self.account(ctx);
        self.arm(ctx);
    }

    /// Tells how many cores are at work, and for whom.
    fn account(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        let mut all = 0.0;
        for guest in &mut self.guests {
            guest.set_rate();
            all += guest.cores;
            ctx.recorder().meter(guest.node).set_cores_at_work(now, guest.cores);
        }
        ctx.recorder().meter(self.node).set_cores_at_work(now, all);
    }

    /// Sees to it that an alarm goes off when the first job is due, or before.
    fn arm(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        let working = self.guests.iter().filter(|guest| guest.rate > 0.0);
        let dues = working.map(|guest| guest.jobs.first_due(now, guest.rate));
        self.due = dues.min().unwrap_or(Time::NEVER);
        if self.due < self.armed {
            self.armed = self.due;
            self.version = next_version(self.version);
            let alarm = Event::Alarm(self.node, self.version);
            ctx.agenda.schedule(self.due.since(now), alarm);
        }
    }
}
