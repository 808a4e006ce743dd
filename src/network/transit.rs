//! How a message takes the time of a link that is only a delay.

use crate::distribution::Delay;
use crate::engine::{Agenda, Lane, Stream};
use crate::message::{AttemptKey, Event};
use crate::units::Span;

/// A delay on its way to happen: constant ones take a lane of the agenda.
#[derive(Clone, Debug)]
pub(crate) enum Transit {
    Now,
    Constant(Lane),
    Random(Delay, u64),
    /// More than a delay: the message is put on a channel.
    Channel,
}

impl Transit {
    /// `salt` tells this delay's randomness from others of the same request.
    pub(crate) fn new(delay: &Delay, salt: u64, agenda: &mut Agenda<Event>) -> Transit {
        match delay.0.constant() {
            Some(0.0) => Transit::Now,
            Some(_) => Transit::Constant(agenda.lane(delay.draw(Stream::root(0, 0)))),
            None => Transit::Random(delay.clone(), salt),
        }
    }

    /// How long it takes.
    pub(super) fn time(&self, agenda: &Agenda<Event>, stream: Stream) -> Span {
        match self {
            Transit::Now => Span::ZERO,
            Transit::Constant(lane) => agenda.delay(*lane),
            Transit::Random(delay, salt) => delay.draw(stream.beside(*salt)),
            Transit::Channel => unreachable!("a channel is asked itself"),
        }
    }

    #[inline(always)]
    pub(crate) fn send(
        &self,
        agenda: &mut Agenda<Event>,
        stream: Stream,
        key: AttemptKey,
        event: impl Fn(AttemptKey) -> Event,
    ) {
        match self {
            Transit::Now => agenda.schedule_now(event(key)),
            _ => self.send_rarer(agenda, stream, key, event),
        }
    }

    /// Out of line, or all of it would stand wherever something is sent, behind a jump by a table.
    #[inline(never)]
    fn send_rarer(
        &self,
        agenda: &mut Agenda<Event>,
        stream: Stream,
        key: AttemptKey,
        event: impl Fn(AttemptKey) -> Event,
    ) {
        match self {
            Transit::Now => unreachable!("sent in line"),
            Transit::Constant(lane) => agenda.schedule_in(*lane, event(key)),
            Transit::Random(delay, salt) => {
                agenda.schedule(delay.draw(stream.beside(*salt)), event(key));
            }
            Transit::Channel => agenda.schedule_now(Event::Transmit(key)),
        }
    }
}
