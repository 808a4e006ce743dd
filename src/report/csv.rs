//! Tables for other programs: one figure a row, a header and nothing else that is not data.

use crate::experiment::results::{RateSeries, Results};
use crate::stats::Estimate;

use super::number;
use crate::experiment::measure::{Measure, of_component, of_request};

pub(super) type Table = ::csv::Writer<Vec<u8>>;

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    row(&mut table, header);
    table
}

pub(super) fn row<T: AsRef<[u8]>>(table: &mut Table, fields: &[T]) {
    table.write_record(fields).expect("every row is as long as the header");
}

pub(super) fn bytes(table: Table) -> Vec<u8> {
    table.into_inner().expect("memory takes what is written to it")
}

/// `keys`, then the figure.
fn figure(table: &mut Table, keys: &[&str], name: &str, unit: &str, estimate: &Estimate) {
    let half_width = estimate.half_width.map_or(String::new(), number);
    let (mean, n) = (number(estimate.mean), estimate.n.to_string());
    let fields = [name, unit, &mean, &half_width, &n];
    row(table, &[keys, &fields].concat());
}

fn figures(table: &mut Table, keys: &[&str], measures: &[Measure]) {
    for measure in measures {
        figure(table, keys, &measure.name, measure.unit, &measure.estimate);
    }
}

/// Every figure of every request type, then of all together (an empty `client`, the request `all`).
pub fn summary_csv(results: &Results) -> Vec<u8> {
    let mut table = table(&["client", "request", "metric", "unit", "mean", "half_width", "n"]);
    for result in results.requests.iter().chain([&results.total]) {
        let keys = [result.client.as_str(), &result.request];
        figures(&mut table, &keys, &of_request(result, results.replications));
    }
    bytes(table)
}

/// Every figure of every component.
pub fn components_csv(results: &Results) -> Vec<u8> {
    let header = ["component", "kind", "instances", "metric", "unit", "mean", "half_width", "n"];
    let mut table = table(&header);
    for result in &results.components {
        let keys = [result.name.as_str(), result.kind, &result.instances.to_string()];
        figures(&mut table, &keys, &of_component(result, results.replications));
    }
    bytes(table)
}

/// Every figure of every window. A row is of a `request`, whose `name` is its client, or of a
/// `component`, whose `request` is empty. All requests together are the request `all` of no client.
pub fn timeseries_csv(results: &Results) -> Vec<u8> {
    let header =
        ["window_start_s", "kind", "name", "request", "metric", "unit", "mean", "half_width", "n"];
    let mut table = table(&header);
    let series = &results.series;
    for (i, &start) in series.starts.iter().enumerate() {
        let start = number(start);
        for (result, over_time) in results.requests.iter().zip(&series.requests) {
            let keys = [start.as_str(), "request", &result.client, &result.request];
            rates(&mut table, &keys, &over_time.rates, i);
            figure(&mut table, &keys, "latency_p50", "s", &over_time.p50[i]);
            figure(&mut table, &keys, "latency_p99", "s", &over_time.p99[i]);
        }
        rates(&mut table, &[start.as_str(), "request", "", "all"], &series.total, i);
        for (result, over_time) in results.components.iter().zip(&series.components) {
            let keys = [start.as_str(), "component", &result.name, ""];
            for (name, unit, values) in [
                ("utilisation", "share", &over_time.utilisation),
                ("queue", "requests", &over_time.queue),
                ("present", "requests", &over_time.present),
            ] {
                figure(&mut table, &keys, name, unit, &values[i]);
            }
        }
    }
    bytes(table)
}

/// The rates in window `i`.
fn rates(table: &mut Table, keys: &[&str], series: &RateSeries, i: usize) {
    figure(table, keys, "arrival_rate", "1/s", &series.arrival_rate[i]);
    figure(table, keys, "throughput", "1/s", &series.throughput[i]);
    figure(table, keys, "error_rate", "1/s", &series.error_rate[i]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn lines(bytes: Vec<u8>) -> Vec<String> {
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_figure_has_a_row_of_its_own() {
        let results = fixture::shop();
        let summary = lines(summary_csv(&results));
        assert_eq!(summary[0], "client,request,metric,unit,mean,half_width,n");
        assert_eq!(summary[1], "shoppers,GET /product,arrivals,requests,1458020,,10");
        assert!(summary.contains(&",all,latency_p99,s,0.2184,0.00546,10".to_owned()));
        assert!(summary.contains(
            &"shoppers,GET /product,outcome_count:timed out,requests,11664,,10".to_owned()
        ));
        let components = lines(components_csv(&results));
        assert!(
            components
                .contains(&"main,database,1,utilisation:connections,share,0.871,0.005,10".into())
        );
        let series = lines(timeseries_csv(&results));
        assert_eq!(series.len(), 1 + 120 * (3 * 5 + 3 + 3 * 3));
    }

    #[test]
    fn what_is_not_a_number_is_an_empty_field() {
        let summary = lines(summary_csv(&fixture::silent()));
        assert!(summary.contains(&",all,latency_p99,s,,,0".to_owned()));
    }
}
