//! One component asking another, as far as it can be told before a run.

use crate::call::Timeout;
use crate::document::{Name, Place};
use crate::step::Often;

/// One component asking another.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    /// Who is asked.
    pub(crate) to: &'a Name,
    /// For what.
    pub(crate) operation: String,
    /// Where the scenario says what is asked for.
    pub(crate) place: Place,
    /// How long the asker waits, where it says so itself.
    pub(crate) timeout: Option<Timeout>,
    /// How often, on average.
    pub(crate) often: Often,
    /// All shards of who is asked are, at once.
    pub(crate) all_shards: bool,
    /// Who asks for this has been answered by then: nobody waits for it.
    pub(crate) aside: bool,
    /// The asker reports it itself if what it asks is not of the kind that answers this.
    pub(crate) checked: bool,
}

impl<'a> Call<'a> {
    /// Asks `to` for what its name stands for, once, and says nothing of how long it waits.
    pub(crate) fn new(to: &'a Name, operation: &str) -> Call<'a> {
        let (operation, often) = (operation.to_owned(), Often::ONCE);
        let (timeout, all_shards, aside, checked) = (None, false, false, false);
        Call { to, operation, place: to.place, timeout, often, all_shards, aside, checked }
    }
}

/// What the object of a request is needed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    /// The request itself is about it.
    Request,
    /// Something that is done for it, said there, and why.
    Step(Place, &'static str),
}
