//! The same scenario and seed give the same bytes, whatever is said of them and however they are
//! printed. Results that change are seen here before anyone relies on the old ones. That the number
//! of threads shows in none of them is tested with requests that are followed (`traced.rs`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{files, program, root, status, stderr};
use sha2::{Digest, Sha256};

/// Runs a scenario on so many threads and returns every file that it writes.
#[track_caller]
fn results(scenario: &Path, threads: usize, more: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(root());
    command.env("RAYON_NUM_THREADS", threads.to_string());
    command.arg("run").arg(scenario).args(more).arg("--out").arg(folder.path().join("out"));
    let output = command.output().expect("the program starts");
    // An expectation may fail in a run so short.
    assert!(status(&output) < 2, "{}: {}", scenario.display(), stderr(&output));
    files(&folder.path().join("out"))
}

/// Short enough for a test, and long enough for queues to form and timeouts to fire.
const SHORT: [&str; 7] =
    ["--set", "duration=15s", "--set", "warmup=auto", "--replications", "5", "--quiet"];

#[track_caller]
fn assert_same(one: &BTreeMap<PathBuf, Vec<u8>>, other: &BTreeMap<PathBuf, Vec<u8>>, what: &str) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in one {
        assert!(*bytes == other[name], "{} differs: {what}", name.display());
    }
}

/// What decides how many replications there are is decided alike.
#[test]
fn searches_and_comparisons_are_the_same_with_any_number_of_threads() {
    let over = ["--over", "users.arrivals", "--slo", "p99 < 150ms", "--tolerance", "20%"];
    let commands: [(&str, &[&str]); 3] = [
        ("compare", &["--variant", "app.cores=2"]),
        ("capacity", &over),
        ("run", &["--precision", "mean_latency = 9%"]),
    ];
    for (command, words) in commands {
        let written = |threads: &str| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let mut program = program(root());
            program
                .env("RAYON_NUM_THREADS", threads)
                .args([command, "scenarios/queueing/mm1.yaml"]);
            program.args(words).args(SHORT).arg("--out").arg(folder.path().join("out"));
            let output = program.output().expect("the program starts");
            assert!(status(&output) < 2, "{command}: {}", stderr(&output));
            files(&folder.path().join("out"))
        };
        assert_same(&written("1"), &written("3"), command);
    }
}

/// The digests of `summary.csv`, which hold every figure of a run. If you meant to change results,
/// say so in the changelog, and put here the digests that the failing test prints.
#[test]
fn figures_do_not_change_unnoticed() {
    let pinned = [
        (
            "scenarios/queueing/mm1.yaml",
            "eb8c6e8efe536b217dc2c9f05a798c64f6ceea72e74a155f7691a36f61ef93f6",
        ),
        (
            "scenarios/scaling/slow-database.yaml",
            "f5699270d355c45ccafa976616adb4cd5af9cb242cabbb5fc60ab3166eb83609",
        ),
    ];
    let found: Vec<(&str, String)> = pinned
        .iter()
        .map(|(scenario, _)| {
            let files = results(Path::new(scenario), 2, &[&SHORT[..], &["--no-charts"]].concat());
            let digest = Sha256::digest(&files[Path::new("summary.csv")]);
            (*scenario, digest.iter().map(|byte| format!("{byte:02x}")).collect())
        })
        .collect();
    for (known, found) in pinned.iter().zip(&found) {
        assert_eq!((known.0, known.1), (found.0, found.1.as_str()), "results have changed");
    }
}

/// What a scenario is called, what is expected of it and how it is printed are not part of the
/// system.
#[test]
fn observation_changes_nothing() {
    let scenario = Path::new("scenarios/scaling/three-tier.yaml");
    let plain = results(scenario, 2, &SHORT);
    let watched: [&[&str]; 3] = [
        &["--set", "expect=[p50 < 1s, utilisation(app) < 99%, p99(POST /order) < 5s]"],
        &["--set", "expect=[]", "--set", "teaches=nothing"],
        &["--format", "json"],
    ];
    for more in watched {
        let found = results(scenario, 2, &[&SHORT[..], more].concat());
        for name in ["summary.csv", "components.csv", "timeseries.csv", "latency.svg"] {
            assert!(found[Path::new(name)] == plain[Path::new(name)], "{name} differs: {more:?}");
        }
    }
}

/// A client that asks for something of its own is no concern of the others.
#[test]
fn strangers_change_nothing() {
    let scenario = Path::new("scenarios/queueing/mm1.yaml");
    let short = ["--set", "duration=15s", "--set", "warmup=2s", "--replications", "5", "--quiet"];
    // The warm-up is given: one that is found depends on what is in flight elsewhere.
    let short = [&short[..], &["--no-charts"]].concat();
    let alone = results(scenario, 2, &short);
    let strangers = [
        "--set",
        "clients.others={arrivals: poisson(50/s), target: elsewhere, requests: {put: {}}}",
        "--set",
        "topology.elsewhere={server: {endpoints: {put: [cpu: exp(5ms)]}}}",
    ];
    let together = results(scenario, 2, &[&short[..], &strangers].concat());
    let lines = |files: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<String> {
        let text = String::from_utf8_lossy(&files[Path::new("summary.csv")]).into_owned();
        text.lines().filter(|line| line.starts_with("users,")).map(str::to_owned).collect()
    };
    assert!(lines(&alone).len() > 5);
    assert_eq!(lines(&alone), lines(&together));
}
