//! A station: a pool of workers (or connections), the processors that they share, and a program for
//! each operation. Servers and databases are stations.
//!
//! A request waits for a worker, which then runs the operation's steps one by one. A blocking
//! worker is held while a step waits for io or for a call; an asynchronous one is free meanwhile,
//! and the request queues for one again when it goes on.

mod compiler;
mod condition;
mod connection_meter;
mod connections;
mod contention;
mod cpu;
mod locking;
mod log_in;
mod loops;
mod machine;
mod machine_memory;
mod machine_spec;
mod memory;
mod neighbours;
mod preemptive;
mod processor;
mod program;
mod quorum;
mod rate_limit;
mod recycle;
mod remember;
mod replication;
mod schema_change;
mod sharing;
mod site;
mod storage;
mod subrequests;
mod take_connection;
mod transaction;
mod upkeep;
mod waiting;
mod worker;

pub(crate) use compiler::{Compiler, OWN};
pub use connection_meter::CONNECTION_METRICS;
use connections::Connections;
pub use connections::{ConnectionPoolSpec, ConnectionScope};
pub use contention::ContentionSpec;
pub(crate) use cpu::Cpu;
pub use cpu::Scheduling;
pub(crate) use locking::{Claim, CommitAlone, EachRow, Install, Locking, Promise, Unlock};
pub(crate) use machine::{Host, Machine};
pub(crate) use machine_memory::Occupant;
pub(crate) use machine_spec::FromMachines;
pub use machine_spec::MachineSpec;
pub use memory::MemorySpec;
use neighbours::Neighbours;
pub use neighbours::NeighboursSpec;
pub(crate) use program::{Among, Branch, Call, Fork, Program, Step};
pub(crate) use quorum::{AskCopies, AwaitCopies, TakeNewest, TellFound};
pub use rate_limit::RateLimitSpec;
pub(crate) use rate_limit::TokenBucket;
pub use recycle::RecycleSpec;
pub(crate) use replication::{
    Applied, CatchUp, Confirm, Lead, Membership, Parts, ReadCopy, Receive, Replicate,
};
pub(crate) use schema_change::AwaitSchema;
pub use schema_change::{SCHEMA_CHANGE, SCHEMA_METRICS, SchemaChangeSpec};
pub(crate) use site::{Site, path, salt};
pub(crate) use storage::{CommitToLog, Scan, Touch};

use crate::caching::Cache;
use crate::engine::Stream;
use crate::message::{AttemptKey, Command, Outcome, Phase, Reply};
use crate::network::Transit;
use crate::queue::{Admission, Classes, Pool, QueueSpec};
use crate::runtime::{Ctx, Node};
use crate::storage::{Due, Storage, StorageSpec};
use crate::units::{Span, Time};
use condition::Speed;
use loops::Loops;
use schema_change::SchemaChange;
use subrequests::{Ended, Subrequests};
use transaction::Transacting;
use upkeep::{STARTED, Upkeep};
pub(crate) use waiting::{begin_wait, end_wait, line_up, reject, turn_away};
use worker::Progress;

/// How a station is equipped.
#[derive(Clone, Debug)]
pub(crate) struct Equipment {
    pub(crate) cores: u64,
    /// Work done per core and second, 1 being what costs are stated for.
    pub(crate) speed: f64,
    pub(crate) scheduling: Scheduling,
    /// The machine, where it is shared.
    pub(crate) neighbours: Option<NeighboursSpec>,
    /// Workers or connections; `None` without a limit.
    pub(crate) slots: Option<u64>,
    /// A worker is held while it waits for io or for a call.
    pub(crate) blocking: bool,
    /// Where requests wait for a worker.
    pub(crate) queue: QueueSpec,
    /// Memory, where it may be short.
    pub(crate) memory: Option<MemorySpec>,
    /// When workers are replaced, if ever.
    pub(crate) recycle: Option<RecycleSpec>,
    /// What is kept on a disk, if there is one.
    pub(crate) storage: Option<StorageSpec>,
    /// How work slows where more are at work.
    pub(crate) contention: Option<ContentionSpec>,
    /// The connections that it has to databases, in the order of their pools.
    pub(crate) pools: Vec<ConnectionPoolSpec>,
}

/// What a station is told of the deployment that it stands in.
pub(crate) struct Setting {
    /// How urgent each request type is.
    pub(crate) classes: Classes,
    /// What is random about the station itself, and not about the requests that it serves.
    pub(crate) stream: Stream,
    /// How long newcomers wait for a worker, if not for ever.
    pub(crate) queue_timeout: Option<Transit>,
    /// A fault may slow it down or stop it.
    pub(crate) may_be_slow: bool,
    /// The machine that it is on, if that has anything that it shares with others.
    pub(crate) host: Option<Host>,
}

