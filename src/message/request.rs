//! A request: one question over one link, with what its caller and its callee remember of it.
//!
//! A request has a caller, a callee and maybe a parent, the request on whose behalf it is asked.
//! *Invariant:* a slot is freed exactly once: when the answer reaches the caller or their
//! connection has failed, or when the callee answers and the caller has given up by then. Work for
//! callers who left goes on to its end.

use crate::engine::{Key, Lane, Stream};
use crate::units::{Span, Time};

use super::Ending;

/// One component instance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// What is asked of a component, such as `GET /product` or `read`: an index into the scenario's
/// table of operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Operation(pub(crate) u16);

impl Operation {
    /// Whether it is up, which an instance that is up answers at once.
    pub(crate) const CHECK: Operation = Operation(u16::MAX);
}

/// Finds a request in flight.
pub(crate) type RequestKey = Key<Request>;

/// Where a request is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// On the link to the callee.
    Outward,
    /// At the callee.
    Visiting,
    /// On the link back.
    Homeward,
    /// On no way at all: a subrequest of the request that its parent is.
    Subrequest,
    /// Nowhere: its message is lost, or its callee has died without a word.
    Lost,
}

impl Phase {
    /// Which way its message goes: 0 to the callee, 1 back.
    pub(crate) fn way(self) -> usize {
        match self {
            Phase::Outward => 0,
            Phase::Visiting | Phase::Homeward => 1,
            Phase::Subrequest | Phase::Lost => unreachable!("it is on no way"),
        }
    }
}

/// One question over one link. With what its slot needs it takes 128 bytes, which is two lines of a
/// processor's cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// Who asked.
    pub(crate) caller: NodeId,
    /// Who is asked.
    pub(crate) callee: NodeId,
    /// The request on whose behalf this one is asked, or [`Key::NONE`].
    pub(crate) parent: RequestKey,
    /// Over which link.
    pub(crate) link: LinkId,
    /// How large its messages are.
    pub(crate) sizes: SizesId,
    /// How often the message that is on its way has been lost.
    pub(crate) tries: u16,
    /// The client's request type that started it all: an index over all types of all clients.
    pub(crate) request_type: u16,
    /// What is asked.
    pub(crate) operation: Operation,
    /// Who of all clients' users started it all; 0 where nobody wants to know.
    pub(crate) user: u32,
    /// Whatever the caller wants to find again when the answer comes.
    pub(crate) tag: u32,
    /// All that is random about this request is drawn from here.
    pub(crate) stream: Stream,
    /// When it was asked.
    pub(crate) sent: Time,
    /// How it ended; known once it is answered.
    pub(crate) ending: Ending,
    /// The caller has given up waiting.
    pub(crate) abandoned: bool,
    /// It was passed on in its slot by a balancer, which `tag` leads to.
    pub(crate) forwarded: bool,
    pub(crate) phase: Phase,
    /// At its callee: its place in the queue, where it may leave it, or its worker.
    pub(crate) place: u32,
    /// What the callee remembers of it.
    pub(crate) visit: Visit,
}

/// What a callee remembers of a request that it is working on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    /// When it arrived at the callee.
    pub(crate) arrived: Time,
    /// When the present wait or call began; once it is answered, when that was.
    pub(crate) since: Time,
    /// Time spent waiting for a worker, a connection or a core so far.
    pub(crate) waited: Span,
    /// Time spent on calls to other components so far.
    pub(crate) away: Span,
    /// Processor time of the present step.
    pub(crate) demand: Span,
    /// Processor time used by the steps before.
    pub(crate) used: Span,
    /// The present step.
    pub(crate) step: u32,
    /// The innermost repetition that it is in.
    pub(crate) repetition: u32,
}

const _: () = assert!(size_of::<Request>() == 120);

impl Visit {
    /// It is in no repetition.
    pub(crate) const NO_REPETITION: u32 = u32::MAX;

    pub(crate) const NEW: Visit = Visit {
        arrived: Time::ZERO,
        since: Time::ZERO,
        waited: Span::ZERO,
        away: Span::ZERO,
        demand: Span::ZERO,
        used: Span::ZERO,
        step: 0,
        repetition: Visit::NO_REPETITION,
    };
}

/// A question to be asked; see [`Ctx::ask`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// Whom to ask.
    pub(crate) callee: NodeId,
    /// Over which link.
    pub(crate) link: LinkId,
    /// How large its messages are.
    pub(crate) sizes: SizesId,
    /// On whose behalf, or [`Key::NONE`].
    pub(crate) parent: RequestKey,
    /// The client's request type that started it all.
    pub(crate) request_type: u16,
    /// What to ask.
    pub(crate) operation: Operation,
    /// Who of all clients' users started it all; 0 where nobody wants to know.
    pub(crate) user: u32,
    /// Handed back with the answer.
    pub(crate) tag: u32,
    /// Where the request's randomness comes from.
    pub(crate) stream: Stream,
    /// How long to wait for the answer: a lane of the agenda.
    pub(crate) timeout_lane: Option<Lane>,
}

/// What a caller learns when its request is answered, or when it gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    /// The request on whose behalf it was asked, or [`Key::NONE`].
    pub(crate) parent: RequestKey,
    /// What the caller wanted to find again.
    pub(crate) tag: u32,
    /// The client's request type that started it all.
    pub(crate) request_type: u16,
    /// When it was asked.
    pub(crate) sent: Time,
}

impl Request {
    /// The type of what no client has started.
    pub(crate) const NO_TYPE: u16 = u16::MAX;

    /// What its caller learns of it.
    #[inline]
    pub(crate) fn reply(&self) -> Reply {
        let Request { parent, tag, request_type, sent, .. } = *self;
        Reply { parent, tag, request_type, sent }
    }
}

/// One link, as an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkId(pub(crate) u32);

impl LinkId {
    /// Its place among the links of a run.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How large a request and its response are, as an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SizesId(pub(crate) u16);
