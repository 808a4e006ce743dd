//! The locks of one instance of a database: who has each row, and who waits for it.
//!
//! *Invariant:* a lock is held by one transaction, and a row that nobody has is not in the table.

use std::collections::VecDeque;

use crate::engine::{Index, Stream};
use crate::measure::CountersId;
use crate::message::AttemptKey;
use crate::units::Time;

/// No place.
const NOWHERE: u32 = u32::MAX;

/// A row that is locked.
#[derive(Clone, Copy, Debug)]
struct Lock {
    row: u64,
    holder: u32,
    /// Who waits, first come, first served.
    first: u32,
    last: u32,
}

/// A transaction that waits for a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) transaction: u32,
    /// The request that goes on when it has the lock.
    pub(super) key: AttemptKey,
    pub(super) since: Time,
    next: u32,
}

/// What becomes of a transaction that asks for a lock; both with the place of the lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    Has(u32),
    Waits(u32),
}

/// The locks of one instance. Grows to the most ever held and waited for at once.
#[derive(Debug)]
pub(super) struct LockTable {
    index: Index,
    locks: Vec<Lock>,
    free_locks: Vec<u32>,
    waits: Vec<Wait>,
    free_waits: Vec<u32>,
    /// Requests that have got a lock they waited for, and are to go on.
    pub(super) ready: VecDeque<AttemptKey>,
    pub(super) counters: CountersId,
}

impl LockTable {
    pub(super) fn new(hashes: Stream, counters: CountersId) -> LockTable {
        LockTable {
            index: Index::new(hashes),
            locks: Vec::new(),
            free_locks: Vec::new(),
            waits: Vec::new(),
            free_waits: Vec::new(),
            ready: VecDeque::new(),
            counters,
        }
    }

    /// Who has the lock at this place.
    pub(super) fn holder(&self, place: u32) -> u32 {
        self.locks[place as usize].holder
    }

    /// A transaction asks for a row: it has the lock, or waits behind those who came before.
    pub(super) fn ask(
        &mut self,
        row: u64,
        transaction: u32,
        key: AttemptKey,
        since: Time,
    ) -> Asked {
        let LockTable { index, locks, free_locks, .. } = self;
        if let Some(place) = index.find(row, |place| locks[place as usize].row) {
            self.wait(place, Wait { transaction, key, since, next: NOWHERE });
            return Asked::Waits(place);
        }
        let lock = Lock { row, holder: transaction, first: NOWHERE, last: NOWHERE };
        let place = put(locks, free_locks, lock);
        index.insert(place, |place| locks[place as usize].row);
        Asked::Has(place)
    }

    fn wait(&mut self, place: u32, wait: Wait) {
        let new = put(&mut self.waits, &mut self.free_waits, wait);
        let lock = &mut self.locks[place as usize];
        match std::mem::replace(&mut lock.last, new) {
            NOWHERE => lock.first = new,
            before => self.waits[before as usize].next = new,
        }
    }

    /// The holder gives the lock up: returns who has it next.
    pub(super) fn release(&mut self, place: u32) -> Option<Wait> {
        let lock = &mut self.locks[place as usize];
        if lock.first == NOWHERE {
            self.index.remove(lock.row, place);
            self.free_locks.push(place);
            return None;
        }
        let next = self.waits[lock.first as usize];
        self.free_waits.push(lock.first);
        lock.holder = next.transaction;
        lock.first = next.next;
        if lock.first == NOWHERE {
            lock.last = NOWHERE;
        }
        Some(next)
    }

    /// A transaction waits no longer for the lock at this place.
    pub(super) fn withdraw(&mut self, place: u32, transaction: u32) -> Option<Wait> {
        let lock = &mut self.locks[place as usize];
        let (mut before, mut at) = (NOWHERE, lock.first);
        while at != NOWHERE && self.waits[at as usize].transaction != transaction {
            (before, at) = (at, self.waits[at as usize].next);
        }
        let wait = *self.waits.get(at as usize)?;
        match before {
            NOWHERE => lock.first = wait.next,
            before => self.waits[before as usize].next = wait.next,
        }
        if lock.last == at {
            lock.last = before;
        }
        self.free_waits.push(at);
        Some(wait)
    }
}

/// Puts a value into a place that is free, or into a new one.
fn put<T>(values: &mut Vec<T>, free: &mut Vec<u32>, value: T) -> u32 {
    match free.pop() {
        Some(place) => {
            values[place as usize] = value;
            place
        }
        None => {
            values.push(value);
            u32::try_from(values.len() - 1).expect("fewer than 2^32 locks at once")
        }
    }
}
