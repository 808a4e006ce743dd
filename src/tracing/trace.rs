//! The trace of one request of a client: every call made for it, and what each was doing when.
//!
//! *Invariant:* a call does one thing at a time, and what it does while it is away is told by the
//! call that it waits for. So the spans that count add up to the request's latency, to the
//! nanosecond.

use crate::message::{NodeId, Operation, Outcome};
use crate::units::{Span, Time};

/// What time goes to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// On the link to the component and back, waiting for a pipe and for tries that were lost
    /// included.
    Network,
    /// Waiting for a worker or a connection, or for a component that hangs to go on.
    Slot,
    /// Waiting for a core that runs one job at a time.
    Core,
    /// On cores that were shared or slowed down: what it took longer than it would have taken
    /// alone.
    Sharing,
    /// Processor time.
    Service,
    /// Waiting for something that is not a core.
    Io,
    /// Waiting for parallel steps of which none ever decided.
    Steps,
    /// Waiting for calls that were then given up.
    GivenUp,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 8] = [
        Part::Network,
        Part::Slot,
        Part::Core,
        Part::Sharing,
        Part::Service,
        Part::Io,
        Part::Steps,
        Part::GivenUp,
    ];
}

/// What a call is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doing {
    /// What takes no time: it is between two others, or over.
    Nothing,
    /// What is told by this alone.
    This(Part),
    /// It has a core, maybe with others.
    Working,
    /// It waits for this call.
    Away(u32),
    /// It waits for subrequests of its own.
    Forked,
}

/// One call: a question to a component, or a subrequest of one.
#[derive(Clone, Debug)]
pub struct Call {
    /// The call on whose behalf it was asked; `None` for the client's own request.
    pub parent: Option<u32>,
    /// Whom it was asked.
    pub callee: NodeId,
    /// What was asked: an index into the deployment's operations.
    pub operation: u16,
    /// A part of its parent that ran beside others; it went over no link.
    pub subrequest: bool,
    /// When it was asked.
    pub sent: Time,
    /// When it arrived at its callee, if it has.
    pub arrived: Option<Time>,
    /// When its caller gave it up.
    given_up: Option<Time>,
    /// Of a subrequest: its parent went on with it.
    decided: bool,
    doing: Doing,
    since: Time,
    /// Processor time that the present step has yet to have.
    left: Span,
}

impl Call {
    pub(super) fn new(
        parent: Option<u32>,
        callee: NodeId,
        operation: Operation,
        subrequest: bool,
        now: Time,
    ) -> Call {
        Call {
            parent,
            callee,
            operation: operation.0,
            subrequest,
            sent: now,
            arrived: subrequest.then_some(now),
            given_up: None,
            decided: false,
            doing: if subrequest { Doing::Nothing } else { Doing::This(Part::Network) },
            since: now,
            left: Span::ZERO,
        }
    }
}

/// What a call did for some time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// An index into [`Trace::calls`].
    pub call: u32,
    /// What it did.
    pub part: Part,
    /// From when.
    pub start: Time,
    /// To when.
    pub end: Time,
    /// Whether it is a part of the request's latency: somebody waited for it, to the client.
    pub counts: bool,
}

/// Who sent a request: how to know it again under another policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Of the request's random stream: the same whenever it is sent, and whatever becomes of it.
    pub id: u64,
    /// Its type: an index over all types of all clients.
    pub request_type: u16,
    /// The user, counted from 0, where a client has users of its own.
    pub user: Option<u32>,
    /// How many its user, or its client, had sent before.
    pub number: u64,
}

/// One request of a client.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Which one.
    pub identity: Identity,
    /// When it was sent.
    pub sent: Time,
    /// When it ended for its client and how; the outcome is `None` where the client gave up.
    pub ended: Option<(Time, Option<Outcome>)>,
    /// All calls, callers first: the first is the client's own.
    pub calls: Vec<Call>,
    stretches: Vec<Stretch>,
    /// Calls that are not over.
    open: u32,
}

impl Trace {
    pub(super) fn new(identity: Identity, now: Time) -> Trace {
        let (calls, stretches) = (Vec::new(), Vec::new());
        Trace { identity, sent: now, ended: None, calls, stretches, open: 0 }
    }

    /// Begins anew for another request, in the room that there is.
    pub(super) fn reuse(&mut self, identity: Identity, now: Time) {
        self.calls.clear();
        self.stretches.clear();
        (self.identity, self.sent, self.ended, self.open) = (identity, now, None, 0);
    }

    /// One more call. Its caller waits for it.
    pub(super) fn add(&mut self, call: Call) -> u32 {
        let index = self.calls.len() as u32;
        if let Some(parent) = call.parent {
            let doing = if call.subrequest { Doing::Forked } else { Doing::Away(index) };
            self.change(parent, doing, call.sent);
        }
        self.calls.push(call);
        self.open += 1;
        index
    }

