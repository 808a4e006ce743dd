//! Workers who are held while their request waits for others: the cores of a component and of all
//! that it calls are a closed network of as many jobs as there are workers, and requests queue for
//! a place in it.
//!
//! The network with `n` jobs stands for one server that works at the network's throughput
//! (Chandy, Herzog and Woo 1975). While workers are plenty that is exact, where the network is of
//! product form; while they run out it is the usual approximation.

use super::closed::{Centre, Closed, Pace, curve, spread_of};

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
    pub(super) parts: Vec<Part>,
    /// How long a job is busy with what nobody waits for (s).
    delay: f64,
    /// Whether the first part is the component's own cores.
    pub(super) own: bool,
}

/// What jobs queue for: the cores of a component, or its workers with all that they wait for.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) component: usize,
    /// Service that a job asks of it in all: of cores in seconds, of workers in visits.
    pub(super) mine: f64,
    /// How many workers each copy has, if it is workers.
    pub(super) workers: Option<u64>,
    /// Nobody else asks for it.
    pub(super) exclusive: bool,
    pub(super) centre: Centre,
    /// What is within, where workers bound how many are.
    pub(super) network: Option<Box<Network>>,
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
    /// Mean number at each part.
    pub(super) present: Vec<f64>,
    /// Whether the first part is the component's own cores.
    pub(super) own: bool,
    /// Whether cores are waited for.
    pub(super) cores: bool,
    /// How many are served per second while all workers are held (1/s).
    pub(super) fastest: f64,
}

impl Crowd {
    /// Workers that are taken for servers, of a part of which 0, 1 and more are at each copy with
    /// these probabilities.
    pub(super) fn of_servers(present: &[f64], workers: u64, part: &Part) -> Crowd {
        let copies = part.centre.copies as f64;
        let mean = |of: &dyn Fn(f64) -> f64| -> f64 {
            present.iter().enumerate().map(|(n, p)| p * of(n as f64)).sum::<f64>() * copies
        };
        let workers = workers as f64;
        Crowd {
            loss: 0.0,
            waiting: mean(&|n| (n - workers).max(0.0)),
            held: mean(&|n| n.min(workers)),
            present: Vec::new(),
            own: false,
            cores: false,
            fastest: part.fastest() * part.mine,
        }
    }
}

impl Tier {
    /// So many workers of a component, which wait for these parts and are busy so long with what
    /// nobody waits for (s). `None` where there are too many to look at one by one.
    pub(super) fn new(
        component: usize,
        workers: u64,
        delay: f64,
        parts: Vec<Part>,
    ) -> Option<Tier> {
        match parts.is_empty() {
            true => Some(Tier::Delays),
            false => Network::new(component, workers, delay, parts).map(Tier::Network),
        }
    }

    /// The parts of its network; none of delays alone.
    pub(super) fn parts(&self) -> &[Part] {
        match self {
            Tier::Delays => &[],
            Tier::Network(network) => &network.parts,
        }
    }
}

impl Part {
    /// The cores of so many instances of a component, of which a job takes `mine` (s) in all.
    pub(super) fn cores(component: usize, mine: f64, servers: u64, copies: u64) -> Part {
        let demand = mine / copies as f64;
        let centre = Centre { demand, pace: Pace::Cores(servers), copies };
        Part { component, mine, workers: None, exclusive: true, centre, network: None }
    }

    /// The workers of a component that a job visits so often: so many in each instance, so many
    /// instances, and so many jobs. Instances that call others are taken together.
    pub(super) fn gate(
        component: usize,
        visits: f64,
        [slots, instances, jobs]: [u64; 3],
        delay: f64,
        parts: Vec<Part>,
    ) -> Part {
        let apart = parts.iter().all(|part| part.component == component);
        let copies = if apart { instances } else { 1 };
        let workers = slots.saturating_mul(instances / copies).min(jobs);
        let alone = delay + parts.iter().map(Part::alone).sum::<f64>();
        // As many as the cores within can keep busy.
        let within = parts.iter().map(Part::fastest).fold(f64::INFINITY, f64::min);
        let busy = libm::floor(within * alone / copies as f64).max(1.0);
        let parts = parts.into_iter().map(|part| match part.component == component && apart {
            true => Part { centre: Centre { demand: part.mine, copies: 1, ..part.centre }, ..part },
            false => part,
        });
        let network = Network::new(component, workers, delay, parts.collect());
        let (pace, workers) = match &network {
            Some(network) => {
                let curve = network.curve.iter().map(|one| one.throughput);
                (Pace::Table(curve.collect()), workers)
            }
            // Too many to look at one by one.
            None => {
                let busy = if busy < workers as f64 { busy as u64 } else { workers };
                (Pace::Cores(busy), busy)
            }
        };
        let demand = if network.is_some() { visits } else { visits * alone } / copies as f64;
        let centre = Centre { demand, pace, copies };
        let (workers, network) = (Some(workers), network.map(Box::new));
        Part { component, mine: visits, workers, exclusive: true, centre, network }
    }

    /// How long a job takes there while nobody waits, in all (s).
    pub(super) fn alone(&self) -> f64 {
        self.centre.demand * self.centre.copies as f64 / self.centre.pace.with(1)
    }

    /// How many cores it has, or workers.
    pub(super) fn servers(&self) -> f64 {
        (self.centre.pace.most() * self.centre.copies) as f64
    }

    /// The most jobs per second that it can serve (1/s).
    pub(super) fn fastest(&self) -> f64 {
        self.centre.pace.with(self.centre.pace.most()) / self.centre.demand
    }

