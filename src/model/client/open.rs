//! Open arrivals: requests come at their own rate, whatever happens to them.

use crate::engine::{Dist, Draws, Stream};
use crate::model::delay::to_span;
use crate::model::node::Ctx;
use crate::units::Span;

use super::{Arrivals, ArrivalsKind, Sender};

/// Gaps are drawn so many at a time: none waits for the one before, and none holds up the event
/// that it is for.
const AHEAD: usize = 16;

/// A Poisson stream of requests.
pub(super) struct Open {
    /// Time between arrivals (ns).
    gap: Dist,
    draws: Draws,
    gaps: [Span; AHEAD],
    requests: Stream,
    sent: u64,
}

impl Open {
    pub(super) fn new(arrivals: &Arrivals, stream: Stream) -> Open {
        let ArrivalsKind::Poisson(rate) = arrivals.kind;
        Open {
            gap: Dist::Exponential(1e9 / rate.0),
            draws: stream.named("arrivals").draws(),
            gaps: [Span::ZERO; AHEAD],
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
        let place = self.sent as usize % AHEAD;
        if place == 0 {
            for gap in &mut self.gaps {
                *gap = to_span(self.gap.draw(&mut self.draws));
            }
        }
        ctx.alarm(self.gaps[place], 0);
    }
}
