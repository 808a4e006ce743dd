//! How a balancer chooses. To add a policy: a variant of [`Policy`] with its word and what it has
//! to be told, one of [`Chooser`] with its arms, and a file of its own for what it remembers.

use crate::document::{At, Count, choice, record, variant};
use crate::engine::{Draws, Stream};
use crate::units::{Span, Time};

use super::Backend;
use super::hash::{ConsistentHash, SourceHash};
use super::least_connections::{LeastConnections, LeastReported};
use super::power_of_d::{PowerOfD, Shares};
use super::response_time::LeastResponseTime;
use super::roster::Roster;
use super::round_robin::{RoundRobin, SmoothRoundRobin, WeightedRoundRobin};

variant! {
    /// How a load balancer chooses a backend.
    pub enum Policy {
        /// Any backend, all equally likely.
        Random = "random",
        /// Any backend, each as likely as its share of the weights.
        WeightedRandom = "weighted_random",
        /// Each backend in turn.
        RoundRobin = "round_robin",
        /// Each backend in turn, as many requests in a row as its weight.
        WeightedRoundRobin = "weighted_round_robin",
        /// Each backend as often as its weight, spread as evenly as may be: the order of nginx.
        SmoothWeightedRoundRobin = "smooth_weighted_round_robin",
        /// The backend with the fewest requests that this balancer has sent and not seen answered.
        LeastConnections = "least_connections",
        /// The backend with the fewest such requests for its weight.
        WeightedLeastConnections = "weighted_least_connections",
        /// The one with the fewest such requests among a few distinct backends taken at random.
        PowerOfD(PowerOfDSpec) = "power_of_d",
        /// The backend that is expected to answer first, going by how long its answers took (peak
        /// EWMA) and how many are outstanding.
        LeastResponseTime(LeastResponseTimeSpec) = "least_response_time",
        /// The backend with the least load by its last report. What has been sent since is not
        /// counted.
        LeastReportedLoad(LeastReportedLoadSpec) = "least_reported_load",
        /// Always the same backend for the same user.
        SourceHash = "source_hash",
        /// The backend that follows the user on a ring of hashes: few users move when a backend
        /// comes or goes.
        ConsistentHash(ConsistentHashSpec) = "consistent_hash",
    }
}

record! {
    /// Among how many the least loaded is taken.
    pub struct PowerOfDSpec {
        /// How many distinct backends are looked at.
        pub d: At<Count> = "2",
    }
}

record! {
    /// How response times are remembered.
    pub struct LeastResponseTimeSpec {
        /// How long until a response time counts for 1/e. One above the average counts in full at
        /// once; without answers the average fades to nothing, so that a slow backend is tried
        /// again.
        pub decay: At<Span> = "10s",
    }
}

record! {
    /// How backends report how many requests they have.
    pub struct LeastReportedLoadSpec {
        /// Time between two reports of a backend.
        pub interval: At<Span> = "1s",
        /// How old a report is when the balancer learns of it.
        pub delay: Span = "0",
        /// When the backends report.
        pub reports: Reports = "staggered",
    }
}

record! {
    /// How the ring is made and followed.
    pub struct ConsistentHashSpec {
        /// How many places each backend has on the ring.
        pub virtual_nodes: At<Count> = "100",
        /// The most that a backend may have outstanding, as a multiple of the mean; a user whose
        /// backend has that many goes to the next on the ring. From 1; without a bound if not
        /// given.
        pub load_factor: Option<At<f64>>,
    }
}

choice! {
    /// When backends report their loads.
    pub enum Reports {
        /// Each at its own time within the interval.
        Staggered = "staggered",
        /// All at once, as if on a board that is updated every interval.
        Together = "together",
    }
}

choice! {
    /// Which of several equally good backends is taken. Published results hinge on it.
    pub enum TieBreak {
        /// Any of them, all equally likely.
        Random = "random",
        /// The first in the order of the backends.
        Lowest = "lowest",
    }
}

