//! Whoever watches a run: keeps a journal of each client's request that it wants to know of, and
//! hands it to what learns from it when nothing more happens to the request.
//!
//! A run that is watched is the same run: nothing here draws a number or schedules an event. In one
//! that is not, each place that would tell costs a check.

mod anatomy;
mod fates;
mod journal;
mod sample;

pub use anatomy::{Anatomy, Parts};
pub(crate) use fates::Fates;
pub use fates::{Fate, MOST_FATES, Manner};
pub use journal::{Call, Identity, Journal, Part, Stretch};
pub(crate) use sample::Sample;
pub use sample::{Choice, Wanted};

use crate::column::{Column, Moment, Moments, Scene};
use crate::engine::Stream;
use crate::message::{Outcome, Phase, Request, RequestKey};
use crate::units::{Span, Time};

/// Tells the name of a request from its draws.
const IDENTITY: u64 = 0x7265_7175;

/// What learns from journals.
#[derive(Debug)]
pub(crate) enum Reader {
    /// Sums of all parts.
    Anatomy(Anatomy),
    /// Some requests as they are.
    Sample(Sample),
    /// What became of each.
    Fates(Fates),
}

/// Where the journal of a request in flight is.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: RequestKey,
    journal: u32,
    call: u32,
}

/// The journals of a run.
#[derive(Debug)]
pub(crate) struct Watch {
    /// By the slot of the request.
    places: Vec<Place>,
    journals: Vec<Journal>,
    /// Journals that are finished; their room is used again.
    free: Vec<u32>,
    /// Figures have started.
    measured: bool,
    census: Census,
    reader: Reader,
}

/// How many requests each client, or each of its users, has sent.
#[derive(Clone, Debug)]
pub(crate) struct Census {
    /// The client of each type.
    clients: Vec<usize>,
    /// By client: whether each user's are counted, and what has been counted.
    sent: Vec<(bool, Vec<u64>)>,
}

impl Census {
    /// For each client, how many types it has and whether its users are a fixed number.
    pub(crate) fn new(clients: &[(usize, bool)]) -> Census {
        let types = clients.iter().enumerate();
        Census {
            clients: types.flat_map(|(client, &(types, _))| vec![client; types]).collect(),
            sent: clients.iter().map(|&(_, users)| (users, Vec::new())).collect(),
        }
    }

    /// One more request.
    fn count(&mut self, stream: Stream, kind: u16, tag: u32) -> Identity {
        let (by_user, sent) = &mut self.sent[self.clients[usize::from(kind)]];
        let user = by_user.then_some(tag);
        let index = user.unwrap_or(0) as usize;
        if sent.len() <= index {
            sent.resize(index + 1, 0);
        }
        let number = sent[index];
        sent[index] += 1;
        Identity { id: stream.at(IDENTITY).salt(), kind, user, number }
    }
}

impl Watch {
    pub(crate) fn new(reader: Reader, census: Census) -> Watch {
        let (places, journals, free) = (Vec::new(), Vec::new(), Vec::new());
        Watch { places, journals, free, measured: false, census, reader }
    }

    /// What was learned of a run that is over at `end`.
    pub(crate) fn finish(mut self, end: Time) -> Reader {
        self.free.sort_unstable();
        for (index, journal) in (0..).zip(&mut self.journals) {
            if self.free.binary_search(&index).is_err() {
                journal.settle(end);
                self.reader.read(journal);
            }
        }
        self.reader
    }

    /// The warm-up is over: requests that are sent from now on are of interest.
    pub(crate) fn measure(&mut self) {
        self.measured = true;
    }

    fn place(&self, key: RequestKey) -> Option<(u32, u32)> {
        let place = self.places.get(key.index() as usize).filter(|place| place.key == key)?;
        Some((place.journal, place.call))
    }

    fn put(&mut self, key: RequestKey, journal: u32, call: u32) {
        let index = key.index() as usize;
        if self.places.len() <= index {
            let nothing = Place { key: RequestKey::NONE, journal: 0, call: 0 };
            self.places.resize(index + 1, nothing);
        }
        self.places[index] = Place { key, journal, call };
    }

    /// Lets the journal of a request be written, if it has one.
    fn write(&mut self, key: RequestKey, write: impl FnOnce(&mut Journal, u32)) {
        if let Some((journal, call)) = self.place(key) {
            write(&mut self.journals[journal as usize], call);
        }
    }

    fn asked(&mut self, key: RequestKey, request: &Request, strand: bool, now: Time) {
        let (journal, parent) = if request.parent.is_none() {
            if request.kind == Request::NO_KIND {
                return;
            }
            let identity = self.census.count(request.stream, request.kind, request.tag);
            if !self.measured || !self.reader.wants(&identity) {
                return;
            }
            (self.open(identity, now), None)
        } else {
            let Some((journal, parent)) = self.place(request.parent) else { return };
            if matches!(self.reader, Reader::Fates(_)) {
                // What is asked further in does not matter.
                return;
            }
            (journal, Some(parent))
        };
        let call = Call::new(parent, request.callee, request.operation, strand, now);
        let call = self.journals[journal as usize].add(call);
        self.put(key, journal, call);
    }

