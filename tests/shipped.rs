//! The scenarios that come with the program: what they expect holds, and each says what it is for.

mod support;

use std::fs;

use support::{root, run, shipped, status, stderr, stdout};

#[test]
fn every_scenario_says_what_it_covers_shows_and_teaches() {
    for path in shipped() {
        let text = fs::read_to_string(root().join(&path)).expect("the scenario can be read");
        let mut lines = text.lines();
        for opening in ["# Covers: ", "# Shows: ", "teaches: "] {
            let line = lines.next().unwrap_or_default();
            let rest = line.strip_prefix(opening).unwrap_or_default();
            assert!(rest.len() > 10, "{}: {line:?} is no line {opening:?}", path.display());
        }
        assert!(text.contains("\nexpect:\n"), "{} expects nothing", path.display());
        assert!(text.contains("\nseed: "), "{} has no seed of its own", path.display());
    }
}

/// At full length, with the program as people run it.
#[test]
fn what_every_scenario_expects_holds() {
    if cfg!(debug_assertions) {
        eprintln!("skipped: cargo test --release runs every scenario at its full length");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in shipped() {
        let scenario = root().join(&path);
        let scenario = scenario.to_str().expect("a plain name");
        let output = run(folder.path(), &["run", scenario]);
        let printed = stdout(&output);
        assert_eq!(status(&output), 0, "{}: {}\n{printed}", path.display(), stderr(&output));
        assert!(!printed.contains("undecided"), "{}:\n{printed}", path.display());
    }
}

/// A shorter run of each, with every assertion on.
#[test]
fn every_scenario_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in shipped() {
        let scenario = root().join(&path);
        let scenario = scenario.to_str().expect("a plain name");
        let short = ["--set", "duration=20s", "--set", "warmup=2s", "--replications", "2", "-q"];
        // A part of the run that an expectation names may be over.
        let calm = ["--set", "expect=[]"];
        let output = run(folder.path(), &[&["run", scenario], &short[..], &calm].concat());
        assert!(status(&output) < 2, "{}: {}", path.display(), stderr(&output));
    }
}
