//! Metrics: what an expectation, an objective or a precision can be about.

use crate::document::choice;
use crate::units::{Quantity, Rate, Share, Span};

choice! {
    /// What an expectation can be about. In brackets stands a request type, or nothing for all of
    /// them; for the metrics of a component, the component.
    pub enum Metric {
        /// Requests sent per second.
        ArrivalRate = "arrival_rate",
        /// Requests answered well per second.
        Throughput = "throughput",
        /// Share of the requests that ended and did not end well.
        ErrorRate = "error_rate",
        /// Share of the answers that were older than what was true when the client asked; where
        /// requests ask for objects of a `catalog`.
        StaleRate = "stale_rate",
        /// Share of the answers that were another user's; where a `catalog` has answers for each
        /// user.
        LeakRate = "leak_rate",
        /// Share of the requests that were answered from the user's own `browser_cache`.
        BrowserHitRatio = "browser_hit_ratio",
        /// Share of these with an older version than there was at that moment.
        BrowserStaleHits = "browser_stale_hits",
        /// Of the requests that asked whether what the user had was still true, the share whose
        /// answer was that it is (304).
        NotModifiedRate = "not_modified_rate",
        /// Share of the requests that were sent though what the user had was still the newest.
        NeedlessRate = "needless_rate",
        /// Share of the bytes of all answers that users did not need to be sent.
        BytesSaved = "bytes_saved",
        /// Mean latency of the requests answered well.
        MeanLatency = "mean_latency",
        /// Median latency.
        P50 = "p50",
        /// 90th percentile of latency.
        P90 = "p90",
        /// 99th percentile of latency.
        P99 = "p99",
        /// 99.9th percentile of latency.
        P999 = "p99.9",
        /// Of a component: the share of its busiest resource in use, memory aside.
        Utilisation = "utilisation",
        /// Of a component: mean number of requests waiting.
        Queue = "queue",
        /// Of a component: mean number of requests present, waiting or not.
        Present = "present",
        /// Of a component: mean time a visit waits.
        Wait = "wait",
        /// Of a component: 99th percentile of the time a visit waits.
        WaitP99 = "wait_p99",
        /// Of a component: share of the visits that wait at all.
        WaitShare = "wait_share",
        /// Of a component: mean time from arrival to answer.
        Sojourn = "sojourn",
        /// Of a component: 99th percentile of the time from arrival to answer.
        SojournP99 = "sojourn_p99",
        /// Of a component: mean time in the component itself, calls to others left out.
        Own = "own",
        /// Of a component: visits answered well per second.
        Answered = "answered",
        /// Of a component: share of its processor time spent for those who had given up.
        Wasted = "wasted",
        /// Of a component with several instances: what the busiest of them has answered well,
        /// relative to their mean.
        Imbalance = "imbalance",
        /// Of a server with `sessions`: the share of the requests that need one and had to log
        /// their user in.
        LoginShare = "login_share",
        /// Of a server with `sessions`: users who had to log in again though their session was
        /// still good, in one replication.
        Relogins = "relogins",
        /// Of a server with `sessions`: good sessions that were lost, in one replication.
        SessionsLost = "sessions_lost",
        /// Of a server with `sessions`: requests with a forged cookie that were served, in one
        /// replication.
        ForgedServed = "forged_served",
        /// The same with a stolen cookie.
        StolenServed = "stolen_served",
        /// Of a cache, or of a server with one of its own: the share of the lookups that needed no
        /// fetch of their own.
        HitRatio = "hit_ratio",
        /// Of a cache: the share of its hits with an older version than there was at that moment.
        StaleHits = "stale_hits",
        /// Of a cache with `ttl: header`: how often it gave one user what was another's, in a
        /// replication.
        Leaks = "leaks",
        /// Of a cache: lookups that found nothing, per second.
        Misses = "misses",
        /// Of a cache: entries that made room for others, per second.
        Evictions = "evictions",
        /// Of a cache: mean number of entries held.
        Entries = "entries",
        /// Of a cache: mean age of the entries that were hit.
        HitAge = "hit_age",
        /// Of a cache that writes to its database later: writes that were answered and that the
        /// database will never get, in each replication.
        LostWrites = "lost_writes",
    }
}

/// In what a metric is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Durations.
    Seconds,
    /// Events per second.
    PerSecond,
    /// Shares of one.
    Share,
    /// A plain number.
    Number,
}

