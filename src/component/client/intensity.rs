//! Rates that change with time.
//!
//! The i-th arrival of a Poisson process of rate lambda(t) is where the cumulative rate reaches the
//! i-th arrival of a process of rate 1 (Cinlar 1975, sec. 4.7). So an exact arrival takes one
//! exponential and one inversion, and two rates under the same random numbers see the same
//! arrivals, earlier or later.

use crate::distribution::to_span;
use crate::engine::{Dist, Stream};
use crate::units::Span;

/// A part of time, longer than nothing, over which a rate has one form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) length: Span,
    pub(super) form: Form,
}

/// How a rate (1/s) goes over a piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// In a straight line.
    Line { from: f64, to: f64 },
    /// `mean + amplitude sin(2 pi t / length)`.
    Wave { mean: f64, amplitude: f64 },
}

/// Longer than any run.
pub(super) const FOR_EVER: Span = Span::from_nanos(u64::MAX);

impl Piece {
    /// One rate all over.
    pub(super) fn level(rate: f64, length: Span) -> Piece {
        Piece { length, form: Form::Line { from: rate, to: rate } }
    }

    /// The rate (1/s) so many seconds into the piece.
    fn rate(&self, at: f64) -> f64 {
        match self.form {
            Form::Line { from, to } => from + (to - from) * (at / self.length.secs()),
            Form::Wave { mean, amplitude } => mean + amplitude * libm::sin(self.angle() * at),
        }
    }

    /// Whether its rate rises and falls.
    fn turns(&self) -> bool {
        matches!(self.form, Form::Wave { .. })
    }

    /// The highest rate (1/s).
    fn peak(&self) -> f64 {
        match self.form {
            Form::Line { from, to } => from.max(to),
            Form::Wave { mean, amplitude } => mean + amplitude,
        }
    }

    /// Arrivals expected from `from` to `to` (s since the piece began).
    fn expected(&self, from: f64, to: f64) -> f64 {
        match self.form {
            Form::Line { .. } => f64::midpoint(self.rate(from), self.rate(to)) * (to - from),
            Form::Wave { mean, amplitude } => {
                // cos a - cos b without the difference of two numbers that are nearly the same.
                let half = self.angle() / 2.0;
                let swing = 2.0 * libm::sin(half * (from + to)) * libm::sin(half * (to - from));
                mean * (to - from) + amplitude / self.angle() * swing
            }
        }
    }

    /// How long after `from` (s) so many arrivals are expected; they are within the piece.
    fn until(&self, from: f64, expected: f64) -> f64 {
        match self.form {
            Form::Line { from: start, to: end } => {
                // expected = rate t + slope t^2 / 2, solved without cancellation.
                let slope = (end - start) / self.length.secs();
                let rate = self.rate(from);
                let root = libm::sqrt((rate * rate + 2.0 * slope * expected).max(0.0));
                2.0 * expected / (rate + root)
            }
            Form::Wave { .. } => self.search(from, expected),
        }
    }

    /// As [`Piece::until`], by Newton's steps kept between bounds that close in.
    fn search(&self, from: f64, expected: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.length.secs() - from);
        let mut after = (expected / self.rate(from)).min(high);
        for _ in 0..64 {
            let over = self.expected(from, from + after) - expected;
            if over > 0.0 {
                high = after;
            } else {
                low = after;
            }
            let newton = after - over / self.rate(from + after);
            let next =
                if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            // A tenth of a nanosecond, the clock's last digit.
            if (next - after).abs() < 1e-10 {
                return next;
            }
            after = next;
        }
        after
    }

    /// 2 pi / length.
    fn angle(&self) -> f64 {
        std::f64::consts::TAU / self.length.secs()
    }
}

/// A rate over time: pieces one after the other, the last for ever or the whole again and again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Course {
    pub(super) pieces: Vec<Piece>,
    pub(super) repeats: bool,
}

impl Course {
    /// The highest rate (1/s).
    pub(super) fn peak(&self) -> f64 {
        self.pieces.iter().map(Piece::peak).fold(0.0, f64::max)
    }

