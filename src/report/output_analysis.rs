//! What is said of a series that somebody brings.

use serde_json::{Value, json};

use crate::experiment::output_analysis::{Mean, OutputAnalysis, Replication};
use crate::stats::Estimate;
use crate::text::{one_line, wrapped};

use super::csv;
use super::grid::{Grid, Paint};
use super::number::{count, number, plain};

/// Batch means that resemble each other more than this give an interval that is too narrow.
const ALIKE: f64 = 0.4;

/// The analysis for a person.
pub fn analysis(file: &str, found: &OutputAnalysis, colour: bool, width: usize) -> String {
    let all = &found.replications;
    let mut grid = Grid::default();
    grid.text("series", all.iter().map(|one| (one_line(&one.name).into(), Paint::Plain)).collect());
    grid.right("values", all.iter().map(|one| count(one.values as u64)).collect());
    grid.estimates("mean of all", all.iter().map(|one| plain(&one.whole.estimate)).collect());
    let kept = |one: &Replication| one.kept.unwrap_or(one.whole);
    if found.truncation.converged {
        grid.estimates(
            "of what is kept",
            all.iter().map(|one| plain(&kept(one).estimate)).collect(),
        );
    }
    grid.right("batches", all.iter().map(|one| count(kept(one).estimate.n as u64)).collect());
    grid.right("of values", all.iter().map(|one| count(kept(one).batch_length)).collect());
    let correlation = |one: &Replication| kept(one).correlation;
    let correlations =
        all.iter().map(|one| correlation(one).map_or(String::new(), |c| format!("{c:.2}")));
    grid.right("correlation", correlations.collect());
    let mut said = vec![truncation(found)];
    if let Some(overall) = &found.overall {
        let replications = all.len();
        let text = plain(overall).text();
        said.push(format!(
            "Over the {replications} replications, what is kept has a mean of {text}."
        ));
    }
    if all.iter().any(|one| kept(one).estimate.half_width.is_none()) {
        said.push("Fewer than 20 values give no interval.".to_owned());
    }
    if all.iter().any(|one| correlation(one).is_some_and(|c| c > ALIKE)) {
        said.push(
            "Batches resemble the next: intervals are too narrow, and a longer series would tell."
                .to_owned(),
        );
    }
    let said: String = said.iter().map(|one| wrapped(one, width, 2) + "\n").collect();
    format!("{}\n\n{}\n{said}", one_line(file), grid.render(width, colour))
}

/// Where the warm-up ends, in a sentence.
pub(super) fn truncation(found: &OutputAnalysis) -> String {
    let truncation = &found.truncation;
    match (truncation.converged, truncation.observations) {
        (true, 0) => "MSER-5 finds no warm-up: all values are kept.".to_owned(),
        (true, left_out) => {
            format!(
                "MSER-5 finds a warm-up: the first {} values are left out.",
                count(left_out as u64)
            )
        }
        (false, _) => {
            "MSER-5 cannot tell where the warm-up ends: the series is too short.".to_owned()
        }
    }
}

/// A row for each value: the mean over the replications, and Welch's moving average of it.
pub fn analysis_csv(found: &OutputAnalysis) -> Vec<u8> {
    let mut table = csv::table(&["value", "mean", "moving_average", "kept"]);
    for (i, &mean) in found.averages.iter().enumerate() {
        let smooth = found.welch.get(i).map_or(String::new(), |&smooth| number(smooth));
        let kept = found.truncation.converged && i >= found.truncation.observations;
        csv::row(&mut table, &[(i + 1).to_string(), number(mean), smooth, kept.to_string()]);
    }
    csv::bytes(table)
}

/// The analysis for a program. What is not a number is `null`.
pub fn analysis_json(found: &OutputAnalysis) -> Value {
    let replication = |one: &Replication| {
        json!({
            "name": one.name,
            "values": one.values,
            "whole": mean(&one.whole),
            "kept": one.kept.as_ref().map(mean),
        })
    };
    let truncation = &found.truncation;
    json!({
        "replications": found.replications.iter().map(replication).collect::<Vec<_>>(),
        "mser5": {
            "observations": truncation.observations,
            "batches": truncation.batches,
            "statistic": truncation.statistic,
            "mean": truncation.mean,
            "converged": truncation.converged,
        },
        "welch": { "window": found.window, "averages": found.welch },
        "overall": found.overall.as_ref().map(estimate),
    })
}

fn mean(mean: &Mean) -> Value {
    let mut value = estimate(&mean.estimate);
    value["batch_length"] = mean.batch_length.into();
    value["correlation"] = mean.correlation.into();
    value
}

fn estimate(of: &Estimate) -> Value {
    json!({
        "mean": of.mean,
        "half_width": of.half_width,
        "low": of.low(),
        "high": of.high(),
        "n": of.n,
    })
}
