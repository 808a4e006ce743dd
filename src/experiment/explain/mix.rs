//! The visits to a component, all together.

use super::work::Work;

/// The visits to a component, all together; means per visit (s).
#[derive(Clone, Debug, Default)]
pub(super) struct Mix {
    /// Visits asked for per second, all instances together.
    pub(super) rate: f64,
    pub(super) cpu: f64,
    /// How much of it a visit waits for, and by how much longer where all of it takes longer.
    pub(super) line: f64,
    pub(super) extra: f64,
    /// The mean square of all processor time of a visit (s²), and that of its turns, summed.
    pub(super) square: f64,
    pub(super) turn_squares: f64,
    /// All processor time is exponential with one mean; where there is none, all io is.
    pub(super) exponential: bool,
    pub(super) io: f64,
    /// How often a visit waits for io or a call.
    pub(super) pauses: f64,
    /// Calls, on the link and over there.
    pub(super) away: f64,
    /// Several turns at the processor may be taken at once by one visit.
    pub(super) at_once: bool,
}

impl Mix {
    /// Adds visits that come at `rate`, whose calls take so long.
    pub(super) fn add(&mut self, work: &Work, rate: f64, away: f64) {
        self.rate += rate;
        self.at_once |= work.at_once;
        for (mean, one) in self.means().into_iter().zip([
            work.cpu,
            work.cpu_line,
            work.cpu_extra,
            work.square,
            work.turn_squares,
            work.io,
            work.pauses,
            away,
        ]) {
            *mean += rate * one;
        }
    }

    /// Means of what was added.
    pub(super) fn mean(mut self) -> Mix {
        let rate = self.rate;
        if rate > 0.0 {
            self.means().into_iter().for_each(|mean| *mean /= rate);
        }
        self
    }

    fn means(&mut self) -> [&mut f64; 8] {
        [
            &mut self.cpu,
            &mut self.line,
            &mut self.extra,
            &mut self.square,
            &mut self.turn_squares,
            &mut self.io,
            &mut self.pauses,
            &mut self.away,
        ]
    }
}
