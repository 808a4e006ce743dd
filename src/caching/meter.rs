//! What a cache counts, and its metrics.

use crate::measure::Unit::{Bytes, Number, PerSecond, Seconds, Share};
use crate::measure::{Family, Feature, Headline, Owner, Reading, Term, metrics};

/// What a cache counts. Each lookup that is answered is a hit, a delayed hit or a miss.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    /// Lookups answered with an entry.
    Hits,
    /// Lookups that waited for what another was fetching.
    Delayed,
    /// Lookups that found nothing, so that the object had to be fetched.
    Misses,
    /// Of the hits, those with an older version than there was at that moment.
    Stale,
    /// Of the hits and delayed hits, those with another user's answer.
    Leaks,
    /// Of the hits, those with an entry whose TTL was over, while it was fetched anew.
    Revalidating,
    /// Of the hits, those that there is nothing under the key.
    Negative,
    /// How old the entries of the hits were, summed (ns).
    Age,
    /// How long delayed hits waited, summed (ns).
    Delay,
    /// Entries filled.
    Fills,
    /// Entries that made room for others.
    Evictions,
    /// Entries whose time was over.
    Expired,
    /// Entries removed because somebody had written their object.
    Invalidated,
    /// Writes that were answered and that the database will never get.
    LostWrites,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held {
    Entries,
    Bytes,
}

impl From<Count> for usize {
    fn from(count: Count) -> usize {
        count as usize
    }
}

impl From<Held> for usize {
    fn from(held: Held) -> usize {
        held as usize
    }
}

/// What caches count.
pub(crate) static CACHES: Family = Family {
    name: "cache",
    owner: Owner::Instance,
    counts: Count::LostWrites as usize + 1,
    levels: Held::Bytes as usize + 1,
};

/// A cache, or one of a server's own.
pub static CACHE: Feature = Feature {
    missing: "has no cache",
    nowhere: "nothing has a cache",
    expected: "a cache, or a server with a `cache` of its own",
};

/// A cache that goes by the headers of what it holds.
pub static SHARED_CACHE: Feature = Feature {
    missing: "tells users apart",
    nowhere: "nothing has a cache",
    expected: "a cache with `ttl: header`",
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&CACHES, |cache, _| cache.count(Count::$count))
    };
}

const LOOKUPS: Term = Term::Counters(&CACHES, |cache, _| {
    cache.count(Count::Hits) + cache.count(Count::Delayed) + cache.count(Count::Misses)
});
const WITHOUT_FETCH: Term =
    Term::Counters(&CACHES, |cache, _| cache.count(Count::Hits) + cache.count(Count::Delayed));
const ENTRIES: Term = Term::Counters(&CACHES, |cache, now| cache.area(Held::Entries, now));
const BYTES: Term = Term::Counters(&CACHES, |cache, now| cache.area(Held::Bytes, now));

metrics! {
    /// The metrics of caches.
    pub static CACHE_METRICS of Component;

    /// Lookups that were answered: hits, delayed hits and misses.
    Word("lookups") needs CACHE, Number("lookups"), Sum: Reading::Count(LOOKUPS);
    /// Of them, those answered with an entry.
    Word("hits") needs CACHE, Number("lookups"), Sum: Reading::Count(count!(Hits));
    /// Those that waited for what another was fetching.
    Word("delayed_hits") needs CACHE, Number("lookups"), Sum: Reading::Count(count!(Delayed));
    /// Those that found nothing.
    Word("misses") needs CACHE, Number("lookups"), Sum: Reading::Count(count!(Misses));
    /// Share of the lookups that needed no fetch of their own.
    Word("hit_ratio") needs CACHE, Share, Pooled, over time,
        headlines [Headline::where_any("hit ratio")]: Reading::Ratio(WITHOUT_FETCH, LOOKUPS);
    /// Share of the lookups that waited for what another was fetching.
    Word("delayed_share") needs CACHE, Share, Pooled: Reading::Ratio(count!(Delayed), LOOKUPS);
    /// Mean time that these waited.
    Word("delay") needs CACHE, Seconds, Mean: Reading::Time(count!(Delay), count!(Delayed));
    /// Share of the hits with an older version than there was at that moment.
    Word("stale_hits") needs CACHE, Share, Pooled: Reading::Ratio(count!(Stale), count!(Hits));
    /// Hits and delayed hits with another user's answer; of a cache with `ttl: header`.
    Word("leaks") needs SHARED_CACHE, Number("lookups"), Mean: Reading::Count(count!(Leaks));
    /// Share of the hits with an entry that was just fetched anew, its TTL being over.
    Word("revalidating_hits") needs CACHE, Share, Pooled:
        Reading::Ratio(count!(Revalidating), count!(Hits));
    /// Share of the hits that there is nothing under the key.
    Word("negative_hits") needs CACHE, Share, Pooled: Reading::Ratio(count!(Negative), count!(Hits));
    /// Mean age of the entries that were hit.
    Word("hit_age") needs CACHE, Seconds, Mean: Reading::Time(count!(Age), count!(Hits));
    /// Misses per second.
    Word("miss_rate") needs CACHE, PerSecond, Mean: Reading::Rate(count!(Misses));
    /// Entries filled per second.
    Word("fill_rate") needs CACHE, PerSecond, Mean: Reading::Rate(count!(Fills));
    /// Entries that made room for others, per second.
    Word("eviction_rate") needs CACHE, PerSecond, Mean: Reading::Rate(count!(Evictions));
    /// Entries whose time was over, per second.
    Word("expiry_rate") needs CACHE, PerSecond, Mean: Reading::Rate(count!(Expired));
    /// Entries removed because their object was written, per second.
    Word("invalidation_rate") needs CACHE, PerSecond, Mean: Reading::Rate(count!(Invalidated));
    /// Mean number of entries held, all instances together.
    Word("entries") needs CACHE, Number("entries"), Mean: Reading::Level(ENTRIES);
    /// Mean number of bytes held, all instances together.
    Word("bytes") needs CACHE, Bytes, Mean: Reading::Level(BYTES);
    /// Writes that were answered and that the database behind will never get.
    Word("lost_writes") needs CACHE, Number("writes"), Sum: Reading::Count(count!(LostWrites));
}
