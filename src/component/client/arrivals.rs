//! What a scenario says of when requests come from outside.

use crate::distribution::Delay;
use crate::document::{
    At, Definitions, Node, Problem, Problems, Read, Value, choice, described, record, uncalled,
    variant,
};
use crate::units::{Rate, Span};

use super::day::DiurnalSpec;
use super::intensity::{Course, FOR_EVER, Form, Piece, State};

variant! {
    /// When requests come. Also written as a call: `poisson(300/s)` is `{poisson: 300/s}`, and
    /// `ramp(to=90/s, over=5min)` is `{ramp: {to: 90/s, over: 5min}}`.
    pub enum ArrivalProcess {
        /// At random at this rate, independently of one another: a Poisson process, as of many
        /// users who know nothing of one another.
        Poisson(At<Rate>) = "poisson",
        /// Evenly at this rate; the first after one gap.
        Constant(At<Rate>) = "constant",
        /// With independent gaps between them, such as `renewal(erlang(3, 30ms))`; the first after
        /// one gap.
        Renewal(At<Delay>) = "renewal",
        /// In bursts: a Poisson process of one rate for an exponential time, then of the next in
        /// the list, and after the last of the first again (a Markov-modulated Poisson process).
        Mmpp(States) = "mmpp",
        /// A Poisson process of a rate that changes with time, from point to point.
        Profile(ProfileSpec) = "profile",
        /// A Poisson process of a rate that goes by the hour of the day.
        Diurnal(DiurnalSpec) = "diurnal",
        /// A Poisson process of a rate that rises and falls as a sine.
        Wave(WaveSpec) = "wave",
        /// A Poisson process of one rate but for a time of another.
        Spike(SpikeSpec) = "spike",
        /// A Poisson process of a rate that goes from one to another and stays there.
        Ramp(RampSpec) = "ramp",
    }
}

/// The states of bursty arrivals, one or more.
#[derive(Clone, Debug, PartialEq)]
pub struct States(pub At<Vec<StateSpec>>);

impl Read for States {
    fn read(node: &Node, problems: &mut Problems) -> Option<States> {
        if node.is_null() || node.value == Value::Sequence(Vec::new()) {
            let label = "expected a list such as [{rate: 40/s, for: 1s}, …]";
            problems.push(Problem::new(node.place, "there are no states", label));
            return None;
        }
        At::read(node, problems).map(States)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        Vec::<StateSpec>::schema(definitions)
    }
}

record! {
    /// A state of bursty arrivals.
    pub struct StateSpec {
        /// The rate in this state; 0 for silence.
        pub rate: Rate,
        /// How long it lasts on average.
        pub r#for: At<Span>,
    }
}

record! {
    /// A rate from point to point. The first point's rate holds before it too, and the last one's
    /// from there on.
    pub struct ProfileSpec {
        /// Points of time and rate, in order.
        pub points: At<Vec<PointSpec>>,
        /// What the rate does between them.
        pub shape: Shape = "steps",
        /// Start over every so often; never if not given.
        pub repeat: Option<At<Span>>,
    }
}

record! {
    /// A point of a profile.
    pub struct PointSpec {
        /// When, since the start of the run, warm-up included.
        pub at: At<Span>,
        /// The rate there.
        pub rate: Rate,
    }
}

choice! {
    /// What a rate does between two points.
    pub enum Shape {
        /// It stays at the first and jumps at the second.
        Steps = "steps",
        /// It goes in a straight line.
        Lines = "lines",
    }
}

record! {
    /// A rate of `mean + amplitude sin(2 pi t / period)`: it begins at the mean and rises.
    pub struct WaveSpec {
        /// The mean rate.
        pub mean: At<Rate>,
        /// How far it goes up and down from there; at most the mean.
        pub amplitude: At<Rate>,
        /// From one peak to the next.
        pub period: At<Span>,
    }
}

record! {
    /// A time of another rate.
    pub struct SpikeSpec {
        /// The rate before and after.
        pub base: Rate,
        /// The rate meanwhile.
        pub peak: At<Rate>,
        /// When it begins.
        pub at: Span,
        /// How long it lasts.
        pub r#for: At<Span>,
    }
}

record! {
    /// A rate that grows, or shrinks, in a straight line.
    pub struct RampSpec {
        /// The rate at the start of the run.
        pub from: Rate = "0/s",
        /// The rate at the end of the ramp, and from then on.
        pub to: At<Rate>,
        /// How long it takes.
        pub over: At<Span>,
    }
}

/// When the requests of an open client come: an [`ArrivalProcess`], as a mapping or as a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals(pub ArrivalProcess);

impl Read for Arrivals {
    /// What could not be read is as if it were some Poisson process, so that the rest is checked.
    fn read(node: &Node, problems: &mut Problems) -> Option<Arrivals> {
        const EXPECTED: &str =
            "an arrival process such as poisson(300/s) or ramp(to=90/s, over=5min)";
        let process = match uncalled(node) {
            Some(mapping) => ArrivalProcess::read(&mapping, problems),
            None if matches!(node.value, Value::Mapping(_)) => ArrivalProcess::read(node, problems),
            None => {
                problems.push(Problem::mismatch(node, EXPECTED));
                None
            }
        };
        let any = || ArrivalProcess::Poisson(At { value: Rate(1.0), place: node.place });
        Some(Arrivals(process.unwrap_or_else(any)))
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let mapping = ArrivalProcess::schema(definitions);
        let call = serde_json::json!({"type": "string", "pattern": r"^[a-z]+\(.*\)$"});
        serde_json::json!({"anyOf": [mapping, described(call, &["Such as `poisson(300/s)`."])]})
    }
}

