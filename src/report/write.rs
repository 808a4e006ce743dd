//! A run's folder: charts, tables, the summary and what reproduces them.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::Value;

use crate::experiment::results::Results;

use super::chart::{CHARTS, WATERFALL};
use super::{
    components_csv, latency_csv, present_csv, replications_csv, requests_csv, summary, summary_csv,
    timeseries_csv,
};

/// Columns of `summary.txt`.
pub(super) const WIDTH: usize = 100;

/// Writes everything into `dir`, which is made if need be, and says what was written. No file is
/// ever half there: each is written beside its place and then renamed.
pub fn write_all(dir: &Path, results: &Results, manifest: &Value) -> io::Result<Vec<PathBuf>> {
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
    let waterfall = results.traced.as_ref().map(|_| &WATERFALL);
    let charts = CHARTS.iter().filter(|chart| (chart.concerns)(results));
    for chart in charts.chain(waterfall) {
        let svg = (chart.draw)(results).map_err(io::Error::other)?;
        put(format!("{}.svg", chart.name), svg.as_bytes())?;
        #[cfg(feature = "png")]
        put(
            format!("{}.png", chart.name),
            &crate::report::chart::png::from_svg(&svg).map_err(io::Error::other)?,
        )?;
    }
    put("manifest.json".into(), format!("{manifest:#}\n").as_bytes())?;
    Ok(files)
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
            let files = write_all(&into, &fixture::shop(), &manifest).unwrap();
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
}
