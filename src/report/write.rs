//! The folder of a run or an explanation: charts, tables, the summary and what reproduces them.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;

use crate::experiment::explain::Explanation;
use crate::experiment::results::Results;

use super::chart::{CHARTS, Drawn, WATERFALL};
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

/// Writes everything into `dir`, which is made if need be, and says what was written. No file is
/// ever half there: each is written beside its place and then renamed. Charts of an earlier run
/// that these results do not have are removed.
pub fn write_all(
    dir: &Path,
    results: &Results,
    charts: Charts,
    manifest: &Value,
) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(dir)?;
    let mut files = Vec::new();
    let mut put = |name: String, bytes: &[u8]| -> io::Result<()> {
        files.push(replace(dir, &name, bytes)?);
        Ok(())
    };
    put("summary.txt".into(), summary(results, false, WIDTH).as_bytes())?;
    put("summary.csv".into(), &summary_csv(results))?;
    put("components.csv".into(), &components_csv(results))?;
    put("timeseries.csv".into(), &timeseries_csv(results))?;
    put("replications.csv".into(), &replications_csv(results))?;
    put("latency.csv".into(), &latency_csv(results))?;
    put("present.csv".into(), &present_csv(results))?;
    if let Some(requests) = &results.traced {
        put("requests.csv".into(), &requests_csv(requests))?;
    }
    put("manifest.json".into(), format!("{manifest:#}\n").as_bytes())?;
    let drawn = if charts == Charts::Drawn { drawn(results) } else { Vec::new() };
    let possible = CHARTS.iter().chain([&WATERFALL]).map(|chart| chart.name.to_owned());
    files.extend(write_charts(dir, drawn, possible)?);
    Ok(files)
}

/// Every chart that concerns these results.
fn drawn(results: &Results) -> Vec<Drawn> {
    let waterfall = results.traced.as_ref().map(|_| &WATERFALL);
    let charts = CHARTS.iter().filter(|chart| (chart.concerns)(results)).chain(waterfall);
    charts.map(|chart| Drawn { name: chart.name.to_owned(), svg: (chart.draw)(results) }).collect()
}

/// Writes these charts into `dir`, and removes the others of the `possible` names: they are of
/// earlier results.
pub(super) fn write_charts(
    dir: &Path,
    drawn: Vec<Drawn>,
    possible: impl Iterator<Item = String>,
) -> io::Result<Vec<PathBuf>> {
    for name in possible.filter(|name| drawn.iter().all(|chart| chart.name != *name)) {
        remove(&dir.join(format!("{name}.svg")))?;
        remove(&dir.join(format!("{name}.png")))?;
    }
    let mut files = Vec::new();
    for Drawn { name, svg } in drawn {
        let svg = svg.map_err(io::Error::other)?;
        files.push(replace(dir, &format!("{name}.svg"), svg.as_bytes())?);
        #[cfg(feature = "png")]
        {
            let png = super::chart::png::from_svg(&svg).map_err(io::Error::other)?;
            files.push(replace(dir, &format!("{name}.png"), &png)?);
        }
    }
    Ok(files)
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes `explain.txt`, `explain.csv` and `manifest.json` into `dir`, which is made if need be.
pub fn write_explanation(
    dir: &Path,
    explanation: &Explanation,
    manifest: &Value,
) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(dir)?;
    let name = explanation.results.name.as_str();
    let said = theory(name, &explanation.analytic_model, false, WIDTH);
    let text = format!("{said}\n{}", findings(explanation, false, WIDTH));
    Ok(vec![
        replace(dir, "explain.txt", text.as_bytes())?,
        replace(dir, "explain.csv", &explain_csv(explanation))?,
        replace(dir, "manifest.json", format!("{manifest:#}\n").as_bytes())?,
    ])
}

/// Writes these files into `dir`, each whole or not at all.
pub fn write_files(dir: &Path, files: &[(&str, Vec<u8>)]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    files.iter().try_for_each(|(name, bytes)| replace(dir, name, bytes).map(|_| ()))
}

/// Puts a whole file in the place of the one of that name.
pub(super) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let (path, unfinished) = (dir.join(name), dir.join(format!(".{name}.part")));
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, &path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
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
