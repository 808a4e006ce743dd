//! The folder of results: its files are of one run wherever that ends, nobody else writes there
//! meanwhile, and what an earlier run left does not stay.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::support::{files, program, root, run, status, stderr, stdout};

const SHORT: [&str; 6] = ["--duration", "10s", "--replications", "2", "--set", "warmup=1s"];
const OUT: [&str; 3] = ["--no-charts", "--out", "out"];

/// A temporary folder with a sound scenario in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read_to_string(root().join("tests/sound/scenario.yaml"));
    let text = text.expect("the scenario can be read");
    fs::write(folder.path().join("shop.yaml"), text).expect("the scenario can be written");
    folder
}

/// Runs the scenario into `out` with these words, and returns the exit status and what is said.
#[track_caller]
fn shop(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let output = run(folder, &[&["run", "shop.yaml"], &SHORT[..], &OUT, words].concat());
    (status(&output), stdout(&output), stderr(&output))
}

fn names(folder: &Path) -> Vec<String> {
    files(&folder.join("out")).into_keys().map(|path| path.display().to_string()).collect()
}

#[test]
fn what_an_earlier_run_left_goes_and_what_is_of_the_user_stays() {
    let folder = folder();
    assert_eq!(shop(folder.path(), &["--trace-requests", "3"]).0, 0);
    let out = folder.path().join("out");
    fs::write(out.join("notes.csv"), "of the user").expect("it can be written");
    for stale in ["hit_ratio.svg", ".latency.csv.part", ".requests.csv.part"] {
        fs::write(out.join(stale), "of an earlier run").expect("it can be written");
    }
    assert!(names(folder.path()).contains(&"requests.csv".to_owned()));
    assert_eq!(shop(folder.path(), &[]).0, 0);
    let tables = ["components.csv", "latency.csv", "manifest.json", "notes.csv", "present.csv"];
    let rest = ["replications.csv", "summary.csv", "summary.txt", "timeseries.csv"];
    assert_eq!(names(folder.path()), [&tables[..], &rest].concat());
}

