//! The scenarios that come with the program: what they expect holds, and each says what it is for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{program, root, run, shipped, sooner, status, stderr, stdout};

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

/// The most that a scenario may ask of processors (s): two seconds of two cores, and as much again
/// for a machine half as fast.
const LONGEST: f64 = 8.0;

/// Runs the program, and says how long it keeps processors busy (s), as a shell tells of what it
/// has run.
fn timed(folder: &Path, arguments: &[&str]) -> (Output, f64) {
    if !cfg!(unix) {
        return (run(folder, arguments), 0.0);
    }
    let program = program(folder);
    let mut shell = Command::new("sh");
    shell.current_dir(folder).env("LC_ALL", "C");
    shell.args(["-c", "\"$@\"; code=$?; times; exit $code", "sh"]).arg(program.get_program());
    let mut output = shell.args(arguments).output().expect("there is a shell");
    let text = stdout(&output);
    // Of the shell, then of what it has run: `0m1.234s 0m0.005s`.
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.pop().unwrap_or_default();
    let seconds = |time: &str| -> Option<f64> {
        let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
        Some(60.0 * minutes.parse::<f64>().ok()? + seconds.parse::<f64>().ok()?)
    };
    let time = last.split(' ').map(seconds).sum::<Option<f64>>();
    let time = time.unwrap_or_else(|| panic!("{text}"));
    lines.pop();
    output.stdout = lines.join("\n").into_bytes();
    (output, time)
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
        let (output, seconds) = timed(folder.path(), &["run", scenario]);
        let printed = stdout(&output);
        assert_eq!(status(&output), 0, "{}: {}\n{printed}", path.display(), stderr(&output));
        assert!(!printed.contains("undecided"), "{}:\n{printed}", path.display());
        assert!(seconds < LONGEST, "{} takes {seconds} s", path.display());
    }
}

/// A shorter run of each, with every assertion on.
#[test]
fn every_scenario_runs() {
    if !cfg!(debug_assertions) {
        eprintln!("skipped: every scenario runs at its full length");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in shipped() {
        let scenario = root().join(&path);
        let scenario = scenario.to_str().expect("a plain name");
        let short = ["--set", "duration=20s", "--set", "warmup=2s", "--replications", "2", "-q"];
        // A part of the run that an expectation names may be over.
        let calm = ["--set", "expect=[]"];
        let short = [&["run", scenario, "--no-charts"], &short[..]].concat();
        let words = [&short[..], &calm, sooner(&path)].concat();
        let output = run(folder.path(), &words);
        assert!(status(&output) < 2, "{}: {}", path.display(), stderr(&output));
    }
}
