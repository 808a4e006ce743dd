//! What tests share: how long they are to run, the scenarios that are shipped, and what a run left.

#![allow(dead_code, unused_imports, reason = "each test file uses its part")]

#[cfg(feature = "cli")]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[cfg(feature = "cli")]
pub(crate) use program::{program, run, status, stderr, stdout};

/// Whether tests are to run at full length, as CI does, and not as a sample: `DEPLOYSIM_FULL=1`.
pub(crate) fn full_length() -> bool {
    std::env::var_os("DEPLOYSIM_FULL").is_some()
}

/// What leaves out the charts of a scenario, but for one. Charts take nine tenths of a short run.
pub(crate) fn mostly_no_charts(scenario: &Path) -> &'static [&'static str] {
    if scenario.ends_with("three-tier.yaml") { &[] } else { &["--no-charts"] }
}

/// What lets the fault of a scenario come while a short run is not yet over.
pub(crate) fn sooner(scenario: &Path) -> &'static [&'static str] {
    const LATE: [(&str, [&str; 2]); 9] = [
        ("checkpoints.yaml", ["--set", "faults=[{crash: main, at: 5s, for: 1s}]"]),
        ("restore.yaml", ["--set", "faults=[{restore: main, back_to: 3s, at: 5s}]"]),
        ("memory-of-one-server.yaml", ["--set", "faults=[{crash: office, at: 5s, for: 1s}]"]),
        ("semi-sync.yaml", ["--set", "faults=[{hang: 'main[1]', at: 5s, for: 9s}]"]),
        ("primary-fails.yaml", ["--set", "faults=[{silence: 'main[0]', at: 5s}]"]),
        ("two-phase-commit.yaml", ["--set", "faults=[{crash: app, at: 5s, for: 1s}]"]),
        ("cold-cache.yaml", ["--set", "faults=[{crash: memo, at: 5s, for: 1s}]"]),
        ("write-policies.yaml", ["--set", "faults=[{crash: memo, at: 5s, for: 1s}]"]),
        (
            "losing-a-cache-node.yaml",
            ["--set", "faults=[{leave: 'memo[7]', at: 5s}, {join: 'memo[8]', at: 8s}]"],
        ),
    ];
    LATE.iter().find(|(name, _)| scenario.ends_with(name)).map_or(&[], |(_, sets)| sets)
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, by its path from there, with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("the file can be read");
                found.insert(path.strip_prefix(folder).expect("below it").to_owned(), bytes);
            }
        }
    }
    found
}

/// The scenarios that come with the program, by their path in the project.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let found = files(&root().join("scenarios")).into_keys();
    let yaml = found.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let mut paths: Vec<PathBuf> = yaml.map(|path| Path::new("scenarios").join(path)).collect();
    paths.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    assert!(!paths.is_empty(), "there are scenarios");
    paths
}

/// All of them at full length; where tests are a sample, every third and the shop.
pub(crate) fn some_shipped() -> Vec<PathBuf> {
    let all = shipped().into_iter().enumerate();
    let taken = |i: usize, path: &Path| i.is_multiple_of(3) || path.ends_with("three-tier.yaml");
    all.filter(|(i, path)| full_length() || taken(*i, path)).map(|(_, path)| path).collect()
}

/// The path of a scenario that comes with the program, by its name.
pub(crate) fn shipped_file(name: &str) -> PathBuf {
    let mut all = shipped().into_iter();
    let path = all.find(|path| path.file_stem().is_some_and(|stem| stem == name));
    root().join(path.unwrap_or_else(|| panic!("no scenario is called {name}")))
}
