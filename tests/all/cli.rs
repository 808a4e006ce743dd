//! The program as a person meets it: what each command prints, writes and returns.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{files, program, root, run, shipped, status, stderr, stdout};
use serde_json::Value;

/// 80 requests a second for a server of two cores and its database, for a minute.
const SOUND: &str = "tests/sound/scenario.yaml";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read(root().join(SOUND)).expect("the scenario can be read");
    fs::write(folder.path().join("shop.yaml"), text).expect("the scenario can be written");
    folder
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("this is JSON")
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no number at {path}"))
}

#[test]
fn a_run_writes_its_charts_its_tables_and_what_repeats_it() {
    let folder = folder();
    let output = run(folder.path(), &["run", "shop.yaml"]);
    assert_eq!(status(&output), 0);
    let found: BTreeSet<PathBuf> = files(&folder.path().join("output/shop")).into_keys().collect();
    let mut expected: BTreeSet<PathBuf> =
        ["summary.txt", "manifest.json"].map(PathBuf::from).into();
    for table in ["summary", "components", "timeseries", "replications", "latency", "present"] {
        expected.insert(format!("{table}.csv").into());
    }
    for chart in ["latency", "latency_over_time", "queue", "throughput", "utilisation"] {
        expected.insert(format!("{chart}.svg").into());
        if cfg!(feature = "png") {
            expected.insert(format!("{chart}.png").into());
        }
    }
    assert_eq!(found, expected);
    assert!(stdout(&output).ends_with("charts and CSV: output/shop\n"), "{}", stdout(&output));
}

