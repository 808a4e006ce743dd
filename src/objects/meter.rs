//! What requests for objects count: how stale answers are, whose they are, and what users' own
//! caches do; and the metrics of it.

use crate::measure::Unit::{Bytes, Number, Share};
use crate::measure::{Family, Feature, Headline, Owner, Reading, Term, metrics};

/// What clients' own caches do for the requests of one type.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Requests answered from there.
    Hits,
    /// Of them, those with an older version than there was at that moment.
    Stale,
    /// Requests that asked whether what was there was still true.
    Conditional,
    /// Those of them whose answer was that it is (304).
    NotModified,
    /// Requests that fetched the whole.
    Full,
    /// Requests sent though what was there was still the newest version.
    Needless,
    /// Bytes of the answers that came.
    Received,
    /// Bytes that did not come, of answers that were there or had not changed.
    Saved,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

/// What clients' own caches count.
pub(crate) static BROWSER_COUNTS: Family = Family {
    name: "browser cache",
    owner: Owner::RequestType,
    counts: Count::Saved as usize + 1,
    levels: 0,
};

/// Objects that have versions.
pub static VERSIONS: Feature = Feature {
    missing: "has no versions",
    nowhere: "nothing has versions",
    expected: "a `catalog`, and requests with `keys` of it",
};

/// Answers that are for one user alone.
pub static PRIVATE_ANSWERS: Feature = Feature {
    missing: "has no answers for one user alone",
    nowhere: "no answer is for one user alone",
    expected: "a `catalog` with `per_user: true`",
};

/// Users with caches of their own.
pub static BROWSER_CACHE: Feature = Feature {
    missing: "is of users without a cache",
    nowhere: "none of these users has a cache",
    expected: "clients with a `browser_cache`",
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&BROWSER_COUNTS, |browser, _| browser.count(Count::$count))
    };
}

const ANSWERS: Term = Term::Requests(|requests, _| requests.answers());
const LOOKUPS: Term = Term::Counters(&BROWSER_COUNTS, |browser, _| {
    browser.count(Count::Hits) + browser.count(Count::Conditional) + browser.count(Count::Full)
});
const ALL_BYTES: Term = Term::Counters(&BROWSER_COUNTS, |browser, _| {
    browser.count(Count::Saved) + browser.count(Count::Received)
});

metrics! {
    /// The metrics of requests for objects.
    pub static OBJECT_METRICS of Requests;

    /// Share of the answers that were older than what was true when the client asked.
    Word("stale_rate") needs VERSIONS, Share, Pooled, headlines [Headline::where_any("stale")]:
        Reading::Ratio(Term::Requests(|requests, _| requests.stale), ANSWERS);
    /// Share of the answers that were another user's.
    Word("leak_rate") needs PRIVATE_ANSWERS, Share, Pooled, headlines [Headline::where_any("leaks")]:
        Reading::Ratio(Term::Requests(|requests, _| requests.leaked), ANSWERS);
}

metrics! {
    /// The metrics of requests of users with a `browser_cache`.
    pub static BROWSER_METRICS of Requests;

    /// Requests that looked into the user's own cache first.
    Word("browser_lookups") needs BROWSER_CACHE, Number("requests"), Sum: Reading::Count(LOOKUPS);
    /// Of them, those answered from there.
    Word("browser_hits") needs BROWSER_CACHE, Number("requests"), Sum:
        Reading::Count(count!(Hits));
    /// Share of the requests that were answered from the user's own cache.
    Word("browser_hit_ratio") needs BROWSER_CACHE, Share, Pooled,
        headlines [Headline::where_any("browser hits")]:
        Reading::Ratio(count!(Hits), LOOKUPS);
    /// Share of these with an older version than there was at that moment.
    Word("browser_stale_hits") needs BROWSER_CACHE, Share, Pooled:
        Reading::Ratio(count!(Stale), count!(Hits));
    /// Requests that asked whether what the user had was still true.
    Word("conditional") needs BROWSER_CACHE, Number("requests"), Sum:
        Reading::Count(count!(Conditional));
    /// The same as a share of the requests.
    Word("conditional_share") needs BROWSER_CACHE, Share, Pooled:
        Reading::Ratio(count!(Conditional), LOOKUPS);
    /// Of these, those whose answer was that it is (304).
    Word("not_modified") needs BROWSER_CACHE, Number("requests"), Sum:
        Reading::Count(count!(NotModified));
    /// The same as a share of those that asked.
    Word("not_modified_rate") needs BROWSER_CACHE, Share, Pooled:
        Reading::Ratio(count!(NotModified), count!(Conditional));
    /// Requests that were sent though what the user had was still the newest.
    Word("needless") needs BROWSER_CACHE, Number("requests"), Sum:
        Reading::Count(count!(Needless));
    /// The same as a share of the requests.
    Word("needless_rate") needs BROWSER_CACHE, Share, Pooled,
        headlines [Headline::where_any("needless")]:
        Reading::Ratio(count!(Needless), LOOKUPS);
    /// Bytes of answers that users did not need to be sent.
    Word("saved") needs BROWSER_CACHE, Bytes, Sum: Reading::Count(count!(Saved));
    /// The same as a share of the bytes of all answers.
    Word("bytes_saved") needs BROWSER_CACHE, Share, Pooled:
        Reading::Ratio(count!(Saved), ALL_BYTES);
}
