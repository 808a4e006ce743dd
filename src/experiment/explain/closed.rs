//! Users who wait and think, in a network of queues: the closed product-form network, exactly.
//!
//! Computed by convolution (Buzen 1973) rather than by mean value analysis (Reiser and Lavenberg
//! 1980), which gives the same numbers but loses its digits with many cores. All terms are positive
//! and are kept as logarithms, so that nothing cancels and nothing overflows. With several cores,
//! and for any distribution where cores are shared: Baskett, Chandy, Muntz and Palacios (1975).

/// Beyond so many steps of the sum the answer is not waited for.
const LONGEST: f64 = 2e7;

/// What users queue for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Centre {
    /// Service that one request asks of one of the copies, on average over the copies: in seconds
    /// of a core, or in jobs of what has a pace of its own.
    pub(super) demand: f64,
    /// How fast each copy serves.
    pub(super) pace: Pace,
    /// Copies that requests go to with equal chances.
    pub(super) copies: u64,
}

/// How fast so many who are present are served together.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pace {
    /// By so many cores, each of which serves one.
    Cores(u64),
    /// For one present, for two, and so on: beyond the last as for the last.
    Table(Vec<f64>),
}

impl Pace {
    /// From how many on it is the greatest.
    pub(super) fn most(&self) -> u64 {
        match self {
            Pace::Cores(cores) => *cores,
            Pace::Table(table) => table.len() as u64,
        }
    }

    /// With `present` of them, which are 1 or more.
    pub(super) fn with(&self, present: u64) -> f64 {
        match self {
            Pace::Cores(cores) => (*cores).min(present) as f64,
            Pace::Table(table) => {
                let last = table.len() as u64;
                usize::try_from(present.min(last) - 1).map_or(f64::INFINITY, |index| table[index])
            }
        }
    }
}

/// A closed network in its steady state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Closed {
    /// Requests per second.
    pub(super) throughput: f64,
    /// Mean number of users at all copies of each centre.
    pub(super) present: Vec<f64>,
}

/// So many users, who spend `delay` seconds of each cycle at nothing that can be busy: how they
/// fare, and how many of them are at one copy of each centre, with which probability. `None` where
/// it would take too long.
pub(super) fn spread(
    users: u64,
    delay: f64,
    centres: &[Centre],
) -> Option<(Closed, Vec<Vec<f64>>)> {
    let network = Network::new(users, delay, centres)?;
    let users = usize::try_from(users).ok()?;
    let centres = 0..network.parts.len();
    Some((network.with(users), centres.map(|centre| network.at(centre, users)).collect()))
}

/// The same where 0, 1 and more users are there with these probabilities: how many of them are at
/// one copy of each centre.
pub(super) fn spread_of(users: &[f64], delay: f64, centres: &[Centre]) -> Option<Vec<Vec<f64>>> {
    let network = Network::new(users.len() as u64 - 1, delay, centres)?;
    let of = |centre: usize| {
        let mut all = vec![0.0; users.len()];
        all[0] = users[0];
        for (count, p) in users.iter().enumerate().skip(1) {
            let here = network.at(centre, count);
            all.iter_mut().zip(here).for_each(|(all, here)| *all += p * here);
        }
        all
    };
    Some((0..centres.len()).map(of).collect())
}

/// How one user fares in a network, how two do, and so on.
pub(super) fn curve(users: u64, delay: f64, centres: &[Centre]) -> Option<Vec<Closed>> {
    let squares = users as f64 * users as f64 * centres.len() as f64;
    if squares > LONGEST {
        return None;
    }
    let network = Network::new(users, delay, centres)?;
    Some((1..=usize::try_from(users).ok()?).map(|users| network.with(users)).collect())
}

