//! The backend that follows the user on a ring of hashes (Karger et al. 1997), with a bound on the
//! load where one is given (Mirrokni, Thorup and Zadimoghaddam 2018).
//!
//! *Invariant:* where a user hashes to depends on the user and on the run, not on the balancer:
//! balancers side by side agree.

use super::{BY_THE_USER, Balancing, Incoming, Setup};
use crate::component::kind::Choice;
use crate::document::{At, Count, Place, Problem, record};
use crate::engine::{Ring, Stream};
use crate::units::Time;

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

/// The backend whose place follows the user's on a ring.
#[derive(Clone, Debug)]
pub(crate) struct ConsistentHash {
    ring: Ring,
    users: Stream,
    load_factor: Option<f64>,
    outstanding: Vec<u32>,
    total: u64,
    /// Who is on the list, and how many are.
    listed: Vec<bool>,
    count: usize,
}

impl ConsistentHash {
    /// A ring with so many places for each backend, drawn from the backend's stream.
    fn of(
        backends: &[Stream],
        virtual_nodes: u64,
        load_factor: Option<f64>,
        users: Stream,
    ) -> ConsistentHash {
        let ring = Ring::new((0..).zip(backends.iter().copied()), virtual_nodes);
        let count = backends.len();
        let (outstanding, listed) = (vec![0; count], vec![true; count]);
        ConsistentHash { ring, users, load_factor, outstanding, total: 0, listed, count }
    }

    /// How many a backend may have outstanding, this request among them.
    fn most(&self) -> u64 {
        let Some(factor) = self.load_factor else { return u64::MAX };
        let mean = (self.total + 1) as f64 / self.count as f64;
        libm::ceil(factor * mean) as u64
    }
}

impl Balancing for ConsistentHash {
    type Spec = ConsistentHashSpec;
    const KNOWS_USERS: bool = true;
    const CHOICE: Option<Choice> = BY_THE_USER;

    fn new(spec: &ConsistentHashSpec, setup: &Setup) -> ConsistentHash {
        let places: Vec<Stream> = setup.backends.iter().map(|backend| backend.places).collect();
        let nodes = spec.virtual_nodes.value.get();
        let factor = spec.load_factor.as_ref().map(|factor| factor.value);
        ConsistentHash::of(&places, nodes, factor, setup.users)
    }

    fn check(spec: &ConsistentHashSpec, _: Option<u64>) -> Option<Problem> {
        let factor = spec.load_factor.as_ref().filter(|factor| factor.value < 1.0)?;
        let label = "expected a number from 1";
        Some(Problem::new(factor.place, "not all loads can be below the mean load", label))
    }

    fn memory(spec: &ConsistentHashSpec) -> Option<(u64, &'static str, Place)> {
        let nodes = &spec.virtual_nodes;
        Some((nodes.value.get(), "virtual nodes", nodes.place))
    }

    fn choose(&mut self, incoming: &Incoming) -> usize {
        let user = self.users.at(u64::from(incoming.user)).salt();
        let most = self.most();
        let next = |ring: &Ring| {
            let free = |&backend: &usize| {
                self.listed[backend] && u64::from(self.outstanding[backend]) < most
            };
            ring.after(user).map(|backend| backend as usize).find(free)
        };
        let chosen = next(&self.ring);
        let chosen = chosen.expect("not all have the most that is allowed: it is above the mean");
        self.sent(chosen);
        chosen
    }

    /// A request is sent to a backend, be it chosen here or not.
    fn sent(&mut self, backend: usize) {
        self.outstanding[backend] += 1;
        self.total += 1;
    }

    /// A backend is on the list from now on, or is not: its users go to the next on the ring.
    fn list(&mut self, backend: usize, listed: bool) {
        self.listed[backend] = listed;
        self.count = self.listed.iter().filter(|&&listed| listed).count();
    }

