//! What a server may learn of its transactions, and do with them.

use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::{AttemptKey, NodeId};
use crate::objects::{Content, Object, ObjectView};
use crate::units::Time;

use super::locks::LockTable;
use super::meter::{COUNTS, Count, LOCK_COUNTS, UNDER_WAY};
use super::{Manner, Message, Progress, Row, Saying, Slot, State, Transaction, Transactions};

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

    fn slot_of(&self, key: AttemptKey) -> Slot {
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
    fn roll_back(&mut self, slot: Slot) {
        let of = self.transactions.at_mut(slot);
        let asked = of.progress == Progress::Asked;
        of.progress = Progress::RollingBack;
        // What the only shard makes of it, that has been asked to commit, is not known yet.
        if !asked {
            self.resolve(slot, false);
        }
        self.leave(slot);
    }

    fn leave(&mut self, slot: Slot) {
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

    // The commit.

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

    /// What is random about a transaction.
    pub(crate) fn stream_of(&self, slot: Slot) -> Stream {
        let Transaction { stream, tries, .. } = self.transactions.at(slot);
        stream.at(u64::from(*tries))
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

    // Servers that go down.

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
