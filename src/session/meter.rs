//! What the sessions of one server count, all replicas together, and their metrics.

use crate::measure::Unit::{Bytes, Number, Share};
use crate::measure::{Counters, Family, Feature, Owner, Reading, Term, metrics};

/// What becomes of requests that need a session. Each finds one, logs its user in, or comes from
/// somebody else: is served or rejected.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Requests that found the session of their user.
    Found,
    /// Requests that logged their user in.
    Logins,
    /// Of them, those whose session had not been used for too long.
    Expired,
    /// Of the logins, those whose session was still good, but not there: lost, or elsewhere.
    Again,
    /// Sessions that were lost while they were good: with a replica, or by a cache, of which it is
    /// found out when the user comes back.
    Lost,
    /// Calls to wherever sessions are kept.
    Calls,
    /// Bytes of cookies that clients have sent.
    CookieBytes,
    /// Cookies that browsers refused, as too large.
    Refused,
    /// Requests with a forged cookie that were served.
    ForgedServed,
    /// The same, rejected.
    ForgedRejected,
    /// Requests with a stolen cookie that were served.
    StolenServed,
    /// The same, rejected.
    StolenRejected,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// What the sessions of servers count.
pub(crate) static SESSION_COUNTS: Family = Family {
    name: "sessions",
    owner: Owner::Component,
    counts: Count::StolenRejected as usize + 1,
    levels: 0,
};

/// Sessions of users.
pub static SESSIONS: Feature = Feature {
    missing: "has no sessions",
    nowhere: "nothing has sessions",
    expected: "a server with `sessions`",
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&SESSION_COUNTS, |sessions, _| sessions.count(Count::$count))
    };
}

const NEEDED: Term = Term::Counters(&SESSION_COUNTS, |sessions, _| needed(sessions));

/// Requests that needed a session.
fn needed(sessions: &Counters) -> u128 {
    let ways = [
        Count::Found,
        Count::Logins,
        Count::ForgedServed,
        Count::ForgedRejected,
        Count::StolenServed,
        Count::StolenRejected,
    ];
    ways.into_iter().map(|way| sessions.count(way)).sum()
}

metrics! {
    /// The metrics of servers with sessions.
    pub static SESSION_METRICS of Component;

    /// Requests that needed a session. Each found one, logged its user in, or came from somebody
    /// else with a forged or stolen cookie.
    Word("sessions_needed") needs SESSIONS, Number("requests"), Sum: Reading::Count(NEEDED);
    /// Requests that found the session of their user.
    Word("sessions_found") needs SESSIONS, Number("requests"), Sum: Reading::Count(count!(Found));
    /// Requests that logged their user in.
    Word("logins") needs SESSIONS, Number("requests"), Sum: Reading::Count(count!(Logins));
    /// The share of the requests that need a session and logged their user in.
    Word("login_share") needs SESSIONS, Share, Pooled: Reading::Ratio(count!(Logins), NEEDED);
    /// Of the logins, those whose session had not been used for too long.
    Word("sessions_expired") needs SESSIONS, Number("sessions"), Sum:
        Reading::Count(count!(Expired));
    /// Of the logins, those whose session was still good, but not there: lost, or elsewhere.
    Word("relogins") needs SESSIONS, Number("requests"), Sum: Reading::Count(count!(Again));
    /// Good sessions that were lost.
    Word("sessions_lost") needs SESSIONS, Number("sessions"), Sum: Reading::Count(count!(Lost));
    /// Calls to wherever sessions are kept.
    Word("session_calls") needs SESSIONS, Number("calls"), Sum: Reading::Count(count!(Calls));
    /// Bytes of cookies that clients have sent.
    Word("cookie_bytes") needs SESSIONS, Bytes, Sum: Reading::Count(count!(CookieBytes));
    /// Cookies that browsers refused, as too large.
    Word("cookies_refused") needs SESSIONS, Number("cookies"), Sum:
        Reading::Count(count!(Refused));
    /// Requests with a forged cookie that were served.
    Word("forged_served") needs SESSIONS, Number("requests"), Sum:
        Reading::Count(count!(ForgedServed));
    /// Requests with a forged cookie that were rejected.
    Word("forged_rejected") needs SESSIONS, Number("requests"), Sum:
        Reading::Count(count!(ForgedRejected));
    /// Requests with a stolen cookie that were served.
    Word("stolen_served") needs SESSIONS, Number("requests"), Sum:
        Reading::Count(count!(StolenServed));
    /// Requests with a stolen cookie that were rejected.
    Word("stolen_rejected") needs SESSIONS, Number("requests"), Sum:
        Reading::Count(count!(StolenRejected));
}
