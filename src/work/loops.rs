//! Loops: how many rounds of repeated steps a request has still to make, from the inside out.

use crate::distribution::Size;
use crate::engine::Stream;
use crate::message::{Attempt, Visit};

/// One repetition that a request is in.
#[derive(Clone, Debug)]
struct Repetition {
    /// The one around it, or [`Visit::NO_REPETITION`]; the next free one where this is free.
    outer: u32,
    /// The request's stream outside.
    stream: Stream,
    round: u32,
    loops: u32,
}

/// The repetitions that all requests at a station are in. Grows to the most ever at once.
#[derive(Clone, Debug)]
pub(super) struct Loops {
    repetitions: Vec<Repetition>,
    free: u32,
}

impl Loops {
    pub(super) fn new() -> Loops {
        Loops { repetitions: Vec::new(), free: Visit::NO_REPETITION }
    }

    /// The request enters a repetition. While it is in a round, its stream is the round's.
    pub(super) fn enter(&mut self, attempt: &mut Attempt, times: &Size, salt: u64) {
        let stream = attempt.stream;
        let loops = times.draw(stream.beside(salt));
        let new = Repetition { outer: attempt.visit.repetition, stream, round: 0, loops };
        attempt.stream = round_of(&new, salt);
        attempt.visit.repetition = match self.repetitions.get_mut(self.free as usize) {
            Some(place) => std::mem::replace(&mut self.free, std::mem::replace(place, new).outer),
            None => {
                self.repetitions.push(new);
                self.repetitions.len() as u32 - 1
            }
        };
    }

    /// A round is over: the request begins the next at `body`, or goes on after the last.
    #[inline]
    pub(super) fn again(&mut self, attempt: &mut Attempt, body: u32, salt: u64) {
        let current = &mut self.repetitions[attempt.visit.repetition as usize];
        current.round += 1;
        if current.round < current.loops {
            attempt.stream = round_of(current, salt);
            attempt.visit.step = body;
            return;
        }
        self.leave(attempt);
        attempt.visit.step += 1;
    }

    /// The request leaves all repetitions that it is in.
    pub(super) fn leave_all(&mut self, attempt: &mut Attempt) {
        while attempt.visit.repetition != Visit::NO_REPETITION {
            self.leave(attempt);
        }
    }

    fn leave(&mut self, attempt: &mut Attempt) {
        let index = attempt.visit.repetition;
        let current = &mut self.repetitions[index as usize];
        attempt.stream = current.stream;
        attempt.visit.repetition = std::mem::replace(&mut current.outer, self.free);
        self.free = index;
    }
}

fn round_of(current: &Repetition, salt: u64) -> Stream {
    current.stream.at(salt).at(u64::from(current.round))
}
