//! Transactions: the rows of each, with what is locked where; who waits for whom; and what has
//! still to be said to shards.
//!
//! A transaction is kept in a slot that is used again, with room for as many rows as the greatest
//! has. What a message between a server and a shard says is kept here too: the message has its
//! number, so that one which comes late finds nothing.
//!
//! *Invariant:* each transaction that was begun is under way, committed or aborted; a slot is free
//! when its server has left it and no shard has anything of it.

mod commit;
mod locks;
mod meter;
mod shard;
mod spec;
mod view;

pub(crate) use commit::Vote;
pub use meter::{LOCK_METRICS, LOCKS, TRANSACTION_METRICS, TRANSACTIONS};
pub(crate) use shard::Asked;
pub use spec::CommitSpec;
pub(crate) use view::TransactionView;

use crate::engine::Stream;
use crate::measure::CountersId;
use crate::message::{AttemptKey, NodeId};
use crate::objects::Object;
use crate::step::{Isolation, LockOrder, TransactionSpec};
use crate::units::Time;
use locks::LockTable;

/// A transaction, by its slot.
pub(crate) type Slot = u32;

/// No component.
const NOBODY: NodeId = NodeId(u32::MAX);

/// What a server does in a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    pub(crate) keys: u32,
    pub(crate) sorted: bool,
    pub(crate) retries: u64,
    /// Who finds another version than it has read starts again.
    pub(crate) optimistic: bool,
}

impl Manner {
    /// As a scenario says it.
    pub(crate) fn new(spec: &TransactionSpec) -> Manner {
        Manner {
            keys: u32::try_from(spec.keys.value.get()).expect("rows are checked to be few"),
            sorted: spec.order == LockOrder::Sorted,
            retries: spec.retries,
            optimistic: spec.isolation == Isolation::Optimistic,
        }
    }
}

/// What a shard has of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Nothing.
    Free,
    /// The transaction waits for its lock.
    Waiting,
    /// It is locked.
    Held,
    /// The same, and the shard is at work: to prepare, or to commit what is there alone.
    Working,
    /// The shard has promised to commit.
    Prepared,
    /// It has heard that it is to, and writes that down.
    Installing,
    /// The shard has forgotten it: it has committed, or was told not to.
    Over,
    /// The shard has lost it in a crash.
    Lost,
}

impl State {
    /// Whether the lock is held.
    fn is_locked(self) -> bool {
        matches!(self, State::Held | State::Working | State::Prepared | State::Installing)
    }

    /// Whether the shard has anything of it.
    fn is_there(self) -> bool {
        self.is_locked() || self == State::Waiting
    }
}

/// A row of a transaction.
#[derive(Clone, Copy, Debug)]
struct Row {
    object: Object,
    /// The version that the transaction has read.
    version: u32,
    /// The shard that it is on, once that has been asked for its lock.
    node: NodeId,
    /// Where its lock is.
    place: u32,
    state: State,
    /// It has been written.
    written: bool,
    /// Since when it is locked, and since when the shard is in doubt of it.
    since: Time,
    doubt: Time,
}

/// How far a transaction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    /// Rows are read and locked.
    Running,
    /// A deadlock, or a conflict, has ended it.
    Broken,
    /// The one shard that has its rows is asked to commit.
    Asked,
    /// Shards are asked to prepare, and what they are to do is then written down.
    Preparing,
    /// The shards are told to commit, or not to.
    Committing,
    RollingBack,
    /// Its server has died before it had written down what they are to do.
    Orphaned,
}

/// One transaction.
#[derive(Clone, Copy, Debug)]
struct Transaction {
    /// The request that it is for, or has been; of a write outside of any, the write itself.
    key: AttemptKey,
    /// The server, or the database of a write outside of any.
    server: NodeId,
    /// Who its messages are for: which transaction step of the server it is.
    step: u32,
    /// Told apart from those that had the slot before; 0 where it is free.
    stamp: u32,
    own: Object,
    stream: Stream,
    /// The type of that request.
    request_type: u16,
    tries: u32,
    count: u32,
    cursor: u32,
    progress: Progress,
    optimistic: bool,
    /// Whether it has been counted as committed or aborted.
    resolved: bool,
    committed: bool,
    /// The server does nothing for it any more but tell shards.
    left: bool,
    /// Shards whose answers are missing.
    votes: u32,
    /// Its messages that are on their way, and how many there have been.
    messages: u32,
    said: u32,
    /// The row that it waits for.
    waits: Option<(NodeId, u32)>,
    /// When its commit began.
    began: Time,
}

/// What is said to a shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Saying {
    /// Promise to commit.
    Prepare,
    Commit,
    RollBack,
}

/// A message between a server and a shard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    pub(crate) transaction: Slot,
    pub(crate) stamp: u32,
    /// The shard.
    pub(crate) to: NodeId,
    pub(crate) saying: Saying,
}

/// All transactions of a run.
#[derive(Debug)]
pub(crate) struct Transactions {
    /// By instance: the locks of a database, and the counts of a server.
    tables: Vec<Option<Box<LockTable>>>,
    servers: Vec<Option<CountersId>>,
    all: Vec<Transaction>,
    free: Vec<Slot>,
    /// The rows of each, as many places for each as `most`.
    rows: Vec<Row>,
    most: usize,
    /// By slot of an attempt: the transaction that it works on, with its stamp.
    bound: Vec<(AttemptKey, Slot, u32)>,
    messages: Vec<Message>,
    free_messages: Vec<u32>,
    stamps: u32,
}

