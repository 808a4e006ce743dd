//! The discrete-event engine: a clock, the pending events in their total order, random streams,
//! distributions, a slab, a tournament and a ring. It knows nothing of servers. It is public for
//! tests and benches, and may change with any version.
//!
//! *Invariant:* events happen in the order of `(time, sequence)`: earlier first, and at one time in
//! the order in which they were scheduled.

mod agenda;
mod dist;
mod heap;
mod index;
mod logarithm;
mod normal;
mod popularity;
mod random;
mod ring;
mod slab;
mod tournament;
mod zipf;

pub use agenda::{Agenda, Lane, Word};
pub use dist::{BoundedPareto, Dist, FAMILIES, Family, Mixture, Parameter, Table};
pub use index::Index;
pub use popularity::Popularity;
pub use random::{Draws, Stream};
pub use ring::Ring;
pub use slab::{Key, Slab};
pub use tournament::Tournament;

use crate::units::Time;

/// Something that events happen to.
pub trait Model {
    /// What happens.
    type Event: Word;

    /// Lets `event` happen now; what follows from it goes on the agenda.
    fn handle(&mut self, event: Self::Event, agenda: &mut Agenda<Self::Event>);
}

/// Lets everything up to and including `end` happen. Returns the number of events.
pub fn run<M: Model>(model: &mut M, agenda: &mut Agenda<M::Event>, end: Time) -> u64 {
    let mut happened = 0;
    while let Some(event) = agenda.next_until(end) {
        model.handle(event, agenda);
        happened += 1;
    }
    happened
}
