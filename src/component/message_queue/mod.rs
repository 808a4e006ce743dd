//! A message queue: messages that wait until somebody who has room for one takes them, and are
//! delivered again until their work is done.
//!
//! *Invariant:* every message that was put is done, dead, expired or lost, waits, or is in flight.

mod backlog;
mod delivery;
mod kind;
mod meter;
mod polls;
mod spec;

pub use meter::MESSAGE_METRICS;
pub use spec::ConsumedQueue;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::engine::{Lane, Slab, Stream};
use crate::measure::{Counters, CountersId};
use crate::message::{AttemptKey, Command, Operation, Outcome, Reply};
use crate::objects::Object;
use crate::runtime::{Condition, Ctx, Node};
use crate::stats::Age;
use crate::units::{Span, Time};
use backlog::{Backlog, Message, MessageKey, State};
use delivery::{Delivery, DeliveryKey, Grave};
use meter::{Count, Held, QUEUES};
use polls::Polls;
use spec::{DoneBy, MessageQueueSpec, OnFailure, PartitionKey};

/// The alarm at which a message that was delivered is visible again.
const VISIBLE: u32 = 0;
/// The alarm at which one has rested.
const RESTED: u32 = 1;
/// The alarm at which the oldest that waited has waited for too long.
const EXPIRED: u32 = 2;
/// The alarm at which a consumer may be up again.
const CHANGED: u32 = 3;

/// What is random about a message, told from the other draws of the request that has put it.
#[derive(Clone, Copy, Debug)]
struct Salts {
    latency: u64,
    message: u64,
    delay: u64,
    poison: u64,
}

/// A running message queue.
pub(crate) struct MessageQueue {
    settings: MessageQueueSpec,
    /// By what messages are spread over partitions, how many those are, and what is random in that.
    partition_by: Option<PartitionKey>,
    partitions: usize,
    spread: Stream,
    salts: Salts,
    /// What a fault leaves of its speed, 1 being all.
    speed: f64,
    /// Messages that are being put.
    coming: u64,
    backlog: Backlog,
    polls: Polls,
    deliveries: Slab<Delivery>,
    /// The messages that rest, by when they have.
    resting: BinaryHeap<Reverse<(Time, u64)>>,
    /// The deliveries whose messages become visible again, in this order.
    invisible: VecDeque<(MessageKey, u32, DeliveryKey)>,
    visibility: Option<Lane>,
    /// Where dead messages go.
    grave: Option<Grave>,
    /// An alarm is set for the message that will have waited for too long first.
    will_expire: bool,
    counters: Option<CountersId>,
    /// Since when there has always been a message that waits.
    backlogged: Option<Time>,
    /// Messages that were put, and those that are gone.
    put: u64,
    gone: u64,
    /// The next partition in turn.
    turn: usize,
}

impl MessageQueue {
    fn new(
        spec: &ConsumedQueue,
        polls: Polls,
        grave: Option<Grave>,
        salts: Salts,
        spread: Stream,
    ) -> MessageQueue {
        let settings = spec.settings.clone();
        let partitions = settings.partitions.as_ref().map_or(0, |count| count.value.get() as usize);
        MessageQueue {
            partition_by: spec.partition_key(),
            settings,
            partitions,
            spread,
            salts,
            speed: 1.0,
            coming: 0,
            backlog: Backlog::new(partitions),
            polls,
            deliveries: Slab::new(),
            resting: BinaryHeap::new(),
            invisible: VecDeque::new(),
            visibility: None,
            grave,
            will_expire: false,
            counters: None,
            backlogged: None,
            put: 0,
            gone: 0,
            turn: 0,
        }
    }

    fn count(&self, ctx: &mut Ctx, count: Count, more: impl Into<u128>) {
        self.counters(ctx).add(count, more);
    }

