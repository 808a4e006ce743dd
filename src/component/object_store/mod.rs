//! An object store, such as S3: requests do not wait for one another, but a prefix that is asked
//! too often turns them away.

mod kind;

use crate::distribution::Delay;
use crate::document::{At, Count, record};
use crate::engine::Stream;
use crate::message::{AttemptKey, Command, Operation, Outcome};
use crate::objects::Object;
use crate::placement::PlaceName;
use crate::runtime::{Condition, Ctx, Node};
use crate::units::{Bandwidth, Bytes, Span};
use crate::work::{RateLimitSpec, TokenBucket};

record! {
    /// An object store. It answers whatever it is asked, `get` and `put` among it, as many requests
    /// at once as come.
    pub struct ObjectStoreSpec {
        /// How long it takes until the bytes of a request and of its answer begin to flow.
        pub latency: Delay = "lognormal(mean=30ms, cv=1)",
        /// How fast they flow, for each request by itself: its `request_size` in, its
        /// `response_size` out. S3 gives 85 to 90MB/s.
        pub bandwidth: Bandwidth = "85MB/s",
        /// How many requests each prefix takes in a time; others are turned away at once, as S3
        /// does with a 503. S3 takes 5500 reads or 3500 writes a second. No limit if not given.
        pub requests: Option<RateLimitSpec>,
        /// Over how many prefixes the keys are spread. The object of a request says which is its;
        /// without a `catalog` any is, all equally likely.
        pub prefixes: At<Count> = "1",
        /// Where it is: a region, a zone or a machine. In a region it is in none of its zones, so
        /// that it outlives each.
        pub place: Option<At<PlaceName>>,
    }
}

/// A running object store.
pub(crate) struct ObjectStore {
    latency: Delay,
    bandwidth: Bandwidth,
    /// One for each prefix; none without a limit.
    buckets: Vec<TokenBucket>,
    /// What a fault leaves of its speed, 1 being all.
    speed: f64,
    latency_salt: u64,
    prefix_salt: u64,
}

impl ObjectStore {
    /// The salts tell the draws of latencies and prefixes from others of the same request.
    fn new(spec: &ObjectStoreSpec, latency_salt: u64, prefix_salt: u64) -> ObjectStore {
        let prefixes = spec.prefixes.value.get() as usize;
        let buckets = spec.requests.as_ref().map(|limit| vec![TokenBucket::new(limit); prefixes]);
        ObjectStore {
            latency: spec.latency.clone(),
            bandwidth: spec.bandwidth,
            buckets: buckets.unwrap_or_default(),
            speed: 1.0,
            latency_salt,
            prefix_salt,
        }
    }

    /// Whether the prefix of a request takes it.
    fn admits(&mut self, key: AttemptKey, ctx: &mut Ctx) -> bool {
        let prefix = match self.buckets.len() {
            0 => return true,
            1 => 0,
            prefixes => self.prefix_stream(key, ctx).draws().below(prefixes),
        };
        self.buckets[prefix].take(ctx.now())
    }

    /// What is random about the prefix of a request: of its object, or of itself if it has none.
    fn prefix_stream(&self, key: AttemptKey, ctx: &mut Ctx) -> Stream {
        match ctx.objects().object(key) {
            Object::NONE => ctx.attempt(key).stream.beside(self.prefix_salt),
            object => Stream::root(self.prefix_salt, object.number()),
        }
    }

    /// How long a request takes.
    fn time_of(&self, key: AttemptKey, ctx: &mut Ctx) -> Span {
        let latency = self.latency.draw(ctx.attempt(key).stream.beside(self.latency_salt));
        let [question, answer] = [0, 1].map(|way| ctx.shared.size(key, way));
        let time = latency + self.bandwidth.time_of(Bytes(question.0 + answer.0));
        if self.speed < 1.0 { time.times(1.0 / self.speed) } else { time }
    }
}

impl Node for ObjectStore {
    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            ctx.refuse(key);
        } else if ctx.attempt(key).request.operation == Operation::CHECK {
            ctx.answer_check(key, Outcome::Ok);
        } else if self.admits(key, ctx) {
            let time = self.time_of(key, ctx);
            ctx.pause_for_io(key, time);
        } else {
            let me = ctx.me();
            ctx.answer(key, Outcome::Rejected(me));
        }
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        ctx.answer(key, Outcome::Ok);
    }

    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        match command {
            // What it has begun is answered.
            Command::Crash { .. }
            | Command::Restore
            | Command::Hang
            | Command::GoOn
            | Command::ReturnTo(_)
            | Command::Promote
            | Command::Join => {}
            Command::Slow(speed) => self.speed = speed,
            Command::Silence | Command::Leave => ctx.lose_all(),
        }
    }
}