    /// The least and the greatest rate between two moments (1/s).
    pub(super) fn range(&self, from: Span, to: Span) -> [f64; 2] {
        let (period, _) = self.cycle();
        let whole = if self.repeats { from.nanos() / period.nanos() } else { 0 };
        let (mut start, end) = (period.nanos() * whole, to.nanos());
        let mut range = [f64::INFINITY, 0.0];
        for piece in self.pieces.iter().cycle().take(2 * self.pieces.len()) {
            let next = start.saturating_add(piece.length.nanos());
            if next > from.nanos() && start < end {
                let into = |at: u64| Span::from_nanos(at - start).secs();
                let (from, to) = (into(from.nanos().max(start)), into(end.min(next)));
                // A wave turns after a quarter and after three.
                let turns = [0.25, 0.75].map(|part| part * piece.length.secs());
                let turns = turns.into_iter().filter(|&at| piece.turns() && from < at && at < to);
                for rate in turns.chain([from, to]).map(|at| piece.rate(at)) {
                    range = [range[0].min(rate), range[1].max(rate)];
                }
            }
            start = next;
            if !self.repeats && start >= period.nanos() {
                break;
            }
        }
        range
    }

    /// Arrivals expected in this time from the start.
    pub(super) fn expected(&self, time: Span) -> f64 {
        let (period, cycle) = self.cycle();
        let whole = if self.repeats { time.nanos() / period.nanos() } else { 0 };
        let mut left = Span::from_nanos(time.nanos() - whole * period.nanos());
        let mut expected = whole as f64 * cycle;
        for piece in &self.pieces {
            let part = left.min(piece.length);
            expected += piece.expected(0.0, part.secs());
            left = Span::from_nanos(left.nanos() - part.nanos());
        }
        expected
    }

    /// The same course, entered so far into its cycle.
    pub(super) fn entered_at(mut self, offset: Span) -> Course {
        let mut before = Span::ZERO;
        let within = |piece: &Piece| {
            let start = before;
            before += piece.length;
            before > offset && start <= offset
        };
        let Some(index) = self.pieces.iter().position(within) else { return self };
        let piece = self.pieces[index];
        let into = Span::from_nanos(offset.nanos() + piece.length.nanos() - before.nanos());
        self.pieces.rotate_left(index);
        if let (Form::Line { from, to }, true) = (piece.form, into > Span::ZERO) {
            let middle = piece.rate(into.secs());
            let rest = Span::from_nanos(piece.length.nanos() - into.nanos());
            self.pieces[0] = Piece { length: rest, form: Form::Line { from: middle, to } };
            self.pieces.push(Piece { length: into, form: Form::Line { from, to: middle } });
        }
        self
    }

    /// How long the whole takes, and the arrivals expected meanwhile.
    fn cycle(&self) -> (Span, f64) {
        let length = self.pieces.iter().fold(Span::ZERO, |sum, piece| sum + piece.length);
        let of = |piece: &Piece| piece.expected(0.0, piece.length.secs());
        (length, self.pieces.iter().map(of).sum())
    }
}

/// A rate on its way through a run.
pub(super) struct Walk {
    source: Source,
    piece: Piece,
    /// How far into the piece.
    at: Span,
}

/// What piece comes next.
enum Source {
    Course { course: Course, index: usize, period: Span, cycle: f64 },
    Modulated { states: Vec<State>, index: usize, sojourns: Stream, visited: u64 },
}

/// A state of a Markov-modulated Poisson process.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// Arrivals per second.
    pub(super) rate: f64,
    /// Mean time in it (ns).
    pub(super) mean: f64,
}

impl Walk {
    /// Along a course.
    pub(super) fn along(course: Course) -> Walk {
        let (period, cycle) = course.cycle();
        let piece = course.pieces[0];
        Walk { source: Source::Course { course, index: 0, period, cycle }, piece, at: Span::ZERO }
    }

    /// Through states in turn, each for an exponential time; `stream` is their randomness. It
    /// begins in a state by the share of time it takes, so that it is stationary from the start.
    pub(super) fn modulated(states: Vec<State>, stream: Stream) -> Walk {
        let total: f64 = states.iter().map(|state| state.mean).sum();
        let mut left = stream.named("first").draws().unit() * total;
        let within = |state: &State| {
            left -= state.mean;
            left < 0.0
        };
        let index = states.iter().position(within).unwrap_or(0);
        let sojourns = stream.named("sojourns");
        let piece = states[index].sojourn(sojourns.at(0));
        let source = Source::Modulated { states, index, sojourns, visited: 1 };
        Walk { source, piece, at: Span::ZERO }
    }