impl Policy {
    /// The word of the scenario for it.
    pub fn word(&self) -> &'static str {
        match self {
            Policy::Random => "random",
            Policy::WeightedRandom => "weighted_random",
            Policy::RoundRobin => "round_robin",
            Policy::WeightedRoundRobin => "weighted_round_robin",
            Policy::SmoothWeightedRoundRobin => "smooth_weighted_round_robin",
            Policy::LeastConnections => "least_connections",
            Policy::WeightedLeastConnections => "weighted_least_connections",
            Policy::PowerOfD(_) => "power_of_d",
            Policy::LeastResponseTime(_) => "least_response_time",
            Policy::LeastReportedLoad(_) => "least_reported_load",
            Policy::SourceHash => "source_hash",
            Policy::ConsistentHash(_) => "consistent_hash",
        }
    }

    /// Whether it heeds the weights of backends.
    pub fn weighs(&self) -> bool {
        self.word().contains("weighted")
    }

    /// Whether it needs to know which user asks.
    pub fn knows_users(&self) -> bool {
        matches!(self, Policy::SourceHash | Policy::ConsistentHash(_))
    }
}

/// What there is to know of a request for which a backend is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incoming {
    /// Who asks.
    pub(super) user: u32,
    /// What is random about the choice comes from here.
    pub(super) stream: Stream,
    pub(super) salt: u64,
}

impl Incoming {
    #[inline]
    pub(super) fn draws(&self) -> Draws {
        self.stream.at(self.salt).draws()
    }
}

/// A policy with what it remembers of its backends, which it knows by their number.
#[derive(Clone, Debug)]
pub(super) enum Chooser {
    Random(Roster),
    WeightedRandom(Shares),
    RoundRobin(RoundRobin),
    WeightedRoundRobin(WeightedRoundRobin),
    SmoothRoundRobin(SmoothRoundRobin),
    LeastConnections(LeastConnections),
    PowerOfD(PowerOfD),
    LeastResponseTime(LeastResponseTime),
    LeastReported(LeastReported),
    SourceHash(SourceHash),
    ConsistentHash(ConsistentHash),
}

impl Chooser {
    /// `users` is what users are hashed with.
    pub(super) fn new(
        policy: &Policy,
        tie_break: TieBreak,
        backends: &[Backend],
        users: Stream,
    ) -> Chooser {
        let count = backends.len();
        let weights: Vec<u32> = backends.iter().map(|backend| backend.weight).collect();
        match policy {
            Policy::Random => Chooser::Random(Roster::new(count)),
            Policy::WeightedRandom => Chooser::WeightedRandom(Shares::new(&weights)),
            Policy::RoundRobin => Chooser::RoundRobin(RoundRobin::new(count)),
            Policy::WeightedRoundRobin => {
                Chooser::WeightedRoundRobin(WeightedRoundRobin::new(weights))
            }
            Policy::SmoothWeightedRoundRobin => {
                Chooser::SmoothRoundRobin(SmoothRoundRobin::new(&weights))
            }
            Policy::LeastConnections => {
                Chooser::LeastConnections(LeastConnections::new(vec![1; count], tie_break))
            }
            Policy::WeightedLeastConnections => {
                Chooser::LeastConnections(LeastConnections::new(weights, tie_break))
            }
            Policy::PowerOfD(spec) => {
                Chooser::PowerOfD(PowerOfD::new(spec.d.value.get(), tie_break, count))
            }
            Policy::LeastResponseTime(spec) => Chooser::LeastResponseTime(LeastResponseTime::new(
                spec.decay.value,
                tie_break,
                count,
            )),
            Policy::LeastReportedLoad(_) => {
                Chooser::LeastReported(LeastReported::new(tie_break, count))
            }
            Policy::SourceHash => Chooser::SourceHash(SourceHash::new(count, users)),
            Policy::ConsistentHash(spec) => {
                let places: Vec<Stream> = backends.iter().map(|backend| backend.places).collect();
                let nodes = spec.virtual_nodes.value.get();
                let factor = spec.load_factor.as_ref().map(|factor| factor.value);
                Chooser::ConsistentHash(ConsistentHash::new(&places, nodes, factor, users))
            }
        }
    }

