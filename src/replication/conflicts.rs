//! Writes that several copies take at once: two of one object conflict if neither copy had seen the
//! other's when it committed its own.

use crate::document::{At, Problem, Problems, choice, record};
use crate::engine::Stream;
use crate::measure::Recorder;
use crate::objects::Object;
use crate::units::{Span, Time};

use super::group::{Group, bit};
use super::identifiers::{IdentifierSpec, Identifiers};
use super::meter::Count;

record! {
    /// Copies of which each takes writes, answers them, and tells the others.
    pub struct MultiPrimarySpec {
        /// What becomes of writes that conflict.
        pub conflicts: ConflictRule = "last_write_wins",
        /// By how much the clocks of copies differ at most: each is ahead by an amount between 0
        /// and this, drawn evenly.
        pub clock_skew: At<Span> = "0",
        /// The identifier that a write takes whose request has no `keys`: it adds a row. Without
        /// this it has none.
        pub identifiers: Option<IdentifierSpec>,
    }
}

choice! {
    /// What becomes of two writes that conflict.
    pub enum ConflictRule {
        /// All copies keep the later one, by the clock of the copy that took it. The earlier one
        /// counts as overwritten: nobody has built on it. A write by a clock that is behind is
        /// overwritten at once, if a later time is there.
        LastWriteWins = "last_write_wins",
        /// The one that was committed first stays. The other is rejected by the first copy that has
        /// both: if it waits for that (`acks`) its caller is told that it failed, and otherwise it
        /// is lost.
        Reject = "reject",
    }
}

/// Clocks are apart by no more than this.
const MOST_SKEW: Span = Span::from_secs(3600);
/// So many of an object's last writes are compared with a new one.
pub(super) const MOST_COMPARED: usize = 4096;

impl MultiPrimarySpec {
    /// The rule that the last write wins, by clocks that differ by no more than this.
    pub(super) fn last_write_wins(clock_skew: At<Span>) -> MultiPrimarySpec {
        let conflicts = ConflictRule::LastWriteWins;
        MultiPrimarySpec { conflicts, clock_skew, identifiers: None }
    }

    /// Reports what could not be meant of it.
    pub(super) fn check(&self, problems: &mut Problems) {
        if self.clock_skew.value > MOST_SKEW {
            let title = format!("clocks are {} apart", self.clock_skew.value);
            let label = format!("expected {MOST_SKEW} or less");
            problems.push(Problem::new(self.clock_skew.place, title, label));
        }
        if let Some(identifiers) = &self.identifiers {
            identifiers.check(problems);
        }
    }
}

/// What is known of clocks and identifiers where every copy takes writes.
#[derive(Debug)]
pub(super) struct Conflicts {
    rule: ConflictRule,
    /// By copy: by how much its clock is ahead.
    ahead: Vec<Span>,
    /// For how long a write is kept that all have: one by a slow clock may be earlier.
    pub(super) kept: Span,
    pub(super) identifiers: Option<Identifiers>,
}

/// How a write fares among those of other copies.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Fate {
    /// It has not seen another, or another has not seen it.
    pub(super) clashed: bool,
    /// It takes no place of any other: a later one is there, or it is rejected.
    pub(super) void: bool,
    pub(super) rejected: bool,
}

impl Conflicts {
    pub(super) fn new(spec: &MultiPrimarySpec, copies: u64, stream: Stream) -> Conflicts {
        let skew = spec.clock_skew.value;
        let ahead = |copy| skew.times(stream.named("clock").at(copy).draws().unit());
        let identifiers = spec.identifiers.as_ref();
        Conflicts {
            rule: spec.conflicts,
            ahead: (0..copies).map(ahead).collect(),
            kept: skew,
            identifiers: identifiers.map(|spec| Identifiers::new(spec, copies, stream)),
        }
    }
}

impl Group {
    /// What a write is about: the object of its request, or the row that it adds.
    pub(super) fn row_or(
        &mut self,
        object: Object,
        copy: u32,
        stream: Stream,
        recorder: &mut Recorder,
    ) -> Object {
        let conflicts = self.conflicts.as_mut().filter(|_| object == Object::NONE);
        let Some(identifiers) = conflicts.and_then(|of| of.identifiers.as_mut()) else {
            return object;
        };
        let (row, alike) = identifiers.give(copy, stream);
        if alike > 0 {
            // The first of them learns of it by the second.
            let more = if alike == 1 { 2_u64 } else { 1 };
            self.count(copy, Count::Duplicates, more, recorder);
            self.count(copy, Count::Pairs, alike, recorder);
        }
        row
    }

    /// Compares a write that a copy is about to commit with those of other copies.
    pub(super) fn compare(
        &mut self,
        copy: u32,
        object: Object,
        now: Time,
        recorder: &mut Recorder,
    ) -> Fate {
        let mut fate = Fate::default();
        let Group { log, copies, conflicts: Some(conflicts), .. } = self else { return fate };
        let adds_a_row = object.is_row();
        let mut count = |copy: u32, count| {
            let id = copies[copy as usize].counters.expect("a copy counts from its start on");
            recorder.counters(id).add(count, 1_u64);
        };
        let clash = if adds_a_row { Count::Duplicates } else { Count::Conflicting };
        let stamp = |at: Time, copy: u8| at + conflicts.ahead[usize::from(copy)];
        let mine = stamp(now, copy as u8);
        log.visit(object, MOST_COMPARED, |_, entry| {
            let unseen = entry.applied & bit(copy) == 0;
            let later = stamp(entry.write.at, entry.origin) > mine;
            if unseen {
                fate.clashed = true;
                count(copy, Count::Pairs);
                if !std::mem::replace(&mut entry.clashed, true) {
                    count(u32::from(entry.origin), clash);
                }
            }
            match conflicts.rule {
                _ if adds_a_row => {}
                ConflictRule::LastWriteWins if later => fate.void = true,
                ConflictRule::LastWriteWins if unseen && !entry.overwritten => {
                    entry.overwritten = true;
                    count(u32::from(entry.origin), Count::Overwritten);
                }
                ConflictRule::Reject if unseen => (fate.void, fate.rejected) = (true, true),
                _ => {}
            }
        });
        if fate.clashed {
            count(copy, clash);
        }
        if fate.void {
            let what = if fate.rejected { Count::Rejected } else { Count::Overwritten };
            count(copy, what);
        }
        fate
    }
}
