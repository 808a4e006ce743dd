//! Policies that send the same user to the same backend: by a hash taken modulo the backends, or by
//! a ring of hashes (Karger et al. 1997), with a bound on the load where one is given (Mirrokni,
//! Thorup and Zadimoghaddam 2018).
//!
//! *Invariant:* where a user hashes to depends on the user and on the run, not on the balancer:
//! balancers side by side agree.

use crate::engine::{Ring, Stream};

use super::policy::Asked;
use super::roster::Roster;

/// Always the same backend for the same user.
#[derive(Clone, Debug)]
pub(super) struct SourceHash {
    roster: Roster,
    users: Stream,
}

impl SourceHash {
    pub(super) fn new(count: usize, users: Stream) -> SourceHash {
        SourceHash { roster: Roster::new(count), users }
    }

    pub(super) fn choose(&self, asked: &Asked) -> usize {
        let mut draws = self.users.at(u64::from(asked.user)).draws();
        self.roster.at(draws.below(self.roster.len()))
    }

    /// A backend is on the list from now on, or is not: nearly all users then move.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        self.roster.list(backend, listed);
    }
}

/// The backend whose place follows the user's on a ring.
#[derive(Clone, Debug)]
pub(super) struct ConsistentHash {
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
    pub(super) fn new(
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

    pub(super) fn choose(&mut self, asked: &Asked) -> usize {
        let user = self.users.at(u64::from(asked.user)).salt();
        let most = self.most();
        let next = |ring: &Ring| {
            let free = |&backend: &usize| {
                self.listed[backend] && u64::from(self.outstanding[backend]) < most
            };
            ring.after(user).map(|backend| backend as usize).find(free)
        };
        let chosen = next(&self.ring);
        let chosen = chosen.expect("not all have the most that is allowed: it is above the mean");
        self.asked(chosen);
        chosen
    }

    /// A backend is asked, be it chosen here or not.
    pub(super) fn asked(&mut self, backend: usize) {
        self.outstanding[backend] += 1;
        self.total += 1;
    }

    /// A backend is on the list from now on, or is not: its users go to the next on the ring.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        self.listed[backend] = listed;
        self.count = self.listed.iter().filter(|&&listed| listed).count();
    }

    pub(super) fn answered(&mut self, backend: usize) {
        self.outstanding[backend] -= 1;
        self.total -= 1;
    }

    /// How many a backend may have outstanding, this request among them.
    fn most(&self) -> u64 {
        let Some(factor) = self.load_factor else { return u64::MAX };
        let mean = (self.total + 1) as f64 / self.count as f64;
        libm::ceil(factor * mean) as u64
    }
}

#[cfg(test)]
mod tests;
