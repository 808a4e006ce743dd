//! Closed load: users who send a request, wait for what becomes of it, think, and send the next.

use crate::engine::Stream;
use crate::model::delay::Delay;
use crate::model::node::Ctx;
use crate::units::Span;

use super::{Sender, UsersSpec};

/// How long a user's cycle takes who neither waits nor thinks.
const LEAST_CYCLE: Span = Span::from_millis(1);

/// A fixed number of users.
pub(super) struct Closed {
    think: Delay,
    thoughts: Stream,
    requests: Stream,
    /// How many requests each user has sent.
    sent: Vec<u32>,
}

impl Closed {
    pub(super) fn new(users: &UsersSpec, stream: Stream) -> Closed {
        let count = usize::try_from(users.count.get()).expect("checked to fit in memory");
        Closed {
            think: users.think.clone(),
            thoughts: stream.named("think"),
            requests: stream.named("requests"),
            sent: vec![0; count],
        }
    }

    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        for user in 0..self.sent.len() {
            let pause = self.pause(user as u32);
            ctx.alarm(pause, user as u32);
        }
    }

    /// A request ended after `took`: its user thinks before the next. One that took no time and
    /// leaves nothing to think about, such as a rejection at once, would be repeated for ever at
    /// one instant.
    #[inline]
    pub(super) fn think_again(&mut self, user: u32, took: Span, ctx: &mut Ctx) {
        let pause = self.pause(user);
        let instant = took == Span::ZERO && pause == Span::ZERO;
        ctx.alarm(if instant { LEAST_CYCLE } else { pause }, user);
    }

    #[inline]
    fn pause(&self, user: u32) -> Span {
        let sent = self.sent[user as usize];
        self.think.draw(self.thoughts.at(u64::from(user)).at(u64::from(sent)))
    }

    #[inline]
    pub(super) fn send(&mut self, user: u32, sender: &Sender, ctx: &mut Ctx) {
        let sent = &mut self.sent[user as usize];
        let stream = self.requests.at(u64::from(user)).at(u64::from(*sent));
        *sent = sent.wrapping_add(1);
        sender.send(sender.choose(stream), stream, user, ctx);
    }
}
