//! The scenarios that come with the program: what they expect holds, and each says what it is for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{program, root, run, shipped, some_shipped, sooner, status, stderr, stdout};

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

/// What stands behind `opening` in a line of a scenario.
fn behind<'a>(text: &'a str, opening: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(opening)).unwrap_or_default()
}

/// The table of a topic in the index, of its scenarios by name.
fn table(topic: &str) -> String {
    let mut out = "| scenario | what it teaches | closed form |\n|---|---|---|\n".to_owned();
    for path in shipped().iter().filter(|path| path.starts_with(Path::new("scenarios").join(topic)))
    {
        let text = fs::read_to_string(root().join(path)).expect("the scenario can be read");
        let name = path.file_stem().expect("it has a name").display();
        let (teaches, form) = (behind(&text, "teaches: "), behind(&text, "# Closed form: "));
        let cells = format!("{teaches} | {form}").replace('<', "&lt;");
        out += &format!("| [{name}]({topic}/{name}.yaml) | {} |\n", cells.trim_end());
    }
    out
}

/// `scenarios/README.md` has a section for each topic, in plain words, and a table that is
/// generated. `DEPLOYSIM_BLESS=1 cargo test --test all index` writes the tables anew.
#[test]
fn the_index_of_scenarios_is_current() {
    let path = root().join("scenarios/README.md");
    let text = fs::read_to_string(&path).expect("there is an index");
    let mut sections = text.split("\n## ");
    let mut expected = sections.next().expect("a text has a first part").trim_end().to_owned();
    let mut topics = BTreeSet::new();
    for section in sections {
        let (topic, _) = section.split_once('\n').expect("a heading is a line");
        let prose = section.split("\n| ").next().expect("a text has a first part").trim_end();
        expected += &format!("\n\n## {prose}\n\n{}", table(topic).trim_end());
        topics.insert(topic);
    }
    expected.push('\n');
    let folders = shipped().into_iter().filter_map(|path| Some(path.parent()?.to_owned()));
    let folders: BTreeSet<_> = folders.collect();
    let named: BTreeSet<_> =
        topics.iter().map(|topic| Path::new("scenarios").join(topic)).collect();
    assert_eq!(folders, named, "a section of the index for each folder");
    if std::env::var_os("DEPLOYSIM_BLESS").is_some() {
        return fs::write(&path, expected).expect("the index can be written");
    }
    assert!(text == expected, "DEPLOYSIM_BLESS=1 cargo test --test all index writes it anew");
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

/// As long as it is, with the program as people run it; where tests are a sample, some of them.
#[test]
fn what_every_scenario_expects_holds() {
    if cfg!(debug_assertions) {
        eprintln!("skipped: cargo test --release runs every scenario at its full length");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in some_shipped() {
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
