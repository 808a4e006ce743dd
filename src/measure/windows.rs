//! Time series: the measured part of a run cut into a fixed number of equal windows. Each figure
//! that is asked over time keeps the sums it is made of as they were when its window, or its part
//! of the run, began; so memory follows what is asked.

use std::ops::Range;
use std::sync::Arc;

use super::metric::Reading;
use super::probe::{Basis, Counted, Extent, Over, Probe};
use super::term::{Distribution, Durations, Scope};
use super::{Horizon, Recorder, Visits};
use crate::stats::Histogram;
use crate::units::{Span, Time};

/// The windows of a run: the values of those finished, and what had been counted when the one under
/// way began. A window is the difference of two states of the counts, so that it costs nothing
/// meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    length: Span,
    count: usize,
    probes: Arc<[Probe]>,
    opened: Time,
    in_flight_before: u128,
    /// By request type: all latencies when the window began, where somebody asks for them.
    latencies: Vec<Option<Latencies>>,
    /// What each figure began with; `None` where its time has not come, or is over.
    open: Vec<Option<Open>>,
    /// Of each figure, its value in each finished window, or in its part of the run.
    values: Vec<Vec<f64>>,
    /// Of each figure about a part of the run, what its value is made of.
    bases: Vec<Basis>,
    /// For each finished window, the mean number of clients' requests in flight.
    pub in_flight: Vec<f64>,
}

/// The latencies of a request type that is asked for them.
#[derive(Clone, Debug, Default)]
struct Latencies {
    answered: u64,
    before: Histogram,
    /// Those of the window that ends now.
    recent: Histogram,
}

/// A figure under way.
#[derive(Clone, Debug)]
struct Open {
    extent: Extent,
    since: Time,
    /// By term and owner.
    before: Vec<Vec<u128>>,
    durations: Before,
}

/// The durations of a figure under way.
#[derive(Clone, Debug)]
enum Before {
    Nothing,
    /// The latencies so far.
    Latency(Histogram),
    /// What was there when it began.
    Visits(Box<Visits>),
}

impl Windows {
    /// The windows of a run over its measured time.
    pub(crate) fn new(measured: Span, horizon: &Horizon) -> Windows {
        let count = horizon.windows;
        let length = Span::from_nanos((measured.nanos() / count.max(1) as u64).max(1));
        let probes = Arc::clone(&horizon.probes);
        let (open, values) = (vec![None; probes.len()], vec![Vec::new(); probes.len()]);
        let bases = vec![Basis::Value; probes.len()];
        Windows { length, count, probes, open, values, bases, ..Windows::default() }
    }

    /// Length of each window.
    pub fn length(&self) -> Span {
        self.length
    }

    /// How many windows are finished.
    pub fn finished(&self) -> usize {
        self.in_flight.len()
    }

    /// The values that a figure over time had in each finished window.
    pub fn series(&self, number: usize) -> &[f64] {
        &self.values[number]
    }

    /// The value of a figure about a part of the run, if it was asked for.
    pub(super) fn part(&self, probe: &Probe) -> Option<f64> {
        let number = self.probes.iter().position(|asked| asked == probe)?;
        Some(self.values[number].first().copied().unwrap_or(f64::NAN))
    }

    /// The same of what its value is made of.
    pub(super) fn part_basis(&self, probe: &Probe) -> Option<Basis> {
        let number = self.probes.iter().position(|asked| asked == probe)?;
        Some(self.bases[number].clone())
    }

    /// Whether another window is to come.
    pub(crate) fn wants_more(&self) -> bool {
        self.finished() < self.count
    }

    /// The first window begins.
    pub(super) fn open(&mut self, now: Time, run: &Recorder) {
        self.opened = now;
        self.in_flight_before = run.in_flight.area(now);
        self.latencies = vec![None; run.trackers().len()];
        for probe in self.probes.iter() {
            if probe.metric.reading.durations() == Some(Durations::Latency) {
                let extent = run.extent(&probe.subject);
                let types = extent.types().iter();
                types.for_each(|&of| self.latencies[of] = Some(Latencies::default()));
            }
        }
        self.begin(now, run);
    }

    /// Begins the figures whose time has come.
    fn begin(&mut self, now: Time, run: &Recorder) {
        let window = self.finished();
        for number in 0..self.probes.len() {
            let probe = &self.probes[number];
            if self.windows_of(probe, run).start == window
                || (probe.over == Over::Windows && self.wants_more())
            {
                self.open[number] = Some(Open::new(probe, run, now));
            }
        }
    }

