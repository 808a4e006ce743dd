//! The folder of results: what each command may write there, and how its files come there together.
//!
//! A manifest says whence the files of its command are. It goes first and comes back last, so that
//! wherever a process ends no manifest stands beside files of other figures.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files::{create, remove, unfinished};

use super::chart::capacity::NAME as SEARCH;
use super::chart::differences::NAME as DIFFERENCES;
use super::chart::sweep::possible_names;
use super::chart::welch::NAME as WELCH;
use super::chart::{CHARTS, WATERFALL};

/// All that a command may leave in its folder.
#[derive(Debug)]
pub struct FileSet {
    /// What the command is called.
    pub command: &'static str,
    /// What its manifest is called; no two commands share one.
    pub manifest: &'static str,
    /// What its other files may be called.
    pub tables: &'static [&'static str],
    /// What its charts may be called, without their endings.
    charts: fn() -> Vec<String>,
}

/// What `deploysim run` leaves, and `deploysim replay` in a folder for each multiple.
pub const RUN: FileSet = FileSet {
    command: "run",
    manifest: "manifest.json",
    tables: &[
        "summary.txt",
        "summary.csv",
        "components.csv",
        "timeseries.csv",
        "replications.csv",
        "latency.csv",
        "present.csv",
        "requests.csv",
    ],
    charts: || CHARTS.iter().chain([&WATERFALL]).map(|chart| chart.name.to_owned()).collect(),
};

/// What `deploysim explain` leaves.
pub const EXPLAIN: FileSet = FileSet {
    command: "explain",
    manifest: "explain-manifest.json",
    tables: &["explain.txt", "explain.csv"],
    charts: Vec::new,
};

/// What `deploysim compare` leaves.
pub const COMPARE: FileSet = FileSet {
    command: "compare",
    manifest: "compare-manifest.json",
    tables: &["comparison.txt", "comparison.csv", "requests.csv"],
    charts: || vec![DIFFERENCES.to_owned()],
};

/// What `deploysim capacity` leaves.
pub const CAPACITY: FileSet = FileSet {
    command: "capacity",
    manifest: "capacity-manifest.json",
    tables: &["capacity.txt", "capacity.csv", "capacity-where.json"],
    charts: || vec![SEARCH.to_owned()],
};

/// What `deploysim sweep` and `deploysim merge` leave beside the journal.
pub const SWEEP: FileSet = FileSet {
    command: "sweep",
    manifest: "sweep-manifest.json",
    tables: &["summary.txt", "sweep.csv", "warnings.csv", "expectations.csv"],
    charts: || possible_names().collect(),
};

/// What `deploysim series` leaves.
pub const SERIES: FileSet = FileSet {
    command: "series",
    manifest: "series-manifest.json",
    tables: &["series.txt", "series.csv"],
    charts: || vec![WELCH.to_owned()],
};

const ALL: [&FileSet; 6] = [&RUN, &EXPLAIN, &COMPARE, &CAPACITY, &SWEEP, &SERIES];

impl FileSet {
    /// What files of this command may be called, its manifest left out.
    fn names(&self) -> impl Iterator<Item = String> {
        let charts = (self.charts)().into_iter();
        let files = charts.flat_map(|name| [format!("{name}.svg"), format!("{name}.png")]);
        self.tables.iter().map(|&name| name.to_owned()).chain(files)
    }

    /// Another command whose results are in `dir`, and a name that files of both have: neither can
    /// write there without leaving figures of one beside the manifest of the other.
    pub fn conflict(&self, dir: &Path) -> Option<(&'static FileSet, String)> {
        let others = ALL.into_iter().filter(|other| other.manifest != self.manifest);
        let mut there = others.filter(|other| dir.join(other.manifest).exists());
        there.find_map(|other| {
            let mine: Vec<String> = self.names().collect();
            Some((other, other.names().find(|name| mine.contains(name))?))
        })
    }
}

/// Files of a command that are written beside their places, until all are put there together.
/// Dropped before that, it leaves the folder as it was.
pub(super) struct Staged<'a> {
    dir: &'a Path,
    set: &'static FileSet,
    names: Vec<String>,
}

