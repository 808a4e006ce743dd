//! What an experiment found: plain structs with public fields, all that a report sees.

use crate::stats::{CoarseHistogram, Estimate, Histogram};
use crate::units::Span;

pub use super::findings::{Bottleneck, Deadlock, Incident, Over, Standing, Used};
use super::measure::Measures;
use super::traced::TracedRequest;

/// The quantiles of latency that are reported, lowest first.
pub const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];

/// The results of all replications of one scenario.
#[derive(Clone, Debug)]
pub struct Results {
    /// The scenario's name.
    pub name: String,
    /// The root of all random streams.
    pub seed: u64,
    /// Simulated length of each replication, warm-up included.
    pub duration: Span,
    /// How much of the start is left out of every figure.
    pub warmup: Span,
    /// Whether the warm-up was found (MSER-5) rather than given.
    pub warmup_found: bool,
    /// Replications finished. Fewer than `planned` after an interruption.
    pub replications: usize,
    /// Replications asked for.
    pub planned: usize,
    /// One entry per client and request type, in the scenario's order.
    pub requests: Vec<RequestResult>,
    /// All requests of all clients together.
    pub total: RequestResult,
    /// One entry per component, in the scenario's order, then one per pipe of a link, then one for
    /// all machines of a name that have something which those on them share.
    pub components: Vec<ComponentResult>,
    /// The figures of the whole run.
    pub run: Measures,
    /// The measured part of a run cut into equal windows, averaged over replications.
    pub series: Series,
    /// The resource that limits the load or is used most, if any is in use and nothing is stuck.
    pub bottleneck: Option<Bottleneck>,
    /// Requests that wait for one another, if they do.
    pub deadlock: Option<Deadlock>,
    /// What happens at known times, in their order.
    pub incidents: Vec<Incident>,
    /// What a reader must know before trusting the figures; empty is good.
    pub warnings: Vec<String>,
    /// The scenario's `expect:`, decided.
    pub verdicts: Vec<Verdict>,
    /// How precise one figure became, if that decided how many replications there are.
    pub precision: Option<Attained>,
    /// Single requests, if they were asked for.
    pub traced: Option<Vec<TracedRequest>>,
}

impl Results {
    /// Whether it was stopped before all replications were finished.
    pub fn is_interrupted(&self) -> bool {
        self.replications < self.planned
    }
}

/// How the requests of one type fared.
#[derive(Clone, Debug)]
pub struct RequestResult {
    /// The client that sent them; empty for the total.
    pub client: String,
    /// The request type, such as `GET /product`; `all` for the total.
    pub request: String,
    /// Requests that arrived after the warm-up, summed over replications.
    pub arrivals: u64,
    /// How they ended, summed over replications; adds up to `arrivals`.
    pub outcomes: Vec<OutcomeCount>,
    /// Requests sent per second.
    pub arrival_rate: Estimate,
    /// Requests answered well per second.
    pub throughput: Estimate,
    /// Share of the finished requests that did not end well.
    pub error_rate: Estimate,
    /// Share of the answers that were stale; where there are objects that have versions.
    pub stale_rate: Option<Estimate>,
    /// Share of the answers that were another user's; where users have answers of their own.
    pub leak_rate: Option<Estimate>,
    /// What the users' own caches did, where they have any.
    pub browser: Option<BrowserResult>,
    /// Mean latency of the requests answered well (s).
    pub mean_latency: Estimate,
    /// Latency at each of [`QUANTILES`] of the requests answered well (s).
    pub latency: [Estimate; QUANTILES.len()],
    /// All latencies of the requests answered well, all replications together (ns).
    pub histogram: Histogram,
    /// Every figure, of which those above are some.
    pub measures: Measures,
}

/// What users' own caches did for the requests of one type. Counts are summed over replications.
#[derive(Clone, Debug)]
pub struct BrowserResult {
    /// Requests that looked there first.
    pub lookups: u64,
    /// Of them, those answered from there.
    pub hits: u64,
    /// Those that asked whether what was there was still true.
    pub conditional: u64,
    /// Of these, those whose answer was that it is (304).
    pub not_modified: u64,
    /// Those sent though what was there was still the newest version.
    pub needless: u64,
    /// Bytes of answers that did not come.
    pub saved: u64,
    /// Share of the requests that were answered from there.
    pub hit_ratio: Estimate,
    /// Share of these with an older version than there was at that moment.
    pub stale_hits: Estimate,
    /// Share of the requests that asked whether what was there was still true.
    pub conditional_share: Estimate,
    /// Of these, the share whose answer was that it is.
    pub not_modified_rate: Estimate,
    /// Share of the requests that were sent though what was there was still the newest version.
    pub needless_rate: Estimate,
    /// Share of the bytes of all answers that did not come.
    pub bytes_saved: Estimate,
}

