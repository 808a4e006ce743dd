//! What can be told of steps before a run: how often each is done, what it takes, whom it asks.

use crate::call::Timeout;
use crate::distribution::Delay;
use crate::document::Name;

/// How often a step is done for one request, on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Often {
    /// In all.
    pub times: f64,
    /// One after the other; what is done at the same time as something else does not count, nor
    /// what a cache may make needless.
    pub in_line: f64,
}

impl Often {
    /// Once.
    pub const ONCE: Often = Often { times: 1.0, in_line: 1.0 };

    pub(super) fn by(self, factor: f64) -> Often {
        Often { times: self.times * factor, in_line: self.in_line * factor }
    }
}

/// What a step takes while nobody else is there, its calls left out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Demand<'a> {
    /// Nothing.
    Nothing,
    /// A core, for so long at speed 1.
    Core(&'a Delay),
    /// Time, in which the core is free for others.
    Time(&'a Delay),
}

/// Whom a step asks, and for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    /// The component.
    pub(crate) to: &'a Name,
    /// What it is asked for.
    pub(crate) what: What<'a>,
    /// How long the step waits, if it says so.
    pub(crate) timeout: Option<Timeout>,
}

/// What a step asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What<'a> {
    /// One of its endpoints; the one of the same name as the caller's if `None`. `of_object`: as
    /// large as the object of the request.
    Endpoint {
        /// Its name.
        name: Option<&'a Name>,
        /// Whether its messages are as large as the object of the request.
        of_object: bool,
    },
    /// What it keeps for good, by this operation.
    Data(&'static str),
    /// What it has of others, by this operation.
    Entry(&'static str),
}

/// On which side of theory's answer the truth lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Truth {
    /// The true time is shorter.
    Shorter,
    /// The true time is longer.
    Longer,
    /// The true time may be either.
    Either,
}
