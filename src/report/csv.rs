//! Tables for other programs: one figure a row, a header and nothing else that is not data.

use std::borrow::Cow;

use crate::experiment::measure::Measures;
use crate::experiment::results::{AtLeast, Lines, Results};
use crate::measure::Statistic;
use crate::stats::Estimate;
use crate::units::Span;

use super::number;

pub(super) type Table = ::csv::Writer<Vec<u8>>;

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    row(&mut table, header);
    table
}

pub(super) fn row<T: AsRef<[u8]>>(table: &mut Table, fields: &[T]) {
    let fields = fields.iter().map(|field| cell(field.as_ref()));
    table.write_record(fields).expect("every row is as long as the header");
}

/// A field as a spreadsheet may see it: a name that would be a formula there has a quote before it.
/// Numbers stay as they are.
pub(super) fn cell(field: &[u8]) -> Cow<'_, [u8]> {
    let is_number = || {
        let text = std::str::from_utf8(field).ok();
        text.is_some_and(|text| text.parse::<f64>().is_ok())
    };
    match field.first() {
        Some(b'=' | b'+' | b'@' | b'\t' | b'\r') => Cow::Owned([b"'", field].concat()),
        Some(b'-') if !is_number() => Cow::Owned([b"'", field].concat()),
        _ => Cow::Borrowed(field),
    }
}

pub(super) fn bytes(table: Table) -> Vec<u8> {
    table.into_inner().expect("memory takes what is written to it")
}

/// The columns of a figure.
const FIGURE: [&str; 8] =
    ["metric", "unit", "statistic", "value", "half_width", "n", "low", "high"];
/// Where the figure of one more run will be.
const ONE_RUN: [&str; 2] = ["one_run_low", "one_run_high"];

fn figures_table(keys: &[&str]) -> Table {
    table(&[keys, &FIGURE, &ONE_RUN].concat())
}

/// Value, half-width, number of replications and the ends of the interval; empty where there is
/// none.
pub(super) fn told(estimate: &Estimate) -> [String; 5] {
    let end = |end: f64| if end.is_finite() { number(end) } else { String::new() };
    let half_width = estimate.half_width.map_or(String::new(), number);
    let (low, high) = (end(estimate.low()), end(estimate.high()));
    [number(estimate.mean), half_width, estimate.n.to_string(), low, high]
}

/// `keys`, then the figure.
fn figure(table: &mut Table, keys: &[&str], words: [&str; 3], estimate: &Estimate, more: &[&str]) {
    let fields = told(estimate);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    row(table, &[keys, &words, &fields, more].concat());
}

fn figures(table: &mut Table, keys: &[&str], measures: &Measures) {
    for measure in &measures.0 {
        let words = [measure.name.as_str(), measure.unit, measure.statistic.word()];
        let [low, high] = measure.one_run().map_or_else(Default::default, |run| run.map(number));
        figure(table, keys, words, &measure.estimate, &[&low, &high]);
    }
}

/// Every figure of every request type, then of all together (an empty `client`, the request `all`)
/// and of the whole run (both empty).
pub fn summary_csv(results: &Results) -> Vec<u8> {
    let mut table = figures_table(&["client", "request"]);
    for result in results.requests.iter().chain([&results.total]) {
        figures(&mut table, &[result.client.as_str(), &result.request], &result.measures);
    }
    figures(&mut table, &["", ""], &results.run);
    bytes(table)
}

/// Every figure of every component.
pub fn components_csv(results: &Results) -> Vec<u8> {
    let mut table = figures_table(&["component", "kind", "instances"]);
    for result in &results.components {
        let keys = [result.name.as_str(), result.kind, &result.instances.to_string()];
        figures(&mut table, &keys, &result.measures);
    }
    bytes(table)
}

/// Every figure of every window. A row is of a `request`, whose `name` is its client, or of a
/// `component`, whose `request` is empty. All requests together are the request `all` of no client.
pub fn timeseries_csv(results: &Results) -> Vec<u8> {
    let keys = ["window_start_s", "kind", "name", "request"];
    let mut table = table(&[&keys[..], &FIGURE].concat());
    let series = &results.series;
    for (i, &start) in series.starts.iter().enumerate() {
        let start = number(start);
        let mut window = |kind, name: &str, request: &str, lines: &Lines| {
            let keys = [start.as_str(), kind, name, request];
            for line in &lines.0 {
                let words = [line.name.as_str(), line.unit, Statistic::Mean.word()];
                figure(&mut table, &keys, words, &line.values[i], &[]);
            }
        };
        for (result, lines) in results.requests.iter().zip(&series.requests) {
            window("request", &result.client, &result.request, lines);
        }
        window("request", "", "all", &series.total);
        for (result, lines) in results.components.iter().zip(&series.components) {
            window("component", &result.name, "", lines);
        }
    }
    bytes(table)
}

