//! The one truth about who is up: the condition of each instance, and between whom no message
//! passes.

use crate::message::{Command, NodeId};

/// Whether an instance is there and answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Condition {
    /// It works.
    Up,
    /// It starts anew, and turns away what comes.
    Starting,
    /// It has crashed: what comes fails at once.
    Down,
    /// It is gone for good.
    Gone,
    /// It has died without a word: what comes is lost.
    Silent,
    /// It has stopped: what comes waits until it goes on.
    Hung,
}

/// Between whom no message passes.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    /// By instance: whether it is on the one side, and on the other.
    sides: [Vec<bool>; 2],
    /// Whether messages are lost that go from the one side to the other, and that come from there.
    ways: [bool; 2],
    on: bool,
}

impl Cut {
    /// A cut that is not on yet. `ways` says which messages are lost: those from the first side to
    /// the second, and those the other way.
    pub(crate) fn new(sides: [Vec<bool>; 2], ways: [bool; 2]) -> Cut {
        Cut { sides, ways, on: false }
    }

    fn separates(&self, from: NodeId, to: NodeId) -> bool {
        let is_at = |side: usize, node: NodeId| self.sides[side][node.0 as usize];
        let there = self.ways[0] && is_at(0, from) && is_at(1, to);
        let back = self.ways[1] && is_at(1, from) && is_at(0, to);
        self.on && (there || back)
    }
}

/// The instances of a run, clients among them.
#[derive(Debug)]
pub(crate) struct Fleet {
    conditions: Vec<Condition>,
    cuts: Vec<Cut>,
}

impl Fleet {
    /// All are up.
    pub(super) fn new(instances: usize) -> Fleet {
        Fleet { conditions: vec![Condition::Up; instances], cuts: Vec::new() }
    }

    /// The condition of an instance.
    pub(crate) fn condition(&self, node: NodeId) -> Condition {
        self.conditions[node.0 as usize]
    }

    pub(super) fn set_condition(&mut self, node: NodeId, condition: Condition) {
        self.conditions[node.0 as usize] = condition;
    }

    /// What an instance is told shows in its condition.
    pub(super) fn obey(&mut self, node: NodeId, command: Command) {
        let condition = match command {
            Command::Crash { .. } => Condition::Down,
            Command::Silence => Condition::Silent,
            Command::Hang => Condition::Hung,
            Command::Restore | Command::GoOn => Condition::Up,
            Command::Leave => Condition::Gone,
            Command::Slow(_) => return,
        };
        if self.condition(node) != Condition::Gone {
            self.set_condition(node, condition);
        }
    }

    /// Adds a cut, and returns its number.
    pub(crate) fn add_cut(&mut self, cut: Cut) -> usize {
        self.cuts.push(cut);
        self.cuts.len() - 1
    }

    /// A cut begins or is over.
    pub(crate) fn set_cut(&mut self, number: usize, on: bool) {
        self.cuts[number].on = on;
    }

    /// Whether any cut is on.
    pub(super) fn is_cut(&self) -> bool {
        self.cuts.iter().any(|cut| cut.on)
    }

    /// Whether no message passes from one instance to another.
    pub(super) fn cuts(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.iter().any(|cut| cut.separates(from, to))
    }
}
