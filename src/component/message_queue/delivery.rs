//! How messages are delivered, and what becomes of a delivery: its message is done, is delivered
//! again, or is dead.

use crate::engine::{Key, Lane, Stream};
use crate::message::{AttemptKey, Event, LinkId, NodeId, Operation, Outcome, Question, Request};
use crate::runtime::{Condition, Ctx};

use super::backlog::{Message, MessageKey, State};
use super::meter::Count;
use super::{DoneBy, MessageQueue, OnFailure, VISIBLE};

/// The queue to which dead messages go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grave {
    pub(super) node: NodeId,
    pub(super) link: LinkId,
    /// What it is asked for.
    pub(super) operation: Operation,
}

/// A message on its way: to a consumer, at work there, or to the dead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    message: MessageKey,
    /// Which delivery of the message this is.
    receipt: u32,
    /// The instance that has it; `None` of a dead message.
    consumer: Option<u32>,
    attempt: AttemptKey,
}

pub(super) type DeliveryKey = Key<Delivery>;

/// Whom a message is sent to, over which link, and for what.
type Address = (NodeId, LinkId, Operation);

impl MessageQueue {
    /// Delivers what waits to those who have room for it. Messages that have been delivered as
    /// often as they may be are dead instead.
    pub(super) fn deliver(&mut self, ctx: &mut Ctx) {
        while let Some(&next) = self.backlog.next().and_then(|key| self.backlog.get(key)) {
            if self.is_exhausted(&next) {
                self.bury(ctx);
                continue;
            }
            let Some((index, consumer)) = self.polls.take(ctx) else { return };
            let Some((key, message)) = self.backlog.deliver() else { return };
            self.count_delivery(&message, ctx);
            let to = (consumer.node, consumer.link, consumer.operation);
            let stream = message.stream.at(message.receives.into());
            let delivery = self.send(to, (key, &message), stream, Some(index), ctx);
            self.invisible.push_back((key, message.receives, delivery));
            let (me, lane) = (ctx.me(), self.lane());
            ctx.agenda.schedule_in(lane, Event::Alarm(me, VISIBLE));
        }
    }

    fn lane(&self) -> Lane {
        self.visibility.expect("lanes are found at the start")
    }

    fn count_delivery(&self, message: &Message, ctx: &mut Ctx) {
        let now = ctx.now();
        ctx.meter().slots.rise(now);
        let counters = self.counters(ctx);
        counters.add(Count::Deliveries, 1_u64);
        counters.add(Count::Redelivered, message.receives == 2);
        if message.receives == 1 {
            counters.add(Count::Taken, 1_u64);
            counters.add(Count::Wait, (now - message.put).nanos());
        }
    }

    /// Sends a message on its way. Who sends one to the dead does not wait for ever.
    fn send(
        &mut self,
        (callee, link, operation): Address,
        (key, message): (MessageKey, &Message),
        stream: Stream,
        consumer: Option<u32>,
        ctx: &mut Ctx,
    ) -> DeliveryKey {
        let (request_type, parent) = (Request::NO_TYPE, AttemptKey::NONE);
        let request = Request { parent, user: message.user, request_type, operation };
        let receipt = message.receives;
        let delivery = self.deliveries.insert_with(|| Delivery {
            message: key,
            receipt,
            consumer,
            attempt: AttemptKey::NONE,
        });
        let attempt = ctx.ask(Question {
            request,
            callee,
            link,
            sizes: message.sizes,
            tag: delivery.index(),
            stream,
            timeout_lane: consumer.is_none().then(|| self.lane()),
        });
        ctx.objects().put(attempt, message.object);
        self.deliveries[delivery].attempt = attempt;
        delivery
    }

    /// The next message is dead.
    fn bury(&mut self, ctx: &mut Ctx) {
        let Some((key, message)) = self.backlog.deliver() else { return };
        let age = ctx.now() - message.put;
        self.remove(key);
        self.count(ctx, Count::Dead, 1_u64);
        self.count(ctx, Count::DeadAge, age.nanos());
        if let Some(Grave { node, link, operation }) = self.grave {
            let stream = message.stream.at(message.receives.into());
            self.send((node, link, operation), (key, &message), stream, None, ctx);
        }
    }

