//! Which consumer has room for one more message. Each instance asks for as many as it may have at
//! once, and is given one by the queue as soon as there is one: a long poll. Who has asked first is
//! served first, and who is not up does not ask.

use std::collections::VecDeque;

use crate::message::{LinkId, NodeId, Operation};
use crate::runtime::Ctx;

/// An instance of a consumer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub(super) node: NodeId,
    pub(super) link: LinkId,
    /// What it does for a message.
    pub(super) operation: Operation,
    /// How many messages it has at once.
    pub(super) at_once: u32,
}

/// The questions for messages of all instances.
#[derive(Debug)]
pub(super) struct Polls {
    instances: Vec<Instance>,
    /// Those who ask, the first first; once for each message that they would take.
    open: VecDeque<u32>,
    /// How many each does not ask for because it is not up.
    withheld: Vec<u32>,
}

impl Polls {
    pub(super) fn new(instances: Vec<Instance>) -> Polls {
        let withheld = vec![0; instances.len()];
        let rounds = instances.iter().map(|instance| instance.at_once).max().unwrap_or(0);
        // In turn, so that the first messages are not all for the first instance.
        let open = (0..rounds).flat_map(|round| {
            let asks = (0..).zip(&instances).filter(move |(_, it)| round < it.at_once);
            asks.map(|(index, _)| index)
        });
        Polls { open: open.collect(), withheld, instances }
    }

    pub(super) fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// The instance that takes the next message.
    pub(super) fn take(&mut self, ctx: &Ctx) -> Option<(u32, Instance)> {
        loop {
            let index = self.open.pop_front()?;
            let instance = self.instances[index as usize];
            if ctx.is_up(instance.node) {
                return Some((index, instance));
            }
            self.withheld[index as usize] += 1;
        }
    }

    /// An instance has room for one more.
    pub(super) fn ask_again(&mut self, index: u32, ctx: &Ctx) {
        if ctx.is_up(self.instances[index as usize].node) {
            self.open.push_back(index);
        } else {
            self.withheld[index as usize] += 1;
        }
    }

    /// Some instances may be up again.
    pub(super) fn look(&mut self, ctx: &Ctx) {
        for (index, withheld) in (0..).zip(&mut self.withheld) {
            if *withheld > 0 && ctx.is_up(self.instances[index as usize].node) {
                self.open.extend(std::iter::repeat_n(index, *withheld as usize));
                *withheld = 0;
            }
        }
    }
}
