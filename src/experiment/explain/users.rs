//! Users who wait for their answers and think: a closed network of all that they queue for.

use super::assumptions::{Broken, Truth};
use super::closed::{Centre, Closed, spread};
use super::flow::State;
use super::load::Load;
use super::solver::Solver;
use super::station::NOTICEABLE;
use super::tier::{Crowd, Network, Part};

impl Solver<'_> {
    /// Requests per second by type; those of users as the closed network says.
    pub(super) fn sent(&mut self) -> Vec<f64> {
        let open: Vec<f64> = self
            .flow
            .types
            .iter()
            .map(|request| match self.loads[request.client] {
                Load::Open(rate) => rate * request.share,
                Load::Users { .. } => 0.0,
            })
            .collect();
        let users: Vec<(usize, u64, f64)> = self.users();
        if users.is_empty() {
            return open;
        }
        let count: u64 = users.iter().map(|(_, count, _)| count).sum();
        // Each client's part in the cycles of all, as if nobody waited.
        let cycle_rate = |&(client, count, think): &(usize, u64, f64)| {
            count as f64 / (think + self.alone_of(client)).max(1e-9)
        };
        let total: f64 = users.iter().map(cycle_rate).sum();
        let mut shares = vec![0.0; self.flow.types.len()];
        for user in &users {
            for (share, request) in shares.iter_mut().zip(&self.flow.types) {
                if request.client == user.0 {
                    *share = request.share * cycle_rate(user) / total;
                }
            }
        }
        let think: f64 = users.iter().map(|user| user.2 * cycle_rate(user) / total).sum();
        let throughput = self.close(count, think, &shares, &open);
        self.broken.extend(self.of_several_kinds(&users));
        open.iter().zip(&shares).map(|(open, share)| open + throughput * share).collect()
    }

    /// Each client with users: its index, how many, and how long they think.
    pub(super) fn users(&self) -> Vec<(usize, u64, f64)> {
        let loads = self.loads.iter().enumerate();
        let users = loads.filter_map(|(client, load)| match *load {
            Load::Users { count, think } => Some((client, count, think)),
            Load::Open(_) => None,
        });
        users.collect()
    }

    /// What the requests of a client take while nobody else is there, on average (s).
    fn alone_of(&self, client: usize) -> f64 {
        let types = self.flow.types.iter().filter(|request| request.client == client);
        types.map(|request| request.share * (request.link + self.flow.alone[request.target])).sum()
    }

    /// Users who differ in what they ask or how long they think are no users of one kind.
    fn of_several_kinds(&self, users: &[(usize, u64, f64)]) -> Option<Broken> {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        let asks = |client: usize| -> Vec<f64> {
            let mut sent = vec![0.0; self.flow.types.len()];
            for (sent, request) in sent.iter_mut().zip(&self.flow.types) {
                *sent = if request.client == client { request.share } else { 0.0 };
            }
            let rates = self.flow.rates(&sent, &vec![1.0; self.stations.len()]);
            (0..self.stations.len()).map(|component| self.work_at(component, &rates)).collect()
        };
        let (first, others) = users.split_first()?;
        let of_first = asks(first.0);
        let alike = |other: &(usize, u64, f64)| {
            let latency = near(self.alone_of(first.0), self.alone_of(other.0));
            let works = of_first.iter().zip(asks(other.0)).all(|(&a, b)| near(a, b));
            near(first.2, other.2) && latency && works
        };
        (!others.iter().all(alike)).then(|| {
            let text = "users of several kinds are taken for users of one kind, who do what all do \
                        on average";
            Broken::new(text, Truth::Either)
        })
    }

    /// The throughput of so many users, and how many of them are where.
    fn close(&mut self, users: u64, think: f64, shares: &[f64], open: &[f64]) -> f64 {
        let types = self.flow.types.iter().zip(shares);
        let entries: Vec<(State, f64)> =
            types.clone().map(|(request, &share)| (request.target, share)).collect();
        let links: f64 = types.map(|(request, share)| share * request.link).sum();
        let others = self.flow.rates(open, &vec![1.0; self.stations.len()]);
        let (mut parts, delay) = self.parts(&entries, None, Some(users));
        let busy: Vec<f64> = parts
            .iter_mut()
            .map(|part| {
                let strangers = self.work_at(part.component, &others);
                let busy = part.busy(strangers);
                part.share_with(strangers, strangers == 0.0);
                busy
            })
            .collect();
        if !parts.iter().all(|part| part.exclusive) {
            let text = "users share cores with requests that come whatever happens";
            self.broken.push(Broken::new(text, Truth::Either));
        }
        let centres: Vec<Centre> = parts.iter().map(|part| part.centre.clone()).collect();
        let delay = think + links + delay;
        let (found, spreads) = spread(users, delay, &centres).unwrap_or_else(|| {
            let text = "there are too many users for an exact answer: this is the asymptotic bound";
            self.broken.push(Broken::new(text, Truth::Longer));
            bound(users, delay, &parts)
        });
        for (index, part) in parts.iter().enumerate() {
            let present = found.present[index];
            self.turned_away(part, &spreads[index]);
            match (&part.network, part.workers) {
                (Some(network), _) => {
                    let copies = part.centre.copies;
                    self.settle(part.component, network, &spreads[index], copies);
                }
                (None, Some(workers)) => {
                    let text = "workers are held while calls go on, and are too many to look at \
                                one by one";
                    self.broken.push(Broken::new(text, Truth::Longer));
                    let crowd = Crowd::of_servers(&spreads[index], workers, part);
                    self.crowds[part.component] = Some(crowd);
                }
                (None, None) => {
                    let own = busy[index] * part.servers();
                    let others = (own + busy[index] * present) / (1.0 - busy[index]).max(1e-3);
                    self.present[part.component] = Some(present + others);
                }
            }
        }
        found.throughput
    }

    /// Tells a component, and all within it, how many are there: 0, 1 and more at each copy with
    /// these probabilities.
    fn settle(&mut self, component: usize, network: &Network, jobs: &[f64], copies: u64) {
        let crowd = network.crowd_of(jobs, copies);
        let spreads = network.spreads(jobs);
        for (index, (part, &present)) in network.parts.iter().zip(&crowd.present).enumerate() {
            match &part.network {
                Some(within) => {
                    let each = present / part.centre.copies as f64;
                    let known = spreads.as_ref().map(|all| all[index].clone());
                    let jobs = known.unwrap_or_else(|| around(each));
                    self.settle(part.component, within, &jobs, part.centre.copies);
                }
                None if part.component != component => {
                    let before = self.present[part.component].unwrap_or(0.0);
                    self.present[part.component] = Some(before + present);
                }
                None => {}
            }
        }
        self.crowds[component] = Some(crowd);
    }

    /// Users who find no place: `present` are the probabilities of 0, 1 and more at one copy.
    fn turned_away(&mut self, part: &Part, present: &[f64]) {
        let station = &self.stations[part.component];
        let together = station.instances / part.centre.copies;
        let Some(room) = station.room().and_then(|room| room.checked_mul(together)) else { return };
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        if present.iter().skip(room.saturating_add(1)).sum::<f64>() > NOTICEABLE {
            let name = &self.deployment.topology.0[part.component].0.value;
            let text = format!("{name} is full at {room}, and others are turned away and think");
            self.broken.push(Broken::new(text, Truth::Shorter));
        }
    }
}

