//! Requests that were passed on in their slot: what is known of them at each balancer on their way,
//! until the answer comes back there.

use crate::column::Moment;
use crate::engine::Stream;
use crate::message::{Attempt, AttemptKey, Event, LinkId, NodeId, Outcome, Phase, Visit};
use crate::network::Transit;
use crate::units::Time;

use super::{Ctx, Shared};

/// A balancer that a request has passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop {
    /// The balancer.
    pub(super) balancer: NodeId,
    /// Which of its backends the request went to.
    pub(super) backend: u32,
    /// When it came and went on.
    pub(super) passed: Time,
    /// The link over which it came.
    link: LinkId,
    /// All that was random about it, of which a repetition that is not over makes another.
    stream: Stream,
    /// What its `tag` was.
    tag: u32,
    /// Whether it had passed another balancer before.
    forwarded: bool,
}

/// All balancers that requests in flight have passed. Grows to the most ever at once.
#[derive(Debug, Default)]
pub(super) struct Hops {
    hops: Vec<Hop>,
    free: Vec<u32>,
}

impl Hops {
    /// A request passes `balancer` on its way to `callee`, over `link`.
    #[inline(always)]
    pub(super) fn pass(
        &mut self,
        attempt: &mut Attempt,
        balancer: NodeId,
        (callee, link, backend): (NodeId, LinkId, u32),
    ) {
        let passed = attempt.visit.arrived;
        let Attempt { stream, tag, forwarded, .. } = *attempt;
        let hop = Hop { balancer, backend, passed, link: attempt.link, stream, tag, forwarded };
        attempt.tag = match self.free.pop() {
            Some(index) => {
                self.hops[index as usize] = hop;
                index
            }
            None => self.push(hop),
        };
        (attempt.callee, attempt.link, attempt.forwarded) = (callee, link, true);
        attempt.visit = Visit::NEW;
    }

    #[cold]
    #[inline(never)]
    fn push(&mut self, hop: Hop) -> u32 {
        self.hops.push(hop);
        self.hops.len() as u32 - 1
    }

    /// The answer to a request comes back to the last balancer that it has passed.
    #[inline]
    pub(super) fn come_back(&mut self, attempt: &mut Attempt, now: Time) -> Hop {
        let hop = self.hops[attempt.tag as usize];
        self.free.push(attempt.tag);
        (attempt.callee, attempt.link, attempt.stream) = (hop.balancer, hop.link, hop.stream);
        (attempt.tag, attempt.forwarded, attempt.tries) = (hop.tag, hop.forwarded, 0);
        let away = now - hop.passed;
        attempt.visit = Visit { arrived: hop.passed, since: now, away, ..Visit::NEW };
        hop
    }

    /// What the caller of a request wants to find again, whatever the request has passed.
    #[inline]
    pub(super) fn tag(&self, attempt: &Attempt) -> u32 {
        if attempt.forwarded {
            return self.of(attempt).last().map_or(0, |hop| hop.tag);
        }
        attempt.tag
    }

    /// The balancers that a request has passed, the last one first.
    pub(super) fn of(&self, attempt: &Attempt) -> impl Iterator<Item = &Hop> {
        let first = attempt.forwarded.then(|| &self.hops[attempt.tag as usize]);
        let before = |hop: &&Hop| hop.forwarded.then(|| &self.hops[hop.tag as usize]);
        std::iter::successors(first, before)
    }
}

/// Where an answer is that a balancer has sent back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SentBack {
    /// With who asked.
    There,
    /// On the link, or nobody waits for it.
    OnItsWay,
}

impl Ctx<'_> {
    /// Passes a request that has just come on to a backend, in its slot.
    #[inline(always)]
    pub(crate) fn pass_on(&mut self, key: AttemptKey, callee: NodeId, link: LinkId, backend: u32) {
        let Shared { attempts, hops, .. } = &mut *self.shared;
        let attempt = &mut attempts[key];
        hops.pass(attempt, self.me, (callee, link, backend));
        attempt.phase = Phase::Outward;
        let stream = attempt.stream;
        self.shared.tell(Moment::Forwarded, key, self.agenda.now());
        match &self.shared.links.get(link).there {
            Transit::Now => self.shared.passed = key,
            there => there.send(self.agenda, stream, key, Event::Arrive),
        }
    }

    /// Sends the answer to a request that this component passed on in its slot back to who asked.
    #[inline(always)]
    pub(super) fn send_back(&mut self, key: AttemptKey) -> SentBack {
        let now = self.agenda.now();
        let wanted = self.shared.abandoned == 0 || self.is_wanted(key);
        let attempt = &self.shared.attempts[key];
        let Attempt { abandoned, forwarded, stream, link, .. } = *attempt;
        let outcome = Outcome::from(attempt.ending);
        self.shared.recorder.leave(now, self.me, &attempt.visit, outcome, wanted);
        self.shared.tell(Moment::Answered, key, now);
        if abandoned && !forwarded {
            self.shared.abandoned -= 1;
            self.shared.attempts.remove(key);
            return SentBack::OnItsWay;
        }
        match &self.shared.links.get(link).back {
            Transit::Now => return SentBack::There,
            back => back.send(self.agenda, stream, key, Event::Answer),
        }
        SentBack::OnItsWay
    }
}
