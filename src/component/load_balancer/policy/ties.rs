//! Which of several equally good backends is taken.

use super::{Incoming, TieBreak};
use crate::engine::Tournament;

/// Breaks ties among backends.
#[derive(Clone, Debug)]
pub(super) struct Ties {
    how: TieBreak,
    /// Of each backend its weight and what it has in credit, for those that take turns.
    turns: Vec<(i64, i64)>,
}

impl Ties {
    pub(super) fn new(how: TieBreak, weights: &[u32]) -> Ties {
        let turn = |&weight: &u32| (i64::from(weight), 0);
        Ties { how, turns: weights.iter().map(turn).collect() }
    }

    /// One of those with the least key.
    #[inline]
    pub(super) fn least(&mut self, tournament: &Tournament, incoming: &Incoming) -> usize {
        match self.how {
            TieBreak::Random => tournament.any(|| incoming.draws()),
            TieBreak::Lowest => tournament.first(),
            TieBreak::RoundRobin => self.next(tournament),
        }
    }

    /// The next in turn of those with the least key, by smooth weighted round robin among them:
    /// the order of nginx's `least_conn`. One that has no equal takes no turn.
    fn next(&mut self, tournament: &Tournament) -> usize {
        if tournament.ties() == 1 {
            return tournament.first();
        }
        let (mut chosen, mut most, mut total) = (tournament.first(), i64::MIN, 0);
        for tied in (0..tournament.ties()).map(|n| tournament.nth(n)) {
            let (weight, credit) = &mut self.turns[tied];
            *credit += *weight;
            total += *weight;
            if *credit > most {
                (chosen, most) = (tied, *credit);
            }
        }
        self.turns[chosen].1 -= total;
        chosen
    }
}
