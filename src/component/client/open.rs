//! Open arrivals: requests, or visitors, come at their own rate, whatever happens to them.

use crate::distribution::Size;
use crate::distribution::{Delay, to_span};
use crate::engine::{Dist, Draws, Stream};
use crate::runtime::Ctx;
use crate::units::{Span, Time};

use super::arrivals::StateSpec;
use super::intensity::Walk;
use super::visitors::Visitors;
use super::{ArrivalProcess, ClientSpec, Sender};

/// The alarm of the next arrival; the others are visitors'.
const NEXT: u32 = u32::MAX;
/// Tells the further requests of a batch from the first.
const BATCH: u64 = 0x6261_7463;

/// Gaps are drawn so many at a time: none waits for the one before, and none holds up the event
/// that it is for.
const AHEAD: usize = 16;

/// A stream of arrivals.
pub(super) struct Open {
    gaps: Gaps,
    batch: Option<Size>,
    visitors: Option<Visitors>,
    batches: Stream,
    requests: Stream,
    arrived: u64,
}

/// What the time between arrivals follows.
enum Gaps {
    /// Exponential (ns).
    Poisson { gap: Dist, draws: Draws, ahead: [Span; AHEAD] },
    /// Always the same (ns); the times are multiples of it, so that nothing adds up.
    Constant { gap: f64 },
    /// Independent; each from its own stream.
    Renewal { gap: Delay, stream: Stream },
    /// As far as a changing rate takes to come to an exponential of mean 1.
    Varying { walk: Walk, draws: Draws },
}

impl Open {
    pub(super) fn new(spec: &ClientSpec, process: &ArrivalProcess, stream: Stream) -> Open {
        Open {
            gaps: Gaps::new(process, stream),
            batch: spec.batch.as_ref().map(|batch| batch.value.clone()),
            visitors: spec.journey.as_ref().map(Visitors::new),
            batches: stream.named("batches"),
            requests: stream.named("requests"),
            arrived: 0,
        }
    }

    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        self.schedule(ctx);
    }

    #[inline]
    pub(super) fn on_alarm(&mut self, tag: u32, sender: &Sender, ctx: &mut Ctx) {
        if tag == NEXT {
            self.arrive(sender, ctx);
        } else if let Some(visitors) = &mut self.visitors {
            visitors.send(tag, sender, ctx);
        }
    }

    /// A request of a visitor ended, one way or another.
    #[inline]
    pub(super) fn go_on(&mut self, visitor: u32, ctx: &mut Ctx) {
        if let Some(visitors) = &mut self.visitors {
            visitors.go_on(visitor, ctx);
        }
    }

    #[inline(always)]
    fn arrive(&mut self, sender: &Sender, ctx: &mut Ctx) {
        let number = self.arrived;
        let first = self.requests.at(number);
        self.arrived += 1;
        self.schedule(ctx);
        self.send(first, sender, ctx);
        if self.batch.is_some() {
            self.send_rest(number, sender, ctx);
        }
    }

    /// The further requests of a batch.
    #[inline(never)]
    fn send_rest(&mut self, number: u64, sender: &Sender, ctx: &mut Ctx) {
        let first = self.requests.at(number);
        let count = self.batch.as_ref().map_or(1, |batch| batch.draw(self.batches.at(number)));
        for further in 1..count {
            self.send_another(first.at(BATCH + u64::from(further)), sender, ctx);
        }
    }

    #[inline(never)]
    fn send_another(&mut self, stream: Stream, sender: &Sender, ctx: &mut Ctx) {
        self.send(stream, sender, ctx);
    }

    #[inline(always)]
    fn send(&mut self, stream: Stream, sender: &Sender, ctx: &mut Ctx) {
        match &mut self.visitors {
            None => sender.send(sender.choose(stream), stream, stream, 0, ctx),
            Some(visitors) => visitors.welcome(stream, sender, ctx),
        }
    }

    #[inline(always)]
    fn schedule(&mut self, ctx: &mut Ctx) {
        if let Some(gap) = self.gaps.next(self.arrived, ctx.now()) {
            ctx.alarm(gap, NEXT);
        }
    }
}

impl Gaps {
    fn new(process: &ArrivalProcess, stream: Stream) -> Gaps {
        let arrivals = stream.named("arrivals");
        match process {
            ArrivalProcess::Poisson(rate) => Gaps::Poisson {
                gap: Dist::Exponential(1e9 / rate.value.0),
                draws: arrivals.draws(),
                ahead: [Span::ZERO; AHEAD],
            },
            ArrivalProcess::Constant(rate) => Gaps::Constant { gap: 1e9 / rate.value.0 },
            ArrivalProcess::Renewal(gap) => {
                Gaps::Renewal { gap: gap.value.clone(), stream: arrivals }
            }
            ArrivalProcess::Mmpp(states) => {
                let states = states.0.value.iter().map(StateSpec::state).collect();
                let walk = Walk::modulated(states, stream.named("states"));
                Gaps::Varying { walk, draws: arrivals.draws() }
            }
            _ => {
                let course = process.course().expect("every other process has a course");
                Gaps::Varying { walk: Walk::along(course), draws: arrivals.draws() }
            }
        }
    }

    /// From now, the time of the last arrival, to the next, which is that number counted from 0.
    #[inline(always)]
    fn next(&mut self, number: u64, now: Time) -> Option<Span> {
        match self {
            Gaps::Poisson { gap, draws, ahead } => {
                let place = number as usize % AHEAD;
                if place == 0 {
                    ahead.iter_mut().for_each(|next| *next = to_span(gap.draw(draws)));
                }
                Some(ahead[place])
            }
            _ => self.next_rarer(number, now),
        }
    }

    /// Out of line, so that the common process stays small where it is drawn.
    #[inline(never)]
    fn next_rarer(&mut self, number: u64, now: Time) -> Option<Span> {
        match self {
            Gaps::Poisson { .. } => unreachable!("drawn in line"),
            Gaps::Constant { gap } => {
                let at = Time::ZERO + to_span(*gap * (number + 1) as f64);
                Some(at.since(now))
            }
            Gaps::Renewal { gap, stream } => Some(gap.draw(stream.at(number))),
            Gaps::Varying { walk, draws } => walk.advance(Dist::Exponential(1.0).draw(draws)),
        }
    }
}