    /// An answer has come, or none in time (`None`). Nobody hears it while the queue is down.
    pub(super) fn end_delivery(&mut self, tag: u32, outcome: Option<Outcome>, ctx: &mut Ctx) {
        let Some(delivery) = self.deliveries.occupant(tag) else { return };
        let Delivery { message: key, receipt, .. } = self.deliveries[delivery];
        let done = outcome.is_some_and(Outcome::is_answer);
        if !self.let_go(delivery, ctx) {
            self.count(ctx, Count::Undeliverable, !done);
            return;
        }
        if ctx.condition() != Condition::Up {
            return;
        }
        let message = self.backlog.get(key).copied();
        let latest = message.is_some_and(|message| message.receives == receipt);
        match message {
            Some(message) if !done || message.poison => {
                self.count(ctx, Count::Failures, 1_u64);
                let returned = self.settings.on_failure == OnFailure::Return;
                if returned && latest && message.state == State::InFlight {
                    self.come_back(key, ctx);
                }
            }
            Some(message) if latest || self.settings.done_by == DoneBy::Any => {
                self.complete(key, &message, ctx);
            }
            None if !done => self.count(ctx, Count::Failures, 1_u64),
            _ => self.count(ctx, Count::Duplicates, 1_u64),
        }
    }

    /// A message is done.
    fn complete(&mut self, key: MessageKey, message: &Message, ctx: &mut Ctx) {
        let (now, me) = (ctx.now(), ctx.me());
        self.remove(key);
        self.count(ctx, Count::Done, 1_u64);
        ctx.recorder().visits_at(me).completion.record((now - message.put).nanos());
    }

    /// Nothing more comes of a delivery: its consumer has room for one more. Returns whether it had
    /// a consumer.
    fn let_go(&mut self, delivery: DeliveryKey, ctx: &mut Ctx) -> bool {
        let consumer = self.deliveries[delivery].consumer;
        self.deliveries.remove(delivery);
        if let Some(index) = consumer {
            let now = ctx.now();
            ctx.meter().slots.fall(now);
            self.polls.ask_again(index, ctx);
        }
        consumer.is_some()
    }

    /// The first message that was delivered and is invisible is visible again, if it is not done.
    pub(super) fn make_visible(&mut self, ctx: &mut Ctx) {
        let Some((key, receipt, delivery)) = self.invisible.pop_front() else { return };
        self.let_go_if_lost(delivery, ctx);
        let message = self.backlog.get(key);
        let in_flight = |of: &Message| of.state == State::InFlight && of.receives == receipt;
        if message.is_some_and(in_flight) {
            self.come_back(key, ctx);
        }
    }

    /// A delivery whose answer cannot come any more has been in vain.
    fn let_go_if_lost(&mut self, delivery: DeliveryKey, ctx: &mut Ctx) {
        let attempt = self.deliveries.get(delivery).map(|delivery| delivery.attempt);
        if attempt.is_some_and(|attempt| ctx.give_up_lost(attempt)) {
            self.let_go(delivery, ctx);
            self.count(ctx, Count::Failures, 1_u64);
        }
    }

    /// Some consumers may be up again, and begin with nothing to do if they had died.
    pub(super) fn look_at_consumers(&mut self, ctx: &mut Ctx) {
        let instances = self.polls.instances();
        let is_up = |key: &DeliveryKey| {
            let consumer = self.deliveries.get(*key).and_then(|delivery| delivery.consumer);
            consumer.is_some_and(|index| ctx.is_up(instances[index as usize].node))
        };
        let with_those: Vec<DeliveryKey> = self.deliveries.keys().filter(is_up).collect();
        with_those.into_iter().for_each(|delivery| self.let_go_if_lost(delivery, ctx));
        self.polls.look(ctx);
    }
}