#[test]
fn every_command_has_its_own_manifest() {
    let folder = folder();
    assert_eq!(shop(folder.path(), &["--seed", "1"]).0, 0);
    let before = files(&folder.path().join("out"));
    let words = [&["explain", "shop.yaml", "--seed", "9", "--out", "out", "-q"], &SHORT[..]];
    let output = run(folder.path(), &words.concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let after = files(&folder.path().join("out"));
    assert!(before.iter().all(|(name, bytes)| after[name] == *bytes));
    let text = String::from_utf8_lossy(&after[Path::new("explain-manifest.json")]);
    assert!(text.contains("\"seed\": 9"), "{text}");
}

/// `run` and `sweep` both leave a summary, which would be beside the manifest of the other.
#[test]
fn results_of_other_commands_are_not_written_over() {
    let folder = folder();
    let vary = ["sweep", "shop.yaml", "--vary", "app.cores=1,2", "-q"];
    let output = run(folder.path(), &[&vary, &SHORT[..], &OUT].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let before = files(&folder.path().join("out"));
    let (code, _, message) = shop(folder.path(), &[]);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("out holds the results of `deploysim sweep`"), "{message}");
    assert_eq!(files(&folder.path().join("out")), before);
}

#[test]
#[cfg(unix)]
fn two_processes_do_not_write_to_one_folder() {
    let folder = folder();
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("a folder can be made");
    let held = fs::File::open(&out).expect("a folder can be opened");
    held.lock().expect("it can be locked");
    let sweep = ["sweep", "shop.yaml", "--vary", "app.cores=1,2"];
    for command in [&["run", "shop.yaml"][..], &["explain", "shop.yaml"], &sweep] {
        let words = [command, &["--out", "out"], &SHORT[..]].concat();
        let output = run(folder.path(), &words);
        assert_eq!(status(&output), 2);
        let message = stderr(&output);
        assert!(message.contains("out: another deploysim is writing there"), "{message}");
    }
    drop(held);
    assert_eq!(shop(folder.path(), &[]).0, 0);
}

/// A disk that is full lets no file grow, as a limit of the length of files does.
#[test]
#[cfg(unix)]
fn what_cannot_be_written_is_printed_and_named() {
    let folder = folder();
    assert_eq!(shop(folder.path(), &[]).0, 0);
    let before = files(&folder.path().join("out"));
    let mut shell = std::process::Command::new("sh");
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    shell.args(["-c", limited]).arg(program(folder.path()).get_program());
    shell.args(["run", "shop.yaml", "--seed", "7"]).args(SHORT).args(OUT);
    let output = shell.current_dir(folder.path()).output().expect("there is a shell");
    let (text, message) = (stdout(&output), stderr(&output));
    assert_eq!(status(&output), 2, "{message}");
    assert!(text.contains("p99") && !text.contains("CSV: out"), "{text}");
    assert!(message.contains("cannot write the results to out: "), "{message}");
    assert!(message.contains("\nnot written: summary.txt, summary.csv, "), "{message}");
    assert_eq!(files(&folder.path().join("out")), before);
}

/// Killed as by `kill -9` while it writes over the results of another seed.
#[test]
fn a_manifest_stands_beside_its_own_figures_only() {
    let folder = folder();
    let path = folder.path();
    let summary = |seed: &str| {
        assert_eq!(shop(path, &["--seed", seed]).0, 0);
        fs::read(path.join("out/summary.csv")).expect("there are figures")
    };
    let known = ["1", "2"].map(|seed| (format!("\"seed\": {seed}"), summary(seed)));
    for attempt in 0..10_u64 {
        let mut command = program(path);
        let seed = if attempt % 2 == 0 { "1" } else { "2" };
        command.args(["run", "shop.yaml", "-q", "--seed", seed]).args(SHORT).args(OUT);
        let mut child = command.stdout(Stdio::null()).spawn().expect("the program starts");
        std::thread::sleep(Duration::from_millis(attempt * 618 % 100));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let Ok(manifest) = fs::read_to_string(path.join("out/manifest.json")) else { continue };
        let (_, figures) = known.iter().find(|(seed, _)| manifest.contains(seed)).expect("a seed");
        assert!(fs::read(path.join("out/summary.csv")).expect("there are figures") == *figures);
    }
    assert_eq!(summary("1"), known[0].1);
    assert!(names(path).iter().all(|name| !name.ends_with(".part")));
}

/// What else may stand where a file is expected: a pipe never ends, a link leads elsewhere.
#[test]
#[cfg(unix)]
fn pipes_are_refused_and_links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let path = folder.path();
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(path.join(name)).status();
        assert!(made.expect("there is mkfifo").success());
    };
    pipe("pipe");
    fs::create_dir_all(path.join("out")).expect("a folder can be made");
    fs::write(path.join("precious"), "of the user").expect("it can be written");
    symlink(path.join("precious"), path.join("out/.summary.csv.part")).expect("a link");
    symlink(path.join("precious"), path.join("latest.xml")).expect("a link");
    symlink(path.join("precious"), path.join(".latest.xml.part")).expect("a link");
    pipe("out/.latency.csv.part");
    assert_eq!(shop(path, &["--junit", "latest.xml"]).0, 0);
    assert!(fs::read_to_string(path.join("latest.xml")).expect("XML").starts_with("<?xml"));
    assert_eq!(fs::read_to_string(path.join("precious")).expect("it stays"), "of the user");
    let empirical = ["--set", "users.arrivals=renewal(empirical(pipe))"];
    for (words, expected) in [
        (&["run", "pipe"][..], "this is a pipe or a device, not a file"),
        (&["run", "shop.yaml", "--junit", "pipe"], "it is a pipe or a device, not a file"),
        (&["run", "shop.yaml", "--junit", "out"], "cannot write out: it is a folder"),
        (&[&["check", "shop.yaml"], &empirical[..]].concat(), "this is a pipe or a device"),
        (&["replay", "pipe", "shop.yaml"], "pipe"),
    ] {
        let output = run(path, words);
        assert_eq!(status(&output), 2, "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{words:?}: {}", stderr(&output));
    }
    let sweep = ["sweep", "shop.yaml", "--vary", "app.cores=1,2", "--out", "swept", "-q"];
    fs::create_dir(path.join("swept")).expect("a folder can be made");
    pipe("swept/cells.journal");
    for words in [&sweep[..], &["merge", "swept", "--out", "merged"]] {
        let output = run(path, words);
        assert_eq!(status(&output), 2, "{words:?}");
        assert!(stderr(&output).contains("pipe"), "{}", stderr(&output));
    }
    fs::remove_file(path.join("swept/cells.journal")).expect("it can be removed");
    symlink(path.join("precious"), path.join("swept/cells.journal")).expect("a link");
    assert_eq!(status(&run(path, &sweep)), 2);
    assert_eq!(fs::read_to_string(path.join("precious")).expect("it stays"), "of the user");
}
