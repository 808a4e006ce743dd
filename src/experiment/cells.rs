//! What a sweep found: for each cell its figures, all that a table or a chart of many cells needs.
//!
//! *Invariant:* every number here survives being written and read, to the last bit.

use serde::{Deserialize, Serialize};

use crate::document::quoted;
use crate::scenario;
pub use crate::scenario::Dimension;
use crate::stats::Estimate;

use super::measure::Measures;
use super::results::{Decision, Results};

/// An axis of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// What is varied: a path, or a name for what moves together.
    pub name: String,
    /// Its columns in a table.
    pub columns: Vec<String>,
    /// In what its values are counted, if they are quantities of one kind.
    pub dimension: Option<Dimension>,
    /// The values in turn.
    pub points: Vec<Point>,
}

/// A value of an axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// What it is called.
    pub label: String,
    /// What stands in the axis's columns.
    pub values: Vec<String>,
    /// The value in seconds, per second, bytes or as it is, if the axis has a dimension.
    #[serde(with = "exact")]
    pub number: Option<f64>,
}

/// The results of one cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Its number, the last axis fastest.
    pub cell: usize,
    /// Every figure of every request type, of all together, and of every component.
    pub figures: Vec<Figure>,
    /// The component and its resource that is nearest to its capacity.
    pub bottleneck: Option<(String, String)>,
    /// What a reader must know before trusting the figures.
    pub warnings: Vec<String>,
    /// The scenario's expectations, decided.
    pub verdicts: Vec<(String, Decision)>,
}

/// A figure of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Figure {
    /// `request`, `component`, or `run` for what concerns the whole cell.
    pub kind: String,
    /// The client or the component; empty for all clients together.
    pub name: String,
    /// The request type; `all` for all together, empty for a component.
    pub request: String,
    /// Such as `p99`.
    pub metric: String,
    /// Such as `s`, `1/s`, `share`, `requests`.
    pub unit: String,
    /// Such as `mean` or `sum`.
    pub statistic: String,
    /// The figure; a sum and a greatest value have no interval.
    pub estimate: Estimate,
}

/// A figure on paper: its words, the value, the half-width, the ends of an asymmetric interval and
/// the number of values.
type Written = (
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<[String; 2]>,
    usize,
);

impl From<Figure> for Written {
    fn from(figure: Figure) -> Written {
        let Figure { kind, name, request, metric, unit, statistic, estimate } = figure;
        let half_width = estimate.half_width.map(|width| width.to_string());
        let ends = estimate.ends.map(|ends| ends.map(|end| end.to_string()));
        let value = estimate.mean.to_string();
        (kind, name, request, metric, unit, statistic, value, half_width, ends, estimate.n)
    }
}

impl TryFrom<Written> for Figure {
    type Error = String;

    fn try_from(written: Written) -> Result<Figure, String> {
        let (kind, name, request, metric, unit, statistic, mean, half_width, ends, n) = written;
        let number = |text: &str| {
            text.parse::<f64>().map_err(|_| format!("{metric}: {} is no number", quoted(text)))
        };
        let (mean, half_width) = (number(&mean)?, half_width.as_deref().map(number).transpose()?);
        if half_width.is_some_and(|half_width| half_width < 0.0) {
            return Err(format!("{metric}: an interval is less than nothing wide"));
        }
        let ends = match ends {
            Some([low, high]) => Some([number(&low)?, number(&high)?]),
            None => None,
        };
        if ends.is_some_and(|[low, high]| low > high) {
            return Err(format!("{metric}: an interval ends before it begins"));
        }
        let estimate = Estimate { mean, half_width, ends, n };
        Ok(Figure { kind, name, request, metric, unit, statistic, estimate })
    }
}

