//! Open arrivals: requests come at their own rate, whatever happens to them.

use crate::engine::{Dist, Draws, Stream};
use crate::model::delay::to_span;
use crate::model::node::Ctx;

use super::{Arrivals, ArrivalsKind, Sender};

/// A Poisson stream of requests.
pub(super) struct Open {
    /// Time between arrivals (ns).
    gap: Dist,
    draws: Draws,
    requests: Stream,
    sent: u64,
}

impl Open {
    pub(super) fn new(arrivals: &Arrivals, stream: Stream) -> Open {
        let ArrivalsKind::Poisson(rate) = arrivals.kind;
        Open {
            gap: Dist::Exponential(1e9 / rate.0),
            draws: stream.named("arrivals").draws(),
            requests: stream.named("requests"),
            sent: 0,
        }
    }

    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        self.schedule(ctx);
    }

    #[inline]
    pub(super) fn send(&mut self, sender: &Sender, ctx: &mut Ctx) {
        let stream = self.requests.at(self.sent);
        self.sent += 1;
        self.schedule(ctx);
        sender.send(sender.choose(stream), stream, 0, ctx);
    }

    #[inline]
    fn schedule(&mut self, ctx: &mut Ctx) {
        let gap = to_span(self.gap.draw(&mut self.draws));
        ctx.alarm(gap, 0);
    }
}
