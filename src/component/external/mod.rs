//! A service of somebody else: all that is known of it is how long it takes, how often it fails and
//! what it turns away.

mod kind;

use crate::distribution::Delay;
use crate::document::{At, Count, record};
use crate::message::{AttemptKey, Command, Operation, Outcome};
use crate::placement::PlaceName;
use crate::runtime::{Condition, Ctx, Node};
use crate::units::{Share, Time};
use crate::work::{RateLimitSpec, TokenBucket};

record! {
    /// A service of somebody else. It answers whatever it is asked, as many requests at once as
    /// come, but for its limits.
    pub struct ExternalSpec {
        /// How long an answer takes.
        pub latency: Delay = "exp(50ms)",
        /// The share of requests that fail, after the time that an answer takes.
        pub error_rate: Share = "0",
        /// How many requests it takes in a time; others are turned away at once. No limit if not
        /// given.
        pub rate_limit: Option<RateLimitSpec>,
        /// How many requests it works on at once; others are turned away at once. No limit if not
        /// given.
        pub concurrency: Option<Count>,
        /// Where it is: a region, a zone or a machine. In a region it is in none of its zones, so
        /// that it outlives each.
        pub place: Option<At<PlaceName>>,
    }
}

/// A running service.
pub(crate) struct External {
    latency: Delay,
    error_rate: f64,
    bucket: Option<TokenBucket>,
    concurrency: Option<u64>,
    /// What a fault leaves of its speed, 1 being all.
    speed: f64,
    busy: u64,
    latency_salt: u64,
    error_salt: u64,
}

impl External {
    /// The salts tell the draws of latencies and errors from others of the same request.
    pub(crate) fn new(spec: &ExternalSpec, latency_salt: u64, error_salt: u64) -> External {
        External {
            latency: spec.latency.clone(),
            error_rate: spec.error_rate.0,
            bucket: spec.rate_limit.as_ref().map(TokenBucket::new),
            concurrency: spec.concurrency.map(Count::get),
            speed: 1.0,
            busy: 0,
            latency_salt,
            error_salt,
        }
    }

    /// Whether one more request is taken.
    fn admits(&mut self, now: Time) -> bool {
        let room = self.concurrency.is_none_or(|most| self.busy < most);
        room && self.bucket.as_mut().is_none_or(|bucket| bucket.take(now))
    }
}

impl Node for External {
    fn on_start(&mut self, ctx: &mut Ctx) {
        ctx.meter().slots.limit = self.concurrency;
    }

    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let (now, me) = (ctx.now(), ctx.me());
        if ctx.condition() != Condition::Up {
            ctx.refuse(key);
        } else if ctx.attempt(key).request.operation == Operation::CHECK {
            ctx.answer_check(key, Outcome::Ok);
        } else if self.admits(now) {
            self.busy += 1;
            ctx.meter().slots.rise(now);
            let latency = self.latency.draw(ctx.attempt(key).stream.beside(self.latency_salt));
            let slowed = self.speed < 1.0;
            ctx.pause_for_io(key, if slowed { latency.times(1.0 / self.speed) } else { latency });
        } else {
            ctx.answer(key, Outcome::Rejected(me));
        }
    }

    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        match command {
            // What it has begun is answered.
            Command::Crash { .. }
            | Command::Hang
            | Command::GoOn
            | Command::ReturnTo(_)
            | Command::Promote
            | Command::Join => {}
            Command::Restore => {
                let now = ctx.now();
                ctx.meter().provide(now);
            }
            Command::Slow(speed) => self.speed = speed,
            Command::Silence | Command::Leave => {
                let now = ctx.now();
                self.busy = 0;
                ctx.meter().slots.clear(now);
                ctx.meter().withdraw(now);
                ctx.lose_all();
            }
        }
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let (now, me) = (ctx.now(), ctx.me());
        self.busy -= 1;
        ctx.meter().slots.fall(now);
        let mut draws = ctx.attempt(key).stream.beside(self.error_salt).draws();
        let fails = self.error_rate > 0.0 && draws.unit() < self.error_rate;
        ctx.answer(key, if fails { Outcome::Failed(me) } else { Outcome::Ok });
    }
}