/// A running station.
pub(crate) struct Station {
    equipment: Equipment,
    program: Program,
    loops: Loops,
    subrequests: Subrequests,
    pool: Pool,
    /// Whatever happens to workers beside their work, if anything does.
    upkeep: Option<Box<Upkeep>>,
    /// How long newcomers wait, if not for ever.
    queue_timeout: Option<Transit>,
    cpu: Cpu,
    /// What it keeps on its disk, if it has one.
    storage: Option<Box<Storage>>,
    /// Its connections to databases, by pool.
    connections: Vec<Connections>,
    /// Which of the copies of a database it is, if it is one.
    membership: Option<Box<Membership>>,
    /// What it does for the transactions of others, and what it has of its own.
    locking: Option<Box<Locking>>,
    transacting: Option<Box<Transacting>>,
    /// The change of its tables' form, if there is one.
    schema: Option<Box<SchemaChange>>,
    /// When it will have started anew.
    back: Time,
    /// The neighbours, where the machine is shared.
    neighbours: Option<Neighbours>,
    /// What it remembers itself, if anything.
    cache: Option<Box<Cache>>,
    /// It is a cache by itself, which is found to be down when it is to look.
    is_cache: bool,
    /// Its cores' speed, and whether that may change.
    speed: Speed,
    varies: bool,
    /// The machine that it is on, if that has anything that it shares with others.
    host: Option<Host>,
}

impl Equipment {
    /// The same on its machine, if that has cores and others share them.
    fn on(self, host: Option<&Host>) -> Equipment {
        let Some((host, cores)) = host.and_then(|host| Some((host, host.cores()?))) else {
            return self;
        };
        let cores = self.cores.min(cores);
        // Without blocking there is a worker for each core.
        let slots = if self.blocking { self.slots } else { Some(cores) };
        Equipment { cores, slots, speed: self.speed * host.speed(), ..self }
    }

    /// How long a core takes for what takes `cost` at speed 1.
    #[inline]
    fn time_of(&self, cost: Span) -> Span {
        if self.speed == 1.0 { cost } else { cost.times(1.0 / self.speed) }
    }
}

/// The alarm at which the neighbours change.
const NEIGHBOURS: u32 = STARTED + 1;
/// The alarm at which something remembered is over.
const REMEMBER: u32 = STARTED + 2;
/// The alarm at which it has started anew.
const RESTARTED: u32 = STARTED + 3;
/// The alarms at which something is due at the disk.
const SYNCED: u32 = STARTED + 4;
const CHECKPOINT: u32 = STARTED + 5;
const BACKUP: u32 = STARTED + 6;
/// The alarm at which copies are sent again what they lack, and that at which a write has waited
/// for them for long enough.
const RESEND: u32 = STARTED + 7;
const GAVE_UP: u32 = STARTED + 8;
/// The alarm at which the system kills it, for the machine has no memory left.
const MEMORY_USED_UP: u32 = STARTED + 9;
/// The alarms at which locks have been got, at which shards are told again what they are to do, and
/// at which requests fail that have started again as often as they may.
const LOCKED: u32 = STARTED + 10;
const SAYS_AGAIN: u32 = STARTED + 11;
const GIVES_UP: u32 = STARTED + 12;
/// The alarm at which a schema change is done.
const SCHEMA_CHANGED: u32 = STARTED + 13;
/// The alarms, from here on, at which somebody has waited long enough for a connection of a pool.
const POOLS: u32 = STARTED + 16;

/// The alarm at which this is due.
fn due_alarm(due: Due) -> u32 {
    match due {
        Due::Synced => SYNCED,
        Due::Checkpoint => CHECKPOINT,
        Due::Backup => BACKUP,
    }
}

