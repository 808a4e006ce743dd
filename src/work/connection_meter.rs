//! What pools of connections count, and the metrics of it.

use crate::measure::Unit::{Number, PerSecond, Seconds};
use crate::measure::{CONNECTION_POOL, Family, Owner, Reading, Term, metrics};

/// What is counted of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counted {
    /// Connections taken.
    Taken,
    /// Connections opened.
    Opened,
    /// How long those waited who got one after a wait, summed (ns).
    Wait,
    /// Requests that had waited long enough.
    TimedOut,
}

impl From<Counted> for usize {
    fn from(counted: Counted) -> usize {
        counted as usize
    }
}

/// What pools count.
pub(super) static CONNECTIONS: Family = Family {
    name: "connection pool",
    owner: Owner::Instance,
    counts: Counted::TimedOut as usize + 1,
    levels: 0,
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&CONNECTIONS, |pool, _| pool.count(Counted::$count))
    };
}

metrics! {
    /// The metrics of pools of connections.
    pub static CONNECTION_METRICS of Component;

    /// Mean time that it takes until there is a connection to be taken.
    Word("pool_wait") needs CONNECTION_POOL, Seconds, Mean, over time:
        Reading::Time(count!(Wait), count!(Taken));
    /// Requests that waited for a connection for too long.
    Word("pool_timeouts") needs CONNECTION_POOL, Number("requests"), Sum:
        Reading::Count(count!(TimedOut));
    /// Connections opened per second.
    Word("connections_opened") needs CONNECTION_POOL, PerSecond, Mean:
        Reading::Rate(count!(Opened));
}
