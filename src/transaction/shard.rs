//! What a database, or a shard of one, does for transactions: it gives locks, prepares, commits and
//! forgets.

use crate::engine::Stream;
use crate::message::{AttemptKey, NodeId, Request};
use crate::objects::Object;

use super::locks::{self, Wait};
use super::meter::{Count, DOUBTFUL, HELD, LockCount, WAITING};
use super::view::ALONE;
use super::{Manner, Message, NOBODY, Progress, Row, Slot, State, TransactionView, Transactions};

/// What becomes of who asks for a lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asked {
    /// It has it, or needs none.
    Has,
    /// It goes on when it has it.
    Waits,
    /// Its wait would close a circle: its transaction has been ended.
    Deadlock,
    /// Its transaction is over.
    Late,
}

/// A write outside of any transaction has one row.
const SINGLE: Manner = Manner { keys: 1, sorted: false, retries: 0, optimistic: false };

impl TransactionView<'_> {
    fn tell(&mut self, me: NodeId, count: LockCount, more: impl Into<u128>) {
        let id = self.transactions.table(me).counters;
        self.recorder.counters(id).add(count, more);
    }

    fn shift(&mut self, me: NodeId, level: usize, change: i64) {
        let (id, now) = (self.transactions.table(me).counters, self.now);
        let counters = self.recorder.counters(id);
        let value = counters.level(level).saturating_add_signed(change);
        counters.set(level, now, value);
    }

    fn row(&mut self, slot: Slot, index: usize) -> &mut Row {
        &mut self.transactions.rows_mut(slot)[index]
    }

    /// A request, on behalf of `parent`, asks for the lock of the row that its transaction is at.
    pub(crate) fn ask(&mut self, me: NodeId, key: AttemptKey, parent: AttemptKey) -> Asked {
        let Some(slot) = self.transactions.of(parent) else { return Asked::Late };
        self.transactions.bind(key, slot);
        let index = self.transactions.at(slot).cursor as usize;
        self.ask_for(me, key, slot, index)
    }

    /// A write outside of any transaction asks for the lock of its row.
    pub(crate) fn ask_alone(&mut self, me: NodeId, key: AttemptKey) -> Asked {
        let own = self.objects().object(key);
        if own == Object::NONE {
            return Asked::Has;
        }
        let of = (own, Stream::root(0, 0), Request::NO_TYPE);
        let slot = self.open((key, me, ALONE), of, &SINGLE, 0);
        self.transactions.at_mut(slot).left = true;
        self.ask_for(me, key, slot, 0)
    }

    fn ask_for(&mut self, me: NodeId, key: AttemptKey, slot: Slot, index: usize) -> Asked {
        let (now, object) = (self.now, self.row(slot, index).object);
        self.row(slot, index).node = me;
        self.tell(me, LockCount::Asked, 1_u64);
        match self.transactions.table(me).ask(object.number(), slot, key, now) {
            locks::Asked::Has(place) => {
                self.row(slot, index).place = place;
                self.holds(me, slot, index);
                Asked::Has
            }
            locks::Asked::Waits(place) => {
                let row = self.row(slot, index);
                (row.place, row.state) = (place, State::Waiting);
                self.transactions.at_mut(slot).waits = Some((me, place));
                self.tell(me, LockCount::Waits, 1_u64);
                self.shift(me, WAITING, 1);
                if !self.transactions.closes_a_circle(slot) {
                    return Asked::Waits;
                }
                self.tell(me, LockCount::Deadlocks, 1_u64);
                self.count(slot, Count::Deadlocks, 1_u64);
                self.break_off(me, slot);
                Asked::Deadlock
            }
        }
    }

    /// A transaction has the lock of a row from now on.
    fn holds(&mut self, me: NodeId, slot: Slot, index: usize) {
        let now = self.now;
        let row = self.row(slot, index);
        (row.state, row.since) = (State::Held, now);
        self.transactions.at_mut(slot).waits = None;
        self.tell(me, LockCount::Got, 1_u64);
        self.shift(me, HELD, 1);
    }

    /// A row is given up here, or waited for no longer; who waits for it next is ready. Returns
    /// the request that waited.
    fn give_up(&mut self, me: NodeId, slot: Slot, index: usize, then: State) -> Option<AttemptKey> {
        let now = self.now;
        let Row { state, place, since, .. } = *self.row(slot, index);
        self.row(slot, index).state = then;
        if state == State::Waiting {
            self.transactions.at_mut(slot).waits = None;
            self.shift(me, WAITING, -1);
            let wait = self.transactions.table(me).withdraw(place, slot);
            return wait.map(|wait| wait.key);
        }
        self.tell(me, LockCount::Released, 1_u64);
        self.tell(me, LockCount::Held, (now - since).nanos());
        self.shift(me, HELD, -1);
        if state == State::Prepared {
            self.ends_doubt(me, slot, index);
        }
        if let Some(Wait { transaction: next, key, since, .. }) =
            self.transactions.table(me).release(place)
        {
            self.tell(me, LockCount::Waiting, (now - since).nanos());
            self.shift(me, WAITING, -1);
            let rows = self.transactions.rows(next);
            let at = rows.iter().position(|row| row.node == me && row.state == State::Waiting);
            self.holds(me, next, at.expect("who waits for a lock waits for a row"));
            self.transactions.table(me).ready.push_back(key);
        }
        None
    }

    /// A transaction is ended by a shard, which gives up all that it has of it there.
    fn break_off(&mut self, me: NodeId, slot: Slot) {
        self.transactions.at_mut(slot).progress = Progress::Broken;
        self.forget(me, slot);
    }

    /// A shard forgets what it has of a transaction. Returns the request that waited there.
    fn forget(&mut self, me: NodeId, slot: Slot) -> Option<AttemptKey> {
        let mut waited = None;
        for index in 0..self.transactions.rows(slot).len() {
            let Row { node, state, .. } = *self.row(slot, index);
            if node == me && state.is_there() {
                waited = waited.or(self.give_up(me, slot, index, State::Over));
            }
        }
        waited
    }

    /// Whether somebody has got a lock for which it waited.
    pub(crate) fn is_any_ready(&mut self, me: NodeId) -> bool {
        !self.transactions.table(me).ready.is_empty()
    }

    /// What a message says, unless it comes too late.
    pub(crate) fn message(&self, number: u32, stamp: u32) -> Option<Message> {
        self.transactions.message(number, stamp)
    }

    /// The next request that has got the lock for which it waited.
    pub(crate) fn ready(&mut self, me: NodeId) -> Option<AttemptKey> {
        self.transactions.table(me).ready.pop_front()
    }

    /// Whether a row that is locked now is as the transaction has read it, if that matters. If it
    /// is not, the transaction has been ended.
    pub(crate) fn claims(&mut self, me: NodeId, key: AttemptKey) -> bool {
        let Some(slot) = self.transactions.of(key) else { return true };
        if !self.transactions.at(slot).optimistic {
            return true;
        }
        let index = self.transactions.at(slot).cursor as usize;
        let Row { object, version, .. } = *self.row(slot, index);
        if self.objects().stored(object) == version {
            return true;
        }
        self.count(slot, Count::Conflicts, 1_u64);
        self.break_off(me, slot);
        false
    }

    /// A shard begins to prepare or to commit: whether it can.
    pub(crate) fn works(&mut self, me: NodeId, slot: Slot) -> bool {
        let mut here = self.transactions.rows(slot).iter().filter(|row| row.node == me);
        if !here.all(|row| row.state == State::Held) {
            return false;
        }
        for row in self.transactions.rows_mut(slot).iter_mut().filter(|row| row.node == me) {
            row.state = State::Working;
        }
        true
    }

    /// A request begins to commit the transaction of `parent`, if it can.
    pub(crate) fn begins_to_commit(
        &mut self,
        me: NodeId,
        key: AttemptKey,
        parent: AttemptKey,
    ) -> bool {
        let Some(slot) = self.transactions.of(parent) else { return false };
        self.transactions.bind(key, slot);
        self.works(me, slot)
    }

    /// An attempt works on a transaction; returns the type of the request that this is for.
    pub(crate) fn works_on(&mut self, key: AttemptKey, slot: Slot) -> u16 {
        self.transactions.bind(key, slot);
        self.transactions.at(slot).request_type
    }

    /// The next row here that is to be written: the attempt is about it.
    pub(crate) fn turn_to_unwritten(&mut self, me: NodeId, key: AttemptKey) -> bool {
        let Some(slot) = self.transactions.of(key) else { return false };
        let mut rows = self.transactions.rows_mut(slot).iter_mut();
        let Some(row) = rows.find(|row| row.node == me && !row.written) else { return false };
        row.written = true;
        let object = row.object;
        self.objects().is_about(key, object);
        true
    }

    /// A shard promises to commit, if it still can.
    pub(crate) fn promise(&mut self, me: NodeId, key: AttemptKey) {
        let Some(slot) = self.transactions.of(key) else { return };
        let (now, mut any) = (self.now, false);
        for row in self.transactions.rows_mut(slot).iter_mut() {
            if row.node == me && row.state == State::Working {
                (row.state, row.doubt, any) = (State::Prepared, now, true);
            }
        }
        if any {
            self.shift(me, DOUBTFUL, 1);
        }
    }

    /// A shard's doubt is over, if the row of this number is the first of those that were in it.
    fn ends_doubt(&mut self, me: NodeId, slot: Slot, index: usize) {
        let rows = self.transactions.rows(slot);
        let others = rows.iter().any(|row| row.node == me && row.state == State::Prepared);
        if !others {
            let doubt = self.now - self.row(slot, index).doubt;
            self.tell(me, LockCount::Doubts, 1_u64);
            self.tell(me, LockCount::InDoubt, doubt.nanos());
            self.shift(me, DOUBTFUL, -1);
        }
    }

    /// A shard hears that it is to commit. Returns whether it has something to do for that.
    pub(crate) fn hears_commit(&mut self, me: NodeId, slot: Slot) -> bool {
        let mut any = false;
        for index in 0..self.transactions.rows(slot).len() {
            let Row { node, state, .. } = *self.row(slot, index);
            if node == me && state == State::Prepared {
                self.row(slot, index).state = State::Installing;
                self.ends_doubt(me, slot, index);
                any = true;
            }
        }
        any
    }

    /// A shard commits what it has of a transaction and gives up its locks. Returns whether it had
    /// anything.
    pub(crate) fn install(&mut self, me: NodeId, key: AttemptKey) -> bool {
        let Some(slot) = self.transactions.of(key) else { return false };
        let mut any = false;
        for index in 0..self.transactions.rows(slot).len() {
            let Row { node, state, object, version, .. } = *self.row(slot, index);
            if node != me || !matches!(state, State::Working | State::Installing) {
                continue;
            }
            any = true;
            self.objects().is_about(key, object);
            let (before, after) = self.objects().commit(key);
            self.tell(me, LockCount::LostUpdates, u64::from(before != version));
            self.row(slot, index).version = after;
            self.give_up(me, slot, index, State::Over);
        }
        if any {
            self.resolve(slot, true);
            self.settle(slot);
        }
        any
    }

    /// A write is over, well or not: if it is outside of any transaction, its lock is given up.
    pub(crate) fn ends_alone(&mut self, me: NodeId, key: AttemptKey) {
        let slot = self.transactions.of(key);
        if let Some(slot) = slot.filter(|&slot| self.step(slot) == ALONE) {
            self.forget(me, slot);
            self.settle(slot);
        }
    }

    /// A shard hears that it is to forget a transaction. Returns the request that waited there.
    pub(crate) fn hears_roll_back(&mut self, me: NodeId, slot: Slot) -> Option<AttemptKey> {
        self.forget(me, slot)
    }

    /// A shard goes down: it loses all locks but those of what it has promised to commit.
    pub(crate) fn shard_goes_down(&mut self, me: NodeId) {
        for state in [State::Waiting, State::Held] {
            for slot in self.transactions.open_slots() {
                self.loses(me, slot, state);
            }
        }
        self.transactions.table(me).ready.clear();
        for slot in self.transactions.open_slots() {
            self.settle(slot);
        }
    }

    fn loses(&mut self, me: NodeId, slot: Slot, gone: State) {
        let now = self.now;
        let mut doubts = false;
        for index in 0..self.transactions.rows(slot).len() {
            let Row { node, state, .. } = *self.row(slot, index);
            if node != me {
                continue;
            }
            let is_it = state == gone || gone == State::Held && state == State::Working;
            if is_it {
                self.give_up(me, slot, index, State::Lost);
            } else if state == State::Installing {
                let row = self.row(slot, index);
                (row.state, row.doubt, doubts) = (State::Prepared, now, true);
            }
        }
        if doubts {
            self.shift(me, DOUBTFUL, 1);
        }
    }
}

impl Transactions {
    /// Whether a transaction that waits does so, by way of others, for itself. Each waits for one
    /// row at most; who stands before it in a line waits for the same as it does.
    fn closes_a_circle(&self, slot: Slot) -> bool {
        let mut at = slot;
        while let Some((node, place)) = self.at(at).waits {
            let table = self.tables[node.0 as usize].as_ref();
            at = table.expect("who waits does so at a table").holder(place);
            if at == slot {
                return true;
            }
        }
        false
    }

    /// The next shard that has something of a transaction, from this row on, and its first row.
    pub(super) fn next_shard(&self, slot: Slot, from: usize) -> Option<(usize, NodeId)> {
        let rows = self.rows(slot);
        let is_first = |&index: &usize| {
            let Row { node, state, .. } = rows[index];
            let earlier =
                || rows[..index].iter().any(|row| row.node == node && row.state.is_there());
            node != NOBODY && state.is_there() && !earlier()
        };
        (from..rows.len()).find(is_first).map(|index| (index, rows[index].node))
    }
}