/// How many requests ended in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeCount {
    /// `ok`, `stale`, `timed out`, `rejected by app`, `failed at main`, `lost on app -> main`,
    /// `in flight at the end`.
    pub outcome: String,
    /// Requests, summed over replications.
    pub count: u64,
}

/// How one component fared; a replicated one is the sum of its instances. Nobody visits a machine:
/// what is of visits is not a number there.
#[derive(Clone, Debug)]
pub struct ComponentResult {
    /// Its name in the scenario; of a link's pipe `a -> b` for questions and `a <- b` for answers.
    pub name: String,
    /// The word of the scenario for what it is: `server`, `database`, `load_balancer`, or `link` or
    /// `machine`.
    pub kind: &'static str,
    /// Number of instances.
    pub instances: usize,
    /// Visits answered well per second, all instances together.
    pub answered: Estimate,
    /// Each thing of the component that can run out, with how much of it was in use.
    pub resources: Vec<ResourceResult>,
    /// Mean number of requests waiting in it, for a worker, a connection or a core.
    pub queue: Estimate,
    /// The most that ever waited in one instance, over all replications.
    pub queue_max: u64,
    /// Mean number of requests present in it, waiting or not.
    pub present: Estimate,
    /// Mean time that a visit waits for a worker, a connection or a core (s).
    pub wait: Estimate,
    /// Share of visits that wait at all.
    pub wait_share: Estimate,
    /// Mean time from arrival to answer, calls to other components included (s).
    pub sojourn: Estimate,
    /// Mean time in the component itself: the sojourn less the calls to others (s).
    pub own: Estimate,
    /// Waits of all visits, all replications together (ns).
    pub waits: CoarseHistogram,
    /// Sojourn times of all visits, all replications together (ns).
    pub sojourns: CoarseHistogram,
    /// What it remembered, if it is a cache or has one of its own.
    pub cache: Option<CacheResult>,
    /// What became of the sessions of its users, if it has any.
    pub sessions: Option<SessionResult>,
    /// What the busiest instance has answered well, relative to the mean of all; where there are
    /// several, and something of users is known from one request to the next.
    pub imbalance: Option<Estimate>,
    /// Visits that ended (answered, for somebody or nobody), summed over replications.
    pub visits: u64,
    /// Visits turned away because the queue was full, summed over replications.
    pub rejected: u64,
    /// How often a server was killed because no memory was left, summed over replications; `None`
    /// where memory is never short.
    pub killed: Option<u64>,
    /// Visits finished after their callers had given up, summed over replications.
    pub wasted: u64,
    /// Processor time spent on such visits, as a share of all processor time used.
    pub wasted_share: Estimate,
    /// For how much of the time at least so many were present in an instance, on average over the
    /// instances; from one on.
    pub present_at_least: Vec<AtLeast>,
    /// Every figure, of which those above are some.
    pub measures: Measures,
}

/// For how much of the time at least so many requests were present.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtLeast {
    /// The number, or the least of several that are told together.
    pub from: u64,
    /// The greatest of them.
    pub to: u64,
    /// The share of the time; of several numbers, on average.
    pub share: Estimate,
}

/// How a cache fared; of several instances all together.
#[derive(Clone, Debug)]
pub struct CacheResult {
    /// Lookups that were answered, summed over replications: hits, delayed hits and misses.
    pub lookups: u64,
    /// Of them, those answered with an entry.
    pub hits: u64,
    /// Those that waited for what another was fetching.
    pub delayed_hits: u64,
    /// Those that found nothing.
    pub misses: u64,
    /// Writes that were answered and that the database behind will never get, summed over
    /// replications.
    pub lost_writes: u64,
    /// Share of the lookups that needed no fetch of their own.
    pub hit_ratio: Estimate,
    /// Share of the lookups that waited for what another was fetching.
    pub delayed_share: Estimate,
    /// Mean time that these waited (s).
    pub delay: Estimate,
    /// Share of the hits with an older version than there was at that moment.
    pub stale_hits: Estimate,
    /// Hits and delayed hits with another user's answer, in a replication; of a cache that goes by
    /// the header.
    pub leaks: Option<Estimate>,
    /// Share of the hits with an entry that was just fetched anew, its TTL being over.
    pub revalidating_hits: Estimate,
    /// Share of the hits that there is nothing under the key.
    pub negative_hits: Estimate,
    /// Mean age of the entries that were hit (s).
    pub hit_age: Estimate,
    /// Misses per second.
    pub miss_rate: Estimate,
    /// Entries filled per second.
    pub fill_rate: Estimate,
    /// Entries that made room for others, per second.
    pub eviction_rate: Estimate,
    /// Entries whose time was over, per second.
    pub expiry_rate: Estimate,
    /// Entries removed because their object was written, per second.
    pub invalidation_rate: Estimate,
    /// Mean number of entries held, of all instances together.
    pub entries: Estimate,
    /// Mean number of bytes held, of all instances together.
    pub bytes: Estimate,
}

