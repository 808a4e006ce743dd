//! How a balancer chooses. A policy is a file of its own, which says what a scenario tells it, what
//! it remembers of its backends and how it chooses; they are listed here.

mod consistent_hash;
mod first_available;
mod least_connections;
mod least_reported_load;
mod least_response_time;
mod power_of_d;
mod random;
mod roster;
mod round_robin;
mod smooth_weighted_round_robin;
mod source_hash;
mod ties;
mod weighted_random;
mod weighted_round_robin;

use crate::component::kind::{Choice, Truth};
use crate::document::{Place, Problem, choice, variant};
use crate::engine::{Draws, Lane, Stream};
use crate::message::{LinkId, NodeId};
use crate::runtime::Ctx;
use crate::units::{Span, Time};

use ties::Ties;

/// A policy, with what it remembers of its backends, which it knows by their number.
pub(super) trait Balancing: Clone {
    /// What it has to be told; `()` if nothing.
    type Spec;
    /// Whether it heeds the weights of backends.
    const WEIGHS: bool = false;
    /// Whether it needs to know which user asks.
    const KNOWS_USERS: bool = false;
    /// Whether equally good backends may be taken in turn.
    const TAKES_TURNS: bool = true;
    /// How it differs from choosing at random, if it does.
    const CHOICE: Option<Choice>;

    /// Nothing has been sent yet.
    fn new(spec: &Self::Spec, setup: &Setup) -> Self;

    /// What is wrong with what it is told. `backends` is how many instances there are to choose
    /// from, if that is known.
    fn check(_spec: &Self::Spec, _backends: Option<u64>) -> Option<Problem> {
        None
    }

    /// How many of what it remembers for each backend, and where the scenario says so; `None` if
    /// that is one thing.
    fn memory(_: &Self::Spec) -> Option<(u64, &'static str, Place)> {
        None
    }

    /// The backend to take, which is then taken to have been asked. At least one is on the list.
    fn choose(&mut self, incoming: &Incoming) -> usize;

    /// A request is sent to a backend, be it chosen here or not.
    fn sent(&mut self, _backend: usize) {}

    /// A backend is on the list from now on, or is not.
    fn list(&mut self, backend: usize, listed: bool);

    /// A backend has answered a request sent at `sent`.
    fn answered(&mut self, _backend: usize, _sent: Time, _now: Time) {}

    /// The run begins: the policy may set alarms of its own, with tags up to [`LAST_TAG`].
    fn start(&mut self, _: &[Backend], _: &mut Ctx) {}

    /// One of these alarms goes off.
    fn on_alarm(&mut self, _tag: u32, _: &[Backend], _: &mut Ctx) {
        unreachable!("this policy sets no alarms");
    }
}

