//! Policies that send the same user to the same backend: by a hash taken modulo the backends, or by
//! a ring of hashes (Karger et al. 1997), with a bound on the load where one is given (Mirrokni,
//! Thorup and Zadimoghaddam 2018).
//!
//! *Invariant:* where a user hashes to depends on the user and on the run, not on the balancer:
//! balancers side by side agree.

use crate::engine::Stream;

use super::policy::Asked;

/// Always the same backend for the same user.
#[derive(Clone, Debug)]
pub(super) struct SourceHash {
    count: usize,
    users: Stream,
}

impl SourceHash {
    pub(super) fn new(count: usize, users: Stream) -> SourceHash {
        SourceHash { count, users }
    }

    pub(super) fn choose(&self, asked: &Asked) -> usize {
        self.users.at(u64::from(asked.user)).draws().below(self.count)
    }
}

/// The backend whose place follows the user's on a ring.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    /// Places on the ring in order, each with the backend that has it.
    places: Vec<(u64, u32)>,
    users: Stream,
    load_factor: Option<f64>,
    outstanding: Vec<u32>,
    total: u64,
}

impl Ring {
    /// A ring with so many places for each backend, drawn from the backend's stream.
    pub(super) fn new(
        backends: &[Stream],
        virtual_nodes: u64,
        load_factor: Option<f64>,
        users: Stream,
    ) -> Ring {
        let place = |backend: usize, n| (backends[backend].at(n).salt(), backend as u32);
        let of = |backend| (0..virtual_nodes).map(move |n| place(backend, n));
        let mut places: Vec<(u64, u32)> = (0..backends.len()).flat_map(of).collect();
        places.sort_unstable();
        Ring { places, users, load_factor, outstanding: vec![0; backends.len()], total: 0 }
    }

    pub(super) fn choose(&mut self, asked: &Asked) -> usize {
        let user = self.users.at(u64::from(asked.user)).salt();
        let mut place = self.places.partition_point(|&(place, _)| place < user);
        let most = self.most();
        // Not all have the most that is allowed, for that is above the mean.
        let chosen = loop {
            let (_, backend) = self.places[place % self.places.len()];
            if u64::from(self.outstanding[backend as usize]) < most {
                break backend as usize;
            }
            place += 1;
        };
        self.outstanding[chosen] += 1;
        self.total += 1;
        chosen
    }

    pub(super) fn answered(&mut self, backend: usize) {
        self.outstanding[backend] -= 1;
        self.total -= 1;
    }

    /// How many a backend may have outstanding, this request among them.
    fn most(&self) -> u64 {
        let Some(factor) = self.load_factor else { return u64::MAX };
        let mean = (self.total + 1) as f64 / self.outstanding.len() as f64;
        libm::ceil(factor * mean) as u64
    }
}

#[cfg(test)]
mod tests;
