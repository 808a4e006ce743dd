//! How many operations a disk begins in a second, with credits for more.

use std::collections::VecDeque;

use crate::units::Time;

/// Nanoseconds, each in 2^32 parts: intervals such as a third of a microsecond do not drift.
type Fine = u128;

/// Nanoseconds in a second, in parts.
const SECOND: Fine = 1_000_000_000 << 32;

fn fine(time: Time) -> Fine {
    Fine::from(time.nanos()) << 32
}

/// The first whole nanosecond that is not before.
fn whole(fine: Fine) -> Time {
    Time::from_nanos(u64::try_from((fine + (1 << 32) - 1) >> 32).unwrap_or(u64::MAX))
}

/// A limit of operations a second, kept by when the next may begin.
#[derive(Clone, Debug)]
pub(super) struct Pacing {
    /// From one operation to the next: at the limit, and at that of bursts.
    gap: Fine,
    burst_gap: Fine,
    /// The time that credits are worth.
    depth: Fine,
    /// When the next may begin, whatever the credits.
    next: Fine,
    /// When all credits will be there again if nothing comes.
    full: Fine,
    /// When those begin that are yet to begin, in this order.
    ahead: VecDeque<Time>,
}

impl Pacing {
    /// So many operations a second; with `burst`, so many of those while there are credits, and
    /// how many of them there can be and are.
    pub(super) fn new(iops: u64, burst: Option<(u64, u64)>) -> Pacing {
        let gap = |iops: u64| SECOND / Fine::from(iops);
        // Without bursts the only credit is that for the next operation.
        let (burst_iops, credits) = burst.unwrap_or((iops, 1));
        let (gap, burst_gap) = (gap(iops), gap(burst_iops));
        let depth = Fine::from(credits - 1) * gap;
        Pacing { gap, burst_gap, depth, next: 0, full: 0, ahead: VecDeque::new() }
    }

    fn due(&self) -> Fine {
        self.next.max(self.full.saturating_sub(self.depth))
    }

    /// When the next operation may begin.
    pub(super) fn earliest(&self) -> Time {
        whole(self.due())
    }

    /// An operation that comes `now` begins at `at`.
    pub(super) fn begin(&mut self, now: Time, at: Time) {
        while self.ahead.front().is_some_and(|&begins| begins <= now) {
            self.ahead.pop_front();
        }
        if at > now {
            self.ahead.push_back(at);
        }
        // What waits for its turn begins at a part of a nanosecond.
        let at = if at == self.earliest() { self.due() } else { fine(at) };
        self.next = at + self.burst_gap;
        self.full = self.full.max(at) + self.gap;
    }

    /// Nothing is under way any more.
    pub(super) fn clear(&mut self, now: Time) {
        // What was to begin later never took its credit.
        let lost = self.ahead.iter().filter(|&&begins| begins > now).count();
        self.full = self.full.saturating_sub(lost as Fine * self.gap);
        self.next = self.next.min(fine(now));
        self.ahead.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the last of so many operations begins that all come at the start [ns].
    fn last(mut pacing: Pacing, operations: u64) -> u64 {
        let mut at = Time::ZERO;
        for _ in 0..operations {
            at = pacing.earliest();
            pacing.begin(Time::ZERO, at);
        }
        at.nanos()
    }

    #[test]
    fn operations_begin_evenly_and_without_drift() {
        // 3,000 a second: the 3,000,001st begins after a thousand seconds, to the nanosecond.
        assert_eq!(last(Pacing::new(3_000, None), 3_000_001), 1_000_000_000_000);
        assert_eq!(last(Pacing::new(1, None), 3), 2_000_000_000);
    }

    /// At 3,000 a second a bucket of 5,400 credits that fills by 100 a second lasts
    /// 5,400 / (3,000 - 100) = 1.862 s; the rest goes at 100 a second.
    #[test]
    fn a_burst_lasts_as_long_as_its_credits() {
        let pacing = || Pacing::new(100, Some((3_000, 5_400)));
        let in_burst = (5_400 - 1) * 3_000 / 2_900;
        assert_eq!(last(pacing(), in_burst), ((in_burst - 1) * 1_000_000_000).div_ceil(3_000));
        let (early, late) = (last(pacing(), in_burst + 100), last(pacing(), in_burst + 200));
        assert!((late - early).abs_diff(1_000_000_000) <= 1, "{early} {late}");
    }

    /// Without operations 5,400 credits come in by 100 a second within 54 s, and no more.
    #[test]
    fn credits_come_back_while_nothing_comes() {
        let mut pacing = Pacing::new(100, Some((3_000, 5_400)));
        let mut at = Time::ZERO;
        let mut burst = |pacing: &mut Pacing, from: Time| {
            let mut count = 0_u64;
            // At 3,000 a second until the next has to wait for its credit.
            loop {
                let next = pacing.earliest().max(from);
                if count > 0 && (next - at).nanos() > 333_334 {
                    return count;
                }
                (at, count) = (next, count + 1);
                pacing.begin(at, at);
            }
        };
        let all = burst(&mut pacing, Time::ZERO);
        assert!(all.abs_diff(5_399 * 3_000 / 2_900) <= 2, "{all}");
        let half = burst(&mut pacing, Time::from_nanos(30_000_000_000));
        // From 1.86 to 30 s: 2,814 credits.
        assert!(half.abs_diff(2_814 * 3_000 / 2_900) <= 3, "{half}");
        let again = burst(&mut pacing, Time::from_nanos(1_000_000_000_000));
        assert_eq!(again, all);
    }

    #[test]
    fn what_is_lost_takes_no_credit() {
        let mut pacing = Pacing::new(10, None);
        for _ in 0..100 {
            let at = pacing.earliest();
            pacing.begin(Time::ZERO, at);
        }
        // Those of 0, 100 and 200 ms have begun.
        pacing.clear(Time::from_nanos(250_000_000));
        assert_eq!(pacing.earliest(), Time::from_nanos(300_000_000));
    }
}