    /// Goes on until so many more arrivals are expected, and returns how long that takes; `None`
    /// if it never comes to so many.
    pub(super) fn advance(&mut self, mut expected: f64) -> Option<Span> {
        let mut gap = Span::ZERO;
        loop {
            let (at, length) = (self.at.secs(), self.piece.length.secs());
            let left = Span::from_nanos(self.piece.length.nanos() - self.at.nanos());
            let here = self.piece.expected(at, length);
            if expected < here {
                let step = Span::from_secs_f64(self.piece.until(at, expected)).min(left);
                self.at += step;
                return Some(gap + step);
            }
            expected -= here;
            gap += left;
            (self.piece, self.at) = (self.source.next(&mut expected, &mut gap)?, Span::ZERO);
        }
    }
}

impl Source {
    /// The next piece. Cycles in which no arrival falls are passed over at once.
    fn next(&mut self, expected: &mut f64, gap: &mut Span) -> Option<Piece> {
        match self {
            Source::Course { course, index, period, cycle } => {
                *index += 1;
                if *index == course.pieces.len() {
                    if !course.repeats || *cycle <= 0.0 {
                        return None;
                    }
                    *index = 0;
                    let empty = libm::floor(*expected / *cycle);
                    *expected -= empty * *cycle;
                    *gap += Span::from_nanos(period.nanos().saturating_mul(empty as u64));
                }
                Some(course.pieces[*index])
            }
            Source::Modulated { states, index, sojourns, visited } => {
                *index = (*index + 1) % states.len();
                let piece = states[*index].sojourn(sojourns.at(*visited));
                *visited += 1;
                Some(piece)
            }
        }
    }
}

