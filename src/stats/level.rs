//! A whole number that changes over time, such as a queue length or the busy workers, and its mean
//! over time.

use crate::units::Time;

/// A level, with the area under it since the last reset.
///
/// A step of height d at time t adds d(T - t) to the area at T. So the area is the level times T,
/// less the sum of d t over all steps: a change needs neither the time of the last one nor a
/// product.
#[derive(Clone, Debug, Default)]
pub struct Level {
    value: u64,
    /// The sum of d t over all steps since `origin` (level x ns), the level as it then stood being
    /// the first; modulo 2^128, as is the product that it is taken from.
    moment: u128,
    origin: Time,
}

impl Level {
    /// A level of zero from the start of the run.
    pub fn new() -> Level {
        Level::default()
    }

    /// A level of one from the start of the run.
    pub fn one() -> Level {
        Level { value: 1, ..Level::default() }
    }

    /// One more.
    #[inline]
    pub fn rise(&mut self, now: Time) {
        self.value += 1;
        self.moment = self.moment.wrapping_add(u128::from(now.nanos()));
    }

    /// One less; the level must not be zero.
    #[inline]
    pub fn fall(&mut self, now: Time) {
        debug_assert!(self.value > 0, "a level is not negative");
        self.value = self.value.wrapping_sub(1);
        self.moment = self.moment.wrapping_sub(u128::from(now.nanos()));
    }

    /// Replaces the level by `value`.
    #[inline]
    pub fn set(&mut self, now: Time, value: u64) {
        let product = |level: u64| u128::from(level) * u128::from(now.nanos());
        self.moment = self.moment.wrapping_add(product(value)).wrapping_sub(product(self.value));
        self.value = value;
    }

    /// The level as it stands.
    #[inline]
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// The area under the level since the last reset (level x ns).
    pub fn area(&self, now: Time) -> u128 {
        (u128::from(self.value) * u128::from(now.nanos())).wrapping_sub(self.moment)
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
        let moment = u128::from(self.value) * u128::from(now.nanos());
        *self = Level { value: self.value, moment, origin: now };
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
        level.set(at(10), 3);
        level.fall(at(20));
        level.set(at(20), 7);
        level.set(at(25), 0);
        level.rise(at(25));
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
        level.set(at(110), 6);
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
