//! What is taken of the connections that an instance has to others.

use crate::stats::Level;
use crate::units::Time;

/// The connections of all pools of an instance.
#[derive(Clone, Debug, Default)]
pub struct PoolUse {
    /// How many there can be.
    pub size: u64,
    /// How many are taken.
    pub taken: Level,
}

impl PoolUse {
    /// Nobody has one any more.
    pub(super) fn clear(&mut self, now: Time) {
        self.taken.set(now, 0);
    }
}
