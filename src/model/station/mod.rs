//! A station: a pool of workers (or connections), the processors that they share, and a program for
//! each operation. Servers and databases are stations.
//!
//! A request waits for a worker, which then runs the operation's steps one by one. A blocking
//! worker is held while a step waits for io or for a call; an asynchronous one is free meanwhile,
//! and the request queues for one again when it goes on.

mod cpu;
mod host;
mod pool;
mod program;
mod rounds;
mod strands;
mod worker;

pub use cpu::Scheduling;
pub(super) use cpu::{Cpu, Started};
pub(super) use host::Host;
pub use host::HostSpec;
pub use pool::QueueSpec;
pub(super) use pool::{Admission, Pool};
pub(super) use program::{Branch, Call, Fork, Program, Step};

use crate::units::{Span, Time};

use super::node::{Ctx, Node, Outcome, Phase, Reply, RequestKey};
use rounds::Rounds;
use strands::{Ended, Strands};

/// How a station is equipped.
#[derive(Clone, Debug)]
pub(super) struct Equipment {
    pub(super) cores: u64,
    /// Work done per core and second, 1 being what costs are stated for.
    pub(super) speed: f64,
    pub(super) scheduling: Scheduling,
    /// The neighbours, where the machine is shared.
    pub(super) host: Option<Host>,
    /// Workers or connections; `None` without a limit.
    pub(super) slots: Option<u64>,
    /// A worker is held while it waits for io or for a call.
    pub(super) blocking: bool,
    /// How many may wait for a worker; `None` without a limit.
    pub(super) queue_limit: Option<u64>,
}

impl Equipment {
    /// How long a core takes for what takes `cost` at speed 1.
    #[inline]
    fn time_of(&self, cost: Span) -> Span {
        if self.speed == 1.0 { cost } else { cost.times(1.0 / self.speed) }
    }
}

/// A running station.
pub(super) struct Station {
    equipment: Equipment,
    program: Program,
    rounds: Rounds,
    strands: Strands,
    pool: Pool,
    cpu: Cpu,
}

/// The alarm at which the neighbours change; the versions of a processor's alarms are lower.
const HOST_ALARM: u32 = 1 << 31;

impl Station {
    pub(super) fn new(equipment: Equipment, program: Program) -> Station {
        // Workers that have a core each never share one: no need to keep account of shares.
        let few = equipment.slots.is_some_and(|slots| slots <= equipment.cores);
        let alone = few && !program.forks();
        let scheduling = if alone { Scheduling::RunToCompletion } else { equipment.scheduling };
        Station {
            pool: Pool::new(equipment.slots, equipment.queue_limit),
            cpu: Cpu::new(scheduling, equipment.cores, equipment.host.is_some()),
            equipment,
            program,
            rounds: Rounds::new(),
            strands: Strands::default(),
        }
    }

    /// A request that waited for io or a call goes on, once it has a worker.
    fn go_on(&mut self, key: RequestKey, ctx: &mut Ctx) {
        ctx.request(key).visit.step += 1;
        if self.equipment.blocking {
            self.work(key, ctx);
        } else if self.pool.take_again(key) {
            let now = ctx.now();
            ctx.meter().slots.change(now, 1);
            self.work(key, ctx);
        } else {
            begin_wait(key, ctx);
        }
    }

    /// A turn on a core is over.
    fn end_turn(&mut self, key: RequestKey, ctx: &mut Ctx) {
        let request = ctx.request(key);
        let demand = request.visit.demand;
        request.visit.used += demand;
        request.visit.demand = Span::ZERO;
        request.visit.step += 1;
        ctx.meter().work += u128::from(demand.nanos());
        self.work(key, ctx);
    }

    /// The neighbours become quiet or noisy.
    fn change_speed(&mut self, ctx: &mut Ctx) {
        if let Some(host) = &mut self.equipment.host {
            let (speed, lasts) = host.change();
            self.cpu.set_speed(speed, ctx);
            ctx.alarm(lasts, HOST_ALARM);
        }
    }

