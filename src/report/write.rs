//! The folder of a run or an explanation: charts, tables, the summary and what reproduces them.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::experiment::explain::Explanation;
use crate::experiment::results::Results;

use super::chart::{CHARTS, Drawn, WATERFALL};
use super::folder::{EXPLAIN, RUN, write_files};
use super::{
    components_csv, explain_csv, findings, latency_csv, present_csv, replications_csv,
    requests_csv, summary, summary_csv, theory, timeseries_csv,
};

/// Columns of `summary.txt`.
const WIDTH: usize = 100;

/// Whether charts are made of results. They take most of the time of a short run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Charts {
    /// Every chart that concerns the results.
    Drawn,
    /// None; those that an earlier run left are removed.
    LeftOut,
}

/// Writes everything into `dir`, which is made if need be, and says what was written. All files are
/// put there together, in the place of those of an earlier run: if one cannot be written none is,
/// and what was there stays.
pub fn write_all(
    dir: &Path,
    results: &Results,
    charts: Charts,
    manifest: &Value,
) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("summary.txt".into(), summary(results, false, WIDTH).into_bytes()),
        ("summary.csv".into(), summary_csv(results)),
        ("components.csv".into(), components_csv(results)),
        ("timeseries.csv".into(), timeseries_csv(results)),
        ("replications.csv".into(), replications_csv(results)),
        ("latency.csv".into(), latency_csv(results)),
        ("present.csv".into(), present_csv(results)),
    ];
    if let Some(requests) = &results.traced {
        files.push(("requests.csv".into(), requests_csv(requests)));
    }
    if charts == Charts::Drawn {
        files.extend(chart_files(drawn(results))?);
    }
    write_files(dir, &RUN, &files, manifest)
}

/// Every chart that concerns these results.
fn drawn(results: &Results) -> Vec<Drawn> {
    let waterfall = results.traced.as_ref().map(|_| &WATERFALL);
    let charts = CHARTS.iter().filter(|chart| (chart.concerns)(results)).chain(waterfall);
    charts.map(|chart| Drawn { name: chart.name.to_owned(), svg: (chart.draw)(results) }).collect()
}

/// The files of these charts.
pub fn chart_files(drawn: Vec<Drawn>) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for Drawn { name, svg } in drawn {
        let svg = svg.map_err(io::Error::other)?;
        #[cfg(feature = "png")]
        {
            let png = super::chart::png::from_svg(&svg).map_err(io::Error::other)?;
            files.push((format!("{name}.png"), png));
        }
        files.push((format!("{name}.svg"), svg.into_bytes()));
    }
    Ok(files)
}

/// Writes the text, the table and the manifest of an explanation into `dir`, which is made if need
/// be, as [`write_all`] does.
pub fn write_explanation(
    dir: &Path,
    explanation: &Explanation,
    manifest: &Value,
) -> io::Result<Vec<PathBuf>> {
    let name = explanation.results.name.as_str();
    let said = theory(name, &explanation.analytic_model, false, WIDTH);
    let text = format!("{said}\n{}", findings(explanation, false, WIDTH));
    let files = [
        ("explain.txt".into(), text.into_bytes()),
        ("explain.csv".into(), explain_csv(explanation)),
    ];
    write_files(dir, &EXPLAIN, &files, manifest)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn writing_twice_gives_the_same_bytes_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let into = dir.path().join("run");
        let manifest = serde_json::json!({"seed": 7});
        let contents = || {
            let files = write_all(&into, &fixture::shop(), Charts::Drawn, &manifest).unwrap();
            let bytes: Vec<_> = files.iter().map(|file| fs::read(file).unwrap()).collect();
            (files, bytes)
        };
        let first = contents();
        assert!(first == contents());
        assert_eq!(fs::read_dir(&into).unwrap().count(), first.0.len());
        assert_eq!(
            fs::read_to_string(into.join("manifest.json")).unwrap(),
            "{\n  \"seed\": 7\n}\n"
        );
    }

    #[test]
    fn charts_of_earlier_results_do_not_stay() {
        let dir = tempfile::tempdir().unwrap();
        let write = |charts| {
            write_all(dir.path(), &fixture::shop(), charts, &serde_json::json!({})).unwrap();
            let paths = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
            paths.filter(|path| path.extension().is_some_and(|end| end == "svg" || end == "png"))
        };
        fs::write(dir.path().join("hit_ratio.svg"), "of a scenario with a cache").unwrap();
        assert!(write(Charts::Drawn).count() > 0);
        assert!(!dir.path().join("hit_ratio.svg").exists());
        assert_eq!(write(Charts::LeftOut).count(), 0);
    }
}
