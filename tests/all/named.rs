//! Scenarios that are asked for by name, or come in from elsewhere; and what the program says of
//! its own commands.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::support::{program, root, run, shipped, status, stderr, stdout};

const SHORT: [&str; 6] = ["--duration", "65s", "--replications", "2", "--no-charts", "--quiet"];

/// The `summary.csv` of a run, from text on standard input if there is any.
fn summary(scenario: &str, input: Option<&str>, folder: &str) -> String {
    let inside = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(inside.path());
    command.arg("run").arg(scenario).args(SHORT).stdin(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.unwrap_or_default().as_bytes()).expect("it is read");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let written = inside.path().join("output").join(folder).join("summary.csv");
    fs::read_to_string(written).expect("there is a summary")
}

#[test]
fn a_shipped_scenario_runs_anywhere_by_its_name_and_from_standard_input() {
    let file = root().join("scenarios/queueing/mm1.yaml");
    let text = fs::read_to_string(&file).expect("the scenario can be read");
    let by_path = summary(file.to_str().expect("a plain name"), None, "mm1");
    assert_eq!(summary("mm1", None, "mm1"), by_path);
    assert_eq!(summary("mm1.yaml", None, "mm1"), by_path);
    assert_eq!(summary("-", Some(&text), "stdin"), by_path);
}

#[test]
fn list_shows_every_scenario_and_what_it_teaches() {
    let listed = stdout(&run(root(), &["list"]));
    for path in shipped() {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
        let line = listed.lines().find(|line| line.split_whitespace().next() == Some(name));
        let line = line.unwrap_or_else(|| panic!("{name} is not listed"));
        assert!(line.len() > name.len() + 20, "{line}");
    }
    // A description that is longer than a line goes on below, indented further.
    let first = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    assert_eq!(first.count(), shipped().len());
    assert!(listed.contains("\n`deploysim run NAME`"), "{listed}");
}

#[test]
fn list_shows_one_topic_and_names_them_all_where_there_is_none() {
    let listed = stdout(&run(root(), &["list", "--topic", "caching"]));
    let names: Vec<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(listed.starts_with("caching: "), "{listed}");
    assert!(names.contains(&"stampede") && !names.contains(&"mm1"), "{listed}");
    let output = run(root(), &["list", "--topic", "cacheing"]);
    assert_eq!(status(&output), 2);
    for said in ["a similar value exists: 'caching'", "queueing, scaling, balancing"] {
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
    assert!(stdout(&run(root(), &["completions", "bash"])).contains("queueing scaling balancing"));
}

#[test]
fn a_scenario_that_is_elsewhere_is_named_with_its_path() {
    let output = run(root(), &["run", "scenarios/mm1.yaml"]);
    assert_eq!(status(&output), 2);
    let said = "did you mean mm1? In a clone of the project it is scenarios/queueing/mm1.yaml";
    assert!(stderr(&output).contains(said), "{}", stderr(&output));
}

#[test]
fn a_file_comes_before_a_shipped_scenario_of_its_name() {
    let inside = tempfile::tempdir().expect("a temporary folder");
    fs::write(inside.path().join("mm1"), "seed: [").expect("it can be written");
    let output = run(inside.path(), &["check", "mm1"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("mm1:1:"), "{}", stderr(&output));
}

#[test]
fn a_copy_is_written_once_and_runs() {
    let inside = tempfile::tempdir().expect("a temporary folder");
    let first = run(inside.path(), &["new", "queueing-knee"]);
    assert_eq!(status(&first), 0, "{}", stderr(&first));
    let copy = fs::read_to_string(inside.path().join("queueing-knee.yaml"));
    let copy = copy.expect("there is a copy");
    assert!(copy.contains("deploysim sweep queueing-knee.yaml"), "{copy}");
    assert_eq!(status(&run(inside.path(), &["check", "queueing-knee.yaml"])), 0);
    let again = run(inside.path(), &["new", "queueing-knee"]);
    assert_eq!(status(&again), 2);
    assert!(stderr(&again).contains("is there already"), "{}", stderr(&again));
    assert_eq!(status(&run(inside.path(), &["new", "mm1", "mine.yaml"])), 0);
    assert!(inside.path().join("mine.yaml").exists());
}

#[test]
fn a_name_that_none_has_is_answered_with_the_nearest() {
    let inside = tempfile::tempdir().expect("a temporary folder");
    for words in [["run", "stampeed"], ["new", "stampeed"]] {
        let output = run(inside.path(), &words);
        assert_eq!(status(&output), 2);
        assert!(stderr(&output).contains("did you mean stampede?"), "{}", stderr(&output));
    }
}

#[test]
fn a_run_says_what_it_teaches_and_names_its_sweep() {
    let inside = tempfile::tempdir().expect("a temporary folder");
    let words = ["run", "queueing-knee", "--no-charts", "--replications", "1"];
    let short = ["--duration", "20s", "--set", "warmup=2s"];
    let said = stdout(&run(inside.path(), &[&words[..], &short].concat()));
    assert!(said.contains("\nIt teaches: the knee of"), "{said}");
    assert!(said.ends_with("\ndeploysim sweep queueing-knee\n"), "{said}");
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let inside = tempfile::tempdir().expect("a temporary folder");
    let help = stdout(&run(inside.path(), &["--help"]));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    let words = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = words.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"sweep") && commands.contains(&"completions"), "{help}");
    let script = stdout(&run(inside.path(), &["completions", "bash"]));
    let output = run(inside.path(), &["man", "pages"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    for command in commands.into_iter().filter(|command| *command != "help") {
        assert!(script.contains(&format!("deploysim,{command})")), "{command}");
        let page = inside.path().join(format!("pages/deploysim-{command}.1"));
        let page = fs::read_to_string(page).unwrap_or_else(|_| panic!("no page of {command}"));
        assert!(page.contains(".SH OPTIONS") || page.contains(".SH SYNOPSIS"), "{page}");
    }
    assert!(inside.path().join("pages/deploysim.1").exists());
}

#[test]
fn a_manifest_fills_in_the_report_of_a_study() {
    let inside = tempfile::tempdir().expect("a temporary folder");
    let words = ["run", "mm1", "--set", "app.cores=2", "--seed", "7", "--out", "run"];
    let output = run(inside.path(), &[&words[..], &SHORT].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let report = run(inside.path(), &["describe", "run", "--stress"]);
    assert_eq!((status(&report), stderr(&report).as_str()), (0, ""));
    let report = stdout(&report);
    let said = ["**2.5.3 Resources.**", "- app: ", "`app.cores=2`", "seed 7", "2 replications"];
    for part in said.into_iter().chain(["65s of simulated time", "flowchart LR", "60s, as given"]) {
        assert!(report.contains(part), "{part}: {report}");
    }
    let numbered = report.lines().filter(|line| line.starts_with("**"));
    assert_eq!(numbered.count(), 24, "every item of the checklist: {report}");
    fs::write(inside.path().join("x.json"), "{}").expect("it can be written");
    let none = run(inside.path(), &["describe", "x.json", "--stress"]);
    assert_eq!(status(&none), 2);
    assert!(stderr(&none).contains("no text of one scenario"), "{}", stderr(&none));
}