    /// The backend to take, which is then taken to have been asked.
    #[inline(always)]
    pub(super) fn choose(&mut self, incoming: &Incoming) -> usize {
        match self {
            Chooser::Random(roster) => roster.at(incoming.draws().below(roster.len())),
            Chooser::RoundRobin(round_robin) => round_robin.next(),
            Chooser::LeastConnections(least) => least.choose(incoming),
            Chooser::WeightedRandom(shares) => shares.choose(incoming),
            Chooser::WeightedRoundRobin(round_robin) => round_robin.next(),
            Chooser::SmoothRoundRobin(round_robin) => round_robin.next(),
            Chooser::PowerOfD(power_of_d) => power_of_d.choose(incoming),
            Chooser::LeastResponseTime(least) => least.choose(incoming),
            Chooser::LeastReported(least) => least.choose(incoming),
            Chooser::SourceHash(hash) => hash.choose(incoming),
            Chooser::ConsistentHash(hash) => hash.choose(incoming),
        }
    }

    /// A backend is asked that was not chosen here.
    pub(super) fn sent(&mut self, backend: usize) {
        match self {
            Chooser::LeastConnections(least) => least.sent(backend),
            Chooser::PowerOfD(power_of_d) => power_of_d.sent(backend),
            Chooser::LeastResponseTime(least) => least.sent(backend),
            Chooser::ConsistentHash(hash) => hash.sent(backend),
            _ => {}
        }
    }

    /// A backend is on the list from now on, or is not. There must be one when a choice is made.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        match self {
            Chooser::Random(roster) => roster.list(backend, listed),
            Chooser::RoundRobin(round_robin) => round_robin.list(backend, listed),
            Chooser::LeastConnections(least) => least.list(backend, listed),
            Chooser::WeightedRandom(shares) => shares.list(backend, listed),
            Chooser::WeightedRoundRobin(round_robin) => round_robin.list(backend, listed),
            Chooser::SmoothRoundRobin(round_robin) => round_robin.list(backend, listed),
            Chooser::PowerOfD(power_of_d) => power_of_d.list(backend, listed),
            Chooser::LeastResponseTime(least) => least.list(backend, listed),
            Chooser::LeastReported(least) => least.list(backend, listed),
            Chooser::SourceHash(hash) => hash.list(backend, listed),
            Chooser::ConsistentHash(hash) => hash.list(backend, listed),
        }
    }

    /// A backend has answered a request sent at `sent`.
    #[inline]
    pub(super) fn answered(&mut self, backend: usize, sent: Time, now: Time) {
        match self {
            Chooser::LeastConnections(least) => least.answered(backend),
            Chooser::PowerOfD(power_of_d) => power_of_d.answered(backend),
            Chooser::LeastResponseTime(least) => least.answered(backend, sent, now),
            Chooser::ConsistentHash(hash) => hash.answered(backend),
            _ => {}
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The `n`-th request, from the `n`-th user.
    pub(in super::super) fn incoming(n: u32) -> Incoming {
        Incoming { user: n, stream: Stream::root(2, 0).at(u64::from(n)), salt: 3 }
    }

    /// How often each of `backends` is taken by 30,000 requests.
    pub(in super::super) fn counts(
        backends: usize,
        mut choose: impl FnMut(&Incoming) -> usize,
    ) -> Vec<f64> {
        let mut counts = vec![0.0; backends];
        (0..30_000).for_each(|n| counts[choose(&incoming(n))] += 1.0);
        counts
    }

    /// Whether 30,000 requests were spread by these probabilities: each count within six standard
    /// deviations, a false alarm about once in 10^8.
    #[track_caller]
    pub(in super::super) fn check_spread(counts: &[f64], probabilities: &[f64]) {
        for (count, p) in counts.iter().zip(probabilities) {
            let off = (count - 30_000.0 * p).abs();
            assert!(off <= 6.0 * (30_000.0 * p * (1.0 - p)).sqrt(), "{counts:?}");
        }
    }

    #[test]
    fn random_choices_are_uniform() {
        let mut chooser = Chooser::Random(Roster::new(3));
        check_spread(&counts(3, |incoming| chooser.choose(incoming)), &[1.0 / 3.0; 3]);
    }

    #[test]
    fn only_policies_that_say_so_weigh() {
        assert!(Policy::WeightedRandom.weighs() && Policy::SmoothWeightedRoundRobin.weighs());
        assert!(!Policy::Random.weighs() && !Policy::LeastConnections.weighs());
    }
}
