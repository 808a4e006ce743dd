//! Every figure of a run to the last bit: what `summary.csv`, `components.csv` and `timeseries.csv`
//! say in ten digits.

use deploysim::experiment::measure::Measures;
use deploysim::experiment::results::{Lines, Results};
use deploysim::stats::Estimate;

/// The files that figures stand in.
pub(crate) const TABLES: [&str; 3] = ["components", "summary", "timeseries"];

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    /// One of [`TABLES`].
    pub(crate) table: &'static str,
    /// What it is about.
    pub(crate) subject: String,
    /// What it is called.
    pub(crate) metric: String,
    /// Value, half-width (empty where there is none) and number of replications, with tabs between.
    pub(crate) value: String,
}

impl Row {
    /// The row as a line of a file.
    pub(crate) fn line(&self, scenario: &str) -> String {
        let Row { table, subject, metric, value } = self;
        format!("{scenario}\t{table}\t{subject}\t{metric}\t{value}\n")
    }
}

/// All figures, in an order that does not depend on the program's.
pub(crate) fn rows(results: &Results) -> Vec<Row> {
    let mut rows = Vec::new();
    let requests = results.requests.iter().chain([&results.total]);
    let requests = requests.map(|of| (format!("{} {}", of.client, of.request), &of.measures));
    let series = results.series.requests.iter().chain([&results.series.total]);
    for ((name, figures), lines) in requests.zip(series) {
        measures("summary", &name, figures, &mut rows);
        over_time(results, &name, lines, &mut rows);
    }
    measures("summary", "the run", &results.run, &mut rows);
    for (of, lines) in results.components.iter().zip(&results.series.components) {
        let subject = format!("{} {} {}", of.name, of.kind, of.instances);
        measures("components", &subject, &of.measures, &mut rows);
        over_time(results, &of.name, lines, &mut rows);
    }
    rows.sort();
    rows
}

/// The shortest digits that give the same number again.
fn value(estimate: &Estimate) -> String {
    let half_width = estimate.half_width.map_or(String::new(), |width| format!("{width:?}"));
    format!("{:?}\t{half_width}\t{}", estimate.mean, estimate.n)
}

fn row(table: &'static str, subject: &str, metric: &str, estimate: &Estimate) -> Row {
    Row { table, subject: subject.to_owned(), metric: metric.to_owned(), value: value(estimate) }
}

fn measures(table: &'static str, subject: &str, measures: &Measures, rows: &mut Vec<Row>) {
    rows.extend(measures.0.iter().map(|m| row(table, subject, &m.name, &m.estimate)));
}

/// One row for each window, which is part of the subject.
fn over_time(results: &Results, of: &str, lines: &Lines, rows: &mut Vec<Row>) {
    for line in &lines.0 {
        for (start, estimate) in results.series.starts.iter().zip(&line.values) {
            rows.push(row("timeseries", &format!("{of} {start:?}"), &line.name, estimate));
        }
    }
}