/// The logarithms of all that is needed of a network, for 0 and more users.
struct Network<'a> {
    centres: &'a [Centre],
    all: Vec<f64>,
    /// For each centre its weights, and the constants without one copy of it.
    parts: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Network<'_> {
    fn new(users: u64, delay: f64, centres: &[Centre]) -> Option<Network<'_>> {
        let copies = |centre: &Centre| centre.copies as f64 * centre.pace.most().min(users) as f64;
        let steps = users as f64 * centres.iter().map(copies).sum::<f64>();
        if steps * (centres.len() + 1) as f64 > LONGEST {
            return None;
        }
        let users = usize::try_from(users).ok()?;
        let part = |index: usize| {
            (weights(users, &centres[index]), constants(users, delay, centres, index))
        };
        Some(Network {
            centres,
            all: constants(users, delay, centres, usize::MAX),
            parts: (0..centres.len()).map(part).collect(),
        })
    }

    fn with(&self, users: usize) -> Closed {
        let all = self.all[users];
        let present = self.centres.iter().zip(&self.parts).map(|(centre, (weights, others))| {
            let term = |n: usize| n as f64 * libm::exp(weights[n] + others[users - n] - all);
            (1..=users).map(term).sum::<f64>() * centre.copies as f64
        });
        Closed { throughput: libm::exp(self.all[users - 1] - all), present: present.collect() }
    }
}

impl Network<'_> {
    /// The probabilities that 0, 1 and up to `users` of so many are at one copy of a centre.
    fn at(&self, centre: usize, users: usize) -> Vec<f64> {
        let (weights, others) = &self.parts[centre];
        let all = self.all[users];
        (0..=users).map(|n| libm::exp(weights[n] + others[users - n] - all)).collect()
    }
}

/// The logarithms of the normalising constants for 0 to `users` users, without one copy of the
/// centre `but`.
fn constants(users: usize, delay: f64, centres: &[Centre], but: usize) -> Vec<f64> {
    let mut constants = vec![0.0];
    for n in 1..=users {
        constants.push(constants[n - 1] + libm::log(delay / n as f64));
    }
    for (index, centre) in centres.iter().enumerate() {
        let weights = weights(users, centre);
        for _ in u64::from(index == but)..centre.copies {
            constants = convolve(&constants, &weights, centre);
        }
    }
    constants
}

/// The logarithm of the weight of 0 to `users` users at a centre: demand^n over the paces with 1, 2
/// and up to n, which are 1 2 … c c c … of c cores.
fn weights(users: usize, centre: &Centre) -> Vec<f64> {
    let mut weights = vec![0.0];
    for n in 1..=users {
        weights.push(weights[n - 1] + libm::log(centre.demand / centre.pace.with(n as u64)));
    }
    weights
}

/// Adds a centre to a network. Beyond its greatest pace a centre's weights fall geometrically,
/// so that their sum goes on from the one before.
fn convolve(network: &[f64], weights: &[f64], centre: &Centre) -> Vec<f64> {
    let servers = usize::try_from(centre.pace.most()).unwrap_or(usize::MAX);
    let ratio = libm::log(centre.demand / centre.pace.with(centre.pace.most()));
    let mut tail = f64::NEG_INFINITY;
    let mut sums = Vec::with_capacity(network.len());
    for n in 0..network.len() {
        if n >= servers {
            tail = add(tail + ratio, weights[servers] + network[n - servers]);
        }
        let few = (0..servers.min(n + 1)).map(|k| weights[k] + network[n - k]);
        sums.push(few.fold(tail, add));
    }
    sums
}

