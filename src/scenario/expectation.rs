//! Expectations: comparisons over the metrics of a run, such as `p99(GET /product) < 250ms`.

use crate::deployment::metrics::{metrics, otherwise};
use crate::document::{Definitions, Node, Problem, Problems, Read, quoted, scalar};

use crate::measure::Metric;

use super::figure::{Figure, part};

/// On which side of the bound the metric is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Below it, or at it.
    Below,
    /// Above it, or at it.
    Above,
}

/// A comparison of a figure with a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As written.
    pub text: String,
    /// What is compared.
    pub figure: Figure,
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
        let figure = match Figure::read(node, left, problems) {
            Ok(figure) => figure,
            Err(reported) => {
                if !reported {
                    problems.push(Problem::mismatch(node, EXPECTED));
                }
                return None;
            }
        };
        let unit = figure.metric.unit;
        let Some(bound) = unit.parse(right) else {
            let title = format!("{} is not a value of {}", quoted(right), figure.name);
            let label = format!("expected {}", unit.expected());
            let problem = Problem::new(part(node, right), title, label);
            problems.push(match otherwise(&figure.name) {
                Some(other) => problem.help(format!("{} is a count: write {other}", figure.name)),
                None => problem,
            });
            return None;
        };
        let side = if operator.starts_with('<') { Side::Below } else { Side::Above };
        Some(Expectation { text: text.to_owned(), figure, side, bound })
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let written = |metric: &Metric| format!("`{}`", metric.form.written());
        let metrics: Vec<String> = metrics().map(written).collect();
        serde_json::json!({
            "title": "expectation",
            "description": format!(
                "A metric, in brackets what it is about, `<` or `>`, and a bound; `during \
                 4min..5min` before the `<` looks at a part of the run. The metrics: {}.",
                metrics.join(", ")
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
