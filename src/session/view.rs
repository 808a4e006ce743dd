//! What a component may learn of the users of requests from one request to the next, and what it
//! keeps of them. Where a scenario remembers nobody, nothing is known.

use crate::engine::Slab;
use crate::measure::{Counters, Recorder};
use crate::message::{Attempt, AttemptKey, NodeId};
use crate::units::{Bytes, Span, Time};

use super::table::{Finding, Table};
use super::{NONE, SESSION, Sessions, Slot};

/// What is known of users at one component and one moment.
pub(crate) struct SessionView<'a> {
    pub(crate) sessions: Option<&'a mut Sessions>,
    pub(crate) attempts: &'a Slab<Attempt>,
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) me: NodeId,
    pub(crate) now: Time,
}

impl SessionView<'_> {
    /// The backend in a user's cookie of a balancer.
    pub(crate) fn route(&self, balancer: usize, user: u32) -> Option<usize> {
        let route = self.sessions.as_deref()?.routes[balancer][user as usize];
        (route != NONE).then_some(route as usize)
    }

    /// A balancer gives a user a cookie.
    pub(crate) fn set_route(&mut self, balancer: usize, user: u32, backend: usize) {
        if let Some(sessions) = self.sessions.as_deref_mut() {
            sessions.routes[balancer][user as usize] = backend as u32;
        }
    }

    /// Shows `see` the sessions of the server at `node`, if it has any.
    fn with_table<R>(
        &mut self,
        node: NodeId,
        see: impl FnOnce(&mut Table, &mut Counters, &mut [Slot], Time) -> R,
    ) -> Option<R> {
        let now = self.now;
        let sessions = self.sessions.as_deref_mut()?;
        let index = sessions.nodes[node.0 as usize].0 as usize;
        let table = sessions.tables.get_mut(index)?;
        let counters = self.recorder.counters(sessions.counters[index]);
        Some(see(table, counters, &mut sessions.slots, now))
    }

    /// Looks for the session of a request's user at this server.
    pub(crate) fn find_session(&mut self, key: AttemptKey) -> Finding {
        let me = self.me;
        let (user, stream) = (self.attempts[key].request.user, self.attempts[key].stream);
        let found = self.with_table(me, |table, meter, slots, now| {
            let slot = &mut slots[key.index() as usize];
            let finding = table.find(user, (me.0, slot.found), stream, now, meter);
            slot.alien = finding == Finding::Intruder;
            finding
        });
        found.expect("only who has sessions looks for one")
    }

    /// A request's user has logged in at this server.
    pub(crate) fn log_in(&mut self, key: AttemptKey) {
        let (me, user) = (self.me, self.attempts[key].request.user);
        self.with_table(me, |table, meter, _, now| table.log_in(user, me.0, now, meter));
    }

    /// A request has added to its user's session.
    pub(crate) fn grow_session(&mut self, key: AttemptKey) {
        let (me, user) = (self.me, self.attempts[key].request.user);
        self.with_table(me, |table, meter, slots, now| {
            if !slots[key.index() as usize].alien {
                table.grow(user, me.0, now, meter);
            }
        });
    }

    /// This server has lost what it had in memory.
    pub(crate) fn lose_sessions(&mut self) {
        let me = self.me;
        self.with_table(me, |table, meter, _, now| table.lose(me.0, now, meter));
    }

    /// Whose session a request to this cache is about: a number of its own, how large it is, and
    /// how long it is kept when it is not used.
    pub(crate) fn session_asked_for(&mut self, key: AttemptKey) -> (u64, Bytes, Span) {
        let attempt = &self.attempts[key];
        let (from, user) = (attempt.caller, attempt.request.user);
        let kept = self.with_table(from, |table, _, _, _| table.kept(user));
        let (bytes, idle) = kept.expect("only who has sessions asks for one");
        let table = self.sessions.as_deref().map_or(0, |all| all.nodes[from.0 as usize].0);
        (SESSION | u64::from(table) << 32 | u64::from(user), bytes, idle)
    }

    /// This cache has the session that a request asks for, or has not.
    pub(crate) fn tell_of_session(&mut self, key: AttemptKey, found: bool) {
        let parent = self.attempts[key].request.parent;
        if let Some(sessions) = self.sessions.as_deref_mut()
            && self.attempts.get(parent).is_some()
        {
            sessions.slots[parent.index() as usize].found = found;
        }
    }
}
