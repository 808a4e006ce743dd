//! The one truth about who is up: the condition of each instance.

use crate::message::{Command, NodeId};

/// Whether an instance is there and answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Condition {
    /// It stands by, and is not there yet.
    StandingBy,
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

/// The instances of a run, clients among them.
#[derive(Debug)]
pub(crate) struct Fleet {
    conditions: Vec<Condition>,
    /// Who is to be told of each change, in this order: the instance that changes, the one that is
    /// told, and its alarm.
    watches: Vec<(NodeId, NodeId, u32)>,
}

impl Fleet {
    /// All are up.
    pub(super) fn new(instances: usize) -> Fleet {
        Fleet { conditions: vec![Condition::Up; instances], watches: Vec::new() }
    }

    /// An alarm of `watcher` will go off whenever the condition of an instance may have changed.
    pub(super) fn watch(&mut self, node: NodeId, watcher: NodeId, alarm: u32) {
        self.watches.push((node, watcher, alarm));
    }

    /// The alarms that go off when the condition of an instance may have changed.
    pub(super) fn watchers(&self, node: NodeId) -> impl Iterator<Item = (NodeId, u32)> + '_ {
        let of = self.watches.iter().filter(move |(of, ..)| *of == node);
        of.map(|&(_, watcher, alarm)| (watcher, alarm))
    }

    /// The condition of an instance.
    pub(crate) fn condition(&self, node: NodeId) -> Condition {
        self.conditions[node.0 as usize]
    }

    pub(super) fn set_condition(&mut self, node: NodeId, condition: Condition) {
        self.conditions[node.0 as usize] = condition;
    }

    /// Whether a command means anything to an instance as it is: one that is not there hears
    /// nothing but that it joins, and only one that is down, or hangs, comes back from that.
    pub(super) fn hears(&self, node: NodeId, command: Command) -> bool {
        match (self.condition(node), command) {
            (Condition::Gone, _) => false,
            (Condition::StandingBy, command) => command == Command::Join,
            (_, Command::Join) => false,
            // What is starting does nothing that could hang.
            (Condition::Starting, Command::Hang) => false,
            (condition, Command::GoOn) => condition == Condition::Hung,
            (condition, Command::Restore) => {
                matches!(condition, Condition::Down | Condition::Silent)
            }
            _ => true,
        }
    }

    /// What an instance is told shows in its condition.
    pub(super) fn obey(&mut self, node: NodeId, command: Command) {
        let condition = match command {
            Command::Crash { .. } => Condition::Down,
            Command::Silence => Condition::Silent,
            Command::Hang => Condition::Hung,
            Command::Restore | Command::GoOn | Command::Join => Condition::Up,
            Command::Leave => Condition::Gone,
            Command::ReturnTo(_) => Condition::Starting,
            Command::Slow(_) | Command::Promote => return,
        };
        self.set_condition(node, condition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fault of all that began before an instance joined is over after it: that is nothing to it.
    #[test]
    fn an_instance_comes_back_only_from_what_it_has_had() {
        let node = NodeId(0);
        let mut fleet = Fleet::new(1);
        fleet.set_condition(node, Condition::StandingBy);
        assert!(!fleet.hears(node, Command::Crash { warm: false }));
        assert!(fleet.hears(node, Command::Join));
        fleet.obey(node, Command::Join);
        assert_eq!(fleet.condition(node), Condition::Up);
        for command in [Command::Join, Command::Restore, Command::GoOn] {
            assert!(!fleet.hears(node, command), "{command:?}");
        }
        for (begins, ends) in [
            (Command::Crash { warm: false }, Command::Restore),
            (Command::Silence, Command::Restore),
            (Command::Hang, Command::GoOn),
        ] {
            fleet.obey(node, begins);
            assert!(fleet.hears(node, ends), "{ends:?}");
            fleet.obey(node, ends);
        }
        fleet.obey(node, Command::Leave);
        for command in [Command::Join, Command::Restore, Command::Silence] {
            assert!(!fleet.hears(node, command), "{command:?}");
        }
    }
}
