//! Reads and writes that several copies answer together: the one that is asked asks the others and
//! goes on when enough of them have answered.
//!
//! *Invariant:* a read is kept until each copy that was asked has answered or failed, and the
//! request that it is for has gone on.

use std::collections::VecDeque;

use crate::document::{At, Count, Problem, Problems, choice, record};
use crate::engine::Stream;
use crate::message::AttemptKey;
use crate::objects::Object;
use crate::units::{Span, Time};

use super::commits::{COPIES_TOLD_APART, READS, TAGS, Told};
use super::conflicts::{MOST_COMPARED, MultiPrimarySpec};
use super::group::{Group, all, bit, nth};

record! {
    /// Copies that answer together, as in Dynamo and Cassandra. The copy that is asked coordinates:
    /// it sends a write to all, and is answered by each. Those that lack it are sent it again
    /// (`resend`), which is hinted hand-off.
    pub struct QuorumSpec {
        /// How many copies must have a write before it is answered (W); more than half of them if
        /// not given. A write that fewer can have fails, and those that have it keep it.
        pub write: Option<At<Count>>,
        /// How many copies must answer a read, of which the newest answer is taken (R); more than
        /// half of them if not given.
        pub read: Option<At<Count>>,
        /// How many copies are asked for a read.
        pub ask: Asked = "all",
        /// Copies that have answered a read with something older are sent the newest.
        pub read_repair: bool = "false",
        /// Who coordinates.
        pub coordinator: Coordinator = "copy",
        /// By how much the clocks of copies differ at most, by which the last write wins: each is
        /// ahead by an amount between 0 and this, drawn evenly.
        pub clock_skew: At<Span> = "0",
    }
}

choice! {
    /// How many copies are asked for a read.
    pub enum Asked {
        /// All: the fastest of them count.
        All = "all",
        /// As many as must answer, by chance; another one in place of each that fails.
        Enough = "enough",
    }
}

choice! {
    /// Who coordinates reads and writes.
    pub enum Coordinator {
        /// One of the copies, which has its own at once.
        Copy = "copy",
        /// Who has none of the object, as most members of a large cluster: the copy that is asked
        /// reaches all of them by messages, itself as well, and does no other work.
        Apart = "apart",
    }
}

impl QuorumSpec {
    pub(crate) fn is_apart(&self) -> bool {
        self.coordinator == Coordinator::Apart
    }

    /// How many of so many copies must have a write besides that which coordinates it.
    pub(super) fn others_to_write(&self, copies: u64) -> u64 {
        number(self.write.as_ref(), copies) - u64::from(!self.is_apart())
    }

    /// How many of so many copies do the work of a read.
    pub(super) fn asked_to_read(&self, copies: u64) -> u64 {
        match self.ask {
            Asked::All => copies,
            Asked::Enough => number(self.read.as_ref(), copies),
        }
    }

    /// How many of so many copies are asked for a read besides that which coordinates it, and how
    /// many of all must answer.
    pub(crate) fn others_to_read(&self, copies: u64) -> [u64; 2] {
        let own = u64::from(!self.is_apart());
        [self.asked_to_read(copies) - own, number(self.read.as_ref(), copies)]
    }

    /// What becomes of writes that conflict.
    pub(super) fn conflicts(&self) -> MultiPrimarySpec {
        MultiPrimarySpec::last_write_wins(self.clock_skew.clone())
    }

    /// Reports what could not be meant of it.
    pub(super) fn check(&self, copies: u64, problems: &mut Problems) {
        for (key, given) in [("write", &self.write), ("read", &self.read)] {
            if let Some(given) = given.as_ref().filter(|given| given.value.get() > copies) {
                let title = format!("a {key} is to have {} copies", given.value.get());
                let label = format!("there are {copies}");
                problems.push(Problem::new(given.place, title, label));
            }
        }
        self.conflicts().check(problems);
    }
}

