//! Closed load: users who send a request, wait for what becomes of it, think, and send the next.

use crate::engine::Stream;
use crate::model::delay::Delay;
use crate::model::node::Ctx;

use super::{Sender, UsersSpec};

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
            self.think(user as u32, ctx);
        }
    }

    /// A user thinks before the next request.
    #[inline]
    pub(super) fn think(&mut self, user: u32, ctx: &mut Ctx) {
        let sent = self.sent[user as usize];
        let pause = self.think.draw(self.thoughts.at(u64::from(user)).at(u64::from(sent)));
        ctx.alarm(pause, user);
    }

    #[inline]
    pub(super) fn send(&mut self, user: u32, sender: &Sender, ctx: &mut Ctx) {
        let sent = &mut self.sent[user as usize];
        let stream = self.requests.at(u64::from(user)).at(u64::from(*sent));
        *sent = sent.wrapping_add(1);
        sender.send(sender.choose(stream), stream, user, ctx);
    }
}
