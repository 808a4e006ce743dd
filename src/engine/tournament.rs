//! A tournament among a fixed number of players, each with a key: who has the least, and how many
//! have it, is known at any time; a change of one key costs O(log players).

use super::random::Draws;

/// The least key below a place of the tree, and how many have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Least {
    key: u64,
    ties: u32,
}

/// A place where nobody plays.
const EMPTY: Least = Least { key: u64::MAX, ties: 0 };

impl Least {
    #[inline]
    fn of(left: Least, right: Least) -> Least {
        // Without a branch that nobody could foresee.
        let key = left.key.min(right.key);
        let ties =
            u32::from(left.key == key) * left.ties + u32::from(right.key == key) * right.ties;
        Least { key, ties }
    }
}

/// Players from 0 up, each with a key below [`u64::MAX`].
#[derive(Clone, Debug)]
pub struct Tournament {
    /// A power of two.
    leaves: usize,
    /// The root is place 1; below place `p` are `2 p` and `2 p + 1`.
    places: Vec<Least>,
}

impl Tournament {
    /// So many players, each with key 0.
    pub fn new(players: usize) -> Tournament {
        let leaves = players.max(1).next_power_of_two();
        let mut places = vec![EMPTY; 2 * leaves];
        places[leaves..leaves + players].fill(Least { key: 0, ties: 1 });
        for place in (1..leaves).rev() {
            places[place] = Least::of(places[2 * place], places[2 * place + 1]);
        }
        Tournament { leaves, places }
    }

    /// Gives a player another key.
    #[inline]
    pub fn set(&mut self, player: usize, key: u64) {
        let mut place = self.leaves + player;
        self.places[place].key = key;
        while place > 1 {
            place /= 2;
            let least = Least::of(self.places[2 * place], self.places[2 * place + 1]);
            if self.places[place] == least {
                return;
            }
            self.places[place] = least;
        }
    }

    /// The first of those with the least key.
    #[inline]
    pub fn first(&self) -> usize {
        self.nth(0)
    }

    /// Any of those with the least key, all equally likely.
    #[inline]
    pub fn any(&self, draws: impl FnOnce() -> Draws) -> usize {
        let ties = self.ties();
        self.nth(if ties == 1 { 0 } else { draws().below(ties) })
    }

    /// How many have the least key.
    pub fn ties(&self) -> usize {
        self.places[1].ties as usize
    }

    /// The `n`-th, from 0, of those with the least key.
    #[inline]
    pub fn nth(&self, n: usize) -> usize {
        let (key, mut n) = (self.places[1].key, n as u32);
        let mut place = 1;
        while place < self.leaves {
            let left = self.places[2 * place];
            let ties = if left.key == key { left.ties } else { 0 };
            let right = n >= ties;
            n -= if right { ties } else { 0 };
            place = 2 * place + usize::from(right);
        }
        place - self.leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Stream;
    use proptest::prelude::*;

    proptest! {
        /// The reference is a scan of all.
        #[test]
        fn the_least_are_those_that_a_scan_finds(
            players in 1_usize..40,
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..4), 0..200),
        ) {
            let mut keys = vec![0; players];
            let mut tournament = Tournament::new(players);
            for (player, key) in changes {
                let player = player.index(players);
                keys[player] = key;
                tournament.set(player, key);
                let least = keys.iter().min().expect("somebody plays");
                let tied: Vec<_> = (0..players).filter(|&i| keys[i] == *least).collect();
                prop_assert_eq!(tournament.first(), tied[0]);
                prop_assert_eq!(tournament.places[1].ties as usize, tied.len());
                for (n, &player) in tied.iter().enumerate() {
                    prop_assert_eq!(tournament.nth(n), player);
                }
            }
        }
    }

    /// Counts over 30,000 choices among three of five, each binomial with standard deviation 82;
    /// the band is six of those: a false alarm about once in 10^8.
    #[test]
    fn any_of_the_least_is_as_likely_as_another() {
        let mut tournament = Tournament::new(5);
        tournament.set(0, 7);
        tournament.set(3, 1);
        let mut counts = [0_i32; 5];
        for i in 0..30_000 {
            counts[tournament.any(|| Stream::root(2, i).draws())] += 1;
        }
        assert_eq!((counts[0], counts[3]), (0, 0));
        assert!([1, 2, 4].iter().all(|&i| (counts[i] - 10_000).abs() < 490), "{counts:?}");
    }
}