    /// A window ends and the next begins.
    pub(super) fn close(&mut self, now: Time, run: &Recorder) {
        let length = (now - self.opened).nanos() as f64;
        self.opened = now;
        let area = run.in_flight.area(now);
        self.in_flight.push((area - self.in_flight_before) as f64 / length);
        self.in_flight_before = area;
        for (latencies, tracker) in self.latencies.iter_mut().zip(run.trackers()) {
            if let Some(latencies) = latencies {
                latencies.close(tracker);
            }
        }
        for number in 0..self.probes.len() {
            let probe = &self.probes[number];
            let ends =
                probe.over == Over::Windows || self.windows_of(probe, run).end == self.finished();
            let Some(open) = &mut self.open[number] else { continue };
            open.add(&self.latencies);
            if ends {
                let counted = open.counted(probe, run, now);
                self.values[number].push(probe.evaluate(run, &counted));
                if probe.over != Over::Windows {
                    self.bases[number] = probe.basis(&counted);
                }
                self.open[number] = None;
            }
        }
        self.begin(now, run);
        if !self.wants_more() {
            self.latencies = Vec::new();
        }
    }

    /// The windows whose middle lies within a figure's part of the run: its ends go to the nearest
    /// window's. None if the part begins in the warm-up.
    fn windows_of(&self, probe: &Probe, run: &Recorder) -> Range<usize> {
        let nowhere = usize::MAX..usize::MAX;
        let Over::Part(from, to) = probe.over else { return nowhere };
        let (from, to) = (Time::ZERO + from, Time::ZERO + to);
        if from < run.start() {
            return nowhere;
        }
        let length = self.length.nanos();
        let nearest = |at: Time| {
            let since = at.since(run.start()).nanos();
            usize::try_from((since + length / 2) / length).unwrap_or(usize::MAX)
        };
        let first = nearest(from).min(self.count.saturating_sub(1));
        first..nearest(to).clamp(first + 1, self.count.max(first + 1))
    }
}

impl Latencies {
    /// A window ends: its latencies are those recorded since the last one ended.
    fn close(&mut self, tracker: &super::Tracker) {
        self.recent = Histogram::new();
        if tracker.answered == self.answered {
            return;
        }
        self.recent = tracker.latency.since(&self.before);
        self.recent.merge(&tracker.early);
        self.before.clone_from(&tracker.latency);
        self.answered = tracker.answered;
    }
}

impl Open {
    fn new(probe: &Probe, run: &Recorder, now: Time) -> Open {
        let extent = run.extent(&probe.subject);
        let read = |term: &_| run.read(term, &extent, now, Scope::Ended);
        let before = probe.terms().iter().map(read).collect();
        let durations = match probe.metric.reading.durations() {
            None => Before::Nothing,
            Some(Durations::Latency) => Before::Latency(Histogram::new()),
            Some(_) => Before::Visits(Box::new(run.visits_so_far(&extent))),
        };
        Open { extent, since: now, before, durations }
    }

    /// Adds the latencies of a window.
    fn add(&mut self, latencies: &[Option<Latencies>]) {
        if let Before::Latency(all) = &mut self.durations {
            let types = self.extent.types().iter();
            let recent = types.filter_map(|&of| latencies[of].as_ref());
            recent.for_each(|latencies| all.merge(&latencies.recent));
        }
    }

    fn counted(&mut self, probe: &Probe, run: &Recorder, now: Time) -> Counted {
        let read = |term: &_| run.read(term, &self.extent, now, Scope::Ended);
        let difference = |(term, before): (&_, &Vec<u128>)| {
            read(term).iter().zip(before).map(|(now, before)| now.wrapping_sub(*before)).collect()
        };
        Counted {
            sums: probe.terms().iter().zip(&self.before).map(difference).collect(),
            length: now - self.since,
            durations: self.durations(&probe.metric.reading, run),
        }
    }

    fn durations(&mut self, reading: &Reading, run: &Recorder) -> Option<Box<dyn Distribution>> {
        let durations = reading.durations()?;
        match &mut self.durations {
            Before::Nothing => None,
            Before::Latency(all) => Some(Box::new(std::mem::take(all))),
            Before::Visits(before) => {
                let recent = run.visits_so_far(&self.extent).since(before);
                Some(Box::new(match durations {
                    Durations::Wait => recent.wait,
                    Durations::Completion => recent.completion,
                    Durations::Backlog => recent.backlogs,
                    Durations::Lag => recent.lags,
                    Durations::Sojourn | Durations::Latency => recent.sojourn,
                }))
            }
        }
    }
}