/// How many of so many copies, if not given more than half.
fn number(given: Option<&At<Count>>, copies: u64) -> u64 {
    given.map_or(copies / 2 + 1, |given| given.value.get().min(copies))
}

/// How copies answer together, in a run.
#[derive(Debug)]
pub(super) struct Quorum {
    read: u32,
    ask: Asked,
    repairs: bool,
    pub(super) apart: bool,
    /// Reads under way, in the order in which they began, of which the first has this number.
    readings: VecDeque<Reading>,
    first: u64,
    /// Room for what copies have found.
    spare: Vec<Box<[u32]>>,
}

/// A read under way.
#[derive(Debug)]
struct Reading {
    key: AttemptKey,
    coordinator: u32,
    /// All that is random about it is drawn from here.
    random: Stream,
    object: Object,
    /// What copies have found when they read, by copy.
    found: Box<[u32]>,
    /// The copies that were asked, that have not answered yet, that have answered, that have
    /// answered with something older than the newest answer, as bits.
    asked: u64,
    out: u64,
    heard: u64,
    older: u64,
    /// The newest version that somebody has answered with.
    best: u32,
    /// The newest that a write was answered with, and that its user has written, when it began.
    must: u32,
    own: u32,
    /// Enough have answered, too few can, or there is no request any more.
    over: bool,
    failed: bool,
    /// The request waits for answers; it has gone on, or there is none.
    waits: bool,
    taken: bool,
}

/// What a read has come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) version: u32,
    pub(super) stale: bool,
    pub(super) own_missed: bool,
}

/// What is to be done after an answer to a read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Nothing: others are still to answer, or nobody waits for this one.
    Wait,
    /// The request goes on, if it waits: enough have answered, or too few can.
    Over { failed: bool, waiting: Option<AttemptKey> },
    /// This copy is asked as well.
    Ask(u32, AttemptKey),
}

/// What a message from the coordinator of a read asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asks {
    pub(crate) number: u64,
    /// Whom it is for.
    pub(crate) copy: u32,
}

/// What is known of an object and its user when a read begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) object: Object,
    pub(super) must: u32,
    pub(super) own: u32,
}

/// Tells which copies are asked from a read's other draws.
const WHICH: u64 = 0x7768_6963;

impl Asks {
    /// It in a word.
    pub(crate) fn tag(self) -> u32 {
        (self.number as u32).wrapping_mul(TAGS) | READS | self.copy
    }
}

impl Quorum {
    pub(super) fn new(spec: &QuorumSpec, copies: u64) -> Quorum {
        Quorum {
            read: u32::try_from(number(spec.read.as_ref(), copies)).expect("copies are few"),
            ask: spec.ask,
            repairs: spec.read_repair,
            apart: spec.is_apart(),
            readings: VecDeque::new(),
            first: 0,
            spare: Vec::new(),
        }
    }

    fn get(&mut self, number: u64) -> Option<&mut Reading> {
        let offset = number.checked_sub(self.first)?;
        self.readings.get_mut(usize::try_from(offset).ok()?)
    }

    /// The number of the next read.
    pub(super) fn end(&self) -> u64 {
        self.first + self.readings.len() as u64
    }

    /// What is asked of a copy is found there.
    pub(super) fn find(&mut self, Asks { number, copy }: Asks, version: u32) {
        if let Some(reading) = self.get(number) {
            reading.found[copy as usize] = version;
        }
    }

    /// The object that a read is about.
    pub(super) fn object(&mut self, number: u64) -> Object {
        self.get(number).map_or(Object::NONE, |reading| reading.object)
    }

