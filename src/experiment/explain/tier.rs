//! Workers who are held while their request waits for others: the cores of a component and of all
//! that it calls are a closed network of as many jobs as there are workers, and requests queue for
//! a place in it.
//!
//! The network with `n` jobs stands for one server that works at the network's throughput
//! (Chandy, Herzog and Woo 1975). While workers are plenty that is exact, where the network is of
//! product form; while they run out it is the usual approximation.

use super::closed::{Centre, Closed};

/// The longest queue that is added up term by term.
const LONGEST: u64 = 100_000;

/// What a component's workers wait for while they are held.
#[derive(Clone, Debug)]
pub(super) enum Tier {
    /// Delays alone, and workers elsewhere that wait for delays alone.
    Delays,
    /// Cores too, of the component itself or of those that it calls.
    Network(Network),
}

/// A component's workers with all the cores that they may wait for.
#[derive(Clone, Debug)]
pub(super) struct Network {
    /// For 1 job and more, up to the number of workers.
    pub(super) curve: Vec<Closed>,
    /// The component of each centre, and whether nobody else asks it.
    pub(super) centres: Vec<(usize, bool, Centre)>,
    /// Whether the first centre is the component's own cores.
    pub(super) own: bool,
}

/// A tier in its steady state.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    /// Share of arrivals that are turned away or can never be served.
    pub(super) loss: f64,
    /// Mean number waiting for a worker.
    pub(super) waiting: f64,
    /// Mean number of workers held.
    pub(super) held: f64,
    /// Mean number at each centre.
    pub(super) present: Vec<f64>,
}

impl Tier {
    /// The centres of its network; none of delays alone.
    pub(super) fn centres(&self) -> &[(usize, bool, Centre)] {
        match self {
            Tier::Delays => &[],
            Tier::Network(network) => &network.centres,
        }
    }
}

impl Network {
    /// Requests that come at `rate`, with room for so many to wait.
    pub(super) fn crowd(&self, rate: f64, line: Option<u64>) -> Crowd {
        let workers = self.curve.len();
        let fastest = self.curve[workers - 1].throughput;
        let ratio = rate / fastest;
        let mut weights = vec![1.0];
        for found in &self.curve {
            let last = weights[weights.len() - 1];
            weights.push(last * rate / found.throughput);
            let sum: f64 = weights[weights.len() - 1];
            if sum > 1e200 {
                weights.iter_mut().for_each(|weight| *weight /= 1e200);
            }
        }
        let line = line.filter(|&line| line <= LONGEST);
        let (mut beyond, mut waiting, mut turned_away) = (0.0, 0.0, 0.0);
        match line {
            None if ratio >= 1.0 => {
                let present = self.curve[workers - 1].present.clone();
                let (loss, waiting) = (1.0 - 1.0 / ratio, f64::INFINITY);
                return Crowd { loss, waiting, held: workers as f64, present };
            }
            None => {
                beyond = weights[workers] * ratio / (1.0 - ratio);
                waiting = beyond / (1.0 - ratio);
            }
            Some(line) => {
                let mut weight = weights[workers];
                for place in 1..=line {
                    weight *= ratio;
                    beyond += weight;
                    waiting += place as f64 * weight;
                    if beyond > 1e200 {
                        weights.iter_mut().for_each(|weight| *weight /= 1e200);
                        for sum in [&mut weight, &mut beyond, &mut waiting] {
                            *sum /= 1e200;
                        }
                    }
                }
                turned_away = weight;
            }
        }
        // A request that waits finds all workers held.
        weights[workers] += beyond;
        let total: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(usize) -> f64| -> f64 {
            (1..=workers).map(|n| weights[n] / total * of(n)).sum()
        };
        let centres = 0..self.centres.len();
        Crowd {
            loss: turned_away / total,
            waiting: waiting / total,
            held: mean(&|n| n as f64),
            present: centres.map(|k| mean(&|n| self.curve[n - 1].present[k])).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::explain::closed::curve;
    use crate::experiment::explain::queue::queue;

    fn network(workers: u64, delay: f64, centres: &[Centre]) -> Network {
        let curve = curve(workers, delay, centres).expect("it takes no time");
        let centres = centres.iter().map(|centre| (0, true, *centre)).collect();
        Network { curve, centres, own: true }
    }

    /// Two queues in a row and a delay: with workers in plenty each is as if alone (Jackson).
    #[test]
    fn plenty_of_workers_change_nothing() {
        let centres = [
            Centre { demand: 0.01, servers: 1, copies: 1 },
            Centre { demand: 0.03, servers: 4, copies: 1 },
        ];
        let found = network(300, 0.5, &centres).crowd(80.0, None);
        for (centre, present) in centres.iter().zip(&found.present) {
            let alone = queue(80.0 * centre.demand, centre.servers, None, None);
            assert!((present / alone.present - 1.0).abs() < 1e-9, "{found:?}");
        }
        assert!(found.waiting < 1e-9 && found.loss == 0.0, "{found:?}");
    }

    /// One worker who does everything: M/M/1/K, if all that it does is on one core.
    #[test]
    fn one_worker_is_one_server() {
        let core = [Centre { demand: 0.01, servers: 1, copies: 1 }];
        let found = network(1, 0.0, &core).crowd(120.0, Some(9));
        let expected = queue(1.2, 1, Some(10), None);
        assert!((found.loss / expected.loss - 1.0).abs() < 1e-9, "{found:?}");
        assert!((found.waiting / expected.waiting - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn too_much_for_a_long_queue_fills_it() {
        let core = [Centre { demand: 0.01, servers: 1, copies: 1 }];
        let found = network(24, 0.0, &core).crowd(1e5, Some(4096));
        assert!((found.loss - 0.999).abs() < 1e-6 && found.waiting > 4095.9, "{found:?}");
        let endless = network(24, 0.0, &core).crowd(200.0, None);
        assert!((endless.loss - 0.5).abs() < 1e-12 && endless.waiting == f64::INFINITY);
    }
}
