//! A random duration: the cost of a step, a think time, the delay of a link.

use crate::document::{
    Argument, Definitions, Node, Problem, Problems, Read, call_syntax, listed, quoted, scalar,
};
use crate::engine::{Agenda, Dist, FAMILIES, Family, Lane, Parameter, Stream};
use crate::units::{Quantity, Span};

use super::node::Event;

/// A distribution over durations, in nanoseconds inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay(pub Dist);

impl Delay {
    /// No delay.
    pub const NONE: Delay = Delay(Dist::Constant(0.0));

    /// Draws one duration from `stream`, rounded to a nanosecond.
    #[inline]
    pub fn draw(&self, stream: Stream) -> Span {
        let nanos = match self.0 {
            Dist::Constant(nanos) => nanos,
            ref dist => dist.draw(&mut stream.draws()),
        };
        to_span(nanos)
    }

    /// The mean (s).
    pub fn mean(&self) -> f64 {
        self.0.mean() * 1e-9
    }
}

/// The nearest duration to this many nanoseconds; nothing draws below zero.
#[inline]
pub(super) fn to_span(nanos: f64) -> Span {
    // Beyond this, numbers have no fraction: a sum is rounded to its whole part, which then stands
    // in its lowest bits. Half the work of a cast.
    const WHOLE: f64 = (1_u64 << 52) as f64;
    Span::from_nanos(if nanos < WHOLE / 2.0 {
        (nanos + WHOLE).to_bits() - WHOLE.to_bits()
    } else {
        nanos as u64
    })
}

const EXPECTED: &str = "a duration such as 3ms, or a distribution such as exp(3ms)";

impl Read for Delay {
    fn read(node: &Node, problems: &mut Problems) -> Option<Delay> {
        let text = scalar(node, EXPECTED, problems)?;
        if let Some(span) = Span::parse(text) {
            return Some(Delay(Dist::Constant(span.nanos() as f64)));
        }
        let Some((name, arguments)) = call_syntax(text) else {
            problems.push(Problem::mismatch(node, EXPECTED));
            return None;
        };
        let Some(family) = FAMILIES.iter().find(|family| family.name == name) else {
            let known: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
            let place = node.part(0..name.len());
            problems.push(Problem::unknown(place, "distribution", name, &known));
            return None;
        };
        let values = read_arguments(node, family, &arguments, problems)?;
        match (family.make)(&values) {
            Ok(dist) => Some(Delay(dist)),
            Err(why) => {
                let title = format!("{} is not a distribution", quoted(text));
                problems.push(Problem::new(node.place, title, why));
                None
            }
        }
    }

    fn stand_in() -> Option<Delay> {
        Some(Delay::NONE)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let families: Vec<String> = FAMILIES
            .iter()
            .map(|family| format!("`{}`: {}", signature(family), family.doc))
            .collect();
        serde_json::json!({
            "title": "duration or distribution",
            "description": format!("A duration, fixed or drawn. {}", families.join(" ")),
            "type": ["string", "integer"],
        })
    }
}

/// `lognormal(mean, cv)`.
fn signature(family: &Family) -> String {
    let names: Vec<&str> = family.parameters.iter().map(|parameter| parameter.name()).collect();
    format!("{}({})", family.name, names.join(", "))
}

/// The arguments in the order of the family's parameters; named ones may stand in any order, after
/// those without a name.
fn read_arguments(
    node: &Node,
    family: &Family,
    arguments: &[Argument],
    problems: &mut Problems,
) -> Option<Vec<f64>> {
    let mut values: Vec<Option<f64>> = vec![None; family.parameters.len()];
    let mut sound = true;
    for (position, argument) in arguments.iter().enumerate() {
        let place = node.part(argument.range());
        let index = match argument.name {
            Some(name) => family.parameters.iter().position(|p| p.name() == name),
            None => (position < values.len()).then_some(position),
        };
        let Some(index) = index.filter(|&index| values[index].is_none()) else {
            let title = match (index, argument.name) {
                (None, Some(name)) => format!("{} has no {}", family.name, quoted(name)),
                (Some(_), Some(name)) => format!("{} is given twice", quoted(name)),
                _ => format!("{} is one too many", quoted(argument.text)),
            };
            problems.push(Problem::new(place, title, format!("expected {}", signature(family))));
            sound = false;
            continue;
        };
        let (value, expected) = match family.parameters[index] {
            Parameter::Amount(_) => {
                (Span::parse(argument.text).map(|span| span.nanos() as f64), Span::EXPECTED)
            }
            Parameter::Number(_) => (f64::parse(argument.text), f64::EXPECTED),
        };
        if value.is_none() {
            let title = format!("{} is not {}", quoted(argument.text), first_words(expected));
            problems.push(Problem::new(place, title, format!("expected {expected}")));
            sound = false;
        }
        // A value that could not be read is not missing as well.
        values[index] = value.or(Some(f64::NAN));
    }
    let missing: Vec<&str> = (family.parameters.iter().zip(&values))
        .filter(|(_, value)| value.is_none())
        .map(|(parameter, _)| parameter.name())
        .collect();
    if sound && !missing.is_empty() {
        let title = format!("{} needs {}", family.name, listed(&missing, "and"));
        problems.push(Problem::new(node.place, title, format!("expected {}", signature(family))));
    }
    (sound && missing.is_empty()).then(|| values.into_iter().flatten().collect())
}

fn first_words(expected: &str) -> &str {
    expected.split(" such as ").next().unwrap_or(expected)
}

/// A delay on its way to happen: constant ones take a lane of the agenda.
#[derive(Clone, Debug)]
pub(super) enum Transit {
    Now,
    Constant(Lane),
    Random(Delay, u64),
}

impl Transit {
    /// `salt` tells this delay's randomness from others of the same request.
    pub(super) fn new(delay: &Delay, salt: u64, agenda: &mut Agenda<Event>) -> Transit {
        match delay.0.constant() {
            Some(0.0) => Transit::Now,
            Some(_) => Transit::Constant(agenda.lane(delay.draw(Stream::root(0, 0)))),
            None => Transit::Random(delay.clone(), salt),
        }
    }

    #[inline(always)]
    pub(super) fn send(&self, agenda: &mut Agenda<Event>, stream: Stream, event: Event) {
        match self {
            Transit::Now => agenda.schedule(Span::ZERO, event),
            Transit::Constant(lane) => agenda.schedule_in(*lane, event),
            Transit::Random(delay, salt) => {
                agenda.schedule(delay.draw(stream.beside(*salt)), event)
            }
        }
    }
}
