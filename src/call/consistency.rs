//! What a read must see of what was written.

use crate::document::variant;
use crate::units::Span;

variant! {
    /// What a read must see. A replica that has not applied that yet lets the read wait until it
    /// has.
    pub enum Consistency {
        /// Whatever the copy has.
        Eventual = "eventual",
        /// All writes of the same user.
        ReadYourWrites = "read_your_writes",
        /// All that earlier reads of the same user could see, and the user's writes: reads do not
        /// go back in time.
        MonotonicReads = "monotonic_reads",
        /// All writes that are older than this.
        Within(Span) = "within",
    }
}

impl Consistency {
    /// Whether what a read must see depends on what its user has written or seen.
    pub(crate) fn is_of_user(&self) -> bool {
        matches!(self, Consistency::ReadYourWrites | Consistency::MonotonicReads)
    }
}
