//! The age of the oldest of some things over time.

use super::Histogram;
use crate::units::{Span, Time};

/// The age of the oldest of some things, which grows by itself while it is there.
#[derive(Clone, Debug, Default)]
pub struct Age {
    /// Since when the oldest has been there; `None` where there is none, which is an age of zero.
    since: Option<Time>,
    /// The age when this was last looked at began with it, and when that was.
    from: Time,
    /// The area under the age until then, doubled (ns x ns).
    doubled: u128,
    /// How old each oldest was when it became the oldest, those of no age left out, and how old it
    /// was when it was that no more.
    began: Histogram,
    ended: Histogram,
}

impl Age {
    /// From now on the oldest is the one that is there since then, or there is none.
    #[inline]
    pub(crate) fn set(&mut self, now: Time, since: Option<Time>) {
        if self.since != since {
            self.doubled = self.doubled(now);
            if let Some(before) = self.since {
                self.ended.record((now - before).nanos());
            }
            (self.since, self.from) = (since, now);
            self.begin(now);
        }
    }

    /// The one that is the oldest from now on may have an age already.
    fn begin(&mut self, now: Time) {
        let age = self.since.map_or(Span::ZERO, |since| now - since);
        if age > Span::ZERO {
            self.began.record(age.nanos());
        }
    }

    /// For how long the age has been above `least` since the last reset (ns), where ages are known
    /// within 1/256. Each oldest was above it for as long as it was older at its end, less what it
    /// was older at its beginning.
    pub fn time_above(&self, least: Span, now: Time) -> u128 {
        let older = |age: Span| age.saturating_sub(least).nanos() as f64;
        let present = self.since.map_or(0.0, |since| older(now - since));
        let sum = |ages: &Histogram| ages.excess(least);
        (present + sum(&self.ended) - sum(&self.began)).max(0.0) as u128
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
        self.ended.clear();
        self.began.clear();
        self.begin(now);
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
        assert_eq!(age.time_above(Span::from_nanos(1), at(14)), 3);
        age.set(at(14), Some(at(12)));
        assert_eq!(age.area(at(16)), 8 + 2 * 2 + 2, "from an age of 2 to one of 4");
        // From 13 to 14, and from 15.
        assert_eq!(age.time_above(Span::from_nanos(3), at(16)), 1 + 1);
        age.set(at(16), None);
        assert_eq!(age.area(at(100)), 14);
        age.set(at(100), Some(at(96)));
        age.reset(at(102));
        assert_eq!(age.area(at(104)), 6 * 2 + 2, "from an age of 6 to one of 8");
        assert_eq!(age.time_above(Span::from_nanos(5), at(104)), 2);
        assert_eq!(age.time_above(Span::from_nanos(7), at(104)), 1);
    }
}