    fn answered(&mut self, backend: usize, _: Time, _: Time) {
        self.outstanding[backend] -= 1;
        self.total -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::incoming;
    use super::*;
    use crate::stats::acceptance::{Decision, Kind, Reference, Stage, judge};

    fn backends(count: u64) -> Vec<Stream> {
        (0..count).map(|n| Stream::root(5, 0).at(n)).collect()
    }

    fn ring(count: u64, virtual_nodes: u64, load_factor: Option<f64>) -> ConsistentHash {
        ConsistentHash::of(&backends(count), virtual_nodes, load_factor, Stream::root(6, 0))
    }

    #[test]
    fn the_same_user_goes_to_the_same_backend() {
        let mut ring = ring(7, 100, None);
        let again = |n| Incoming { stream: Stream::root(8, u64::from(n)), ..incoming(n) };
        for n in 0..100 {
            assert_eq!(ring.choose(&incoming(n)), ring.choose(&again(n)));
        }
    }

    #[test]
    fn users_move_only_to_a_backend_that_is_new() {
        let (mut before, mut after) = (ring(9, 100, None), ring(10, 100, None));
        let mut moved = 0;
        for n in 0..2000 {
            let (from, to) = (before.choose(&incoming(n)), after.choose(&incoming(n)));
            assert!(from == to || to == 9);
            moved += u32::from(from != to);
        }
        assert!((100..320).contains(&moved), "about a tenth of 2000: {moved}");
    }

    #[test]
    fn the_users_of_a_backend_off_the_list_move_and_are_back_with_it() {
        let mut ring = ring(9, 100, None);
        let before: Vec<usize> = (0..500).map(|n| ring.choose(&incoming(n))).collect();
        ring.list(3, false);
        for (n, &backend) in (0..500).zip(&before) {
            let now = ring.choose(&incoming(n));
            assert!(now != 3 && (now == backend || backend == 3));
        }
        ring.list(3, true);
        let after: Vec<usize> = (0..500).map(|n| ring.choose(&incoming(n))).collect();
        assert_eq!(before, after);
    }

    /// The bound of 1.25 times the mean, rounded up, is never exceeded and, where one user sends
    /// all requests, met before the next backend is asked.
    #[test]
    fn a_bounded_load_overflows_to_the_next_on_the_ring() {
        let mut ring = ring(4, 50, Some(1.25));
        for total in 1..=200_u64 {
            ring.choose(&incoming(0));
            let most = (1.25 * total as f64 / 4.0).ceil() as u32;
            assert!(ring.outstanding.iter().all(|&count| count <= most), "{:?}", ring.outstanding);
        }
        let mut sorted = ring.outstanding.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [12, 62, 63, 63], "the last has what the bound of the others leaves");
    }

    #[test]
    fn a_bound_of_once_the_mean_makes_all_loads_equal() {
        let mut ring = ring(5, 20, Some(1.0));
        (0..500).for_each(|n| assert!(ring.choose(&incoming(n)) < 5));
        assert_eq!(ring.outstanding, [100; 5]);
    }

    /// Each backend's share of the ring, in multiples of the mean.
    fn shares(count: u64, virtual_nodes: u64, seed: u64) -> Vec<f64> {
        let root = Stream::root(7, seed);
        let backends: Vec<Stream> = (0..count).map(|n| root.at(n)).collect();
        let ring = ConsistentHash::of(&backends, virtual_nodes, None, root);
        let mut shares = vec![0.0; backends.len()];
        let places = ring.ring.places();
        let mut before = places[places.len() - 1].0;
        for &(place, backend) in places {
            shares[backend as usize] += place.wrapping_sub(before) as f64;
            before = place;
        }
        shares.iter().map(|share| share * count as f64 / 18_446_744_073_709_551_616.0).collect()
    }

    /// What is known of the shares of a ring.
    struct Law {
        id: &'static str,
        backends: u64,
        virtual_nodes: u64,
        /// Rings in each replication.
        rings: u64,
        /// Standard deviation of a share over the mean.
        deviation: f64,
        /// Means of the greatest and the least share over the mean.
        extremes: [f64; 2],
        /// The 0.5% and the 99.5% quantile of a share over the mean.
        quantiles: [f64; 2],
    }