/// The logarithm of a sum, from the logarithms of its terms.
fn add(a: f64, b: f64) -> f64 {
    let (greater, lesser) = if a > b { (a, b) } else { (b, a) };
    if lesser == f64::NEG_INFINITY {
        return greater;
    }
    greater + libm::log1p(libm::exp(lesser - greater))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(users: u64, delay: f64, centres: &[Centre]) -> Option<Closed> {
        spread(users, delay, centres).map(|(found, _)| found)
    }

    fn single(demand: f64) -> Centre {
        Centre { demand, pace: Pace::Cores(1), copies: 1 }
    }

    #[track_caller]
    fn check(users: u64, think: f64, centres: &[Centre], throughput: f64, response: f64) {
        let found = closed(users, think, centres).expect("it takes no time");
        assert!((found.throughput / throughput - 1.0).abs() < 1e-9, "{found:?}");
        let present: f64 = found.present.iter().sum();
        assert!((present / found.throughput / response - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn exact_mva_is_that_of_the_reference_cases() {
        let two = [single(0.02), single(0.03)];
        check(1, 1.0, &two, 0.952_380_952_380_952_3, 0.05);
        check(20, 1.0, &two, 18.342_304_252_594_843, 0.090_375_545_219_224_31);
        check(34, 1.0, &two, 28.717_142_259_421_443, 0.183_961_819_489_380_84);
        let three = [single(0.01), single(0.012), single(0.005)];
        check(4, 0.0, &three, 69.136_822_833_927_26, 0.057_856_288_948_238_58);
        check(32, 0.0, &three, 83.285_794_182_955_16, 0.384_219_185_443_619_8);
    }

    #[test]
    fn the_machine_repairman_has_a_closed_form() {
        check(10, 100.0, &[single(10.0)], 0.078_541_765_689_265_28, 27.320_794_385_537_393);
    }

    /// Ten users on four cores with nothing else are a birth-death chain of ten states.
    #[test]
    fn several_cores_are_a_birth_death_chain() {
        let (users, think, demand, cores) = (10_u64, 0.5, 0.3, 4_u64);
        let mut weights = vec![1.0];
        for n in 1..=users {
            let arrivals = (users - n + 1) as f64 / think;
            weights.push(weights[n as usize - 1] * arrivals * demand / n.min(cores) as f64);
        }
        let total: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(u64) -> f64| -> f64 {
            (0..=users).map(|n| of(n) * weights[n as usize]).sum::<f64>() / total
        };
        let throughput = mean(&|n| n.min(cores) as f64 / demand);
        let present = mean(&|n| n as f64);
        let centre = Centre { demand, pace: Pace::Cores(cores), copies: 1 };
        check(users, think, &[centre], throughput, present / throughput);
    }

    #[test]
    fn a_thousand_users_on_sixty_four_cores_lose_no_digits() {
        let centres = [Centre { demand: 1.0, pace: Pace::Cores(64), copies: 1 }, single(0.001)];
        let found = closed(1000, 1.0, &centres).expect("it takes little time");
        assert!((found.throughput / 64.0 - 1.0).abs() < 1e-9, "{found:?}");
        let everywhere = found.present.iter().sum::<f64>() + found.throughput;
        assert!((everywhere / 1000.0 - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn copies_are_centres_of_their_own() {
        let copied = [Centre { demand: 0.01, pace: Pace::Cores(2), copies: 3 }];
        let one = Centre { copies: 1, ..copied[0].clone() };
        let apart = [one.clone(), one.clone(), one];
        let (a, b) = (closed(20, 0.1, &copied), closed(20, 0.1, &apart));
        let (a, b) = (a.expect("quick"), b.expect("quick"));
        assert!((a.throughput / b.throughput - 1.0).abs() < 1e-12);
        assert!((a.present[0] / b.present.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    /// Two centres of one core each, within which no more than three may be, stand for one centre
    /// of the pace that they have together.
    #[test]
    fn a_part_of_a_network_stands_for_one_centre() {
        let inner = [single(0.02), single(0.03)];
        let curve = curve(40, 0.0, &inner).expect("quick");
        let pace = Pace::Table(curve.iter().map(|found| found.throughput).collect());
        let whole = closed(40, 1.0, &inner).expect("quick");
        let part = closed(40, 1.0, &[Centre { demand: 1.0, pace, copies: 1 }]).expect("quick");
        assert!((whole.throughput / part.throughput - 1.0).abs() < 1e-9, "{whole:?} {part:?}");
    }
}