    fn open(&mut self, identity: Identity, now: Time) -> u32 {
        if let Some(index) = self.free.pop() {
            self.journals[index as usize].reuse(identity, now);
            return index;
        }
        self.journals.push(Journal::new(identity, now));
        self.journals.len() as u32 - 1
    }

    #[cold]
    #[inline(never)]
    fn arrives(&mut self, key: RequestKey, now: Time) {
        self.write(key, |journal, call| journal.arrives(call, now));
    }

    #[cold]
    #[inline(never)]
    fn waits(&mut self, key: RequestKey, part: Part, now: Time) {
        self.write(key, |journal, call| journal.waits(call, part, now));
    }

    #[cold]
    #[inline(never)]
    fn works(&mut self, key: RequestKey, demand: Span, now: Time) {
        self.write(key, |journal, call| journal.works(call, demand, now));
    }

    /// Its callee has answered; `heard` unless the caller has given up.
    #[cold]
    #[inline(never)]
    fn answered(&mut self, key: RequestKey, heard: bool, now: Time) {
        if heard {
            self.waits(key, Part::Network, now);
        } else {
            self.over(key, now);
        }
    }

    fn returns(&mut self, key: RequestKey, request: &Request, now: Time) {
        if !request.abandoned {
            let root = request.parent.is_none();
            let outcome = Outcome::from(request.ending);
            self.write(key, |journal, call| {
                journal.returns(call, now);
                if root {
                    journal.ended = Some((now, Some(outcome)));
                }
            });
        }
        self.over(key, now);
    }

    #[cold]
    #[inline(never)]
    fn given_up(&mut self, key: RequestKey, request: &Request, now: Time) {
        let root = request.parent.is_none();
        self.write(key, |journal, call| {
            journal.is_given_up(call, now);
            if root {
                journal.ended = Some((now, None));
            }
        });
    }

    /// A request is gone from its slot.
    #[cold]
    #[inline(never)]
    fn over(&mut self, key: RequestKey, now: Time) {
        let Some((journal, call)) = self.place(key) else { return };
        if self.journals[journal as usize].is_over(call, now) {
            self.reader.read(&mut self.journals[journal as usize]);
            self.free.push(journal);
        }
    }
}

impl Reader {
    fn wants(&mut self, identity: &Identity) -> bool {
        match self {
            Reader::Anatomy(_) | Reader::Fates(_) => true,
            Reader::Sample(sample) => sample.wants(identity),
        }
    }

    /// Nothing more happens to a request. What is left of the journal is of no use.
    fn read(&mut self, journal: &mut Journal) {
        match self {
            Reader::Anatomy(anatomy) => anatomy.read(journal),
            Reader::Sample(sample) => sample.read(journal),
            Reader::Fates(fates) => fates.read(journal),
        }
    }
}

impl Column for Watch {
    const MOMENTS: Moments = Moments::of(&[
        Moment::Asked,
        Moment::Arrived,
        Moment::Answered,
        Moment::Returned,
        Moment::GivenUp,
        Moment::Ended,
    ]);

    fn at(&mut self, moment: Moment, key: RequestKey, scene: &mut Scene) {
        let (request, now) = (&scene.requests[key], scene.now);
        match moment {
            Moment::Asked => self.asked(key, request, request.phase == Phase::Strand, now),
            Moment::Arrived => self.arrives(key, now),
            Moment::Answered => self.answered(key, !request.abandoned, now),
            Moment::Returned => self.returns(key, request, now),
            Moment::GivenUp => self.given_up(key, request, now),
            Moment::Ended => self.over(key, now),
        }
    }
}

/// What components tell of requests at one moment, if anybody wants to know.
pub(crate) struct TraceView<'a> {
    pub(crate) watch: Option<&'a mut Watch>,
    pub(crate) now: Time,
}

impl TraceView<'_> {
    /// A request begins to wait for a worker, a connection, a core or something that is no core.
    #[inline]
    pub(crate) fn waits(self, key: RequestKey, part: Part) {
        if let Some(watch) = self.watch {
            watch.waits(key, part, self.now);
        }
    }

    /// A request wants a core for `demand`.
    #[inline]
    pub(crate) fn works(self, key: RequestKey, demand: Span) {
        if let Some(watch) = self.watch {
            watch.works(key, demand, self.now);
        }
    }

    /// A request that waits for a core has one now. Out of line: few ever do.
    #[inline(never)]
    pub(crate) fn goes_on(self, key: RequestKey) {
        if let Some(watch) = self.watch {
            watch.write(key, |journal, call| journal.goes_on(call, self.now));
        }
    }

    /// The time of a request so far is that of a strand that it waited for.
    pub(crate) fn decides(self, strand: RequestKey) {
        if let Some(watch) = self.watch {
            watch.write(strand, |journal, call| journal.decides(call, self.now));
        }
    }
}