    /// A copy has answered a read, or failed to; `listed` are those taken to be up.
    pub(super) fn hears(&mut self, asks: Asks, answered: bool, listed: u64) -> Next {
        let (read, ask) = (self.read, self.ask);
        let Some(reading) = self.get(asks.number) else { return Next::Wait };
        let from = bit(asks.copy);
        if reading.out & from == 0 {
            return Next::Wait;
        }
        reading.out &= !from;
        if answered {
            reading.takes(asks.copy);
        }
        if reading.over {
            return Next::Wait;
        }
        let (has, may) = (reading.heard.count_ones(), (reading.heard | reading.out).count_ones());
        if has >= read {
            return reading.ends(false);
        }
        if may >= read {
            return Next::Wait;
        }
        let others = listed & !reading.asked;
        if ask == Asked::Enough && others != 0 {
            let count = others.count_ones() as usize;
            let random = reading.random.at(u64::from(reading.asked.count_ones()));
            let copy = nth(others, random.draws().below(count));
            reading.asked |= bit(copy);
            reading.out |= bit(copy);
            return Next::Ask(copy, reading.key);
        }
        reading.ends(true)
    }

    /// A request waits for answers from now on, unless it need not. Returns whether it does.
    pub(super) fn wait(&mut self, number: u64) -> bool {
        self.get(number).is_some_and(|reading| {
            reading.waits = !reading.over;
            reading.waits
        })
    }

    /// The next copy that is to be sent the newest version, and which that is.
    pub(super) fn repair(&mut self, number: u64) -> Option<(u32, Object, u32)> {
        if !self.repairs {
            return None;
        }
        let reading = self.get(number).filter(|reading| reading.over && reading.older != 0)?;
        let copy = reading.older.trailing_zeros();
        reading.older &= !bit(copy);
        Some((copy, reading.object, reading.best))
    }

    /// What the read of a request that goes on has come to, unless it fails.
    pub(super) fn outcome(&mut self, number: u64) -> Option<Outcome> {
        let reading = self.get(number)?;
        reading.taken = true;
        let &mut Reading { best, must, own, failed, .. } = reading;
        (!failed).then_some(Outcome { version: best, stale: best < must, own_missed: best < own })
    }

    /// Forgets the first reads that are over and that nobody is to answer any more.
    pub(super) fn forget(&mut self) {
        let is_done = |reading: &Reading| reading.taken && reading.out == 0;
        while self.readings.front().is_some_and(is_done) {
            self.spare.extend(self.readings.pop_front().map(|done| done.found));
            self.first += 1;
        }
    }

    /// A copy goes down: nobody waits any more for the reads that it coordinates.
    pub(super) fn drop_those_of(&mut self, copy: u32) {
        let of_copy = |reading: &&mut Reading| reading.coordinator == copy;
        for reading in self.readings.iter_mut().filter(of_copy) {
            (reading.over, reading.taken, reading.out, reading.older) = (true, true, 0, 0);
        }
        self.forget();
    }
}

impl Reading {
    /// Enough copies have answered, or too few can.
    fn ends(&mut self, failed: bool) -> Next {
        (self.over, self.failed) = (true, failed);
        let waiting = std::mem::take(&mut self.waits).then_some(self.key);
        Next::Over { failed, waiting }
    }

    /// A copy has answered with what it has found.
    fn takes(&mut self, copy: u32) {
        let version = self.found[copy as usize];
        if self.heard == 0 || version > self.best {
            self.older |= self.heard;
            self.best = version;
        } else if version < self.best {
            self.older |= bit(copy);
        }
        self.heard |= bit(copy);
    }
}

