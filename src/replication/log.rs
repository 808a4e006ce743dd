//! The writes that not all copies of a database have applied: what a copy that lacks some of them
//! has in their place is known from them.
//!
//! *Invariant:* a write is kept until every copy has applied it. The writes of one object are
//! linked from the newest to the oldest.

use std::collections::VecDeque;

use crate::engine::{Index, Stream};
use crate::objects::Object;
use crate::units::Time;

use super::group::bit;

/// The number of a write: writes are counted in the order in which they were committed.
pub(crate) type Position = u64;

/// A write as it is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) object: Object,
    /// The version that the database had before, and has from now on.
    pub(crate) before: u32,
    pub(crate) version: u32,
    pub(crate) user: u32,
    pub(crate) request_type: u16,
    /// All that is random about it is drawn from here.
    pub(crate) stream: Stream,
    /// When it was committed.
    pub(crate) at: Time,
}

impl Write {
    /// The same, about nothing if it adds a row that is of no catalog.
    pub(super) fn of_catalog(self) -> Write {
        let object = if self.object.is_row() { Object::NONE } else { self.object };
        Write { object, ..self }
    }
}

/// A write that some copy lacks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) write: Write,
    /// The write of the same object before it, if that is kept.
    older: Option<u32>,
    /// The copies that have it in their log, and those that have applied it, as bits.
    pub(super) received: u64,
    pub(super) applied: u64,
    /// The copy that committed it.
    pub(super) origin: u8,
    /// Its caller has been told that it is done.
    pub(super) acknowledged: bool,
    /// It is no version of its object: it was lost when another copy became the primary, a later
    /// one was there, or it is rejected.
    pub(super) void: bool,
    /// The copies that took them had not seen this one and another.
    pub(super) clashed: bool,
    /// One that had not seen it has taken its place.
    pub(super) overwritten: bool,
    /// One that it had not seen was committed before.
    pub(super) rejected: bool,
}

const _: () = assert!(size_of::<Entry>() == 72);

impl Entry {
    /// Whether a copy can send it to others: it has it, or has coordinated it.
    pub(super) fn is_sent_by(&self, copy: u32) -> bool {
        self.received & bit(copy) != 0 || u32::from(self.origin) == copy
    }
}

/// The writes of one database that some copy lacks.
#[derive(Debug)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    /// The number of the first of them.
    first: Position,
    /// The newest write of each object.
    newest: Index,
}

impl Log {
    pub(super) fn new(stream: Stream) -> Log {
        Log { entries: VecDeque::new(), first: 0, newest: Index::new(stream) }
    }

    /// The number of the write that comes next.
    pub(super) fn end(&self) -> Position {
        self.first + self.entries.len() as u64
    }

    /// The number of the first write that is kept.
    pub(super) fn first(&self) -> Position {
        self.first
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, position: Position) -> Option<&Entry> {
        self.entries.get(position.checked_sub(self.first)? as usize)
    }

    pub(super) fn get_mut(&mut self, position: Position) -> Option<&mut Entry> {
        self.entries.get_mut(position.checked_sub(self.first)? as usize)
    }

    /// The number of which these are the lowest bits, of those that may be on their way.
    pub(super) fn position(&self, low: u32, bits: u32) -> Position {
        let mask = (1 << bits) - 1;
        // What is on its way is no further behind the end than half of what the bits tell apart.
        let since = self.end().wrapping_sub(u64::from(low)) & mask;
        self.end().wrapping_sub(since)
    }

    /// A write is committed by a copy, and those of these bits have it. Returns its number.
    pub(super) fn append(&mut self, write: Write, origin: u32, has: u64) -> Position {
        let position = self.end();
        let mut older = None;
        if write.object != Object::NONE {
            older = self.find(write.object);
            if let Some(older) = older {
                self.newest.replace(write.object.number(), older, position as u32);
            }
        }
        self.entries.push_back(Entry {
            write,
            older,
            received: has,
            applied: has,
            origin: origin as u8,
            acknowledged: false,
            void: false,
            clashed: false,
            overwritten: false,
            rejected: false,
        });
        if write.object != Object::NONE && older.is_none() {
            let (entries, first) = (&self.entries, self.first);
            self.newest.insert(position as u32, |place| number_at(entries, first, place));
        }
        position
    }

    /// The newest write of an object, if one is kept.
    fn find(&self, object: Object) -> Option<u32> {
        let (entries, first) = (&self.entries, self.first);
        self.newest.find(object.number(), |place| number_at(entries, first, place))
    }

    /// The version of an object that a copy has which `sees` these writes; `None` if that is what
    /// the primary has. Shows `missed` each write that it does not see.
    pub(super) fn version(
        &self,
        object: Object,
        sees: impl Fn(Position, &Entry) -> bool,
        mut missed: impl FnMut(&Write),
    ) -> Option<u32> {
        let mut next = self.find(object);
        let mut has = None;
        while let Some(place) = next {
            let offset = place.wrapping_sub(self.first as u32);
            let Some(entry) = self.entries.get(offset as usize) else { break };
            if !entry.void {
                if sees(self.first + u64::from(offset), entry) {
                    return has.map(|_| entry.write.version);
                }
                missed(&entry.write);
                has = Some(entry.write.before);
            } else if has.is_some() {
                has = Some(entry.write.before);
            }
            next = entry.older;
        }
        has
    }