/// A number as the shortest text that is read as the same number.
mod exact {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        number.map(|number| number.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

impl Axis {
    /// The axes of a sweep.
    pub fn all(sweep: &scenario::Sweep) -> Vec<Axis> {
        sweep.base.axes.iter().map(Axis::of).collect()
    }

    fn of(axis: &scenario::Axis) -> Axis {
        let point = |point: &scenario::Point| Point {
            label: point.label.clone(),
            values: point.values.clone(),
            number: point.number,
        };
        Axis {
            name: axis.name.clone(),
            columns: axis.columns.clone(),
            dimension: axis.dimension,
            points: axis.points.iter().map(point).collect(),
        }
    }
}

/// Which point of each axis a cell lies at.
pub fn coordinates(axes: &[Axis], cell: usize) -> Vec<usize> {
    let mut rest = cell;
    let mut found = Vec::with_capacity(axes.len());
    for axis in axes.iter().rev() {
        found.push(rest % axis.points.len());
        rest /= axis.points.len();
    }
    found.reverse();
    found
}

impl Cell {
    /// The figures of a cell's results; all else is dropped.
    pub fn of(cell: usize, results: &Results) -> Cell {
        let mut figures = Vec::new();
        let mut add = |kind: &str, name: &str, request: &str, measures: &Measures| {
            figures.extend(measures.0.iter().map(|measure| Figure {
                kind: kind.to_owned(),
                name: name.to_owned(),
                request: request.to_owned(),
                metric: measure.name.clone(),
                unit: measure.unit.to_owned(),
                statistic: measure.statistic.word().to_owned(),
                estimate: measure.estimate,
            }));
        };
        for result in results.requests.iter().chain([&results.total]) {
            add("request", &result.client, &result.request, &result.measures);
        }
        for result in &results.components {
            add("component", &result.name, "", &result.measures);
        }
        add("run", "", "", &results.run);
        let bottleneck = results.bottleneck.as_ref();
        Cell {
            cell,
            figures,
            bottleneck: bottleneck.map(|b| (b.component.clone(), b.resource.to_owned())),
            warnings: results.warnings.clone(),
            verdicts: results.verdicts.iter().map(|v| (v.expectation.clone(), v.holds)).collect(),
        }
    }

    /// A figure of all requests together; not a number if there is none of that name.
    pub fn total(&self, metric: &str) -> Estimate {
        let all = |f: &&Figure| f.kind == "request" && f.request == "all" && f.name.is_empty();
        let found = self.figures.iter().filter(all).find(|figure| figure.metric == metric);
        found.map_or(NOTHING, |figure| figure.estimate)
    }

    /// A figure of the component that is asked most of those that have it, by lookups of those with
    /// a cache and by visits of others; not a number if there is none.
    pub fn of_most_asked(&self, metric: &str) -> Estimate {
        let of = |metric: &str, name: &str| {
            let mut own =
                self.figures.iter().filter(|of| of.kind == "component" && of.name == name);
            own.find(|figure| figure.metric == metric).map(|figure| figure.estimate)
        };
        let asked = |name: &str| of("lookups", name).or_else(|| of("visits", name));
        let have = self.figures.iter().filter(|of| of.kind == "component" && of.metric == metric);
        let ranked = have.map(|figure| (asked(&figure.name).map_or(0.0, |of| of.mean), figure));
        let most = ranked.max_by(|(a, _), (b, _)| a.total_cmp(b));
        most.map_or(NOTHING, |(_, figure)| figure.estimate)
    }

    /// How much of the bottleneck is in use.
    pub fn busiest(&self) -> Estimate {
        let Some((component, resource)) = &self.bottleneck else { return NOTHING };
        let metric = format!("utilisation:{resource}");
        let mut figures = self.figures.iter().filter(|figure| figure.kind == "component");
        let found = figures.find(|figure| figure.name == *component && figure.metric == metric);
        found.map_or(NOTHING, |figure| figure.estimate)
    }
}

const NOTHING: Estimate = Estimate { n: 0, ..Estimate::point(f64::NAN) };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_being_written() {
        let numbers = [0.1 + 0.2, -0.0, 1e-308, f64::MAX, f64::INFINITY, 5e-324, 1.0 / 3.0];
        for mean in numbers {
            let ends = Some([mean - 0.1, f64::INFINITY]);
            let estimate = Estimate { mean, half_width: Some(mean / 7.0), ends, n: 3 };
            let figure = Figure {
                kind: "request".into(),
                name: "a \"b\"\n".into(),
                request: "ü, c".into(),
                metric: "m".into(),
                unit: "s".into(),
                statistic: "mean".into(),
                estimate,
            };
            let text = serde_json::to_string(&figure).expect("a figure is JSON");
            let read: Figure = serde_json::from_str(&text).expect("and back");
            assert_eq!(read.estimate.mean.to_bits(), mean.to_bits());
            assert_eq!(read, figure);
        }
        let nothing = Figure {
            kind: String::new(),
            name: String::new(),
            request: String::new(),
            metric: String::new(),
            unit: String::new(),
            statistic: String::new(),
            estimate: NOTHING,
        };
        let text = serde_json::to_string(&nothing).expect("a figure is JSON");
        let read: Figure = serde_json::from_str(&text).expect("and back");
        assert!(read.estimate.mean.is_nan() && read.estimate.half_width.is_none());
    }
}
