//! A load balancer: passes each request on to one of its backends. It knows what it has sent, what
//! has come back and what backends have reported, and nothing else.

mod build;
mod check;
mod front;
mod health;
mod kind;
mod policy;
mod spec;

pub use health::HealthCheckSpec;
pub use policy::{Policy, TieBreak};
pub use spec::{BackendSpec, LoadBalancerSpec, Stickiness};

use crate::engine::Stream;
use crate::message::{
    Attempt, AttemptKey, Command, Operation, Outcome, Question, Reply, Request, SizesId,
};
use crate::runtime::{Condition, Ctx, Node};
use crate::units::Time;
use crate::work::{Setting, reject};
use front::Front;
use health::{CHECK, Health};
use policy::{Backend, Chooser, Incoming, Setup};

/// Tells the choice of a backend from a request's other draws.
const CHOICE: u64 = 0x6368_6F69;

/// A running load balancer.
pub(crate) struct LoadBalancer {
    chooser: Chooser,
    /// The same as it is when nothing has been sent, for when it is back after a crash.
    fresh: Box<Chooser>,
    backends: Vec<Backend>,
    front: Option<Front>,
    /// What it knows of who is up, if it finds out.
    health: Option<Box<Health>>,
    /// The number of its cookies, if it has any.
    cookie: Option<usize>,
    /// It has no more to do with a request than to choose, and passes it on in its slot.
    in_slot: bool,
    salt: u64,
}

/// What a balancer knows and remembers beside what its policy does.
pub(crate) struct Knowledge {
    /// How large health checks are.
    pub(crate) checks: SizesId,
    /// The number of its cookies, if it has any.
    pub(crate) cookie: Option<usize>,
    /// Requests may be passed on in their slots, as far as others are concerned.
    pub(crate) in_slot: bool,
    /// What users are hashed with.
    pub(crate) users: Stream,
}

impl LoadBalancer {
    /// `salt` tells this balancer's draws from another's for the same request.
    pub(crate) fn new(
        spec: &LoadBalancerSpec,
        backends: Vec<Backend>,
        salt: u64,
        knowledge: Knowledge,
        setting: Setting,
    ) -> LoadBalancer {
        let Knowledge { checks, cookie, in_slot, users } = knowledge;
        let health = spec.health_check.as_ref().map(|spec| {
            let stream = setting.stream.named("checks");
            Box::new(Health::new(spec, backends.len(), checks, stream))
        });
        let stated = spec.tie_break.as_ref().map(|tie_break| tie_break.value);
        let tie_break = stated.unwrap_or(spec.policy.usual_tie_break());
        let setup = Setup { backends: &backends, tie_break, users };
        let chooser = Chooser::new(&spec.policy, &setup);
        let front = Front::new(spec, salt, setting);
        let patient = backends.iter().all(|backend| backend.timeout.is_none());
        LoadBalancer {
            in_slot: in_slot && patient && front.is_none() && health.is_none() && cookie.is_none(),
            fresh: Box::new(chooser.clone()),
            chooser,
            backends,
            front,
            health,
            cookie,
            salt: salt ^ CHOICE,
        }
    }

    #[inline(always)]
    fn pass_on(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let now = ctx.now();
        let attempt = ctx.attempt(key);
        attempt.visit.since = now;
        let Attempt { request, stream, sizes, .. } = *attempt;
        let incoming = Incoming { user: request.user, stream, salt: self.salt };
        let chosen = if self.health.is_none() && self.cookie.is_none() {
            self.chooser.choose(&incoming)
        } else if let Some((chosen, known)) = self.choose_listed(&incoming, ctx) {
            // A user that comes with a cookie keeps it.
            ctx.attempt(key).visit.step = u32::from(known);
            chosen
        } else {
            return self.turn_all_away(key, ctx);
        };
        let Backend { node, link, timeout_lane, .. } = self.backends[chosen];
        ctx.ask(Question {
            request: Request { parent: key, ..request },
            callee: node,
            link,
            // The same messages go on.
            sizes,
            tag: chosen as u32,
            // The backend draws as if the client had asked it directly.
            stream,
            timeout_lane,
        });
    }

    /// Passes a request on of which nothing more is to be known.
    #[inline(always)]
    fn pass_on_in_slot(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let Attempt { request, stream, .. } = *ctx.attempt(key);
        let chosen = self.chooser.choose(&Incoming { user: request.user, stream, salt: self.salt });
        let Backend { node, link, .. } = self.backends[chosen];
        ctx.pass_on(key, node, link, chosen as u32);
    }

    /// The same for who has waited here.
    #[inline(never)]
    fn pass_on_waiting(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        self.pass_on(key, ctx);
    }

    /// The backend in the user's cookie, or else one by the policy, and whether it was in the
    /// cookie; none if none is on the list.
    #[inline(never)]
    fn choose_listed(&mut self, incoming: &Incoming, ctx: &mut Ctx) -> Option<(usize, bool)> {
        let health = self.health.as_ref();
        let lists = |backend: &usize| health.is_none_or(|health| health.lists(*backend));
        let route = |cookie| ctx.sessions().route(cookie, incoming.user);
        let known = self.cookie.and_then(route).filter(lists);
        if let Some(backend) = known {
            self.chooser.sent(backend);
            return Some((backend, true));
        }
        let any = health.is_none_or(|health| health.listed() > 0);
        any.then(|| (self.chooser.choose(incoming), false))
    }

