//! What can be told of steps before a run: how often each is done, what it takes, whom it asks.

use crate::call::Timeout;
use crate::distribution::{Delay, Size};
use crate::document::Name;

use super::StepSpec;

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

/// The steps within a step, and how they are done.
#[derive(Clone, Debug)]
pub(crate) enum Structure<'a> {
    /// There are none.
    Single,
    /// One of several lists, each with its probability.
    Chance(Vec<(f64, &'a [StepSpec])>),
    /// All of them so many times, one after the other.
    Repeated(&'a Size, &'a [StepSpec]),
    /// Several lists one after the other, each so many times.
    InTurn(Vec<(u64, &'a [StepSpec])>),
    /// Several lists at once, each so many times, of which `wait` are waited for.
    AtOnce {
        /// The lists.
        lists: &'a [Vec<StepSpec>],
        /// How often each is there.
        copies: u64,
        /// How many of all must be done.
        wait: u64,
    },
    /// What is done where this cache does not have the object; whether the request then waits until
    /// the cache is filled.
    Missed(&'a Name, &'a [StepSpec], bool),
    /// What is done unless the client has what was read before.
    Modified(&'a [StepSpec]),
}

impl<'a> Structure<'a> {
    /// Shows `see` each list of steps with how often it is done where the whole is done so `often`.
    pub(super) fn each(&self, often: Often, see: &mut dyn FnMut(&'a [StepSpec], Often)) {
        let perhaps = Often { in_line: 0.0, ..often };
        match *self {
            Structure::Single => {}
            Structure::Chance(ref lists) => {
                lists.iter().for_each(|&(p, steps)| see(steps, often.by(p)));
            }
            Structure::Repeated(times, steps) => see(steps, often.by(times.mean())),
            Structure::InTurn(ref lists) => {
                lists.iter().for_each(|&(times, steps)| see(steps, often.by(times as f64)));
            }
            Structure::AtOnce { lists, copies, .. } => {
                let times = often.times * copies as f64;
                lists.iter().for_each(|steps| see(steps, Often { times, in_line: 0.0 }));
            }
            Structure::Missed(_, steps, _) | Structure::Modified(steps) => see(steps, perhaps),
        }
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
    /// So many rows, which it is to lock and to write.
    Rows(u64),
    /// What it keeps for good.
    Data {
        /// One of [`DATA_OPERATIONS`](super::DATA_OPERATIONS).
        verb: &'static str,
        /// Of which of its queries, or of which part of its rows.
        of: Option<&'a Name>,
    },
    /// What it has of others, by this operation.
    Entry(&'static str),
    /// To take a message. `of_object`: as large as the object of the request.
    Message {
        /// Whether the message is as large as the object of the request.
        of_object: bool,
    },
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
