//! A load balancer: passes each request on to one of its backends. It knows what it has sent, what
//! has come back and what backends have reported, and nothing else.

mod front;
mod hash;
mod least;
mod policy;
mod response_time;
mod sample;
mod spec;
mod turns;

pub use policy::{ConsistentHashSpec, Policy, Reports, TieBreak};
pub use spec::{BackendSpec, LoadBalancerSpec};

use crate::engine::Stream;

use super::link::LinkId;
use super::node::{Ctx, Node, NodeId, Outcome, Question, Reply, Request, RequestKey};
use super::station::Setting;
use front::Front;
use policy::{Asked, Chooser, LeastReportedLoadSpec};

/// Tells the choice of a backend from a request's other draws.
const CHOICE: u64 = 0x6368_6F69;

/// The alarm by which the next report arrives; the others let one backend report each.
const ARRIVAL: u32 = u32::MAX;

/// A component instance that requests are passed on to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backend {
    pub(super) node: NodeId,
    pub(super) link: LinkId,
    pub(super) weight: u32,
    /// What is random about where it stands, on a ring or in an interval.
    pub(super) places: Stream,
}

/// A running load balancer.
pub(super) struct LoadBalancer {
    chooser: Chooser,
    backends: Vec<Backend>,
    reports: Option<LeastReportedLoadSpec>,
    front: Option<Front>,
    salt: u64,
}

impl LoadBalancer {
    /// `salt` tells this balancer's draws from another's for the same request; `users` is what
    /// users are hashed with.
    pub(super) fn new(
        spec: &LoadBalancerSpec,
        backends: Vec<Backend>,
        salt: u64,
        users: Stream,
        setting: Setting,
    ) -> LoadBalancer {
        let reports = match &spec.policy {
            Policy::LeastReportedLoad(reports) => Some(reports.clone()),
            _ => None,
        };
        LoadBalancer {
            chooser: Chooser::new(&spec.policy, spec.tie_break, &backends, users),
            backends,
            reports,
            front: Front::new(spec, salt, setting),
            salt: salt ^ CHOICE,
        }
    }

    #[inline]
    fn pass_on(&mut self, key: RequestKey, ctx: &mut Ctx) {
        let now = ctx.now();
        let request = ctx.request(key);
        request.visit.since = now;
        let Request { stream, kind, operation, user, sizes, .. } = *request;
        let chosen = self.chooser.choose(&Asked { user, stream, salt: self.salt });
        let Backend { node, link, .. } = self.backends[chosen];
        ctx.ask(Question {
            callee: node,
            link,
            // The same messages go on.
            sizes,
            parent: key,
            kind,
            operation,
            user,
            tag: chosen as u32,
            // The backend draws as if the client had asked it directly.
            stream,
            patience: None,
        });
    }
}

impl Node for LoadBalancer {
    fn on_start(&mut self, ctx: &mut Ctx) {
        if let Some(front) = &self.front {
            front.start(ctx);
        }
        let Some(reports) = &self.reports else { return };
        for (index, backend) in self.backends.iter().enumerate() {
            let phase = match reports.reports {
                Reports::Staggered => backend.places.named("report").draws().unit(),
                Reports::Together => 1.0,
            };
            ctx.alarm(reports.interval.value.times(phase), index as u32);
        }
    }

    fn on_request(&mut self, key: RequestKey, ctx: &mut Ctx) {
        if self.front.as_mut().is_none_or(|front| front.arrive(key, ctx)) {
            self.pass_on(key, ctx);
        }
    }

    fn on_impatience(&mut self, key: RequestKey, ctx: &mut Ctx) {
        if let Some(front) = &mut self.front {
            front.lose_patience(key, ctx);
        }
    }

    fn on_resume(&mut self, key: RequestKey, ctx: &mut Ctx) {
        if let Some(front) = &mut self.front {
            front.end_turn(key, ctx);
        }
        self.pass_on(key, ctx);
    }

    fn on_answer(&mut self, answered: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        let now = ctx.now();
        self.chooser.answered(answered.tag as usize, answered.sent, now);
        let visit = &mut ctx.request(answered.parent).visit;
        visit.away += now - visit.since;
        ctx.answer(answered.parent, outcome);
        if let Some(front) = &mut self.front
            && let Some(next) = front.leave(ctx)
        {
            self.pass_on(next, ctx);
        }
    }

    /// A backend reports its load, or the balancer learns of a report.
    fn on_alarm(&mut self, tag: u32, ctx: &mut Ctx) {
        let (Chooser::LeastReported(least), Some(reports)) = (&mut self.chooser, &self.reports)
        else {
            unreachable!("only reports come by alarm");
        };
        if tag == ARRIVAL {
            least.receive();
            return;
        }
        least.send(tag, ctx.present_at(self.backends[tag as usize].node));
        ctx.alarm(reports.delay, ARRIVAL);
        ctx.alarm(reports.interval.value, tag);
    }
}
