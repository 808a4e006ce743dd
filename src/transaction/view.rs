//! What a server may learn of its transactions, and do with them.

use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::{AttemptKey, NodeId};
use crate::objects::{Content, Object, ObjectView};
use crate::units::Time;

use super::locks::LockTable;
use super::meter::{COUNTS, Count, LOCK_COUNTS, UNDER_WAY};
use super::{Manner, Progress, Row, Slot, Transaction, Transactions};

/// Tell the draws of rows, and those of each try, from other draws of a request.
const ROWS: u64 = 0x726F_7773;
const TRIES: u64 = 0x7472_6965;
/// How often a row is drawn again that the transaction has already; then its neighbours are taken.
const MOST_DRAWS: u64 = 64;
/// The step of a write outside of any transaction.
pub(super) const ALONE: u32 = u32::MAX;

/// The transactions of a run at one moment.
pub(crate) struct TransactionView<'a> {
    pub(crate) transactions: &'a mut Transactions,
    pub(crate) content: Option<&'a mut Content>,
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) now: Time,
}

impl TransactionView<'_> {
    pub(super) fn objects(&mut self) -> ObjectView<'_> {
        let content = self.content.as_deref_mut();
        ObjectView { content, recorder: self.recorder, now: self.now }
    }

    pub(super) fn count(&mut self, slot: Slot, count: Count, more: impl Into<u128>) {
        let of = self.transactions.at(slot);
        if of.step != ALONE
            && let Some(id) = self.transactions.servers[of.server.0 as usize]
        {
            self.recorder.counters(id).add(count, more);
        }
    }

    fn under_way(&mut self, slot: Slot, change: i64) {
        let (now, of) = (self.now, self.transactions.at(slot));
        if of.step != ALONE
            && let Some(id) = self.transactions.servers[of.server.0 as usize]
        {
            let counters = self.recorder.counters(id);
            let value = counters.level(UNDER_WAY).saturating_add_signed(change);
            counters.set(UNDER_WAY, now, value);
        }
    }

    /// A server counts for itself from now on.
    pub(crate) fn start_server(&mut self, me: NodeId) {
        let id = self.recorder.add_counters(&COUNTS, me.0 as usize);
        self.transactions.servers[me.0 as usize] = Some(id);
    }

    /// A database, or a shard of one, has locks from now on.
    pub(crate) fn start_shard(&mut self, me: NodeId) {
        let hashes = Stream::root(0, u64::from(me.0)).named("locks");
        let id = self.recorder.add_counters(&LOCK_COUNTS, me.0 as usize);
        let table = LockTable::new(hashes, id);
        self.transactions.tables[me.0 as usize] = Some(Box::new(table));
    }

    /// A request begins a transaction, which is this step of its server.
    pub(crate) fn begin(
        &mut self,
        key: AttemptKey,
        (me, step): (NodeId, u32),
        manner: &Manner,
        (stream, request_type): (Stream, u16),
    ) {
        let own = self.objects().object(key);
        self.open((key, me, step), (own, stream, request_type), manner, 0);
    }

    pub(super) fn open(
        &mut self,
        (key, server, step): (AttemptKey, NodeId, u32),
        (own, stream, request_type): (Object, Stream, u16),
        manner: &Manner,
        tries: u32,
    ) -> Slot {
        let slot = self.transactions.open(Transaction {
            key,
            server,
            step,
            stamp: 0,
            own,
            stream,
            request_type,
            tries,
            count: manner.keys,
            cursor: 0,
            progress: Progress::Running,
            optimistic: manner.optimistic,
            resolved: false,
            committed: false,
            left: false,
            votes: 0,
            messages: 0,
            said: 0,
            waits: None,
            began: self.now,
        });
        self.draw_rows(slot, own, stream.at(ROWS).at(u64::from(tries)));
        if manner.sorted {
            self.transactions.rows_mut(slot).sort_unstable_by_key(|row| row.object);
        }
        self.transactions.bind(key, slot);
        self.count(slot, Count::Started, 1_u64);
        self.under_way(slot, 1);
        slot
    }

    fn draw_rows(&mut self, slot: Slot, own: Object, stream: Stream) {
        for index in 0..self.transactions.rows(slot).len() {
            let object = match index {
                0 => own,
                _ => self.draw_another(slot, index, own, stream.at(index as u64)),
            };
            self.transactions.rows_mut(slot)[index] = Row { object, ..Row::EMPTY };
        }
    }

    /// An object of the same catalog that is none of the first `index` rows.
    fn draw_another(&mut self, slot: Slot, index: usize, own: Object, stream: Stream) -> Object {
        let mut object = own;
        let taken = |transactions: &Transactions, object: Object| {
            transactions.rows(slot)[..index].iter().any(|row| row.object == object)
        };
        for draw in 0..MOST_DRAWS {
            object = self.objects().another(own, stream.at(draw));
            if !taken(self.transactions, object) {
                return object;
            }
        }
        for _ in 0..index {
            object = self.objects().next_to(object);
            if !taken(self.transactions, object) {
                break;
            }
        }
        object
    }

    pub(super) fn slot_of(&self, key: AttemptKey) -> Slot {
        self.transactions.of(key).expect("only who is in a transaction does its steps")
    }

    /// The request turns to its next row, or back to the row that it is at: its stream there.
    pub(crate) fn turn_to_row(&mut self, key: AttemptKey) -> Stream {
        let slot = self.slot_of(key);
        let &Transaction { cursor, stream, tries, .. } = self.transactions.at(slot);
        let Row { object, version, .. } = self.transactions.rows(slot)[cursor as usize];
        self.objects().turn_to(key, object, version);
        stream.at(TRIES).at(u64::from(tries)).at(u64::from(cursor) + 1)
    }

    /// The request turns to its own object again: its stream there.
    pub(crate) fn turn_back(&mut self, key: AttemptKey) -> Stream {
        let slot = self.slot_of(key);
        let &Transaction { own, stream, tries, .. } = self.transactions.at(slot);
        let row = self.transactions.rows(slot).iter().find(|row| row.object == own);
        let version = row.map_or(0, |row| row.version);
        self.objects().turn_to(key, own, version);
        stream.at(TRIES).at(u64::from(tries)).at(0)
    }

    /// The stream that the request had when its transaction began.
    pub(crate) fn stream(&self, key: AttemptKey) -> Stream {
        self.transactions.at(self.slot_of(key)).stream
    }

    /// The request has read the row that it is at.
    pub(crate) fn has_read(&mut self, key: AttemptKey) {
        let slot = self.slot_of(key);
        let version = self.objects().version(key);
        let cursor = self.transactions.at(slot).cursor as usize;
        self.transactions.rows_mut(slot)[cursor].version = version;
    }

    /// Whether there is another row; after the last it begins anew.
    pub(crate) fn next_row(&mut self, key: AttemptKey) -> bool {
        let slot = self.slot_of(key);
        let of = self.transactions.at_mut(slot);
        of.cursor = (of.cursor + 1) % of.count;
        of.cursor > 0
    }

    /// Whether a deadlock or a conflict has ended the transaction of a request.
    pub(crate) fn is_broken(&self, key: AttemptKey) -> bool {
        self.transactions.at(self.slot_of(key)).progress == Progress::Broken
    }

    /// The transaction of a request is ended. If it may, it starts again, and otherwise the request
    /// is to fail. Returns the slot of what was ended, whose shards are to be told, and whether it
    /// starts again.
    pub(crate) fn start_again(&mut self, key: AttemptKey, manner: &Manner) -> (Slot, bool) {
        let slot = self.slot_of(key);
        let Transaction { server, step, own, stream, request_type, tries, .. } =
            *self.transactions.at(slot);
        let again = u64::from(tries) < manner.retries;
        let count = if again { Count::Retries } else { Count::Failed };
        self.count(slot, count, 1_u64);
        self.roll_back(slot);
        if again {
            self.open((key, server, step), (own, stream, request_type), manner, tries + 1);
        }
        (slot, again)
    }

    /// The transaction of a request that fails, if it is in one, is ended.
    pub(crate) fn abandon(&mut self, key: AttemptKey) -> Option<Slot> {
        let slot = self.transactions.of(key)?;
        self.roll_back(slot);
        Some(slot)
    }

    /// The server leaves a transaction, which shards are to forget.
    pub(super) fn roll_back(&mut self, slot: Slot) {
        let of = self.transactions.at_mut(slot);
        let asked = of.progress == Progress::Asked;
        of.progress = Progress::RollingBack;
        // What the only shard makes of it, that has been asked to commit, is not known yet.
        if !asked {
            self.resolve(slot, false);
        }
        self.leave(slot);
    }

    pub(super) fn leave(&mut self, slot: Slot) {
        let of = self.transactions.at_mut(slot);
        of.left = true;
        let key = of.key;
        if self.transactions.of(key) == Some(slot) {
            self.transactions.unbind(key);
        }
    }

    /// A transaction is counted as committed, or not, once.
    pub(super) fn resolve(&mut self, slot: Slot, committed: bool) {
        let of = self.transactions.at_mut(slot);
        if std::mem::replace(&mut of.resolved, true) {
            return;
        }
        of.committed = committed;
        self.count(slot, if committed { Count::Committed } else { Count::Aborted }, 1_u64);
        self.under_way(slot, -1);
    }

    /// Closes a transaction that is over everywhere.
    pub(crate) fn settle(&mut self, slot: Slot) {
        let &Transaction { left, messages, committed, step, began, .. } =
            self.transactions.at(slot);
        let there = self.transactions.rows(slot).iter().any(|row| row.state.is_there());
        if !left || messages > 0 || there {
            return;
        }
        self.resolve(slot, false);
        if committed && step != ALONE {
            let took = self.now - began;
            self.count(slot, Count::Settled, 1_u64);
            self.count(slot, Count::Settling, took.nanos());
        }
        self.transactions.close(slot);
    }
}
