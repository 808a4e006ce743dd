//! Finds out that a primary or another copy of a database is not up, and puts another copy in the
//! place of a primary.

use crate::message::Command;
use crate::replication::{FailoverSpec, GroupId};
use crate::runtime::{ControlCtx, Controller};
use crate::units::{Span, Time};

/// The copy that is the primary at first.
const FIRST: u32 = 0;

/// One database that is watched.
#[derive(Debug)]
struct Watched {
    group: GroupId,
    copies: u32,
    every: Span,
    misses: u64,
    promote: Span,
    /// For how long the first primary must be up before it takes its place back, if it does, and
    /// since when it is.
    fail_back: Option<Span>,
    back: Option<Time>,
    /// By copy: how many times in a row it was not up.
    missed: Vec<u64>,
    /// Another copy is being chosen.
    promotes: bool,
}

/// All databases of a run that have a failover.
#[derive(Debug, Default)]
pub(crate) struct Failovers {
    watched: Vec<Watched>,
}

impl Failovers {
    /// One more, of so many copies.
    pub(crate) fn add(&mut self, group: GroupId, copies: u32, spec: &FailoverSpec) {
        self.watched.push(Watched {
            group,
            copies,
            every: spec.every.value,
            misses: spec.misses.get(),
            promote: spec.promote.value,
            fail_back: spec.fail_back.as_ref().map(|after| after.value),
            back: None,
            missed: vec![0; copies as usize],
            promotes: false,
        });
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }
}

/// What alarms are for, in the lowest bit of their tags.
const CHECK: u32 = 0;
const PROMOTE: u32 = 1;

impl Controller for Failovers {
    fn on_start(&mut self, ctx: &mut ControlCtx) {
        for (number, watched) in (0..).zip(&self.watched) {
            ctx.alarm(watched.every, number << 1 | CHECK);
        }
    }

    fn on_alarm(&mut self, tag: u32, ctx: &mut ControlCtx) {
        let watched = &mut self.watched[(tag >> 1) as usize];
        if tag & 1 == PROMOTE {
            return watched.replace(ctx);
        }
        ctx.alarm(watched.every, tag);
        watched.give_back(ctx);
        if watched.check(ctx) {
            watched.promotes = true;
            ctx.alarm(watched.promote, tag | PROMOTE);
        }
    }
}

impl Watched {
    /// Asks all copies whether they are up. Returns whether another primary is to be chosen.
    fn check(&mut self, ctx: &mut ControlCtx) -> bool {
        let now = ctx.now();
        for copy in 0..self.copies {
            let node = ctx.replicated(self.group).node(copy);
            let missed = &mut self.missed[copy as usize];
            *missed = if ctx.is_up(node) { 0 } else { *missed + 1 };
            let known_down = *missed >= self.misses;
            ctx.replicated(self.group).list(copy, !known_down);
        }
        let group = ctx.replicated(self.group);
        let missed = self.missed[group.primary() as usize];
        if missed > 0 {
            group.primary_fails(now);
        }
        missed >= self.misses && !self.promotes
    }

    /// The first primary takes its place back, if it has been up for long enough and another has
    /// that.
    fn give_back(&mut self, ctx: &mut ControlCtx) {
        let Some(after) = self.fail_back else { return };
        let (now, first) = (ctx.now(), ctx.replicated(self.group).node(FIRST));
        let up = ctx.is_up(first);
        let group = ctx.replicated(self.group);
        if group.heir().is_some() && !up {
            group.keep();
        }
        let primary = group.primary();
        if primary == FIRST || !up || !group.leads(primary) {
            self.back = None;
            return;
        }
        if now - *self.back.get_or_insert(now) < after {
            return;
        }
        group.hand_over(FIRST, now);
        if group.inherits(FIRST) {
            ctx.command(first, Command::Promote);
        }
    }

    /// Another copy becomes the primary, if the primary is not up by now and another is.
    fn replace(&mut self, ctx: &mut ControlCtx) {
        self.promotes = false;
        let group = self.group;
        let replicated = ctx.replicated(group);
        let primary = replicated.node(replicated.primary());
        if ctx.is_up(primary) {
            return;
        }
        if let Some(node) = ctx.successor(group) {
            ctx.command(node, Command::Promote);
        }
    }
}
