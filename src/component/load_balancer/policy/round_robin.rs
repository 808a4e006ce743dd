//! Each backend in turn.

use super::roster::Roster;
use super::{Balancing, Incoming, Setup};
use crate::component::kind::{Choice, Truth};

/// How balancers that go round differ from those that choose at random.
pub(super) const IN_TURN: Option<Choice> = Some(Choice {
    how: "sends to each in turn, so that arrivals are more regular than Poisson",
    truth: Truth::Shorter,
    at_best_one_queue: true,
});

/// Each in turn.
#[derive(Clone, Debug)]
pub(crate) struct RoundRobin {
    roster: Roster,
    /// The place on the list whose turn it is.
    turn: usize,
}

impl RoundRobin {
    pub(super) fn of(count: usize) -> RoundRobin {
        RoundRobin { roster: Roster::new(count), turn: 0 }
    }

    /// Whose turn it is.
    #[inline]
    pub(super) fn next(&mut self) -> usize {
        let chosen = self.turn;
        self.turn = if chosen + 1 == self.roster.len() { 0 } else { chosen + 1 };
        self.roster.at(chosen)
    }
}

impl Balancing for RoundRobin {
    type Spec = ();
    const CHOICE: Option<Choice> = IN_TURN;

    fn new((): &(), setup: &Setup) -> RoundRobin {
        RoundRobin::of(setup.count())
    }

    #[inline]
    fn choose(&mut self, _: &Incoming) -> usize {
        self.next()
    }

    /// Whose turn it is does not change, if it is listed.
    fn list(&mut self, backend: usize, listed: bool) {
        let whose = if self.roster.len() == 0 { backend } else { self.roster.at(self.turn) };
        self.roster.list(backend, listed);
        self.turn = self.roster.from(whose);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_order;
    use super::*;

    #[test]
    fn round_robin_takes_each_in_turn() {
        check_order(&mut RoundRobin::of(3), &[0, 1, 2, 0, 1]);
    }

    #[test]
    fn a_backend_off_the_list_has_no_turn() {
        let mut round_robin = RoundRobin::of(4);
        check_order(&mut round_robin, &[0, 1]);
        round_robin.list(2, false);
        check_order(&mut round_robin, &[3, 0, 1, 3, 0]);
        round_robin.list(2, true);
        check_order(&mut round_robin, &[1, 2, 3, 0]);
    }
}
