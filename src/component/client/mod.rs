//! Clients: they send requests from outside. Open (requests or visitors come whatever happens),
//! closed (users who wait for their answer and think), or replayed from a trace.

mod arrivals;
mod closed;
mod day;
mod identity;
mod intensity;
mod journey;
mod open;
mod replay;
mod spec;
mod visitors;

pub use arrivals::{
    ArrivalProcess, Arrivals, PointSpec, ProfileSpec, RampSpec, Shape, SpikeSpec, StateSpec,
    States, WaveSpec,
};
pub use closed::VisitsSpec;
pub use day::{DiurnalSpec, Hours, TimeOfDay, UtcOffset};
pub(crate) use identity::Users;
pub(crate) use journey::possible_visits;
pub use journey::{MOST_PAGES, PageSpec, length as journey_length, pause as journey_pause};
pub use spec::{ClientSpec, ColumnsSpec, RequestSpec, TraceFormat, TraceSpec, UsersSpec};

use std::sync::Arc;

use crate::access_log::Trace;
use crate::engine::{Key, Lane, Stream};
use crate::message::{LinkId, Operation, Outcome, Question, Replicas, Reply, Request, SizesId};
use crate::objects::AtHome;
use crate::runtime::{Ctx, Node};
use crate::units::Span;

use closed::Closed;
use open::Open;
use replay::Replay;

/// Tells the choice of a request's type from its other draws.
const TYPE: u64 = 0x7479_7065;

/// One type of request that a client sends.
#[derive(Clone, Debug)]
pub(crate) struct RequestType {
    pub(crate) operation: Operation,
    pub(crate) sizes: SizesId,
    /// Of which catalog it asks for an object, if of any.
    pub(crate) catalog: Option<u16>,
    /// Share of this type and of all before it.
    pub(crate) cumulative: f64,
    pub(crate) timeout: Option<Span>,
    pub(crate) timeout_lane: Option<Lane>,
}

/// Where a client's requests go, and as what.
pub(crate) struct Sender {
    pub(crate) target: Replicas,
    pub(crate) link: LinkId,
    pub(crate) types: Vec<RequestType>,
    pub(crate) users: Users,
    /// Each user has a cache.
    pub(crate) remembers: bool,
    /// The number of the first type among the types of all clients.
    pub(crate) first_type: u16,
    /// All of this client's randomness.
    pub(crate) stream: Stream,
}

impl Sender {
    /// Draws the type of a request.
    #[inline]
    fn choose(&self, stream: Stream) -> usize {
        if self.types.len() == 1 {
            return 0;
        }
        let u = stream.at(TYPE).draws().unit();
        let chosen = self.types.iter().position(|request| u < request.cumulative);
        chosen.unwrap_or(self.types.len() - 1)
    }

    /// `whose` is the stream of who asks, be it but for this request.
    #[inline(always)]
    fn send(&self, index: usize, stream: Stream, whose: Stream, tag: u32, ctx: &mut Ctx) {
        let request = &self.types[index];
        let request_type = self.first_type + index as u16;
        let now = ctx.now();
        ctx.recorder().sent(now, request_type);
        let wanted = Request {
            parent: Key::NONE,
            user: self.users.pick(tag, whose),
            request_type,
            operation: request.operation,
        };
        let question = Question {
            request: wanted,
            callee: self.target.pick(stream),
            link: self.link,
            sizes: request.sizes,
            tag,
            stream,
            timeout_lane: request.timeout_lane,
        };
        if self.remembers
            && let Some(catalog) = request.catalog
        {
            browse(question, catalog, ctx);
            return;
        }
        let key = ctx.ask(question);
        if let Some(catalog) = request.catalog {
            ctx.objects().ask_for(key, question.request.user, catalog, stream);
        }
    }
}

/// Asks a question about an object of a catalog for a user with a cache of its own: if the answer
/// is there and may be used, it is there at once, and nothing is sent.
#[inline(never)]
fn browse(question: Question, catalog: u16, ctx: &mut Ctx) {
    let at_home = ctx.objects().look_at_home(&question, catalog);
    let key = match at_home {
        AtHome::Good(_) => ctx.recall(question),
        _ => ctx.ask(question),
    };
    ctx.objects().ask_for(key, question.request.user, catalog, question.stream);
    ctx.objects().use_own(key, &at_home);
}

/// What makes a client send its next request.
enum Source {
    Open(Open),
    Closed(Closed),
    Replay(Replay),
}

/// A running client.
pub(crate) struct Client {
    sender: Sender,
    source: Source,
}

impl Client {
    /// A client as its spec says; `trace` is what the spec's trace was read into.
    pub(crate) fn new(spec: &ClientSpec, sender: Sender, trace: Option<&Arc<Trace>>) -> Client {
        let stream = sender.stream;
        let source = if let Some(arrivals) = &spec.arrivals {
            Source::Open(Open::new(spec, &arrivals.0, stream))
        } else if let Some(users) = &spec.users {
            Source::Closed(Closed::new(users, spec.journey.as_ref(), stream))
        } else {
            let replay = spec.trace.as_ref().expect("a client has arrivals, users or a trace");
            let trace = trace.expect("a trace is read before the run");
            Source::Replay(Replay::new(replay, Arc::clone(trace), stream))
        };
        Client { sender, source }
    }

    #[inline(always)]
    fn end(&mut self, request: &Reply, outcome: Option<Outcome>, ctx: &mut Ctx) {
        let now = ctx.now();
        ctx.recorder().ended(now, request, outcome);
        match &mut self.source {
            Source::Open(open) => open.go_on(request.tag, ctx),
            Source::Closed(closed) => closed.think_again(request.tag, now - request.sent, ctx),
            Source::Replay(_) => {}
        }
    }
}

impl Node for Client {
    fn on_start(&mut self, ctx: &mut Ctx) {
        for request in &mut self.sender.types {
            request.timeout_lane = request.timeout.map(|timeout| ctx.lane(timeout));
        }
        match &mut self.source {
            Source::Open(open) => open.start(ctx),
            Source::Closed(closed) => closed.start(ctx),
            Source::Replay(replay) => replay.start(ctx),
        }
    }

    fn on_alarm(&mut self, tag: u32, ctx: &mut Ctx) {
        match &mut self.source {
            Source::Open(open) => open.on_alarm(tag, &self.sender, ctx),
            Source::Closed(closed) => closed.send(tag, &self.sender, ctx),
            Source::Replay(replay) => replay.on_alarm(tag, &self.sender, ctx),
        }
    }

    fn on_answer(&mut self, request: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        self.end(request, Some(outcome), ctx);
    }

    fn on_timeout(&mut self, request: &Reply, ctx: &mut Ctx) {
        self.end(request, None, ctx);
    }
}