impl<'a> Staged<'a> {
    /// Begins to write files into `dir`, which is made if need be.
    pub(super) fn new(dir: &'a Path, set: &'static FileSet) -> io::Result<Staged<'a>> {
        fs::create_dir_all(dir)?;
        Ok(Staged { dir, set, names: Vec::new() })
    }

    /// Makes the file of this name, to be filled.
    pub(super) fn create(&mut self, name: &str) -> io::Result<File> {
        debug_assert!(name == self.set.manifest || self.set.names().any(|known| known == name));
        let path = self.dir.join(name);
        if path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            return Err(of(name)(io::Error::other("there is a folder in its place")));
        }
        let file = create(&unfinished(&path)).map_err(of(name))?;
        self.names.push(name.to_owned());
        Ok(file)
    }

    /// Writes the file of this name.
    pub(super) fn put(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.create(name)?.write_all(bytes).map_err(of(name))
    }

    /// Gives up the file of this name.
    pub(super) fn take_back(&mut self, name: &str) -> io::Result<()> {
        self.names.retain(|staged| staged != name);
        remove(&unfinished(&self.dir.join(name)))
    }

    /// Puts all files in their places with the manifest that they belong to, removes those of
    /// earlier results, and says where they are.
    pub(super) fn place(mut self, manifest: &serde_json::Value) -> io::Result<Vec<PathBuf>> {
        let last = self.set.manifest;
        self.put(last, format!("{manifest:#}\n").as_bytes())?;
        remove(&self.dir.join(last)).map_err(of(last))?;
        for old in self.set.names().filter(|name| !self.names.contains(name)) {
            remove(&self.dir.join(&old)).map_err(of(&old))?;
            remove(&unfinished(&self.dir.join(&old))).map_err(of(&old))?;
        }
        // The manifest was written last.
        let mut placed = Vec::new();
        for name in &self.names {
            let path = self.dir.join(name);
            fs::rename(unfinished(&path), &path).map_err(of(name))?;
            placed.push(path);
        }
        self.names.clear();
        Ok(placed)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        for name in &self.names {
            // That one stays is no matter: the next run removes it.
            let _ = remove(&unfinished(&self.dir.join(name)));
        }
    }
}

/// Says of which file an error is.
fn of(name: &str) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{name}: {error}"))
}

/// Puts these files into `dir` with their manifest, all of them or none.
pub fn write_files(
    dir: &Path,
    set: &'static FileSet,
    files: &[(String, Vec<u8>)],
    manifest: &serde_json::Value,
) -> io::Result<Vec<PathBuf>> {
    let write = || {
        let mut staged = Staged::new(dir, set)?;
        files.iter().try_for_each(|(name, bytes)| staged.put(name, bytes))?;
        staged.place(manifest)
    };
    write().map_err(|error| {
        let names = files.iter().map(|(name, _)| name.as_str()).chain([set.manifest]);
        let names = names.collect::<Vec<_>>().join(", ");
        io::Error::new(error.kind(), format!("{error}\nnot written: {names}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(dir: &Path) -> BTreeSet<String> {
        let entries = fs::read_dir(dir).expect("it can be listed");
        entries
            .map(|entry| entry.expect("a name").file_name().into_string().expect("text"))
            .collect()
    }

    #[test]
    fn files_come_together_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let dir = dir.path();
        let manifest = |seed: u64| serde_json::json!({ "seed": seed });
        let write = |seed, tables: &[&str]| {
            let files = tables.iter().map(|&name| (name.to_owned(), vec![b'0' + seed as u8]));
            write_files(dir, &RUN, &files.collect::<Vec<_>>(), &manifest(seed))
        };
        fs::write(dir.join("mine.csv"), "of the user").expect("it can be written");
        write(1, &["summary.csv", "requests.csv"]).expect("they can be written");
        fs::create_dir(dir.join("latency.csv")).expect("a folder can be made");
        let error = write(2, &["summary.csv", "latency.csv"]).expect_err("a folder is in the way");
        assert!(error.to_string().contains("latency.csv: there is a folder in its place"));
        assert!(
            error.to_string().ends_with("not written: summary.csv, latency.csv, manifest.json")
        );
        assert_eq!(fs::read(dir.join("summary.csv")).expect("it stays"), b"1");
        assert!(fs::read_to_string(dir.join("manifest.json")).expect("it stays").contains('1'));
        fs::remove_dir(dir.join("latency.csv")).expect("it is empty");
        write(3, &["summary.csv", "latency.csv"]).expect("they can be written");
        let expected = ["latency.csv", "manifest.json", "mine.csv", "summary.csv"];
        assert_eq!(names(dir), expected.map(str::to_owned).into());
    }

    #[test]
    fn what_shares_a_name_is_not_written_beside_each_other() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        write_files(dir.path(), &SWEEP, &[], &serde_json::json!({})).expect("it can be written");
        let (other, name) = RUN.conflict(dir.path()).expect("both have a summary");
        assert_eq!((other.command, name.as_str()), ("sweep", "summary.txt"));
        assert!(EXPLAIN.conflict(dir.path()).is_none());
        assert!(SWEEP.conflict(dir.path()).is_none());
    }
}