    /// No backend is on the list: rejects a request, and those that have its connection next.
    #[cold]
    fn turn_all_away(&mut self, mut key: AttemptKey, ctx: &mut Ctx) {
        loop {
            reject(key, ctx);
            let Some(next) = self.front.as_mut().and_then(|front| front.leave(ctx)) else { return };
            key = next;
        }
    }

    /// A request that was passed on has come back, or is waited for no longer.
    #[inline(always)]
    fn come_back(&mut self, answered: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        let now = ctx.now();
        self.chooser.answered(answered.tag as usize, answered.sent, now);
        let attempt = ctx.attempt(answered.parent);
        let (user, known) = (attempt.request.user, attempt.visit.step == 1);
        attempt.visit.away += now - attempt.visit.since;
        if let Some(cookie) = self.cookie.filter(|_| outcome == Outcome::Ok && !known) {
            ctx.sessions().set_route(cookie, user, answered.tag as usize);
        }
        ctx.answer_in_line(answered.parent, outcome);
        if let Some(front) = &mut self.front
            && let Some(next) = front.leave(ctx)
        {
            self.pass_on_waiting(next, ctx);
        }
    }

    /// Learns how a check of a backend came out.
    fn learn(&mut self, backend: u32, good: bool) {
        let backend = backend as usize;
        let changed = self.health.as_mut().and_then(|health| health.learn(backend, good));
        if let Some(listed) = changed {
            self.chooser.list(backend, listed);
        }
    }
}

impl Node for LoadBalancer {
    fn on_start(&mut self, ctx: &mut Ctx) {
        if let Some(front) = &self.front {
            front.start(ctx);
        }
        if let Some(health) = &mut self.health {
            health.start(ctx);
        }
        for backend in &mut self.backends {
            backend.timeout_lane = backend.timeout.map(|timeout| ctx.lane(timeout));
        }
        self.chooser.start(&self.backends, ctx);
    }

    /// It forgets all when it goes, and is closed until it is back.
    fn on_control(&mut self, command: Command, ctx: &mut Ctx) {
        match command {
            Command::Crash { .. } | Command::Silence | Command::Leave => {
                let now = ctx.now();
                self.chooser = (*self.fresh).clone();
                self.health.iter_mut().for_each(|health| health.forget());
                self.front.iter_mut().for_each(|front| front.close(ctx));
                ctx.meter().lose_work(now);
                if command == Command::Silence { ctx.lose_all() } else { ctx.fail_all() }
            }
            Command::Restore => {
                let now = ctx.now();
                ctx.meter().provide(now);
                self.front.iter_mut().for_each(Front::open);
            }
            Command::Hang | Command::GoOn => {}
            Command::Slow(_) | Command::Join | Command::ReturnTo(_) | Command::Promote => {
                unreachable!("a scenario is checked for balancers that slow down, join or return")
            }
        }
    }

    fn on_request(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if ctx.condition() != Condition::Up {
            return ctx.refuse(key);
        }
        if ctx.attempt(key).request.operation == Operation::CHECK {
            let up = self.health.as_ref().is_none_or(|health| health.listed() > 0);
            let me = ctx.me();
            ctx.answer_check(key, if up { Outcome::Ok } else { Outcome::Failed(me) });
            return;
        }
        if self.in_slot {
            return self.pass_on_in_slot(key, ctx);
        }
        if self.front.as_mut().is_none_or(|front| front.arrive(key, ctx)) {
            self.pass_on(key, ctx);
        }
    }

    fn on_impatience(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if let Some(front) = &mut self.front {
            front.lose_patience(key, ctx);
        }
    }

    fn on_resume(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        if let Some(front) = &mut self.front {
            front.end_turn(key, ctx);
        }
        self.pass_on_waiting(key, ctx);
    }

    fn on_return(&mut self, backend: u32, passed: Time, ctx: &mut Ctx) {
        self.chooser.answered(backend as usize, passed, ctx.now());
    }

    fn on_answer(&mut self, answered: &Reply, outcome: Outcome, ctx: &mut Ctx) {
        if answered.parent.is_none() {
            self.learn(answered.tag, outcome == Outcome::Ok);
            return;
        }
        self.come_back(answered, outcome, ctx);
    }

    /// A check is given up, or a request that was passed on, which fails here.
    fn on_timeout(&mut self, abandoned: &Reply, ctx: &mut Ctx) {
        if abandoned.parent.is_none() {
            self.learn(abandoned.tag, false);
        } else {
            let me = ctx.me();
            self.come_back(abandoned, Outcome::Failed(me), ctx);
        }
    }

    /// A backend is to be checked, or the policy wanted to know.
    fn on_alarm(&mut self, tag: u32, ctx: &mut Ctx) {
        match &mut self.health {
            Some(health) if tag & CHECK != 0 => {
                let index = tag & !CHECK;
                health.check(index, &self.backends[index as usize], ctx);
            }
            _ => self.chooser.on_alarm(tag, &self.backends, ctx),
        }
    }
}
