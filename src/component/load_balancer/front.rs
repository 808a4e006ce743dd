//! What a request costs the balancer itself: a connection from arrival to answer, and processor
//! time before it is passed on.

use crate::distribution::Delay;
use crate::engine::Stream;
use crate::message::AttemptKey;
use crate::network::Transit;
use crate::queue::{Admission, Pool};
use crate::runtime::Ctx;
use crate::units::Span;
use crate::work::{Cpu, Host, Scheduling, Setting, end_wait, line_up, reject, turn_away};

use super::LoadBalancerSpec;

/// The capacity of one balancer.
pub(super) struct Front {
    pool: Pool,
    connections: Option<u64>,
    /// How long requests wait for a connection, if not for ever.
    queue_timeout: Option<Transit>,
    cpu: Cpu,
    /// Zero where requests cost no processor time.
    cores: u64,
    cost: Delay,
    /// How fast a core is.
    speed: f64,
    /// Tells the cost from a request's other draws.
    salt: u64,
}

impl Front {
    /// Nothing, where nothing can run out.
    pub(super) fn new(spec: &LoadBalancerSpec, salt: u64, setting: Setting) -> Option<Front> {
        let Setting { classes, stream, queue_timeout, may_be_slow: _, host } = setting;
        let host = host.filter(|host| host.cores().is_some());
        let most = host.as_ref().and_then(Host::cores).unwrap_or(u64::MAX);
        let cores = spec.cores().min(most);
        let scheduling = Scheduling::RunToCompletion;
        spec.has_capacity().then(|| Front {
            pool: Pool::new(spec.connections.get(), &spec.queue, &classes, stream),
            connections: spec.connections.get(),
            queue_timeout,
            cpu: match host.as_ref().filter(|_| spec.has_cost()) {
                Some(host) => Cpu::of_machine(host, scheduling, cores, None),
                None => Cpu::new(scheduling, cores, &classes),
            },
            cores: if spec.has_cost() { cores } else { 0 },
            cost: spec.cost.clone(),
            speed: host.as_ref().map_or(1.0, Host::speed),
            salt: Stream::root(salt, 0).named("cost").salt(),
        })
    }

    pub(super) fn start(&self, ctx: &mut Ctx) {
        let meter = ctx.meter();
        self.cpu.tell(self.cores, meter);
        meter.slots.limit = self.connections;
    }

    /// All who have a connection or wait for one are gone.
    pub(super) fn close(&mut self, ctx: &mut Ctx) {
        self.cpu.clear(ctx);
        self.pool.close();
    }

    /// Connections are free again.
    pub(super) fn open(&mut self) {
        self.pool.open();
    }

    /// A request arrives. Returns whether it can be passed on at once.
    pub(super) fn arrive(&mut self, key: AttemptKey, ctx: &mut Ctx) -> bool {
        let request_type = ctx.attempt(key).request.request_type;
        match self.pool.admit(key, request_type) {
            Admission::Served => {
                let now = ctx.now();
                ctx.meter().slots.rise(now);
                self.work(key, ctx)
            }
            Admission::Queued(place) => {
                line_up(key, place, self.queue_timeout.as_ref(), ctx);
                false
            }
            Admission::Instead(place, dropped) => {
                turn_away(dropped, ctx);
                line_up(key, place, self.queue_timeout.as_ref(), ctx);
                false
            }
            Admission::Refused | Admission::Fatal => {
                reject(key, ctx);
                false
            }
        }
    }

    /// The queue timeout of a request has ended, which may have its connection by now.
    pub(super) fn lose_patience(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let place = ctx.attempt(key).place;
        if self.pool.leave(place, key) {
            turn_away(key, ctx);
        }
    }

    /// A request that has a connection wants a core. Returns whether it can be passed on at once.
    fn work(&mut self, key: AttemptKey, ctx: &mut Ctx) -> bool {
        let attempt = ctx.attempt(key);
        let demand = self.cost.draw(attempt.stream.beside(self.salt));
        let demand = if self.speed == 1.0 { demand } else { demand.times(1.0 / self.speed) };
        if demand == Span::ZERO {
            return true;
        }
        attempt.visit.demand = demand;
        self.cpu.start(key, demand, ctx);
        false
    }

    /// A request has had its core, and can be passed on.
    pub(super) fn end_turn(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        self.cpu.end_turn(ctx);
        let visit = &mut ctx.attempt(key).visit;
        let demand = std::mem::replace(&mut visit.demand, Span::ZERO);
        visit.used += demand;
        ctx.meter().work += u128::from(demand.nanos());
    }

    /// A request has been answered and its connection is free. Returns the request that has it next
    /// if that can be passed on at once.
    pub(super) fn leave(&mut self, ctx: &mut Ctx) -> Option<AttemptKey> {
        let Some(next) = self.pool.hand_over() else {
            let now = ctx.now();
            ctx.meter().slots.fall(now);
            return None;
        };
        end_wait(next, ctx);
        self.work(next, ctx).then_some(next)
    }
}
