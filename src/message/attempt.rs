//! An attempt: one message for a request, with what its caller and its callee remember of it.
//!
//! An attempt has a caller and a callee. What the callee asks of others on its behalf are requests
//! of their own, whose parent it is. Callers make one attempt at each request.
//! *Invariant:* a slot is freed exactly once: when the answer reaches the caller or their
//! connection has failed, or when the callee answers and the caller has given up by then. Work for
//! callers who left goes on to its end.

use crate::engine::{Key, Lane, Stream};
use crate::units::{Span, Time};

use super::{Ending, LinkId, NodeId, Request, SizesId};

/// Finds an attempt in flight.
pub(crate) type AttemptKey = Key<Attempt>;

/// Where an attempt is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// On the link to the callee.
    Outward,
    /// At the callee.
    Visiting,
    /// On the link back.
    Homeward,
    /// On no way at all: a subrequest of the attempt that its parent is.
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

/// One message for a request, over one link, and what is made of it there. With what its slot needs
/// it takes 128 bytes, which is two lines of a processor's cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// What it is for.
    pub(crate) request: Request,
    /// Who asked.
    pub(crate) caller: NodeId,
    /// Who is asked.
    pub(crate) callee: NodeId,
    /// Over which link.
    pub(crate) link: LinkId,
    /// How large its messages are.
    pub(crate) sizes: SizesId,
    /// How often the message that is on its way has been lost.
    pub(crate) tries: u16,
    /// Whatever the caller wants to find again when the answer comes.
    pub(crate) tag: u32,
    /// All that is random about it is drawn from here.
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

/// What a callee remembers of an attempt that it is working on.
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

const _: () = assert!(size_of::<Attempt>() == 120);

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
    /// What is wanted.
    pub(crate) request: Request,
    /// Whom to ask.
    pub(crate) callee: NodeId,
    /// Over which link.
    pub(crate) link: LinkId,
    /// How large its messages are.
    pub(crate) sizes: SizesId,
    /// Handed back with the answer.
    pub(crate) tag: u32,
    /// Where the randomness of the attempt comes from.
    pub(crate) stream: Stream,
    /// How long to wait for the answer: a lane of the agenda.
    pub(crate) timeout_lane: Option<Lane>,
}

/// What a caller learns when its attempt is answered, or when it gives up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    /// The attempt on whose behalf it was asked, or [`Key::NONE`].
    pub(crate) parent: AttemptKey,
    /// What the caller wanted to find again.
    pub(crate) tag: u32,
    /// The client's request type that started it all.
    pub(crate) request_type: u16,
    /// When it was asked.
    pub(crate) sent: Time,
}

impl Attempt {
    /// What its caller learns of it.
    #[inline]
    pub(crate) fn reply(&self) -> Reply {
        let Attempt { request: Request { parent, request_type, .. }, tag, sent, .. } = *self;
        Reply { parent, tag, request_type, sent }
    }
}
