//! Tracing: a run is watched, which keeps a trace of each client's request that it wants to know
//! of, and hands it to what learns from it when nothing more happens to the request.
//!
//! A run that is watched is the same run: nothing here draws a number or schedules an event. In one
//! that is not, each place that would tell costs a check.

mod breakdown;
mod digest;
mod selection;
mod trace;

pub use breakdown::{Breakdown, Parts};
pub(crate) use digest::Digests;
pub use digest::{Digest, MOST_DIGESTS, Manner};
pub(crate) use selection::Selection;
pub use selection::{Choice, Wanted};
pub use trace::{Call, Identity, Part, Stretch, Trace};

use crate::column::{Column, Moment, Moments, Scene};
use crate::engine::Stream;
use crate::message::{Attempt, AttemptKey, Outcome, Phase, Request};
use crate::units::{Span, Time};

/// Tells the name of a request from its draws.
const IDENTITY: u64 = 0x7265_7175;

/// What learns from traces.
#[derive(Debug)]
pub(crate) enum Reader {
    /// Sums of all parts.
    Breakdown(Breakdown),
    /// Some requests as they are.
    Selection(Selection),
    /// What became of each.
    Digests(Digests),
}

/// Where the trace of a request in flight is.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: AttemptKey,
    trace: u32,
    call: u32,
    /// How many balancers have passed it on in its slot, each to a call of its own.
    passed: u32,
}

/// The traces of a run.
#[derive(Debug)]
pub(crate) struct Tracing {
    /// By the slot of the request.
    places: Vec<Place>,
    traces: Vec<Trace>,
    /// Traces that are finished; their room is used again.
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
    fn count(&mut self, stream: Stream, request_type: u16, tag: u32) -> Identity {
        let (by_user, sent) = &mut self.sent[self.clients[usize::from(request_type)]];
        let user = by_user.then_some(tag);
        let index = user.unwrap_or(0) as usize;
        if sent.len() <= index {
            sent.resize(index + 1, 0);
        }
        let number = sent[index];
        sent[index] += 1;
        Identity { id: stream.at(IDENTITY).salt(), request_type, user, number }
    }
}

impl Tracing {
    pub(crate) fn new(reader: Reader, census: Census) -> Tracing {
        let (places, traces, free) = (Vec::new(), Vec::new(), Vec::new());
        Tracing { places, traces, free, measured: false, census, reader }
    }

    /// What was learned of a run that is over at `end`.
    pub(crate) fn finish(mut self, end: Time) -> Reader {
        self.free.sort_unstable();
        for (index, trace) in (0..).zip(&mut self.traces) {
            if self.free.binary_search(&index).is_err() {
                trace.settle(end);
                self.reader.read(trace);
            }
        }
        self.reader
    }

    /// The warm-up is over: requests that are sent from now on are of interest.
    pub(crate) fn measure(&mut self) {
        self.measured = true;
    }

    fn place(&self, key: AttemptKey) -> Option<(u32, u32)> {
        let place = self.places.get(key.index() as usize).filter(|place| place.key == key)?;
        Some((place.trace, place.call))
    }

    fn put(&mut self, key: AttemptKey, trace: u32, call: u32) {
        let index = key.index() as usize;
        if self.places.len() <= index {
            let nothing = Place { key: AttemptKey::NONE, trace: 0, call: 0, passed: 0 };
            self.places.resize(index + 1, nothing);
        }
        self.places[index] = Place { key, trace, call, passed: 0 };
    }

    /// Lets the trace of a request be written, if it has one.
    fn write(&mut self, key: AttemptKey, write: impl FnOnce(&mut Trace, u32)) {
        if let Some((trace, call)) = self.place(key) {
            write(&mut self.traces[trace as usize], call);
        }
    }

    fn asked(&mut self, key: AttemptKey, attempt: &Attempt, subrequest: bool, now: Time) {
        let (trace, parent) = if attempt.request.parent.is_none() {
            if attempt.request.request_type == Request::NO_TYPE {
                return;
            }
            let identity =
                self.census.count(attempt.stream, attempt.request.request_type, attempt.tag);
            if !self.measured || !self.reader.wants(&identity) {
                return;
            }
            (self.open(identity, now), None)
        } else {
            let Some((trace, parent)) = self.place(attempt.request.parent) else { return };
            if matches!(self.reader, Reader::Digests(_)) {
                // What is asked further in does not matter.
                return;
            }
            (trace, Some(parent))
        };
        let call = Call::new(parent, attempt.callee, attempt.request.operation, subrequest, now);
        let call = self.traces[trace as usize].add(call);
        self.put(key, trace, call);
    }

    /// A balancer passes a request on in its slot, which is a call of its own.
    #[cold]
    #[inline(never)]
    fn forwarded(&mut self, key: AttemptKey, attempt: &Attempt, now: Time) {
        let Some((trace, parent)) = self.place(key) else { return };
        if matches!(self.reader, Reader::Digests(_)) {
            return;
        }
        let call = Call::new(Some(parent), attempt.callee, attempt.request.operation, false, now);
        let call = self.traces[trace as usize].add(call);
        let place = &mut self.places[key.index() as usize];
        (place.call, place.passed) = (call, place.passed + 1);
    }

    /// The answer is back at the balancer: what was passed on is over.
    #[cold]
    #[inline(never)]
    fn came_back(&mut self, key: AttemptKey, now: Time) {
        let place = self.places.get_mut(key.index() as usize);
        let Some(place) = place.filter(|place| place.key == key && place.passed > 0) else {
            return;
        };
        let trace = &mut self.traces[place.trace as usize];
        let passed_on = place.call;
        place.call = trace.calls[passed_on as usize].parent.expect("its balancer's call");
        place.passed -= 1;
        trace.returns(passed_on, now);
        trace.is_over(passed_on, now);
    }

