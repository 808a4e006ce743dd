//! What comes from outside: Ctrl-C, after which what is finished is kept and the exit status says
//! that it is not all; and names and logs, which are shown in a safe form.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{files, program, root, run, status, stderr, stdout};

/// A temporary folder with a sound scenario in it, and the log of one request.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = fs::read(root().join("tests/sound/scenario.yaml"));
    let text = text.expect("the scenario can be read");
    fs::write(folder.path().join("shop.yaml"), text).expect("the scenario can be written");
    let line = "192.0.2.1 - - [17/May/2015:10:05:00 +0000] \"GET / HTTP/1.1\" 200 512\n";
    fs::write(folder.path().join("access.log"), line.repeat(99)).expect("a log can be written");
    folder
}

/// Starts all these commands, interrupts them as Ctrl-C does, and returns the exit status, the
/// message and the output of each.
fn interrupted(folder: &Path, commands: &[&[&str]]) -> Vec<(i32, String, String)> {
    signalled("-INT", folder, commands)
}

/// The same by this signal.
fn signalled(signal: &str, folder: &Path, commands: &[&[&str]]) -> Vec<(i32, String, String)> {
    let start = |words: &&[&str]| {
        let mut command = program(folder);
        command.args(*words).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let started: Vec<Child> = commands.iter().map(start).collect();
    std::thread::sleep(Duration::from_secs(2));
    for child in &started {
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(kill.expect("there is a kill").success());
    }
    let end = |child: Child| {
        let output = child.wait_with_output().expect("the program ends");
        (status(&output), stderr(&output), stdout(&output))
    };
    started.into_iter().map(end).collect()
}

/// As the bar of another program needs it.
#[test]
fn who_asks_is_told_how_far_the_work_has_come() {
    let folder = folder();
    let mut command = program(folder.path());
    command.args(["run", "shop.yaml", "--replications", "9999", "--quiet"]);
    command.args(["--no-charts"]).env("DEPLOYSIM_PROGRESS", "1").stderr(Stdio::piped());
    let mut quiet = command.spawn().expect("the program starts");
    let mut aloud = program(folder.path());
    aloud.args(["run", "shop.yaml", "--replications", "9999", "--no-charts", "--out", "aloud"]);
    aloud.env("DEPLOYSIM_PROGRESS", "1").stderr(Stdio::piped());
    let mut aloud = aloud.spawn().expect("the program starts");
    let mut line = String::new();
    let said = aloud.stderr.take().expect("it is piped");
    BufReader::new(said).read_line(&mut line).expect("a line");
    for child in [&mut quiet, &mut aloud] {
        child.kill().expect("it runs");
        child.wait().expect("it ends");
    }
    assert!(line.starts_with("progress ") && line.ends_with(" 9999\n"), "{line}");
    let mut nothing = String::new();
    let said = quiet.stderr.take().expect("it is piped");
    BufReader::new(said).read_to_string(&mut nothing).expect("a text");
    assert_eq!(nothing, "");
}

#[test]
fn an_interrupted_run_keeps_the_replications_that_are_finished() {
    let folder = folder();
    let fails = ["--set", "expect=[p99 < 1us]", "--junit", "verdicts.xml"];
    let words = [&["run", "shop.yaml", "--replications", "9999"], &fails[..]].concat();
    let (code, message, text) = interrupted(folder.path(), &[&words]).remove(0);
    assert_eq!(code, 130, "{message}");
    assert!(message.contains("what is finished is kept"), "{message}");
    let kept = " of 9999 replications are finished and kept in output/shop\n";
    assert!(message.contains("\ninterrupted: ") && message.ends_with(kept), "{message}");
    assert!(text.contains("warning: interrupted: "), "{text}");
    let files = files(&folder.path().join("output/shop"));
    let summary = String::from_utf8_lossy(&files[Path::new("summary.txt")]).into_owned();
    assert!(summary.contains("interrupted: "), "{summary}");
    assert!(files.keys().all(|name| name.extension().is_some_and(|end| end != "part")));
    let verdicts = fs::read_to_string(folder.path().join("verdicts.xml"));
    assert!(verdicts.expect("they are written").contains("<error message=\"interrupted: "));
}

#[test]
fn whatever_is_interrupted_says_so_with_its_exit_status() {
    let folder = folder();
    let many = ["--replications", "9999", "--quiet", "--out"];
    let commands: [&[&str]; 6] = [
        &["run", "shop.yaml", "--precision", "p99 = 0.01%", "--max-replications", "9999"],
        &["run", "shop.yaml", "--trace-requests", "slowest:20"],
        &["explain", "shop.yaml"],
        &["compare", "shop.yaml", "--variant", "app.cores=1", "--requests"],
        &["replay", "access.log", "log.yaml", "--scale", "1,2"],
        &["capacity", "shop.yaml", "--over", "users.arrivals", "--slo", "p99 < 60ms"],
    ];
    let text = fs::read_to_string(folder.path().join("shop.yaml")).expect("it can be read");
    let any = text.replace("        get:\n", "        \"*\":\n").replace("duration: 1min\n", "");
    fs::write(folder.path().join("log.yaml"), any).expect("the scenario can be written");
    let out: Vec<String> = (0..commands.len()).map(|index| format!("out{index}")).collect();
    let words: Vec<Vec<&str>> = commands
        .iter()
        .zip(&out)
        .map(|(words, out)| [words, &many[..], &[out.as_str()]].concat())
        .collect();
    let words: Vec<&[&str]> = words.iter().map(Vec::as_slice).collect();
    for ((code, message, _), words) in interrupted(folder.path(), &words).into_iter().zip(words) {
        assert_eq!(code, 130, "{words:?}: {message}");
        let last = message.lines().last().unwrap_or_default();
        assert!(last.starts_with("interrupted: "), "{words:?}: {message}");
        let out = words[words.len() - 1];
        let kept = folder.path().join(out).exists();
        let says = if kept { format!("kept in {out}") } else { "nothing is written".to_owned() };
        assert!(last.contains(&says), "{words:?}: {message}");
    }
}

#[test]
fn an_interrupted_run_without_a_finished_replication_writes_nothing() {
    let folder = folder();
    let words = ["run", "shop.yaml", "--replications", "1", "--duration", "100d"];
    // As `kill` and container runtimes ask to end.
    let (code, message, _) = signalled("-TERM", folder.path(), &[&words]).remove(0);
    assert_eq!(code, 130, "{message}");
    assert!(message.contains("nothing is written"), "{message}");
    assert!(!folder.path().join("output").exists());
}

/// Names of files, and what a log says, come from outside: whatever they hold, nothing that could
/// control a terminal is printed, and the charts are drawn.
#[test]
fn what_comes_from_outside_is_shown_in_a_safe_form() {
    let folder = folder();
    let evil = "a\u{1b}]0;x\u{7}\u{9b}2J\u{202e}b";
    let scenario = format!("{evil}.yaml");
    fs::rename(folder.path().join("shop.yaml"), folder.path().join(&scenario)).expect("a new name");
    let line = |path: &str| {
        format!("192.0.2.1 - - [17/May/2015:10:05:00 +0000] \"GET {path} HTTP/1.1\" 200 5\n")
    };
    let log = line("/\\x1b[2J") + &line("/\u{ffff}\u{85}");
    fs::write(folder.path().join(format!("{evil}.log")), log).expect("the log can be written");
    let log = format!("{evil}.log");
    let any = ["--scale", "1", "--set", "topology.app.server.endpoints.*=[]"];
    let variant = ["--variant", "app.cores=1; app.workers=1", "--duration", "20s"];
    let short = ["--duration", "20s", "--replications", "2"];
    for (words, code) in [
        ([&["run", scenario.as_str()], &short[..]].concat(), 0),
        ([&["explain", scenario.as_str()], &short[..]].concat(), 0),
        ([&["compare", scenario.as_str()], &variant[..]].concat(), 0),
        ([&["replay", log.as_str(), &scenario], &any[..]].concat(), 0),
        (vec!["check", &scenario], 0),
        (vec!["compare", &scenario, "--variant", evil], 2),
        (vec!["replay", &scenario, &scenario], 2),
        (vec!["run", evil], 2),
        (vec!["run", &scenario, "--out", &format!("{scenario}/{evil}")], 2),
        (vec!["run", &format!("--{evil}")], 2),
    ] {
        let output = run(folder.path(), &words);
        let said = stdout(&output) + &stderr(&output);
        assert_eq!(status(&output), code, "{words:?}: {said}");
        let is_safe = |c: char| c == '\n' || c == '\t' || !c.is_control() && c != '\u{202e}';
        assert!(said.chars().all(is_safe), "{words:?}: {said:?}");
    }
}

/// What a name means to a browser or a spreadsheet stays a name there; numbers stay numbers.
#[test]
fn names_are_neither_markup_nor_formulas() {
    let folder = folder();
    let text = "warmup: 1s\nclients:\n  \"=HYPERLINK(1)\":\n    arrivals: poisson(40/s)\n    \
target: \"=app<img src=x onerror=alert(1)>\"\n    requests: {\"-2+3\": {}, \"+1\": {}}\ntopology:\n  \
\"=app<img src=x onerror=alert(1)>\":\n    server:\n      endpoints: {\"*\": [cpu: exp(1ms)]}\n";
    fs::write(folder.path().join("names.yaml"), text).expect("it can be written");
    let drawn = stdout(&run(folder.path(), &["check", "names.yaml"]));
    assert!(drawn.contains("#61;app#60;img src#61;x"), "{drawn}");
    assert!(!drawn.contains("<img"), "{drawn}");
    let short = ["-q", "--no-charts", "--duration", "5s", "--replications", "2"];
    for (command, out) in [(&["run"][..], "run"), (&["explain"], "explain"), (&["sweep"], "sweep")]
    {
        let vary = ["--vary", "warmup=1s,2s"];
        let more = if out == "sweep" { &vary[..] } else { &[] };
        let charts = if out == "explain" { &short[2..] } else { &short[1..] };
        let words = [command, &["names.yaml", "-q", "--out", out], charts, more].concat();
        let output = run(folder.path(), &words);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        let (mut names, mut numbers) = (0, 0);
        for (name, bytes) in files(&folder.path().join(out)) {
            if name.extension().is_none_or(|end| end != "csv") {
                continue;
            }
            let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            for row in table.records() {
                for cell in row.expect("a row").iter() {
                    let is_number = cell.parse::<f64>().is_ok();
                    let is_formula = cell.starts_with(['=', '+', '-', '@']) && !is_number;
                    assert!(!is_formula, "{}: {cell}", name.display());
                    names += usize::from(cell.starts_with('\''));
                    numbers += usize::from(is_number);
                }
            }
        }
        assert!(names > 0 && numbers > names, "{out}: {names} {numbers}");
    }
}

/// What a file holds that is no table is nobody's business.
#[test]
fn nothing_is_told_of_a_file_that_is_no_table() {
    let folder = folder();
    fs::write(folder.path().join("private"), "root:hunter2:0\nadmin:hunter2:1\n").expect("a file");
    for options in ["", ", column=b", ", unit=ms"] {
        let set = format!("app.endpoints.get[0].cpu=empirical(private{options})");
        let output = run(folder.path(), &["check", "shop.yaml", "--set", &set]);
        let message = stderr(&output);
        assert_eq!(status(&output), 2, "{message}");
        assert!(message.contains("this is no table of values"), "{message}");
        assert!(!message.contains("hunter2") && !message.contains("root"), "{message}");
    }
}

#[test]
fn what_is_asked_twice_or_makes_no_sense_is_refused() {
    let folder = folder();
    let capacity = ["capacity", "shop.yaml", "--slo", "p99 < 1s", "--over"];
    for over in ["seed", "replications", "duration"] {
        let output = run(folder.path(), &[&capacity[..], &[over]].concat());
        assert_eq!(status(&output), 2);
        assert!(stderr(&output).contains("is no load and no equipment"), "{}", stderr(&output));
    }
    let many = "users.arrivals=poisson(100100/s)";
    let words = ["check", "shop.yaml", "--set", many, "--set", "duration=10000s"];
    let message = stderr(&run(folder.path(), &words));
    assert!(message.contains("1.001e9 requests in one replication"), "{message}");
}

/// Multiples of a load that differ by little have a folder each.
#[test]
fn close_multiples_of_a_load_have_their_own_folders() {
    let folder = folder();
    let any = ["--set", "topology.app.server.endpoints.*=[]", "--scale", "1,1.001", "-q"];
    let output = run(
        folder.path(),
        &[&["replay", "access.log", "shop.yaml", "--no-charts", "--out", "out"], &any[..]].concat(),
    );
    assert!(status(&output) < 2, "{}", stderr(&output));
    for name in ["x1", "x1.001"] {
        let manifest =
            fs::read_to_string(folder.path().join("out").join(name).join("manifest.json"));
        let scale = format!("\"scale\": {}", &name[1..]);
        assert!(manifest.expect("a manifest").contains(&scale), "{scale}");
    }
}
