//! The world of one run: the components, what they share, and the way of each event to the
//! component that it concerns.

use crate::column::Moment;
use crate::engine::{self, Agenda, Model, Slab, Stream};
use crate::measure::{Horizon, Recorder};
use crate::message::{Attempt, AttemptKey, Command, Event, NodeId, Outcome, Phase, Request};
use crate::network::Links;
use crate::objects::Content;
use crate::replication::Replication;
use crate::session::Sessions;
use crate::tracing::{Census, Reader, Tracing};
use crate::transaction::Transactions;
use crate::units::Time;

use super::columns::Columns;
use super::control::Notice;
use super::fleet::Fleet;
use super::hops::{Hop, Hops, SentBack};
use super::hung::{self, Hung};
use super::interference::{Interference, Interferences};
use super::{Condition, ControlCtx, Controller, Ctx, Node, Shared, Watch};

/// A deployment in motion.
pub(crate) struct World<'a> {
    nodes: Vec<Box<dyn Node>>,
    controllers: Vec<Box<dyn Controller>>,
    /// What is told once the controller that is at work is done.
    notices: Vec<(NodeId, Notice)>,
    /// The components that hang, for which others stand in.
    hung: Vec<(NodeId, Box<dyn Node>)>,
    shared: Shared,
    agenda: Agenda<Event>,
    horizon: Horizon,
    /// All randomness of the run.
    stream: Stream,
    /// Asked once a window whether the run is to go on.
    watch: &'a dyn Watch,
    /// Until when it has been told.
    told: Time,
    stopped: bool,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        recorder: Recorder,
        horizon: Horizon,
        stream: Stream,
        watch: &'a dyn Watch,
    ) -> World<'a> {
        let attempts = Slab::new();
        let fleet = Fleet::new(recorder.component_of().len());
        let shared = Shared {
            attempts,
            links: Links::new(),
            recorder,
            abandoned: 0,
            columns: Columns::default(),
            replication: None,
            transactions: None,
            fleet,
            hops: Hops::default(),
            passed: AttemptKey::NONE,
            interferences: Interferences::default(),
            held: Vec::new(),
        };
        World {
            nodes: Vec::new(),
            controllers: Vec::new(),
            notices: Vec::new(),
            hung: Vec::new(),
            shared,
            agenda: Agenda::new(),
            horizon,
            stream,
            watch,
            told: Time::ZERO,
            stopped: false,
        }
    }

    pub(crate) fn stream(&self) -> Stream {
        self.stream
    }

    /// Requests will be about something.
    pub(crate) fn remember(&mut self, content: Content) {
        self.shared.columns.add_objects(content);
    }

    /// Databases will have several copies.
    pub(crate) fn replicate(&mut self, replication: Replication) {
        self.shared.replication = Some(Box::new(replication));
    }

    /// Servers will have transactions.
    pub(crate) fn transact(&mut self, transactions: Transactions) {
        self.shared.transactions = Some(Box::new(transactions));
    }

    /// Users will be known from one request to the next.
    pub(crate) fn know_users(&mut self, sessions: Sessions) {
        self.shared.columns.add_sessions(sessions);
    }

    /// What is known of users, if anything is.
    pub(crate) fn sessions(&mut self) -> Option<&mut Sessions> {
        self.shared.columns.sessions.as_deref_mut()
    }

    /// What links are made of.
    pub(crate) fn links(&mut self) -> (&mut Links, &mut Recorder, &mut Agenda<Event>) {
        (&mut self.shared.links, &mut self.shared.recorder, &mut self.agenda)
    }

    pub(crate) fn push(&mut self, node: Box<dyn Node>) {
        self.nodes.push(node);
    }

    /// An instance stands by until it joins.
    pub(crate) fn stand_by(&mut self, node: NodeId) {
        self.shared.fleet.set_condition(node, Condition::StandingBy);
        self.shared.recorder.meter(node).withdraw(Time::ZERO);
    }

    /// Something will act on instances from outside.
    pub(crate) fn add_controller(&mut self, controller: Box<dyn Controller>) {
        self.controllers.push(controller);
    }

    /// Something will be done to messages from outside; its number is returned.
    pub(crate) fn interfere(&mut self, interference: Box<dyn Interference>) -> usize {
        self.shared.interferences.add(interference)
    }

    /// Runs to the horizon and returns what was recorded; `None` if it was stopped meanwhile.
    pub(crate) fn run(self) -> Option<Recorder> {
        Some(self.run_to_the_end()?.recorder)
    }

    /// Runs to the horizon, watched, and returns what was recorded and what the reader learned;
    /// `None` if it was stopped meanwhile. What happens is the same.
    pub(crate) fn watched(mut self, reader: Reader, census: Census) -> Option<(Recorder, Reader)> {
        self.shared.columns.add_tracing(Tracing::new(reader, census));
        let shared = self.run_to_the_end()?;
        let tracing = shared.columns.tracing?;
        let end = shared.recorder.end();
        Some((shared.recorder, tracing.finish(end)))
    }

    /// The component of each node.
    pub(crate) fn component_of(&self) -> &[u32] {
        self.shared.recorder.component_of()
    }

    fn run_to_the_end(mut self) -> Option<Shared> {
        let mut agenda = std::mem::take(&mut self.agenda);
        // Figures start before anything else happens at that instant.
        agenda.schedule(self.horizon.warmup, Event::Measure);
        for index in 0..self.controllers.len() {
            self.control(index as u8, None, &mut agenda);
        }
        for index in 0..self.nodes.len() {
            let me = NodeId(index as u32);
            let shared = &mut self.shared;
            self.nodes[index].on_start(&mut Ctx { me, agenda: &mut agenda, shared });
        }
        let end = Time::ZERO + self.horizon.duration;
        let events = engine::run(&mut self, &mut agenda, end);
        if self.stopped {
            return None;
        }
        self.shared.links.settle(end, &mut self.shared.recorder);
        self.shared.recorder.finish(end, events);
        debug_assert!(self.nothing_is_lost(), "every request ends once or is in flight");
        debug_assert!(self.laws_hold(end), "Little's law and the utilisation law hold");
        debug_assert!(self.locks_are_held(), "a lock is held by one, and none is left behind");
        Some(self.shared)
    }

    /// A controller starts, or an alarm of its goes off; what it has to say is carried out at once.
    #[cold]
    #[inline(never)]
    fn control(&mut self, index: u8, tag: Option<u32>, agenda: &mut Agenda<Event>) {
        let Shared { interferences, fleet, replication, .. } = &mut self.shared;
        let (replication, notices) = (replication.as_deref_mut(), &mut self.notices);
        let controller = index;
        let mut ctx = ControlCtx { controller, agenda, interferences, fleet, replication, notices };
        let controller = &mut self.controllers[usize::from(index)];
        match tag {
            None => controller.on_start(&mut ctx),
            Some(tag) => controller.on_alarm(tag, &mut ctx),
        }
        for (me, notice) in std::mem::take(&mut self.notices) {
            match notice {
                Notice::Command(command) => self.command(me, command, agenda),
                Notice::Announced(here) => self.shared.announce(me, here),
            }
        }
        let Shared { links, interferences, .. } = &mut self.shared;
        links.look_at_messages(|link| interferences.concern(link));
    }

    /// Something is done to an instance.
    fn command(&mut self, me: NodeId, command: Command, agenda: &mut Agenda<Event>) {
        if !self.shared.fleet.hears(me, command) {
            return;
        }
        let ends_all = matches!(command, Command::Leave | Command::ReturnTo(_));
        if ends_all && self.shared.fleet.condition(me) == Condition::Hung {
            self.command(me, Command::GoOn, agenda);
        }
        self.shared.fleet.obey(me, command);
        let index = me.0 as usize;
        if command == Command::GoOn {
            let place = self.hung.iter().position(|&(node, _)| node == me);
            let (_, node) = self.hung.swap_remove(place.expect("only who hangs goes on"));
            self.nodes[index] = node;
        }
        let node = &mut self.nodes[index];
        node.on_control(command, &mut Ctx { me, agenda, shared: &mut self.shared });
        if command == Command::Hang {
            let node = std::mem::replace(node, Box::new(Hung));
            self.hung.push((me, node));
        }
        if command == Command::GoOn {
            hung::take_up(node.as_mut(), &mut Ctx { me, agenda, shared: &mut self.shared });
        }
        self.shared.tell_watchers(me, agenda);
    }

    /// A request that was passed on over no delay is there, and maybe passed on again.
    #[inline(never)]
    fn go_on(&mut self, agenda: &mut Agenda<Event>) {
        while !self.shared.passed.is_none() {
            let key = std::mem::replace(&mut self.shared.passed, AttemptKey::NONE);
            let shared = &mut self.shared;
            let me = shared.arrive(key, agenda.now());
            self.nodes[me.0 as usize].on_request(key, &mut Ctx { me, agenda, shared });
        }
    }

    /// An answer comes back to the balancers that its request has passed. Returns whether it is at
    /// its caller's by now, and not on a link or given up.
    #[inline(never)]
    fn come_back(&mut self, key: AttemptKey, agenda: &mut Agenda<Event>) -> bool {
        loop {
            let now = agenda.now();
            let shared = &mut self.shared;
            shared.tell(Moment::CameBack, key, now);
            let Shared { hops, attempts, .. } = &mut *shared;
            let Hop { balancer: me, backend, passed, .. } = hops.come_back(&mut attempts[key], now);
            let mut ctx = Ctx { me, agenda, shared };
            self.nodes[me.0 as usize].on_return(backend, passed, &mut ctx);
            match ctx.send_back(key) {
                SentBack::There if self.shared.attempts[key].forwarded => {}
                SentBack::There => return true,
                SentBack::OnItsWay => return false,
            }
        }
    }

    fn measure(&mut self, agenda: &mut Agenda<Event>) {
        let shared = &mut self.shared;
        shared.links.settle(agenda.now(), &mut shared.recorder);
        shared.recorder.measure(agenda.now());
        shared.columns.tracing.iter_mut().for_each(|tracing| tracing.measure());
        self.next_window(agenda);
    }

    fn close_window(&mut self, agenda: &mut Agenda<Event>) {
        let shared = &mut self.shared;
        shared.links.settle(agenda.now(), &mut shared.recorder);
        shared.recorder.close_window(agenda.now());
        self.next_window(agenda);
    }

    fn next_window(&mut self, agenda: &mut Agenda<Event>) {
        let passed = agenda.now() - std::mem::replace(&mut self.told, agenda.now());
        if !self.watch.goes_on(passed.secs() / self.horizon.duration.secs()) {
            self.stopped = true;
            agenda.clear();
        } else if self.shared.recorder.windows().wants_more() {
            agenda.schedule(self.shared.recorder.windows().length(), Event::Window);
        }
    }

    /// Whether the requests that arrived and have not ended are those still in flight.
    fn nothing_is_lost(&self) -> bool {
        let start = self.shared.recorder.start();
        let waited_for = |r: &&Attempt| {
            let asked = r.request.request_type != Request::NO_TYPE && r.phase != Phase::Subrequest;
            asked && r.request.parent.is_none() && !r.abandoned && r.sent >= start
        };
        let mut in_flight = vec![0; self.shared.recorder.trackers().len()];
        for attempt in self.shared.attempts.iter().filter(waited_for) {
            in_flight[attempt.request.request_type as usize] += 1;
        }
        let trackers = self.shared.recorder.trackers().iter();
        trackers
            .zip(&in_flight)
            .all(|(tracker, count)| tracker.arrivals - tracker.ended() == *count)
    }

    /// Whether each lock is held by one transaction that is under way.
    fn locks_are_held(&self) -> bool {
        let here = |key| self.shared.attempts.get(key).is_some();
        self.shared.transactions.as_ref().is_none_or(|all| all.laws_hold(here))
    }

    /// Whether the operational laws hold on this path: an exact identity, no matter of chance.
    fn laws_hold(&self, end: Time) -> bool {
        let pipes = self.shared.links.laws_hold(end, self.shared.recorder.meters());
        pipes
            && (0..self.nodes.len() as u32).all(|node| {
                let here = |phase| {
                    let requests = self.shared.attempts.iter();
                    requests.filter(move |r| r.callee == NodeId(node) && r.phase == phase)
                };
                let visits = here(Phase::Visiting).map(|attempt| attempt.visit.arrived);
                let requests = self.shared.attempts.iter();
                let hops = requests.flat_map(|attempt| self.shared.hops.of(attempt));
                let passed = hops.filter(|hop| hop.balancer == NodeId(node)).map(|hop| hop.passed);
                let visits = visits.chain(passed);
                let working = here(Phase::Visiting).chain(here(Phase::Subrequest));
                let in_progress = working.map(|r| u128::from(r.visit.demand.nanos())).sum();
                let meter = &self.shared.recorder.meters()[node as usize];
                let turns = u128::from(self.shared.recorder.events());
                meter.little_holds(end, visits) && meter.utilisation_holds(end, in_progress, turns)
            })
    }
}

