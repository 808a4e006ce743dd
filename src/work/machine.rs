//! A machine on which instances run: its cores, its memory and its disk are those of all of them.
//!
//! *Invariant:* an instance on a machine with cores has no cores of its own: the alarm for its jobs
//! is the machine's, which lets each go on when its turn is over.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use super::contention::ContentionSpec;
use super::machine_memory::{MachineMemory, Occupant};
use super::machine_spec::MachineSpec;
use super::processor::Processor;
use crate::measure::MemoryUse;
use crate::message::{AttemptKey, Command, NodeId};
use crate::runtime::{Ctx, Node};
use crate::stats::Level;
use crate::storage::SharedDisk;
use crate::units::{Span, Time};

/// A machine.
#[derive(Debug)]
pub(crate) struct Machine {
    cores: Option<u64>,
    speed: f64,
    processor: Option<RefCell<Processor>>,
    memory: Option<RefCell<MachineMemory>>,
    disk: Option<Rc<SharedDisk>>,
}

impl Machine {
    /// The machine that is this node, with those that are on it in their order.
    pub(crate) fn new(spec: &MachineSpec, node: NodeId, on_it: &[Occupant]) -> Rc<Machine> {
        let nodes: Vec<NodeId> = on_it.iter().map(|occupant| occupant.node).collect();
        let cores = spec.cores.map(|cores| cores.get());
        let memory = spec.memory.as_ref().map(|memory| memory.value.0);
        Rc::new(Machine {
            cores,
            speed: spec.speed.get(),
            processor: cores.map(|cores| RefCell::new(Processor::new(node, cores, &nodes))),
            memory: memory.map(|limit| RefCell::new(MachineMemory::new(node, limit, on_it))),
            disk: spec.disk.as_ref().map(|disk| Rc::new(SharedDisk::new(&disk.0, node))),
        })
    }

    /// It as a node of a run.
    pub(crate) fn node(self: &Rc<Machine>) -> Box<dyn Node> {
        Box::new(MachineNode(Rc::clone(self)))
    }

    /// How much of the memory is in use, if it is short.
    fn account(&self) -> Option<MemoryUse> {
        let limit = self.memory.as_ref()?.borrow().limit();
        let idle = self.memory.as_ref()?.borrow().idle();
        let mut used = Level::new();
        used.set(Time::ZERO, idle);
        Some(MemoryUse { limit, idle, each: 0, used, kills: 0 })
    }
}

/// The machine of an instance, as that instance knows it.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    machine: Rc<Machine>,
    /// Which of those on the machine the instance is.
    guest: usize,
}

impl Host {
    pub(crate) fn new(machine: &Rc<Machine>, guest: usize) -> Host {
        Host { machine: Rc::clone(machine), guest }
    }

    /// How many cores it has, if any are to be shared.
    pub(crate) fn cores(&self) -> Option<u64> {
        self.machine.cores
    }

    /// How fast a core is.
    pub(crate) fn speed(&self) -> f64 {
        self.machine.speed
    }

    /// Its disk, if it has one.
    pub(crate) fn disk(&self) -> Option<&Rc<SharedDisk>> {
        self.machine.disk.as_ref()
    }

    fn processor(&self) -> RefMut<'_, Processor> {
        let processor = self.machine.processor.as_ref();
        processor.expect("only a machine with cores is asked for them").borrow_mut()
    }

    pub(super) fn limit(&self, cores: u64, slowed: Option<&ContentionSpec>) {
        self.processor().limit(self.guest, cores, slowed);
    }

    pub(super) fn start(&self, key: AttemptKey, demand: Span, ctx: &mut Ctx) {
        self.processor().start(self.guest, key, demand, ctx);
    }

    pub(super) fn set_speed(&self, speed: f64, ctx: &mut Ctx) {
        self.processor().set_speed(self.guest, speed, ctx);
    }

    pub(super) fn stop(&self, ctx: &mut Ctx) {
        self.processor().stop(self.guest, ctx);
    }

    fn memory(&self) -> Option<RefMut<'_, MachineMemory>> {
        self.machine.memory.as_ref().map(RefCell::borrow_mut)
    }

    /// The instance takes so much more of the memory. Returns whether it may.
    pub(super) fn take_memory(&self, bytes: u64, ctx: &mut Ctx) -> bool {
        self.memory().is_none_or(|mut memory| memory.take(self.guest, bytes, ctx))
    }

    /// The instance gives so much of it back.
    pub(super) fn give_memory_back(&self, bytes: u64, ctx: &mut Ctx) {
        self.memory().into_iter().for_each(|mut memory| memory.give_back(self.guest, bytes, ctx));
    }

    /// Whether the system is about to kill the instance.
    pub(super) fn dooms(&self) -> bool {
        self.memory().is_some_and(|memory| memory.dooms(self.guest))
    }

    /// The instance is gone or down: it takes nothing.
    pub(super) fn leave(&self, ctx: &mut Ctx) {
        self.memory().into_iter().for_each(|mut memory| memory.leave(self.guest, ctx));
    }

    /// The instance is there again.
    pub(super) fn come_back(&self, ctx: &mut Ctx) {
        self.memory().into_iter().for_each(|mut memory| memory.come_back(self.guest, ctx));
    }
}

/// A machine as a node of a run, which is asked nothing.
struct MachineNode(Rc<Machine>);

impl Node for MachineNode {
    fn on_start(&mut self, ctx: &mut Ctx) {
        let meter = ctx.meter();
        meter.host(self.0.cores.unwrap_or(0));
        meter.memory = self.0.account().map(Box::new);
        self.0.disk.iter().for_each(|disk| disk.start(ctx));
    }

    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        let now = ctx.now();
        match command {
            Command::Crash { .. } | Command::Silence => {
                self.0.disk.iter().for_each(|disk| disk.clear(now));
                ctx.meter().lose_work(now);
            }
            Command::Restore => {
                ctx.meter().provide(now);
                self.0.memory.iter().for_each(|memory| memory.borrow().account(ctx));
            }
            other => unreachable!("{other:?} is of those who are on a machine"),
        }
    }

    fn on_alarm(&mut self, version: u32, ctx: &mut Ctx) {
        self.0.processor.iter().for_each(|cpu| cpu.borrow_mut().end_turns(version, ctx));
    }
}