impl Group {
    /// A copy begins to coordinate a read. Returns its number, and the copies that it asks, as
    /// bits, itself among them if it answers by itself.
    pub(super) fn begin_read(
        &mut self,
        me: u32,
        key: AttemptKey,
        wanted: Wanted,
        random: Stream,
    ) -> (u64, u64) {
        let (copies, listed) = (self.copies.len(), self.listed);
        let quorum = self.quorum.as_mut().expect("only copies that answer together are asked so");
        let own = if quorum.apart { 0 } else { bit(me) };
        let mut asked = all(copies);
        if quorum.ask == Asked::Enough {
            asked = own;
            let mut draws = random.at(WHICH).draws();
            while asked.count_ones() < quorum.read {
                // Those that are taken to be down come last.
                let up = listed & !asked;
                let among = if up == 0 { all(copies) & !asked } else { up };
                asked |= bit(nth(among, draws.below(among.count_ones() as usize)));
            }
        }
        let room = || vec![0; copies].into_boxed_slice();
        let found = quorum.spare.pop().unwrap_or_else(room);
        let Wanted { object, must, own: of_user } = wanted;
        let number = quorum.end();
        quorum.readings.push_back(Reading {
            key,
            coordinator: me,
            random: random.at(WHICH),
            object,
            found,
            asked,
            out: asked,
            heard: 0,
            older: 0,
            best: 0,
            must,
            own: of_user,
            over: false,
            failed: false,
            waits: false,
            taken: false,
        });
        (number, asked)
    }

    /// What a read of an object by this user must see, where `stored` is its newest version: what
    /// writes were answered with, and what the user had written before this time.
    pub(super) fn wanted(
        &mut self,
        object: Object,
        stored: u32,
        user: u32,
        before: Time,
    ) -> Wanted {
        let (mut must, mut own, mut oldest) = (None, 0, stored);
        self.log.visit(object, MOST_COMPARED, |_, entry| {
            oldest = entry.write.before;
            if entry.acknowledged && must.is_none() {
                must = Some(entry.write.version);
            }
            if entry.write.user == user && entry.write.at <= before {
                own = own.max(entry.write.version);
            }
        });
        Wanted { object, must: must.unwrap_or(oldest), own }
    }

    /// The next message by which a read brings a copy up to date.
    pub(crate) fn repair(&mut self, number: u64) -> Option<Told> {
        loop {
            let (copy, object, best) = self.quorum.as_mut()?.repair(number)?;
            let mut lacks = None;
            self.log.visit(object, MOST_COMPARED, |position, entry| {
                if entry.write.version == best && entry.received & bit(copy) == 0 {
                    lacks = Some(Told { position, all: false, copy });
                }
            });
            if lacks.is_some() {
                return lacks;
            }
        }
    }

    /// A copy has answered a read, or failed to.
    pub(super) fn hears(&mut self, asks: Asks, answered: bool) -> Next {
        let listed = self.listed;
        let quorum = self.quorum.as_mut().expect("only copies that answer together are asked so");
        quorum.hears(asks, answered, listed)
    }

    /// The object that a read is about.
    pub(super) fn object_of(&mut self, number: u64) -> Object {
        self.quorum.as_mut().map_or(Object::NONE, |quorum| quorum.object(number))
    }

    /// What is asked of a copy is found there.
    pub(super) fn finds(&mut self, asks: Asks, version: u32) {
        self.quorum.iter_mut().for_each(|quorum| quorum.find(asks, version));
    }

    /// A request waits for answers from now on, unless it need not. Returns whether it does.
    pub(crate) fn waits_for_copies(&mut self, number: u64) -> bool {
        self.quorum.as_mut().is_some_and(|quorum| quorum.wait(number))
    }

    /// What the read of a request that goes on has come to.
    pub(super) fn outcome_of(&mut self, number: u64) -> Option<Outcome> {
        self.quorum.as_mut()?.outcome(number)
    }

    /// What has become of reads that are over is forgotten.
    pub(crate) fn forget_reads(&mut self) {
        self.quorum.iter_mut().for_each(Quorum::forget);
    }

    /// What a message to a copy asks, from its tag.
    pub(crate) fn asks(&self, tag: u32) -> Asks {
        let quorum = self.quorum.as_ref().expect("only copies that answer together are asked so");
        let (low, copy) = (tag / TAGS, tag % COPIES_TOLD_APART);
        let mask = u32::MAX / TAGS;
        let since = (quorum.end() as u32).wrapping_sub(low) & mask;
        Asks { number: quorum.end().wrapping_sub(u64::from(since)), copy }
    }
}
