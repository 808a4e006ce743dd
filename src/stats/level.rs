//! A whole number that changes over time, such as a queue length or the busy workers, and its mean
//! over time.

use crate::units::Time;

/// A level, with the area under it since the last reset.
#[derive(Clone, Debug, Default)]
pub struct Level {
    value: u64,
    /// Level x nanoseconds from `origin` to `last`.
    area: u128,
    origin: Time,
    last: Time,
}

impl Level {
    /// A level of zero from the start of the run.
    pub fn new() -> Level {
        Level::default()
    }

    /// Adds `delta`. The level must not fall below zero, nor `now` before the last change.
    #[inline]
    pub fn change(&mut self, now: Time, delta: i64) {
        debug_assert!(self.value.checked_add_signed(delta).is_some(), "a level is not negative");
        self.set(now, self.value.wrapping_add_signed(delta));
    }

    /// Replaces the level by `value`.
    #[inline]
    pub fn set(&mut self, now: Time, value: u64) {
        self.area += u128::from(self.value) * u128::from((now - self.last).nanos());
        self.last = now;
        self.value = value;
    }

    /// The level as it stands.
    #[inline]
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// The area under the level since the last reset (level x ns).
    pub fn area(&self, now: Time) -> u128 {
        self.area + u128::from(self.value) * u128::from((now - self.last).nanos())
    }

    /// The mean over the time since the last reset; over no time, the level as it stands.
    pub fn mean(&self, now: Time) -> f64 {
        if now == self.origin {
            return self.value as f64;
        }
        self.area(now) as f64 / (now - self.origin).nanos() as f64
    }

    /// Keeps the level and forgets what was: area and origin start anew at `now`.
    pub fn reset(&mut self, now: Time) {
        *self = Level { value: self.value, area: 0, origin: now, last: now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(nanos: u64) -> Time {
        Time::from_nanos(nanos)
    }

    #[test]
    fn the_area_under_the_level_is_exact() {
        let mut level = Level::new();
        level.change(at(10), 3);
        level.change(at(20), -1);
        level.set(at(20), 7);
        level.set(at(25), 1);
        assert_eq!(level.value(), 1);
        assert_eq!(level.area(at(30)), 3 * 10 + 7 * 5 + 5);
        assert_eq!(level.mean(at(40)), 80.0 / 40.0);
    }

    #[test]
    fn a_reset_keeps_the_level_and_starts_the_clock() {
        let mut level = Level::new();
        level.set(at(5), 9);
        level.set(at(50), 2);
        level.reset(at(100));
        assert_eq!((level.value(), level.area(at(100))), (2, 0));
        assert_eq!(level.mean(at(100)), 2.0);
        level.change(at(110), 4);
        assert_eq!(level.mean(at(120)), (20.0 + 60.0) / 20.0);
    }

    #[test]
    fn a_century_of_the_greatest_level_does_not_overflow() {
        let mut level = Level::new();
        level.set(at(0), u64::MAX);
        let end = at(100 * 365 * 86_400 * 1_000_000_000);
        assert_eq!(level.mean(end), u64::MAX as f64);
    }
}
