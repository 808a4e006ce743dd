//! Exercises as a student and a teacher meet them.

use std::fs;

use serde_json::Value;

use crate::support::{run, status, stderr, stdout};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// What a command prints in an empty folder, once it has gone well.
#[track_caller]
fn said(arguments: &[&str]) -> String {
    let output = run(folder().path(), arguments);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    stdout(&output)
}

/// Why a command is refused.
#[track_caller]
fn refused(arguments: &[&str]) -> String {
    let output = run(folder().path(), arguments);
    assert_eq!(status(&output), 2, "{}", stdout(&output));
    stderr(&output)
}

/// The exercise `mean-latency` with Ann's numbers.
fn anns<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["exercise", "mean-latency", "--student", "ann"], more].concat()
}

#[test]
fn a_student_is_asked_and_marked() {
    assert!(said(&["exercise"]).contains("mean-latency"));
    let question = said(&anns(&[]));
    assert!(question.contains("42.5 a second") && question.contains("20 ms"), "{question}");
    assert!(question.lines().all(|line| line.chars().count() <= 80), "{question}");
    // s / (1 - load) = 20 ms / 0.15.
    assert!(said(&anns(&["--answer", "133ms"])).starts_with("Right"));
    assert!(said(&anns(&["--answer", "0.139s"])).starts_with("Close"));
    assert!(said(&anns(&["--answer", "113"])).starts_with("The wait alone"));
    assert!(said(&anns(&["--answer", "0.133"])).starts_with("The unit"));
    assert!(said(&anns(&["--answer", "1"])).ends_with("Points: 0 of 1.\n"));
    assert_ne!(said(&anns(&["--hint", "1"])), said(&anns(&["--hint", "2"])));
    assert!(said(&anns(&["--worked"])).contains("133ms"));
    let json: Value = serde_json::from_str(&said(&anns(&["--answer", "133", "--format", "json"])))
        .expect("this is JSON");
    assert_eq!((&json["verdict"], &json["points"]), (&"right".into(), &1.0.into()));
}

#[test]
fn what_is_no_answer_is_told() {
    assert!(refused(&anns(&["--answer", "twelve"])).contains("write a time such as 12.5ms"));
    assert!(refused(&anns(&["--answer", "-3"])).contains("is not an answer"));
    assert!(refused(&anns(&["--hint", "9"])).contains("has 1 to 2"));
    assert!(refused(&anns(&["--hint", "-1"])).contains("has 1 to 2"));
    for option in [&["--answer", "5"][..], &["--hint", "1"], &["--worked"], &["--out", "a.yaml"]] {
        let why = refused(&[&["exercise", "--student", "ann"], option].concat());
        assert!(why.contains("which exercise?"), "{why}");
    }
    assert!(refused(&["exercise", "mean-latency"]).contains("--student ID"));
    assert!(refused(&["exercise", "mean"]).contains("there is no exercise"));
    assert!(refused(&anns(&["--class", "spring"])).contains("16 digits"));
    let class = ["--class", "0123456789abcdef"];
    assert!(refused(&anns(&[&class[..], &["--worked"]].concat())).contains("--key KEY"));
    assert!(refused(&anns(&[&class[..], &["--key", "x"]].concat())).contains("not the key"));
}

#[test]
fn the_scenario_of_an_exercise_can_be_checked() {
    let folder = folder();
    let output = run(folder.path(), &anns(&["--out", "ann.yaml"]));
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let written = fs::read_to_string(folder.path().join("ann.yaml")).expect("it is written");
    assert_eq!(written, said(&anns(&["--scenario"])));
    assert_eq!(status(&run(folder.path(), &["check", "ann.yaml"])), 0);
}

#[test]
fn a_class_is_marked_by_its_key() {
    let folder = folder();
    let made = said(&["exercise", "--new-key"]);
    let words: Vec<&str> = made.split_whitespace().collect();
    let [_, class, _, key] = words[..] else { panic!("{made}") };
    let table = folder.path().join("answers.csv");
    let mark = ["exercise", "--mark", "answers.csv", "--class", class, "--key", key];
    fs::write(&table, "student,exercise,answer\nann,nothing,1\nben,who-waits,many\n")
        .expect("it can be written");
    let output = run(folder.path(), &mark);
    assert_eq!(status(&output), 2);
    let why = stderr(&output);
    assert!(why.contains("answers.csv:2:2: ") && why.contains("answers.csv:3:3: "), "{why}");
    assert!(!folder.path().join("marks.csv").exists());
    let worked = [&["--class", class, "--key", key, "--worked"][..]].concat();
    assert!(said(&anns(&worked)).contains("Source"));
    fs::write(&table, "student,exercise,answer\nann,mean-latency,0.001ms\nben,who-waits,\n")
        .expect("it can be written");
    let output = run(folder.path(), &mark);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it is written");
    let csv = read("marks.csv");
    assert!(csv.starts_with("student,exercise,answer,expected,verdict,mistake,points,feedback\n"));
    assert!(csv.contains("\nann,mean-latency,0.001ms,"), "{csv}");
    let json: Value = serde_json::from_str(&read("marks.json")).expect("this is JSON");
    assert_eq!((&json["class"], &json["marks"][1]["points"]), (&class.into(), &0.0.into()));
}