    /// A share is Beta(v, (S - 1) v) of S backends with v places each (Dirichlet spacings). The
    /// greatest of 1,000 is known, the least is not.
    const LAWS: [Law; 4] = [
        Law {
            id: "CH-10-1",
            backends: 10,
            virtual_nodes: 1,
            rings: 10_000,
            deviation: 0.904_534_033_733_290_9,
            extremes: [2.928_968_253_968_252_4, 0.1],
            quantiles: [0.005_567_940_241_491_999, 4.449_526_922_151_884],
        },
        Law {
            id: "CH-10-100",
            backends: 10,
            virtual_nodes: 100,
            rings: 1_000,
            deviation: 0.094_820_931_186_152_1,
            extremes: [1.159_426_379_206_497, 0.851_978_433_224_957_6],
            quantiles: [0.770_997_294_049_735_2, 1.259_005_966_997_358_8],
        },
        Law {
            id: "CH-10-1000",
            backends: 10,
            virtual_nodes: 1000,
            rings: 400,
            deviation: 0.029_998_500_112_490_625,
            extremes: [1.049_225_497_804_077_8, 0.951_915_812_856_347],
            quantiles: [0.924_238_951_167_933_9, 1.078_765_832_956_449_8],
        },
        Law {
            id: "CH-1000-100",
            backends: 1000,
            virtual_nodes: 100,
            rings: 10,
            deviation: 0.099_949_487_747_556_71,
            extremes: [1.356_546_464_508_931, f64::NAN],
            quantiles: [0.761_299_681_101_377_9, 1.276_150_791_613_339_2],
        },
    ];

    /// 30 replications; the variance is compared, since its estimate has no bias. A ring of ten
    /// thousand places takes long to fill.
    #[test]
    fn shares_of_the_ring_have_their_exact_distribution() {
        let is_long = |law: &Law| law.id == "CH-10-1000";
        for law in LAWS.into_iter().filter(|law| crate::full_length() || !is_long(law)) {
            let observed: Vec<[f64; 5]> =
                (0..30).map(|replication| observe(&law, replication)).collect();
            let expected = [
                (Kind::Mean, law.deviation * law.deviation),
                (Kind::Mean, law.extremes[0]),
                (Kind::Mean, law.extremes[1]),
                (Kind::Quantile { p: 0.005 }, 0.005),
                (Kind::Quantile { p: 0.995 }, 0.995),
            ];
            for (metric, (kind, expected)) in expected.into_iter().enumerate() {
                if expected.is_nan() {
                    continue;
                }
                let (heavy, allowance, standard_error) = (metric == 0, 0.0, 0.0);
                let reference = Reference { expected, kind, heavy, allowance, standard_error };
                let values: Vec<f64> = observed.iter().map(|values| values[metric]).collect();
                let verdict = judge(&values, &reference, Stage::First);
                assert_eq!(verdict.decision, Decision::Accept, "{} {metric}: {verdict:?}", law.id);
            }
        }
    }

    /// Variance, greatest and least share, and the parts of the shares at or below the quantiles.
    fn observe(law: &Law, replication: u64) -> [f64; 5] {
        let mut values = [0.0; 5];
        for ring in 0..law.rings {
            let shares = shares(law.backends, law.virtual_nodes, replication * law.rings + ring);
            let mean = |of: &dyn Fn(f64) -> f64| {
                shares.iter().map(|&share| of(share)).sum::<f64>() / law.backends as f64
            };
            let below = |quantile: f64| mean(&|share| f64::from(u8::from(share <= quantile)));
            let of_ring = [
                mean(&|share| (share - 1.0) * (share - 1.0)),
                shares.iter().copied().fold(0.0, f64::max),
                shares.iter().copied().fold(f64::INFINITY, f64::min),
                below(law.quantiles[0]),
                below(law.quantiles[1]),
            ];
            for (value, of_ring) in values.iter_mut().zip(of_ring) {
                *value += of_ring / law.rings as f64;
            }
        }
        values
    }
}
