//! One queue in front of equal servers, fed by a Poisson stream: M/M/c with or without a limit,
//! from which M/G/1, M/G/c and processor sharing follow.
//!
//! Sources: Erlang (1917) and Kleinrock, *Queueing Systems* I (1975), sections 3.5 to 3.8, for
//! M/M/c and M/M/c/K; Pollaczek (1930) and Khinchine (1932) for M/G/1, which the waiting of M/M/1
//! times (1 + cv²)/2 is; Lee and Longton (1959) for the same factor with several servers, where it
//! is an approximation; Kelly, *Reversibility and Stochastic Networks* (1979), section 3.3, for
//! processor sharing, where the number present depends on the mean service alone.

/// Beyond so many places the explicit sum ends: a longer queue is as good as endless.
const LONGEST: u64 = 100_000;
/// Weights are brought down when their sum exceeds this.
const GREAT: f64 = 1e200;

/// A queue in its steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Queue {
    /// Share of arrivals that are turned away or, where nobody is, that can never be served.
    pub(crate) loss: f64,
    /// Mean number present; infinite where there is no steady state.
    pub(crate) present: f64,
    /// Mean number present beyond one for each server.
    pub(crate) waiting: f64,
    /// Mean number present beyond a level asked for.
    pub(crate) beyond: f64,
}

/// The weights of the states, added up.
#[derive(Default)]
struct Sums {
    total: f64,
    present: f64,
    waiting: f64,
    beyond: f64,
}

impl Sums {
    /// States with a weight together, and their mean numbers.
    fn add(&mut self, weight: f64, present: f64, servers: f64, level: f64) {
        self.total += weight;
        self.present += weight * present;
        self.waiting += weight * (present - servers).max(0.0);
        self.beyond += weight * (present - level).max(0.0);
    }

    fn scale(&mut self, factor: f64) {
        for sum in [&mut self.total, &mut self.present, &mut self.waiting, &mut self.beyond] {
            *sum *= factor;
        }
    }
}

/// The queue that `load` (arrival rate times mean service, in servers) makes in front of so many
/// servers, with room for so many in all, and how much of it lies beyond `level`.
pub(crate) fn queue(load: f64, servers: u64, room: Option<u64>, level: Option<u64>) -> Queue {
    let room = room.filter(|&room| room <= LONGEST);
    let endless = Queue { loss: 0.0, present: load, waiting: 0.0, beyond: 0.0 };
    if load <= 0.0 {
        return endless;
    }
    let each = servers as f64;
    let ratio = load / each;
    if load == f64::INFINITY {
        let room = room.map_or(f64::INFINITY, |room| room as f64);
        return Queue { loss: 1.0, present: room, waiting: f64::INFINITY, beyond: f64::INFINITY };
    }
    if room.is_none() && ratio >= 1.0 {
        let infinite = f64::INFINITY;
        let loss = 1.0 - 1.0 / ratio;
        return Queue { loss, present: infinite, waiting: infinite, beyond: infinite };
    }
    if room.is_none() && servers > LONGEST {
        return endless;
    }
    let level = level.unwrap_or(u64::MAX);
    let explicit = if level <= LONGEST { servers.max(level) } else { servers };
    let last = room.unwrap_or(explicit);
    let mut sums = Sums::default();
    let mut weight = 1.0;
    sums.add(weight, 0.0, each, level as f64);
    for present in 1..=last {
        weight *= load / present.min(servers) as f64;
        sums.add(weight, present as f64, each, level as f64);
        if sums.total > GREAT {
            weight /= GREAT;
            sums.scale(1.0 / GREAT);
        }
    }
    if room.is_none() {
        // The states beyond fall off geometrically: their weight, and their mean distance.
        let tail = weight * ratio / (1.0 - ratio);
        let mean = last as f64 + 1.0 / (1.0 - ratio);
        sums.add(tail, mean, each, level as f64);
    }
    Queue {
        loss: if room.is_some() { weight / sums.total } else { 0.0 },
        present: sums.present / sums.total,
        waiting: sums.waiting / sums.total,
        beyond: sums.beyond / sums.total,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean wait of the served (s), at `rate` with this mean service.
    #[track_caller]
    fn check(rate: f64, service: f64, servers: u64, room: Option<u64>, wait: f64, present: f64) {
        let found = queue(rate * service, servers, room, None);
        let served = rate * (1.0 - found.loss);
        assert!((found.waiting / served / wait - 1.0).abs() < 1e-9, "{found:?}");
        assert!((found.present / present - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn m_m_c_is_that_of_the_reference_cases() {
        check(80.0, 0.01, 1, None, 0.04, 4.0);
        check(140.0, 0.01, 2, None, 0.009_607_843_137_254_9, 1.4 + 1.345_098_039_215_686);
        check(1216.0, 0.05, 64, None, 0.009_187_670_811_093_467, 60.8 + 11.172_207_706_289_656);
    }

    #[test]
    fn m_m_c_k_is_that_of_the_reference_cases() {
        for (rate, service, servers, room, loss, present, sojourn) in [
            (
                120.0,
                0.01,
                1,
                10,
                0.192_586_495_126_805_65,
                6.710_708_678_369_194,
                0.069_261_378_441_429_49,
            ),
            (
                380.0,
                0.01,
                4,
                20,
                0.031_272_918_679_516_204,
                9.291_143_262_754_456,
                0.025_239_695_966_711_245,
            ),
        ] {
            let found = queue(rate * service, servers, Some(room), None);
            assert!((found.loss / loss - 1.0).abs() < 1e-9, "{found:?}");
            assert!((found.present / present - 1.0).abs() < 1e-9, "{found:?}");
            let served = rate * (1.0 - found.loss);
            assert!((found.present / served / sojourn - 1.0).abs() < 1e-9, "{found:?}");
        }
        // Erlang B.
        let found = queue(8.0, 10, Some(10), None);
        assert!((found.loss / 0.121_661_064_252_951_5 - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn an_overloaded_queue_without_a_limit_has_no_steady_state() {
        let found = queue(2.0, 1, None, None);
        assert_eq!((found.loss, found.present), (0.5, f64::INFINITY));
        // A hundred times too much for a thousand places: all of them taken, no number too great.
        let found = queue(1e5, 1000, Some(2000), Some(1500));
        assert!((found.loss - 0.99).abs() < 1e-3 && found.present > 1999.9, "{found:?}");
        assert!((found.beyond - (found.present - 1500.0)).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn what_is_beyond_a_level_is_the_tail_of_a_geometric_distribution() {
        // M/M/1 at 80%: P(n) = 0.2 0.8^n, so that E(n - 5)+ = 0.8^5 4.
        let found = queue(0.8, 1, None, Some(5));
        assert!((found.beyond - 0.8_f64.powi(5) * 4.0).abs() < 1e-12, "{found:?}");
        assert!((found.present - 4.0).abs() < 1e-12);
    }
}
