//! What a visit does, as far as it can be told before a run: times, calls, and how they follow one
//! another.

use crate::distribution::{Delay, Size};
use crate::document::Name;

use super::Call;

/// What is done for a request.
#[derive(Clone, Debug)]
pub(crate) enum Plan<'a> {
    /// A turn at a core.
    Core(&'a Delay),
    /// Time that passes whatever else is there, in which the core is free for others.
    Time(Delay),
    /// Somebody else is asked.
    Ask(Call<'a>),
    /// One after the other.
    Serial(Vec<Plan<'a>>),
    /// One of several, each with its probability; with what is left of it, nothing.
    Chance(Vec<(f64, Plan<'a>)>),
    /// The same so many times.
    Repeat(&'a Size, Box<Plan<'a>>),
    /// Several at once, each so many times, of which `wait` are waited for.
    AtOnce { plans: Vec<Plan<'a>>, copies: u64, wait: u64 },
    /// At another instance of the same component, with the way there and back.
    ToAnother(Box<Plan<'a>>),
    /// What goes on while nobody waits for it.
    Aside(Box<Plan<'a>>),
    /// What is done where this cache does not have the object; the component's own if `None`.
    Missed(Option<&'a Name>, Box<Plan<'a>>),
}

impl<'a> Plan<'a> {
    /// Nothing.
    pub(crate) const NOTHING: Plan<'static> = Plan::Serial(Vec::new());

    /// A turn at a core, or nothing.
    pub(crate) fn core(cost: Option<&'a Delay>) -> Plan<'a> {
        cost.map_or(Plan::NOTHING, Plan::Core)
    }
}
