//! Always the same backend for the same user, by a hash taken modulo the backends.
//!
//! *Invariant:* where a user hashes to depends on the user and on the run, not on the balancer:
//! balancers side by side agree.

use super::roster::Roster;
use super::{BY_THE_USER, Balancing, Incoming, Setup};
use crate::component::kind::Choice;
use crate::engine::Stream;

/// Always the same backend for the same user.
#[derive(Clone, Debug)]
pub(crate) struct SourceHash {
    roster: Roster,
    users: Stream,
}

impl Balancing for SourceHash {
    type Spec = ();
    const KNOWS_USERS: bool = true;
    const CHOICE: Option<Choice> = BY_THE_USER;

    fn new((): &(), setup: &Setup) -> SourceHash {
        SourceHash { roster: Roster::new(setup.count()), users: setup.users }
    }

    fn choose(&mut self, incoming: &Incoming) -> usize {
        let mut draws = self.users.at(u64::from(incoming.user)).draws();
        self.roster.at(draws.below(self.roster.len()))
    }

    /// A backend is on the list from now on, or is not: nearly all users then move.
    fn list(&mut self, backend: usize, listed: bool) {
        self.roster.list(backend, listed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_spread, counts, incoming};
    use super::*;

    fn hash(count: usize) -> SourceHash {
        SourceHash { roster: Roster::new(count), users: Stream::root(6, 0) }
    }

    #[test]
    fn the_same_user_goes_to_the_same_backend() {
        let mut hash = hash(7);
        let again = |n| Incoming { stream: Stream::root(8, u64::from(n)), ..incoming(n) };
        for n in 0..100 {
            assert_eq!(hash.choose(&incoming(n)), hash.choose(&again(n)));
        }
    }

    #[test]
    fn a_hash_spreads_users_evenly() {
        let mut hash = hash(4);
        check_spread(&counts(4, |incoming| hash.choose(incoming)), &[0.25; 4]);
    }

    #[test]
    fn the_users_of_a_backend_off_the_list_move() {
        let mut hash = hash(9);
        hash.list(3, false);
        (0..500).for_each(|n| assert_ne!(hash.choose(&incoming(n)), 3));
    }
}