/// Every figure of every replication, which count from 1. Rows are as those of the time series,
/// with `run` for what concerns the whole run. What is told of the busiest instance is that one's.
pub fn replications_csv(results: &Results) -> Vec<u8> {
    let header = ["replication", "kind", "name", "request", "metric", "unit", "value"];
    let mut table = table(&header);
    for replication in 0..results.replications {
        let which = (replication + 1).to_string();
        let mut subject = |kind: &str, name: &str, request: &str, measures: &Measures| {
            for measure in &measures.0 {
                let value = measure.values.get(replication).copied().unwrap_or(f64::NAN);
                let fields = [kind, name, request, &measure.name, measure.unit, &number(value)];
                row(&mut table, &[&[which.as_str()], fields.as_slice()].concat());
            }
        };
        for result in results.requests.iter().chain([&results.total]) {
            subject("request", &result.client, &result.request, &result.measures);
        }
        for result in &results.components {
            subject("component", &result.name, "", &result.measures);
        }
        subject("run", "", "", &results.run);
    }
    bytes(table)
}

/// How the latencies of each request type are spread, all replications together: for each latency
/// that was met (to 1/256), how many took so long, and the shares of those that took at most so
/// long and longer.
pub fn latency_csv(results: &Results) -> Vec<u8> {
    let header = ["client", "request", "latency_s", "count", "share_at_most", "share_above"];
    let mut table = table(&header);
    for result in results.requests.iter().chain([&results.total]) {
        let (count, most) = (result.histogram.count(), result.histogram.max().unwrap_or(0));
        let mut at_most = 0;
        for bucket in result.histogram.buckets() {
            at_most += bucket.count;
            let share = |of: u64| number(of as f64 / count as f64);
            let latency = number(Span::from_nanos(bucket.upper.min(most)).secs());
            let number = bucket.count.to_string();
            let (below, above) = (share(at_most), share(count - at_most));
            let keys = [result.client.as_str(), &result.request, &latency, &number, &below, &above];
            row(&mut table, &keys);
        }
    }
    bytes(table)
}

/// For each component, for how much of the time at least so many requests were present in an
/// instance. Numbers above 64 are told in ranges, with the mean over the numbers of each.
pub fn present_csv(results: &Results) -> Vec<u8> {
    let keys = ["component", "kind", "instances", "from", "to"];
    let mut table = table(&[&keys[..], &["share", "half_width", "n"]].concat());
    for result in &results.components {
        let instances = result.instances.to_string();
        for AtLeast { from, to, share } in &result.present_at_least {
            let half_width = share.half_width.map_or(String::new(), number);
            let numbers = [from.to_string(), to.to_string()];
            let figure = [number(share.mean), half_width, share.n.to_string()];
            let keys = [result.name.as_str(), result.kind, &instances];
            let rest = numbers.iter().chain(&figure).map(String::as_str);
            row(&mut table, &keys.into_iter().chain(rest).collect::<Vec<_>>());
        }
    }
    bytes(table)
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
        assert_eq!(
            summary[0],
            "client,request,metric,unit,statistic,value,half_width,n,low,high,one_run_low,one_run_high"
        );
        assert_eq!(
            summary[1],
            "shoppers,GET /product,arrivals,requests,sum,1458020,,10,,,145802,145802"
        );
        assert!(summary.contains(
            &",all,p99,s,mean,0.2184,0.00546,10,0.21294,0.22386,0.2184,0.2184".to_owned()
        ));
        assert!(summary.contains(
            &"shoppers,GET /product,outcome_count:timed out,requests,sum,11664,,10,,,1166.4,1166.4"
                .to_owned()
        ));
        let components = lines(components_csv(&results));
        assert!(
            components.contains(
                &"main,database,1,utilisation:connections,share,mean,0.871,0.005,10,0.866,0.876,\
                  0.871,0.871"
                    .into()
            )
        );
        let series = lines(timeseries_csv(&results));
        assert_eq!(series.len(), 1 + 120 * (3 * 5 + 3 + 3 * 3));
    }

    #[test]
    fn replications_and_distributions_have_files_of_their_own() {
        let results = fixture::shop();
        let replications = lines(replications_csv(&results));
        assert_eq!(replications[0], "replication,kind,name,request,metric,unit,value");
        assert!(replications.contains(&"10,request,,all,p99,s,0.2184".to_owned()));
        assert!(replications.contains(&"1,run,,,in_flight,requests,9.3".to_owned()));
        let present = lines(present_csv(&results));
        assert_eq!(present[0], "component,kind,instances,from,to,share,half_width,n");
        assert!(present.contains(&"app,server,3,65,72,0.001,0.0001,10".to_owned()));
        let latency = lines(latency_csv(&results));
        let all: Vec<Vec<&str>> = latency.iter().map(|line| line.split(',').collect()).collect();
        let total: Vec<_> = all.iter().filter(|row| row[1] == "all").collect();
        let counts: u64 = total.iter().map(|row| row[3].parse::<u64>().unwrap()).sum();
        assert_eq!(counts, results.total.histogram.count());
        let last = total.last().unwrap();
        assert_eq!((last[4], last[5]), ("1", "0"));
    }

    #[test]
    fn what_is_not_a_number_is_an_empty_field() {
        let summary = lines(summary_csv(&fixture::silent()));
        assert!(summary.contains(&",all,p99,s,mean,,,0,,,,".to_owned()));
    }
}
