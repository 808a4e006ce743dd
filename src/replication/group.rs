//! One database with its copies: which of them is the primary, what each has of the writes, who
//! waits for that, and how each is chosen by those who ask.
//!
//! *Invariant:* a copy that is not the primary sees, in order, the writes before its position, and
//! in any order those that it has applied.

use std::collections::VecDeque;

use crate::engine::Stream;
use crate::measure::{CountersId, Recorder};
use crate::message::{AttemptKey, NodeId};
use crate::units::{Span, Time};

use super::commits::Told;
use super::conflicts::Conflicts;
use super::log::{Log, Position};
use super::meter::{BEHIND, COPIES, Count};
use super::quorum::Quorum;
use super::spec::{Acknowledgement, Copies, ReadPreference, ReadsMeanwhile};

/// One copy, as it is kept beside the log.
#[derive(Debug)]
pub(super) struct Copy {
    /// All writes before this one are applied.
    pub(super) applied: Position,
    /// All writes before this one have come.
    pub(super) received: Position,
    /// Where writes are applied in order, the next to begin with.
    pub(super) next: Position,
    /// Where they are not, those that have come and are not begun.
    pub(super) queue: VecDeque<Position>,
    /// How many are being applied.
    pub(super) at_work: u64,
    /// How many writes reads do not see.
    pub(super) lacks: u64,
    /// Reads that wait until it has all up to a time.
    pub(super) reads: Vec<(Time, AttemptKey)>,
    /// Messages that are answered later.
    pub(super) unanswered: Vec<(Told, AttemptKey)>,
    /// The copies to which messages of this one went wrong, as bits: they are sent all that they
    /// lack before anything else.
    pub(super) owes: u64,
    /// When it last went down: what it had sent and had not come by then does not come.
    pub(super) broken: Time,
    pub(super) counters: Option<CountersId>,
}

/// A write that waits for other copies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) position: Position,
    pub(super) key: AttemptKey,
    pub(super) since: Time,
    /// The copy that took it.
    pub(super) origin: u32,
    /// The copies that have it and that have not taken it, as bits.
    pub(super) acked: u64,
    pub(super) failed: u64,
    /// One that it had not seen was committed before.
    pub(super) rejected: bool,
}

/// Tells the choice of a copy from a request's other draws.
const COPY: u64 = 0x636F_7079;

/// A database with its copies.
#[derive(Debug)]
pub(crate) struct Group {
    pub(super) first: NodeId,
    pub(super) log: Log,
    pub(super) copies: Vec<Copy>,
    pub(super) in_order: bool,
    pub(super) appliers: u64,
    pub(super) needed: u32,
    pub(super) patience: Option<Span>,
    pub(super) acknowledge: Acknowledgement,
    pub(super) keep: u64,
    pub(super) primary: u32,
    /// The primary takes writes: not before it has applied all that it had when it was chosen.
    pub(super) leads: bool,
    /// The copies that those who ask take to be up, as bits.
    pub(super) listed: u64,
    /// Waiting for replicas was given up until one has caught up.
    pub(super) fell_back: bool,
    pub(super) waiting: VecDeque<Waiting>,
    /// The copy that is to take the place of the primary when it has all; until then none takes
    /// writes.
    pub(super) heir: Option<u32>,
    /// Reads fail while no copy takes writes.
    pub(super) refuses_reads: bool,
    /// When the primary was last seen to fail.
    pub(super) failed: Time,
    /// How copies answer together, if they do.
    pub(super) quorum: Option<Quorum>,
    /// What becomes of writes that several copies take at once: then no copy is the primary.
    pub(super) conflicts: Option<Conflicts>,
    /// Which copy is asked for a write, if none is the primary.
    entry: ReadPreference,
    /// How far each copy is from each node, row by row, where somebody goes by that.
    pub(super) distances: Vec<u8>,
}

/// A copy as a bit.
pub(super) fn bit(copy: u32) -> u64 {
    1 << copy
}

impl Group {
    /// The copies of a database whose first instance is `first`; `distances` as each node of the
    /// run, row by row, is from each copy.
    pub(crate) fn new(of: &Copies<'_>, first: NodeId, distances: Vec<u8>, stream: Stream) -> Group {
        let (spec, failover) = (of.replication, of.failover);
        let copy = |_| Copy {
            applied: 0,
            received: 0,
            next: 0,
            queue: VecDeque::new(),
            at_work: 0,
            lacks: 0,
            reads: Vec::new(),
            unanswered: Vec::new(),
            owes: 0,
            broken: Time::ZERO,
            counters: None,
        };
        let copies: Vec<Copy> = (0..spec.copies()).map(copy).collect();
        Group {
            first,
            log: Log::new(stream.named("log")),
            listed: all(copies.len()),
            copies,
            in_order: spec.is_in_order(),
            appliers: spec.appliers(),
            needed: spec.needed(),
            patience: spec.patience(),
            acknowledge: spec.acknowledgement(),
            keep: spec.keep.value.get(),
            primary: 0,
            leads: true,
            fell_back: false,
            waiting: VecDeque::new(),
            failed: Time::NEVER,
            quorum: spec.quorum().map(|quorum| Quorum::new(quorum, spec.copies())),
            conflicts: spec.conflicts().map(|of| Conflicts::new(&of, spec.copies(), stream)),
            entry: of.reads,
            heir: None,
            refuses_reads: failover.is_some_and(|of| of.reads == ReadsMeanwhile::Refused),
            distances,
        }
    }

