//! What the command line asks of a scenario beside what stands in the file: objectives
//! (`--slo "p99 < 200ms"`) and a precision (`--precision "p99 = 2%"`). Both are read and checked
//! like an `expect:`; messages point at the option.

use crate::document::{
    Definitions, Node, Place, Problem, Problems, Read, Sources, Value, quoted, scalar,
};
use crate::units::{Quantity, Share};

use super::expectation::Expectation;
use super::figure::{Figure, part};
use super::load::{Faults, Scenario};
use super::metric::Metric;

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
            let metric = Metric::MeanLatency;
            let figure = Figure { metric, subject: None, during: None, place: node.place };
            return Some(Precision { figure, name: metric.to_string(), relative });
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
    let figure = |expectation: &Expectation| expectation.figure.clone();
    read_all("--slo", texts, scenario, figure)
}

/// The precision in this text, the value of `--precision`.
pub fn precision(scenario: &Scenario, text: &str) -> Result<Precision, Faults> {
    let texts = [text.to_owned()];
    let mut read = read_all("--precision", &texts, scenario, |p: &Precision| p.figure.clone())?;
    Ok(read.remove(0))
}

/// Reads the values of an option and checks the figure of each against the scenario.
fn read_all<T: Read>(
    option: &str,
    texts: &[String],
    scenario: &Scenario,
    figure: impl Fn(&T) -> Figure,
) -> Result<Vec<T>, Faults> {
    let (mut sources, mut problems) = (Sources::new(), Problems::new());
    let declared: Vec<String> = scenario.deployment.topology.names().map(str::to_owned).collect();
    let mut all = Vec::new();
    for text in texts {
        let place = Place { source: sources.add(option, text), start: 0, end: text.len() };
        let node = Node { place, value: Value::Scalar(text.clone()) };
        let Some(read) = T::read(&node, &mut problems) else { continue };
        figure(&read).check(&scenario.deployment, &declared, scenario.duration, &mut problems);
        all.push(read);
    }
    if problems.is_empty() { Ok(all) } else { Err(Faults { problems, sources }) }
}