    fn open(&mut self, identity: Identity, now: Time) -> u32 {
        if let Some(index) = self.free.pop() {
            self.traces[index as usize].reuse(identity, now);
            return index;
        }
        self.traces.push(Trace::new(identity, now));
        self.traces.len() as u32 - 1
    }

    #[cold]
    #[inline(never)]
    fn arrives(&mut self, key: AttemptKey, now: Time) {
        self.write(key, |trace, call| trace.arrives(call, now));
    }

    #[cold]
    #[inline(never)]
    fn waits(&mut self, key: AttemptKey, part: Part, now: Time) {
        self.write(key, |trace, call| trace.waits(call, part, now));
    }

    #[cold]
    #[inline(never)]
    fn works(&mut self, key: AttemptKey, demand: Span, now: Time) {
        self.write(key, |trace, call| trace.works(call, demand, now));
    }

    /// Its callee has answered; `heard` unless the caller has given up.
    #[cold]
    #[inline(never)]
    fn answered(&mut self, key: AttemptKey, heard: bool, now: Time) {
        if heard {
            self.waits(key, Part::Network, now);
        } else {
            self.over(key, now);
        }
    }

    fn returns(&mut self, key: AttemptKey, attempt: &Attempt, now: Time) {
        if !attempt.abandoned {
            let root = attempt.request.parent.is_none();
            let outcome = Outcome::from(attempt.ending);
            self.write(key, |trace, call| {
                trace.returns(call, now);
                if root {
                    trace.ended = Some((now, Some(outcome)));
                }
            });
        }
        self.over(key, now);
    }

    #[cold]
    #[inline(never)]
    fn given_up(&mut self, key: AttemptKey, attempt: &Attempt, now: Time) {
        let root = attempt.request.parent.is_none();
        let passed = self.places.get(key.index() as usize).map_or(0, |place| place.passed);
        self.write(key, |trace, last| {
            let before = |call: &u32| trace.calls[*call as usize].parent;
            let call = std::iter::successors(Some(last), before).nth(passed as usize);
            trace.is_given_up(call.expect("each balancer's call has one before"), now);
            if root {
                trace.ended = Some((now, None));
            }
        });
    }

    /// A request is gone from its slot.
    #[cold]
    #[inline(never)]
    fn over(&mut self, key: AttemptKey, now: Time) {
        let Some((trace, call)) = self.place(key) else { return };
        if self.traces[trace as usize].is_over(call, now) {
            self.reader.read(&mut self.traces[trace as usize]);
            self.free.push(trace);
        }
    }
}

impl Reader {
    fn wants(&mut self, identity: &Identity) -> bool {
        match self {
            Reader::Breakdown(_) | Reader::Digests(_) => true,
            Reader::Selection(selection) => selection.wants(identity),
        }
    }

    /// Nothing more happens to a request. What is left of the trace is of no use.
    fn read(&mut self, trace: &mut Trace) {
        match self {
            Reader::Breakdown(breakdown) => breakdown.read(trace),
            Reader::Selection(selection) => selection.read(trace),
            Reader::Digests(digests) => digests.read(trace),
        }
    }
}

impl Column for Tracing {
    const MOMENTS: Moments = Moments::of(&[
        Moment::Sent,
        Moment::Arrived,
        Moment::Forwarded,
        Moment::CameBack,
        Moment::Answered,
        Moment::Returned,
        Moment::GivenUp,
        Moment::Ended,
    ]);

    fn at(&mut self, moment: Moment, key: AttemptKey, scene: &mut Scene) {
        let (attempt, now) = (&scene.attempts[key], scene.now);
        match moment {
            Moment::Sent => self.asked(key, attempt, attempt.phase == Phase::Subrequest, now),
            Moment::Arrived => self.arrives(key, now),
            Moment::Forwarded => self.forwarded(key, attempt, now),
            Moment::CameBack => self.came_back(key, now),
            Moment::Answered => self.answered(key, attempt.forwarded || !attempt.abandoned, now),
            Moment::Returned => self.returns(key, attempt, now),
            Moment::GivenUp => self.given_up(key, attempt, now),
            Moment::Ended => self.over(key, now),
        }
    }
}

/// What components tell of requests at one moment, if anybody wants to know.
pub(crate) struct TraceView<'a> {
    pub(crate) tracing: Option<&'a mut Tracing>,
    pub(crate) now: Time,
}

impl TraceView<'_> {
    /// A request begins to wait for a worker, a connection, a core or something that is no core.
    #[inline]
    pub(crate) fn waits(self, key: AttemptKey, part: Part) {
        if let Some(tracing) = self.tracing {
            tracing.waits(key, part, self.now);
        }
    }

    /// Something is to happen to a request whose component hangs.
    pub(crate) fn hangs(self, key: AttemptKey) {
        if let Some(tracing) = self.tracing {
            tracing.write(key, |trace, call| trace.hangs(call, self.now));
        }
    }

    /// A request wants a core for `demand`.
    #[inline]
    pub(crate) fn works(self, key: AttemptKey, demand: Span) {
        if let Some(tracing) = self.tracing {
            tracing.works(key, demand, self.now);
        }
    }

    /// A request that waits for a core has one now. Out of line: few ever do.
    #[inline(never)]
    pub(crate) fn goes_on(self, key: AttemptKey) {
        if let Some(tracing) = self.tracing {
            tracing.write(key, |trace, call| trace.goes_on(call, self.now));
        }
    }

    /// The time of a request so far is that of a subrequest that it waited for.
    pub(crate) fn decides(self, subrequest: AttemptKey) {
        if let Some(tracing) = self.tracing {
            tracing.write(subrequest, |trace, call| trace.decides(call, self.now));
        }
    }
}
