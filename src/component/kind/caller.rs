//! Whom a component asks.

use super::{Call, Kind};
use crate::document::Name;

/// A component that asks others.
pub(crate) trait Caller {
    /// What it asks others when it is asked for `operation`.
    fn calls<'a>(&'a self, operation: &str) -> Vec<Call<'a>>;

    /// Everybody that it may ever ask, in the order of the scenario; some more than once.
    fn callees(&self) -> Vec<&Name>;

    /// The operations for which it asks by name.
    fn asks_for(&self) -> Vec<String>;

    /// Whether it can tell which of several instances of `callee` it asks.
    fn chooses_among(&self, callee: &dyn Kind) -> bool;

    /// For what passes each request on to one of its calls: how much each instance of each is
    /// given, relative to the others. `None` for what makes all its calls.
    fn forwards(&self) -> Option<Vec<u64>>;
}

/// What asks nobody makes no call.
impl dyn Kind + '_ {
    /// What it asks others when it is asked for `operation`.
    pub(crate) fn calls(&self, operation: &str) -> Vec<Call<'_>> {
        self.caller().map_or_else(Vec::new, |caller| caller.calls(operation))
    }

    /// Everybody that it may ever ask.
    pub(crate) fn callees(&self) -> Vec<&Name> {
        self.caller().map_or_else(Vec::new, Caller::callees)
    }

    /// The operations for which it asks by name.
    pub(crate) fn asks_for(&self) -> Vec<String> {
        self.caller().map_or_else(Vec::new, Caller::asks_for)
    }

    /// Whether it can tell which of several instances of `callee` it asks.
    pub(crate) fn chooses_among(&self, callee: &dyn Kind) -> bool {
        self.caller().is_some_and(|caller| caller.chooses_among(callee))
    }

    /// How what passes each request on to one of its calls shares them out.
    pub(crate) fn forwards(&self) -> Option<Vec<u64>> {
        self.caller()?.forwards()
    }
}