impl State {
    /// One stay in this state.
    fn sojourn(self, stream: Stream) -> Piece {
        let nanos = Dist::Exponential(self.mean).draw(&mut stream.draws());
        Piece::level(self.rate, to_span(nanos).max(Span::from_nanos(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Span = Span::from_secs(60);

    /// Two levels, a climb from nothing and a fall to nothing, over four minutes.
    fn hills() -> Course {
        let line = |from, to| Piece { length: MINUTE, form: Form::Line { from, to } };
        let pieces = vec![line(3.0, 3.0), line(0.0, 8.0), line(8.0, 0.0), line(1.0, 1.0)];
        Course { pieces, repeats: true }
    }

    fn wave() -> Course {
        let form = Form::Wave { mean: 2.0, amplitude: 2.0 };
        Course { pieces: vec![Piece { length: Span::from_secs(240), form }], repeats: true }
    }

    /// The arrivals up to `end`, in the randomness of `stream`.
    fn arrivals(mut walk: Walk, stream: Stream, end: Span) -> Vec<Span> {
        let mut draws = stream.named("arrivals").draws();
        let mut now = Span::ZERO;
        let mut times = Vec::new();
        while let Some(gap) = walk.advance(Dist::Exponential(1.0).draw(&mut draws)) {
            now += gap;
            if now > end {
                break;
            }
            times.push(now);
        }
        times
    }

    #[test]
    fn a_rate_that_never_changes_gives_the_poisson_process_arrival_for_arrival() {
        let cut = (0..7).map(|i| Piece::level(4.0, Span::from_millis(300 + 100 * i))).collect();
        let walk = Walk::along(Course { pieces: cut, repeats: true });
        let stream = Stream::root(1, 0);
        let found = arrivals(walk, stream, Span::from_secs(500));
        let mut draws = stream.named("arrivals").draws();
        let mut poisson = 0;
        for time in &found {
            poisson += to_span(Dist::Exponential(0.25e9).draw(&mut draws)).nanos();
            assert!(time.nanos().abs_diff(poisson) < 2_000, "{time} for {poisson}");
        }
        assert!(found.len() > 1_800);
    }

    /// What makes common random numbers couple, and the process exact.
    #[test]
    fn an_arrival_comes_where_the_cumulative_rate_comes_to_that_of_rate_one() {
        for course in [hills(), wave(), hills().entered_at(Span::from_millis(77_700))] {
            let stream = Stream::root(2, 0);
            let times = arrivals(Walk::along(course.clone()), stream, Span::from_secs(3_000));
            let mut draws = stream.named("arrivals").draws();
            let mut unit = 0.0;
            for time in times {
                unit += Dist::Exponential(1.0).draw(&mut draws);
                let off = course.expected(time) - unit;
                assert!(off.abs() < 1e-5, "{course:?} at {time}: off by {off}");
            }
        }
    }

    #[test]
    fn the_expected_arrivals_are_the_area_under_the_rate() {
        // Three a second, a triangle, another, one a second.
        let hour = hills().expected(Span::from_secs(240));
        assert!((hour - (180.0 + 240.0 + 240.0 + 60.0)).abs() < 1e-9);
        assert!((hills().expected(Span::from_secs(270)) - 720.0 - 90.0).abs() < 1e-9);
        assert!((wave().expected(Span::from_secs(480)) - 960.0).abs() < 1e-9);
        // The rising half of a wave: 2 t + 2 (240 / 2 pi) 2.
        let half = 240.0 + 4.0 * 240.0 / std::f64::consts::TAU;
        assert!((wave().expected(Span::from_secs(120)) - half).abs() < 1e-9);
        let entered = hills().entered_at(Span::from_secs(90));
        assert!((entered.expected(MINUTE) - (180.0 + 180.0)).abs() < 1e-9);
        assert_eq!(entered.peak(), 8.0);
    }

    /// Counts by half minute, over 400 cycles: each mean within 5 standard errors of what is
    /// expected, and the dispersion statistic, sum of (N - m)^2 / m, within 5 of its own standard
    /// deviations of its mean, as only counts with the variance of a Poisson law have it. False
    /// alarms: about once in 10^5 runs over fresh seeds.
    #[test]
    fn counts_by_interval_are_poisson() {
        let triangle = [30.0 / 2.0 * 4.0, 30.0 * 6.0];
        let swing = 2.0 * 240.0 / std::f64::consts::TAU;
        let turn = |i: usize| libm::cos(std::f64::consts::TAU * i as f64 / 8.0);
        let sine = std::array::from_fn(|i| 60.0 + swing * (turn(i) - turn(i + 1)));
        let [low, high] = triangle;
        check_counts(hills(), [90.0, 90.0, low, high, high, low, 30.0, 30.0]);
        check_counts(wave(), sine);
    }

    #[track_caller]
    fn check_counts(course: Course, means: [f64; 8]) {
        let cycles = 400;
        let end = Span::from_secs(240 * cycles);
        let mut counts = vec![[0.0; 8]; cycles as usize];
        for time in arrivals(Walk::along(course), Stream::root(6, 0), end) {
            let half = (time.secs() / 30.0) as usize;
            counts[(half / 8).min(cycles as usize - 1)][half % 8] += 1.0;
        }
        let (mut dispersion, mut variance) = (0.0, 0.0);
        for (interval, mean) in means.into_iter().enumerate() {
            let sum: f64 = counts.iter().map(|cycle| cycle[interval]).sum();
            let expected = mean * cycles as f64;
            assert!((sum - expected).abs() < 5.0 * expected.sqrt(), "{interval}: {sum}");
            for cycle in &counts {
                dispersion += (cycle[interval] - mean).powi(2) / mean;
                variance += 2.0 + 1.0 / mean;
            }
        }
        let degrees = 8.0 * cycles as f64;
        assert!((dispersion - degrees).abs() < 5.0 * variance.sqrt(), "{dispersion}");
    }

    #[test]
    fn a_course_that_comes_to_nothing_ends_and_one_that_repeats_passes_over_empty_cycles() {
        let quiet = Course {
            pieces: vec![Piece::level(5.0, MINUTE), Piece::level(0.0, FOR_EVER)],
            repeats: false,
        };
        let found = arrivals(Walk::along(quiet), Stream::root(3, 0), FOR_EVER);
        assert!(found.len() > 200 && found.last() < Some(&MINUTE));
        let short = Span::from_nanos(10);
        let pieces = vec![Piece::level(1.0, short), Piece::level(3.0, short)];
        let rare = Course { pieces, repeats: true };
        let end = Span::from_secs(1_000);
        let found = arrivals(Walk::along(rare), Stream::root(3, 1), end).len() as f64;
        assert!((found - 2_000.0).abs() < 5.0 * 2_000_f64.sqrt(), "{found}");
    }

    /// In the first tenth of a second as much as ever: 20 000 runs, 5 standard errors. The counts
    /// are overdispersed; their variance is taken from the sample.
    #[test]
    fn bursts_are_stationary_from_the_start() {
        let states = vec![State { rate: 40.0, mean: 1e9 }, State { rate: 120.0, mean: 0.5e9 }];
        let counts: Vec<f64> = (0..20_000)
            .map(|run| {
                let stream = Stream::root(4, run);
                let walk = Walk::modulated(states.clone(), stream.named("states"));
                arrivals(walk, stream, Span::from_millis(100)).len() as f64
            })
            .collect();
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<f64>() / n;
        let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n;
        assert!((mean - 20.0 / 3.0).abs() < 5.0 * (variance / n).sqrt(), "{mean}");
        assert!(variance > 1.5 * mean, "{variance} is that of a Poisson process");
    }
}