#[test]
fn without_charts_the_figures_are_the_same_and_old_charts_go() {
    let folder = folder();
    let with = |more: &[&str]| {
        let output = run(folder.path(), &[&["run", "shop.yaml"], more].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        (files(&folder.path().join("output/shop")), stdout(&output))
    };
    let (mut all, _) = with(&[]);
    let (figures, said) = with(&["--no-charts"]);
    let chart = |path: &PathBuf| path.extension().is_some_and(|end| end == "svg" || end == "png");
    assert!(all.keys().any(chart));
    all.retain(|path, _| !chart(path));
    assert!(figures == all, "{:?}", figures.keys());
    assert!(said.ends_with("\nCSV: output/shop\n"), "{said}");
}

#[test]
fn the_command_in_the_manifest_repeats_the_run_byte_for_byte() {
    let folder = folder();
    let changes = ["--set", "app.cores=3", "--set", "users.arrivals=poisson(90/s)"];
    let changes = [&changes[..], &["--seed", "5", "--duration", "90s", "-q"]].concat();
    let first =
        run(folder.path(), &[&["run", "shop.yaml", "--out", "first"], &changes[..]].concat());
    assert_eq!(status(&first), 0, "{}", stderr(&first));
    let manifest = fs::read_to_string(folder.path().join("first/manifest.json"));
    let manifest = json(&manifest.expect("there is a manifest"));
    let words = manifest["command"].as_array().expect("a list of words");
    let words: Vec<&str> = words.iter().map(|word| word.as_str().expect("a word")).collect();
    assert_eq!(words[0], "deploysim");
    let again = run(folder.path(), &[&words[1..], &["--out", "again", "-q"]].concat());
    assert_eq!(status(&again), 0, "{}", stderr(&again));
    assert_eq!(files(&folder.path().join("first")), files(&folder.path().join("again")));
}

#[test]
fn options_change_what_they_name() {
    let folder = folder();
    let options = ["--seed", "42", "--replications", "3", "--duration", "30s", "--out", "here"];
    let words = ["run", "shop.yaml", "--no-charts", "--format", "json", "--set", "app.cores=7"];
    let words = [&words, &options[..]];
    let output = run(folder.path(), &words.concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let results = json(&stdout(&output));
    assert_eq!(number(&results, "/seed"), 42.0);
    assert_eq!(number(&results, "/replications"), 3.0);
    assert_eq!(number(&results, "/duration_s"), 30.0);
    assert!(folder.path().join("here/summary.csv").exists());
    assert!(!folder.path().join("output").exists());
    // 80 requests a second keep 0.8 of 7 cores busy.
    let components = fs::read_to_string(folder.path().join("here/components.csv")).expect("a CSV");
    let busy = components
        .lines()
        .find(|line| line.starts_with("app,") && line.contains(",utilisation:cpu,"));
    let busy: f64 = busy.and_then(|line| line.split(',').nth(6)?.parse().ok()).expect("a figure");
    assert!((busy - 0.8 / 7.0).abs() < 0.03, "{busy}");
}

#[test]
fn a_scenario_beyond_its_length_is_refused_before_it_is_read() {
    let folder = folder();
    let text = ["x: [", &"1,".repeat(2 << 20), "]"].concat();
    fs::write(folder.path().join("long.yaml"), text).expect("a file can be written");
    let output = run(folder.path(), &["check", "long.yaml"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("this is longer than 4MiB"), "{}", stderr(&output));
}

#[test]
fn another_seed_gives_other_figures() {
    let folder = folder();
    let summary = |seed: &str| {
        let words = ["run", "shop.yaml", "-q", "--no-charts", "--duration", "20s", "--seed", seed];
        assert_eq!(status(&run(folder.path(), &[&words[..], &["--out", seed]].concat())), 0);
        fs::read(folder.path().join(seed).join("summary.csv")).expect("a summary")
    };
    assert_ne!(summary("1"), summary("2"));
}

#[test]
fn quiet_prints_nothing() {
    let folder = folder();
    for format in ["text", "json"] {
        let words = ["run", "shop.yaml", "--no-charts", "--quiet", "--format", format];
        let output = run(folder.path(), &words);
        assert_eq!(status(&output), 0);
        assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), ("", ""));
    }
}

/// What writing to this file fails with: there is no space left.
#[cfg(target_os = "linux")]
fn full() -> Stdio {
    fs::File::options().write(true).open("/dev/full").expect("Linux has it").into()
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_said_on_standard_error_stops_nothing() {
    let folder = folder();
    for (words, code) in [
        (&["check", "shop.yaml"][..], 0),
        (&["run", "shop.yaml", "--duration", "20s", "--replications", "2"], 0),
        (&["run", "absent.yaml"], 2),
        (&["run", "--no-such-option"], 2),
    ] {
        let output = program(folder.path()).args(words).stderr(full()).output();
        assert_eq!(status(&output.expect("the program starts")), code, "{words:?}");
        let output = program(folder.path()).args(words).stderr(full()).stdout(full()).output();
        assert_eq!(status(&output.expect("the program starts")), 2, "{words:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn results_that_cannot_be_printed_are_an_error() {
    let folder = folder();
    let run = ["run", "shop.yaml", "--duration", "20s", "--replications", "2"];
    let json = [&run[..], &["--format", "json"]].concat();
    for words in [&run[..], &json, &["check", "shop.yaml"], &["schema"], &["list"], &["--help"]] {
        let output = program(folder.path()).args(words).stdout(full()).output();
        let output = output.expect("the program starts");
        assert_eq!(status(&output), 2, "{words:?}");
        let said = stderr(&output);
        assert!(said.starts_with("error: cannot write to standard output: "), "{words:?}: {said}");
    }
}

/// The reader closes the pipe at once, as `head` does after a line.
#[test]
fn a_reader_who_has_seen_enough_changes_no_exit_status() {
    let folder = folder();
    let fails = ["run", "shop.yaml", "--duration", "20s", "--set", "expect=[p99 < 1us]"];
    for (words, code) in [(&fails[..], 1), (&["check", "shop.yaml"], 0), (&["schema"], 0)] {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        let mut command = program(folder.path());
        let started = command.args(words).stdout(writer).stderr(Stdio::piped()).spawn();
        drop((reader, command));
        let output = started.and_then(std::process::Child::wait_with_output);
        let output = output.expect("the program starts");
        assert_eq!(status(&output), code, "{words:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("error"), "{words:?}: {}", stderr(&output));
    }
    assert!(folder.path().join("output/shop/manifest.json").exists());
}

#[test]
fn a_failed_expectation_is_exit_status_1_and_all_is_written() {
    let folder = folder();
    let expect = "expect=[p99 < 1us, error_rate < 50%]";
    let words = ["run", "shop.yaml", "--no-charts", "--set", expect];
    let output = run(folder.path(), &words);
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(folder.path().join("output/shop/manifest.json").exists());
}

#[test]
fn verdicts_are_written_for_a_ci_server() {
    let folder = folder();
    let words = ["run", "shop.yaml", "-q", "--set", "expect=[p99 < 1us, error_rate < 50%]"];
    let more = ["--no-charts", "--junit", "verdicts.xml", "--duration", "10s"];
    let words = [&words[..], &more].concat();
    assert_eq!(status(&run(folder.path(), &words)), 1);
    let xml = fs::read_to_string(folder.path().join("verdicts.xml")).expect("it is written");
    assert!(xml.contains("<testsuite name=\"shop\" tests=\"2\" failures=\"1\""), "{xml}");
    assert!(xml.contains("name=\"p99 &lt; 1us\" time=\"0\"><failure message=\"found "), "{xml}");
}

/// A service that is dead, for nobody waits long enough.
#[test]
fn an_objective_that_nobody_was_answered_within_has_failed() {
    let folder = folder();
    let short = ["--set", "users.timeout=1us", "--duration", "10s", "--out", "out"];
    let words = ["run", "shop.yaml", "--set", "expect=[p99 < 1s]", "--junit", "verdicts.xml"];
    let output = run(folder.path(), &[&words[..], &short].concat());
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("✘ p99 < 1s  found no answer at all\n"), "{output:?}");
    let xml = fs::read_to_string(folder.path().join("verdicts.xml")).expect("it is written");
    assert!(xml.contains("failures=\"1\"") && xml.contains("skipped=\"0\""), "{xml}");
    log(folder.path());
    let shop = root().join("scenarios/scaling/three-tier.yaml");
    let shop = shop.to_str().expect("a plain name");
    let more = ["--scale", "1", "--slo", "p99 < 1s", "--set", "shoppers.timeout=1us"];
    let output = run(folder.path(), &replay("access.log", shop, &more));
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("It would not have held 1 times"), "{output:?}");
}

#[test]
fn a_comparison_names_its_variants_and_is_written() {
    let folder = folder();
    let words = ["compare", "shop.yaml", "--variant", "app.cores=1", "--replications", "10"];
    let output = run(folder.path(), &words);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("\napp.cores=1, against shop.yaml\n"), "{text}");
    assert!(text.contains("higher by "), "one core is not enough: {text}");
    let written = files(&folder.path().join("output/compare-shop"));
    let is_png = |path: &Path| path.extension().is_some_and(|end| end == "png");
    let names = written.keys().map(PathBuf::as_path).filter(|path| !is_png(path));
    let names: Vec<&Path> = names.collect();
    let expected = ["compare-manifest.json", "comparison.csv", "comparison.txt", "differences.svg"];
    assert_eq!(names, expected.map(Path::new));
    let two = [&words[..], &["--variant", "app.cores=2; app.workers=64", "--format", "json"]];
    let found = json(&stdout(&run(folder.path(), &two.concat())));
    assert_eq!(found["first"], "app.cores=1", "several are compared with the first of them");
    assert_eq!(found["variants"][0]["variant"], "app.cores=2; app.workers=64");
    let stands = [&words[..2], &["--variant", "", "--format", "json"], &words[2..]].concat();
    let found = json(&stdout(&run(folder.path(), &stands)));
    assert_eq!(found["first"], "shop.yaml", "an empty one is the scenario as it stands");
    assert_eq!(found["variants"][0]["variant"], "app.cores=1");
}

#[test]
fn a_precision_decides_how_often_a_run_is_repeated() {
    let folder = folder();
    let words = ["run", "shop.yaml", "--no-charts", "--duration", "20s", "--precision", "p99 = 9%"];
    let output = run(folder.path(), &words);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("\np99 is known to ±"), "{}", stdout(&output));
    assert!(stdout(&output).contains(" replications, as asked for (9%)\n"), "{}", stdout(&output));
    let few = [&words[..], &["--max-replications", "4", "--format", "json"]].concat();
    let found = json(&stdout(&run(folder.path(), &few)));
    assert_eq!(number(&found, "/replications"), 4.0);
    assert_eq!(found["precision"]["reached"], false);
}

#[test]
fn a_capacity_is_found_and_what_has_none_says_so() {
    let folder = folder();
    let slo = ["--slo", "mean_latency < 1s", "--duration", "20s", "--over"];
    let words = [&["capacity", "shop.yaml"], &slo[..]].concat();
    let load = [&words[..], &["users.arrivals", "--tolerance", "20%", "--format", "json"]].concat();
    let output = run(folder.path(), &load);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let found = json(&stdout(&output));
    // Two cores and 10 ms of work: 200/s at the most.
    assert!(number(&found, "/holds") >= 150.0 && number(&found, "/fails") <= 260.0, "{found}");
    let cores = [&words[..], &["app.cores", "--least"]].concat();
    let output = run(folder.path(), &cores);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("The objective holds at app.cores = 1, "), "{output:?}");
    let never = ["capacity", "shop.yaml", "--slo", "p99 < 1us", "--over", "users.arrivals"];
    let never = [&never[..], &["--from", "40", "--duration", "20s"]].concat();
    let output = run(folder.path(), &never);
    assert_eq!(status(&output), 1);
    assert!(stdout(&output).contains("holds nowhere"), "{}", stdout(&output));
    for wrong in ["app.endpoints", "app.core", "users.target"] {
        let output = run(folder.path(), &[&words[..], &[wrong]].concat());
        assert_eq!(status(&output), 2, "{wrong}");
        assert!(stderr(&output).starts_with("error: "), "{}", stderr(&output));
    }
}

