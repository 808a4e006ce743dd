//! What a scenario says of transactions at a database.

use crate::distribution::Delay;
use crate::document::record;
use crate::units::Span;

record! {
    /// What transactions take at a database, beside the work of their reads and writes and its log.
    pub struct CommitSpec {
        /// How long each shard takes until it has promised to commit (two-phase commit), where the
        /// rows of a transaction are on several; after its work and its log, if it has one.
        pub prepare: Delay = "0",
        /// How long a shard takes until a commit is written down; after its log, if it has one.
        pub commit: Delay = "0",
        /// After how long without a sign of life of a server the locks of its transactions are
        /// freed. Only what dies without a word gives none: of a crash the database hears at once.
        pub keep_alive: Span = "10s",
    }
}

impl Default for CommitSpec {
    fn default() -> CommitSpec {
        CommitSpec { prepare: Delay::NONE, commit: Delay::NONE, keep_alive: Span::from_secs(10) }
    }
}
