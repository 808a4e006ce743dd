//! A station that is one of several copies that answer reads together: it asks the others what they
//! have, waits for enough of them, and takes the newest.

use crate::message::{AttemptKey, Outcome};
use crate::replication::{Asks, Next};
use crate::runtime::Ctx;
use crate::tracing::Part;
use crate::units::Span;

use super::Station;
use super::program::Instruction;
use super::replication::{Membership, refuse_unless};
use super::worker::Progress;

/// Asks other copies what they have of the request's object.
#[derive(Debug)]
pub(crate) struct AskCopies;

impl Instruction for AskCopies {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy: me, .. } = station.membership();
        let attempt = *ctx.attempt(key);
        let (number, asked) = ctx.replication().begin_read(group, me, key, &attempt);
        let others = ctx.replication().group(group).told_by(me);
        for copy in others.filter(|copy| asked & 1 << copy != 0) {
            station.ask_copy(Asks { number, copy }, key, ctx);
        }
        None
    }
}

/// Adds what this copy has itself to what others answer, if it has done its own work by now, and
/// waits until enough of them have.
#[derive(Debug)]
pub(crate) struct AwaitCopies {
    /// It answers by itself.
    pub(crate) answers: bool,
}

impl Instruction for AwaitCopies {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        let number = ctx.replication().read_of(key);
        if self.answers {
            let asks = Asks { number, copy };
            ctx.replication().find(group, asks);
            station.hear(asks, true, ctx);
        }
        if !ctx.replication().group(group).waits_for_copies(number) {
            return None;
        }
        ctx.tracing().waits(key, Part::Io);
        Some(station.while_waiting())
    }
}

/// Takes the newest of what copies have answered.
#[derive(Debug)]
pub(crate) struct TakeNewest;

impl Instruction for TakeNewest {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, copy, .. } = station.membership();
        let number = ctx.replication().read_of(key);
        let enough = ctx.replication().sees((group, copy), key, number);
        station.bring_up_to_date(number, ctx);
        refuse_unless(enough, key, ctx)
    }
}

/// A copy has looked up what another has asked for, and tells it.
#[derive(Debug)]
pub(crate) struct TellFound;

impl Instruction for TellFound {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let &Membership { group, .. } = station.membership();
        let message = std::mem::replace(&mut ctx.attempt(key).request.parent, AttemptKey::NONE);
        let tag = ctx.attempt(message).tag;
        let asks = ctx.replication().group(group).asks(tag);
        ctx.replication().find(group, asks);
        ctx.answer_check(message, Outcome::Ok);
        None
    }
}

impl Station {
    /// Asks a copy what it has of the object of a read.
    fn ask_copy(&mut self, asks: Asks, key: AttemptKey, ctx: &mut Ctx) {
        let stream = ctx.attempt(key).stream;
        self.send(asks.tag(), asks.copy, (stream, Some(key)), ctx);
    }

    /// Another copy asks what this one has of an object.
    pub(super) fn look_up(&mut self, message: AttemptKey, ctx: &mut Ctx) {
        self.start_part(message, self.membership().parts.look_up, ctx);
    }

    /// A copy has answered a read, or failed to.
    pub(super) fn on_read_answer(&mut self, tag: u32, answered: bool, ctx: &mut Ctx) {
        let group = self.membership().group;
        let asks = ctx.replication().group(group).asks(tag);
        self.hear(asks, answered, ctx);
        self.bring_up_to_date(asks.number, ctx);
    }

    fn hear(&mut self, asks: Asks, answered: bool, ctx: &mut Ctx) {
        let &Membership { group, copy: me, .. } = self.membership();
        match ctx.replication().hears((group, me), asks, answered) {
            Next::Wait | Next::Over { waiting: None, .. } => {}
            Next::Over { waiting: Some(key), .. } => ctx.pause(key, Span::ZERO),
            Next::Ask(copy, key) => self.ask_copy(Asks { copy, ..asks }, key, ctx),
        }
    }

    /// Sends copies that have answered a read with something older what they lack, if that is to be
    /// done. What the read has come to is forgotten, if all have answered.
    fn bring_up_to_date(&mut self, number: u64, ctx: &mut Ctx) {
        let &Membership { group, copy: me, .. } = self.membership();
        while let Some(told) = ctx.replication().repair((group, me), number) {
            self.tell_by_itself(told, ctx);
        }
        ctx.replication().group(group).forget_reads();
    }
}
