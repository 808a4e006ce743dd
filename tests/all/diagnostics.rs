//! What a person reads who wrote something wrong. Each `tests/bad/NAME.yaml` has the exact message
//! beside it, in `NAME.txt`. `DEPLOYSIM_BLESS=1 cargo test --test all diagnostics` writes them anew;
//! read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn bad() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// Values given with `--set` to a sound scenario, and the name of the message's file.
const SETS: &[(&str, &str)] = &[
    ("set-unknown-key", "app.coers=2"),
    ("set-unknown-name", "ap.cores=2"),
    ("set-unknown-root-key", "replication=2"),
    ("set-unknown-item", "main.read[3]=1ms"),
    ("set-bad-value", "app.cores=0"),
    ("set-bad-distribution", "main.read=expo(3ms)"),
    ("set-without-equals", "app.cores"),
    ("set-without-path", "=3"),
    ("set-open-bracket", "app.cores=[1"),
    ("set-zero-duration", "duration=0s"),
    ("set-long-warmup", "warmup=1h"),
    ("set-unknown-component", "users.target=ap"),
    ("set-nothing", "app.cores="),
    ("set-unknown-key-on-the-way", "app.quue.limit=3"),
    ("set-unknown-name-on-the-way", "clients.user.timeout=3s"),
    ("set-too-much", "users.arrivals=poisson(9M/s)"),
    ("set-illegible-key", "topology.a\u{1b}b={database: {cores: 1}}"),
    ("set-illegible-value", "name=\"a\\x1b[2Jb\""),
];

/// The same for the options that are called as a key.
const OPTIONS: &[(&str, &[&str])] = &[
    ("option-duration-without-a-unit", &["--duration", "10"]),
    ("option-duration-of-nothing", &["--duration", "0s"]),
    ("option-duration-too-short", &["--duration", "2s"]),
    ("option-duration-too-long", &["--duration", "30000d"]),
    ("option-replications-zero", &["--replications", "0"]),
    ("option-replications-too-many", &["--replications", "1000000"]),
    ("option-seed-negative", &["--seed", "-1"]),
];

/// The same for the axes of a sweep.
const AXES: &[(&str, &[&str])] = &[
    ("vary-nothing", &[]),
    ("vary-without-values", &["--vary", "app.cores="]),
    ("vary-unknown-key", &["--vary", "app.coers=1,2"]),
    ("vary-bad-value", &["--vary", "app.cores=1,0,2", "--vary", "main.cores=1,2"]),
    (
        "vary-too-much",
        &["--vary", "users.arrivals=poisson(1/s), poisson(9M/s)", "--vary", "duration=1min,2min"],
    ),
    ("vary-range-without-end", &["--vary", "app.cores={from: 1, to: 8, step: 0}"]),
];

/// Runs `deploysim run` on what is wrong and returns its message.
#[track_caller]
fn message(scenario: &str, options: &[&str]) -> String {
    message_of("run", scenario, options)
}

#[track_caller]
fn message_of(command: &str, scenario: &str, options: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let words = [command, scenario];
    let mut command = Command::new(env!("CARGO_BIN_EXE_deploysim"));
    command.current_dir(bad()).args(words).arg("--out").arg(&out).args(options);
    let output = command.output().expect("the program starts");
    let message = String::from_utf8(output.stderr).expect("messages are text");
    assert_eq!(output.status.code(), Some(2), "{scenario} {options:?}: {message}");
    assert!(output.stdout.is_empty(), "{scenario}: nothing is printed but the message");
    assert!(!out.exists(), "{scenario}: no folder is left behind");
    assert!(!message.contains("panicked"), "{scenario}: {message}");
    message
}

/// Compares with `NAME.txt`, or writes it.
fn differs(name: &str, message: &str) -> Option<String> {
    let path = bad().join(format!("{name}.txt"));
    if std::env::var_os("DEPLOYSIM_BLESS").is_some() {
        fs::write(&path, message).expect("the message can be written");
        return None;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    (expected != message)
        .then(|| format!("{name}: expected\n{expected}\nbut the message is\n{message}\n"))
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(bad()).expect("tests/bad can be listed");
    let paths = entries.map(|entry| entry.expect("tests/bad can be listed").path());
    let yaml = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    let stem = |path: PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut names: Vec<String> = yaml.map(stem).collect();
    names.sort();
    names
}

#[test]
fn every_bad_scenario_says_what_is_wrong_and_where() {
    let names = names();
    assert!(names.len() > 80, "only {} bad scenarios", names.len());
    let check = |name: &String| differs(name, &message(&format!("{name}.yaml"), &[]));
    let wrong: Vec<String> = names.iter().filter_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_bad_value_on_the_command_line_says_what_is_wrong_and_where() {
    let sound = "../sound/scenario.yaml";
    let set = SETS.iter().map(|(name, set)| (name, message(sound, &["--set", set])));
    let options = OPTIONS.iter().map(|(name, options)| (name, message(sound, options)));
    let sweep = |options| message_of("sweep", sound, options);
    let axes = AXES.iter().map(|(name, options)| (name, sweep(options)));
    let wrong =
        set.chain(options).chain(axes).filter_map(|(name, message)| differs(name, &message));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_message_is_left_without_its_scenario() {
    let known = names();
    for entry in fs::read_dir(bad()).expect("tests/bad can be listed") {
        let path = entry.expect("tests/bad can be listed").path();
        if path.extension().is_some_and(|end| end == "txt") {
            let stem = path.file_stem().expect("a name").to_string_lossy();
            let options = OPTIONS.iter().chain(AXES).map(|(name, _)| name);
            let mut options = SETS.iter().map(|(name, _)| name).chain(options);
            assert!(
                options.any(|name| *name == stem) || known.iter().any(|name| *name == stem),
                "{stem}.txt has no scenario"
            );
        }
    }
}

/// All the errors of a file at once: repairing one must not be how the next is met.
#[test]
fn errors_of_different_sorts_are_reported_together() {
    let message = message("many-at-once.yaml", &[]);
    assert!(message.matches("error: ").count() >= 8, "{message}");
}

/// The library gives the same answer as the program, and gives it as a value.
#[test]
fn a_bad_scenario_is_an_error_and_no_panic() {
    for name in names() {
        let path = bad().join(format!("{name}.yaml"));
        let loaded = deploysim::scenario::load(&path, &[]);
        assert!(loaded.is_err(), "{name}.yaml loads without an error");
    }
}

/// A message has a title, a place and the offending line; nothing in it is Rust's.
#[test]
fn every_message_points_into_its_file() {
    for name in names() {
        let path = bad().join(format!("{name}.txt"));
        let text = fs::read_to_string(path).unwrap_or_default();
        assert!(text.starts_with("error: "), "{name}: {text}");
        assert!(text.contains(&format!("--> {name}.yaml:")), "{name}: {text}");
        for word in ["Some(", "None", "unwrap", "called `", "src/", "NaN"] {
            assert!(!text.contains(word), "{name} says {word:?}: {text}");
        }
    }
}
