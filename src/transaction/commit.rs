//! How a server commits: on one shard, or in two phases as the coordinator of several; and what
//! becomes of its transactions when it dies.

use crate::engine::Stream;
use crate::message::{AttemptKey, NodeId};

use super::meter::Count;
use super::view::ALONE;
use super::{Message, Progress, Saying, Slot, State, Transaction, TransactionView};

/// What the answer of a shard that was asked to prepare means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Vote {
    /// Others are missing, or nobody waits for it.
    Missing,
    /// All shards have promised to commit.
    Commit(AttemptKey),
    /// One has not.
    RollBack(AttemptKey),
}

impl TransactionView<'_> {
    /// The commit of a request's transaction begins, unless a shard has lost its locks: then it is
    /// ended. Returns whether its rows are on several shards, and its slot.
    pub(crate) fn begin_commit(&mut self, key: AttemptKey) -> (bool, Slot) {
        let (slot, now) = (self.slot_of(key), self.now);
        if self.transactions.rows(slot).iter().any(|row| row.state != State::Held) {
            self.transactions.at_mut(slot).progress = Progress::Broken;
            return (false, slot);
        }
        let (mut shards, mut at) = (0_u32, 0);
        while let Some((next, _)) = self.transactions.next_shard(slot, at) {
            (shards, at) = (shards + 1, next + 1);
        }
        let several = shards > 1;
        let of = self.transactions.at_mut(slot);
        (of.began, of.votes) = (now, shards);
        of.progress = if several { Progress::Preparing } else { Progress::Asked };
        self.count(slot, Count::Commits, 1_u64);
        self.count(slot, Count::Shards, shards);
        self.count(slot, Count::AcrossShards, u64::from(several));
        (several, slot)
    }

    /// The next shard with something of a transaction, and where it stands.
    pub(crate) fn next_shard(&self, slot: Slot, from: usize) -> Option<(usize, NodeId)> {
        self.transactions.next_shard(slot, from)
    }

    /// A shard is told something: the number of the message and its stamp.
    pub(crate) fn say(&mut self, slot: Slot, to: NodeId, saying: Saying) -> (u32, u32) {
        self.transactions.at_mut(slot).messages += 1;
        self.transactions.write_down(slot, to, saying)
    }

    /// The transaction step that the transaction of a request is.
    pub(crate) fn step_of(&self, key: AttemptKey) -> u32 {
        self.step(self.slot_of(key))
    }

    /// What is random about the next message of a transaction: another luck each time.
    pub(crate) fn next_stream(&mut self, slot: Slot) -> Stream {
        let of = self.transactions.at_mut(slot);
        of.said += 1;
        of.stream.at(u64::from(of.tries)).at(u64::from(of.said))
    }

    /// Whether the server does nothing for a transaction but tell shards.
    pub(crate) fn is_left(&self, slot: Slot) -> bool {
        self.transactions.at(slot).left
    }

    /// The transaction step that a transaction is.
    pub(crate) fn step(&self, slot: Slot) -> u32 {
        self.transactions.at(slot).step
    }

    /// A message has been answered, or has not in time. Returns what it was, and whether the shard
    /// has done as it was told.
    pub(crate) fn heard(&mut self, number: u32) -> (Message, bool) {
        let message = self.transactions.forget(number);
        let slot = message.transaction;
        self.transactions.at_mut(slot).messages -= 1;
        let mut rows = self.transactions.rows(slot).iter().filter(|row| row.node == message.to);
        let done = match message.saying {
            Saying::Prepare => rows.all(|row| row.state == State::Prepared),
            Saying::Commit | Saying::RollBack => rows.all(|row| !row.state.is_there()),
        };
        (message, done)
    }

    /// A shard has promised to commit, or not.
    pub(crate) fn vote(&mut self, slot: Slot, promised: bool) -> Vote {
        let of = self.transactions.at_mut(slot);
        if of.progress != Progress::Preparing || of.left {
            return Vote::Missing;
        }
        if !promised {
            of.progress = Progress::Broken;
            return Vote::RollBack(of.key);
        }
        of.votes -= 1;
        if of.votes == 0 { Vote::Commit(of.key) } else { Vote::Missing }
    }

    /// It is written down that all shards of a request's transaction are to commit; returns its
    /// slot. `None` where one shard has all, which does that itself.
    pub(crate) fn decide(&mut self, key: AttemptKey) -> Option<Slot> {
        let slot = self.slot_of(key);
        let of = self.transactions.at_mut(slot);
        if of.progress != Progress::Preparing {
            return None;
        }
        of.progress = Progress::Committing;
        self.resolve(slot, true);
        Some(slot)
    }

    /// The request goes on after its transaction.
    pub(crate) fn end(&mut self, key: AttemptKey) {
        let slot = self.slot_of(key);
        let took = self.now - self.transactions.at(slot).began;
        self.count(slot, Count::Decided, 1_u64);
        self.count(slot, Count::Deciding, took.nanos());
        self.leave(slot);
        self.settle(slot);
    }

    /// A server goes down: its transactions that shards can forget are ended, and the others are
    /// orphans.
    pub(crate) fn server_goes_down(&mut self, me: NodeId) {
        for slot in self.transactions.open_slots() {
            let of = self.transactions.at_mut(slot);
            if of.server != me || of.left || of.step == ALONE {
                continue;
            }
            if of.progress == Progress::Preparing {
                self.leave(slot);
                self.transactions.at_mut(slot).progress = Progress::Orphaned;
                self.resolve(slot, false);
            } else {
                self.roll_back(slot);
            }
            self.settle(slot);
        }
    }

    /// A server is back: its orphans are to be rolled back, for it has not written down otherwise.
    pub(crate) fn server_comes_back(&mut self, me: NodeId) {
        for slot in self.transactions.open_slots() {
            let of = self.transactions.at_mut(slot);
            if of.server == me && of.progress == Progress::Orphaned {
                of.progress = Progress::RollingBack;
            }
        }
    }

    /// The first transaction of a server, from this slot on, whose shards are to be told something
    /// again, with what; of a server that is down only what those find out themselves.
    pub(crate) fn to_be_told(&self, me: NodeId, is_up: bool, from: Slot) -> Option<(Slot, Saying)> {
        let open = (from..).zip(&self.transactions.all[from as usize..]);
        let mine = open.filter(|(_, of)| of.stamp > 0 && of.server == me && of.left);
        let told = |(slot, of): (Slot, &Transaction)| match of.progress {
            _ if of.messages > 0 || of.step == ALONE => None,
            Progress::RollingBack => Some((slot, Saying::RollBack)),
            Progress::Committing if is_up => Some((slot, Saying::Commit)),
            _ => None,
        };
        mine.filter_map(told).next()
    }
}
