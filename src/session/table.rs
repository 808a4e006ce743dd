//! The sessions of one server's users: the truth about them, wherever they are kept.

use crate::engine::Stream;
use crate::units::{Bytes, Span, Time};

use super::meter::Count;
use super::spec::{CookieSpec, SessionStore, SessionsSpec};
use crate::measure::Counters;

/// The most that a browser takes for a cookie (RFC 6265bis).
pub(crate) const LARGEST_COOKIE: Bytes = Bytes(4096);

/// The keeper of a session that is kept nowhere.
const NOBODY: u32 = u32::MAX;

/// The session of one user.
#[derive(Clone, Copy, Debug)]
struct Session {
    /// Until when it is good if it is not used; [`Time::ZERO`] where there was none.
    until: Time,
    bytes: u32,
    /// In whose memory it is, where that matters.
    holder: u32,
}

/// Where they are kept.
#[derive(Clone, Copy, Debug)]
enum Store {
    Nowhere,
    /// In the memory of the replica that logged the user in.
    Local,
    /// In a database.
    Apart,
    /// In a cache.
    Cache,
    /// With the user.
    Cookie {
        signed: bool,
        forged: f64,
        stolen: f64,
    },
}

/// What a server makes of a request that needs a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Finding {
    /// Its user is known.
    Known,
    /// Its user has to log in.
    Unknown,
    /// It comes from somebody else who is taken for a user.
    Intruder,
    /// It comes from somebody else who is found out.
    Unmasked,
}

/// The sessions of one server.
#[derive(Debug)]
pub(super) struct Table {
    store: Store,
    idle: Span,
    size: u32,
    grows: u32,
    /// Tells who a request is really from.
    salt: u64,
    /// By user.
    sessions: Vec<Session>,
}

impl Table {
    pub(super) fn new(spec: &SessionsSpec, users: usize, salt: u64) -> Table {
        let store = match &spec.store {
            SessionStore::None => Store::Nowhere,
            SessionStore::Local => Store::Local,
            SessionStore::Database(_) => Store::Apart,
            SessionStore::Cache(_) => Store::Cache,
            SessionStore::Cookie(CookieSpec { signed, forged, stolen, .. }) => {
                Store::Cookie { signed: *signed, forged: forged.0, stolen: stolen.value.0 }
            }
        };
        let session = Session { until: Time::ZERO, bytes: 0, holder: NOBODY };
        Table {
            store,
            idle: spec.idle.value,
            size: u32::try_from(spec.size.value.0).expect("sizes are checked"),
            grows: u32::try_from(spec.grows.0).expect("sizes are checked"),
            salt,
            sessions: vec![session; users],
        }
    }

    /// Looks for the session of a user at a replica. `found` is what the cache has said of it.
    pub(super) fn find(
        &mut self,
        user: u32,
        (at, found): (u32, bool),
        stream: Stream,
        now: Time,
        meter: &mut Counters,
    ) -> Finding {
        meter.add(Count::Calls, self.is_apart());
        let session = &mut self.sessions[user as usize];
        let good = session.until > now;
        if let Store::Cookie { signed, forged, stolen } = self.store
            && forged + stolen > 0.0
        {
            let drawn = stream.beside(self.salt).draws().unit();
            let forged_counts = [Count::ForgedServed, Count::ForgedRejected];
            let stolen_counts = [Count::StolenServed, Count::StolenRejected];
            let is_forged = drawn < forged;
            let (served, counts) =
                if is_forged { (!signed, forged_counts) } else { (good, stolen_counts) };
            if drawn < forged + stolen {
                meter.add(counts[usize::from(!served)], 1_u64);
                return if served { Finding::Intruder } else { Finding::Unmasked };
            }
        }
        let there = match self.store {
            Store::Nowhere => false,
            Store::Local => session.holder == at,
            Store::Apart | Store::Cookie { .. } => true,
            Store::Cache => found,
        };
        if good && there {
            session.until = now + self.idle;
            meter.add(Count::Found, 1_u64);
            return Finding::Known;
        }
        meter.add(Count::Logins, 1_u64);
        meter.add(Count::Again, good);
        meter.add(Count::Lost, good && matches!(self.store, Store::Cache));
        meter.add(Count::Expired, !good && session.until > Time::ZERO);
        Finding::Unknown
    }

    /// A user has logged in at a replica.
    pub(super) fn log_in(&mut self, user: u32, at: u32, now: Time, meter: &mut Counters) {
        meter.add(Count::Calls, self.is_apart());
        let kept = match self.store {
            Store::Nowhere => false,
            Store::Cookie { .. } => !too_large(self.size, meter),
            _ => true,
        };
        if kept {
            let until = now + self.idle;
            self.sessions[user as usize] = Session { until, bytes: self.size, holder: at };
        }
    }

    /// A request has added to its user's session, if that is still there.
    pub(super) fn grow(&mut self, user: u32, at: u32, now: Time, meter: &mut Counters) {
        meter.add(Count::Calls, self.is_apart());
        let session = &mut self.sessions[user as usize];
        let there = !matches!(self.store, Store::Local) || session.holder == at;
        if session.until <= now || !there {
            return;
        }
        let larger = session.bytes.saturating_add(self.grows);
        let refused = matches!(self.store, Store::Cookie { .. }) && too_large(larger, meter);
        if !refused {
            session.bytes = larger;
        }
    }

    /// A replica has crashed, and what it had in memory is lost.
    pub(super) fn lose(&mut self, at: u32, now: Time, meter: &mut Counters) {
        if !matches!(self.store, Store::Local) {
            return;
        }
        for session in self.sessions.iter_mut().filter(|session| session.holder == at) {
            session.holder = NOBODY;
            meter.add(Count::Lost, session.until > now);
        }
    }

    /// How large the cookie is that a user sends.
    pub(super) fn cookie(&self, user: u32, now: Time) -> u32 {
        let session = self.sessions[user as usize];
        let sent = matches!(self.store, Store::Cookie { .. }) && session.until > now;
        if sent { session.bytes } else { 0 }
    }

    /// How large a user's session is, and how long it is kept when it is not used.
    pub(super) fn kept(&self, user: u32) -> (Bytes, Span) {
        (Bytes(u64::from(self.sessions[user as usize].bytes)), self.idle)
    }

    /// Whether they are kept somewhere that has to be asked.
    fn is_apart(&self) -> bool {
        matches!(self.store, Store::Apart | Store::Cache)
    }
}

/// Whether a browser refuses a cookie of so many bytes.
fn too_large(bytes: u32, meter: &mut Counters) -> bool {
    let refused = Bytes(u64::from(bytes)) > LARGEST_COOKIE;
    meter.add(Count::Refused, refused);
    refused
}