/// So many users as the asymptotic bound has them: all who wait do so at what is full first
/// (Denning and Buzen 1978).
fn bound(users: u64, delay: f64, parts: &[Part]) -> (Closed, Vec<Vec<f64>>) {
    let alone = delay + parts.iter().map(Part::alone).sum::<f64>();
    let fastest = parts.iter().map(Part::fastest).fold(f64::INFINITY, f64::min);
    let throughput = (users as f64 / alone).min(fastest);
    let waiting = users as f64 - throughput * alone;
    let of = |part: &Part| {
        let full = if part.fastest() == fastest { waiting } else { 0.0 };
        throughput * part.alone() + full
    };
    let present: Vec<f64> = parts.iter().map(of).collect();
    let copies = |(part, present): (&Part, &f64)| around(present / part.centre.copies as f64);
    let spreads = parts.iter().zip(&present).map(copies).collect();
    (Closed { throughput, present }, spreads)
}

/// The probabilities of the two whole numbers around a mean.
fn around(mean: f64) -> Vec<f64> {
    let below = libm::floor(mean).max(0.0);
    let above = (mean - below).clamp(0.0, 1.0);
    let mut spread = vec![0.0; below as usize + 2];
    let last = spread.len() - 1;
    spread[last - 1] = 1.0 - above;
    spread[last] = above;
    spread
}
