//! The busiest window of a trace that is replayed many times over: what `scale` adds is spread, so
//! that the peak is that of what is sent and not so many times the recorded one.

use super::Trace;
use crate::units::{Rate, Span, Time};

/// The most parts into which a trace is cut to find its peak.
const MOST_BINS: u64 = 1_000_000;

/// How a trace is played.
#[derive(Clone, Copy, Debug)]
pub struct Playing {
    /// Requests sent for each recorded one.
    pub scale: f64,
    /// How fast time in the trace passes.
    pub speed: f64,
    /// Over how long added requests are spread, if that is said.
    pub over: Option<Span>,
}

impl Trace {
    /// The expected rate in the busiest `window` of what is sent, to a second or to a millionth of
    /// the length, whichever is longer.
    pub fn replayed_peak(&self, playing: Playing, window: Span) -> Rate {
        let Playing { scale, speed, over } = playing;
        let window = window.times(speed);
        if scale <= 1.0 || self.arrivals.is_empty() {
            let peak = self.peak(window);
            return Rate(peak.count as f64 * scale * speed / peak.window.secs());
        }
        let bin = Span::from_secs(1).nanos().max(self.length.nanos() / MOST_BINS).max(1);
        let longest = self.resolution.max(window.min(self.length));
        let window = usize::try_from(longest.nanos().div_ceil(bin)).unwrap_or(1).max(1);
        let whole = self.length_with_copies() + over.unwrap_or_default().times(speed);
        let mut bins = Bins::new(bin, whole);
        for (index, arrival) in self.arrivals.iter().enumerate() {
            let count = f64::from(arrival.count);
            let room = over.map(|over| over.times(speed).max(arrival.lasts));
            bins.add(count, arrival.at, arrival.lasts);
            let added = count * (scale - 1.0);
            bins.add(added, arrival.at, room.unwrap_or_else(|| self.room(index)));
        }
        let secs = Span::from_nanos(window as u64 * bin).min(longest.max(self.length)).secs();
        Rate(bins.most(window) * speed / secs)
    }
}

/// Requests in parts of equal length, as changes from one part to the next.
struct Bins {
    length: u64,
    changes: Vec<f64>,
}

impl Bins {
    fn new(length: u64, whole: Span) -> Bins {
        let count = usize::try_from(whole.nanos() / length).unwrap_or(usize::MAX - 2) + 2;
        Bins { length, changes: vec![0.0; count] }
    }

    /// So many requests come evenly between `at` and so much later.
    fn add(&mut self, count: f64, at: Time, over: Span) {
        let last = self.changes.len() - 1;
        let place = |nanos: u64| usize::try_from(nanos).map_or(last, |place| place.min(last));
        let first = place(at.nanos() / self.length).min(last - 1);
        let end = place((at + over).nanos().div_ceil(self.length)).max(first + 1);
        let each = count / (end - first) as f64;
        self.changes[first] += each;
        self.changes[end] -= each;
    }

    /// The most requests in so many parts that follow one another.
    fn most(&self, parts: usize) -> f64 {
        let (mut rate, mut within, mut most) = (0.0, 0.0, 0.0_f64);
        let mut rates = Vec::with_capacity(self.changes.len());
        for (index, change) in self.changes.iter().enumerate() {
            rate += change;
            rates.push(rate);
            within += rate - if index >= parts { rates[index - parts] } else { 0.0 };
            most = most.max(within);
        }
        most
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Grouping, Wanted, read_from};
    use super::*;

    #[track_caller]
    fn check(table: &str, playing: Playing, expect: f64) {
        let read =
            read_from(table.as_bytes(), Path::new("t"), &Wanted::default(), &Grouping::Method);
        let trace = read.unwrap_or_else(|error| panic!("{error}"));
        let Rate(found) = trace.replayed_peak(playing, Span::from_secs(60));
        assert!((found - expect).abs() < 1e-9 * expect, "{playing:?}: {found}");
    }

    #[test]
    fn the_peak_is_of_what_is_sent() {
        let playing = |scale: f64| Playing { scale, speed: 1.0, over: None };
        let dense: String = (0..100).map(|second| format!("{second}\n")).collect();
        check(&dense, playing(10.0), 10.0);
        check(&dense, playing(0.5), 0.5);
        check(&dense, Playing { speed: 2.0, ..playing(10.0) }, 20.0);
        // One request each ten minutes: those added are spread until the next one.
        let sparse = "time\n0\n600\n1200\n";
        // The last has room for the mean of the times between: 1201 s / 3.
        check(sparse, playing(601.0), (1.0 + 60.0 * 600.0 / 401.0) / 60.0);
        let early = Playing { over: Some(Span::from_secs(10)), ..playing(601.0) };
        check(sparse, early, 601.0 / 60.0);
        check("time,requests\n0,600\n600,1200\n", playing(3.0), 6.0);
    }
}
