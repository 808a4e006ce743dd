//! `deploysim series`: what is said of numbers that somebody brings.

use std::fs;
use std::path::Path;

use crate::support::{files, program, run, status, stderr, stdout};

/// Forty values of a warm-up and 160 that go from 4 to 6 and back, with another column beside.
fn table() -> String {
    let value = |i: usize| if i < 40 { 9 } else { 4 + 2 * (i % 2) };
    let rows: String = (0..200).map(|i| format!("{},{},x\n", value(i), value(i) + 1)).collect();
    format!("wait,other,word\n{rows}")
}

#[test]
fn a_series_is_judged_and_written() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path();
    fs::write(path.join("waits.csv"), table()).expect("it can be written");
    let output = run(path, &["series", "waits.csv", "--column", "wait"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("the first 40 values are left out"), "{text}");
    assert!(text.contains("5.8 ± 0.7") && text.contains("5.00 ± 0"), "{text}");
    let names = files(&path.join("output/series-waits"));
    let names: Vec<_> = names.keys().map(|name| name.display().to_string()).collect();
    let written = ["series-manifest.json", "series.csv", "series.txt", "welch.png", "welch.svg"];
    assert_eq!(names, written);
    let csv = fs::read_to_string(path.join("output/series-waits/series.csv")).expect("it is there");
    assert!(csv.starts_with("value,mean,moving_average,kept\n1,9,9,false\n"), "{csv}");
    assert!(csv.contains("\n41,4,6.857142857,true\n"), "{csv}");
    assert!(csv.ends_with("\n200,6,,true\n"), "{csv}");
}

#[test]
fn columns_are_replications_by_name_or_number() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("waits.csv"), table()).expect("it can be written");
    let words = ["series", "waits.csv", "--column", "wait,2", "--format", "json", "--no-charts"];
    let output = run(folder.path(), &words);
    let found: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(found["replications"][1]["name"], "other");
    assert_eq!(found["mser5"]["observations"], 40);
    assert_eq!(found["overall"]["mean"], 5.5);
    assert_eq!(found["welch"]["averages"][0], 9.5);
}

/// Gives the program a text on standard input, which is no number; and what it said.
fn refused(folder: &Path, words: &[&str], text: &str) -> String {
    fs::write(folder.join("in"), text).expect("it can be written");
    let input = fs::File::open(folder.join("in")).expect("it is there");
    let output = program(folder).arg("series").args(words).stdin(input).output();
    let output = output.expect("the program starts");
    assert_eq!(status(&output), 2, "{}", stdout(&output));
    stderr(&output)
}

#[test]
fn what_is_no_series_is_told_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path();
    let wrong = refused(path, &["-"], "1\n2.5x\n");
    assert!(wrong.contains("\"2.5x\" is not a finite number\n --> stdin:2:1"), "{wrong}");
    let wrong = refused(path, &["-"], &table());
    assert!(wrong.contains("--column (\"wait\", \"other\" or \"word\")"), "{wrong}");
    let wrong = refused(path, &["-", "--column", "wiat"], &table());
    assert!(wrong.contains("did you mean \"wait\"?"), "{wrong}");
    let wrong = refused(path, &["-", "--column", "0"], &table());
    assert!(wrong.contains("no column \"0\""), "{wrong}");
    let wrong = refused(path, &["-"], "# nothing\n");
    assert!(wrong.contains("no number: expected a number a line"), "{wrong}");
    let wrong = refused(path, &["-", "--window", "50"], "1\n2\n3\n4\n");
    assert!(wrong.contains("--window 50 is above 1"), "{wrong}");
    let wrong = refused(path, &["nowhere.csv"], "");
    assert!(wrong.contains("cannot read nowhere.csv"), "{wrong}");
    assert!(!path.join("output").exists());
}