    /// Leaves to it what is left of cores of which others take so much (s a second).
    pub(super) fn share_with(&mut self, strangers: f64, exclusive: bool) {
        self.exclusive = exclusive;
        let busy = self.busy(strangers);
        self.centre.demand /= (1.0 - busy).max(1e-3);
    }

    /// The share of its cores that so much work of others takes (s a second).
    pub(super) fn busy(&self, strangers: f64) -> f64 {
        match self.centre.pace {
            Pace::Cores(servers) => strangers / (servers * self.centre.copies) as f64,
            Pace::Table(_) => 0.0,
        }
    }
}

impl Network {
    fn new(component: usize, workers: u64, delay: f64, parts: Vec<Part>) -> Option<Network> {
        let centres: Vec<Centre> = parts.iter().map(|part| part.centre.clone()).collect();
        let own = parts.first().is_some_and(|part| part.component == component);
        // What takes no time at all would be of an endless pace.
        let delay = if centres.is_empty() { delay.max(1e-12) } else { delay };
        Some(Network { curve: curve(workers, delay, &centres)?, parts, delay, own })
    }

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
                let mut all = vec![0.0; workers + 1];
                all[workers] = 1.0;
                let loss = 1.0 - 1.0 / ratio;
                return Crowd { loss, waiting: f64::INFINITY, ..self.held(&all) };
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
        weights.iter_mut().for_each(|weight| *weight /= total);
        let (loss, waiting) = (turned_away / total, waiting / total);
        Crowd { loss, waiting, ..self.held(&weights) }
    }

    /// How many are at one copy of each part, with which probability, if 0, 1 and more are here
    /// with these probabilities: those beyond the workers wait.
    pub(super) fn spreads(&self, present: &[f64]) -> Option<Vec<Vec<f64>>> {
        let centres: Vec<Centre> = self.parts.iter().map(|part| part.centre.clone()).collect();
        spread_of(&self.inside(present), self.delay, &centres)
    }

    /// The probabilities that 0, 1 and up to all workers are held.
    fn inside(&self, present: &[f64]) -> Vec<f64> {
        let workers = self.curve.len();
        let few = (0..=workers).map(|n| present.get(n).copied().unwrap_or(0.0));
        let mut inside: Vec<f64> = few.collect();
        inside[workers] += present.iter().skip(workers + 1).sum::<f64>();
        inside
    }

    /// Jobs of whom 0, 1 and more are here with these probabilities: those beyond the workers wait.
    pub(super) fn crowd_of(&self, present: &[f64], copies: u64) -> Crowd {
        let workers = self.curve.len();
        let beyond = present.iter().enumerate().skip(workers + 1);
        let waiting: f64 = beyond.map(|(n, p)| p * (n - workers) as f64).sum();
        let mut crowd = self.held(&self.inside(present));
        let all = copies as f64;
        (crowd.waiting, crowd.held) = (waiting * all, crowd.held * all);
        crowd.fastest *= all;
        crowd.present.iter_mut().for_each(|present| *present *= all);
        crowd
    }

    /// As many jobs as workers at most, with these probabilities.
    fn held(&self, jobs: &[f64]) -> Crowd {
        let mean =
            |of: &dyn Fn(usize) -> f64| -> f64 { (1..jobs.len()).map(|n| jobs[n] * of(n)).sum() };
        let parts = 0..self.parts.len();
        Crowd {
            loss: 0.0,
            waiting: 0.0,
            held: mean(&|n| n as f64),
            present: parts.map(|k| mean(&|n| self.curve[n - 1].present[k])).collect(),
            own: self.own,
            cores: !self.parts.is_empty(),
            fastest: self.curve[self.curve.len() - 1].throughput,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::explain::queue::queue;

    fn network(workers: u64, delay: f64, cores: &[(f64, u64)]) -> Network {
        let part = |&(mine, servers): &(f64, u64)| Part::cores(0, mine, servers, 1);
        Network::new(0, workers, delay, cores.iter().map(part).collect()).expect("it is quick")
    }

    /// Two queues in a row and a delay: with workers in plenty each is as if alone (Jackson).
    #[test]
    fn plenty_of_workers_change_nothing() {
        let cores = [(0.01, 1), (0.03, 4)];
        let found = network(300, 0.5, &cores).crowd(80.0, None);
        for (&(mine, servers), present) in cores.iter().zip(&found.present) {
            let alone = queue(80.0 * mine, servers, None, None);
            assert!((present / alone.present - 1.0).abs() < 1e-9, "{found:?}");
        }
        assert!(found.waiting < 1e-9 && found.loss == 0.0, "{found:?}");
    }

    /// One worker who does everything: M/M/1/K, if all that it does is on one core.
    #[test]
    fn one_worker_is_one_server() {
        let core = [(0.01, 1)];
        let found = network(1, 0.0, &core).crowd(120.0, Some(9));
        let expected = queue(1.2, 1, Some(10), None);
        assert!((found.loss / expected.loss - 1.0).abs() < 1e-9, "{found:?}");
        assert!((found.waiting / expected.waiting - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn too_much_for_a_long_queue_fills_it() {
        let core = [(0.01, 1)];
        let found = network(24, 0.0, &core).crowd(1e5, Some(4096));
        assert!((found.loss - 0.999).abs() < 1e-6 && found.waiting > 4095.9, "{found:?}");
        let endless = network(24, 0.0, &core).crowd(200.0, None);
        assert!((endless.loss - 0.5).abs() < 1e-12 && endless.waiting == f64::INFINITY);
    }
}
