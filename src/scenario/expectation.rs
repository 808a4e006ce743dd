//! Expectations: comparisons over the metrics of a run, such as `p99(GET /product) < 250ms`.

use crate::document::{
    At, Definitions, Node, Place, Problem, Problems, Read, choice, quoted, scalar,
};
use crate::units::{Quantity, Rate, Share, Span};

choice! {
    /// What an expectation can be about. In brackets stands a request type, or nothing for all of
    /// them; for the metrics of a component, the component.
    pub enum Metric {
        /// Requests sent per second.
        ArrivalRate = "arrival_rate",
        /// Requests answered well per second.
        Throughput = "throughput",
        /// Share of the requests that ended and did not end well.
        ErrorRate = "error_rate",
        /// Mean latency of the requests answered well.
        MeanLatency = "mean_latency",
        /// Median latency.
        P50 = "p50",
        /// 90th percentile of latency.
        P90 = "p90",
        /// 99th percentile of latency.
        P99 = "p99",
        /// 99.9th percentile of latency.
        P999 = "p99.9",
        /// Of a component: the share of its busiest resource in use.
        Utilisation = "utilisation",
        /// Of a component: mean number of requests waiting.
        Queue = "queue",
        /// Of a component: mean time a visit waits.
        Wait = "wait",
        /// Of a component: mean time from arrival to answer.
        Sojourn = "sojourn",
    }
}

/// In what a metric is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Durations.
    Seconds,
    /// Events per second.
    PerSecond,
    /// Shares of one.
    Share,
    /// A plain number.
    Number,
}

impl Metric {
    /// In what it is counted.
    pub fn unit(self) -> Unit {
        match self {
            Metric::ArrivalRate | Metric::Throughput => Unit::PerSecond,
            Metric::ErrorRate | Metric::Utilisation => Unit::Share,
            Metric::Queue => Unit::Number,
            _ => Unit::Seconds,
        }
    }

    /// Whether it is about a component rather than about requests.
    pub fn of_component(self) -> bool {
        matches!(self, Metric::Utilisation | Metric::Queue | Metric::Wait | Metric::Sojourn)
    }
}

impl Unit {
    fn parse(self, text: &str) -> Option<f64> {
        match self {
            Unit::Seconds => Span::parse(text).map(Span::secs),
            Unit::PerSecond => Rate::parse(text).map(|rate| rate.0),
            Unit::Share => Share::parse(text).map(|share| share.0),
            Unit::Number => f64::parse(text),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Unit::Seconds => Span::EXPECTED,
            Unit::PerSecond => Rate::EXPECTED,
            Unit::Share => Share::EXPECTED,
            Unit::Number => f64::EXPECTED,
        }
    }
}

/// On which side of the bound the metric is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Below it, or at it.
    Below,
    /// Above it, or at it.
    Above,
}

/// A comparison of a metric with a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As written.
    pub text: String,
    /// What is compared.
    pub metric: Metric,
    /// The request type or component in brackets.
    pub subject: Option<At<String>>,
    /// Where the metric's name stands.
    pub place: Place,
    /// On which side.
    pub side: Side,
    /// With what, in seconds, per second or as a share.
    pub bound: f64,
}

const EXPECTED: &str = "a comparison such as p99(GET /product) < 250ms";

impl Read for Expectation {
    fn read(node: &Node, problems: &mut Problems) -> Option<Expectation> {
        let text = scalar(node, EXPECTED, problems)?;
        let Some((left, operator, right)) = split(text) else {
            problems.push(Problem::mismatch(node, EXPECTED));
            return None;
        };
        let (name, subject) = match left.split_once('(') {
            Some((name, rest)) => match rest.trim_end().strip_suffix(')') {
                Some(subject) => (name.trim_end(), Some(subject)),
                None => {
                    problems.push(Problem::mismatch(node, EXPECTED));
                    return None;
                }
            },
            None => (left.trim_end(), None),
        };
        let part = |inner: &str| {
            let start = inner.as_ptr() as usize - text.as_ptr() as usize;
            node.part(start..start + inner.len())
        };
        let place = part(name);
        let metric = <Metric as crate::document::Choice>::ALL
            .iter()
            .copied()
            .find(|metric| metric.to_string() == name);
        let Some(metric) = metric else {
            let known = <Metric as crate::document::Choice>::TAGS;
            let known: Vec<&str> = known.iter().map(|tag| tag.text).collect();
            problems.push(Problem::unknown(place, "metric", name, &known));
            return None;
        };
        let Some(bound) = metric.unit().parse(right) else {
            let expected = metric.unit().expected();
            let title = format!("{} is not a value of {name}", quoted(right));
            problems.push(Problem::new(part(right), title, format!("expected {expected}")));
            return None;
        };
        let subject = subject
            .map(str::trim)
            .filter(|subject| !subject.is_empty())
            .map(|subject| At { value: subject.to_owned(), place: part(subject) });
        let side = if operator.starts_with('<') { Side::Below } else { Side::Above };
        Some(Expectation { text: text.to_owned(), metric, subject, place, side, bound })
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let metrics = <Metric as crate::document::Choice>::TAGS.iter();
        let metrics: Vec<String> =
            metrics.map(|tag| format!("`{}`: {}", tag.text, tag.doc.join(" ").trim())).collect();
        serde_json::json!({
            "title": "expectation",
            "description": format!(
                "A metric, in brackets what it is about, `<` or `>`, and a bound. {}",
                metrics.join(" ")
            ),
            "type": "string",
            "pattern": "[<>]",
        })
    }
}

/// `p99(a < b) < 3ms` at its last operator.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.rfind(['<', '>'])?;
    let length = if text[at + 1..].starts_with('=') { 2 } else { 1 };
    Some((text[..at].trim(), &text[at..at + length], text[at + length..].trim()))
}