impl Transactions {
    /// For so many instances; none has more rows than `most`.
    pub(crate) fn new(instances: usize, most: usize) -> Transactions {
        Transactions {
            tables: (0..instances).map(|_| None).collect(),
            servers: vec![None; instances],
            all: Vec::new(),
            free: Vec::new(),
            rows: Vec::new(),
            most: most.max(1),
            bound: Vec::new(),
            messages: Vec::new(),
            free_messages: Vec::new(),
            stamps: 0,
        }
    }

    fn stamp(&mut self) -> u32 {
        self.stamps = self.stamps.wrapping_add(1).max(1);
        self.stamps
    }

    /// The transaction that an attempt works on.
    pub(crate) fn of(&self, key: AttemptKey) -> Option<Slot> {
        let &(bound, slot, stamp) = self.bound.get(key.index() as usize)?;
        (bound == key && self.at(slot).stamp == stamp).then_some(slot)
    }

    /// An attempt works on a transaction from now on.
    pub(crate) fn bind(&mut self, key: AttemptKey, slot: Slot) {
        let index = key.index() as usize;
        if self.bound.len() <= index {
            self.bound.resize(index + 1, (AttemptKey::NONE, 0, 0));
        }
        self.bound[index] = (key, slot, self.at(slot).stamp);
    }

    fn unbind(&mut self, key: AttemptKey) {
        if self.of(key).is_some() {
            self.bound[key.index() as usize].0 = AttemptKey::NONE;
        }
    }

    fn rows(&self, slot: Slot) -> &[Row] {
        let first = slot as usize * self.most;
        &self.rows[first..first + self.all[slot as usize].count as usize]
    }

    fn rows_mut(&mut self, slot: Slot) -> &mut [Row] {
        let first = slot as usize * self.most;
        &mut self.rows[first..first + self.all[slot as usize].count as usize]
    }

    fn at(&self, slot: Slot) -> &Transaction {
        &self.all[slot as usize]
    }

    fn at_mut(&mut self, slot: Slot) -> &mut Transaction {
        &mut self.all[slot as usize]
    }

    fn table(&mut self, node: NodeId) -> &mut LockTable {
        let table = self.tables[node.0 as usize].as_mut();
        table.expect("only databases that a transaction names are asked for locks")
    }

    /// What a message says, unless it comes too late; `stamp` is its own.
    pub(crate) fn message(&self, number: u32, stamp: u32) -> Option<Message> {
        let message = self.messages.get(number as usize)?;
        (message.stamp == stamp).then_some(*message)
    }

    /// Keeps what a shard is told: the number of the message, and its stamp.
    fn write_down(&mut self, transaction: Slot, to: NodeId, saying: Saying) -> (u32, u32) {
        let stamp = self.stamp();
        let message = Message { transaction, stamp, to, saying };
        let number = match self.free_messages.pop() {
            Some(number) => {
                self.messages[number as usize] = message;
                number
            }
            None => {
                self.messages.push(message);
                u32::try_from(self.messages.len() - 1).expect("fewer than 2^32 messages at once")
            }
        };
        (number, stamp)
    }

    /// A message is over.
    fn forget(&mut self, number: u32) -> Message {
        let message = self.messages[number as usize];
        self.messages[number as usize].stamp = 0;
        self.free_messages.push(number);
        message
    }

    /// Takes a slot for a transaction with so many rows.
    fn open(&mut self, transaction: Transaction) -> Slot {
        let stamp = self.stamp();
        let transaction = Transaction { stamp, ..transaction };
        match self.free.pop() {
            Some(slot) => {
                self.all[slot as usize] = transaction;
                slot
            }
            None => {
                self.all.push(transaction);
                let end = self.all.len() * self.most;
                self.rows.resize(end, Row::EMPTY);
                u32::try_from(self.all.len() - 1).expect("fewer than 2^32 transactions at once")
            }
        }
    }

    /// Frees the slot of a transaction of which nothing is left anywhere.
    fn close(&mut self, slot: Slot) {
        self.at_mut(slot).stamp = 0;
        self.free.push(slot);
    }

    /// The slots that are taken.
    fn open_slots(&self) -> impl Iterator<Item = Slot> + use<> {
        let open: Vec<Slot> =
            (0..).zip(&self.all).filter(|(_, of)| of.stamp > 0).map(|(s, _)| s).collect();
        open.into_iter()
    }

    /// Whether each lock is held by one transaction that is under way, and each row that is locked
    /// is held.
    pub(crate) fn laws_hold(&self, is_there: impl Fn(AttemptKey) -> bool) -> bool {
        self.open_slots().all(|slot| {
            let of = self.at(slot);
            let held = self.rows(slot).iter().filter(|row| row.state.is_locked());
            let owned = held.clone().all(|row| {
                let table = self.tables[row.node.0 as usize].as_ref();
                table.is_some_and(|table| table.holder(row.place) == slot)
            });
            let alive = is_there(of.key) || of.messages > 0 || of.left;
            owned && (alive || held.count() == 0)
        })
    }
}

impl Row {
    const EMPTY: Row = Row {
        object: Object::NONE,
        version: 0,
        node: NOBODY,
        place: 0,
        state: State::Free,
        written: false,
        since: Time::ZERO,
        doubt: Time::ZERO,
    };
}
