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
    /// Whether all are.
    full: Level,
}

impl Slots {
    /// One more is held.
    #[inline]
    pub(crate) fn rise(&mut self, now: Time) {
        self.held.rise(now);
        if self.is_full() {
            self.full.rise(now);
        }
    }

    /// One fewer is held.
    #[inline]
    pub(crate) fn fall(&mut self, now: Time) {
        if self.is_full() {
            self.full.fall(now);
        }
        self.held.fall(now);
    }

    #[inline]
    fn is_full(&self) -> bool {
        Some(self.held.value()) == self.limit
    }

    /// None is held any more.
    pub(crate) fn clear(&mut self, now: Time) {
        self.held.set(now, 0);
        self.full.set(now, 0);
    }

    /// The area under the number held (slots x ns).
    pub fn area(&self, now: Time) -> u128 {
        self.held.area(now)
    }

    /// For how long all were held (ns).
    pub(super) fn time_full(&self, now: Time) -> u128 {
        self.full.area(now)
    }

    /// Figures start now.
    pub(super) fn reset(&mut self, now: Time) {
        self.held.reset(now);
        self.full.reset(now);
    }
}
