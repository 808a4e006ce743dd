//! What the command line asks of a scenario beside what stands in the file: objectives
//! (`--slo "p99 < 200ms"`), a precision (`--precision "p99 = 2%"`) and requests to be traced
//! (`--trace-requests slowest:20`). All are read and checked like an `expect:`; messages point at
//! the option.

use crate::document::{
    Definitions, Node, Place, Problem, Problems, Read, Sources, Value, legible, quoted, scalar,
};
use crate::tracing::Wanted;
use crate::units::{Quantity, Share};

use super::expectation::Expectation;
use super::figure::{Figure, part};
use super::load::{Faults, Scenario};
use super::selection::Selection;

/// How sure a figure must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Of what.
    pub figure: Figure,
    /// What the figure is called: `p99(GET /product)`.
    pub name: String,
    /// The greatest relative error, above 0 and below 1.
    pub relative: f64,
}

/// What is to be precise where nothing is named.
const PRECISE: &str = "mean_latency";

const EXPECTED: &str = "a share such as 2%, or a metric and a share such as \"p99 = 2%\"";

impl Read for Precision {
    fn read(node: &Node, problems: &mut Problems) -> Option<Precision> {
        let text = scalar(node, EXPECTED, problems)?;
        let (left, right) = match text.rsplit_once('=') {
            Some((left, right)) => (Some(left.trim()), right.trim()),
            None => (None, text.trim()),
        };
        let relative = Share::parse(right).map(|share| share.0);
        let Some(relative) = relative.filter(|share| 0.0 < *share && *share < 1.0) else {
            let title = format!("{} is no precision", quoted(right));
            let label = format!("expected {EXPECTED}");
            problems.push(Problem::new(part(node, right), title, label));
            return None;
        };
        let Some(left) = left else {
            let figure = Figure::of_all(PRECISE, node.place);
            return Some(Precision { figure, name: PRECISE.to_owned(), relative });
        };
        match Figure::read(node, left, problems) {
            Ok(figure) => Some(Precision { figure, name: left.to_owned(), relative }),
            Err(reported) => {
                if !reported {
                    problems.push(Problem::mismatch(node, EXPECTED));
                }
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "title": "precision", "type": "string" })
    }
}

/// The objectives in these texts, each the value of `--slo`.
pub fn objectives(scenario: &Scenario, texts: &[String]) -> Result<Vec<Expectation>, Faults> {
    read_all("--slo", texts, |expectation: &Expectation, problems| {
        check(&expectation.figure, scenario, problems);
    })
}

/// The precision in this text, the value of `--precision`.
pub fn precision(scenario: &Scenario, text: &str) -> Result<Precision, Faults> {
    let texts = [text.to_owned()];
    let mut read = read_all("--precision", &texts, |precision: &Precision, problems| {
        check(&precision.figure, scenario, problems);
    })?;
    Ok(read.remove(0))
}

/// The requests in this text, the value of `--trace-requests`.
pub fn traced(scenario: &Scenario, text: &str) -> Result<Wanted, Faults> {
    let deployment = &scenario.deployment;
    let texts = [text.to_owned()];
    let read = read_all("--trace-requests", &texts, |selection: &Selection, problems| {
        selection.check(deployment, problems);
    })?;
    Ok(read[0].wanted(deployment))
}

/// Checks a figure against the scenario.
fn check(figure: &Figure, scenario: &Scenario, problems: &mut Problems) {
    let declared: Vec<String> = scenario.deployment.topology.names().map(str::to_owned).collect();
    figure.check(&scenario.deployment, &declared, scenario.duration, problems);
}

/// Reads the values of an option and checks each.
fn read_all<T: Read>(
    option: &str,
    texts: &[String],
    check: impl Fn(&T, &mut Problems),
) -> Result<Vec<T>, Faults> {
    let (mut sources, mut problems) = (Sources::new(), Problems::new());
    let mut all = Vec::new();
    for text in texts {
        let place = Place { source: sources.add(option, text), start: 0, end: text.len() };
        let node = Node { place, value: Value::Scalar(text.clone()) };
        legible(&node, &mut problems);
        let Some(read) = T::read(&node, &mut problems) else { continue };
        check(&read, &mut problems);
        all.push(read);
    }
    if problems.is_empty() { Ok(all) } else { Err(Faults { problems, sources }) }
}
