//! The first backend that has room, in the order of the list: the algorithm `first` of HAProxy.

use super::{Balancing, Incoming, OFF_THE_LIST, Setup};
use crate::component::kind::{Choice, Truth};
use crate::document::{At, Count, record};
use crate::engine::Tournament;
use crate::units::Time;

record! {
    /// How much room a backend has.
    #[short = connections]
    pub struct FirstAvailableSpec {
        /// How many requests each backend may have outstanding before the next is used. Where all
        /// have as many, the one with the fewest is taken, the first of equals.
        pub connections: At<Count>,
    }
}

/// The first backend with fewer requests outstanding than it has room for.
#[derive(Clone, Debug)]
pub(crate) struct FirstAvailable {
    room: u64,
    outstanding: Vec<u64>,
    listed: Vec<bool>,
    /// All that have room are equal, and the first of them wins.
    tournament: Tournament,
}

impl FirstAvailable {
    fn of(room: u64, count: usize) -> FirstAvailable {
        let (outstanding, listed) = (vec![0; count], vec![true; count]);
        FirstAvailable { room, outstanding, listed, tournament: Tournament::new(count) }
    }

    fn play(&mut self, backend: usize) {
        let key = match self.outstanding[backend] {
            _ if !self.listed[backend] => OFF_THE_LIST,
            outstanding if outstanding < self.room => 0,
            outstanding => outstanding,
        };
        self.tournament.set(backend, key);
    }
}

impl Balancing for FirstAvailable {
    type Spec = FirstAvailableSpec;
    const CHOICE: Option<Choice> = Some(Choice {
        how: "fills one backend before the next gets anything",
        truth: Truth::Either,
        at_best_one_queue: true,
    });

    fn new(spec: &FirstAvailableSpec, setup: &Setup) -> FirstAvailable {
        FirstAvailable::of(spec.connections.value.get(), setup.count())
    }

    fn choose(&mut self, _: &Incoming) -> usize {
        let chosen = self.tournament.first();
        self.sent(chosen);
        chosen
    }

    fn sent(&mut self, backend: usize) {
        self.outstanding[backend] += 1;
        self.play(backend);
    }

    fn list(&mut self, backend: usize, listed: bool) {
        self.listed[backend] = listed;
        self.play(backend);
    }

    fn answered(&mut self, backend: usize, _: Time, _: Time) {
        self.outstanding[backend] -= 1;
        self.play(backend);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check_order;
    use super::*;

    #[test]
    fn each_is_filled_before_the_next_and_beyond_that_the_least_loaded_is_taken() {
        let mut first = FirstAvailable::of(2, 3);
        check_order(&mut first, &[0, 0, 1, 1, 2, 2, 0, 1, 2, 0]);
    }

    #[test]
    fn the_first_with_room_is_taken_again_as_soon_as_it_has_answered() {
        let mut first = FirstAvailable::of(2, 3);
        check_order(&mut first, &[0, 0, 1, 1, 2]);
        first.answered(1, Time::ZERO, Time::ZERO);
        first.answered(0, Time::ZERO, Time::ZERO);
        check_order(&mut first, &[0, 1, 2]);
    }

    #[test]
    fn a_backend_off_the_list_has_no_room() {
        let mut first = FirstAvailable::of(1, 3);
        first.list(0, false);
        check_order(&mut first, &[1, 2, 1]);
        first.list(0, true);
        check_order(&mut first, &[0, 0]);
    }
}
