//! What object stores count, and the metrics of it.

use crate::measure::Unit::Number;
use crate::measure::{Family, Feature, Owner, Reading, Term, metrics};

/// What is counted of requests that a store takes, each part of an object being one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Count {
    /// Those that read.
    Gets,
    /// Those that write or list.
    Puts,
    /// What they cost (billionths).
    Cost,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// What object stores count.
pub(super) static STORES: Family = Family {
    name: "object store",
    owner: Owner::Instance,
    counts: Count::Cost as usize + 1,
    levels: 0,
};

/// Requests that are paid one by one.
pub(super) static PAID_REQUESTS: Feature = Feature {
    missing: "has no requests that are paid one by one",
    nowhere: "no requests are paid one by one",
    expected: "an object store",
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&STORES, |store, _| store.count(Count::$count))
    };
}

metrics! {
    /// The metrics of object stores.
    pub static STORE_METRICS of Component;

    /// Requests taken that read, each part of an object that is moved by `ranges` being one.
    Word("gets") needs PAID_REQUESTS, Number("requests"), Sum: Reading::Count(count!(Gets));
    /// The same of those that write or list.
    Word("puts") needs PAID_REQUESTS, Number("requests"), Sum: Reading::Count(count!(Puts));
    /// What the requests taken cost in a replication, in the currency of their `price`.
    Word("request_cost") needs PAID_REQUESTS, Number("money"), Mean: Reading::Money(count!(Cost));
}