impl Station {
    pub(crate) fn new(equipment: Equipment, program: Program, setting: Setting) -> Station {
        let Setting { classes, stream, queue_timeout, may_be_slow, host } = setting;
        let equipment = equipment.on(host.as_ref());
        // Workers that have a core each never share one: no need to keep account of shares.
        let few = equipment.hands().is_some_and(|hands| hands <= equipment.cores);
        let alone = few && !program.forks() && equipment.contention.is_none();
        let scheduling = if alone { Scheduling::RunToCompletion } else { equipment.scheduling };
        let neighbours = equipment.neighbours.as_ref();
        let varies = neighbours.is_some() || may_be_slow && equipment.cores > 0;
        let contention = equipment.contention.as_ref();
        let disk = || host.as_ref().and_then(Host::disk);
        let storage = |spec| Box::new(Storage::new(spec, stream.named("disk"), disk()));
        let shares = host.as_ref().filter(|host| host.cores().is_some() && equipment.cores > 0);
        Station {
            pool: equipment.pool(&classes, stream),
            upkeep: equipment.upkeep(&classes, stream),
            queue_timeout,
            cpu: match shares {
                Some(host) => {
                    Cpu::of_machine(host, equipment.scheduling, equipment.cores, contention)
                }
                None if varies || contention.is_some() => {
                    Cpu::varying(scheduling, equipment.cores, contention)
                }
                None => Cpu::new(scheduling, equipment.cores, &classes),
            },
            storage: equipment.storage.as_ref().map(storage),
            connections: Connections::all(&equipment.pools),
            membership: None,
            locking: None,
            transacting: Transacting::new(&program.courses),
            schema: None,
            back: Time::ZERO,
            neighbours: neighbours.map(|spec| Neighbours::new(spec, stream.named("host"))),
            equipment,
            program,
            loops: Loops::new(),
            subrequests: Subrequests::default(),
            cache: None,
            is_cache: false,
            speed: Speed::FULL,
            varies,
            host,
        }
    }

    /// The same with a memory of its own.
    pub(crate) fn with(self, cache: Option<Cache>) -> Station {
        Station { cache: cache.map(Box::new), ..self }
    }

    /// The same as a cache by itself.
    pub(crate) fn with_entries(self, cache: Cache) -> Station {
        Station { is_cache: true, ..self.with(Some(cache)) }
    }

    /// A request has been given a worker that was idle.
    #[inline]
    fn begin(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let now = ctx.now();
        ctx.meter().slots.rise(now);
        self.work(key, ctx);
    }

    /// A request that waited for io or a call goes on, once it has a worker.
    fn go_on(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        ctx.attempt(key).visit.step += 1;
        if self.equipment.blocking {
            self.work(key, ctx);
        } else {
            self.enter(key, ctx);
        }
    }

    /// A turn on a core is over.
    #[inline(always)]
    fn end_turn(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let attempt = ctx.attempt(key);
        let demand = attempt.visit.demand;
        attempt.visit.used += demand;
        attempt.visit.demand = Span::ZERO;
        attempt.visit.step += 1;
        ctx.meter().work += u128::from(demand.nanos());
        self.work_in_line(key, ctx);
    }

    /// One of several that share the cores is done.
    #[inline(never)]
    fn end_shared_turn(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        self.end_turn(key, ctx);
    }

    /// The neighbours become quiet or noisy.
    fn change_speed(&mut self, ctx: &mut Ctx) {
        if let Some(neighbours) = &mut self.neighbours {
            let (speed, lasts) = neighbours.change();
            self.speed.neighbours = speed;
            self.apply_speed(ctx);
            ctx.alarm(lasts, NEIGHBOURS);
        }
    }

    /// A call of this request went wrong: so does the request, with its worker.
    fn give_up(&mut self, mut key: AttemptKey, outcome: Outcome, ctx: &mut Ctx) {
        loop {
            if !self.connections.is_empty() {
                self.drop_connections(key, outcome, ctx);
            }
            if self.transacting.is_some() {
                self.abandon_transaction(key, ctx);
            }
            let attempt = ctx.attempt(key);
            self.loops.leave_all(attempt);
            if attempt.phase != Phase::Subrequest {
                break;
            }
            match self.subrequests.fail(key, ctx) {
                Ended::InVain => return,
                Ended::Decides(whole) => key = whole,
            }
        }
        let worker = ctx.attempt(key).place;
        ctx.answer(key, outcome);
        if !self.equipment.blocking {
            self.let_in(ctx);
        } else if let Some(next) = self.free(worker, true, ctx) {
            self.work(next, ctx);
        }
    }

    /// What it has asked of its own accord has been answered, or has not in time.
    fn on_own_answer(&mut self, answered: &Reply, well: bool, ctx: &mut Ctx) {
        if self.transacting.is_some() {
            return self.on_shard_answer(answered.tag, ctx);
        }
        self.on_copy_answer(answered, well, ctx);
    }

