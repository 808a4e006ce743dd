//! Closed load: users who send a request, wait for what becomes of it, think, and send the next;
//! each perhaps on a journey, in visits with pauses between them.

use crate::distribution::Delay;
use crate::distribution::Size;
use crate::document::{Entries, record};
use crate::engine::Stream;
use crate::runtime::Ctx;
use crate::units::Span;

use super::journey::{Journey, PageSpec};
use super::{Sender, TYPE, UsersSpec};

/// How long a user's cycle takes who neither waits nor thinks.
const LEAST_CYCLE: Span = Span::from_millis(1);

record! {
    /// Users who come and go: some requests, a pause, and so on.
    pub struct VisitsSpec {
        /// How many requests a visit has. With a `journey` a visit ends where the journey does,
        /// or after so many if that is sooner.
        pub length: Option<Size>,
        /// From the end of a visit to the first request of the next.
        pub pause: Delay,
    }
}

/// A fixed number of users.
pub(super) struct Closed {
    think: Delay,
    pause: Delay,
    length: Option<Size>,
    journey: Option<Journey>,
    /// Over how long the users come.
    ramp: Span,
    thoughts: Stream,
    lengths: Stream,
    requests: Stream,
    users: Vec<User>,
}

#[derive(Clone, Copy, Default)]
struct User {
    /// Requests sent so far.
    sent: u32,
    /// Requests of the present visit that are to be sent.
    left: u32,
    /// The page that is next, or that was asked for.
    page: u16,
}

impl Closed {
    pub(super) fn new(
        users: &UsersSpec,
        journey: Option<&Entries<PageSpec>>,
        stream: Stream,
    ) -> Closed {
        let count = usize::try_from(users.count.get()).expect("checked to fit in memory");
        let visits = users.visits.as_ref().map(|visits| &visits.value);
        Closed {
            think: users.think.clone(),
            pause: visits.map_or(&users.think, |visits| &visits.pause).clone(),
            length: visits.and_then(|visits| visits.length.clone()),
            journey: journey.map(|pages| Journey::new(pages, &users.think)),
            ramp: users.ramp,
            thoughts: stream.named("think"),
            lengths: stream.named("sessions"),
            requests: stream.named("requests"),
            users: vec![User::default(); count],
        }
    }

    /// Users come evenly over the ramp, and think before their first request.
    pub(super) fn start(&mut self, ctx: &mut Ctx) {
        let count = self.users.len() as f64;
        for user in 0..self.users.len() {
            let comes = self.ramp.times(user as f64 / count);
            let thought = self.think.draw(self.thoughts.at(user as u64).at(0));
            self.begin_visit(user as u32);
            ctx.alarm(comes + thought, user as u32);
        }
    }

    /// A request ended after `took`: its user thinks before the next. One that took no time and
    /// leaves nothing to think about, such as a rejection at once, would be repeated for ever at
    /// one instant.
    #[inline]
    pub(super) fn think_again(&mut self, user: u32, took: Span, ctx: &mut Ctx) {
        let pause = self.go_on(user);
        let instant = took == Span::ZERO && pause == Span::ZERO;
        ctx.alarm(if instant { LEAST_CYCLE } else { pause }, user);
    }

    /// Chooses what a user does next, and returns how long that takes to come.
    #[inline]
    fn go_on(&mut self, user: u32) -> Span {
        let User { sent, left, page } = self.users[user as usize];
        let thought = self.thoughts.at(u64::from(user)).at(u64::from(sent));
        let over = self.length.is_some() && left == 0;
        let Some(journey) = &self.journey else {
            if over {
                self.begin_visit(user);
                return self.pause.draw(thought);
            }
            return self.think.draw(thought);
        };
        let choice = self.requests.at(u64::from(user)).at(u64::from(sent)).at(TYPE);
        match journey.next(page, choice.draws().unit()) {
            Some(next) if !over => {
                let think = journey.think(page).draw(thought);
                self.users[user as usize].page = next;
                think
            }
            _ => {
                self.begin_visit(user);
                self.pause.draw(thought)
            }
        }
    }

    fn begin_visit(&mut self, user: u32) {
        let state = &mut self.users[user as usize];
        state.page = 0;
        if let Some(length) = &self.length {
            state.left = length.draw(self.lengths.at(u64::from(user)).at(u64::from(state.sent)));
        }
    }

    #[inline]
    pub(super) fn send(&mut self, user: u32, sender: &Sender, ctx: &mut Ctx) {
        let state = &mut self.users[user as usize];
        let stream = self.requests.at(u64::from(user)).at(u64::from(state.sent));
        state.sent = state.sent.wrapping_add(1);
        state.left = state.left.saturating_sub(1);
        let request_type = match self.journey {
            None => sender.choose(stream),
            Some(_) => usize::from(state.page),
        };
        sender.send(request_type, stream, stream, user, ctx);
    }
}
