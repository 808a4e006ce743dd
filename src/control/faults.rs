//! The faults of a run: each begins and is over at known times or by chance.

use std::fmt;

use crate::distribution::Delay;
use crate::engine::Stream;
use crate::message::{Command, NodeId};
use crate::runtime::{ControlCtx, Controller};
use crate::units::{Span, Time};

/// What a fault does while it is on.
pub(crate) trait Effect: fmt::Debug {
    /// It begins, or is over.
    fn set(&self, on: bool, ctx: &mut ControlCtx);
}

/// Instances are told something when a fault begins, and when it is over.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) begin: Command,
    pub(crate) end: Command,
}

impl Effect for Told {
    fn set(&self, on: bool, ctx: &mut ControlCtx) {
        let command = if on { self.begin } else { self.end };
        self.nodes.iter().for_each(|&node| ctx.command(node, command));
    }
}

/// Something is done to messages on their way: the interference of this number.
#[derive(Debug)]
pub(super) struct Interferes(pub(super) usize);

impl Effect for Interferes {
    fn set(&self, on: bool, ctx: &mut ControlCtx) {
        ctx.interfere(self.0, on);
    }
}

/// When a fault begins, and how long it lasts if not for ever.
#[derive(Clone, Debug)]
pub(crate) enum Schedule {
    /// At a known time.
    Once(Time, Option<Span>),
    /// By chance: how long all is well, and how long it then lasts.
    Random(Delay, Option<Delay>, Stream),
}

#[derive(Debug)]
struct Fault {
    effect: Box<dyn Effect>,
    schedule: Schedule,
    /// How often it has begun.
    number: u64,
    /// How long it lasts this time.
    lasts: Option<Span>,
    on: bool,
}

impl Fault {
    /// From now to its next beginning, if there is one.
    fn next(&mut self, now: Time) -> Option<Span> {
        let number = self.number;
        self.number += 1;
        match &self.schedule {
            Schedule::Once(begins, lasts) => {
                self.lasts = *lasts;
                (number == 0).then(|| begins.since(now))
            }
            Schedule::Random(well, lasts, stream) => {
                let stream = stream.at(number);
                self.lasts = lasts.as_ref().map(|lasts| lasts.draw(stream.named("down")));
                Some(well.draw(stream.named("up")))
            }
        }
    }
}

/// All faults of a run.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    faults: Vec<Fault>,
}

impl Faults {
    /// One more.
    pub(crate) fn add(&mut self, effect: Box<dyn Effect>, schedule: Schedule) {
        self.faults.push(Fault { effect, schedule, number: 0, lasts: None, on: false });
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }
}

impl Controller for Faults {
    fn on_start(&mut self, ctx: &mut ControlCtx) {
        for (tag, fault) in (0..).zip(&mut self.faults) {
            if let Some(gap) = fault.next(ctx.now()) {
                ctx.alarm(gap, tag);
            }
        }
    }

    /// A fault begins or is over.
    fn on_alarm(&mut self, tag: u32, ctx: &mut ControlCtx) {
        let fault = &mut self.faults[tag as usize];
        fault.on = !fault.on;
        let next = if fault.on { fault.lasts } else { fault.next(ctx.now()) };
        if let Some(gap) = next {
            ctx.alarm(gap, tag);
        }
        fault.effect.set(fault.on, ctx);
    }
}