    fn counters<'c>(&self, ctx: &'c mut Ctx) -> &'c mut Counters {
        ctx.recorder().counters(self.counters.expect("counters are added at the start"))
    }

    /// Whether there is room for one more message.
    fn has_room(&self) -> bool {
        let most = self.settings.capacity.get();
        most.is_none_or(|most| self.backlog.len() + self.coming < most)
    }

    /// How long it takes until a message is kept.
    fn latency(&self, key: AttemptKey, ctx: &mut Ctx) -> Span {
        let stream = ctx.attempt(key).stream.beside(self.salts.latency);
        let latency = self.settings.latency.draw(stream);
        if self.speed < 1.0 { latency.times(1.0 / self.speed) } else { latency }
    }

    /// A message is kept.
    fn keep(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let object = ctx.objects().object(key);
        let attempt = ctx.attempt(key);
        let (user, sizes) = (attempt.request.user, attempt.sizes);
        let stream = attempt.stream.at(self.salts.message);
        let poison = self.settings.poison.0;
        let poisoned = poison > 0.0 && stream.beside(self.salts.poison).draws().unit() < poison;
        let partition = self.partition(object, user);
        let message = self.backlog.put(Message {
            put: ctx.now(),
            user,
            object,
            sizes,
            stream,
            poison: poisoned,
            receives: 0,
            state: State::Resting,
            partition,
            number: 0,
        });
        self.put += 1;
        self.count(ctx, Count::Put, 1_u64);
        self.rest(message, ctx);
    }

    /// The partition of a message.
    fn partition(&mut self, object: Object, user: u32) -> u32 {
        let by = |number: u64| self.spread.at(number).draws().below(self.partitions) as u32;
        match self.partition_by {
            None => u32::MAX,
            Some(PartitionKey::Object) if object != Object::NONE => by(object.number()),
            Some(PartitionKey::User) => by(user.into()),
            Some(_) => {
                self.turn = (self.turn + 1) % self.partitions;
                self.turn as u32
            }
        }
    }

    /// A message rests before it can be delivered.
    fn rest(&mut self, key: MessageKey, ctx: &mut Ctx) {
        let Some(message) = self.backlog.get(key) else { return };
        let stream = message.stream.at(message.receives.into());
        let is_over = self.is_exhausted(message);
        let MessageQueueSpec { delay, retry_delay, .. } = &self.settings;
        let delay = if message.receives == 0 { delay } else { &retry_delay.value };
        let delay = delay.draw(stream.beside(self.salts.delay));
        if delay == Span::ZERO || is_over {
            return self.backlog.has_rested(key);
        }
        self.resting.push(Reverse((ctx.now() + delay, key.to_bits())));
        ctx.alarm(delay, RESTED);
    }

    /// Those that have rested can be delivered.
    fn end_rests(&mut self, now: Time) {
        while let Some(&Reverse((over, bits))) = self.resting.peek()
            && over <= now
        {
            self.resting.pop();
            let key = MessageKey::from_bits(bits);
            if self.backlog.get(key).is_some() {
                self.backlog.has_rested(key);
            }
        }
    }

    /// Whether a message has been delivered as often as it may be.
    fn is_exhausted(&self, message: &Message) -> bool {
        let most = self.settings.max_receives.as_ref().map(|most| most.value.get());
        most.is_some_and(|most| u64::from(message.receives) >= most)
    }

    /// A delivery is over and its message is not done: it waits again, unless it is too old.
    fn come_back(&mut self, key: MessageKey, ctx: &mut Ctx) {
        self.backlog.come_back(key);
        self.rest(key, ctx);
    }

    /// Those that have waited for too long are dropped.
    fn expire(&mut self, ctx: &mut Ctx) {
        let Some(retention) = &self.settings.retention else { return };
        let (retention, now) = (retention.value, ctx.now());
        while let Some((key, put)) = self.backlog.oldest()
            && put + retention <= now
        {
            self.remove(key);
            self.count(ctx, Count::Expired, 1_u64);
        }
        if let Some((_, put)) = self.backlog.oldest().filter(|_| !self.will_expire) {
            self.will_expire = true;
            ctx.alarm(put + retention - now, EXPIRED);
        }
    }

    fn remove(&mut self, key: MessageKey) {
        self.gone += 1;
        self.backlog.remove(key);
    }

    /// Something has happened: what can be delivered is, and figures are brought up to date.
    fn go_on(&mut self, ctx: &mut Ctx) {
        self.expire(ctx);
        if ctx.condition() == Condition::Up {
            self.deliver(ctx);
        }
        self.tell(ctx);
        debug_assert_eq!(self.put, self.gone + self.backlog.len(), "no message is lost silently");
    }

    fn tell(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        let (waiting, all) = (self.backlog.waiting(), self.backlog.len());
        let oldest = self.backlog.oldest().map(|(_, put)| put);
        let meter = ctx.meter();
        meter.set_queue(now, waiting);
        meter.oldest.iter_mut().for_each(|age| age.set(now, oldest));
        let counters = self.counters(ctx);
        counters.set(Held::InFlight, now, all - waiting);
        counters.set(Held::All, now, all);
        counters.set(Held::AnyWaits, now, u64::from(waiting > 0));
        match self.backlogged {
            None if waiting > 0 => self.backlogged = Some(now),
            Some(since) if waiting == 0 => {
                self.backlogged = None;
                let me = ctx.me();
                ctx.recorder().visits_at(me).backlogs.record((now - since).nanos());
            }
            _ => {}
        }
    }

    /// It goes down, and with it what is in memory alone.
    fn go_down(&mut self, ctx: &mut Ctx) {
        self.coming = 0;
        if !self.settings.durable {
            let lost = self.backlog.clear();
            self.gone += lost;
            self.resting.clear();
            self.count(ctx, Count::Lost, lost);
        }
    }
}