    pub(super) fn arrives(&mut self, call: u32, now: Time) {
        self.change(call, Doing::Nothing, now);
        self.calls[call as usize].arrived = Some(now);
    }

    /// It waits for something that is neither a core's work nor a call.
    pub(super) fn waits(&mut self, call: u32, part: Part, now: Time) {
        self.change(call, Doing::This(part), now);
    }

    /// Its component hangs: what it would do next waits until that goes on.
    pub(super) fn hangs(&mut self, call: u32, now: Time) {
        if self.calls[call as usize].doing == Doing::Nothing {
            self.change(call, Doing::This(Part::Slot), now);
        }
    }

    /// It wants this much processor time, and has a core, if it need not wait for one.
    pub(super) fn works(&mut self, call: u32, demand: Span, now: Time) {
        self.change(call, Doing::Working, now);
        self.calls[call as usize].left = demand;
    }

    /// It has a core after all, or again.
    pub(super) fn goes_on(&mut self, call: u32, now: Time) {
        self.change(call, Doing::Working, now);
    }

    /// Its answer is with its caller, who waits for it.
    pub(super) fn returns(&mut self, call: u32, now: Time) {
        if let Some(parent) = self.calls[call as usize].parent {
            self.change(parent, Doing::Nothing, now);
        }
    }

    /// A request goes on with what this subrequest has met.
    pub(super) fn decides(&mut self, subrequest: u32, now: Time) {
        self.calls[subrequest as usize].decided = true;
        if let Some(parent) = self.calls[subrequest as usize].parent {
            self.calls[parent as usize].doing = Doing::Away(subrequest);
            self.change(parent, Doing::Nothing, now);
        }
    }

    /// Its caller waits no longer.
    pub(super) fn is_given_up(&mut self, call: u32, now: Time) {
        self.calls[call as usize].given_up = Some(now);
        if let Some(parent) = self.calls[call as usize].parent {
            self.change(parent, Doing::Nothing, now);
        }
    }

    /// Nothing more happens to this call. Returns whether that was the last one.
    pub(super) fn is_over(&mut self, call: u32, now: Time) -> bool {
        self.change(call, Doing::Nothing, now);
        self.open -= 1;
        self.open == 0
    }

    /// Looks at all that is still going on.
    pub(super) fn settle(&mut self, now: Time) {
        for call in 0..self.calls.len() as u32 {
            self.change(call, self.calls[call as usize].doing, now);
        }
    }

    /// A call does something else from now on.
    fn change(&mut self, index: u32, doing: Doing, now: Time) {
        let call = &mut self.calls[index as usize];
        let (before, since) = (call.doing, call.since);
        (call.doing, call.since) = (doing, now);
        let alone = call.left.min(now - since);
        match before {
            Doing::Nothing => {}
            Doing::This(part) => self.note(index, part, since, now),
            Doing::Working => {
                call.left = call.left - alone;
                // Turns on shared cores alternate with those of others; what is told is their sum.
                self.note(index, Part::Service, since, since + alone);
                self.note(index, Part::Sharing, since + alone, now);
            }
            Doing::Away(callee) if self.calls[callee as usize].given_up.is_some() => {
                self.note(index, Part::GivenUp, since, now);
            }
            // The callee tells.
            Doing::Away(_) => {}
            Doing::Forked => self.note(index, Part::Steps, since, now),
        }
    }

    fn note(&mut self, call: u32, part: Part, start: Time, end: Time) {
        if start < end {
            self.stretches.push(Stretch { call, part, start, end, counts: false });
        }
    }

    /// All that the calls did, in the order in which it ended. What counts adds up to the time from
    /// the sending of the request to `until`, when it ended for its client.
    pub fn stretches(&self, until: Time, mut tell: impl FnMut(Stretch)) {
        let until = self.until(until);
        for stretch in &self.stretches {
            let until = until[stretch.call as usize];
            let Stretch { part, start, end, .. } = *stretch;
            if part == Part::GivenUp && end > until {
                // By then the callee still counted.
                continue;
            }
            let middle = until.clamp(start, end);
            if start < middle {
                tell(Stretch { end: middle, counts: true, ..*stretch });
            }
            if middle < end {
                tell(Stretch { start: middle, ..*stretch });
            }
        }
    }

    /// Until when each call counts.
    fn until(&self, until: Time) -> Vec<Time> {
        let mut all: Vec<Time> = Vec::with_capacity(self.calls.len());
        for call in &self.calls {
            let callers = call.parent.map_or(until, |parent| all[parent as usize]);
            let in_vain = call.given_up.is_some_and(|at| at <= callers) && call.parent.is_some();
            let beside = call.subrequest && !call.decided;
            all.push(if in_vain || beside { Time::ZERO } else { callers });
        }
        all
    }
}