    /// Gives a newcomer a worker, or lets it wait for one.
    #[inline(always)]
    fn admit(&mut self, key: AttemptKey, request_type: u16, ctx: &mut Ctx) {
        let front = if self.upkeep.is_none() { &mut self.pool } else { self.front() };
        match front.admit(key, request_type) {
            Admission::Served if self.upkeep.is_none() => self.begin(key, ctx),
            Admission::Served => self.seat(key, ctx),
            Admission::Queued(place) => line_up(key, place, self.queue_timeout.as_ref(), ctx),
            Admission::Instead(place, dropped) => {
                self.turn_away(dropped, ctx);
                line_up(key, place, self.queue_timeout.as_ref(), ctx);
            }
            Admission::Refused => reject(key, ctx),
            Admission::Fatal => self.find_closed(key, ctx),
        }
    }
}

impl Node for Station {
    fn on_start(&mut self, ctx: &mut Ctx) {
        let meter = ctx.meter();
        self.cpu.tell(self.equipment.cores, meter);
        meter.slots.limit = self.equipment.slots;
        meter.slowed = self.varies || self.equipment.contention.is_some();
        let Equipment { memory, slots, .. } = &self.equipment;
        meter.memory = memory.as_ref().map(|memory| Box::new(memory.account(*slots)));
        self.program.find_lanes(ctx);
        self.connections.iter_mut().for_each(|pool| pool.start(ctx));
        let dues = self.storage.as_mut().map(|storage| storage.start(ctx));
        self.set_storage_alarms(dues, ctx);
        self.start_copy(ctx);
        self.start_transactions(ctx);
        self.start_schema_change(ctx);
        self.change_speed(ctx);
        if let Some(cache) = &mut self.cache {
            cache.start(ctx);
            self.set_alarm(ctx);
        }
    }

    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let attempt = ctx.attempt(key);
        let entry = self.program.entry.get(attempt.request.operation.0 as usize);
        let Some(&Some(entry)) = entry else { return self.on_internal(key, ctx) };
        attempt.visit.step = entry;
        let request_type = attempt.request.request_type;
        self.admit(key, request_type, ctx);
    }

    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        self.obey(command, ctx);
    }

    fn on_impatience(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let place = ctx.attempt(key).place;
        if self.front().leave(place, key) {
            self.turn_away(key, ctx);
        }
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.attempt(key).visit.demand == Span::ZERO {
            self.go_on(key, ctx);
            return;
        }
        self.cpu.end_turn(ctx);
        self.end_turn(key, ctx);
    }

    fn on_alarm(&mut self, version: u32, ctx: &mut Ctx) {
        match version {
            STARTED => self.start_workers(ctx),
            NEIGHBOURS => self.change_speed(ctx),
            REMEMBER => self.on_cache_alarm(ctx),
            RESTARTED => self.restart(ctx),
            SYNCED => self.on_storage_alarm(Due::Synced, ctx),
            CHECKPOINT => self.on_storage_alarm(Due::Checkpoint, ctx),
            BACKUP => self.on_storage_alarm(Due::Backup, ctx),
            RESEND => self.resend_all(ctx),
            GAVE_UP => self.on_patience(ctx),
            MEMORY_USED_UP => self.be_killed(ctx),
            LOCKED => self.on_locked(ctx),
            SAYS_AGAIN => self.say_again(ctx),
            GIVES_UP => self.give_up_transactions(ctx),
            SCHEMA_CHANGED => self.end_schema_change(ctx),
            POOLS.. => self.on_pool_alarm((version - POOLS) as usize, ctx),
            _ => {
                while let Some(key) = self.cpu.end_by_alarm(version, ctx) {
                    self.end_shared_turn(key, ctx);
                }
            }
        }
    }

    fn on_answer(&mut self, answered: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        let now = ctx.now();
        let parent = answered.parent;
        if parent.is_none() {
            return self.on_own_answer(answered, outcome == Outcome::Ok, ctx);
        }
        let visit = &mut ctx.attempt(parent).visit;
        visit.away += now - visit.since;
        match outcome {
            Outcome::Ok => self.go_on(parent, ctx),
            _ if self.does_without(parent, ctx) => self.go_on(parent, ctx),
            outcome => self.give_up(parent, outcome, ctx),
        }
    }

    fn on_timeout(&mut self, abandoned: &Reply, ctx: &mut Ctx) {
        let now = ctx.now();
        if abandoned.parent.is_none() {
            return self.on_own_answer(abandoned, false, ctx);
        }
        let me = ctx.me();
        let visit = &mut ctx.attempt(abandoned.parent).visit;
        visit.away += now - visit.since;
        match self.does_without(abandoned.parent, ctx) {
            true => self.go_on(abandoned.parent, ctx),
            false => self.give_up(abandoned.parent, Outcome::Failed(me), ctx),
        }
    }
}
