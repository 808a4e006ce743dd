//! The account of a server's memory.

use crate::stats::Level;
use crate::units::Time;

/// What is in use of the memory of one server.
#[derive(Clone, Debug)]
pub struct MemoryUse {
    /// How much there is (bytes).
    pub limit: u64,
    /// What is in use without any request (bytes).
    pub idle: u64,
    /// What each request takes (bytes).
    pub each: u64,
    /// What is in use (bytes).
    pub used: Level,
    /// How often the server was killed because none was left.
    pub kills: u64,
}

impl MemoryUse {
    /// A request takes what it needs.
    pub(crate) fn take(&mut self, now: Time) {
        self.used.set(now, self.used.value().saturating_add(self.each));
        debug_assert!(self.used.value() <= self.limit, "nobody is let in for whom none is left");
    }

    /// A request has been answered, and nobody takes over what it had.
    pub(crate) fn give_back(&mut self, now: Time) {
        self.used.set(now, self.used.value() - self.each);
    }
}