    /// The instance that a copy is.
    pub(crate) fn node(&self, copy: u32) -> NodeId {
        NodeId(self.first.0 + copy)
    }

    /// The copies but one, in their order.
    pub(crate) fn others(&self, copy: u32) -> impl Iterator<Item = u32> + use<> {
        (0..self.copies.len() as u32).filter(move |&other| other != copy)
    }

    /// The copies that one tells of a write: all but itself, unless it coordinates and has none of
    /// its own.
    pub(crate) fn told_by(&self, copy: u32) -> impl Iterator<Item = u32> + use<> {
        let itself = self.is_apart();
        (0..self.copies.len() as u32).filter(move |&other| itself || other != copy)
    }

    /// They as bits.
    pub(super) fn bits_told_by(&self, copy: u32) -> u64 {
        self.told_by(copy).fold(0, |bits, copy| bits | bit(copy))
    }

    /// Whether who coordinates reaches all copies by messages, the one it is as well.
    pub(super) fn is_apart(&self) -> bool {
        self.quorum.as_ref().is_some_and(|quorum| quorum.apart)
    }

    /// The copy that all writes go to, if there is such a one.
    pub(crate) fn primary(&self) -> u32 {
        self.primary
    }

    /// Whether this copy takes writes.
    pub(crate) fn leads(&self, copy: u32) -> bool {
        self.conflicts.is_some() || self.has_all_writes(copy)
    }

    /// Whether no copy can have a write that this one has not.
    pub(super) fn has_all_writes(&self, copy: u32) -> bool {
        self.conflicts.is_none() && self.leads && self.primary == copy
    }

    /// The instance that is asked by somebody at `me` for a write.
    pub(crate) fn choose_for_write(&self, me: NodeId, stream: Stream) -> NodeId {
        match self.conflicts {
            Some(_) => self.choose(self.entry, me, stream),
            None => self.node(self.primary),
        }
    }

    /// The instance that is asked by somebody at `me` for a read.
    pub(crate) fn choose(&self, from: ReadPreference, me: NodeId, stream: Stream) -> NodeId {
        let replicas = self.listed & !bit(self.primary);
        let among = match from {
            ReadPreference::Primary => 0,
            ReadPreference::Any => self.listed,
            ReadPreference::Replicas => replicas,
            ReadPreference::Nearest => self.nearest(me),
        };
        let chosen = match among.count_ones() {
            0 => self.primary,
            1 => among.trailing_zeros(),
            count => nth(among, stream.at(COPY).draws().below(count as usize)),
        };
        self.node(chosen)
    }

    /// Those that are listed and no farther from `me` than any other of them.
    fn nearest(&self, me: NodeId) -> u64 {
        let row = me.0 as usize * self.copies.len();
        let (mut least, mut nearest) = (u8::MAX, 0);
        for (copy, &distance) in (0..).zip(&self.distances[row..row + self.copies.len()]) {
            if self.listed & bit(copy) == 0 || distance > least {
                continue;
            }
            if distance < least {
                (least, nearest) = (distance, 0);
            }
            nearest |= bit(copy);
        }
        nearest
    }

    /// Those who ask take a copy to be up from now on, or not.
    pub(crate) fn list(&mut self, copy: u32, up: bool) {
        if up { self.listed |= bit(copy) } else { self.listed &= !bit(copy) }
    }

    /// A copy counts for itself from now on.
    pub(super) fn start(&mut self, copy: u32, recorder: &mut Recorder) {
        let owner = self.node(copy).0 as usize;
        self.copies[copy as usize].counters = Some(recorder.add_counters(&COPIES, owner));
    }

    pub(super) fn count(
        &self,
        copy: u32,
        count: Count,
        more: impl Into<u128>,
        recorder: &mut Recorder,
    ) {
        let id = self.copies[copy as usize].counters.expect("a copy counts from its start on");
        recorder.counters(id).add(count, more);
    }

    pub(super) fn tell_lacking(&self, copy: u32, now: Time, recorder: &mut Recorder) {
        let Copy { counters, lacks, .. } = self.copies[copy as usize];
        let id = counters.expect("a copy counts from its start on");
        recorder.counters(id).set(BEHIND, now, lacks);
    }
}

/// The bits of so many copies.
pub(super) fn all(copies: usize) -> u64 {
    u64::MAX >> (u64::BITS as usize - copies)
}

/// The place of the set bit of this number, counted from the lowest.
pub(super) fn nth(mut bits: u64, number: usize) -> u32 {
    for _ in 0..number {
        bits &= bits - 1;
    }
    bits.trailing_zeros()
}