impl Metric {
    /// In what it is counted.
    pub fn unit(self) -> Unit {
        match self {
            Metric::ArrivalRate | Metric::Throughput | Metric::Answered => Unit::PerSecond,
            Metric::Misses | Metric::Evictions => Unit::PerSecond,
            Metric::ErrorRate | Metric::StaleRate | Metric::Utilisation => Unit::Share,
            Metric::WaitShare | Metric::Wasted | Metric::HitRatio | Metric::StaleHits => {
                Unit::Share
            }
            Metric::LeakRate
            | Metric::BrowserHitRatio
            | Metric::BrowserStaleHits
            | Metric::NotModifiedRate
            | Metric::NeedlessRate
            | Metric::BytesSaved
            | Metric::LoginShare => Unit::Share,
            Metric::Queue | Metric::Present | Metric::Entries | Metric::Imbalance => Unit::Number,
            Metric::Leaks | Metric::LostWrites => Unit::Number,
            Metric::Relogins
            | Metric::SessionsLost
            | Metric::ForgedServed
            | Metric::StolenServed => Unit::Number,
            Metric::MeanLatency | Metric::P50 | Metric::P90 | Metric::P99 | Metric::P999 => {
                Unit::Seconds
            }
            Metric::HitAge
            | Metric::Wait
            | Metric::WaitP99
            | Metric::Sojourn
            | Metric::SojournP99
            | Metric::Own => Unit::Seconds,
        }
    }

    /// Whether it is about a component rather than about requests.
    pub fn of_component(self) -> bool {
        match self {
            Metric::ArrivalRate | Metric::Throughput => false,
            Metric::ErrorRate | Metric::StaleRate | Metric::LeakRate => false,
            Metric::MeanLatency | Metric::P50 | Metric::P90 | Metric::P99 | Metric::P999 => false,
            Metric::Utilisation | Metric::Queue | Metric::Present | Metric::Answered => true,
            Metric::Wait | Metric::WaitP99 | Metric::WaitShare | Metric::Wasted => true,
            Metric::Sojourn | Metric::SojournP99 | Metric::Own | Metric::Imbalance => true,
            _ => self.of_cache() || self.of_sessions(),
        }
    }

    /// Whether it is about users' own caches.
    pub fn of_browser(self) -> bool {
        use Metric::{
            BrowserHitRatio, BrowserStaleHits, BytesSaved, NeedlessRate, NotModifiedRate,
        };
        matches!(
            self,
            BrowserHitRatio | BrowserStaleHits | BytesSaved | NeedlessRate | NotModifiedRate
        )
    }

    /// Whether it is about a cache.
    pub fn of_cache(self) -> bool {
        use Metric::{Entries, Evictions, HitAge, HitRatio, Leaks, LostWrites, Misses, StaleHits};
        match self {
            HitRatio | StaleHits | Leaks | Misses | Evictions | Entries | HitAge => true,
            _ => self == LostWrites,
        }
    }

    /// Whether it is about the sessions of a server.
    pub fn of_sessions(self) -> bool {
        use Metric::{ForgedServed, LoginShare, Relogins, SessionsLost, StolenServed};
        matches!(self, LoginShare | Relogins | SessionsLost | ForgedServed | StolenServed)
    }

    /// Whether the time series have it, so that a part of the run can be looked at.
    pub fn over_time(self) -> bool {
        let of_component = matches!(self, Metric::Utilisation | Metric::Queue | Metric::Present);
        of_component
            || matches!(self, Metric::HitRatio | Metric::LoginShare)
            || matches!(self, Metric::Relogins | Metric::SessionsLost)
            || !(self.of_component() || self.of_browser() || self.counts_answers())
    }

    /// Whether it is the share of the answers that were not what they should have been.
    fn counts_answers(self) -> bool {
        matches!(self, Metric::StaleRate | Metric::LeakRate)
    }
}

impl Unit {
    pub(super) fn parse(self, text: &str) -> Option<f64> {
        match self {
            Unit::Seconds => Span::parse(text).map(Span::secs),
            Unit::PerSecond => Rate::parse(text).map(|rate| rate.0),
            Unit::Share => Share::parse(text).map(|share| share.0),
            Unit::Number => f64::parse(text),
        }
    }

    pub(super) fn expected(self) -> &'static str {
        match self {
            Unit::Seconds => Span::EXPECTED,
            Unit::PerSecond => Rate::EXPECTED,
            Unit::Share => Share::EXPECTED,
            Unit::Number => f64::EXPECTED,
        }
    }
}
