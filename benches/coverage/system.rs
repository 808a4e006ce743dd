//! Systems whose figures are known, simulated by the recursion of Lindley (1952) or, of a loss
//! system, by when its slots are free: the same paths as the simulator's, in less time.

use deploysim::engine::{Draws, Stream};
use deploysim::stats::Histogram;

/// Requests per second.
pub(crate) const RATE: f64 = 50.0;
/// Left out of the start, as a user would leave it out (s).
pub(crate) const WARMUP: f64 = 30.0;

/// A system under Poisson arrivals.
#[derive(Clone, Copy, Debug)]
pub(crate) enum System {
    /// One server, 80% in use, exponential service.
    Mm1,
    /// One server, 60% in use, hyperexponential service (balanced means) with cv 2.
    Mg1,
    /// Four slots, exponential service of 40 ms, no queue.
    Loss,
    /// One request in a thousand fails; 5 requests a second.
    Rare,
}

/// One replication.
pub(crate) struct Run {
    pub(crate) latency: Histogram,
    pub(crate) sent: u64,
    pub(crate) failed: u64,
}

/// The mean of exponential service, and of both phases of hyperexponential service with the
/// probability of the first (balanced means: both have as much work).
const MM1_SERVICE: f64 = 0.8 / RATE;
const LOSS_SERVICE: f64 = 0.04;
const RARE: f64 = 0.001;

fn phases() -> (f64, f64, f64) {
    let (mean, scv): (f64, f64) = (0.6 / RATE, 4.0);
    let first = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
    (first, mean / (2.0 * first), mean / (2.0 * (1.0 - first)))
}

fn exponential(draws: &mut Draws) -> f64 {
    -libm::log(1.0 - draws.unit())
}

impl System {
    pub(crate) const ALL: [System; 4] = [System::Mm1, System::Mg1, System::Loss, System::Rare];

    pub(crate) fn name(self) -> &'static str {
        match self {
            System::Mm1 => "M/M/1 at 0.8",
            System::Mg1 => "M/G/1, cv 2",
            System::Loss => "M/M/4/4",
            System::Rare => "one in 1,000",
        }
    }

    fn rate(self) -> f64 {
        if matches!(self, System::Rare) { RATE / 10.0 } else { RATE }
    }

    /// The mean latency (s).
    pub(crate) fn mean(self) -> f64 {
        match self {
            System::Mm1 => MM1_SERVICE / 0.2,
            // Pollaczek and Khinchin.
            System::Mg1 => 0.6 / RATE + RATE * (0.6 / RATE) * (0.6 / RATE) * 5.0 / 2.0 / 0.4,
            System::Loss => LOSS_SERVICE,
            System::Rare => f64::NAN,
        }
    }

    /// The share of requests that fail.
    pub(crate) fn failed(self) -> f64 {
        match self {
            // Erlang's formula for two erlangs on four slots.
            System::Loss => (16.0 / 24.0) / (1.0 + 2.0 + 2.0 + 8.0 / 6.0 + 16.0 / 24.0),
            System::Rare => RARE,
            System::Mm1 | System::Mg1 => f64::NAN,
        }
    }

    /// The share of latencies beyond `t`. Of M/H2/1 the transform has two poles: (1 - rho) (m s +
    /// ab) over (s² + (a + b - rate) s + ab (1 - rho)), a and b being the rates of the phases.
    fn beyond(self, t: f64) -> f64 {
        match self {
            System::Mm1 => libm::exp(-t / self.mean()),
            System::Loss | System::Rare => libm::exp(-t / LOSS_SERVICE),
            System::Mg1 => {
                let (first, one, other) = phases();
                let (a, b) = (1.0 / one, 1.0 / other);
                let (sum, product) = (a + b - RATE, a * b * 0.4);
                let root = (sum * sum / 4.0 - product).sqrt();
                let (slow, fast) = (sum / 2.0 - root, sum / 2.0 + root);
                let m = first * a + (1.0 - first) * b;
                let weight =
                    |this: f64, that: f64| 0.4 * (a * b - m * this) / (this * (that - this));
                weight(slow, fast) * libm::exp(-slow * t)
                    + weight(fast, slow) * libm::exp(-fast * t)
            }
        }
    }

    /// The quantile of its latency (s), by bisection.
    pub(crate) fn quantile(self, p: f64) -> f64 {
        let (mut low, mut high) = (0.0, 100.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if self.beyond(middle) > 1.0 - p { low = middle } else { high = middle }
        }
        low
    }

    /// A replication that is measured for so many seconds. What is not answered by its end is not
    /// counted.
    pub(crate) fn run(self, stream: Stream, seconds: f64) -> Run {
        let mut draws = stream.draws();
        let end = WARMUP + seconds;
        let mut run = Run { latency: Histogram::new(), sent: 0, failed: 0 };
        let (mut now, mut work, mut slots) = (0.0, 0.0_f64, [0.0_f64; 4]);
        let (first, one, other) = phases();
        loop {
            let gap = exponential(&mut draws) / self.rate();
            now += gap;
            if now > end {
                return run;
            }
            work = (work - gap).max(0.0);
            let service = exponential(&mut draws);
            let latency = match self {
                System::Mm1 => {
                    work += MM1_SERVICE * service;
                    Some(work)
                }
                System::Mg1 => {
                    work += service * if draws.unit() < first { one } else { other };
                    Some(work)
                }
                System::Loss => {
                    let free = slots.iter_mut().find(|busy| **busy <= now);
                    free.map(|slot| {
                        *slot = now + LOSS_SERVICE * service;
                        LOSS_SERVICE * service
                    })
                }
                System::Rare => (draws.unit() >= RARE).then_some(LOSS_SERVICE * service),
            };
            if now > WARMUP && latency.is_none_or(|latency| now + latency <= end) {
                run.sent += 1;
                match latency {
                    Some(latency) => run.latency.record((latency * 1e9) as u64),
                    None => run.failed += 1,
                }
            }
        }
    }
}