/// What became of requests that need a session, and of the sessions; counts are summed over
/// replications. Each request finds a session, logs its user in, or comes from somebody else.
#[derive(Clone, Debug)]
pub struct SessionResult {
    /// Requests that needed a session.
    pub needed: u64,
    /// Requests that found the session of their user.
    pub found: u64,
    /// Requests that logged their user in.
    pub logins: u64,
    /// Of them, those whose session had not been used for too long.
    pub expired: u64,
    /// Of the logins, those whose session was still good, but not there.
    pub relogins: u64,
    /// Good sessions that were lost.
    pub lost: u64,
    /// Share of the requests that logged their user in.
    pub login_share: Estimate,
    /// Calls to wherever sessions are kept.
    pub calls: u64,
    /// Bytes of cookies that clients have sent.
    pub cookie_bytes: u64,
    /// Cookies that browsers refused, as too large.
    pub cookies_refused: u64,
    /// Requests with a forged cookie that were served.
    pub forged_served: u64,
    /// Requests with a forged cookie that were rejected.
    pub forged_rejected: u64,
    /// Requests with a stolen cookie that were served.
    pub stolen_served: u64,
    /// Requests with a stolen cookie that were rejected.
    pub stolen_rejected: u64,
}

/// How much of one resource of a component was in use.
#[derive(Clone, Debug)]
pub struct ResourceResult {
    /// `cpu`, `workers`, `connections`, `concurrency`, `bandwidth` or `memory`.
    pub name: &'static str,
    /// How many there are, over all instances; of memory, bytes.
    pub capacity: f64,
    /// The share in use whatever the load: of memory, what workers take from the start.
    pub idle: f64,
    /// Whether requests hold it for as long as they are there, whatever they wait for meanwhile.
    pub held: bool,
    /// Mean share in use, 0 to 1.
    pub utilisation: Estimate,
    /// The same of the busiest instance.
    pub busiest: Estimate,
}

impl ResourceResult {
    /// What is in use because of the load, as a share of what load can fill.
    pub fn filled(&self) -> f64 {
        self.of_load(&self.utilisation).mean
    }

    /// The same of any share in use.
    pub fn of_load(&self, used: &Estimate) -> Estimate {
        let load = 1.0 - self.idle;
        Estimate {
            mean: (used.mean - self.idle) / load,
            half_width: used.half_width.map(|half| half / load),
            ends: used.ends.map(|ends| ends.map(|end| (end - self.idle) / load)),
            n: used.n,
        }
    }
}

/// The measured part of the runs, window by window; every vector inside is as long as `starts`.
#[derive(Clone, Debug)]
pub struct Series {
    /// Length of each window.
    pub window: Span,
    /// Start of each window (s since the start of the run).
    pub starts: Vec<f64>,
    /// One entry per client and request type, in the order of [`Results::requests`].
    pub requests: Vec<Lines>,
    /// All requests of all clients together. Its intervals are not the sum of theirs: types that
    /// rise and fall together do not cancel.
    pub total: Lines,
    /// One entry per component, in the order of [`Results::components`].
    pub components: Vec<Lines>,
    /// The same of each of their resources, such as `utilisation:cpu`.
    pub resources: Vec<Lines>,
}

/// The figures of one subject over time.
#[derive(Clone, Debug, Default)]
pub struct Lines(pub Vec<Line>);

/// A figure over time.
#[derive(Clone, Debug)]
pub struct Line {
    /// Such as `p99`.
    pub name: String,
    /// Such as `s`.
    pub unit: &'static str,
    /// Its mean in each window; `n` counts replications in which there was something to measure.
    pub values: Vec<Estimate>,
    /// Its values in the first replication; not-a-number where there was nothing to measure.
    pub first: Vec<f64>,
}

impl Lines {
    /// The figure of this name; nothing where the subject has it not.
    pub fn of(&self, name: &str) -> &[Estimate] {
        self.line(name).map_or(&[], |line| &line.values)
    }

    /// The same with what was in the first replication.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.0.iter().find(|line| line.name == name)
    }
}

/// How precise a figure became whose precision was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Attained {
    /// Such as `p99(GET /product)`.
    pub figure: String,
    /// The greatest error that was asked for, as a share of the figure's true value.
    pub asked: f64,
    /// The half-width of its interval as a share of its estimate; infinite where nothing is known.
    pub relative: f64,
    /// Whether that is precise enough. Otherwise the replications ran out.
    pub reached: bool,
}

/// One line of `expect:`, decided.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The expectation as written.
    pub expectation: String,
    /// What was found, in the unit of the metric.
    pub found: String,
    /// Whether it held.
    pub holds: Decision,
    /// If that is undecided: about how many more replications would decide, where that can be said.
    pub more: Option<usize>,
}

/// How an expectation came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The whole interval is on the right side.
    Holds,
    /// The whole interval is on the wrong side.
    Fails,
    /// The interval straddles the bound: more replications would decide.
    Undecided,
}
