//! A load balancer: passes each request on to one of its backends. It knows what it has sent and
//! what has come back, and nothing else.

mod policy;

pub use policy::{Policy, TieBreak};

use crate::document::{Name, record};

use super::link::LinkId;
use super::node::{Ctx, Node, NodeId, Question, Reply, Request, RequestKey};
use policy::Chooser;

record! {
    /// Passes each request on to one of several backends.
    pub struct LoadBalancerSpec {
        /// How it chooses.
        pub policy: Policy = "least_connections",
        /// Which of several equally good backends it takes.
        pub tie_break: TieBreak = "random",
        /// The components that it passes requests on to; of a replicated one, every replica.
        pub backends: Vec<Name>,
    }
}

/// Tells the choice of a backend from a request's other draws.
const CHOICE: u64 = 0x6368_6F69;

/// A running load balancer.
pub(super) struct LoadBalancer {
    chooser: Chooser,
    backends: Vec<(NodeId, LinkId)>,
    outstanding: Vec<u32>,
    salt: u64,
}

impl LoadBalancer {
    /// `salt` tells this balancer's choices from another's for the same request.
    pub(super) fn new(
        spec: &LoadBalancerSpec,
        backends: Vec<(NodeId, LinkId)>,
        salt: u64,
    ) -> LoadBalancer {
        LoadBalancer {
            chooser: Chooser::new(spec.policy, spec.tie_break),
            outstanding: vec![0; backends.len()],
            backends,
            salt: salt ^ CHOICE,
        }
    }
}

impl Node for LoadBalancer {
    fn on_request(&mut self, key: RequestKey, ctx: &mut Ctx) {
        let now = ctx.now();
        let request = ctx.request(key);
        request.visit.since = now;
        let Request { stream, kind, operation, sizes, .. } = *request;
        let chosen = self.chooser.choose(&self.outstanding, || stream.at(self.salt).draws());
        self.outstanding[chosen] += 1;
        let (callee, link) = self.backends[chosen];
        ctx.ask(Question {
            callee,
            link,
            // The same messages go on.
            sizes,
            parent: key,
            kind,
            operation,
            tag: chosen as u32,
            // The backend draws as if the client had asked it directly.
            stream,
            patience: None,
        });
    }

    fn on_answer(&mut self, answered: &Reply, ctx: &mut Ctx) {
        self.outstanding[answered.tag as usize] -= 1;
        let now = ctx.now();
        let visit = &mut ctx.request(answered.parent).visit;
        visit.away += now - visit.since;
        ctx.answer(answered.parent, answered.outcome);
    }
}
