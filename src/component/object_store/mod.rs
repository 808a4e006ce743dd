//! An object store, such as S3: requests do not wait for one another, but a prefix that is asked
//! too often turns them away.

mod kind;
mod meter;
mod price;

pub use meter::STORE_METRICS;

use crate::distribution::Delay;
use crate::document::{At, Count, record};
use crate::engine::Stream;
use crate::measure::CountersId;
use crate::message::{AttemptKey, Command, Operation, Outcome};
use crate::objects::Object;
use crate::placement::PlaceName;
use crate::runtime::{Condition, Ctx, Node};
use crate::units::{Bandwidth, Bytes};
use crate::work::{RateLimitSpec, TokenBucket};
use meter::{Count as Counted, STORES};
use price::PricePerThousand;

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
        /// How large objects are moved: by ranges, several at once. As a whole if not given.
        pub ranges: Option<RangesSpec>,
        /// What requests cost.
        pub price: RequestPriceSpec = "{}",
        /// Over how many prefixes the keys are spread. The object of a request says which is its;
        /// without a `catalog` any is, all equally likely.
        pub prefixes: At<Count> = "1",
        /// Where it is: a region, a zone or a machine. In a region it is in none of its zones, so
        /// that it outlives each.
        pub place: Option<At<PlaceName>>,
    }
}

record! {
    /// How those who ask a store move large objects: in parts, each by a request of its own.
    #[short = part]
    pub struct RangesSpec {
        /// How large a part is; larger where there would be more than 10,000 of them.
        pub part: At<Bytes> = "8MiB",
        /// How many parts of one object are moved at once, each over a connection of its own.
        pub at_once: Count = "10",
    }
}

record! {
    /// What 1000 requests cost, in any one currency; what is turned away costs nothing. The
    /// defaults are those of S3 Standard in us-east-1, in USD (aws.amazon.com/s3/pricing, 2025).
    pub struct RequestPriceSpec {
        /// Those that read.
        pub get: PricePerThousand = "0.0004",
        /// Those that write or list: of a step `write`, and whatever is called `PUT`, `POST`,
        /// `COPY` or `LIST`, or begins with that and a space, in large or small letters.
        pub put: PricePerThousand = "0.005",
    }
}

/// The most parts of one object.
const MOST_PARTS: u64 = 10_000;

/// A running object store.
pub(crate) struct ObjectStore {
    latency: Delay,
    bandwidth: Bandwidth,
    /// How large a part is, and how many are moved at once; `None` where there are no parts.
    ranges: Option<(u64, u32)>,
    /// By operation, whether it writes.
    puts: Vec<bool>,
    price: RequestPriceSpec,
    counters: Option<CountersId>,
    /// One for each prefix; none without a limit.
    buckets: Vec<TokenBucket>,
    /// What a fault leaves of its speed, 1 being all.
    speed: f64,
    latency_salt: u64,
    prefix_salt: u64,
}

impl ObjectStore {
    /// The salts tell the draws of latencies and prefixes from others of the same request;
    /// `operations` are all that may be asked of anything.
    fn new(
        spec: &ObjectStoreSpec,
        operations: &[String],
        latency_salt: u64,
        prefix_salt: u64,
    ) -> ObjectStore {
        let prefixes = spec.prefixes.value.get() as usize;
        let buckets = spec.requests.as_ref().map(|limit| vec![TokenBucket::new(limit); prefixes]);
        let at_once = |count: Count| u32::try_from(count.get()).unwrap_or(u32::MAX);
        let ranges = spec.ranges.as_ref();
        ObjectStore {
            latency: spec.latency.clone(),
            bandwidth: spec.bandwidth,
            ranges: ranges.map(|ranges| (ranges.part.value.0, at_once(ranges.at_once))),
            puts: operations.iter().map(|name| is_put(name)).collect(),
            price: spec.price.clone(),
            counters: None,
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

    /// How many bytes a request moves, in how many parts, and how large all but the last are: what
    /// is larger of its question and its answer is cut, and the other goes with the last.
    fn parts(&self, key: AttemptKey, ctx: &mut Ctx) -> (u64, u32, u64) {
        let [question, answer] = [0, 1].map(|way| ctx.shared.size(key, way));
        let (all, large) = (question.0 + answer.0, question.0.max(answer.0));
        let part = self.ranges.map_or(large, |(part, _)| part.max(large.div_ceil(MOST_PARTS)));
        (all, large.div_ceil(part.max(1)).max(1) as u32, part)
    }

    /// Begins to move as many parts as are moved at once; one where there are no parts. Where one
    /// is turned away so is the whole. Of its visit the step is how many parts have begun, the
    /// place how many are moving, and the repetition how many there are.
    fn move_parts(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let sizes = self.parts(key, ctx);
        let (_, parts, _) = sizes;
        ctx.attempt(key).visit.repetition = parts;
        let at_once = self.ranges.map_or(1, |(_, at_once)| at_once);
        loop {
            let attempt = ctx.attempt(key);
            if attempt.visit.step == parts || attempt.place >= at_once {
                return;
            }
            if !self.admits(key, ctx) {
                let me = ctx.me();
                return ctx.answer(key, Outcome::Rejected(me));
            }
            self.begin_part(key, sizes, ctx);
        }
    }

    fn begin_part(&self, key: AttemptKey, (all, parts, part): (u64, u32, u64), ctx: &mut Ctx) {
        let attempt = ctx.attempt(key);
        let number = u64::from(attempt.visit.step);
        let is_last = attempt.visit.step + 1 == parts;
        let bytes = if is_last { all - number * part } else { part };
        (attempt.visit.step, attempt.place) = (attempt.visit.step + 1, attempt.place + 1);
        let is_put = self.puts.get(attempt.request.operation.0 as usize) == Some(&true);
        let stream = if number == 0 { attempt.stream } else { attempt.stream.at(number) };
        let latency = self.latency.draw(stream.beside(self.latency_salt));
        let time = latency + self.bandwidth.time_of(Bytes(bytes));
        ctx.pause_for_io(key, if self.speed < 1.0 { time.times(1.0 / self.speed) } else { time });
        self.count(is_put, ctx);
    }

    fn count(&self, is_put: bool, ctx: &mut Ctx) {
        let (count, price) = match is_put {
            true => (Counted::Puts, self.price.put),
            false => (Counted::Gets, self.price.get),
        };
        let counters = self.counters.expect("counters are added at the start");
        let counters = ctx.recorder().counters(counters);
        counters.add(count, 1_u64);
        counters.add(Counted::Cost, price.of_one());
    }
}

/// Whether what is asked for by this name writes.
fn is_put(operation: &str) -> bool {
    let verb = operation.split(' ').next().unwrap_or_default().to_ascii_lowercase();
    ["put", "post", "copy", "list", "write"].contains(&verb.as_str())
}

impl Node for ObjectStore {
    fn on_start(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        self.counters = Some(ctx.recorder().add_counters(&STORES, me.0 as usize));
    }

    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            ctx.refuse(key);
        } else if ctx.attempt(key).request.operation == Operation::CHECK {
            ctx.answer_check(key, Outcome::Ok);
        } else {
            let attempt = ctx.attempt(key);
            (attempt.visit.step, attempt.place) = (0, 0);
            self.move_parts(key, ctx);
        }
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let attempt = ctx.attempt(key);
        attempt.place -= 1;
        let have_all_begun = attempt.visit.step == attempt.visit.repetition;
        match attempt.place {
            0 if have_all_begun => ctx.answer(key, Outcome::Ok),
            _ if have_all_begun => {}
            _ => self.move_parts(key, ctx),
        }
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