/// Declares the policies: each with what it is told, the type that it is, and its word.
macro_rules! policies {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $(
                $(#[doc = $tag_doc:literal])*
                $policy:ident($spec:ty) => $chooser:ty = $word:literal,
            )*
        }
    ) => {
        variant! {
            $(#[doc = $doc])*
            pub enum $name {
                $($(#[doc = $tag_doc])* $policy($spec) = $word,)*
            }
        }

        impl $name {
            /// The word of the scenario for it.
            pub fn word(&self) -> &'static str {
                match self {
                    $($name::$policy(_) => $word,)*
                }
            }

            /// Whether it heeds the weights of backends.
            pub fn weighs(&self) -> bool {
                match self {
                    $($name::$policy(_) => <$chooser>::WEIGHS,)*
                }
            }

            /// Whether it needs to know which user asks.
            pub fn knows_users(&self) -> bool {
                match self {
                    $($name::$policy(_) => <$chooser>::KNOWS_USERS,)*
                }
            }

            /// Whether equally good backends may be taken in turn.
            pub(super) fn takes_turns(&self) -> bool {
                match self {
                    $($name::$policy(_) => <$chooser>::TAKES_TURNS,)*
                }
            }

            /// How ties are broken where the scenario does not say it: as nginx does where weights
            /// count, else at random.
            pub(super) fn usual_tie_break(&self) -> TieBreak {
                if self.weighs() { TieBreak::RoundRobin } else { TieBreak::Random }
            }

            /// How it differs from choosing at random, if it does.
            pub(super) fn choice(&self) -> Option<Choice> {
                match self {
                    $($name::$policy(_) => <$chooser>::CHOICE,)*
                }
            }

            /// What is wrong with what it is told.
            pub(super) fn check(&self, backends: Option<u64>) -> Option<Problem> {
                match self {
                    $($name::$policy(spec) => <$chooser>::check(spec, backends),)*
                }
            }

            /// How many of what it remembers for each backend, and where the scenario says so.
            pub(super) fn memory(&self) -> Option<(u64, &'static str, Place)> {
                match self {
                    $($name::$policy(spec) => <$chooser>::memory(spec),)*
                }
            }

            /// The words of all that heed weights.
            pub(super) fn weighing() -> impl Iterator<Item = &'static str> {
                [$(($word, <$chooser>::WEIGHS)),*].into_iter().filter_map(|(word, weighs)| {
                    weighs.then_some(word)
                })
            }
        }

        /// A policy at work.
        #[derive(Clone, Debug)]
        pub(super) enum Chooser {
            $($policy($chooser),)*
        }

        impl Chooser {
            /// Nothing has been sent yet.
            pub(super) fn new(policy: &$name, setup: &Setup) -> Chooser {
                match policy {
                    $($name::$policy(spec) => {
                        Chooser::$policy(<$chooser as Balancing>::new(spec, setup))
                    })*
                }
            }

            /// The backend to take, which is then taken to have been asked.
            #[inline(always)]
            pub(super) fn choose(&mut self, incoming: &Incoming) -> usize {
                match self {
                    $(Chooser::$policy(chooser) => chooser.choose(incoming),)*
                }
            }

            /// A request is sent to a backend that was not chosen here.
            pub(super) fn sent(&mut self, backend: usize) {
                match self {
                    $(Chooser::$policy(chooser) => chooser.sent(backend),)*
                }
            }

            /// A backend is on the list from now on, or is not. There must be one when a choice is
            /// made.
            pub(super) fn list(&mut self, backend: usize, listed: bool) {
                match self {
                    $(Chooser::$policy(chooser) => chooser.list(backend, listed),)*
                }
            }

            /// A backend has answered a request sent at `sent`.
            #[inline]
            pub(super) fn answered(&mut self, backend: usize, sent: Time, now: Time) {
                match self {
                    $(Chooser::$policy(chooser) => chooser.answered(backend, sent, now),)*
                }
            }

            /// The run begins.
            pub(super) fn start(&mut self, backends: &[Backend], ctx: &mut Ctx) {
                match self {
                    $(Chooser::$policy(chooser) => chooser.start(backends, ctx),)*
                }
            }

            /// An alarm of the policy's goes off.
            pub(super) fn on_alarm(&mut self, tag: u32, backends: &[Backend], ctx: &mut Ctx) {
                match self {
                    $(Chooser::$policy(chooser) => chooser.on_alarm(tag, backends, ctx),)*
                }
            }
        }
    };
}

policies! {
    /// How a load balancer chooses a backend.
    pub enum Policy {
        /// Any backend, all equally likely.
        Random(()) => random::Random = "random",
        /// Any backend, each as likely as its share of the weights.
        WeightedRandom(()) => weighted_random::WeightedRandom = "weighted_random",
        /// Each backend in turn.
        RoundRobin(()) => round_robin::RoundRobin = "round_robin",
        /// Each backend in turn, as many requests in a row as its weight.
        WeightedRoundRobin(()) => weighted_round_robin::WeightedRoundRobin = "weighted_round_robin",
        /// Each backend as often as its weight, spread as evenly as may be: the order of nginx.
        SmoothWeightedRoundRobin(())
            => smooth_weighted_round_robin::SmoothWeightedRoundRobin = "smooth_weighted_round_robin",
        /// The backend with the fewest requests that this balancer has sent and not seen answered.
        LeastConnections(()) => least_connections::LeastConnections<false> = "least_connections",
        /// The backend with the fewest such requests for its weight.
        WeightedLeastConnections(())
            => least_connections::LeastConnections<true> = "weighted_least_connections",
        /// The first backend of the list that has room, so that the last are idle while there is
        /// little to do.
        FirstAvailable(first_available::FirstAvailableSpec)
            => first_available::FirstAvailable = "first_available",
        /// The one with the fewest such requests among a few distinct backends taken at random.
        PowerOfD(power_of_d::PowerOfDSpec)
            => power_of_d::PowerOfD = "power_of_d",
        /// The backend that is expected to answer first, going by how long its answers took (peak
        /// EWMA) and how many are outstanding.
        LeastResponseTime(least_response_time::LeastResponseTimeSpec)
            => least_response_time::LeastResponseTime = "least_response_time",
        /// The backend with the least load by its last report. What has been sent since is not
        /// counted.
        LeastReportedLoad(least_reported_load::LeastReportedLoadSpec)
            => least_reported_load::LeastReportedLoad = "least_reported_load",
        /// Always the same backend for the same user.
        SourceHash(()) => source_hash::SourceHash = "source_hash",
        /// The backend that follows the user on a ring of hashes: few users move when a backend
        /// comes or goes.
        ConsistentHash(consistent_hash::ConsistentHashSpec)
            => consistent_hash::ConsistentHash = "consistent_hash",
    }
}