/// Where nothing was measured there is `null` in JSON and nothing in CSV.
#[test]
fn figures_of_nothing_are_no_numbers_in_no_format() {
    let folder = folder();
    let sets = ["--set", "users.timeout=1ns", "--set", "users.requests.put={weight: 0}"];
    let sets =
        [&sets[..], &["--set", "app.endpoints.put=[cpu: 1ms]", "--duration", "10s"]].concat();
    let output =
        run(folder.path(), &[&["run", "shop.yaml", "--format", "json"], &sets[..]].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    json(&stdout(&output));
    for (name, bytes) in files(&folder.path().join("output/shop")) {
        if name.extension().is_some_and(|end| end != "png") {
            let text = String::from_utf8(bytes).expect("all but pictures is text");
            assert!(!text.contains("NaN") && !text.contains("inf,"), "{}: {text}", name.display());
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = folder();
    let words = ["run", "shop.yaml", "-q", "--duration", "10s", "--out", "shop.yaml/results"];
    let output = run(folder.path(), &words);
    assert_eq!(status(&output), 2);
    let message = stderr(&output);
    assert!(message.contains("cannot write the results to shop.yaml/results"), "{message}");
}

/// `/proc` takes no files from anybody, root included.
#[test]
#[cfg(target_os = "linux")]
fn that_results_cannot_be_written_is_found_before_a_run_that_would_never_end() {
    let folder = folder();
    for command in [
        "run shop.yaml --out /proc/results",
        "run shop.yaml --junit /proc/verdicts.xml",
        "explain shop.yaml --out /proc/results",
        "compare shop.yaml --variant app.cores=1 --out /proc/results",
        "capacity shop.yaml --over app.cores --slo p99<1s --out /proc/results",
        "sweep shop.yaml --vary app.cores=1,2 --out /proc/results",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--duration", "1000h"]).collect();
        let output = run(folder.path(), &words);
        assert_eq!(status(&output), 2, "{command}");
        let message = stderr(&output);
        assert!(message.contains("cannot write "), "{command}: {message}");
        assert!(message.contains("no file can be made in /proc"), "{command}: {message}");
    }
    assert!(!folder.path().join("output").exists(), "nothing was run");
}

#[test]
fn a_scenario_that_is_not_there_is_an_error() {
    let folder = folder();
    for name in ["shop.yml", "."] {
        let output = run(folder.path(), &["run", name]);
        assert_eq!(status(&output), 2);
        assert!(stderr(&output).contains("cannot read this scenario"), "{}", stderr(&output));
        assert!(!folder.path().join("output").exists());
    }
}

#[test]
fn options_that_cannot_be_are_errors() {
    let folder = folder();
    let wrong: [&[&str]; 8] = [
        &["--seed", "abc"],
        &["--duration", "10"],
        &["--duration", "0s"],
        &["--duration", "2s"],
        &["--replications", "0"],
        &["--replications", "1000000"],
        &["--seed", "-1"],
        &["--format", "xml"],
    ];
    for options in wrong {
        let output = run(folder.path(), &[&["run", "shop.yaml"], options].concat());
        assert_eq!(status(&output), 2, "{options:?}");
        assert!(stderr(&output).starts_with("error: "), "{options:?}: {}", stderr(&output));
        assert!(!folder.path().join("output").exists(), "{options:?}");
    }
}

#[test]
fn check_draws_mermaid_and_dot() {
    for path in shipped() {
        let path = path.to_str().expect("a plain name");
        let mermaid = run(root(), &["check", path]);
        assert_eq!(status(&mermaid), 0, "{}", stderr(&mermaid));
        assert!(stdout(&mermaid).starts_with("flowchart "), "{}", stdout(&mermaid));
        let dot = stdout(&run(root(), &["check", path, "--draw", "dot"]));
        assert!(dot.starts_with("digraph ") && dot.trim_end().ends_with('}'), "{dot}");
        assert!(dot.contains("->"), "{dot}");
        assert_eq!(stdout(&run(root(), &["check", path, "--draw", "none"])), "");
    }
}

/// As in `deploysim list | head -1`.
#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let folder = folder();
    let commands: [&[&str]; 7] = [
        &["list"],
        &["schema"],
        &["schema", "--markdown"],
        &["check", "shop.yaml"],
        &["run", "shop.yaml", "--no-charts", "--duration", "10s"],
        &["run", "shop.yaml", "--no-charts", "--duration", "10s", "--format", "json"],
        &["--help"],
    ];
    for words in commands {
        let mut command = program(folder.path());
        command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(status(&output), 0, "{words:?}: {}", stderr(&output));
    }
}

/// Twenty requests in ten seconds.
fn log(folder: &Path) {
    let line = |request: u32| {
        let second = request / 2;
        let path = ["/product/1", "/order"][usize::from(request.is_multiple_of(5_u32))];
        format!(
            "192.0.2.1 - - [17/May/2015:10:05:{second:02} +0000] \"GET {path} HTTP/1.1\" 200 512\n"
        )
    };
    let text: String = (0..20).map(line).collect();
    fs::write(folder.join("access.log"), text).expect("the log can be written");
}

/// The words that replay `log` on the web shop.
fn replay<'a>(log: &'a str, shop: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["replay", log, shop, "--no-charts", "--replications", "2", "--out", "out"], more].concat()
}