impl ArrivalProcess {
    /// How many arrivals are expected in a run of this length.
    pub fn expected(&self, duration: Span) -> f64 {
        self.course()
            .map_or_else(|| self.mean_rate() * duration.secs(), |course| course.expected(duration))
    }

    /// The highest rate at which they come (1/s).
    pub fn peak(&self) -> f64 {
        match self {
            ArrivalProcess::Mmpp(states) => {
                states.0.value.iter().map(|state| state.rate.0).fold(0.0, f64::max)
            }
            _ => self.course().map_or_else(|| self.mean_rate(), |course| course.peak()),
        }
    }

    /// The lowest and the highest rate between two moments (1/s).
    pub fn range(&self, from: Span, to: Span) -> [f64; 2] {
        match self {
            ArrivalProcess::Mmpp(states) => {
                let rates = states.0.value.iter().map(|state| state.rate.0);
                [rates.clone().fold(f64::INFINITY, f64::min), rates.fold(0.0, f64::max)]
            }
            _ => self.course().map_or([self.peak(); 2], |course| course.range(from, to)),
        }
    }

    /// Whether the rate changes with time and not by chance.
    pub fn varies(&self) -> bool {
        self.course().is_some()
    }

    /// The mean rate (1/s) of what does not change with time.
    fn mean_rate(&self) -> f64 {
        match self {
            ArrivalProcess::Poisson(rate) | ArrivalProcess::Constant(rate) => rate.value.0,
            ArrivalProcess::Renewal(gap) => 1.0 / gap.value.mean(),
            ArrivalProcess::Mmpp(states) => {
                let states = states.0.value.iter();
                let time: f64 = states.clone().map(|state| state.r#for.value.secs()).sum();
                let arrivals = states.map(|state| state.rate.0 * state.r#for.value.secs());
                arrivals.sum::<f64>() / time
            }
            _ => unreachable!("a rate that changes with time has a course"),
        }
    }

    /// The rate over time, if it changes with time.
    pub(super) fn course(&self) -> Option<Course> {
        let stays = |pieces: Vec<Piece>| Some(course(pieces, false));
        match self {
            ArrivalProcess::Profile(profile) => Some(profile.course()),
            ArrivalProcess::Diurnal(diurnal) => Some(diurnal.course()),
            ArrivalProcess::Wave(wave) => {
                let (mean, amplitude) = (wave.mean.value.0, wave.amplitude.value.0);
                let form = Form::Wave { mean, amplitude };
                Some(course(vec![Piece { length: wave.period.value, form }], true))
            }
            ArrivalProcess::Spike(spike) => stays(vec![
                Piece::level(spike.base.0, spike.at),
                Piece::level(spike.peak.value.0, spike.r#for.value),
                Piece::level(spike.base.0, FOR_EVER),
            ]),
            ArrivalProcess::Ramp(ramp) => {
                let (from, to) = (ramp.from.0, ramp.to.value.0);
                let form = Form::Line { from, to };
                let rise = Piece { length: ramp.over.value, form };
                stays(vec![rise, Piece::level(to, FOR_EVER)])
            }
            ArrivalProcess::Poisson(_)
            | ArrivalProcess::Constant(_)
            | ArrivalProcess::Renewal(_)
            | ArrivalProcess::Mmpp(_) => None,
        }
    }
}

impl ProfileSpec {
    fn course(&self) -> Course {
        let points = &self.points.value;
        let (first, last) = match &points[..] {
            [first, .., last] => (first, last),
            [only] => (only, only),
            [] => return course(vec![Piece::level(0.0, FOR_EVER)], false),
        };
        let mut pieces = vec![Piece::level(first.rate.0, first.at.value)];
        for pair in points.windows(2) {
            let from = pair[0].rate.0;
            let to = if self.shape == Shape::Lines { pair[1].rate.0 } else { from };
            let length = between(pair[0].at.value, pair[1].at.value);
            pieces.push(Piece { length, form: Form::Line { from, to } });
        }
        let end = self.repeat.as_ref().map_or(FOR_EVER, |repeat| repeat.value);
        pieces.push(Piece::level(last.rate.0, between(last.at.value, end)));
        course(pieces, self.repeat.is_some())
    }
}

impl StateSpec {
    pub(super) fn state(&self) -> State {
        State { rate: self.rate.0, mean: self.r#for.value.nanos() as f64 }
    }
}

/// The time from one to the other; none if they are out of order, which is reported.
fn between(from: Span, to: Span) -> Span {
    Span::from_nanos(to.nanos().saturating_sub(from.nanos()))
}

/// A course of the pieces that take any time.
pub(super) fn course(mut pieces: Vec<Piece>, repeats: bool) -> Course {
    pieces.retain(|piece| piece.length > Span::ZERO);
    if pieces.is_empty() {
        pieces.push(Piece::level(0.0, FOR_EVER));
    }
    Course { pieces, repeats }
}