    /// A call of this request went wrong: so does the request, with its worker.
    fn give_up(&mut self, mut key: RequestKey, outcome: Outcome, ctx: &mut Ctx) {
        loop {
            let request = ctx.request(key);
            self.rounds.leave_all(request);
            if request.phase != Phase::Strand {
                break;
            }
            match self.strands.fail(key, ctx) {
                Ended::InVain => return,
                Ended::Decides(whole) => key = whole,
            }
        }
        ctx.answer(key, outcome);
        if self.equipment.blocking
            && let Some(next) = self.pool.hand_over()
        {
            end_wait(next, ctx);
            self.work(next, ctx);
        } else if self.equipment.blocking {
            let now = ctx.now();
            ctx.meter().slots.change(now, -1);
        }
    }
}

impl Node for Station {
    fn on_start(&mut self, ctx: &mut Ctx) {
        let meter = ctx.meter();
        meter.cores = self.equipment.cores;
        meter.slot_limit = self.equipment.slots;
        meter.slowed = self.equipment.host.is_some();
        self.program.find_lanes(ctx);
        self.change_speed(ctx);
    }

    fn on_request(&mut self, key: RequestKey, ctx: &mut Ctx) {
        let request = ctx.request(key);
        let entry = self.program.entry[request.operation.0 as usize];
        request.visit.step = entry.expect("a scenario is checked for operations nobody answers");
        match self.pool.admit(key) {
            Admission::Served => {
                let now = ctx.now();
                ctx.meter().slots.change(now, 1);
                self.work(key, ctx);
            }
            Admission::Queued => begin_wait(key, ctx),
            Admission::Refused => {
                let me = ctx.me();
                ctx.answer(key, Outcome::Rejected(me));
            }
        }
    }

    fn on_resume(&mut self, key: RequestKey, ctx: &mut Ctx) {
        if ctx.request(key).visit.demand == Span::ZERO {
            self.go_on(key, ctx);
            return;
        }
        if let Some(next) = self.cpu.end_turn(ctx) {
            end_wait(next, ctx);
        }
        self.end_turn(key, ctx);
    }

    fn on_alarm(&mut self, version: u32, ctx: &mut Ctx) {
        if version == HOST_ALARM {
            self.change_speed(ctx);
            return;
        }
        while let Some(key) = self.cpu.end_shared_turn(version, ctx) {
            if let Some(next) = self.cpu.next_in_line(ctx) {
                end_wait(next, ctx);
            }
            self.end_turn(key, ctx);
        }
    }

    fn on_answer(&mut self, answered: &Reply, ctx: &mut Ctx) {
        let now = ctx.now();
        let parent = answered.parent;
        let visit = &mut ctx.request(parent).visit;
        visit.away += now - visit.since;
        match answered.outcome {
            Outcome::Ok => self.go_on(parent, ctx),
            outcome => self.give_up(parent, outcome, ctx),
        }
    }

    fn on_timeout(&mut self, abandoned: &Reply, ctx: &mut Ctx) {
        let now = ctx.now();
        let me = ctx.me();
        let visit = &mut ctx.request(abandoned.parent).visit;
        visit.away += now - visit.since;
        self.give_up(abandoned.parent, Outcome::Failed(me), ctx);
    }
}

/// A request begins to wait for a worker or a core.
pub(super) fn begin_wait(key: RequestKey, ctx: &mut Ctx) {
    let now = ctx.now();
    ctx.request(key).visit.since = now;
    ctx.meter().queue.change(now, 1);
}

/// A request has waited long enough.
pub(super) fn end_wait(key: RequestKey, ctx: &mut Ctx) {
    let now: Time = ctx.now();
    let visit = &mut ctx.request(key).visit;
    visit.waited += now - visit.since;
    ctx.meter().queue.change(now, -1);
}
