//! The workers or connections of one instance: how many there are, and how many are held.

use crate::stats::Level;
use crate::units::Time;

/// Workers or connections of one instance.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    /// How many there are; `None` without a limit.
    pub limit: Option<u64>,
    /// How many are held.
    held: Level,
}

impl Slots {
    /// One more is held.
    #[inline]
    pub(crate) fn rise(&mut self, now: Time) {
        self.held.rise(now);
    }

    /// One fewer is held.
    #[inline]
    pub(crate) fn fall(&mut self, now: Time) {
        self.held.fall(now);
    }

    /// None is held any more.
    pub(crate) fn clear(&mut self, now: Time) {
        self.held.set(now, 0);
    }

    /// The area under the number held (slots x ns).
    pub fn area(&self, now: Time) -> u128 {
        self.held.area(now)
    }

    /// Figures start now.
    pub(super) fn reset(&mut self, now: Time) {
        self.held.reset(now);
    }
}
