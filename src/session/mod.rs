//! What is known of users from one request to the next: to which backend a balancer's cookie sends
//! them, and what servers keep of those who have logged in.
//!
//! *Invariant:* a user has at most one session with a server. Whether a request finds it is seen
//! from where it is kept and from where the request has come to; nothing is estimated.

mod meter;
mod spec;
mod table;
mod view;

use meter::{Count, SESSION_COUNTS};
pub use meter::{SESSION_METRICS, SESSIONS};
pub use spec::{CookieSpec, SESSION_OPERATIONS, SessionStore, SessionsSpec};
pub(crate) use table::{Finding, LARGEST_COOKIE};
pub(crate) use view::SessionView;

use crate::column::{Column, Moment, Moments, Scene};
use crate::measure::{CountersId, Recorder};
use crate::message::{Attempt, AttemptKey, NodeId, Phase};
use crate::units::{Bytes, Time};
use table::Table;

/// No backend, and no table.
const NONE: u32 = u32::MAX;

/// What is known of one request.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// How large the cookies are that it comes with.
    cookie: u32,
    /// The cache that was asked for its user's session had it.
    found: bool,
    /// It comes from somebody else.
    alien: bool,
}

const EMPTY: Slot = Slot { cookie: 0, found: false, alien: false };

/// What happens to cookies at a component.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cookies {
    /// They are sent with every request.
    Sent,
    /// They are passed on.
    PassedOn,
    /// They go no further.
    Kept,
}

/// What is known of the users of all clients.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// How many users there are.
    users: usize,
    /// For each sticky balancer, the backend in each user's cookie.
    routes: Vec<Vec<u32>>,
    /// For each server that has sessions.
    tables: Vec<Table>,
    /// Where each of them counts.
    counters: Vec<CountersId>,
    /// By node: the table of the server, and what it does with cookies.
    nodes: Vec<(u32, Cookies)>,
    /// By the slot of a request.
    slots: Vec<Slot>,
}

impl Sessions {
    pub(crate) fn new(users: u32) -> Sessions {
        let users = users as usize;
        let (routes, tables, counters) = (Vec::new(), Vec::new(), Vec::new());
        Sessions { users, routes, tables, counters, nodes: Vec::new(), slots: Vec::new() }
    }

    /// One more balancer gives its users cookies. Returns its number.
    pub(crate) fn add_balancer(&mut self) -> usize {
        self.routes.push(vec![NONE; self.users]);
        self.routes.len() - 1
    }

    /// One more component of so many instances, in the order of their nodes. `salt` tells who a
    /// request is really from.
    pub(crate) fn add_component(
        &mut self,
        (first, instances): (NodeId, u32),
        spec: Option<&SessionsSpec>,
        cookies: Cookies,
        salt: u64,
        recorder: &mut Recorder,
    ) {
        let table = spec.map_or(NONE, |spec| {
            self.tables.push(Table::new(spec, self.users, salt));
            self.counters.push(recorder.add_counters(&SESSION_COUNTS, first.0 as usize));
            self.tables.len() as u32 - 1
        });
        self.nodes.extend((0..instances).map(|_| (table, cookies)));
    }

    /// A request is asked on behalf of `parent`, or of nobody.
    fn carry(
        &mut self,
        (parent, key): (AttemptKey, AttemptKey),
        (from, user): (NodeId, u32),
        now: Time,
        recorder: &mut Recorder,
    ) {
        let index = key.index() as usize;
        if self.slots.len() <= index {
            self.slots.resize(index + 1, EMPTY);
        }
        let cookie = match self.nodes[from.0 as usize].1 {
            Cookies::Sent => (0..self.tables.len()).fold(0, |sum: u32, table| {
                let bytes = self.tables[table].cookie(user, now);
                recorder.counters(self.counters[table]).add(Count::CookieBytes, bytes);
                sum.saturating_add(bytes)
            }),
            Cookies::PassedOn if !parent.is_none() => self.slots[parent.index() as usize].cookie,
            _ => 0,
        };
        self.slots[index] = Slot { cookie, ..EMPTY };
    }

    /// How large the cookies are that a request comes with.
    pub(crate) fn cookies(&self, key: AttemptKey) -> Bytes {
        Bytes(u64::from(self.slots[key.index() as usize].cookie))
    }
}

/// What a cache numbers as a session is above all objects of catalogs.
const SESSION: u64 = 1 << 63;

/// Whether a cache has a session under this number, and not an object.
pub(crate) fn is_session(name: u64) -> bool {
    name & SESSION != 0
}

impl Column for Sessions {
    const MOMENTS: Moments = Moments::of(&[Moment::Sent]);

    fn at(&mut self, _: Moment, key: AttemptKey, scene: &mut Scene) {
        let Attempt { request, caller, phase, .. } = scene.attempts[key];
        if phase == Phase::Outward {
            self.carry((request.parent, key), (caller, request.user), scene.now, scene.recorder);
        }
    }
}
