//! Every figure of a run to the last bit: what `summary.csv`, `components.csv` and `timeseries.csv`
//! say in ten digits, and the hit ratios over time.

use deploysim::experiment::measure::{Measure, of_component, of_request};
use deploysim::experiment::results::{RateSeries, RequestResult, Results};
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
    /// Mean, half-width (empty where there is none) and number of replications, with tabs between.
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
    summary(results, &mut rows);
    components(results, &mut rows);
    series_of_requests(results, &mut rows);
    series_of_components(results, &mut rows);
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

fn measures(table: &'static str, subject: &str, measures: &[Measure], rows: &mut Vec<Row>) {
    rows.extend(measures.iter().map(|m| row(table, subject, &m.name, &m.estimate)));
}

fn name(request: &RequestResult) -> String {
    format!("{} {}", request.client, request.request)
}

fn summary(results: &Results, rows: &mut Vec<Row>) {
    for request in results.requests.iter().chain([&results.total]) {
        let found = of_request(request, results.replications);
        measures("summary", &name(request), &found, rows);
    }
}

fn components(results: &Results, rows: &mut Vec<Row>) {
    for component in &results.components {
        let subject = format!("{} {} {}", component.name, component.kind, component.instances);
        let found = of_component(component, results.replications);
        measures("components", &subject, &found, rows);
    }
}

/// One row for each window, which is part of the subject.
fn over_time(results: &Results, of: &str, metric: &str, values: &[Estimate], rows: &mut Vec<Row>) {
    for (start, estimate) in results.series.starts.iter().zip(values) {
        rows.push(row("timeseries", &format!("{of} {start:?}"), metric, estimate));
    }
}

fn rates(results: &Results, of: &str, series: &RateSeries, rows: &mut Vec<Row>) {
    over_time(results, of, "arrival_rate", &series.arrival_rate, rows);
    over_time(results, of, "throughput", &series.throughput, rows);
    over_time(results, of, "error_rate", &series.error_rate, rows);
}

fn series_of_requests(results: &Results, rows: &mut Vec<Row>) {
    for (request, series) in results.requests.iter().zip(&results.series.requests) {
        let of = name(request);
        rates(results, &of, &series.rates, rows);
        over_time(results, &of, "latency_p50", &series.p50, rows);
        over_time(results, &of, "latency_p99", &series.p99, rows);
    }
    rates(results, &name(&results.total), &results.series.total, rows);
}

fn series_of_components(results: &Results, rows: &mut Vec<Row>) {
    for (component, series) in results.components.iter().zip(&results.series.components) {
        let of = &component.name;
        over_time(results, of, "utilisation", &series.utilisation, rows);
        over_time(results, of, "queue", &series.queue, rows);
        over_time(results, of, "present", &series.present, rows);
        over_time(results, of, "hit_ratio", &series.hit_ratio, rows);
    }
}