impl Model for World<'_> {
    type Event = Event;

    #[inline]
    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        let shared = &mut self.shared;
        match event {
            Event::Arrive(key) => {
                let me = shared.arrive(key, agenda.now());
                self.nodes[me.0 as usize].on_request(key, &mut Ctx { me, agenda, shared });
                if !self.shared.passed.is_none() {
                    self.go_on(agenda);
                }
            }
            Event::Resume(key) => {
                // A pause outlives a request that failed with its component.
                let Some(attempt) = shared.attempts.get(key) else { return };
                if !matches!(attempt.phase, Phase::Visiting | Phase::Subrequest) {
                    return;
                }
                let me = attempt.callee;
                self.nodes[me.0 as usize].on_resume(key, &mut Ctx { me, agenda, shared });
            }
            Event::Answer(key) => {
                if shared.attempts[key].forwarded && !self.come_back(key, agenda) {
                    return;
                }
                let shared = &mut self.shared;
                // Before the two lookups below, which are one to the compiler if nothing is
                // between.
                shared.tell(Moment::Returned, key, agenda.now());
                let attempt = &shared.attempts[key];
                let (me, abandoned, reply) = (attempt.caller, attempt.abandoned, attempt.reply());
                let outcome = Outcome::from(attempt.ending);
                shared.attempts.remove(key);
                if abandoned {
                    shared.abandoned -= 1;
                    return;
                }
                let mut ctx = Ctx { me, agenda, shared };
                self.nodes[me.0 as usize].on_answer(&reply, outcome, &mut ctx);
            }
            Event::Expire(key) => {
                let Some(attempt) = shared.attempts.get(key) else { return };
                if attempt.abandoned {
                    return;
                }
                let (me, reply) = (attempt.caller, shared.reply(attempt));
                shared.give_up(key, agenda.now());
                self.nodes[me.0 as usize].on_timeout(&reply, &mut Ctx { me, agenda, shared });
            }
            Event::Leave(key) => {
                let Some(attempt) = shared.attempts.get(key) else { return };
                let me = attempt.callee;
                self.nodes[me.0 as usize].on_impatience(key, &mut Ctx { me, agenda, shared });
            }
            Event::Alarm(me, tag) => {
                self.nodes[me.0 as usize].on_alarm(tag, &mut Ctx { me, agenda, shared });
            }
            Event::Transmit(key) => {
                shared.transmit(key, agenda);
            }
            Event::Measure => self.measure(agenda),
            Event::Window => self.close_window(agenda),
            Event::Control(controller, tag) => self.control(controller, Some(tag), agenda),
        }
    }
}