    /// Shows the newest writes of an object, the newest first, but for those that are no version.
    pub(super) fn visit(
        &mut self,
        object: Object,
        most: usize,
        mut show: impl FnMut(Position, &mut Entry),
    ) {
        let mut next = self.find(object);
        for _ in 0..most {
            let Some(place) = next else { break };
            let offset = place.wrapping_sub(self.first as u32);
            let Some(entry) = self.entries.get_mut(offset as usize) else { break };
            if !entry.void {
                show(self.first + u64::from(offset), entry);
            }
            next = entry.older;
        }
    }

    /// Forgets the first write if all these copies have applied it, and it is older than this.
    pub(super) fn forget(&mut self, all: u64, before: Time) -> bool {
        let Some(&Entry { write, applied, .. }) = self.entries.front() else { return false };
        if applied & all != all || write.at > before {
            return false;
        }
        let place = self.first as u32;
        if write.object != Object::NONE && self.find(write.object) == Some(place) {
            self.newest.remove(write.object.number(), place);
        }
        self.entries.pop_front();
        self.first += 1;
        true
    }

    /// The writes from this one on, with their numbers.
    pub(super) fn from(
        &mut self,
        position: Position,
    ) -> impl Iterator<Item = (Position, &mut Entry)> {
        let skipped = position.saturating_sub(self.first) as usize;
        (self.first..).zip(self.entries.iter_mut()).skip(skipped)
    }
}

/// The object of the write at a place, as a number.
fn number_at(entries: &VecDeque<Entry>, first: Position, place: u32) -> u64 {
    let offset = place.wrapping_sub(first as u32) as usize;
    entries[offset].write.object.number()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(log: &mut Log, object: u64, before: u32) -> Position {
        let write = Write {
            object: Object::of(object),
            before,
            version: before + 1,
            user: object as u32,
            request_type: 0,
            stream: Stream::root(1, 1),
            at: Time::from_nanos(u64::from(before)),
        };
        log.append(write, 0, 1)
    }

    /// What a copy has that has applied the writes before `position`.
    fn version(log: &Log, object: u64, position: Position) -> (Option<u32>, usize) {
        let mut missed = 0;
        let sees = |at, _: &Entry| at < position;
        let version = log.version(Object::of(object), sees, |_| missed += 1);
        (version, missed)
    }

    #[test]
    fn a_copy_has_the_version_before_the_first_write_that_it_lacks() {
        let mut log = Log::new(Stream::root(1, 2));
        for (object, before) in [(7, 1), (8, 1), (7, 2), (7, 3)] {
            write(&mut log, object, before);
        }
        assert_eq!(version(&log, 7, 0), (Some(1), 3));
        assert_eq!(version(&log, 7, 1), (Some(2), 2));
        assert_eq!(version(&log, 7, 2), (Some(2), 2));
        assert_eq!(version(&log, 7, 3), (Some(3), 1));
        assert_eq!(version(&log, 7, 4), (None, 0));
        assert_eq!(version(&log, 8, 1), (Some(1), 1));
        assert_eq!(version(&log, 8, 2), (None, 0));
        assert_eq!(version(&log, 9, 0), (None, 0));
    }

    /// A write that was lost is no version of anybody.
    #[test]
    fn what_is_lost_is_passed_over() {
        let mut log = Log::new(Stream::root(1, 2));
        for before in 1..4 {
            write(&mut log, 7, before);
        }
        log.get_mut(1).expect("it is kept").void = true;
        assert_eq!(version(&log, 7, 0), (Some(1), 2));
        assert_eq!(version(&log, 7, 1), (Some(2), 1));
        log.get_mut(2).expect("it is kept").void = true;
        assert_eq!(version(&log, 7, 1), (None, 0));
    }

    #[test]
    fn what_all_have_is_forgotten_and_the_rest_is_found() {
        let mut log = Log::new(Stream::root(1, 2));
        for round in 0..1000 {
            let object = round % 10;
            assert_eq!(write(&mut log, object, round as u32), round);
            if round >= 25 {
                assert!(!log.forget(0b11, Time::NEVER));
                log.get_mut(round - 25).expect("it is kept").applied = 0b11;
                assert!(log.forget(0b11, Time::NEVER));
            }
        }
        assert_eq!((log.len(), log.first(), log.end()), (25, 975, 1000));
        for object in 0..10 {
            let newest = (975..1000).rev().find(|at| at % 10 == object);
            assert_eq!(version(&log, object, newest.expect("it is there") + 1), (None, 0));
            assert_eq!(version(&log, object, 0).1, 2 + usize::from(object >= 5));
        }
        assert_eq!(log.position(975, 10), 975);
        assert_eq!(log.position(999, 10), 999);
    }
}