#[test]
fn a_replay_says_whether_the_recorded_load_would_have_been_held() {
    let folder = folder();
    log(folder.path());
    let shop = root().join("scenarios/scaling/three-tier.yaml");
    let shop = shop.to_str().expect("a plain name");
    let few = stdout(&run(folder.path(), &replay("access.log", shop, &["--scale", "1"])));
    assert!(few.contains("\nNothing could be decided: more --replications would tell.\n"), "{few}");
    let mean = ["--scale", "1,2", "--slo", "mean_latency < 1s"];
    let output = run(folder.path(), &replay("access.log", shop, &mean));
    assert!(stdout(&output).contains("\nIt would have held 2 times the recorded load.\n"));
    assert!(stderr(&output).contains("20 "), "{}", stderr(&output));
    for scale in ["x1", "x2"] {
        assert!(folder.path().join("out").join(scale).join("summary.csv").exists());
    }
    let output = run(folder.path(), &replay("access.log", shop, &["--scale=1", "--slo=p99 < 1us"]));
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("It would not have held 1 times"), "{}", stdout(&output));
}

#[test]
fn a_replay_of_what_is_no_log_says_so() {
    let folder = folder();
    fs::create_dir(folder.path().join("logs")).expect("a folder can be made");
    fs::write(folder.path().join("empty.log"), "").expect("a file can be written");
    fs::write(folder.path().join("picture.log"), [0u8, 159, 146, 150, 255, 10, 0].repeat(999))
        .expect("a file can be written");
    let shop = root().join("scenarios/scaling/three-tier.yaml");
    let shop = shop.to_str().expect("a plain name");
    for (log, why) in [
        ("logs", "this is a folder, not a file"),
        ("empty.log", "no request"),
        ("picture.log", "not a trace in a known format"),
        ("absent.log", "there is no such file"),
    ] {
        let output = run(folder.path(), &replay(log, shop, &[]));
        assert_eq!(status(&output), 2, "{log}");
        assert!(stderr(&output).contains(why), "{log}: {}", stderr(&output));
        assert!(!folder.path().join("out").exists(), "{log}");
    }
}

#[test]
fn steps_at_once_take_as_long_as_the_longest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = root().join("scenarios/scaling/fan-out.yaml");
    let file = file.to_str().expect("this path is text");
    let words = ["explain", file, "--duration", "20s", "--replications", "2"];
    let text = stdout(&run(folder.path(), &words));
    assert!(text.contains("157 ms if nobody waited"), "{text}");
    assert!(text.contains("Every assumption of these models holds here"), "{text}");
}