choice! {
    /// Which of several equally good backends is taken. Published results hinge on it.
    pub enum TieBreak {
        /// Any of them, all equally likely.
        Random = "random",
        /// The first in the order of the backends.
        Lowest = "lowest",
        /// In turn, each as often as its weight where the policy heeds weights: as nginx does.
        RoundRobin = "round_robin",
    }
}

/// A component instance that requests are passed on to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backend {
    pub(crate) node: NodeId,
    pub(crate) link: LinkId,
    pub(crate) weight: u32,
    /// How long the balancer waits for an answer, if not for ever.
    pub(crate) timeout: Option<Span>,
    pub(crate) timeout_lane: Option<Lane>,
    /// What is random about where it stands, on a ring or in an interval.
    pub(crate) places: Stream,
}

/// What a policy may know of its balancer.
pub(super) struct Setup<'a> {
    pub(super) backends: &'a [Backend],
    pub(super) tie_break: TieBreak,
    /// What users are hashed with.
    pub(super) users: Stream,
}

impl Setup<'_> {
    /// How many backends there are.
    fn count(&self) -> usize {
        self.backends.len()
    }

    /// Their weights.
    fn weights(&self) -> Vec<u32> {
        self.backends.iter().map(|backend| backend.weight).collect()
    }

    /// What breaks ties among backends of which none weighs more.
    fn ties(&self) -> Ties {
        Ties::new(self.tie_break, &vec![1; self.count()])
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

/// The last of the tags that a policy may give its alarms.
pub(super) const LAST_TAG: u32 = (1 << 31) - 1;

/// The key of a backend that is off the list, in a tournament: after all others.
const OFF_THE_LIST: u64 = u64::MAX - 1;

/// How policies that go by what each backend has to do differ from choosing at random.
const TO_THE_LEAST: Option<Choice> = Some(Choice {
    how: "sends to the backend with least to do, not at random",
    truth: Truth::Shorter,
    at_best_one_queue: true,
});

/// How policies that go by the user differ from choosing at random.
const BY_THE_USER: Option<Choice> = Some(Choice {
    how: "sends a user always to the same, so that loads differ",
    truth: Truth::Longer,
    at_best_one_queue: false,
});

#[cfg(test)]
mod tests {
    use super::*;

    /// The `n`-th request, from the `n`-th user.
    pub(super) fn incoming(n: u32) -> Incoming {
        Incoming { user: n, stream: Stream::root(2, 0).at(u64::from(n)), salt: 3 }
    }

    /// How often each of `backends` is taken by 30,000 requests.
    pub(super) fn counts(backends: usize, mut choose: impl FnMut(&Incoming) -> usize) -> Vec<f64> {
        let mut counts = vec![0.0; backends];
        (0..30_000).for_each(|n| counts[choose(&incoming(n))] += 1.0);
        counts
    }

    /// Whether 30,000 requests were spread by these probabilities: each count within six standard
    /// deviations, a false alarm about once in 10^8.
    #[track_caller]
    pub(super) fn check_spread(counts: &[f64], probabilities: &[f64]) {
        for (count, p) in counts.iter().zip(probabilities) {
            let off = (count - 30_000.0 * p).abs();
            assert!(off <= 6.0 * (30_000.0 * p * (1.0 - p)).sqrt(), "{counts:?}");
        }
    }

    /// Whether a policy that asks for nothing takes the backends in this order.
    #[track_caller]
    pub(super) fn check_order(policy: &mut impl Balancing, expect: &[usize]) {
        let chosen: Vec<usize> = expect.iter().map(|_| policy.choose(&incoming(0))).collect();
        assert_eq!(chosen, expect);
    }

    #[test]
    fn policies_that_weigh_are_called_so() {
        assert_eq!(Policy::weighing().count(), 4);
        assert!(Policy::weighing().all(|word| word.contains("weighted")));
    }
}