impl Node for MessageQueue {
    fn on_start(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        self.counters = Some(ctx.recorder().add_counters(&QUEUES, me.0 as usize));
        self.visibility = Some(ctx.lane(self.settings.visibility.value));
        let instances = self.polls.instances();
        instances.iter().for_each(|instance| ctx.watch(instance.node, CHANGED));
        let room = instances.iter().map(|instance| u64::from(instance.at_once)).sum();
        let meter = ctx.meter();
        meter.oldest = Some(Box::new(Age::default()));
        meter.slots.limit = Some(room).filter(|&room| room > 0);
    }

    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            ctx.refuse(key);
        } else if ctx.attempt(key).request.operation == Operation::CHECK {
            ctx.answer_check(key, Outcome::Ok);
        } else if self.has_room() {
            self.coming += 1;
            let latency = self.latency(key, ctx);
            ctx.pause_for_io(key, latency);
        } else {
            let me = ctx.me();
            ctx.answer(key, Outcome::Rejected(me));
        }
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        self.coming -= 1;
        self.keep(key, ctx);
        ctx.answer(key, Outcome::Ok);
        self.go_on(ctx);
    }

    fn on_answer(&mut self, answered: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        self.end_delivery(answered.tag, Some(outcome), ctx);
        self.go_on(ctx);
    }

    fn on_timeout(&mut self, abandoned: &Reply, ctx: &mut Ctx) {
        self.end_delivery(abandoned.tag, None, ctx);
    }

    fn on_alarm(&mut self, tag: u32, ctx: &mut Ctx) {
        match tag {
            VISIBLE => self.make_visible(ctx),
            RESTED => self.end_rests(ctx.now()),
            EXPIRED => self.will_expire = false,
            _ => self.look_at_consumers(ctx),
        }
        self.go_on(ctx);
    }

    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        match command {
            Command::Hang
            | Command::GoOn
            | Command::Restore
            | Command::ReturnTo(_)
            | Command::Promote
            | Command::Join => {}
            Command::Slow(speed) => self.speed = speed,
            Command::Crash { .. } => {
                self.go_down(ctx);
                ctx.fail_all();
            }
            Command::Silence | Command::Leave => {
                self.go_down(ctx);
                ctx.lose_all();
            }
        }
        self.go_on(ctx);
    }
}
