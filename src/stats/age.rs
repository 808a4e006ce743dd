//! The age of the oldest of some things over time.

use crate::units::Time;

/// The age of the oldest of some things, which grows by itself while it is there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Age {
    /// Since when the oldest has been there; `None` where there is none, which is an age of zero.
    since: Option<Time>,
    /// The age when this was last looked at began with it, and when that was.
    from: Time,
    /// The area under the age until then, doubled (ns x ns).
    doubled: u128,
}

impl Age {
    /// From now on the oldest is the one that is there since then, or there is none.
    #[inline]
    pub(crate) fn set(&mut self, now: Time, since: Option<Time>) {
        if self.since != since {
            self.doubled = self.doubled(now);
            (self.since, self.from) = (since, now);
        }
    }

    /// The area under the age since the last reset (ns x ns).
    pub fn area(&self, now: Time) -> u128 {
        self.doubled(now) / 2
    }

    /// The age is a line of slope one: the area under it is half the difference of two squares.
    fn doubled(&self, now: Time) -> u128 {
        let square = |since: Time, at: Time| u128::from((at - since).nanos()).pow(2);
        let grown = self.since.map_or(0, |since| square(since, now) - square(since, self.from));
        self.doubled + grown
    }

    /// Figures start now; what is there stays.
    pub(crate) fn reset(&mut self, now: Time) {
        (self.from, self.doubled) = (now, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_grows_while_something_is_there_and_is_zero_otherwise() {
        let at = Time::from_nanos;
        let mut age = Age::default();
        age.set(at(10), Some(at(10)));
        assert_eq!(age.area(at(14)), 8, "a triangle of 4 by 4");
        age.set(at(14), Some(at(12)));
        assert_eq!(age.area(at(16)), 8 + 2 * 2 + 2, "from an age of 2 to one of 4");
        age.set(at(16), None);
        assert_eq!(age.area(at(100)), 14);
        age.set(at(100), Some(at(96)));
        age.reset(at(102));
        assert_eq!(age.area(at(104)), 6 * 2 + 2, "from an age of 6 to one of 8");
    }
}
