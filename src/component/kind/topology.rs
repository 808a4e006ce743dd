//! What a component may know of the others, while a scenario is checked.

use super::Kind;

/// All components, by name.
pub(crate) trait Topology {
    /// The component of that name, if there is one that could be read.
    fn find(&self, name: &str) -> Option<Found<'_>>;
}

/// A component that was found by its name.
pub(crate) struct Found<'a> {
    /// The word of the scenario for its kind.
    pub(crate) word: &'static str,
    /// What can be asked of it.
    pub(crate) kind: &'a dyn Kind,
}

impl Found<'_> {
    /// What it is, for a message.
    pub(crate) fn label(&self) -> String {
        format!("this is a {}", self.word.replace('_', " "))
    }
}
